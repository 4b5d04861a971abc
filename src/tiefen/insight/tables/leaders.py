"""The leaders of every group, and by how many people they were answered in each week of the last half-year."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tiefen.insight.engine import Tables
from tiefen.insight.kernels.leaders import WEEKS
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.tables.leader_events import weeks_of_people
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    people = made["group_people"]
    leaders = people.filter(pc.equal(people["role"], "leader")).select(["group", "person"])
    leaders = leaders.sort_by([("group", "ascending"), ("person", "ascending")])
    numbered = t.given("leaders_now", leaders.append_column("at", pa.array(range(leaders.num_rows), pa.int64())))
    weeks = t.arrow(
        weeks_of_people(t, w).inner_join(numbered, ["group", "person"]).select("at", "week", "messages", "heard_by")
    )
    at, newest_last = weeks["at"].to_numpy(), WEEKS - 1 - weeks["week"].to_numpy()
    for name in ("messages", "heard_by"):
        course = np.zeros((leaders.num_rows, WEEKS), np.int64)
        course[at, newest_last] = weeks[name].to_numpy()
        listed = pa.FixedSizeListArray.from_arrays(pa.array(course.ravel()), WEEKS).cast(pa.list_(pa.int64()))
        leaders = leaders.append_column(f"{name}_weeks", listed)
    return leaders


TABLE = ReadingTable("leaders", "看领袖的走势", "The course of leaders", of, ("group", "person"))
