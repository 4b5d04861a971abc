"""What people do: customers, staff and administrators, with their own hands. Every act fires the callbacks WeCom fires.

An act happens at `box.clock.now()`. One that nobody could do raises `NotPossible` and changes nothing. A `person` is a
WeChat account ("wx_…") known to the whole sandbox; each company knows it by another external_userid.
"""

from __future__ import annotations

from tiefen.sandbox.phones.admin import AdminActs
from tiefen.sandbox.phones.groups import member_version
from tiefen.sandbox.phones.shop import ShopActs
from tiefen.sandbox.phones.staff import StaffActs
from tiefen.sandbox.phones.talk import TalkActs
from tiefen.sandbox.phones.tasks import TaskActs
from tiefen.sandbox.phones.ways import WayActs


class Phones(WayActs, StaffActs, TalkActs, TaskActs, ShopActs, AdminActs):
    """All phones in and around one company, and its administrator's console."""


__all__ = ["Phones", "member_version"]
