"""Outer ids become numbers: looked up together, made where they are new, remembered once committed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.ledger import dialect
from tiefen.ledger.errors import CorpNotFound
from tiefen.ledger.facts import Id
from tiefen.ledger.identity import normal, short
from tiefen.ledger.schema import corps, counters, groups, handles, sources

_MOST = 250_000


class Caches:
    """What need not be asked of the store again. Cleared whenever a transaction fails or anything was removed."""

    def __init__(self) -> None:
        self.corps: set[str] = set()
        self.people: dict[str, dict[Id, int]] = defaultdict(dict)
        self.groups: dict[str, dict[str, int]] = defaultdict(dict)
        self.sources: dict[str, dict[str, int]] = defaultdict(dict)
        self.seen: dict[tuple[int, int], int] = {}
        """By group and member: a time before which nothing is known of them."""
        self.linked: set[tuple[int, int]] = set()
        """Pairs of handles whose link is a fact already."""
        self._removals = -1

    def clear(self) -> None:
        for cache in (self.corps, self.people, self.groups, self.sources, self.seen, self.linked):
            cache.clear()

    def trim(self) -> None:
        """Forget everything when there is too much of it: a few look-ups are cheap, memory is not."""
        if len(self.seen) + len(self.linked) + sum(map(len, self.people.values())) > _MOST:
            self.clear()

    def check(self, connection: Connection) -> None:
        """Forget what another process may have removed since, e.g. by an erasure."""
        now = connection.execute(sa.select(counters.c.used).where(counters.c.name == "removal")).scalar_one()
        if now != self._removals:
            self.clear()
            self._removals = now

    def require_corp(self, connection: Connection, corp_id: str) -> None:
        if corp_id in self.corps:
            return
        if connection.execute(sa.select(corps.c.corp_id).where(corps.c.corp_id == corp_id)).first() is None:
            raise CorpNotFound(corp_id)
        self.corps.add(corp_id)


def resolve_people(
    connection: Connection, corp_id: str, known: dict[Id, int], ids: Collection[Id], now_us: int
) -> None:
    """Add the handle of every id to `known`; a new id is a new handle and a new person of the same number."""
    missing = {id: normal(id) for id in ids if id not in known}
    if not missing:
        return
    found = handles_of(connection, corp_id, set(missing.values()))
    new = sorted(set(missing.values()) - found.keys())
    if new:
        first = dialect.take_numbers(connection, "handle", len(new))
        found.update({id: number for number, id in enumerate(new, first)})
        dialect.insert_many(
            connection,
            "people",
            ("person_id", "corp_id", "attributes", "staff", "created_us"),
            [(found[id], corp_id, "{}", id.type == "staff_userid", now_us) for id in new],
        )
        dialect.insert_many(
            connection,
            "handles",
            ("handle", "corp_id", "id_type", "id_value", "person_id", "created_us"),
            [(found[id], corp_id, id.type, id.value, found[id], now_us) for id in new],
        )
    for id, same in missing.items():
        known[id] = found[same]


def handles_of(connection: Connection, corp_id: str, ids: Iterable[Id]) -> dict[Id, int]:
    """The handles of those of these (normal) ids that have one."""
    by_type: dict[str, list[str]] = defaultdict(list)
    for id in ids:
        by_type[id.type].append(id.value)
    found: dict[Id, int] = {}
    for id_type, values in by_type.items():
        for some in slices(sorted(values)):
            asked = sa.select(handles.c.id_value, handles.c.handle).where(
                handles.c.corp_id == corp_id, handles.c.id_type == id_type, handles.c.id_value.in_(some)
            )
            found.update({Id(id_type, value): handle for value, handle in connection.execute(asked)})
    return found


def resolve_groups(connection: Connection, corp_id: str, known: dict[str, int], outer_ids: Collection[str]) -> None:
    """Add the number of every group to `known`, by its outer id."""
    _resolve(connection, corp_id, known, outer_ids, "group", groups.c.group_id, groups.c.outer_id)


def resolve_sources(connection: Connection, corp_id: str, known: dict[str, int], names: Collection[str]) -> None:
    """Add the number of every source to `known`, by its name."""
    _resolve(connection, corp_id, known, names, "source", sources.c.source_id, sources.c.name)


def _resolve(
    connection: Connection,
    corp_id: str,
    known: dict[str, int],
    names: Collection[str],
    counter: str,
    number: sa.Column[Any],
    name: sa.Column[Any],
) -> None:
    missing = {text: short(text) for text in names if text not in known}
    if not missing:
        return
    table = number.table
    found: dict[str, int] = {}
    for some in slices(sorted(set(missing.values()))):
        asked = sa.select(name, number).where(table.c.corp_id == corp_id, name.in_(some))
        found.update(dialect.pairs(connection.execute(asked)))
    new = sorted(set(missing.values()) - found.keys())
    if new:
        first = dialect.take_numbers(connection, counter, len(new))
        found.update({text: first + n for n, text in enumerate(new)})
        dialect.insert_many(
            connection, table.name, (number.name, "corp_id", name.name), [(found[text], corp_id, text) for text in new]
        )
    known.update({text: found[same] for text, same in missing.items()})


def slices(values: list[Any], size: int = 900) -> Iterator[list[Any]]:
    """The list in pieces that fit into one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
