"""What the lists of groups, people and sources have in common: order, cursors, names looked for."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from tiefen.insight.catalogue import BY_KEY
from tiefen.insight.metric import Per
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups, handles, people
from tiefen.web.errors import UnknownKey
from tiefen.web.numbers import value_sql
from tiefen.web.paging import By, Keyset

Order = Literal["asc", "desc"]
MOST_FOUND = 2_000
_LAST = "-1e299", "1e299"
"""What stands for an unknown number, so that it comes last either way."""


def ordered(per: Per, sort: str, order: Order, own: dict[str, str]) -> Keyset:
    """The order by a metric or by one of the list's own columns; equal rows by number."""
    if sort in own:
        expression = own[sort]
    elif (per, sort) in BY_KEY:
        expression = value_sql(sort)
    else:
        raise UnknownKey("column to sort by", sort[:60])
    descending = order == "desc"
    unknown = _LAST[0] if descending else _LAST[1]
    number = By(f"coalesce(CAST({expression} AS DOUBLE), {unknown})", float, descending)
    return Keyset((number, By(f'"{per}"', int)))


def groups_called(ledger: Ledger, corp_id: str, words: str) -> list[int]:
    """The groups whose name or outer id has these words in it."""
    asked = (
        sa.select(groups.c.group_id)
        .where(
            groups.c.corp_id == corp_id,
            sa.or_(
                groups.c.name.icontains(words, autoescape=True), groups.c.outer_id.icontains(words, autoescape=True)
            ),
        )
        .order_by(groups.c.group_id)
        .limit(MOST_FOUND)
    )
    with ledger.read() as connection:
        return list(connection.scalars(asked))


def people_called(ledger: Ledger, corp_id: str, words: str) -> list[int]:
    """The people whose name has these words in it, or one of whose ids is or begins with them."""
    by_name = sa.select(people.c.person_id).where(
        people.c.corp_id == corp_id, people.c.name.icontains(words, autoescape=True)
    )
    by_id = sa.select(handles.c.person_id).where(
        handles.c.corp_id == corp_id,
        sa.or_(
            handles.c.id_value.startswith(words, autoescape=True),
            handles.c.id_value.contains(f":{words}", autoescape=True),
        ),
    )
    with ledger.read() as connection:
        found = [*connection.scalars(by_name.limit(MOST_FOUND)), *connection.scalars(by_id.limit(MOST_FOUND))]
    return list(dict.fromkeys(found))[:MOST_FOUND]


def among(column: str, numbers: list[int]) -> str:
    """A condition in SQL: one of these numbers."""
    return f'"{column}" IN ({", ".join(str(int(n)) for n in numbers)})' if numbers else "false"
