"""What people do: customers, staff and administrators, with their own hands. Every act fires WeCom's callbacks."""

from __future__ import annotations

from tiefen.sandbox.phones.staff import StaffActs


class Phones(StaffActs):
    """All phones in and around one company."""


__all__ = ["Phones"]
