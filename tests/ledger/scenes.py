"""The cast and their doings, for tests of the ledger."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tiefen.ledger.facts import Id, MemberJoined, MemberLeft, MessagePosted
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import handles, people, stays

CORP = "honglou"
DAIYU, WUKONG, BAJIE, SHASENG = (Id("user_id", name) for name in ("黛玉", "悟空", "八戒", "沙僧"))
CAST = (DAIYU, WUKONG, BAJIE, SHASENG)
SECOND = 1_000_000


def said(n: int, *, by: Id = DAIYU, group: str = "诗社", at: int | None = None, **more: Any) -> MessagePosted:
    at = n * SECOND if at is None else at
    return MessagePosted(happened_us=at, source_id=f"m{n}", group=group, member=by, **more)


def joined(n: int, *, by: Id = DAIYU, group: str = "诗社", at: int | None = None, **more: Any) -> MemberJoined:
    at = n * SECOND if at is None else at
    return MemberJoined(happened_us=at, source_id=f"j{n}", group=group, member=by, **more)


def left(n: int, *, by: Id = DAIYU, group: str = "诗社", at: int | None = None, **more: Any) -> MemberLeft:
    at = n * SECOND if at is None else at
    return MemberLeft(happened_us=at, source_id=f"l{n}", group=group, member=by, **more)


def person_of(ledger: Ledger, id: Id) -> int:
    with ledger.read() as connection:
        asked = sa.select(handles.c.person_id).where(handles.c.id_type == id.type, handles.c.id_value == id.value)
        return int(connection.execute(asked).scalar_one())


def name_of(ledger: Ledger, person: int) -> str | None:
    with ledger.read() as connection:
        return connection.execute(sa.select(people.c.name).where(people.c.person_id == person)).scalar_one()


def stays_in(ledger: Ledger) -> list[tuple[Any, ...]]:
    """Every stay without its number, in an order of their own."""
    columns = [column for column in stays.c if column.name != "stay_id"]
    with ledger.read() as connection:
        return sorted((tuple(row) for row in connection.execute(sa.select(*columns))), key=str)


def everything_kept(ledger: Ledger) -> list[tuple[int, str]]:
    """(seq, source id) of every fact in lake and store, in order; one that is in both comes twice."""
    import pyarrow.parquet as pq

    taken = ledger.snapshot(CORP)
    found = [
        (row["seq"], row["source_id"])
        for name, files in taken.files.items()
        if name != "words"
        for file in files
        for row in pq.read_table(
            file.removeprefix("file://"), columns=["seq", "source_id"], partitioning=None
        ).to_pylist()
    ]
    found += [
        (row["seq"], row["source_id"])
        for name, table in taken.tail.items()
        if name != "words"
        for row in table.select(["seq", "source_id"]).to_pylist()
    ]
    return sorted(found)
