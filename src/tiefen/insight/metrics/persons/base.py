"""What several numbers about people stand on. Computed once in a reading.

Everything is as of the end of a window. A number is given for everybody of whom it can be known: the messages of
somebody whose groups were never heard are not zero, they are unknown.
"""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups.base import links, said, speech
from tiefen.insight.window import Window

TALK_DAYS = 90
"""How far back talk counts for influence and the ladder."""


def counted(t: Tables, w: Window) -> ir.Table:
    """(person): everybody but staff and those who only ever spoke as bots or staff."""

    def make() -> ir.Table:
        staff = t["person"].filter(t["person"].staff).select("person")
        for table in (t["contact_added"], t["contact_lost"]):
            staff = staff.union(table.filter(table.staff.notnull()).select(person=table.staff))
        messages = t["message_posted"]
        odd = messages.filter(messages.by_bot | messages.by_staff).select(person=messages.member).distinct()
        spoke = messages.semi_join(odd, messages.member == odd.person)
        spoke = spoke.group_by(person=spoke.member).agg(
            own=(~(spoke.by_bot | spoke.by_staff)).sum(), staff=spoke.by_staff.sum()
        )
        machines = spoke.filter((spoke.own == 0) | (spoke.staff > 0)).select("person")
        return t["person"].select("person").anti_join(staff.union(machines), "person")

    return t.kept("counted_people", make)


def everybody(t: Tables, w: Window, some: ir.Table, known: ir.Table | None = None) -> ir.Table:
    """(person, part, 1) for all of whom the number can be known; those who do not occur in `some` have zero."""
    people = counted(t, w)
    if known is not None:
        people = people.semi_join(known, "person")
    joined = people.left_join(some, "person")
    return joined.select("person", part=joined.part.fill_null(0).cast("float64"), whole=ibis.literal(1.0))


def those(t: Tables, w: Window, some: ir.Table) -> ir.Table:
    """(person, part, 1) of those in `some` (person, part) who count."""
    known = some.semi_join(counted(t, w), "person")
    return known.select("person", part=known.part.cast("float64"), whole=ibis.literal(1.0))


def days_spoken(t: Tables, w: Window) -> ir.Table:
    """(person, part): on how many of the last `TALK_DAYS` days they spoke, in any group."""
    some = said(t, w.last(TALK_DAYS))
    return some.group_by("person").agg(part=some.day.nunique())


def spoken(t: Tables, w: Window) -> ir.Table:
    """(person, first_us, last_us): of those who ever spoke, when first and when last."""
    if t.keeping:
        days = speech(t, w)
        return days.group_by("person").agg(first_us=days.first_us.min(), last_us=days.last_us.max())
    messages = t.until(t["message_posted"], w)
    messages = messages.filter(~messages.by_bot)
    return _first_and_last(messages.select("happened_us", person=messages.member))


def heard(t: Tables, w: Window) -> ir.Table:
    """(person): who spoke, or was ever in a group of which messages are known. Of others nobody knows whether they
    speak."""

    def make() -> ir.Table:
        messages = t.until(t["message_posted"], w)
        messages = messages.filter(~messages.by_bot)
        spoke = speech(t, w) if t.keeping else messages.select("group", person=messages.member)
        members = t["stay"].semi_join(spoke.select("group").distinct(), "group").select("person")
        return members.union(spoke.select("person")).distinct()

    return t.kept(f"heard_people_{w.end:%Y%m%d}", make)


def purchases(t: Tables, w: Window) -> ir.Table:
    """(person, orders, first_on, last_on): what people bought. An order paid in parts is one order."""

    def make() -> ir.Table:
        paid = t.until(t["order_paid"], w)
        paid = paid.filter(paid.person.notnull())
        return paid.group_by("person").agg(orders=paid.order.nunique(), first_on=paid.day.min(), last_on=paid.day.max())

    return t.kept(f"purchases_{w.end:%Y%m%d}", make)


def money_moved(t: Tables, w: Window) -> ir.Table:
    """(person, happened_us, day, amount_fen): what people paid, and with a minus what they got back.

    A refund that names nobody goes to whoever paid that order.
    """

    def make() -> ir.Table:
        columns = ("person", "happened_us", "day", "amount_fen")
        paid, refunded = t.until(t["order_paid"], w), t.until(t["order_refunded"], w)
        payers = paid.filter(paid.person.notnull()).group_by("order").agg(payer=paid.person.min())
        back = refunded.left_join(payers, "order")
        back = back.select(
            "happened_us", "day", person=ibis.coalesce(back.person, back.payer), amount_fen=-back.amount_fen
        ).select(*columns)
        moved = paid.select(*columns).union(back)
        return moved.filter(moved.person.notnull())

    return t.kept(f"money_moved_{w.end:%Y%m%d}", make)


def shoppers(t: Tables, w: Window) -> ir.Table:
    """(person): everybody, where orders are told to us at all; nobody where they are not."""
    anything = t.until(t["order_paid"], w).limit(1).select(told=ibis.literal(1))
    return counted(t, w).cross_join(anything).select("person")


def answerers(t: Tables, w: Window) -> ir.Table:
    """(person, part): by how many people somebody was answered or mentioned in the last `TALK_DAYS` days."""
    some = links(t, w)
    return some.group_by(person=some.b).agg(part=some.a.nunique())


def messages(t: Tables, w: Window) -> ir.Table:
    """(person, part): how many messages they posted within the window."""
    return said(t, w).group_by("person").agg(part=ibis._.count())


_DOING = (
    "contact_added", "page_viewed", "link_clicked", "code_scanned", "event_tracked", "order_placed", "order_paid",
)  # fmt: skip


def seen(t: Tables, w: Window) -> ir.Table:
    """(person, first_us, last_us): the first and the last thing that anybody did. Being removed is not doing."""

    def make() -> ir.Table:
        stay = t["stay"]
        stay = stay.filter(stay.join_known, stay.joined_at < t.ends(w))
        joins = stay.select("person", happened_us=stay.joined_us)
        parts = [spoken(t, w), _first_and_last(joins)]
        for name in _DOING:
            table = t.until(t[name], w)
            parts.append(_first_and_last(table.filter(table.person.notnull()).select("person", "happened_us")))
        reacted = t.until(t["reaction_put"], w)
        parts.append(_first_and_last(reacted.select(person=reacted.member, happened_us=reacted.happened_us)))
        together = ibis.union(*parts)
        return together.group_by("person").agg(first_us=together.first_us.min(), last_us=together.last_us.max())

    return t.kept(f"seen_{w.end:%Y%m%d}", make)


def _first_and_last(acts: ir.Table) -> ir.Table:
    return acts.group_by("person").agg(first_us=acts.happened_us.min(), last_us=acts.happened_us.max())


def days_since(t: Tables, w: Window, us: ir.IntegerValue) -> ir.IntegerValue:
    """Whole days from an instant to the moment the numbers are as of."""
    return ibis.greatest((t.end(w) - us) // 86_400_000_000, 0)
