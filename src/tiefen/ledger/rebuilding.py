"""Stays made anew from all facts, for the day somebody doubts them or `stays_of` has learned better."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from tiefen.ledger import dialect
from tiefen.ledger.lake import rows_of, schema_of
from tiefen.ledger.schema import groups, marks, stays
from tiefen.ledger.snapshot import Snapshot
from tiefen.ledger.stays import Mark, Presence, write_presence

if TYPE_CHECKING:
    from tiefen.ledger.ledger import Ledger


def rebuild_stays(ledger: Ledger, corp_id: str) -> int:
    """Forget the stays of a corp and make them again from its facts; returns how many there are. Nothing is written
    meanwhile. The result is what is kept step by step, to the row; a test holds the two together."""
    with ledger.write() as connection:
        dialect.begin_writing(connection)
        presence = presence_of(ledger.snapshot(corp_id, facts_only=True))
        connection.execute(sa.delete(stays).where(stays.c.corp_id == corp_id))
        connection.execute(sa.delete(marks).where(marks.c.corp_id == corp_id))
        connection.execute(sa.update(groups).where(groups.c.corp_id == corp_id).values(dismissed_us=None))
        write_presence(connection, corp_id, presence)
        count = sa.select(sa.func.count()).select_from(stays).where(stays.c.corp_id == corp_id)
        made = int(connection.execute(count).scalar_one())
    ledger.forget()
    return made


def presence_of(snapshot: Snapshot) -> Presence:
    """Everything that the facts of a corp say of presence."""
    presence = Presence()
    for row in _rows(snapshot, "member_joined", "group", "member", "via", "invited_by", "inferred"):
        mark = Mark("joined", row["happened_us"], row["via"], row["invited_by"], row["inferred"])
        presence.mark(row["group"], row["member"], mark)
    for row in _rows(snapshot, "member_left", "group", "member", "how", "removed_by", "inferred"):
        mark = Mark("left", row["happened_us"], row["how"], row["removed_by"], row["inferred"])
        presence.mark(row["group"], row["member"], mark)
    first = _read(snapshot, "message_posted", "group", "member").group_by(["group", "member"])
    for row in first.aggregate([("happened_us", "min")]).to_pylist():
        presence.seen(row["group"], row["member"], row["happened_us_min"], {})
    for row in _rows(snapshot, "group_dismissed", "group"):
        presence.dismissed[row["group"]] = row["happened_us"]
    return presence


def _rows(snapshot: Snapshot, name: str, *columns: str) -> Iterator[dict[str, Any]]:
    yield from _read(snapshot, name, *columns).sort_by("seq").to_pylist()


def _read(snapshot: Snapshot, name: str, *columns: str) -> pa.Table:
    """Some columns of a table, lake and tail together; the moment as microseconds."""
    wanted = ["seq", "happened_at", *columns]
    schema = schema_of(name)
    found = [snapshot.tail[name].select(wanted)]
    if snapshot.files.get(name):
        files = rows_of(snapshot.files[name], schema=schema.remove(schema.get_field_index("month")))
        found.append(files.to_table(columns=wanted, filter=pc.field("corp_id") == snapshot.corp_id))
    rows = pa.concat_tables(found)
    return rows.append_column("happened_us", rows["happened_at"].cast(pa.int64())).drop_columns(["happened_at"])
