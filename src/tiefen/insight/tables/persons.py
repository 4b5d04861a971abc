"""Everybody with their numbers: what they are worth, where they stand on the ladder and why."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.ladder import NUMBERS, with_rungs
from tiefen.insight.metrics.persons import base
from tiefen.insight.metrics.sources.base import arrivals
from tiefen.insight.models.offer_ladder import standing
from tiefen.insight.reading_table import Made, ReadingTable, measured
from tiefen.insight.rfm import with_cells
from tiefen.insight.window import Window

_NUMBER_OF = {"orders": "frequency"}
"""What the ladder calls a number, where the catalogue calls it something else."""


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    people = measured(t, w, "person", base.counted(t, w))
    seen = base.seen(t, w)
    instants = seen.select(
        "person",
        first_seen_at=(seen.first_us // 1_000_000).as_timestamp("s").cast("timestamp('UTC')"),
        last_seen_at=(seen.last_us // 1_000_000).as_timestamp("s").cast("timestamp('UTC')"),
    )
    bought = people.filter(people.recency_days_part.notnull()).select(
        "person",
        recency_days=people.recency_days_part.cast("int64"),
        frequency=people.frequency_part.cast("int64"),
        money_fen=people.money_part.cast("int64"),
    )
    cells = with_cells(bought).select("person", "rfm_cell")
    roles = t.given("person_roles", made["person_roles"]).select("person", "role")
    sources = arrivals(t, w).select("person", "source")
    for table in (instants, cells, roles, sources, standing(t, w)):
        people = people.left_join(table, "person").drop("person_right")
    numbers = {name: people[f"{_NUMBER_OF.get(name, name)}_part"].round().cast("int64") for name in NUMBERS}
    return with_rungs(people.mutate(**numbers)).drop(*NUMBERS)


TABLE = ReadingTable("persons", "算每个人的指标与阶梯", "Numbers and rungs of people", of, ("person",))
