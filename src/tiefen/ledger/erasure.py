"""Erasing a person, and giving them what is held about them (个人信息保护法 art. 45, 47; GDPR art. 15, 17).

Facts stay, since they name nobody: a group had so many members and an order was paid. What tells who it was goes: name,
attributes, ids, words, rejected rows, uploaded files, and every text of a fact or of somebody else's words in which the name or an
id occurs. An erased id is remembered only as a keyed digest. Should the same file be imported again, its rows meet
that digest and stay without a name.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.clock import from_us, now_us
from tiefen.kit.ids import new_id, new_secret
from tiefen.ledger import dialect
from tiefen.ledger.digests import ERASED, SALT, digest_of, salt_of
from tiefen.ledger.errors import ErasureMustWait, PersonNotFound
from tiefen.ledger.facts import Id
from tiefen.ledger.flushing import keep_state, state
from tiefen.ledger.lake import TABLES, WORDS, Lake, months_of, schema_of
from tiefen.ledger.schema import corps, groups, handles, imports, people, receipts, rejects
from tiefen.ledger.store import Transactions

if TYPE_CHECKING:
    from tiefen.ledger.ledger import Ledger

REDACTED = "▢▢"
"""Stands where a name or id stood in a text."""


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
    """Erase somebody from store, lake and words, for good. Waits for no import: one under way is an `ErasureMustWait`."""
    with transactions.write() as connection:
        dialect.begin_writing(connection)
        held = _held(connection, corp_id, person_id)
        _no_import_under_way(connection, corp_id)
        marks = _telling(held)
        counts = {
            "ids": _forget_ids(connection, corp_id, held),
            "people": _forget_people(connection, [person_id, *held.merged]),
            "rejects": _forget_rejects(connection, corp_id, marks),
        }
    counts["uploads"] = _forget_uploads(ledger, corp_id)
    ledger.flush()
    counts |= _rewrite_lake(transactions, lake, corp_id, held.handles, marks)
    _shrink(ledger)
    receipt = ErasureReceipt(new_id(), now_us(), by, counts)
    with transactions.write() as connection:
        keep_receipt(connection, corp_id, "erasure", receipt)
    return receipt


def keep_receipt(connection: Connection, corp_id: str, what: str, receipt: ErasureReceipt) -> None:
    connection.execute(
        sa.insert(receipts).values(
            receipt_id=receipt.receipt_id, corp_id=corp_id, what=what, done_us=receipt.done_us, by=receipt.by,
            counts=msgspec.json.encode(receipt.counts).decode(),
        )
    )  # fmt: skip


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
        sa.select(handles.c.handle, handles.c.id_type, handles.c.id_value).where(
            handles.c.person_id == person_id, handles.c.corp_id == corp_id
        )
    )
    known = {handle: Id(id_type, value) for handle, id_type, value in ids}
    before = connection.execute(
        sa.select(people).where(people.c.corp_id == corp_id, people.c.person_id.in_([*known, person_id]))
    ).all()
    return _Held(
        known,
        [row.person_id for row in before if row.person_id != person_id],
        [row.name for row in before if row.name],
        [msgspec.json.decode(row.attributes) for row in before],
    )


def _telling(held: _Held) -> list[str]:
    """Texts that tell who it is, the longest first: names of two characters or more, and ids long enough to be one."""
    found = {name for name in held.names if len(name) >= 2}
    for id in held.handles.values():
        if not id.value.startswith(ERASED):
            found |= {part for part in (id.value, id.value.partition(":")[2]) if _is_telling(part)}
    for attributes in held.attributes:
        found |= {value for value in _texts(attributes) if _is_telling(value)}
    return sorted(found, key=len, reverse=True)


def _texts(attributes: dict[str, Any]) -> Iterator[str]:
    """What is noted about somebody that could be a name, a number or an address. Words such as a city are not."""
    for key, value in attributes.items():
        if isinstance(value, str) and any(part in key.lower() for part in _TELLING_KEYS):
            yield value


_TELLING_KEYS = (
    "name",
    "phone",
    "mobile",
    "mail",
    "address",
    "wechat",
    "id",
    "昵称",
    "姓名",
    "手机",
    "电话",
    "地址",
    "邮箱",
    "微信",
)


def _is_telling(text: str) -> bool:
    return len(text) >= (5 if text.isascii() else 2)


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


def _forget_people(connection: Connection, numbers: Sequence[int]) -> int:
    connection.execute(
        sa.update(people).where(people.c.person_id.in_(numbers)).values(name=None, attributes="{}", erased_us=now_us())
    )
    return len(numbers)


def _forget_rejects(connection: Connection, corp_id: str, marks: Sequence[str]) -> int:
    gone = 0
    for mark in marks:
        plain = msgspec.json.encode(mark).decode()[1:-1]
        found = sa.or_(
            rejects.c.raw.contains(plain, autoescape=True), rejects.c.reason.contains(plain, autoescape=True)
        )
        gone += connection.execute(sa.delete(rejects).where(rejects.c.corp_id == corp_id, found)).rowcount
    return gone


def _forget_uploads(ledger: Ledger, corp_id: str) -> int:
    """Remove the files that were uploaded; their rows are facts by now, and a file cannot be erased in part."""
    folder = ledger.settings.data / "uploads" / corp_id
    files = sum(1 for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
    shutil.rmtree(folder, ignore_errors=True)
    return files


def _shrink(ledger: Ledger) -> None:
    """Give back the pages and files in which what was deleted still stands."""
    ledger.forget()
    with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if dialect.is_sqlite(connection):
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            for table in ("people", "handles", "rejects", "words", "facts"):
                connection.exec_driver_sql(f"VACUUM (FULL) {table}")


# ---- the lake -------------------------------------------------------------------------------------


def _rewrite_lake(
    transactions: Transactions, lake: Lake, corp_id: str, handles_: Iterable[int], marks: Sequence[str]
) -> dict[str, int]:
    """Rewrite every month that holds their words, or a text in which they are named; then drop the old files.

    Conditions never reach the table's log, which would keep them: rows are changed here and a month is put in place whole.
    """
    mine = pa.array(sorted(handles_), pa.int64())
    counts = {"words": 0, "texts": 0}
    with lake.locked():
        for name in TABLES:
            table = lake.table(name)
            if table is None:
                continue
            changed = False
            for month, files in months_of(table).items():
                schema = schema_of(name)
                rows = ds.dataset(files, schema=schema.remove(schema.get_field_index("month"))).to_table()
                kept, dropped, redacted = _without(name, rows, corp_id, mine, marks)
                if not dropped and not redacted:
                    continue
                counts["words"] += dropped
                counts["texts"] += redacted
                version = lake.rewrite(name, month, kept.append_column("month", [[month] * kept.num_rows]).cast(schema))
                with transactions.write() as connection:
                    through, versions = state(connection)
                    keep_state(connection, through, versions | {name: version})
                changed = True
            if changed:
                lake.vacuum(name, hours=0)
    return counts


def _without(
    name: str, rows: pa.Table, corp_id: str, mine: pa.Array, marks: Sequence[str]
) -> tuple[pa.Table, int, int]:  # fmt: skip
    """The rows without their words and with their names redacted; how many were dropped and how many changed."""
    ours = pc.equal(rows["corp_id"], corp_id)
    dropped = 0
    if name == WORDS:
        theirs = pc.and_(ours, pc.is_in(rows["member"], mine))
        dropped = pc.sum(theirs).as_py() or 0
        if dropped:
            rows = rows.filter(pc.invert(theirs))
            ours = pc.equal(rows["corp_id"], corp_id)
    redacted = 0
    for field in rows.schema:
        if not pa.types.is_string(field.type) or field.name == "corp_id":
            continue
        text = rows[field.name]
        for mark in marks:
            named = pc.fill_null(pc.and_(ours, pc.match_substring(text, mark)), False)
            n = pc.sum(named).as_py() or 0
            if n:
                redacted += n
                text = pc.if_else(named, pc.replace_substring(text, mark, REDACTED), text)
        if text is not rows[field.name]:
            rows = rows.set_column(rows.schema.get_field_index(field.name), field.name, text)
    return rows, dropped, redacted


# ---- what is held ---------------------------------------------------------------------------------


def export(ledger: Ledger, corp_id: str, person_id: int) -> dict[str, Any]:
    """Everything held about somebody, as plain values: who they are, their ids, groups, facts and words."""
    from tiefen.ledger.paging import facts_page, said_by

    with ledger.read() as connection:
        row = connection.execute(
            sa.select(people).where(people.c.person_id == person_id, people.c.corp_id == corp_id)
        ).first()
        if row is None:
            raise PersonNotFound(person_id)
        ids = connection.execute(
            sa.select(handles.c.id_type, handles.c.id_value).where(
                handles.c.person_id == person_id, handles.c.corp_id == corp_id
            )
        ).all()
    facts: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = facts_page(ledger, corp_id, person=person_id, after=after, limit=1_000)
        facts += [{**asdict(fact), "happened_at": from_us(fact.happened_us).isoformat()} for fact in page.rows]
        after = page.next
        if after is None:
            break
    named = {fact["body"]["group"] for fact in facts if "group" in fact["body"]}
    with ledger.read() as connection:
        known = connection.execute(
            sa.select(groups.c.group_id, groups.c.outer_id, groups.c.name).where(groups.c.group_id.in_(named))
        )
        in_groups = [{"group": number, "id": outer, "name": name} for number, outer, name in known]
    said = [
        {"happened_at": from_us(word.happened_us).isoformat(), "group": word.group, "text": word.text}
        for word in said_by(ledger, corp_id, person_id)
    ]
    return {
        "made_at": from_us(now_us()).isoformat(), "corp": corp_id, "person": person_id, "name": row.name,
        "attributes": msgspec.json.decode(row.attributes), "ids": [{"type": t, "value": v} for t, v in ids],
        "groups": in_groups, "facts": facts, "words": said,
    }  # fmt: skip
