"""Files as rows in columns, piece by piece, whatever they are: CSV in any encoding, Excel, JSON, Parquet."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from tiefen.intake.files.errors import ArchiveUnsafe, FileEmpty, FileUnreadable

CHUNK = 5_000
_HEAD = 256 << 10
MOST_UNPACKED = 8 << 30
_MOST_RATIO = 200
_MOST_DEEP = 200
_BROKEN = (pa.ArrowException, OSError, EOFError, ValueError, OverflowError, zipfile.BadZipFile, zlib.error)
csv.field_size_limit(16 << 20)


@dataclass(frozen=True, slots=True)
class Rows:
    """A piece of a file: equally long columns, from row `first` on (rows are numbered from 1, without the header)."""

    first: int
    columns: Mapping[str, Sequence[Any]]
    bytes_done: int
    ragged: dict[int, str] = field(default_factory=dict)
    """Rows that cannot be read as such, by number: the code of why. They are in the columns too, as far as they go."""

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def row(self, number: int) -> dict[str, Any]:
        """One row as it stands in the file."""
        at = number - self.first
        return {name: plain(values[at]) for name, values in self.columns.items() if values[at] not in (None, "")}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that could be opened: its columns, and how to go through it from the start."""

    kind: str
    columns: list[str]
    rows: Callable[[], Iterator[Rows]]
    encoding: str = ""
    delimiter: str = ""


def open_file(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> Opened:
    """Find out what a file is by its first bytes, not by its name."""
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise FileEmpty
    try:
        if head.startswith(b"PAR1"):
            return _parquet(path)
        if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            return _excel(path)
        return _text(path, encoding, delimiter, packed=head.startswith(_PACKED))
    except _BROKEN as error:
        raise _unreadable(error) from error


_PACKED = b"\x1f\x8b"


def check_whole(path: Path) -> None:
    """Go through a packed file once: whether it is whole shows only at its end, when rows were kept already."""
    with path.open("rb") as file:
        packed = file.read(2) == _PACKED
    if packed:
        with _Source(path, packed=True) as source:
            while source.read(1 << 20):
                pass


def _unreadable(error: BaseException) -> FileUnreadable:
    return FileUnreadable((str(error).splitlines() or [type(error).__name__])[0][:200])


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


# ---- Parquet ------------------------------------------------------------------------------------


def _parquet(path: Path) -> Opened:
    file = pq.ParquetFile(path)
    columns = _header(file.schema_arrow.names)
    total, size = max(1, file.metadata.num_rows), path.stat().st_size
    file.close()

    def rows() -> Iterator[Rows]:
        first = 1
        with pq.ParquetFile(path) as parquet:
            batches = parquet.iter_batches(batch_size=CHUNK)
            while piece := _piece(batches, columns):
                count, values = piece
                yield Rows(first, values, size * (first - 1 + count) // total)
                first += count

    return Opened("parquet", columns, rows)


def _piece(batches: Iterator[Any], columns: list[str]) -> tuple[int, dict[str, Any]] | None:
    """The next piece of a Parquet file that holds anything."""
    try:
        for batch in batches:
            if batch.num_rows:
                return batch.num_rows, {
                    name: _values(column) for name, column in zip(columns, batch.columns, strict=True)
                }
    except _BROKEN as error:
        raise _unreadable(error) from error
    return None


def _values(column: pa.Array) -> Any:
    if pa.types.is_timestamp(column.type):
        # What is beyond the calendar, or finer than it counts, is cut rather than refused with its whole piece.
        if column.type.tz is None:
            return [_calendar(us) for us in column.cast(pa.timestamp("us"), safe=False).cast(pa.int64()).to_pylist()]
        return [
            None if us is None else Instant(us)
            for us in column.cast(pa.timestamp("us", tz="UTC"), safe=False).cast(pa.int64()).to_pylist()
        ]
    return column.to_pylist()


def _calendar(us: int | None) -> datetime | None:
    """A time without a zone; None for what no calendar holds."""
    try:
        return None if us is None else datetime(1970, 1, 1) + timedelta(microseconds=us)
    except OverflowError:
        return None


class Instant(int):
    """Microseconds since 1970 UTC, known to be just that."""

    __slots__ = ()


# ---- Excel --------------------------------------------------------------------------------------


def _excel(path: Path) -> Opened:
    if zipfile.is_zipfile(path):
        check_archive(path)
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheet = book.get_sheet_by_index(0)
        table = sheet.to_python(skip_empty_area=True)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the library raises its own kinds and plain ones; its panics are no `Exception`
        raise FileUnreadable(f"it is no Excel sheet ({error})"[:200]) from error
    table = [row for row in table if any(cell not in ("", None) for cell in row)]
    if not table:
        raise FileEmpty
    header = _header([str(cell) for cell in table[0]])
    size = path.stat().st_size

    def rows() -> Iterator[Rows]:
        for start in range(1, len(table), CHUNK):
            some = table[start : start + CHUNK]
            yield Rows(start, _columns(header, some), size * (start - 1 + len(some)) // len(table))

    return Opened("excel", header, rows)


# ---- text ---------------------------------------------------------------------------------------


def _text(path: Path, encoding: str | None, delimiter: str | None, *, packed: bool) -> Opened:
    with io.BufferedReader(_Source(path, packed=packed)) as file:
        head = file.read(_HEAD)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\r\n\t ,;"):
        raise FileEmpty
    encoding = encoding or guess_encoding(head, whole=len(head) < _HEAD)
    try:
        text = head.decode(encoding, "ignore")
    except (LookupError, UnicodeError) as error:
        raise FileUnreadable(f"it is no text in the encoding {encoding}"[:100]) from error
    if not text.strip("\ufeff").strip():
        raise FileEmpty
    if "\0" in text[:2_000]:
        raise FileUnreadable("it is neither text nor a known kind of file")
    if text.lstrip("\ufeff \r\n\t")[:1] in {"{", "["}:
        return _json(path, text, encoding, packed=packed)
    return _csv(path, text, encoding, delimiter or guess_delimiter(text), packed=packed)


def guess_encoding(head: bytes, *, whole: bool = True) -> str:
    """UTF-8 (with or without a mark), UTF-16 with one, or GB18030, which covers GBK and GB2312."""
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    body = head if whole else head[: head.rfind(b"\n") + 1 or len(head)]
    for encoding in ("utf-8", "gb18030"):
        try:
            body.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    # A few broken bytes in what is otherwise one or the other: take the one with fewer.
    return min(("utf-8", "gb18030"), key=lambda e: body.decode(e, "replace").count("\ufffd"))


def guess_delimiter(text: str) -> str:
    """The one that splits the first lines into the same number of columns, and most."""
    lines = [line for line in text.lstrip("\ufeff").splitlines()[:20] if line.strip()][:10]
    if len(lines) > 1 and len(text) >= _HEAD:
        lines = lines[:-1]

    def columns(delimiter: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(counts), key=counts.count)
        return (usual if usual > 1 else 0) * counts.count(usual), usual

    return max((",", "\t", ";", "|"), key=columns)


def _csv(path: Path, head: str, encoding: str, delimiter: str, *, packed: bool) -> Opened:
    header = _header(next(_records(io.StringIO(head.lstrip("\ufeff"), newline=""), delimiter), ()))
    if not header:
        raise FileEmpty

    def rows() -> Iterator[Rows]:
        with _Source(path, packed=packed) as source:
            text = io.TextIOWrapper(source, encoding=encoding, errors="replace", newline="")  # type: ignore[type-var]
            reader = _records(text, delimiter)
            next(reader, None)
            number = 1
            while some := list(islice(reader, CHUNK)):
                bad = {number + n: "wrong_number_of_columns" for n, row in enumerate(some) if len(row) != len(header)}
                for n, row in enumerate(some):
                    if any("\ufffd" in cell for cell in row):
                        bad[number + n] = "bad_encoding"
                yield Rows(number, _columns(header, some, delimiter), source.done, bad)
                number += len(some)

    return Opened("csv", header, rows, encoding, delimiter)


def _records(text: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """The records of a table in text, without empty lines."""
    try:
        yield from filter(None, csv.reader(text, delimiter=delimiter))
    except (csv.Error, UnicodeError) as error:
        raise FileUnreadable(str(error)) from error


def _json(path: Path, head: str, encoding: str, *, packed: bool) -> Opened:
    """One object a line, or one list of objects."""
    as_list = head.lstrip("\ufeff \r\n\t").startswith("[")

    def objects() -> Iterator[tuple[Any, int]]:
        with _Source(path, packed=packed) as source:
            if as_list:
                utf8: Any = source if encoding == "utf-8" else _Recoded(source, encoding)
                yield from ((item, source.done) for item in json_items(utf8, "item"))
                return
            for line in io.TextIOWrapper(source, encoding=encoding, errors="replace"):  # type: ignore[type-var]
                if line.strip():
                    try:
                        yield msgspec.json.decode(line), source.done
                    except (msgspec.DecodeError, RecursionError):
                        yield line.strip(), source.done

    def pieces() -> Iterator[tuple[int, list[Any], int]]:
        some: list[Any] = []
        first, done = 1, 0
        try:
            for item, done in objects():
                some.append(item)
                if len(some) == CHUNK:
                    yield first, some, done
                    first, some = first + len(some), []
        except UnicodeError as error:
            raise _unreadable(error) from error
        if some:
            yield first, some, done

    start = next(pieces(), None)
    if start is None:
        raise FileEmpty
    names: dict[str, None] = {}
    for item in start[1]:
        if isinstance(item, dict):
            names.update(dict.fromkeys(map(str, item)))
    if not names:
        raise FileUnreadable("its JSON holds no objects")

    def rows() -> Iterator[Rows]:
        for first, some, done in pieces():
            bad = {first + n: "not_an_object" for n, item in enumerate(some) if not isinstance(item, dict)}
            some = [item if isinstance(item, dict) else {next(iter(names)): str(item)} for item in some]
            yield Rows(first, {name: [item.get(name) for item in some] for name in names}, done, bad)

    return Opened("json", list(names), rows, encoding)


def json_items(file: IO[bytes], prefix: str = "") -> Iterator[Any]:
    """The values at a place in a JSON document, one after the other: `messages.item` is each in the list `messages`.

    Like ijson's own `items`, whose memory grows with the square of how deeply a document is nested.
    """
    import ijson

    wanted = prefix.split(".") if prefix else []
    where: list[str] = []
    building: list[Any] = []
    keys: list[str] = []
    try:
        for event, value in ijson.basic_parse(file, use_float=True):
            if event == "map_key":
                (keys if building else where)[-1] = value
                continue
            if event in {"end_map", "end_array"}:
                if not building:
                    where.pop()
                    continue
                keys.pop()
                value = building.pop()
                if not building:
                    yield value
                continue
            opens = event in {"start_map", "start_array"}
            if not building and where != wanted:
                if opens:
                    where.append("item" if event == "start_array" else "")
            else:
                if opens:
                    value = {} if event == "start_map" else []
                if not building:
                    if not opens:
                        yield value
                elif isinstance(building[-1], list):
                    building[-1].append(value)
                else:
                    building[-1][keys[-1]] = value
                if opens:
                    building.append(value)
                    keys.append("")
            if len(where) + len(building) > _MOST_DEEP:
                raise FileUnreadable(f"its JSON is nested more than {_MOST_DEEP} deep")
    except (ijson.JSONError, ValueError, OverflowError) as error:
        raise FileUnreadable(f"its JSON ends or breaks off ({' '.join(str(error).split())})"[:200]) from error


def _columns(header: list[str], rows: Sequence[Sequence[Any]], delimiter: str = ",") -> dict[str, Sequence[Any]]:
    """Cells by column. What is too much in a row stands in its last cell, so that nothing of it is lost."""
    width = len(header)
    if any(len(row) != width for row in rows):
        rows = [
            [*row, *[""] * (width - len(row))]
            if len(row) <= width
            else [*row[: width - 1], delimiter.join(map(str, row[width - 1 :]))]
            for row in rows
        ]
    return dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(header, ())


def _header(cells: Sequence[str]) -> list[str]:
    """Names of columns: trimmed, none empty, none twice."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = cell.strip().lstrip("\ufeff") or f"column {number}"
        while name in names:
            name += "'"
        names.append(name)
    return names


class _Source(io.RawIOBase):
    """The bytes of a file, unpacked where it is packed.

    Knows how far it has come on disk, stops what unpacks into far more than it can honestly hold, and says what is broken.
    """

    def __init__(self, path: Path, *, packed: bool) -> None:
        self._file = path.open("rb")
        self._raw: Any = gzip.GzipFile(fileobj=self._file) if packed else self._file
        self._left = min(MOST_UNPACKED, max(path.stat().st_size * _MOST_RATIO, 1 << 24)) if packed else None

    @property
    def done(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            some = self._raw.read(len(buffer))
        except _BROKEN as error:
            raise _unreadable(error) from error
        if self._left is not None:
            self._left -= len(some)
            if self._left < 0:
                raise ArchiveUnsafe("it unpacks into too much")
        buffer[: len(some)] = some
        return len(some)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Recoded:
    """Text of any encoding as UTF-8, for a reader that knows no other."""

    def __init__(self, source: IO[bytes] | io.RawIOBase, encoding: str) -> None:
        self._text = codecs.getreader(encoding)(source, "replace")

    def read(self, size: int = -1) -> bytes:
        return self._text.read(size).encode("utf-8", "replace")


def check_archive(path: Path) -> None:
    """Refuse a zip that unpacks into too much or out of its folder."""
    with zipfile.ZipFile(path) as archive:
        total = 0
        for entry in archive.infolist():
            total += entry.file_size
            parts = Path(entry.filename).parts
            if ".." in parts or entry.filename.startswith(("/", "\\")):
                raise ArchiveUnsafe("it names files outside itself")
            if entry.file_size > _MOST_RATIO * max(entry.compress_size, 1 << 12):
                raise ArchiveUnsafe("it unpacks into too much")
        if total > MOST_UNPACKED:
            raise ArchiveUnsafe("it unpacks into too much")
