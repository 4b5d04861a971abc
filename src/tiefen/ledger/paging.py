"""Facts and words a page at a time, newest first, over lake and store as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import pyarrow as pa
import sqlalchemy as sa

from tiefen.kit.clock import DAY_US
from tiefen.kit.clock import from_us as moment_of
from tiefen.kit.clock import to_us as us_of
from tiefen.ledger.facts import BY_KIND
from tiefen.ledger.lake import WORDS, body_columns, table_name
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import handles
from tiefen.ledger.snapshot import Snapshot

if TYPE_CHECKING:
    import duckdb

MOST = 1_000


class Place(NamedTuple):
    """Where a page ended: the moment and the number of its last fact."""

    happened_us: int
    seq: int

    def __str__(self) -> str:
        return f"{self.happened_us}.{self.seq}"

    @classmethod
    def read(cls, text: str) -> Place:
        """The place written by `str`; anything else is a ValueError."""
        happened, _, seq = text.partition(".")
        place = cls(int(happened), int(seq))
        if not all(-(2**62) < number < 2**62 for number in place):
            raise ValueError("out of range")
        return place


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact as it is kept: numbers for people, groups and sources."""

    seq: int
    kind: str
    happened_us: int
    source_id: str
    origin: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WordsRow:
    """What somebody said."""

    seq: int
    group: int
    member: int
    happened_us: int
    text: str
    source_id: str
    advert_score: float | None


Row = TypeVar("Row", FactRow, WordsRow)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and where the next page begins; None on the last one."""

    rows: list[Row]
    next: str | None


def facts_page(
    ledger: Ledger, corp_id: str, *, kind: str | None = None, kinds: Sequence[str] = (), group: int | None = None,
    person: int | None = None, source: int | None = None, from_us: int | None = None, to_us: int | None = None,
    bots: bool = True, after: str | None = None, limit: int = 100,
) -> Page[FactRow]:  # fmt: skip
    """Facts, newest first: of some kinds, about a group, a person (under any of their ids) or a source, within
    [`from_us`, `to_us`), with what bots said or without. An unknown kind is a ValueError, so is an `after` that no page gave."""
    wanted = [kind] if kind else list(kinds) or list(BY_KIND)
    if unknown := set(wanted) - set(BY_KIND):
        raise ValueError(f"no kind of fact is called {min(unknown)}")
    place = Place.read(after) if after else None
    limit = max(1, min(limit, MOST))
    snapshot = ledger.snapshot(corp_id, facts_only=True)
    ids = None if person is None else handles_of(ledger, corp_id, person)
    asked: dict[str, str] = {}
    for name in wanted:
        conditions = _conditions(name, group, ids, source, bots)
        if conditions is not None:
            asked[name] = " AND ".join([*conditions, *_between(from_us, to_us, place)]) or "true"
    newest = to_us if place is None else place.happened_us + 1 if to_us is None else min(to_us, place.happened_us + 1)
    with _asked(snapshot) as connection:
        found: list[_Found] = []
        for sight in _sights(snapshot, from_us, newest):
            for name, where in asked.items():
                found += _look(connection, sight, name, where, limit + 1)
            found = sorted(found, key=lambda one: (-one.happened_us, -one.seq))[: limit + 1]
            if len(found) > limit and sight.all_since is not None and found[limit].happened_us >= sight.all_since:
                break
        rows = {row.seq: row for row in _facts(connection, found)}
    return _page([rows[one.seq] for one in found], limit)


def count_facts(
    ledger: Ledger, corp_id: str, *, kinds: Sequence[str], group: int | None = None, person: int | None = None,
    source: int | None = None, from_us: int | None = None, to_us: int | None = None, bots: bool = True,
) -> int:  # fmt: skip
    """How many facts `facts_page` would give in all; of everything that is kept as a count, and not counted again."""
    if bots and (group, person, source, from_us, to_us) == (None,) * 5:
        return sum(ledger.facts(corp_id, kind) for kind in kinds)
    snapshot = ledger.snapshot(corp_id, facts_only=True)
    ids = None if person is None else handles_of(ledger, corp_id, person)
    total = 0
    with _asked(snapshot) as connection:
        for kind in kinds:
            conditions = _conditions(kind, group, ids, source, bots)
            if conditions is None:
                continue
            where = " AND ".join([*conditions, *_between(from_us, to_us, None)]) or "true"
            for relation in _relations(snapshot, table_name(kind)):
                answer = connection.execute(f"SELECT count(*) FROM {relation} WHERE {where}").fetchone()
                total += int(answer[0]) if answer else 0
    return total


def words_page(
    ledger: Ledger, corp_id: str, group: int, *, after: str | None = None, limit: int = 50
) -> Page[WordsRow]:  # fmt: skip
    """What was said in a group, newest first."""
    place = Place.read(after) if after else None
    limit = max(1, min(limit, MOST))
    snapshot = ledger.snapshot(corp_id, facts_only=True)
    where = " AND ".join([f'"group" = {int(group)}', *_between(None, None, place)])
    rows: list[WordsRow] = []
    with _asked(snapshot) as connection:
        for relation in _relations(snapshot, WORDS):
            rows += [
                WordsRow(seq, group_, member, us, text, "", None)
                for seq, group_, member, us, text in connection.execute(
                    f'SELECT seq, "group", member, epoch_us(happened_at), text FROM {relation} WHERE {where}'
                    f" ORDER BY happened_at DESC, seq DESC LIMIT {limit + 1}"
                ).fetchall()
            ]
        rows.sort(key=lambda row: (-row.happened_us, -row.seq))
        page = _page(rows, limit)
        posted = _posted(connection, snapshot, group, page.rows)
    return Page([_with_post(row, posted) for row in page.rows], page.next)


def said_by(ledger: Ledger, corp_id: str, person: int) -> list[WordsRow]:
    """Everything somebody said, in any group, oldest first."""
    ids = ", ".join(str(number) for number in handles_of(ledger, corp_id, person)) or "-1"
    snapshot = ledger.snapshot(corp_id, facts_only=True)
    with _asked(snapshot) as connection:
        rows = [
            WordsRow(seq, group, member, us, text, "", None)
            for relation in _relations(snapshot, WORDS)
            for seq, group, member, us, text in connection.execute(
                f'SELECT seq, "group", member, epoch_us(happened_at), text FROM {relation} WHERE member IN ({ids})'
            ).fetchall()
        ]
    return sorted(rows, key=lambda row: (row.happened_us, row.seq))


def words_at(ledger: Ledger, corp_id: str, places: Mapping[int, int]) -> dict[int, WordsRow]:
    """What was said in the facts with these numbers, by the instant of each; those whose words are gone are left out."""
    rows: dict[int, WordsRow] = {}
    snapshot = ledger.snapshot(corp_id, facts_only=True)
    some = sorted(places)[:MOST]
    if not some:
        return rows
    # Files are skipped by their instants; equality would be asked of each.
    days = sorted({places[seq] // DAY_US for seq in some})
    when = " OR ".join(" AND ".join(_between(day * DAY_US, (day + 1) * DAY_US, None)) for day in days)
    where = f"({when}) AND seq IN ({', '.join(str(int(seq)) for seq in some)})"
    with _asked(snapshot) as connection:
        for relation in _relations(snapshot, WORDS):
            asked = f'SELECT seq, "group", member, epoch_us(happened_at), text FROM {relation} WHERE {where}'
            for seq, group, member, us, text in connection.execute(asked).fetchall():
                rows[seq] = WordsRow(seq, group, member, us, text, "", None)
        for relation in _relations(snapshot, "message_posted"):
            asked = f"SELECT seq, source_id, advert_score FROM {relation} WHERE {where}"
            for seq, source_id, score in connection.execute(asked).fetchall():
                if seq in rows:
                    rows[seq] = _with_post(rows[seq], {seq: (source_id, score)})
    return rows


def _with_post(row: WordsRow, posted: dict[int, tuple[str, float | None]]) -> WordsRow:
    source_id, score = posted.get(row.seq, ("", None))
    return WordsRow(row.seq, row.group, row.member, row.happened_us, row.text, source_id, score)


def _posted(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, group: int, rows: Sequence[WordsRow]
) -> dict[int, tuple[str, float | None]]:  # fmt: skip
    if not rows:
        return {}
    numbers = ", ".join(str(row.seq) for row in rows)
    low, high = min(row.happened_us for row in rows), max(row.happened_us for row in rows)
    where = " AND ".join([f'"group" = {int(group)}', f"seq IN ({numbers})", *_between(low, high + 1, None)])
    return {
        seq: (source_id, score)
        for relation in _relations(snapshot, "message_posted")
        for seq, source_id, score in connection.execute(
            f"SELECT seq, source_id, advert_score FROM {relation} WHERE {where}"
        ).fetchall()
    }


def handles_of(ledger: Ledger, corp_id: str, person: int) -> list[int]:
    """Every handle that stands for somebody."""
    asked = sa.select(handles.c.handle).where(handles.c.person_id == person, handles.c.corp_id == corp_id)
    with ledger.read() as connection:
        return list(connection.scalars(asked))


def _asked(snapshot: Snapshot) -> duckdb.DuckDBPyConnection:
    import duckdb  # takes a while, and a start needs none of it

    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    connection.execute("SET TimeZone = 'UTC'")
    for name, table in snapshot.tail.items():
        if table.num_rows:
            connection.register(f"tail_{name}", table)
    return connection


def _relations(snapshot: Snapshot, name: str) -> Iterator[str]:
    """What to read a table from: the store's tail and the lake's files of this corp."""
    if snapshot.tail[name].num_rows:
        yield f"tail_{name}"
    if snapshot.files.get(name):
        yield _in_lake(snapshot.files[name], snapshot.corp_id)


def _in_lake(files: Sequence[str], corp_id: str) -> str:
    paths = (path.removeprefix("file://").replace("'", "''") for path in files)
    listed = ", ".join(f"'{path}'" for path in paths)
    corp = corp_id.replace("'", "''")
    return f"(SELECT * FROM read_parquet([{listed}], hive_partitioning = false) WHERE corp_id = '{corp}')"


def _conditions(
    kind: str, group: int | None, ids: list[int] | None, source: int | None, bots: bool
) -> list[str] | None:  # fmt: skip
    """What rows of this kind must meet; None where none of them can."""
    columns = body_columns(table_name(kind))
    names = {column.name for column in columns}
    conditions = [] if bots or "by_bot" not in names else ["NOT by_bot"]
    if group is not None:
        if "group" not in names:
            return None
        conditions.append(f'"group" = {int(group)}')
    if source is not None:
        if "source" not in names:
            return None
        conditions.append(f"source = {int(source)}")
    if ids is not None:
        mine = [column for column in columns if column.ref == "person"]
        if not mine or not ids:
            return None
        some = ", ".join(str(number) for number in ids)
        conditions.append("(" + " OR ".join(_names_one(column.name, column.many, some) for column in mine) + ")")
    return conditions


def _names_one(column: str, many: bool, some: str) -> str:
    return f'list_has_any("{column}", [{some}])' if many else f'"{column}" IN ({some})'


def _between(from_us: int | None, to_us: int | None, place: Place | None) -> list[str]:
    conditions = []
    if from_us is not None:
        conditions.append(f"happened_at >= {_instant(from_us)}")
    if to_us is not None:
        conditions.append(f"happened_at < {_instant(to_us)}")
    if place is not None:
        at = _instant(place.happened_us)
        conditions.append(f"(happened_at < {at} OR (happened_at = {at} AND seq < {place.seq}))")
    return conditions


def _instant(us: int) -> str:
    return f"make_timestamptz({int(us)}::BIGINT)"


@dataclass(frozen=True, slots=True)
class _Sight:
    """Some of what there is, looked at in one go: first the tail, then months of the lake, the newest first."""

    relations: dict[str, str]
    """By table: what to read its rows from."""
    all_since: int | None
    """Everything from this moment on has been seen now; None where nobody can tell before the last one."""


class _Found(NamedTuple):
    """A fact that belongs on the page as far as is known, and where the rest of it is."""

    happened_us: int
    seq: int
    kind: str
    relation: str


def _sights(snapshot: Snapshot, from_us: int | None, newest_us: int | None) -> Iterator[_Sight]:
    """The tail; then one month, two, four …: most pages are full after the first, and a rare fact does not take a step a
    month to find."""
    yield _Sight({name: f"tail_{name}" for name, table in snapshot.tail.items() if table.num_rows}, None)
    by_month: dict[str, dict[str, list[str]]] = {}
    for name, files in snapshot.files.items():
        for file in files:
            by_month.setdefault(_month_in(file), {}).setdefault(name, []).append(file)
    oldest, latest = _month_of(from_us), _month_of(newest_us)
    months = [
        month
        for month in sorted(by_month, reverse=True)
        if not month or ((oldest is None or month >= oldest) and (latest is None or month <= latest))
    ]
    if "" in months:
        months.insert(0, months.pop())
    start, width = 0, 1
    while start < len(months):
        some = months[start : start + width]
        files_of: dict[str, list[str]] = {}
        for month in some:
            for name, files in by_month[month].items():
                files_of.setdefault(name, []).extend(files)
        since = None if not some[-1] else _start_of_month(some[-1])
        yield _Sight({name: _in_lake(files, snapshot.corp_id) for name, files in files_of.items()}, since)
        start, width = start + width, width * 2


def _month_in(file: str) -> str:
    """`2026-11` of a file of that month; empty where it cannot be told or does not sort as text."""
    month = file.rpartition("month=")[2][:8]
    return month[:7] if len(month) == 8 and month[4] == "-" and month[7] == "/" else ""


def _month_of(us: int | None) -> str | None:
    """The month of an instant within the years that are written with four digits; None otherwise."""
    if us is None or not _start_of_month("0001-01") <= us < _start_of_month("9999-12"):
        return None
    return moment_of(us).strftime("%Y-%m").zfill(7)


def _start_of_month(month: str) -> int:
    """The first microsecond of a month (UTC)."""
    return us_of(datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC))


def _look(
    connection: duckdb.DuckDBPyConnection, sight: _Sight, kind: str, where: str, limit: int
) -> list[_Found]:  # fmt: skip
    """The newest facts of a kind in a sight, by their number and moment alone: nothing else is read for it."""
    relation = sight.relations.get(table_name(kind))
    if relation is None:
        return []
    answer = connection.execute(
        f"SELECT epoch_us(happened_at), seq FROM {relation} WHERE {where}"
        f" ORDER BY happened_at DESC, seq DESC LIMIT {limit}"
    ).fetchall()
    return [_Found(happened_us, seq, kind, relation) for happened_us, seq in answer]


def _facts(connection: duckdb.DuckDBPyConnection, found: Sequence[_Found]) -> Iterator[FactRow]:
    """The whole of some facts."""
    together: dict[tuple[str, str], list[_Found]] = {}
    for one in found:
        together.setdefault((one.kind, one.relation), []).append(one)
    for (kind, relation), some in together.items():
        columns = [column.name for column in body_columns(table_name(kind))]
        listed = "".join(f', "{column}"' for column in columns)
        numbers = ", ".join(str(one.seq) for one in some)
        low, high = min(one.happened_us for one in some), max(one.happened_us for one in some)
        where = " AND ".join([f"seq IN ({numbers})", f"happened_at BETWEEN {_instant(low)} AND {_instant(high)}"])
        answer: pa.Table = connection.sql(
            f"SELECT seq, epoch_us(happened_at) AS happened_us, source_id, origin{listed} FROM {relation} WHERE {where}"
        ).to_arrow_table()
        for row in answer.to_pylist():
            common = (row.pop("seq"), kind, row.pop("happened_us"), row.pop("source_id"), row.pop("origin"))
            told = {key: value for key, value in row.items() if value not in (None, [], "") and value is not False}
            yield FactRow(*common, told)


def _page(found: list[Row], limit: int) -> Page[Row]:
    rows = found[:limit]
    last = rows[-1] if len(found) > limit else None
    return Page(rows, None if last is None else str(Place(last.happened_us, last.seq)))
