"""What is handed to the ledger in one piece, and what comes back once it is on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tiefen.ledger.facts import Fact, Id


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known about somebody: kept in the erasable `people`, newest value wins per attribute."""

    id: Id
    name: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    staff: bool | None = None
    """True for who works here; None says nothing about it."""


@dataclass(frozen=True, slots=True)
class GroupCard:
    """What is known about a group, by its outer id."""

    group: str
    name: str | None = None
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Two ids that were seen together and so belong to one person, as far as the rules allow."""

    id: Id
    also: Id
    happened_us: int


@dataclass(frozen=True, slots=True)
class Reject:
    """A row or event that was refused, whole, and why. `code` is translated, `reason` holds its facts."""

    position: int
    """Row number in a file, or a number unique within the origin."""
    raw: Mapping[str, Any]
    code: str
    reason: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportStep:
    """How far an import has come; kept in the same transaction as its facts."""

    import_id: str
    rows_done: int
    bytes_done: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything of one arrival: kept whole in one transaction, or not at all."""

    corp_id: str
    origin: str
    facts: Sequence[Fact] = ()
    words: Mapping[int, str] = field(default_factory=dict)
    """What was said, by the position of its `MessagePosted` in `facts`."""
    profiles: Sequence[Profile] = ()
    groups: Sequence[GroupCard] = ()
    links: Sequence[Link] = ()
    rejects: Sequence[Reject] = ()
    step: ImportStep | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch. Given only after the commit is on disk."""

    accepted: int
    duplicates: int
    rejected: int
    last_seq: int
