"""种子用户 — are those who came first to a group better members than those who came later?

All are judged by the same time: what they did within `DAYS` days of joining, and only those who joined so long ago. Only groups
whose comings were told from the beginning are looked at, and of those with too few or with no order among the first none.
"""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups.base import heard_groups, speech
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window

FIRST = 20
"""The first so many members of a group are its seed members."""
DAYS = 30
_SPAN_US = DAYS * 86_400_000_000


def seed_members(t: Tables, w: Window) -> ir.Table:
    """(group, seed, members, stayed, spoke, spoke_of, bought, bought_of, brought): one row a group and kind, and with no group
    over all of them. `spoke_of` and `bought_of` are of how many it is known."""
    people = _judged(t, w)
    counts = {
        "members": lambda some: some.count(), "stayed": lambda some: some.stayed.sum(),
        "spoke": lambda some: (some.spoke & some.heard).sum(), "spoke_of": lambda some: some.heard.sum(),
        "bought": lambda some: some.bought.sum(), "bought_of": lambda some: some.told.sum(),
        "brought": lambda some: some.brought.sum(),
    }  # fmt: skip
    numbers = {name: count(people).cast("int64") for name, count in counts.items()}
    each = people.group_by("group", "seed").agg(**numbers)
    every = people.group_by("seed").agg(**numbers)
    names = ("group", "seed", *counts)
    return each.select(*names).union(every.mutate(group=ibis.null("int64")).select(*names))


def _judged(t: Tables, w: Window) -> ir.Table:
    """(group, person, seed, stayed, heard, spoke, told, bought, brought) of those who joined `DAYS` days ago or earlier."""
    firsts = _firsts(t, w)
    stay = t["stay"]
    stay = stay.select("group", "person", from_us=stay.joined_us, to_us=stay.left_us)
    both = firsts.join(stay, ["group", "person"])
    end_us = both.joined_us + _SPAN_US
    there = (both.from_us <= end_us) & (both.to_us.isnull() | (both.to_us >= end_us))
    stayed = both.group_by("group", "person").agg(yes=there.cast("int64").max())
    talk = firsts.join(speech(t, w), ["group", "person"])
    talk = talk.filter(talk.first_us >= talk.joined_us, talk.first_us < talk.joined_us + _SPAN_US)
    paid = t.until(t["order_paid"], w)
    orders = firsts.join(paid.filter(paid.person.notnull()).select("person", "happened_us"), "person")
    orders = orders.filter(orders.happened_us >= orders.joined_us, orders.happened_us < orders.joined_us + _SPAN_US)
    came = t["stay"].filter(t["stay"].invited_by.notnull(), t["stay"].invited_by != t["stay"].person)
    came = came.select("group", person=came.invited_by, came_us=came.joined_us)
    brought = firsts.join(came, ["group", "person"])
    brought = brought.filter(brought.came_us >= brought.joined_us, brought.came_us < brought.joined_us + _SPAN_US)
    people = firsts.left_join(
        stayed.filter(stayed.yes == 1).select("group", "person", stayed=ibis.literal(True)), ["group", "person"]
    )
    people = people.drop("group_right", "person_right")
    for name, some in (("spoke", talk), ("bought", orders), ("brought", brought)):
        some = some.select("group", "person").distinct().mutate(**{name: ibis.literal(True)})
        people = people.left_join(some, ["group", "person"]).drop("group_right", "person_right")
    heard = heard_groups(t, w).mutate(heard=ibis.literal(True))
    people = people.left_join(heard, "group").drop("group_right")
    told = t.until(t["order_paid"], w).limit(1).agg(told=ibis._.count() > 0)
    flags = {name: people[name].fill_null(False) for name in ("stayed", "spoke", "bought", "brought", "heard")}
    return people.mutate(**flags).cross_join(told)


def _firsts(t: Tables, w: Window) -> ir.Table:
    """(group, person, joined_us, seed): when each member first joined, in groups whose first comers are known."""
    stay = t["stay"]
    stay = stay.filter(stay.joined_at < t.ends(w)).semi_join(base.counted(t, w), "person")
    known = stay.group_by("group").agg(known=stay.join_known.all()).filter(ibis._.known)
    first = stay.semi_join(known, "group").group_by("group", "person").agg(joined_us=ibis._.joined_us.min())
    place = ibis.rank().over(ibis.window(group_by="group", order_by=first.joined_us))
    first = first.mutate(seed=place < FIRST)
    inside = ibis.window(group_by="group")
    seeds = first.seed.sum().over(inside)
    first = first.mutate(seeds=seeds, members=first.count().over(inside))
    first = first.filter(first.seeds < 2 * FIRST, first.members >= 2 * FIRST)
    ripe = t.end(w) - _SPAN_US
    return first.filter(first.joined_us <= ripe).select("group", "person", "joined_us", "seed")
