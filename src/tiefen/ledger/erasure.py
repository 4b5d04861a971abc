"""Erasing a person (个人信息保护法 art. 47; GDPR art. 17).

Facts stay, since they name nobody: a group had so many members and an order was paid. What tells who it was goes: name,
attributes, ids, words, rejected rows, uploaded files, and every text of a fact, of a note or of somebody else's words in
which the name or an id occurs. An erased id is remembered only as a keyed digest. Should the same file be imported again,
its rows meet that digest and stay without a name.

The order makes a crash harmless: the store forgets last, in one transaction, so until then the same erasure can be asked
for again; the receipt is written after everything.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.clock import now_us
from tiefen.kit.ids import new_id, new_secret
from tiefen.ledger import dialect, kept
from tiefen.ledger.digests import ERASED, SALT, count_erasure, digest_of, salt_of
from tiefen.ledger.erasing_rows import forget_in_mirror, forget_rejects, forget_tail, redact_texts
from tiefen.ledger.errors import ErasureMustWait, PersonNotFound, StoreBusy
from tiefen.ledger.facts import Id
from tiefen.ledger.flushing import keep_state, move, state
from tiefen.ledger.lake import TABLES, WORDS, Lake, months_of, rows_of, schema_of
from tiefen.ledger.redacting import Marks, telling, telling_name
from tiefen.ledger.schema import corps, handles, imports, people, receipts
from tiefen.ledger.schema.segments import profile_news
from tiefen.ledger.store import Transactions

if TYPE_CHECKING:
    from tiefen.ledger.ledger import Ledger

_COMMON_FROM = 100
"""A name found in more texts than this, and in more than a hundredth of all, is a word like any other."""


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """Proof of an erasure: when, by whom, how much of what; never of whom."""

    receipt_id: str
    done_us: int
    by: str
    counts: dict[str, int]


def erase(
    ledger: Ledger, transactions: Transactions, lake: Lake, corp_id: str, person_id: int, by: str
) -> ErasureReceipt:
    """Erase somebody from store, lake and words, for good. Waits for no import: one under way is an `ErasureMustWait`.

    Erasing somebody a second time does again what a crash may have left undone, and harms nothing.
    """
    with lake.locked():
        move(transactions, lake)
        with transactions.read() as connection:
            held = _held(connection, corp_id, person_id)
            _no_import_under_way(connection, corp_id)
        marks = _marks(held)
        marks = marks.without(_common(lake, corp_id, marks))
        counts = _rewrite_lake(transactions, lake, corp_id, list(held.handles), marks)
        with transactions.write() as connection:
            dialect.begin_writing(connection)
            _no_import_under_way(connection, corp_id)
            if _held(connection, corp_id, person_id) != held:
                raise StoreBusy("the person was merged, split or named just now")
            counts["ids"] = _forget_ids(connection, corp_id, held)
            counts["mirror"] = forget_in_mirror(connection, corp_id, _digests(connection, corp_id, held))
            counts["people"] = _forget_people(connection, [person_id, *held.merged])
            counts["rejects"] = forget_rejects(connection, corp_id, marks)
            words, texts = forget_tail(connection, corp_id, list(held.handles), marks)
            counts["words"] += words
            counts["texts"] += texts + redact_texts(connection, corp_id, marks)
            count_erasure(connection)
    counts["uploads"] = _forget_uploads(ledger, corp_id)
    shrink(ledger)
    receipt = ErasureReceipt(new_id(), now_us(), by, counts)
    with transactions.write() as connection:
        connection.execute(
            sa.insert(receipts).values(
                receipt_id=receipt.receipt_id, corp_id=corp_id, what="erasure", done_us=receipt.done_us, by=by,
                counts=msgspec.json.encode(counts).decode(),
            )
        )  # fmt: skip
    return receipt


# ---- who it is ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Held:
    """What the store holds about somebody."""

    handles: dict[int, Id]
    merged: list[int]
    names: list[str]
    attributes: list[dict[str, Any]]


def _held(connection: Connection, corp_id: str, person_id: int) -> _Held:
    mine = connection.execute(
        sa.select(people).where(people.c.person_id == person_id, people.c.corp_id == corp_id)
    ).first()
    if mine is None:
        raise PersonNotFound(person_id)
    ids = connection.execute(
        sa.select(handles.c.handle, handles.c.id_type, handles.c.id_value)
        .where(handles.c.person_id == person_id, handles.c.corp_id == corp_id)
        .order_by(handles.c.handle)
    )
    known = {handle: Id(id_type, value) for handle, id_type, value in ids}
    before = connection.execute(
        sa.select(people)
        .where(people.c.corp_id == corp_id, people.c.person_id.in_([*known, person_id]))
        .order_by(people.c.person_id)
    ).all()
    return _Held(
        known,
        [row.person_id for row in before if row.person_id != person_id],
        [row.name for row in before if row.name],
        [msgspec.json.decode(row.attributes) for row in before],
    )


_NAME_KEYS = ("name", "昵称", "姓名")
_ID_KEYS = ("phone", "mobile", "mail", "address", "wechat", "id", "手机", "电话", "地址", "邮箱", "微信")


def _marks(held: _Held) -> Marks:
    names = {name for name in held.names if telling_name(name)}
    ids: set[str] = set()
    for id in held.handles.values():
        if not id.value.startswith(ERASED):
            nick = id.value.rpartition(":")[2]
            (names if id.type == "handle" and telling_name(nick) else ids).add(nick)
            ids.add(id.value)
    for attributes in held.attributes:
        for key, value in attributes.items():
            if isinstance(value, str):
                if any(part in key.lower() for part in _NAME_KEYS) and telling_name(value):
                    names.add(value)
                elif any(part in key.lower() for part in _ID_KEYS):
                    ids.add(value)
    return Marks(frozenset(names), frozenset(text for text in ids if telling(text)))


def _common(lake: Lake, corp_id: str, marks: Marks) -> list[str]:
    """Which of the names are words that many use without meaning anybody."""
    table = lake.table(WORDS)
    if table is None or not table.file_uris():
        return []
    said = rows_of(table.file_uris())
    mine = pc.field("corp_id") == corp_id
    total = said.count_rows(filter=mine)
    return [
        name
        for name in marks.names
        if said.count_rows(filter=mine & pc.match_substring(pc.field("text"), name)) > max(_COMMON_FROM, total / 100)
    ]


# ---- the store ------------------------------------------------------------------------------------


def _no_import_under_way(connection: Connection, corp_id: str) -> None:
    running = connection.execute(
        sa.select(imports.c.import_id).where(imports.c.corp_id == corp_id, imports.c.state.in_(["queued", "running"]))
    ).first()
    if running is not None:
        raise ErasureMustWait(running.import_id)


def _forget_ids(connection: Connection, corp_id: str, held: _Held) -> int:
    salt = salt_of(connection, corp_id)
    if salt is None:
        salt = new_secret()
        row = connection.execute(sa.select(corps.c.settings).where(corps.c.corp_id == corp_id)).scalar_one()
        settings = msgspec.json.decode(row) | {SALT: salt}
        connection.execute(
            sa.update(corps).where(corps.c.corp_id == corp_id).values(settings=msgspec.json.encode(settings).decode())
        )
    for handle, id in held.handles.items():
        if not id.value.startswith(ERASED):
            connection.execute(
                sa.update(handles).where(handles.c.handle == handle).values(id_value=digest_of(salt, id))
            )
    return len(held.handles)


def _digests(connection: Connection, corp_id: str, held: _Held) -> dict[Id, str]:
    """What is remembered of each of their ids."""
    salt = salt_of(connection, corp_id) or ""
    return {id: digest_of(salt, id) for id in held.handles.values() if not id.value.startswith(ERASED)}


def _forget_people(connection: Connection, numbers: Sequence[int]) -> int:
    connection.execute(
        sa.update(people).where(people.c.person_id.in_(numbers)).values(name=None, attributes="{}", erased_us=now_us())
    )
    corp = sa.select(people.c.corp_id, people.c.person_id).where(people.c.person_id.in_(numbers))
    connection.execute(sa.insert(profile_news).from_select(["corp_id", "person"], corp))
    return len(numbers)


def _forget_uploads(ledger: Ledger, corp_id: str) -> int:
    """Remove the files that were uploaded; their rows are facts by now, and a file cannot be erased in part."""
    folder = ledger.settings.data / "uploads" / corp_id
    files = sum(1 for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
    shutil.rmtree(folder, ignore_errors=True)
    return files


def shrink(ledger: Ledger, *, seconds: float = 60) -> None:
    """Give back the pages and files in which what was deleted still stands; a `StoreBusy` where others hold them."""
    ledger.forget()
    until = time.monotonic() + seconds
    with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not dialect.is_sqlite(connection):
            for table in (
                "people", "handles", "rejects", "words", "facts", "imports", "audit", "wecom_contacts", "wecom_members",
                "wecom_link_contacts", "wecom_pulls",
            ):  # fmt: skip
                connection.exec_driver_sql(f"VACUUM (FULL) {table}")
            return
        connection.exec_driver_sql("PRAGMA temp_store=FILE")
        try:
            connection.exec_driver_sql("VACUUM")
            while connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]:
                if time.monotonic() > until:
                    raise StoreBusy("somebody is reading an old state of it")
                time.sleep(0.05)
        finally:
            connection.exec_driver_sql("PRAGMA temp_store=MEMORY")


# ---- the lake -------------------------------------------------------------------------------------


def _rewrite_lake(
    transactions: Transactions, lake: Lake, corp_id: str, numbers: Sequence[int], marks: Marks
) -> dict[str, int]:
    """Rewrite every month that holds their words, or a text in which they are named; then drop the old files.

    Conditions never reach the table's log, which would keep them: rows are changed here and a month is put in place whole.
    """
    mine = pa.array(sorted(numbers), pa.int64())
    counts = {"words": 0, "texts": 0}
    for name in TABLES:
        table = lake.table(name)
        if table is None:
            continue
        for month, files in months_of(table).items():
            schema = schema_of(name)
            rows = rows_of(files, schema=schema.remove(schema.get_field_index("month"))).to_table()
            left, dropped, redacted = _without(name, rows, corp_id, mine, marks)
            if left is rows:
                continue
            counts["words"] += dropped
            counts["texts"] += redacted
            version = lake.rewrite(name, month, left.append_column("month", [[month] * left.num_rows]).cast(schema))
            with transactions.write() as connection:
                through, versions = state(connection)
                keep_state(connection, through, versions | {name: version})
        # Also where nothing changed: an erasure that was cut short may have left files behind.
        lake.vacuum(name, hours=0)
    return counts


def _without(name: str, rows: pa.Table, corp_id: str, mine: pa.Array, marks: Marks) -> tuple[pa.Table, int, int]:
    """The rows without their words and with their names redacted; how many were dropped and how many texts changed.
    The very same table where there is nothing to do."""
    ours = pc.equal(rows["corp_id"], corp_id)
    whose = "member" if "member" in rows.column_names else "person" if "person" in rows.column_names else None
    theirs = pc.fill_null(pc.and_(ours, pc.is_in(rows[whose], mine)), False) if whose else None
    if name == WORDS:
        dropped = pc.sum(theirs).as_py() or 0
        if dropped:
            rows = rows.filter(pc.invert(theirs))
            ours = pc.equal(rows["corp_id"], corp_id)
        rows, redacted = _redacted(rows, ours, marks)
        return rows, dropped, redacted
    if theirs is not None and pc.any(theirs).as_py():
        for field, nothing in kept.PERSONAL.items():
            if field in rows.column_names:
                kind = rows.schema.field(field).type
                tells = pc.and_(theirs, pc.fill_null(pc.not_equal(rows[field], nothing), nothing is not None))
                tells = pc.and_(theirs, pc.is_valid(rows[field])) if nothing is None else tells
                if pc.any(tells).as_py():
                    column = pc.if_else(theirs, pa.scalar(nothing, kind), rows[field])
                    rows = rows.set_column(rows.schema.get_field_index(field), rows.schema.field(field), column)
    rows, redacted = _redacted(rows, ours, marks)
    return rows, 0, redacted


def _redacted(rows: pa.Table, ours: pa.ChunkedArray, marks: Marks) -> tuple[pa.Table, int]:
    changed = 0
    for field in rows.schema:
        if pa.types.is_string(field.type) and field.name not in {"corp_id", "origin"}:
            column, n = marks.redact_column(rows[field.name], ours)
            if n:
                rows = rows.set_column(rows.schema.get_field_index(field.name), field, column)
                changed += n
    return rows, changed
