"""Any past day, told as of then by what is known today: facts that came late and people found out to be one are in it.

What happened later is left out, and so is who came up later. What is known without a day stays as it is: who is staff,
who is whom, what operators marked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from tiefen.kit.clock import day_of, from_us, start_of
from tiefen.kit.errors import TiefenError
from tiefen.ledger.snapshot import Snapshot

_INSTANT = pa.timestamp("us", tz="UTC")
_GOING = {"left_at": None, "left_known": False, "how": None}


@dataclass(eq=False)
class NotYet(TiefenError):
    """Nobody can tell of a day that has not come."""

    says = "{day} has not come yet; today is {today}."

    day: date
    today: date


def as_it_was(snapshot: Snapshot, day: date) -> Snapshot:
    """The snapshot as one taken in the last moment of `day`. Its facts are all still there: whoever opens it leaves out those
    after `taken_us`."""
    today = day_of(snapshot.taken_us, snapshot.time_zone)
    if day > today:
        raise NotYet(day, today)
    end = min(start_of(day + timedelta(days=1), snapshot.time_zone), snapshot.taken_us)
    rows = dict(snapshot.rows)
    rows["stay"], rows["group"] = _stays(rows["stay"], end), _groups(rows["group"], end)
    latest = None if snapshot.latest_us is None else min(snapshot.latest_us, end)
    return replace(snapshot, taken_us=end - 1, rows=rows, latest_us=latest)


def _stays(stays: pa.Table, end_us: int) -> pa.Table:
    """Those that had begun; who left later has not left."""
    begun = stays.filter(pc.less(stays["joined_at"], _instant(end_us)))
    stayed = pc.fill_null(pc.greater_equal(begun["left_at"], _instant(end_us)), False)
    return _set_where(begun, stayed, _GOING)


def _groups(groups: pa.Table, end_us: int) -> pa.Table:
    """Those not created later; who was dismissed later is not."""
    there = groups.filter(pc.fill_null(pc.less(groups["created_at"], _instant(end_us)), True))
    return _set_where(
        there, pc.fill_null(pc.greater_equal(there["dismissed_at"], _instant(end_us)), False), {"dismissed_at": None}
    )


def _set_where(table: pa.Table, where: pa.ChunkedArray, values: dict[str, bool | None]) -> pa.Table:
    for name, value in values.items():
        place = table.schema.get_field_index(name)
        kind = table.schema.field(place).type
        changed = pc.if_else(where, pa.scalar(value, kind), table[name])
        table = table.set_column(place, table.schema.field(place), changed)
    return table


def _instant(us: int) -> pa.Scalar:
    return pa.scalar(from_us(us), _INSTANT)
