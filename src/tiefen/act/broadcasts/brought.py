"""What messages brought (带来了什么): what people did after they were told, each act told to the last message before it.

This says what followed, not what was caused: for that there are the held out (`outcome`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from tiefen.act.broadcasts.keeping import Broadcast
from tiefen.act.broadcasts.trying import STEP
from tiefen.insight.engine import Tables, opened
from tiefen.insight.expressions import ibis, ir
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema.touches import proposals

MOST_TOUCHES = 500_000
_ACTS = {"order": ("order_paid", "person"), "reply": ("message_posted", "member"), "click": ("link_clicked", "person"),
         "visit": ("page_viewed", "person")}  # fmt: skip
_TOUCHES = pa.schema([
    ("touch", pa.int64()), ("person", pa.int64()), ("group", pa.int64()), ("at_us", pa.int64()), ("until_us", pa.int64()),
])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """Something somebody did after a message, and which message that was."""

    campaign_id: str
    arm: str
    content_id: str
    group: int | None
    person: int
    at_us: int
    amount_fen: int
    """Of an order: what was paid and not given back."""


def brought(ledger: Ledger, settings: Settings, corp_id: str, some: Sequence[Broadcast]) -> list[Act]:
    """What each of these brought within its window; of several that could have, the last one said is told to have."""
    told = _told(ledger, corp_id, {one.campaign_id: one.plan.goal.days for one in some})
    if not told:
        return []
    found: list[Act] = []
    with opened(ledger.snapshot(corp_id), settings) as tables:
        for what in sorted({one.plan.goal.what for one in some}):
            whose = {one.campaign_id for one in some if one.plan.goal.what == what}
            mine = [(number, row) for number, row in enumerate(told) if row.campaign_id in whose]
            if mine:
                found += _acts(tables, what, mine, told)
    return sorted(found, key=lambda act: (act.at_us, act.person))


@dataclass(frozen=True, slots=True)
class _Touched:
    campaign_id: str
    arm: str
    content_id: str
    person: int | None
    group: int | None
    at_us: int
    until_us: int


def _told(ledger: Ledger, corp_id: str, days: Mapping[str, int]) -> list[_Touched]:
    """Who was told what and when, in the order of telling."""
    asked = (
        sa.select(
            proposals.c.campaign_id, proposals.c.arm, proposals.c.content_id, proposals.c.person, proposals.c.group,
            proposals.c.moved_us,
        )
        .where(
            proposals.c.corp_id == corp_id, proposals.c.campaign_id.in_(list(days)), proposals.c.step != STEP,
            proposals.c.state.in_(("sent", "delivered")),
        )
        .order_by(proposals.c.moved_us)
        .limit(MOST_TOUCHES)
    )  # fmt: skip
    with ledger.read() as connection:
        return [
            _Touched(campaign, arm, content, person, group, at, at + days[campaign] * DAY_US)
            for campaign, arm, content, person, group, at in connection.execute(asked)
        ]


def _acts(
    tables: Tables, what: str, mine: Iterable[tuple[int, _Touched]], told: Sequence[_Touched]
) -> list[Act]:  # fmt: skip
    rows = [
        {"touch": number, "person": one.person, "group": one.group, "at_us": one.at_us, "until_us": one.until_us}
        for number, one in mine
    ]
    touches = tables.given(f"touches_{what}", pa.Table.from_pylist(rows, _TOUCHES))
    heard = _heard(tables, touches)
    done = _done(tables, what)
    within = done.join(
        heard, [done.person == heard.person, done.happened_us >= heard.at_us, done.happened_us < heard.until_us]
    )
    last = within.group_by(within.act).agg(
        # Touches are numbered in the order of telling, so that the highest is the last.
        touch=within.touch.max(), person=within.person.min(), at_us=within.happened_us.min(), fen=within.fen.min(),
    )  # fmt: skip
    return [_act(row, told[row["touch"]]) for row in tables.arrow(last).to_pylist()]


def _act(row: Mapping[str, Any], touch: _Touched) -> Act:
    return Act(touch.campaign_id, touch.arm, touch.content_id, touch.group, row["person"], row["at_us"], row["fen"])


def _heard(tables: Tables, touches: ir.Table) -> ir.Table:
    """(touch, person, at_us, until_us): of a message to a group, everybody who was in it then."""
    now = tables["person_of"]
    one_to_one = touches.filter(touches.person.notnull())
    one_to_one = one_to_one.left_join(now, one_to_one.person == now.handle).select(
        "touch", "at_us", "until_us", person=ibis.coalesce(now.person, one_to_one.person)
    )
    in_groups, stay = touches.filter(touches.group.notnull()), tables["stay"]
    inside = in_groups.join(
        stay,
        [
            in_groups.group == stay.group, stay.joined_us <= in_groups.at_us,
            stay.left_us.isnull() | (stay.left_us > in_groups.at_us),
        ],
    ).select(in_groups.touch, in_groups.at_us, in_groups.until_us, stay.person)  # fmt: skip
    names = ["touch", "person", "at_us", "until_us"]
    return ibis.union(one_to_one.select(names), inside.select(names))


def _done(tables: Tables, what: str) -> ir.Table:
    """(act, person, happened_us, fen): every act of a kind, once."""
    name, whose = _ACTS[what]
    facts = tables[name]
    if what != "order":
        known = facts.filter(facts[whose].notnull())
        return known.select(act="source_id", person=whose, happened_us="happened_us", fen=ibis.literal(0).cast("int64"))
    paid = (
        facts.filter(facts.person.notnull())
        .group_by("order")
        .agg(person=facts.person.min(), happened_us=facts.happened_us.min(), paid=facts.amount_fen.sum())
    )
    refunded = tables["order_refunded"]
    back = refunded.group_by("order").agg(back=refunded.amount_fen.sum())
    both = paid.left_join(back, "order")
    fen = (both.paid - both.back.fill_null(0)).cast("int64")
    return (
        both.mutate(fen=fen)
        .filter(ibis._.fen > 0)
        .select(act="order", person="person", happened_us="happened_us", fen="fen")
    )
