"""What to call people, groups and sources. Names are in the store alone; numbers are everywhere else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.slices import slices
from tiefen.ledger import dialect
from tiefen.ledger.digests import ERASED
from tiefen.ledger.facts import BY_KIND, columns
from tiefen.ledger.identity import ID_TYPES, owners
from tiefen.ledger.schema import groups, handles, people, sources

_STRENGTH = {id_type.key: strength for strength, id_type in enumerate(ID_TYPES)}
_SPOKEN = ("handle", "user_id", "email", "customer_number", "phone", "external_userid", "unionid", "openid")


def person_names(connection: Connection, persons: Collection[int]) -> dict[int, str]:
    """The name of each, or the most speaking of their ids."""
    found: dict[int, str] = {}
    for some in slices(sorted(set(persons))):
        for number, name in connection.execute(
            sa.select(people.c.person_id, people.c.name).where(people.c.person_id.in_(some))
        ):
            found |= {number: name} if name else {}
        nameless = [number for number in some if number not in found]
        best: dict[int, tuple[int, str]] = {}
        for person, id_type, value in connection.execute(
            sa.select(handles.c.person_id, handles.c.id_type, handles.c.id_value).where(
                handles.c.person_id.in_(nameless)
            )
        ):
            place = _SPOKEN.index(id_type) if id_type in _SPOKEN else len(_SPOKEN)
            if not value.startswith(ERASED) and (person not in best or place < best[person][0]):
                best[person] = (place, _shown(id_type, value))
        found |= {person: shown for person, (_, shown) in best.items()}
        found |= {number: f"#{number}" for number in some if number not in found}
    return found


def _shown(id_type: str, value: str) -> str:
    return value.partition(":")[2] or value if id_type == "handle" else value


def group_names(connection: Connection, numbers: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in slices(sorted(set(numbers))):
        asked = sa.select(groups.c.group_id, groups.c.name, groups.c.outer_id).where(groups.c.group_id.in_(some))
        found |= {number: name or outer for number, name, outer in connection.execute(asked)}
    return found


def source_names(connection: Connection, numbers: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in slices(sorted(set(numbers))):
        asked = sa.select(sources.c.source_id, sources.c.name).where(sources.c.source_id.in_(some))
        found |= dialect.pairs(connection.execute(asked))
    return found


class Names:
    """The names of everything that some facts mention, looked up together."""

    def __init__(self, connection: Connection, facts: Iterable[Any]) -> None:
        wanted: dict[str, set[int]] = {"person": set(), "group": set(), "source": set()}
        for fact in facts:
            for column in columns(BY_KIND[fact.kind]):
                value = fact.body.get(column.name)
                if column.ref and value is not None:
                    wanted[column.ref] |= set(value) if column.many else {value}
        self.persons = owners(connection, wanted["person"])
        called = person_names(connection, set(self.persons.values()))
        self.by_ref: dict[tuple[str, int], str] = {
            ("person", handle): called[person] for handle, person in self.persons.items()
        }
        self.by_ref |= {("group", n): name for n, name in group_names(connection, wanted["group"]).items()}
        self.by_ref |= {("source", n): name for n, name in source_names(connection, wanted["source"]).items()}

    def of(self, fact: Any) -> dict[str, Any]:
        """Field → name, for the fields of a fact that mention somebody or something."""
        named: dict[str, Any] = {}
        for column in columns(BY_KIND[fact.kind]):
            value = fact.body.get(column.name)
            if not column.ref or value is None:
                continue
            if column.many:
                named[column.name] = [self.by_ref.get((column.ref, one), f"#{one}") for one in value]
            else:
                named[column.name] = self.by_ref.get((column.ref, value), f"#{value}")
        return named


def ids_of(connection: Connection, person: int) -> list[dict[str, Any]]:
    """The ids of somebody, the strongest first."""
    asked = sa.select(handles.c.handle, handles.c.id_type, handles.c.id_value).where(handles.c.person_id == person)
    rows = sorted(connection.execute(asked), key=lambda row: (_STRENGTH.get(row.id_type, 99), row.handle))
    return [
        {"handle": row.handle, "type": row.id_type, "value": row.id_value}
        for row in rows
        if not row.id_value.startswith(ERASED)
    ]
