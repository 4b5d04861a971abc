"""What several numbers about people stand on. Computed once in a reading.

Everything is as of the end of a window. A number is given for everybody of whom it can be known: the messages of
somebody whose groups were never heard are not zero, they are unknown.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from tiefen.insight.engine import Tables
from tiefen.insight.window import Window

TALK_DAYS = 90
"""How far back talk counts for influence and the ladder."""


def counted(t: Tables, w: Window) -> ir.Table:
    """(person): everybody but staff and those who only ever spoke as bots."""

    def make() -> ir.Table:
        staff = t["person"].filter(t["person"].staff).select("person")
        for table in (t["contact_added"], t["contact_lost"]):
            staff = staff.union(table.filter(table.staff.notnull()).select(person=table.staff))
        said = t["message_posted"]
        voices = said.group_by(person=said.member).agg(
            people=(~(said.by_bot | said.by_staff).fill_null(False)).sum(), staff=said.by_staff.fill_null(False).sum()
        )
        machines = voices.filter((voices.people == 0) | (voices.staff > 0)).select("person")
        return t["person"].select("person").anti_join(staff.union(machines), "person")

    return t.kept("counted_people", make)


def of_counted(t: Tables, w: Window, numbers: ir.Table) -> ir.Table:
    """(person, part, whole) of people who count."""
    return numbers.semi_join(counted(t, w), "person").select("person", "part", "whole")


def everybody(t: Tables, w: Window, some: ir.Table, part: Callable[[ir.Table], ir.Value], *, known: ir.Table) -> ir.Table:
    """(person, part, 1) for all in `known`; those who do not occur in `some` have zero."""
    people = counted(t, w).semi_join(known, "person")
    numbers = some.select("person", part=part(some))
    joined = people.left_join(numbers, "person")
    return joined.select("person", part=joined.part.fill_null(0).cast("float64"), whole=ibis.literal(1.0))


def person_days(t: Tables, w: Window) -> ir.Table:
    """(person, day, messages, answers, first_at, last_at): who spoke on which day, in all groups together."""

    def make() -> ir.Table:
        said = t.until(t["message_posted"], w)
        said = said.filter(~said.by_bot.fill_null(False))
        answers = (said.reply_to != said.member).fill_null(False).cast("int64")
        return said.group_by(person=said.member, day=said.day).agg(
            messages=said.count(), answers=answers.sum(), first_at=said.happened_at.min(), last_at=said.happened_at.max()
        )

    return t.kept(f"person_days_{w.end:%Y%m%d}", make)


def talk(t: Tables, w: Window) -> ir.Table:
    """(person, messages, answers, active_days in the window; messages_ever; active_days_90d; first_at, last_at)."""

    def make() -> ir.Table:
        days = person_days(t, w)
        now, late = days.day >= w.start, days.day >= w.last(TALK_DAYS).start
        return days.group_by("person").agg(
            messages=days.messages.sum(where=now).fill_null(0),
            answers=days.answers.sum(where=now).fill_null(0),
            active_days=now.sum(),
            messages_ever=days.messages.sum(),
            active_days_90d=late.sum(),
            first_at=days.first_at.min(),
            last_at=days.last_at.max(),
        )

    return t.kept(f"talk_{w.start:%Y%m%d}_{w.end:%Y%m%d}", make)


def answers(t: Tables, w: Window) -> ir.Table:
    """(person, people, replies): by how many people somebody was answered in the last `TALK_DAYS` days, and how often
    within the window. Answers to oneself do not count."""

    def make() -> ir.Table:
        said = t.within(t["message_posted"], w.last(TALK_DAYS) if w.days < TALK_DAYS else w)
        said = said.filter(said.reply_to.notnull(), said.reply_to != said.member, ~said.by_bot.fill_null(False))
        late = said.day >= w.last(TALK_DAYS).start
        pairs = said.group_by(person=said.reply_to, by=said.member).agg(
            late=late.any(), replies=(said.day >= w.start).sum()
        )
        return pairs.group_by("person").agg(people=pairs.late.sum(), replies=pairs.replies.sum())

    return t.kept(f"answers_{w.start:%Y%m%d}_{w.end:%Y%m%d}", make)


def heard(t: Tables, w: Window) -> ir.Table:
    """(person): who spoke, or was ever in a group of which messages are known. Of others nobody knows whether they speak."""

    def make() -> ir.Table:
        said = t.until(t["message_posted"], w)
        groups = said.select("group").distinct()
        members = t["stay"].semi_join(groups, "group").select("person")
        return members.union(said.select(person=said.member)).distinct()

    return t.kept(f"heard_{w.end:%Y%m%d}", make)


def purchases(t: Tables, w: Window) -> ir.Table:
    """(person, orders, paid_fen, first_on, last_on): what people bought. An order paid in parts is one order."""

    def make() -> ir.Table:
        paid = t.until(t["order_paid"], w)
        paid = paid.filter(paid.person.notnull())
        return paid.group_by("person").agg(
            orders=paid.order.nunique(),
            paid_fen=paid.amount_fen.sum(),
            first_on=paid.day.min(),
            last_on=paid.day.max(),
        )

    return t.kept(f"purchases_{w.end:%Y%m%d}", make)


def money_moved(t: Tables, w: Window) -> ir.Table:
    """(person, day, happened_at, amount_fen): what people paid, and with a minus what they got back.

    A refund that names nobody goes to whoever paid that order.
    """
    paid, refunded = t.until(t["order_paid"], w), t.until(t["order_refunded"], w)
    payers = paid.filter(paid.person.notnull()).group_by("order").agg(payer=paid.person.min())
    back = refunded.left_join(payers, "order")
    back = back.select("day", "happened_at", person=ibis.coalesce(back.person, back.payer), amount_fen=-back.amount_fen)
    columns = ("person", "day", "happened_at", "amount_fen")
    moved = paid.select(*columns).union(back.select(*columns))
    return moved.filter(moved.person.notnull())


def net_money(t: Tables, w: Window) -> ir.Table:
    """(person, money_fen): paid less refunded."""
    moved = money_moved(t, w)
    return t.kept(f"net_money_{w.end:%Y%m%d}", lambda: moved.group_by("person").agg(money_fen=moved.amount_fen.sum()))


def shoppers(t: Tables, w: Window) -> ir.Table:
    """(person): everybody, where orders are told to us at all; nobody where they are not."""
    people = counted(t, w)
    anything = t.until(t["order_paid"], w).agg(any=ibis._.count() > 0)
    return people.cross_join(anything).filter(ibis._.any).select("person")


def seen(t: Tables, w: Window) -> ir.Table:
    """(person, first_at, last_at): the first and the last thing that anybody did. Being removed is not doing."""

    def make() -> ir.Table:
        spoken = talk(t, w).select("person", "first_at", "last_at")
        stay = t["stay"]
        stay = stay.filter(stay.join_known, stay.joined_at < ibis.literal(t.ends(w)))
        parts = [spoken, _first_and_last(stay.select("person", happened_at=stay.joined_at))]
        for name in ("contact_added", "page_viewed", "link_clicked", "code_scanned", "event_tracked", "order_placed", "order_paid"):
            table = t.until(t[name], w)
            parts.append(_first_and_last(table.filter(table.person.notnull()).select("person", "happened_at")))
        reacted = t.until(t["reaction_put"], w)
        parts.append(_first_and_last(reacted.select("happened_at", person=reacted.member)))
        together = ibis.union(*parts)
        return together.group_by("person").agg(first_at=together.first_at.min(), last_at=together.last_at.max())

    return t.kept(f"seen_{w.end:%Y%m%d}", make)


def _first_and_last(acts: ir.Table) -> ir.Table:
    return acts.group_by("person").agg(first_at=acts.happened_at.min(), last_at=acts.happened_at.max())
