"""A look at a file before anything is kept: what it seems to be, what was understood, what will be rejected and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import msgspec

from tiefen.intake.files.errors import BadOption, ColumnMissing, FileEmpty
from tiefen.intake.files.formats import Field, Format, Memory, Options, Reader, format_of
from tiefen.intake.files.guess import guess_format, guess_mapping
from tiefen.intake.files.readers import Instant, Opened, Rows, open_file, plain
from tiefen.kit.clock import from_us, zone
from tiefen.kit.text import clean
from tiefen.ledger.facts import COMMON, Fact
from tiefen.ledger.identity import LIMITS

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is to be read: its format, which column is which field, and what it does not say itself."""

    format: str
    columns: Mapping[str, str]
    options: Options
    encoding: str | None = None
    delimiter: str | None = None

    def as_json(self) -> str:
        return msgspec.json.encode(
            {
                "format": self.format, "columns": dict(self.columns), "options": asdict(self.options),
                "encoding": self.encoding, "delimiter": self.delimiter,
            }
        ).decode()  # fmt: skip

    @classmethod
    def from_json(cls, text: str) -> Plan:
        kept = msgspec.json.decode(text)
        return cls(
            kept["format"], kept["columns"], options_of(kept["options"]), kept.get("encoding"), kept.get("delimiter")
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """What the first rows of a file show."""

    format: str
    confidence: float
    encoding: str
    delimiter: str
    columns: list[str]
    mapping: dict[str, str]
    options: dict[str, Any]
    fields: list[dict[str, Any]]
    missing: list[str]
    """Required fields without a column."""
    rows: list[dict[str, Any]]
    """The first rows: `raw`, and `understood` (facts in words of fields) or `reject` ({code, reason})."""
    will_accept: int
    """None, as long as a required field is missing."""
    will_reject: int
    sampled: int
    codes: dict[str, int]
    """How many of the sampled rows are rejected, by code."""


def options_of(given: Mapping[str, Any]) -> Options:
    """Options from JSON; what is unknown or cannot be is an error."""
    known = {field.name for field in fields(Options)}
    for name in given:
        if name not in known:
            raise BadOption(name, "set")
        usual = getattr(Options(), name)
        if given[name] is not None and not isinstance(given[name], type(usual)):
            raise BadOption(name, str(given[name])[:60])
    options = replace(Options(), **{k: v for k, v in given.items() if v is not None})
    try:
        zone(options.time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise BadOption("time_zone", str(options.time_zone)[:60]) from error
    if options.unit not in {"yuan", "fen", "cents"}:
        raise BadOption("unit", options.unit[:60])
    if options.id_type and options.id_type not in LIMITS:
        raise BadOption("id_type", options.id_type[:60])
    return options


def open_as(path: Path, plan: Plan | None, format: Format | None) -> Opened:
    """Open a file the way its format asks for."""
    if format is not None and format.recognise is not None:
        return format.open(path)
    return open_file(path, encoding=plan.encoding if plan else None, delimiter=plan.delimiter if plan else None)


def make_plan(path: Path, format: str | None, given: Mapping[str, Any] | None) -> tuple[Plan, Opened, Rows, float]:
    """What to make of a file: what was given counts, the rest is guessed."""
    given = given or {}
    options = options_of(given.get("options") or {})
    delimiter = given.get("delimiter")
    if delimiter and (not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n'):
        raise BadOption("delimiter", repr(delimiter)[:40])
    encoding = given.get("encoding") or None
    if encoding is not None and not isinstance(encoding, str):
        raise BadOption("encoding", str(encoding)[:40])
    asked = Plan(format or "", {}, options, encoding, delimiter)
    confidence = 1.0
    if format is None:
        found, confidence = guess_format(path, None, None)
        if confidence < 1.0:
            opened = open_as(path, asked, None)
            found, confidence = guess_format(path, opened, _first(opened))
    else:
        found = format_of(format)
    opened = open_as(path, asked, found)
    first = _first(opened)
    columns = given.get("columns")
    if columns is None and found.recognise is not None:
        # An export is read into the format's own columns; there is nothing to guess.
        columns = {field.key: field.key for field in found.fields if field.key in opened.columns}
    elif columns is None:
        columns = guess_mapping(found, opened.columns, first)
    else:
        columns = {field: column for field, column in columns.items() if column}
        for field in columns.keys() - {known.key for known in found.fields}:
            raise BadOption("field", str(field)[:40])
        for column in columns.values():
            if column not in opened.columns:
                raise ColumnMissing(str(column)[:100])
    if found.key == "chat" and not columns.keys() & {"group_name", "group_id"}:
        # A chat log of one group is often called after it; whoever imports it sees the name and can change it.
        options = options if options.group_name else replace(options, group_name=clean(path.stem)[:100])
    plan = Plan(
        found.key,
        columns,
        options,
        given.get("encoding") or opened.encoding,
        given.get("delimiter") or opened.delimiter,
    )
    return plan, opened, first, confidence


def _first(opened: Opened) -> Rows:
    first = next(opened.rows(), None)
    if first is None or not len(first):
        raise FileEmpty
    return first


def inspect(path: Path, format: str | None = None, mapping: Mapping[str, Any] | None = None) -> Preview:
    """Look at a file. `mapping` is {"columns": {field: column}, "options": {…}, "encoding", "delimiter"}."""
    plan, opened, first, confidence = make_plan(path, format, mapping)
    return preview_of(plan, opened, first, confidence)


def preview_of(plan: Plan, opened: Opened, first: Rows, confidence: float = 1.0) -> Preview:
    found = format_of(plan.format)
    missing = [key for key in found.required if key not in plan.columns]
    rows: list[dict[str, Any]] = []
    refused: dict[int, tuple[str, dict[str, Any]]] = {}
    if not missing:
        kept = found.translate(Reader(first, plan.columns), plan.options, Memory())
        refused = {number: (code, {}) for number, code in first.ragged.items()} | kept.refused
    for number in range(first.first, first.first + min(SHOWN, len(first))):
        raw = first.row(number)
        entry: dict[str, Any] = {"number": number, "raw": {k: _shown(v) for k, v in raw.items()}}
        if number in refused:
            code, reason = refused[number]
            entry |= {"understood": None, "reject": {"code": code, "reason": reason}}
        else:
            entry |= {"understood": None if missing else _understood(found, plan, first, number), "reject": None}
        rows.append(entry)
    codes: dict[str, int] = {}
    for code, _ in refused.values():
        codes[code] = codes.get(code, 0) + 1
    return Preview(
        plan.format, confidence, opened.encoding, opened.delimiter, opened.columns, dict(plan.columns),
        asdict(plan.options), [_field(field) for field in found.fields], missing, rows,
        0 if missing else len(first) - len(refused), len(refused), len(first), codes,
    )  # fmt: skip


def _understood(format: Format, plan: Plan, rows: Rows, number: int) -> list[dict[str, Any]]:
    """The facts that one row alone amounts to."""
    at = number - rows.first
    one = Rows(number, {name: [values[at]] for name, values in rows.columns.items()}, 0)
    memory = Memory()
    kept = format.translate(Reader(one, plan.columns), plan.options, memory)
    facts = [*kept.facts, *(format.finish(plan.options, memory).facts if format.finish else ())]
    return [_fact(fact) for fact in facts]


def _fact(fact: Fact) -> dict[str, Any]:
    body = {
        name: plain(value) if not isinstance(value, tuple) else msgspec.to_builtins(value)
        for name in fact.__struct_fields__
        if name not in COMMON and (value := getattr(fact, name)) not in (None, (), False, "")
    }
    return {"kind": fact.kind, "happened_at": from_us(fact.happened_us).isoformat(), **body}


def _shown(value: Any) -> Any:
    if isinstance(value, Instant):
        return from_us(int(value)).isoformat()
    if isinstance(value, str):
        return value[:300]
    return value


def _field(field: Field) -> dict[str, Any]:
    return {"key": field.key, "zh": field.zh, "en": field.en, "required": field.required}
