"""What a check of a text is, and what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypedDict

from tiefen.act.message import Link, Message, MiniProgram
from tiefen.act.proposal import Channel, Purpose

Severity = Literal["stop", "warn", "hint"]
"""stop: it may not go out like this; warn: somebody should decide; hint: it could be better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A message as it is written, and what it is for."""

    message: Message
    channel: Channel = "contact"
    purpose: Purpose = "sell"
    lately: tuple[str, ...] = ()
    """What was said in the last days."""

    @property
    def fields(self) -> Iterator[tuple[str, str]]:
        """(where, what stands there) for everything that is read by somebody."""
        yield "text", self.message.text
        for number, attachment in enumerate(self.message.attachments):
            match attachment:
                case Link(title=title, description=description):
                    yield f"attachments.{number}.title", title
                    yield f"attachments.{number}.description", description
                case MiniProgram(title=title):
                    yield f"attachments.{number}.title", title


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in a text, from `start` to `end` of the field `where`."""

    severity: Severity
    where: str = "text"
    start: int = 0
    end: int = 0
    quote: str = ""
    zh: str
    en: str
    todo_zh: str
    todo_en: str


class Place(TypedDict):
    """Where something is, as a `Finding` takes it."""

    where: str
    start: int
    end: int
    quote: str


Find = Callable[[Copy], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """A check: what it is called, what it stands on, and how it looks."""

    key: str
    zh: str
    en: str
    basis: str
    """The article, the rule or the measurement it stands on."""
    find: Find


def words(*some: str) -> re.Pattern[str]:
    """Any of these words, also with blanks or invisible characters put between their letters; longer ones first."""
    loosely = (r"[\s\u200b-\u200d\ufeff]*".join(map(re.escape, word)) for word in sorted(some, key=len, reverse=True))
    return re.compile("|".join(loosely), re.IGNORECASE)


def places(copy: Copy, pattern: re.Pattern[str]) -> Iterator[tuple[str, re.Match[str]]]:
    """Where a pattern is found, in any field."""
    for where, text in copy.fields:
        for found in pattern.finditer(text):
            yield where, found
