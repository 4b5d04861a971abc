"""What may come in: ids a database can hold, text a store can keep, days a calendar has."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, Field

MOST_ID = 2**63 - 1
_FIRST_DAY, _LAST_DAY = date(1980, 1, 1), date(2199, 12, 31)


def _keepable(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds U+0000, which cannot be kept")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("is not Unicode text") from None
    return text


def _possible(day: date) -> date:
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise ValueError(f"is not between {_FIRST_DAY} and {_LAST_DAY}")
    return day


Text = Annotated[str, AfterValidator(_keepable)]
"""Text that any store can hold."""
ShortText = Annotated[str, Field(max_length=200), AfterValidator(_keepable)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S"), AfterValidator(_keepable)]
Day = Annotated[date, AfterValidator(_possible)]

IdPath = Annotated[int, Path(ge=1, le=MOST_ID)]
TextPath = Annotated[str, Path(max_length=200), AfterValidator(_keepable)]
IdQuery = Annotated[int | None, Query(ge=1, le=MOST_ID)]
TextQuery = Annotated[str | None, Query(max_length=200), AfterValidator(lambda t: t if t is None else _keepable(t))]
DayQuery = Annotated[date | None, Query(), AfterValidator(lambda d: d if d is None else _possible(d))]
After = Annotated[str | None, Query(min_length=1, max_length=2000, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]
