"""What people agreed to and took back, kept beside the facts so that the gate knows it at once.

Followed in the transaction in which the gate judges: whoever opts out is out of everything that is judged from then on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.clock import to_us
from tiefen.ledger import dialect, following
from tiefen.ledger.facts import ConsentGiven, ConsentWithdrawn
from tiefen.ledger.lake import rows_of, schema_of, table_name
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema.touches import consents

FOLLOWER = "consents"
KINDS = (ConsentGiven.kind, ConsentWithdrawn.kind)


def follow(connection: Connection, corp_id: str) -> None:
    """Take in every consent that was told since."""
    while True:
        news = following.news(connection, corp_id, FOLLOWER, KINDS)
        keep(
            connection, corp_id,
            (
                (fact.body.person, fact.body.purpose, fact.body.channel, fact.kind == ConsentGiven.kind, fact.happened_us)
                for fact in news.facts
            ),
        )  # fmt: skip
        following.moved(connection, corp_id, FOLLOWER, news.through)
        if not news.more:
            return


def begin(ledger: Ledger, corp_id: str) -> None:
    """Take in what was told before anybody followed; nothing where somebody does."""
    with ledger.read() as connection:
        if following.place(connection, corp_id, FOLLOWER) is not None:
            return
    snapshot = ledger.snapshot(corp_id, facts_only=True)
    with ledger.write() as connection:
        for kind in KINDS:
            name = table_name(kind)
            for table in (_in_lake(snapshot.files.get(name, []), name, corp_id), snapshot.tail[name]):
                keep(connection, corp_id, _rows(table, given=kind == ConsentGiven.kind))
        following.moved(connection, corp_id, FOLLOWER, snapshot.through)


def keep(connection: Connection, corp_id: str, told: Iterable[tuple[int, str, str, bool, int]]) -> None:
    """Note (handle, purpose, channel, given, when); the latest word counts, and at the same instant the no."""
    latest: dict[tuple[int, str, str], tuple[int, bool]] = {}
    for handle, purpose, channel, given, at_us in told:
        key = (handle, purpose, channel)
        if key not in latest or (at_us, not given) > (latest[key][0], not latest[key][1]):
            latest[key] = (at_us, given)
    if not latest:
        return
    upsert = dialect.insert(connection, consents)
    later = sa.or_(
        upsert.excluded.at_us > consents.c.at_us,
        sa.and_(upsert.excluded.at_us == consents.c.at_us, upsert.excluded.given.is_(False)),
    )
    connection.execute(
        upsert.on_conflict_do_update(
            index_elements=["corp_id", "handle", "purpose", "channel"],
            set_={"given": upsert.excluded.given, "at_us": upsert.excluded.at_us}, where=later,
        ),
        [
            {"corp_id": corp_id, "handle": handle, "purpose": purpose, "channel": channel, "given": given, "at_us": at_us}
            for (handle, purpose, channel), (at_us, given) in latest.items()
        ],
    )  # fmt: skip


def _in_lake(files: list[str], name: str, corp_id: str) -> pa.Table:
    schema = pa.schema([field for field in schema_of(name) if field.name != "month"])
    if not files:
        return schema.empty_table()
    return rows_of(files, schema=schema).to_table(filter=pa.compute.field("corp_id") == corp_id)


def _rows(table: pa.Table, *, given: bool) -> Iterable[tuple[int, str, str, bool, int]]:
    for row in table.select(["person", "purpose", "channel", "happened_at"]).to_pylist():
        yield row["person"], row["purpose"], row["channel"] or "all", given, _instant(row["happened_at"])


def _instant(at: Any) -> int:
    return at if isinstance(at, int) else to_us(at)
