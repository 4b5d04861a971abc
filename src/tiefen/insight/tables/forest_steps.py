"""What becomes of people who were brought, beside those who came by themselves: each step of how many of whom it is known."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups.base import present
from tiefen.insight.metrics.persons import base
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window

STEPS = ("scanned", "added", "joined", "here", "spoke", "bought", "brought")


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    people = t.given("forest_people", made["forest_people"])
    everybody = people.select("person", was_brought=people.parent.notnull())
    did = {
        "scanned": t.until(t["code_scanned"], w).select("person"),
        "added": t.until(t["contact_added"], w).select("person"),
        "joined": people.select("person"),
        "here": present(t, w).select("person"),
        "spoke": base.spoken(t, w).select("person"),
        "bought": base.purchases(t, w).select("person"),
        "brought": people.filter(people.children > 0).select("person"),
    }
    told = {
        "scanned": _where(everybody, t.until(t["code_scanned"], w)),
        "added": _where(everybody, t.until(t["contact_added"], w)),
        "spoke": everybody.semi_join(base.heard(t, w), "person"),
        "bought": everybody.semi_join(base.shoppers(t, w), "person"),
    }
    steps = []
    for number, step in enumerate(STEPS):
        known = told.get(step, everybody)
        done = did[step].distinct().select(did="person")
        both = known.left_join(done, known.person == done.did)
        steps.append(
            both.agg(
                brought_part=(both.was_brought & both.did.notnull()).sum(), brought_whole=both.was_brought.sum(),
                others_part=(~both.was_brought & both.did.notnull()).sum(), others_whole=(~both.was_brought).sum(),
            ).mutate(step=ibis.literal(step), number=ibis.literal(number))
        )  # fmt: skip
    both = ibis.union(*steps)
    numbers = ("brought_part", "brought_whole", "others_part", "others_whole")
    return both.select("number", "step", **{name: both[name].fill_null(0).cast("int64") for name in numbers})


def _where(everybody: ir.Table, facts: ir.Table) -> ir.Table:
    """Everybody, where such facts are told to us at all."""
    return everybody.cross_join(facts.limit(1).select(told=ibis.literal(1))).drop("told")


TABLE = ReadingTable(
    "forest_steps", "看被带来的人走到哪一步", "What becomes of those who were brought", of, ("number",)
)
