"""What a format is: its fields, how its columns are guessed, and how its rows become facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

from tiefen.intake.files.readers import Opened, Rows, open_file
from tiefen.kit.text import to_json
from tiefen.ledger.batch import GroupCard, Link, Profile
from tiefen.ledger.facts import Fact, Id
from tiefen.ledger.identity import blocked


@dataclass(frozen=True, slots=True)
class Field:
    """Something a format wants to know, and the headings people give it."""

    key: str
    zh: str
    en: str
    required: bool = False
    headings: tuple[str, ...] = ()
    like: Literal["time", "amount", "text", "flag", "list"] = "text"


@dataclass(frozen=True, slots=True)
class Options:
    """What a file does not say of itself."""

    time_zone: str = "Asia/Shanghai"
    day_first: bool = False
    unit: str = "yuan"
    """`yuan`, `fen`, `cents`: what amounts are in."""
    platform: str = ""
    """Put before ids, so that the same nickname on two platforms is two people."""
    group_name: str = ""
    """The group's name where no column has it."""
    id_type: str = ""
    """What kind of id people have in this file; empty means: guess from the values."""
    keep_words: bool = True
    source: str = ""
    """Where people come from, where no column says so."""


@dataclass(slots=True)
class Kept:
    """What a piece of a file amounts to."""

    facts: list[Fact] = field(default_factory=list)
    words: dict[int, str] = field(default_factory=dict)
    profiles: dict[Id, Profile] = field(default_factory=dict)
    groups: dict[str, GroupCard] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    refused: dict[int, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    """By row number: the code of why, and its facts."""

    def refuse(self, number: int, code: str, **reason: Any) -> None:
        self.refused.setdefault(number, (code, reason))


LISTED = frozenset({"mentions", "reply_to_message"})
"""Fields that may hold a list."""


class Reader:
    """The mapped columns of one piece: field → its cells, or None where no column is mapped to it."""

    def __init__(self, rows: Rows, mapping: Mapping[str, str]) -> None:
        self.rows = rows
        self.mapping = mapping

    def cells(self, field: str) -> Sequence[Any]:
        column = self.mapping.get(field)
        if column is None or column not in self.rows.columns:
            return (None,) * len(self.rows)
        cells = self.rows.columns[column]
        if field not in LISTED and any(cell.__class__ is list or cell.__class__ is dict for cell in cells):
            # JSON and Parquet hold lists and objects where a text is expected: they are text then.
            cells = [to_json(cell) if isinstance(cell, list | dict) else cell for cell in cells]
        return cells

    def has(self, field: str) -> bool:
        return self.mapping.get(field) in self.rows.columns

    def numbered(self, *fields: str) -> Iterator[tuple[Any, ...]]:
        """(row number, cell, cell, …) for each row that can be read."""
        numbers = range(self.rows.first, self.rows.first + len(self.rows))
        for cells in zip(numbers, *(self.cells(name) for name in fields), strict=True):
            if cells[0] not in self.rows.ragged:
                yield cells


Translate = Callable[[Reader, Options, "Memory"], Kept]


@dataclass(slots=True)
class Memory:
    """What a format remembers from one piece of a file to the next. Made anew for each run, from the first row on."""

    seen: dict[bytes, int] = field(default_factory=dict)
    open_order: Any = None


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file."""

    key: str
    zh: str
    en: str
    fields: tuple[Field, ...]
    translate: Translate
    open: Callable[..., Opened] = open_file
    finish: Callable[[Options, Memory], Kept] | None = None
    """What is still to be kept once the last row was read."""
    recognise: Callable[[Path], bool] | None = None
    """True for an export that this format alone can read."""

    @property
    def required(self) -> list[str]:
        return [field.key for field in self.fields if field.required]


def person(value: str, options: Options, default: str) -> Id | None:
    """The id of somebody named in a file; None for what belongs to nobody."""
    id_type = options.id_type or ("external_userid" if value.startswith(("wm", "wo")) and len(value) > 20 else default)
    id = Id(id_type, f"{options.platform}:{value}" if options.platform and id_type == "handle" else value)
    return None if blocked(id) else id


def group_id(value: str, options: Options) -> str:
    """The outer id of a group named in a file."""
    return f"{options.platform}:{value}" if options.platform else value


def digest(memory: Memory, *parts: Any) -> str:
    """A stable id for a row that has none: what it says, and how often that was said before in this file."""
    key = blake2b(
        "\x1f".join("" if part is None else str(part) for part in parts).encode(errors="replace"), digest_size=12
    ).digest()
    nth = memory.seen.get(key, 0)
    if len(memory.seen) > 200_000:
        memory.seen.clear()
    memory.seen[key] = nth + 1
    return key.hex() if nth == 0 else f"{key.hex()}-{nth}"


def stable(*parts: Any) -> str:
    """A stable id made of what must not be read back from it."""
    joined = "\x1f".join("" if part is None else str(part) for part in parts)
    return blake2b(joined.encode(errors="replace"), digest_size=12).hexdigest()


__all__ = ["Field", "Format", "Kept", "Memory", "Options", "Reader", "digest", "group_id", "person", "stable"]
