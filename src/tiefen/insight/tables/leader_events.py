"""Leaders who fell silent in the last half-year, and what followed in their groups against groups like them."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.kernels.leaders import AROUND, HEARD, OUTCOMES, SILENCES, WEEKS, Course, followed
from tiefen.insight.metrics.groups import base
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window

TOLD = tuple(f"{outcome}_{what}" for outcome in OUTCOMES for what in ("before", "after", "expected", "low", "high"))


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    people, groups = weeks_of_people(t, w), _weeks_of_groups(t, w)
    # Only of those who were answered often enough in all can it be that they led.
    often = people.group_by("group", "person").agg(heard_by=people.heard_by.sum())
    some = people.semi_join(often.filter(often.heard_by >= HEARD), ["group", "person"])
    some = some.join(groups.select("group", "week", "speakers"), ["group", "week"])
    events = t.arrow(t.mapped("leader_silences", some, SILENCES, SILENCES.gives))
    events = events.sort_by([("group", "ascending"), ("week", "ascending"), ("person", "ascending")])
    leavings = t.arrow(_leavings(t, w))
    for name, newest, oldest in (("before", 1, AROUND), ("after", 1 - AROUND, 0)):
        events = events.append_column(f"own_left_{name}", _own_left(events, leavings, newest, oldest))
    told = followed(events, _course(t.arrow(groups), leavings, t.arrow(base.watched_groups(t, w))))
    silent_from = [w.end - timedelta(days=7 * week + 6) for week in events["week"].to_pylist()]
    kept = events.select(["group", "person", "came_back"]).append_column(
        "silent_from", pa.array(silent_from, pa.date32())
    )
    for name in TOLD:
        kept = kept.append_column(name, pa.array(told[name], pa.float64(), from_pandas=True))
    return kept.append_column("like_groups", pa.array(told["like_groups"].astype(np.int64)))


def weeks_of_people(t: Tables, w: Window) -> ir.Table:
    """(group, person, week, messages, heard_by): of the last `WEEKS` weeks, counted back from the day of the reading, what
    everybody wrote and how many different people addressed them."""

    def make() -> ir.Table:
        half_year = w.last(7 * WEEKS)
        talk = base.speech(t, w)
        talk = talk.filter(talk.day >= half_year.start).mutate(week=_week(w, talk))
        wrote = talk.group_by("group", "person", "week").agg(messages=talk.messages.sum())
        posted = t.within(t["message_posted"], half_year)
        posted = posted.filter(~posted.by_bot).rename(person="member")
        links = base.addressed(t, posted)
        links = links.mutate(week=_week(w, links))
        heard = links.group_by("group", "week", person=links.b).agg(heard_by=links.a.nunique())
        both = wrote.outer_join(heard, ["group", "person", "week"])
        return both.select(
            group=ibis.coalesce(both.group, both.group_right), person=ibis.coalesce(both.person, both.person_right),
            week=ibis.coalesce(both.week, both.week_right), messages=both.messages.fill_null(0),
            heard_by=both.heard_by.fill_null(0),
        )  # fmt: skip

    return t.kept(f"weeks_of_people_{w.end:%Y%m%d}", make)


def _week(w: Window, table: ir.Table) -> ir.IntegerValue:
    return (ibis.literal(w.end) - table.day).cast("int64") // 7


def _weeks_of_groups(t: Tables, w: Window) -> ir.Table:
    people = weeks_of_people(t, w)
    spoke = people.filter(people.messages > 0)
    return spoke.group_by("group", "week").agg(messages=spoke.messages.sum(), speakers=spoke.count())


def _leavings(t: Tables, w: Window) -> ir.Table:
    """(group, person, week): who left of their own accord or was removed, in the last `WEEKS` weeks."""
    stay = t["stay"]
    gone = stay.filter(stay.left_known, stay.left_on.notnull(), stay.left_on <= ibis.literal(w.end))
    week = (ibis.literal(w.end) - gone.left_on).cast("int64") // 7
    return gone.select("group", "person", week=week).filter(ibis._.week < WEEKS)


def _own_left(events: pa.Table, leavings: pa.Table, newest: int, oldest: int) -> pa.Array:
    """How often the leader of each event left between two weeks, counted back from the first of the silence."""
    numbered = events.select(["group", "person", "week"]).append_column(
        "event", pa.array(range(events.num_rows), pa.int64())
    )
    numbered = numbered.rename_columns(["group", "person", "since", "event"])
    both = numbered.join(leavings, ["group", "person"], join_type="inner")
    ago = pc.subtract(both["week"], both["since"])
    within = both.filter(pc.and_(pc.greater_equal(ago, newest), pc.less_equal(ago, oldest)))
    return pa.array(np.bincount(within["event"].to_numpy(), minlength=events.num_rows).astype(np.int64))


def _course(groups: pa.Table, leavings: pa.Table, watched: pa.Table) -> Course:
    known = np.unique(groups["group"].to_numpy())
    row, week = np.searchsorted(known, groups["group"].to_numpy()), groups["week"].to_numpy()
    messages, speakers, left = (np.zeros((len(known), WEEKS)) for _ in range(3))
    messages[row, week], speakers[row, week] = groups["messages"].to_numpy(), groups["speakers"].to_numpy()
    mine = leavings.filter(pc.is_in(leavings["group"], pa.array(known)))
    np.add.at(left, (np.searchsorted(known, mine["group"].to_numpy()), mine["week"].to_numpy()), 1.0)
    left[~np.isin(known, watched["group"].to_numpy())] = np.nan
    return Course(known, messages, speakers, left)


TABLE = ReadingTable(
    "leader_events", "看领袖沉默之后", "What followed when leaders fell silent", of, ("group", "silent_from", "person")
)
