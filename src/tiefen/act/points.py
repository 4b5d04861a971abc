"""Points (积分): what somebody has, and where a brand's own system of points is told of what they are given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.slices import slices
from tiefen.ledger import corps, dialect
from tiefen.ledger.facts import PointsGiven
from tiefen.ledger.lake import rows_of, schema_of, table_name
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import handles
from tiefen.ledger.snapshot import Snapshot

HOOK = "points_hook"
"""What the company's settings call the address of its own system of points."""
_GIVEN = table_name(PointsGiven.kind)


def hook(connection: Connection, corp_id: str) -> str | None:
    """Where to tell of points that are given; None where nobody is to be told."""
    return corps.get(connection, corp_id).settings.get(HOOK) or None


def held(ledger: Ledger, corp_id: str, persons: Sequence[int]) -> dict[int, int]:
    """How many points each has, of those who were ever given some: the sum of the facts about any of their handles."""
    if not persons or not ledger.facts(corp_id, PointsGiven.kind):
        return {}
    owner: dict[int, int] = {}
    with ledger.read() as connection:
        for some in slices(persons):
            asked = sa.select(handles.c.handle, handles.c.person_id).where(handles.c.person_id.in_(some))
            owner |= dialect.pairs(connection.execute(asked.where(handles.c.corp_id == corp_id)))
    sums: Counter[int] = Counter()
    snapshot = ledger.snapshot(corp_id, facts_only=True)
    for rows in _given(snapshot, pc.field("person").isin(pa.array(list(owner), pa.int64()))):
        of_each = rows.group_by("person").aggregate([("points", "sum")])
        for handle, given in zip(of_each["person"].to_pylist(), of_each["points_sum"].to_pylist(), strict=True):
            sums[owner[handle]] += given
    return dict(sums)


def _given(snapshot: Snapshot, whose: pc.Expression) -> Iterator[pa.Table]:
    """(person, points) of gifts to these handles, in the store's tail and in the lake."""
    yield snapshot.tail[_GIVEN].select(["person", "points"]).filter(whose)
    if files := snapshot.files.get(_GIVEN):
        schema = schema_of(_GIVEN)
        lake = rows_of(files, schema=schema.remove(schema.get_field_index("month")))
        yield lake.to_table(columns=["person", "points"], filter=(pc.field("corp_id") == snapshot.corp_id) & whose)
