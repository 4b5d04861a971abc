"""Everybody in every group: how much they say, who listens, where they stand, what they are there."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.kernels.circles import CIRCLES
from tiefen.insight.metrics.groups import base
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window

LISTENERS = 3
"""So many different people must have answered a leader in the last 90 days."""
LEADING_SHARE, MOST_LEADERS = 0.05, 10
"""Leaders are at most this share of the speakers, and at most so many."""
CORE_DAYS = 8
"""Speaking on so many days of the window makes somebody part of the core."""
NEW_DAYS = 30


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    edges, graph = base.edges(t, w), standings(t, w)
    people = _who(t, w)
    heard = edges.group_by("group", person=edges.b).agg(listeners=edges.count())
    links = base.links(t, w)
    since = t.within(links.mutate(happened_at=(links.happened_us // 1_000_000).as_timestamp("s")), w)
    received = since.group_by("group", person=since.b).agg(replies_received=since.count())
    for table in (graph, heard, received):
        people = people.left_join(table, ["group", "person"]).drop("group_right", "person_right")
    filled = {
        name: people[name].fill_null(0) for name in ("listeners", "replies_received", "pagerank", "core", "degree")
    }
    return _with_roles(people.mutate(**filled), w)


def standings(t: Tables, w: Window) -> ir.Table:
    """(group, person, pagerank, core, degree, circle) of everybody who addressed somebody lately, or was addressed."""
    name, ties = f"standings_{w.end:%Y%m%d}", base.ties(t, w).drop("guessed")
    return t.kept(name, lambda: t.mapped(name, ties, CIRCLES, CIRCLES.gives))


def _who(t: Tables, w: Window) -> ir.Table:
    """(group, person, here, joined_on, messages, messages_before, days, first_on, last_us) of members and of those who
    spoke lately."""
    speech, before = base.speech(t, w), w.before()
    now, then = speech.day >= w.start, (speech.day >= before.start) & (speech.day <= before.end)
    talk = speech.group_by("group", "person").agg(
        messages=speech.messages.sum(where=now).fill_null(0),
        messages_before=speech.messages.sum(where=then).fill_null(0),
        days=now.sum(),
        first_on=speech.day.min(),
        last_on=speech.day.max(),
        last_us=speech.last_us.max(),
    )
    end, stay = t.end(w), t["stay"]
    here = stay.filter(stay.joined_us < end, stay.left_us.isnull() | (stay.left_us >= end))
    members = here.group_by("group", "person").agg(joined_on=here.joined_on.max(), join_known=here.join_known.any())
    both = members.outer_join(talk, ["group", "person"])
    both = both.select(
        "joined_on", "join_known", "first_on", "last_on", "last_us",
        group=ibis.coalesce(both.group, both.group_right), person=ibis.coalesce(both.person, both.person_right),
        here=both.joined_on.notnull(),
        **{name: both[name].fill_null(0) for name in ("messages", "messages_before", "days")},
    )  # fmt: skip
    return both.filter(both.here | (both.last_on >= w.last(base.LINK_DAYS).start))


def _with_roles(people: ir.Table, w: Window) -> ir.Table:
    """Leaders are the most answered of those who hold together: how far things spread from somebody goes with degree and
    core, and less with PageRank (`tests/real/test_collegemsg.py`), which is for display. The role somebody has in a group, and the direction in which their talk goes (−1 fell silent … 1 began)."""
    spoke = people.messages > 0
    everybody = ibis.window(group_by="group")
    speakers = spoke.sum().over(everybody)
    best = ibis.window(group_by="group", order_by=[people.listeners.desc(), people.core.desc(), people.person])
    placed = people.mutate(
        place=ibis.row_number().over(best), seats=ibis.greatest((speakers * LEADING_SHARE).ceil(), 1),
        most=people.core.max().over(everybody), heard=spoke.any().over(everybody),
    )  # fmt: skip
    leads = (
        (placed.place < ibis.least(placed.seats, MOST_LEADERS))
        & (placed.listeners >= LISTENERS) & (2 * placed.core >= placed.most) & (placed.messages > 0)
    )  # fmt: skip
    came = ibis.ifelse(placed.join_known.fill_null(False), placed.joined_on, placed.first_on)
    new = (came > w.last(NEW_DAYS).start).fill_null(False)
    rises = (
        (placed.messages >= 2 * placed.messages_before)
        & (placed.messages >= 5)
        & (placed.replies_received >= LISTENERS)
    )
    role = ibis.cases(
        (leads, "leader"),
        (rises, "rising"),
        ((placed.days >= CORE_DAYS) & (placed.messages > 0), "core"),
        (new, "newcomer"),
        (placed.messages > 0, "regular"),
        (placed.last_us.notnull(), "dormant"),
        else_="lurker",
    )
    total = placed.messages + placed.messages_before
    trend = ibis.ifelse(total > 0, (placed.messages - placed.messages_before) / total, 0.0)
    return placed.select(
        "group", "person", "here", "messages", "messages_before", "replies_received", "listeners", "pagerank", "core",
        "degree", "circle", "joined_on", "join_known", role=role, trend=trend, new=new,
        last_spoke_at=(placed.last_us // 1_000_000).as_timestamp("s").cast("timestamp('UTC')"),
    )  # fmt: skip


TABLE = ReadingTable("group_people", "看每个群里的人", "Everybody in every group", of, ("group", "person"))
