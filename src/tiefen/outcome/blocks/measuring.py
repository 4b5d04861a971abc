"""Measuring blocks from the facts, and keeping what was found with the playbook as its record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.insight.engine import Tables, opened
from tiefen.insight.expressions import ibis, ir
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.ledger import dialect
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups as group_rows
from tiefen.ledger.schema.playbooks import playbook_openings, playbook_records
from tiefen.outcome.blocks.effect import WEEKS, Effect, Seen, effect

AFTER_US = 3 * DAY_US
"""How long after a block leavers and orders are counted."""
MOST_WINDOWS = 400
"""The latest times at which a block was held that are looked at."""
WEEK_US = 7 * DAY_US
EVERY_US = DAY_US
_LOOK_BACK_US = 366 * DAY_US

Counted = Mapping[tuple[int, int], float]
"""(window, group) → how much."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something a block may change."""

    key: str
    zh: str
    en: str
    better: str
    after_us: int
    """How long from its beginning; 0 is its own hours."""
    of: Callable[[Tables, ir.Table], ir.Table]
    """(tables, windows with `window`, `starts`, `ends`) → (window, group, times)."""


@dataclass(frozen=True, slots=True)
class _Window:
    """One time at which a block was held: the groups that had it, and those that may not be compared with them."""

    starts: int
    ends: int
    had: frozenset[int]
    busy: frozenset[int]
    """Groups with another block at that time, or with this one at another time of the day."""


def measure(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> int:
    """Measure every block of every playbook of a company and keep what was found; returns how many were."""
    with ledger.read() as connection:
        held = _held(connection, corp_id, now_us)
        lives = _lives(connection, corp_id)
    if not held:
        return 0
    blocks: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in held:
        blocks[row.campaign_id, row.block].append(row)
        blocks["", f"kind:{row.kind}"].append(row)
    records: dict[tuple[str, str], list[dict[str, Any]]] = {}
    with opened(ledger.snapshot(corp_id), settings) as tables:
        born = _first_seen(tables, lives)
        for key, rows in blocks.items():
            windows = _windows(rows, held)
            records[key] = [
                _told(outcome, _effect(tables, outcome, windows, born, lives, now_us)) for outcome in OUTCOMES
            ]
    kept = [
        {"corp_id": corp_id, "campaign_id": campaign, "block": block, "measured_us": now_us,
         "body": msgspec.json.encode({"outcomes": found, "held": len(blocks[campaign, block])}).decode()}
        for (campaign, block), found in records.items()
    ]  # fmt: skip
    with ledger.write() as connection:
        dialect.put(connection, playbook_records, kept)
    return len(kept)


def turn(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> bool:
    """Measure once a day where something was held since; never more to do at once."""
    with ledger.read() as connection:
        last = connection.execute(
            sa.select(sa.func.max(playbook_records.c.measured_us)).where(playbook_records.c.corp_id == corp_id)
        ).scalar()
        if last is not None and last > now_us - EVERY_US:
            return False
        due = _held(connection, corp_id, now_us, most=1)
    if due:
        measure(ledger, settings, corp_id, now_us)
    return False


# ---- what is counted ----


def _said(t: Tables, windows: ir.Table) -> ir.Table:
    """Messages of members, not of staff: what the brand says itself is no activity."""
    said = t["message_posted"]
    said = said.filter(~said.by_staff.fill_null(False), ~said.by_bot.fill_null(False))
    said = said.select("group", "member", "happened_us")
    return _within(said, windows, said.happened_us)


def _within(table: ir.Table, windows: ir.Table, at: Any) -> ir.Table:
    return table.join(windows, [at >= windows.starts, at < windows.ends])


def messages(t: Tables, windows: ir.Table) -> ir.Table:
    said = _said(t, windows)
    return said.group_by(["window", "group"]).agg(times=said.count())


def speakers(t: Tables, windows: ir.Table) -> ir.Table:
    said = _said(t, windows)
    return said.group_by(["window", "group"]).agg(times=said.member.nunique())


def leavers(t: Tables, windows: ir.Table) -> ir.Table:
    left = t["stay"].filter(t["stay"].left_us.notnull()).select("group", "person", "left_us")
    found = _within(left, windows, left.left_us)
    return found.group_by(["window", "group"]).agg(times=found.person.nunique())


def orders(t: Tables, windows: ir.Table) -> ir.Table:
    """Paid orders of whoever was a member when it began; of who is in two groups in both."""
    paid = t["order_paid"].group_by("order").agg(
        person=t["order_paid"].person.min(), happened_us=t["order_paid"].happened_us.min()
    )  # fmt: skip
    bought = _within(paid, windows, paid.happened_us)
    stays = t["stay"]
    stays = stays.select(
        "group", "joined_us", member="person", left_us=ibis.coalesce(stays.left_us, ibis.literal(1 << 62, "int64"))
    )  # fmt: skip
    there = bought.join(
        stays, [bought.person == stays.member, stays.joined_us <= bought.starts, stays.left_us > bought.starts]
    )
    return there.group_by(["window", "group"]).agg(times=there.order.nunique())


OUTCOMES: tuple[Outcome, ...] = (
    Outcome("messages", "成员消息数", "Members' messages", "higher", 0, messages),
    Outcome("speakers", "发言人数", "Members who spoke", "higher", 0, speakers),
    Outcome("leavers", "三天内退群", "Left within 3 days", "lower", AFTER_US, leavers),
    Outcome("orders", "三天内订单", "Orders within 3 days", "higher", AFTER_US, orders),
)


# ---- windows and groups ----


def _held(connection: Connection, corp_id: str, now_us: int, most: int | None = None) -> list[Any]:
    """Blocks that were opened and are over, the latest first. Whether staff did what was asked is theirs: it counts as held."""
    o = playbook_openings
    asked = (
        sa.select(o.c.campaign_id, o.c.group, o.c.block, o.c.kind, o.c.begins_us, o.c.over_us)
        .where(
            o.c.corp_id == corp_id, o.c.opened_us.is_not(None), o.c.over_us < now_us,
            o.c.begins_us > now_us - _LOOK_BACK_US,
        )
        .order_by(o.c.begins_us.desc())
    )  # fmt: skip
    return list(connection.execute(asked if most is None else asked.limit(most)))


def _lives(connection: Connection, corp_id: str) -> dict[int, tuple[int | None, int | None]]:
    """When each group was born and dismissed, as far as is known."""
    asked = sa.select(group_rows.c.group_id, group_rows.c.created_us, group_rows.c.dismissed_us)
    return {row[0]: (row[1], row[2]) for row in connection.execute(asked.where(group_rows.c.corp_id == corp_id))}


def _first_seen(tables: Tables, lives: Mapping[int, tuple[int | None, int | None]]) -> dict[int, int]:
    """From when on a group is known: its birth, or its first member where that was earlier or is all there is."""
    stays = tables["stay"]
    first = stays.group_by("group").agg(first=stays.joined_us.min())
    known = {group: born for group, (born, _) in lives.items() if born is not None}
    for row in tables.arrow(first).to_pylist():
        known[row["group"]] = min(row["first"], known.get(row["group"], row["first"]))
    return known


def _windows(rows: Sequence[Any], held: Sequence[Any]) -> list[_Window]:
    """The times at which a block was held, the latest `MOST_WINDOWS`."""
    times: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row in rows:
        times[row.begins_us, row.over_us].add(row.group)
    chosen = sorted(times, reverse=True)[:MOST_WINDOWS]
    busy: dict[int, list[Any]] = defaultdict(list)
    for row in held:
        busy[row.begins_us // DAY_US].append(row)
    found = []
    for starts, ends in chosen:
        near = [row for day in (starts // DAY_US - 1, starts // DAY_US, starts // DAY_US + 1) for row in busy[day]]
        others = {
            row.group for row in near
            if (row.begins_us < ends and row.over_us > starts)
            or (abs(row.begins_us - starts) < DAY_US // 2 and row.kind == rows[0].kind)
        }  # fmt: skip
        had = times[starts, ends]
        found.append(_Window(starts, ends, frozenset(had), frozenset(others - had)))
    return found


def _effect(
    tables: Tables, outcome: Outcome, windows: Sequence[_Window], born: Mapping[int, int],
    lives: Mapping[int, tuple[int | None, int | None]], now_us: int,
) -> Effect:  # fmt: skip
    spans = [(w.starts, w.starts + outcome.after_us if outcome.after_us else w.ends) for w in windows]
    over = [(n, w, span) for n, (w, span) in enumerate(zip(windows, spans, strict=True)) if span[1] <= now_us]
    if not over:
        return effect(_seen([]))
    asked = pa.table(
        {
            "window": pa.array([n * (WEEKS + 1) + k for n, _, _ in over for k in range(WEEKS + 1)], pa.int64()),
            "starts": pa.array([span[0] - k * WEEK_US for _, _, span in over for k in range(WEEKS + 1)], pa.int64()),
            "ends": pa.array([span[1] - k * WEEK_US for _, _, span in over for k in range(WEEKS + 1)], pa.int64()),
        }
    )
    _given[0] += 1
    counted = tables.arrow(outcome.of(tables, tables.given(f"windows_{_given[0]}", asked)))
    times: Counted = {
        (w, g): float(n)
        for w, g, n in zip(*(counted[name].to_pylist() for name in ("window", "group", "times")), strict=True)
    }
    rows = []
    for n, window, span in over:
        for group, since in born.items():
            dismissed = lives.get(group, (None, None))[1]
            if group in window.busy or (dismissed is not None and dismissed < span[1]):
                continue
            lived = [k for k in range(1, WEEKS + 1) if since <= span[0] - k * WEEK_US]
            if not lived:
                continue
            usual = sum(times.get((n * (WEEKS + 1) + k, group), 0.0) for k in lived) / len(lived)
            rows.append((n, group, group in window.had, times.get((n * (WEEKS + 1), group), 0.0), usual))
    return effect(_seen(rows))


_given = [0]
"""How many tables of windows were given out: each needs a name of its own."""


def _seen(rows: Sequence[tuple[int, int, bool, float, float]]) -> Seen:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    kinds = (np.int64, np.int64, np.bool_, np.float64, np.float64)
    return Seen(*(np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)))


def _told(outcome: Outcome, found: Effect) -> dict[str, Any]:
    return {"key": outcome.key, "better": outcome.better, "verdict": found.verdict, **asdict(found)}
