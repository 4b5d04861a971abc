"""A full list of a group's members against the stays that are open."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.slices import slices
from tiefen.ledger.facts import Id
from tiefen.ledger.identity import normal
from tiefen.ledger.schema import groups, handles, stays


def full_list(connection: Connection, corp_id: str, group: str, members: Collection[Id]) -> tuple[list[Id], list[Id]]:
    """(who is in the list and not in the group, who is in the group and not in the list).

    Compared by person: somebody whose other id is in the list is there.
    """
    listed = {normal(id) for id in members}
    known: dict[Id, int] = {}
    for id_type in {id.type for id in listed}:
        values = sorted(id.value for id in listed if id.type == id_type)
        for some in slices(values):
            asked = sa.select(handles.c.id_value, handles.c.person_id).where(
                handles.c.corp_id == corp_id,
                handles.c.id_type == id_type,
                handles.c.id_value.in_(some),
            )
            known.update({Id(id_type, value): person for value, person in connection.execute(asked)})
    inside = connection.execute(
        sa.select(handles.c.id_type, handles.c.id_value, handles.c.person_id)
        .join(stays, stays.c.member == handles.c.handle)
        .join(groups, groups.c.group_id == stays.c.group)
        .where(groups.c.corp_id == corp_id, groups.c.outer_id == group, stays.c.left_us.is_(None))
    ).all()
    people_inside = {row.person_id for row in inside}
    people_listed = set(known.values())
    come = sorted(id for id in listed if known.get(id) not in people_inside)
    gone = sorted({Id(row.id_type, row.id_value) for row in inside if row.person_id not in people_listed})
    return come, gone


def listed(group: str, at_us: int, id: Id) -> str:
    """The id of a fact that a list of this moment led to; whom it is about cannot be read from it."""
    known = f"{group}\0{at_us}\0{id.type}\0{id.value}".encode(errors="replace")
    return "full:" + blake2b(known, digest_size=12).hexdigest()
