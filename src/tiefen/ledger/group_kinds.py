"""群类型 — what kind a group is of: what an operator said last or, where nobody did, what its name sounds like."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.slices import slices
from tiefen.ledger.schema import groups
from tiefen.ledger.schema.group_kinds import group_kinds

GroupKind = Literal["flash", "red_packet", "sharing", "reserve", "growth", "welfare", "custom"]
GROUP_KINDS: Mapping[GroupKind, tuple[str, str, str, str]] = {
    "flash": ("快闪群", "Flash", "为一次活动建、用完就散，三五天", "For one event, a few days, then closed"),
    "red_packet": ("红包群", "Red packets", "定时红包聚人，靠话题留人", "Gathered by red packets, kept by topics"),
    "sharing": ("分享群", "Sharing", "每周有主题、有干货、有成员分享", "A theme a week, knowledge, talks by members"),
    "reserve": ("预备役群", "Reserve", "还没买的人先在这里建立信任", "Those who have not bought yet come to trust here"),
    "growth": ("成长群", "Growth", "一起坚持一件事，打卡、拆书、展示", "A habit kept together: check-ins, books, showing"),
    "welfare": ("福利群", "Welfare", "老顾客的固定福利日，不打扰其他时间", "A set day of offers for regulars, quiet otherwise"),
    "custom": ("自定义", "Custom", "自己排", "As you like"),
}  # fmt: skip
_WORDS: tuple[tuple[GroupKind, str], ...] = (
    ("flash", "快闪|闪购|flash"), ("red_packet", "红包|red ?packet"), ("reserve", "预备|新人|体验|reserve"),
    ("growth", "成长|打卡|训练营|读书|共读|growth"), ("welfare", "福利|特惠|会员|VIP|welfare"), ("sharing", "分享|交流|同好|sharing"),
)  # fmt: skip


class Kind(NamedTuple):
    """The kind of one group. `said` is false for a guess; `guess` is what the name sounds like either way."""

    kind: GroupKind
    said: bool
    guess: GroupKind


def guessed(name: str) -> GroupKind:
    """What kind of group a name sounds like; a guess to begin with."""
    return next((kind for kind, words in _WORDS if re.search(words, name, re.IGNORECASE)), "custom")


def kinds_of_groups(connection: Connection, corp_id: str, some: Collection[int] | None = None) -> dict[int, Kind]:
    """The kind of every group of a corp, or of some of them, as of now."""
    asked = (
        sa.select(groups.c.group_id, groups.c.name, group_kinds.c.kind)
        .outerjoin(group_kinds, sa.and_(group_kinds.c.corp_id == groups.c.corp_id, group_kinds.c.group == groups.c.group_id))
        .where(groups.c.corp_id == corp_id)
    )  # fmt: skip
    parts: list[Sequence[int] | None] = [None] if some is None else [*slices(sorted(some))]
    return {
        group: _kind(name, kind)
        for part in parts
        for group, name, kind in connection.execute(asked if part is None else asked.where(groups.c.group_id.in_(part)))
    }


def _kind(name: str, said: str | None) -> Kind:
    # A word that only a later version knows is none of ours: the guess counts meanwhile.
    guess = guessed(name)
    known = next((kind for kind in GROUP_KINDS if kind == said), None)
    return Kind(known or guess, known is not None, guess)
