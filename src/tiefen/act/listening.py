"""What messages did to people (反馈): messages that reached them and what they did within days, and the budgets and costs learned from it.

An answer is a click, an order, and what somebody writes to staff (answering or naming them) or into a group that something was said
to; what is written to staff alone is no fact.

Events are kept by handle, so that merging and splitting people moves them along. A budget is reckoned anew for whoever something
was told of, and for whoever let a message's three days pass; once a day for everybody, with new rates of leaving.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act.known import LET_OUT
from tiefen.decide.attention import GUESS, Event, Leaving, Told, Weariness, learn, leaving, told, wearing
from tiefen.decide.attention.learning import ANSWER_US, LEAVING, MEMORY_US, fates
from tiefen.decide.policy import PURPOSES, Policy, policy_of
from tiefen.insight.readings import Reading, Readings
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.kit.slices import slices
from tiefen.ledger import corps, dialect, following
from tiefen.ledger.following import Kept
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import handles, people, wecom_contacts
from tiefen.ledger.schema.touches import attention, attention_events, attention_rates, proposals

FOLLOWER = "attention"
KINDS = (
    "touch.moved", "link.clicked", "order.paid", "message.posted", "contact.lost", "member.left", "consent.withdrawn",
)  # fmt: skip
TOLD = ("told", *(told(purpose) for purpose in PURPOSES))
_TURN_US = DAY_US // 24
"""How often it is seen whose messages went unanswered; nobody's budget depends on the minute."""
_MANY = 5_000


class _Rates(msgspec.Struct, frozen=True, kw_only=True):
    """The row of `attention_rates`."""

    leaving: Leaving = Leaving()
    wears: Weariness = GUESS
    rated_us: int = 0
    """When the rates were last reckoned, and everybody's budget with them."""
    learned_us: int = 0
    """Up to when messages have been seen to go unanswered."""


def turn(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> bool:
    """Take in what was told and learn from it; whether there is more."""
    with ledger.read() as connection:
        known = _rates(connection, corp_id)
        if not following.behind(connection, corp_id, FOLLOWER) and now_us - known.learned_us < _TURN_US:
            return False
    with ledger.write() as connection:
        news = following.news(connection, corp_id, FOLLOWER, KINDS)
        news_of = _events(connection, corp_id, news.facts)
        _keep(connection, corp_id, news_of)
        following.moved(connection, corp_id, FOLLOWER, news.through)
    daily = now_us - known.rated_us >= DAY_US
    if not daily and not news_of and now_us - known.learned_us < _TURN_US:
        return news.more
    if daily:
        rates, wears = _reckon(ledger, corp_id, now_us)
        known = msgspec.structs.replace(known, leaving=rates, wears=wears, rated_us=now_us)
    reading = Readings(settings).current(corp_id)
    with ledger.read() as connection:
        whom = (
            _everybody(connection, corp_id) if daily else _due(connection, corp_id, news_of, known.learned_us, now_us)
        )
        policy = policy_of(corps.get(connection, corp_id).settings)
    for part in slices(whom, _MANY):
        with ledger.write() as connection:
            _learn(connection, corp_id, part, policy, known, reading, now_us)
    with ledger.write() as connection:
        row = {
            "corp_id": corp_id, "reckoned_us": now_us,
            "body": msgspec.json.encode(msgspec.structs.replace(known, learned_us=now_us)).decode(),
        }  # fmt: skip
        dialect.put(connection, attention_rates, [row])
    return news.more


def event_of(fact: Kept, purposes: Mapping[str, str], written: Written) -> tuple[int, int, str] | None:
    """(handle, when, what) a fact means for somebody's attention; None where it means nothing. `purposes`: by touch what it was for."""
    body = fact.body
    match fact.kind:
        # A welcome was asked for by adding somebody; what is told to a group is told to no one in particular.
        case "touch.moved" if (
            body.state == "delivered" and body.person is not None and body.channel == "wecom.broadcast"
        ):
            purpose = purposes.get(body.touch)
            return body.person, fact.happened_us, "told" if purpose is None else told(purpose)
        case "link.clicked":
            return body.person, fact.happened_us, "clicked"
        case "order.paid":
            return body.person, fact.happened_us, "bought"
        case "message.posted" if written.answers(body, fact.happened_us):
            return body.member, fact.happened_us, "replied"
        case "contact.lost" if body.by != "staff":
            return body.person, fact.happened_us, "deleted"
        case "member.left" if body.how == "left":
            return body.member, fact.happened_us, "left_group"
        case "consent.withdrawn":
            return body.person, fact.happened_us, "opted_out"
    return None


@dataclass(frozen=True, slots=True)
class Written:
    """What tells an answer from talk among themselves."""

    staff: frozenset[int] = frozenset()
    """Handles of whoever works here."""
    groups: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """By group when something was said to it lately."""

    def answers(self, body: Any, at_us: int) -> bool:
        """Whether somebody wrote to staff, or into a group within three days of something that was said to it."""
        if body.by_staff or body.by_bot or body.member in self.staff:
            return False
        if body.reply_to in self.staff or any(one in self.staff for one in body.mentions):
            return True
        return any(said < at_us <= said + ANSWER_US for said in self.groups.get(body.group, ()))


def _events(connection: Connection, corp_id: str, facts: Sequence[Kept]) -> list[tuple[int, int, str]]:
    """What the facts mean for people's attention."""
    reached = [fact.body.touch for fact in facts if fact.kind == "touch.moved" and fact.body.state == "delivered"]
    posted = [fact for fact in facts if fact.kind == "message.posted"]
    purposes: dict[str, str] = {}
    for part in slices(sorted(set(reached))):
        asked = sa.select(proposals.c.proposal_id, proposals.c.purpose).where(
            proposals.c.corp_id == corp_id, proposals.c.proposal_id.in_(part)
        )
        purposes.update(dialect.plain_rows(connection, asked))
    written = _written(connection, corp_id, posted) if posted else Written()
    return [event for fact in facts if (event := event_of(fact, purposes, written)) is not None]


def _written(connection: Connection, corp_id: str, posted: Sequence[Kept]) -> Written:
    to = {
        one for fact in posted for one in (fact.body.member, fact.body.reply_to, *fact.body.mentions) if one is not None
    }
    staff: set[int] = set()
    for part in slices(sorted(to), _MANY):
        works = (
            sa.select(handles.c.handle)
            .join(people, people.c.person_id == handles.c.person_id)
            .where(handles.c.corp_id == corp_id, dialect.among(connection, handles.c.handle, part), people.c.staff)
        )
        staff.update(connection.scalars(works))
    times = [fact.happened_us for fact in posted]
    # When staff sent it is known later than it is answered; until then it counts from when it was let out.
    said = sa.case((proposals.c.state.in_(("sent", "delivered")), proposals.c.moved_us), else_=proposals.c.admitted_us)
    asked = sa.select(proposals.c.group, said).where(
        proposals.c.corp_id == corp_id, proposals.c.group.is_not(None), proposals.c.state.in_(LET_OUT),
        proposals.c.admitted_us.between(min(times) - 2 * ANSWER_US, max(times)),
    )  # fmt: skip
    groups: dict[int, list[int]] = defaultdict(list)
    for group, at_us in dialect.plain_rows(connection, asked):
        groups[group].append(at_us)
    return Written(frozenset(staff), groups)


def rates(connection: Connection, corp_id: str) -> Leaving:
    """How often people of a corp leave after a message and without one, as last reckoned."""
    return _rates(connection, corp_id).leaving


# ---- whom ----


def _due(
    connection: Connection, corp_id: str, told: Iterable[tuple[int, int, str]], learned_us: int, now_us: int
) -> list[int]:
    """Handles of whom something was told, or a message went unanswered since."""
    found = {handle for handle, _, _ in told}
    silent = sa.select(attention_events.c.handle).where(
        attention_events.c.corp_id == corp_id, attention_events.c.what.in_(TOLD),
        attention_events.c.at_us > learned_us - ANSWER_US, attention_events.c.at_us <= now_us - ANSWER_US,
    )  # fmt: skip
    found.update(connection.scalars(silent))
    return sorted(found)


def _everybody(connection: Connection, corp_id: str) -> list[int]:
    asked = sa.select(attention_events.c.handle).where(attention_events.c.corp_id == corp_id).distinct()
    return sorted(connection.scalars(asked))


# ---- learning ----


def _learn(
    connection: Connection, corp_id: str, some: Sequence[int], policy: Policy, known: _Rates, reading: Reading | None,
    now_us: int,
) -> None:  # fmt: skip
    events = _events_of(connection, corp_id, some, now_us)
    values = _values(reading, list(events))
    rows = []
    for person, theirs in events.items():
        found = learn(theirs, policy, now_us, rates=known.leaving, wears=known.wears, value_fen=values.get(person))
        rows.append(
            {
                "corp_id": corp_id, "person": person, "budget": found.budget, "weariness_fen": found.weariness_fen,
                "why": msgspec.json.encode(found).decode(), "changed_us": now_us,
            }
        )  # fmt: skip
    dialect.put(connection, attention, rows)


def _events_of(connection: Connection, corp_id: str, some: Sequence[int], now_us: int) -> dict[int, list[Event]]:
    """By person, whoever has one of these handles now: everything that counts, by all of their handles."""
    theirs = handles.alias("theirs")
    asked = (
        sa.select(handles.c.person_id, attention_events.c.at_us, attention_events.c.what)
        .select_from(
            theirs.join(people, people.c.person_id == theirs.c.person_id)
            .join(handles, handles.c.person_id == theirs.c.person_id)
            .outerjoin(
                attention_events,
                sa.and_(
                    attention_events.c.corp_id == corp_id, attention_events.c.handle == handles.c.handle,
                    attention_events.c.at_us > now_us - MEMORY_US,
                ),
            )
        )
        .where(
            theirs.c.corp_id == corp_id, dialect.among(connection, theirs.c.handle, some), people.c.erased_us.is_(None),
            people.c.staff.is_(False),
        )
    )  # fmt: skip
    found: dict[int, list[Event]] = defaultdict(list)
    for person, at_us, what in dialect.plain_rows(connection, asked):
        events = found[person]
        if at_us is not None:
            events.append(Event(at_us, what))
    return found


def _values(reading: Reading | None, persons: Sequence[int]) -> dict[int, int]:
    """What they are expected to pay in a year, as far as a reading knows."""
    if reading is None or not (reading.folder / "person_forecasts.parquet").is_file():
        return {}
    asked = "SELECT person, money_365d_fen FROM person_forecasts WHERE person IN (SELECT unnest(?))"
    rows = reading.sql(asked, [list(persons)]).to_pylist()
    return {row["person"]: round(row["money_365d_fen"]) for row in rows if row["money_365d_fen"] is not None}


# ---- rates of leaving ----


def _reckon(ledger: Ledger, corp_id: str, now_us: int) -> tuple[Leaving, Weariness]:
    """Over everybody's last 90 days; what is older is forgotten."""
    with ledger.write() as connection:
        old = attention_events.c.corp_id == corp_id, attention_events.c.at_us <= now_us - MEMORY_US
        connection.execute(sa.delete(attention_events).where(*old))
    with ledger.read() as connection:
        quiet_leavers, before, messages = 0, list[tuple[int, bool]](), list[list[Told]]()
        for events in _streams(connection, corp_id):
            theirs, ignored = list(fates(events, now_us)), 0
            for _, fate in theirs:
                before.append((ignored, fate == "left"))
                ignored = 0 if fate == "answered" else ignored + 1
            messages.append([Told(one.at_us, one.purpose or "", fate) for one, fate in theirs])
            after = [one.at_us for one in events if one.purpose is not None]
            quiet_leavers += sum(
                not any(at < one.at_us <= at + ANSWER_US for at in after) for one in events if one.what in LEAVING
            )
        contacts = connection.execute(
            sa.select(sa.func.count(sa.distinct(wecom_contacts.c.external_userid))).where(
                wecom_contacts.c.corp_id == corp_id, wecom_contacts.c.lost_us.is_(None)
            )
        ).scalar_one()
        first = connection.execute(
            sa.select(sa.func.min(attention_events.c.at_us)).where(attention_events.c.corp_id == corp_id)
        ).scalar()
    seen_us = min(now_us - first, MEMORY_US) if first is not None else 0
    stretches = (contacts + quiet_leavers) * seen_us / ANSWER_US - len(before)
    rates = leaving(before, quiet_leavers, stretches)
    return rates, wearing(messages, anyway=rates.anyway or 0.0)


def _streams(connection: Connection, corp_id: str) -> Iterator[list[Event]]:
    """Everybody's events in order, one person after the other."""
    asked = (
        sa.select(handles.c.person_id, attention_events.c.at_us, attention_events.c.what)
        .join(handles, handles.c.handle == attention_events.c.handle)
        .where(attention_events.c.corp_id == corp_id)
        .order_by(handles.c.person_id, attention_events.c.at_us, attention_events.c.what)
    )
    rows = connection.execution_options(yield_per=10_000).execute(asked)
    for _, events in groupby(rows, key=itemgetter(0)):
        yield [Event(row.at_us, row.what) for row in events]


# ---- rows ----


def _keep(connection: Connection, corp_id: str, told: Sequence[tuple[int, int, str]]) -> None:
    rows = [{"corp_id": corp_id, "handle": handle, "at_us": at_us, "what": what} for handle, at_us, what in told]
    if rows:
        connection.execute(dialect.insert(connection, attention_events).on_conflict_do_nothing(), rows)


def _rates(connection: Connection, corp_id: str) -> _Rates:
    asked = sa.select(attention_rates.c.body).where(attention_rates.c.corp_id == corp_id)
    body: Any = connection.execute(asked).scalar()
    return _Rates() if body is None else msgspec.json.decode(body, type=_Rates)
