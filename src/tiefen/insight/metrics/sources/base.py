"""What several numbers about sources stand on. A source is where people come from (渠道)."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.persons.base import money_moved
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US

_ENTRANCES = ("contact_added", "code_scanned", "link_clicked", "page_viewed", "order_paid")


def arrivals(t: Tables, w: Window) -> ir.Table:
    """(person, source, arrived_us): the first source anybody is known to have come by. First touch; one for each person."""

    def make() -> ir.Table:
        touches = [
            table.filter(table.source.notnull(), table.person.notnull()).select(
                "person", "source", "happened_us", "seq"
            )
            for table in (t.until(t[name], w) for name in _ENTRANCES)
        ]
        some = ibis.union(*touches)
        first = ibis.window(group_by="person", order_by=["happened_us", "seq"])
        ranked = some.mutate(place=ibis.row_number().over(first)).filter(ibis._.place == 0)
        return ranked.select("person", "source", arrived_us=ranked.happened_us)

    return t.kept(f"arrivals_{w.end:%Y%m%d}", make)


def earnings(t: Tables, w: Window) -> ir.Table:
    """(source, person, age_days, amount_fen): every payment of those who arrived, and how long after (0: the same day)."""

    def make() -> ir.Table:
        came, moved = arrivals(t, w), money_moved(t, w)
        both = came.inner_join(moved, "person")
        both = both.filter(both.happened_us >= both.arrived_us)
        return both.select("source", "person", "amount_fen", age_days=(both.happened_us - both.arrived_us) // DAY_US)

    return t.kept(f"earnings_{w.end:%Y%m%d}", make)


def costs(t: Tables, w: Window) -> ir.Table:
    """(source, cost): what was spent on each, in fen."""
    spent = t.until(t["cost_spent"], w)
    return spent.group_by("source").agg(cost=spent.amount_fen.sum())


def came(t: Tables, w: Window) -> ir.Table:
    """(source, people): how many came by each."""
    some = arrivals(t, w)
    return some.group_by("source").agg(people=some.count())


def revenue(t: Tables, w: Window, days: int) -> ir.Table:
    """(source, part, whole): what those who arrived at least `days` days ago paid, less refunds, within `days` days of
    arriving; and how many they are."""
    oldest = t.end(w) - days * DAY_US
    ripe = arrivals(t, w).filter(ibis._.arrived_us <= oldest)
    size = ripe.group_by("source").agg(whole=ripe.count())
    earned = earnings(t, w).semi_join(ripe, "person").filter(ibis._.age_days < days)
    money = earned.group_by("source").agg(part=earned.amount_fen.sum())
    both = size.left_join(money, "source")
    return both.select("source", part=both.part.fill_null(0).cast("float64"), whole=both.whole.cast("float64"))


QUALITY_DAYS = 30


def ripe(t: Tables, w: Window) -> ir.Table:
    """(person, source, arrived_us, by_us): who arrived `QUALITY_DAYS` ago or longer, and when their first days were over."""
    some = arrivals(t, w)
    some = some.mutate(by_us=some.arrived_us + QUALITY_DAYS * DAY_US)
    return some.filter(some.by_us <= t.end(w))


def first_days(t: Tables, w: Window, known: ir.Table | None, first: ir.Table) -> ir.Table:
    """(source, part, whole): of those who arrived long enough ago (and are in `known`, where that is given), how many had
    done it when their first days were over. `first` is (person, us): when somebody first did it."""
    some = ripe(t, w)
    if known is not None:
        some = some.semi_join(known, "person")
    both = some.left_join(first, "person")
    done = both.us.notnull() & (both.us < both.by_us)
    counted = both.group_by("source").agg(part=done.sum(), whole=both.count())
    return counted.select("source", part=counted.part.cast("float64"), whole=counted.whole.cast("float64"))
