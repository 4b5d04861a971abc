"""角色 — what somebody is over all their groups: the most carrying of the roles they have in any."""

from __future__ import annotations

from tiefen.insight.expressions import ibis, ir

ROLES: tuple[str, ...] = ("leader", "rising", "core", "regular", "newcomer", "dormant", "lurker")
"""From the most carrying to the least. Somebody who speaks in one group and is silent in another speaks."""


def roles_over_groups(group_people: ir.Table) -> ir.Table:
    """(person, role) from a table of (group, person, role)."""
    ranked = group_people.role.cases(*((role, rank) for rank, role in enumerate(ROLES)), else_=len(ROLES))
    best = group_people.mutate(rank=ranked).group_by("person").agg(rank=ibis._.rank.min())
    return best.mutate(role=best["rank"].cases(*enumerate(ROLES), else_=None)).select("person", "role")
