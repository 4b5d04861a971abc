"""角色 — what somebody is over all their groups, and the numbers that say so.

The most carrying of the roles they have in any group (`group_people`), but for two that only show over all groups: who mostly
posts adverts, and the would-be leader (KOC): more people answer them than before, they help others and have brought some, and
lead nowhere yet.
"""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups.base import LINK_DAYS, links, said
from tiefen.insight.metrics.persons.people_brought import of as brought_by
from tiefen.insight.models.adverts import ADVERT
from tiefen.insight.window import Window

IN_GROUPS: tuple[str, ...] = ("leader", "rising", "core", "regular", "newcomer", "dormant", "lurker")
"""From the most carrying to the least. Somebody who speaks in one group and is silent in another speaks."""
ROLES: tuple[str, ...] = ("advertiser", "leader", "advocate", *IN_GROUPS[1:])
"""Whichever comes first is somebody's role."""

LEAST_ADVERTS, ADVERT_SHARE = 3, 0.5
"""An advertiser posted so many adverts in the last `LINK_DAYS` days, and they are so much of what they said."""
REPEATS, REPEATED_LENGTH = 3, 10
"""The same long words so often are an advert, whatever they say."""
ANSWERED_BY, HELPED, BROUGHT = 3, 3, 1
"""A would-be leader is answered by so many people within the window and by more than in the one before, answers so many
different people, and has brought so many."""


def roles_over_groups(group_people: ir.Table) -> ir.Table:
    """(person, role) from a table of (group, person, role)."""
    ranked = group_people.role.cases(*((role, rank) for rank, role in enumerate(IN_GROUPS)), else_=len(IN_GROUPS))
    best = group_people.mutate(rank=ranked).group_by("person").agg(rank=ibis._.rank.min())
    return best.mutate(role=best["rank"].cases(*enumerate(IN_GROUPS), else_=None)).select("person", "role")


def roles(t: Tables, w: Window, group_people: ir.Table) -> ir.Table:
    """(person, role, answered_by, answered_by_before, helped, brought, adverts, said) of everybody in any group."""
    people = roles_over_groups(group_people)
    brought = brought_by(t, w)
    for some in (_answered(t, w), _spoke(t, w), brought.select("person", brought=brought.part.cast("int64"))):
        people = people.left_join(some, "person").drop("person_right")
    numbers = ("answered_by", "answered_by_before", "helped", "brought", "adverts", "said")
    people = people.mutate(**{name: people[name].fill_null(0) for name in numbers})
    advertises = (people.adverts >= LEAST_ADVERTS) & (people.adverts >= ADVERT_SHARE * people.said)
    carries = (
        (people.answered_by >= ANSWERED_BY)
        & (people.answered_by > people.answered_by_before)
        & (people.helped >= HELPED)
        & (people.brought >= BROUGHT)
    )
    role = ibis.cases(
        (advertises, "advertiser"), ((people.role != "leader") & carries, "advocate"), else_=people.role
    )  # fmt: skip
    return people.select("person", *numbers, role=role)


def _answered(t: Tables, w: Window) -> ir.Table:
    """(person, answered_by, answered_by_before, helped): by how many others they were answered or named, in the window and in
    the one before; and how many they answered or named in the window."""
    some, before = links(t, w), w.before()
    day = (some.happened_us // 1_000_000).as_timestamp("s")
    some = t.within(some.mutate(happened_at=day, now=ibis.literal(True)), w).select("a", "b", "now").union(
        t.within(some.mutate(happened_at=day, now=ibis.literal(False)), before).select("a", "b", "now")
    )  # fmt: skip
    heard = some.group_by(person=some.b).agg(
        answered_by=some.a.nunique(where=some.now), answered_by_before=some.a.nunique(where=~some.now)
    )
    now = some.filter(some.now)
    helped = now.group_by(person=now.a).agg(helped=now.b.nunique())
    both = heard.outer_join(helped, "person")
    return both.select(
        "answered_by", "answered_by_before", "helped", person=ibis.coalesce(both.person, both.person_right)
    )


def _spoke(t: Tables, w: Window) -> ir.Table:
    """(person, adverts, said) of the last `LINK_DAYS` days: by marks, by the score of the words, by repetition."""
    some = said(t, w.last(LINK_DAYS))
    same = ibis.window(group_by=["person", "text_hash"])
    again = (some.count().over(same) >= REPEATS) & (some.length >= REPEATED_LENGTH) & some.text_hash.notnull()
    some = some.mutate(again=again.fill_null(False))
    marked = some.left_join(t["advert_mark"], some.source_id == t["advert_mark"].message)
    advert = ibis.coalesce(marked.advert, marked.again | (marked.advert_score >= ADVERT).fill_null(False))
    return marked.group_by("person").agg(adverts=advert.sum(), said=marked.count())
