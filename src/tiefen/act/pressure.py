"""Pressure (打扰压力): what people and groups were told lately, what they have patience left for, what was refused and what is planned."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act.gate import WEEK_US, History, allowance
from tiefen.act.known import LET_OUT, known, learned_weariness
from tiefen.act.proposal import Proposal
from tiefen.decide.attention import Attention
from tiefen.decide.policy import Moment, Policy
from tiefen.kit.clock import DAY_US, day_of, start_of
from tiefen.ledger import dialect
from tiefen.ledger.schema import groups as group_rows
from tiefen.ledger.schema import handles, stays, wecom_groups
from tiefen.ledger.schema.broadcasts import campaign_audience
from tiefen.ledger.schema.touches import attention, campaigns, proposals

MONTH_US = 30 * DAY_US


@dataclass(frozen=True, slots=True)
class Summary:
    """A company's sending of some days."""

    states: dict[str, int]
    """Proposals that came to each state."""
    refused: dict[str, int]
    """Those refused or failed, by reason."""
    waiting: dict[str, int]
    """Those that wait, by what for; an empty reason waits for its time."""
    told: dict[int, int]
    """How many people were told how many messages directly in the last seven days."""
    over: int
    """People who have nothing left of their budget."""
    reached: int
    """People who were told anything in the last seven days, directly or in a group."""


def summary(connection: Connection, corp_id: str, policy: Policy, now_us: int, *, days: int = 7) -> Summary:
    """How much was sent, refused and is waiting. Bounded by the days asked for."""
    since = now_us - days * DAY_US
    moved = (
        sa.select(proposals.c.state, proposals.c.reason, sa.func.count())
        .where(proposals.c.corp_id == corp_id, proposals.c.due_us > since - MONTH_US, proposals.c.moved_us > since)
        .group_by(proposals.c.state, proposals.c.reason)
    )
    states: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for state, reason, n in dialect.plain_rows(connection, moved):
        states[state] += n
        if state in ("refused", "failed"):
            refused[reason or ""] += n
    still = (
        sa.select(proposals.c.reason, sa.func.count())
        .where(proposals.c.corp_id == corp_id, proposals.c.state == "proposed")
        .group_by(proposals.c.reason)
    )
    for reason, n in dialect.plain_rows(connection, still):
        waiting[reason or ""] += n
    each = _told(corp_id, now_us - WEEK_US).subquery()
    told = dialect.pairs(connection.execute(sa.select(each.c.times, sa.func.count()).group_by(each.c.times)))
    over, reached = _out_of_budget(connection, corp_id, policy, now_us)
    return Summary(dict(states), refused, waiting, told, over, reached)


def _out_of_budget(connection: Connection, corp_id: str, policy: Policy, now_us: int) -> tuple[int, int]:
    """How many people one more selling message would be too much for, counting what they saw in groups, and of how many."""
    out = proposals.c.corp_id == corp_id, proposals.c.admitted_us > now_us - WEEK_US, proposals.c.state.in_(LET_OUT)
    each_costs = sa.case(learned_weariness(connection, corp_id).costs, value=proposals.c.purpose, else_=1.0)
    direct = (
        sa.select(handles.c.person_id.label("person"), each_costs.label("cost"))
        .select_from(proposals.join(handles, handles.c.handle == proposals.c.person))
        .where(*out)
    )
    here = stays.c.group == proposals.c.group, stays.c.left_us.is_(None), stays.c.joined_us <= proposals.c.admitted_us
    in_groups = (
        sa.select(handles.c.person_id.label("person"), (each_costs * policy.group_cost).label("cost"))
        .select_from(proposals.join(stays, sa.and_(*here)).join(handles, handles.c.handle == stays.c.member))
        .where(*out)
    )
    spent = sa.union_all(direct, in_groups).subquery()
    each = sa.select(spent.c.person, sa.func.sum(spent.c.cost).label("spent")).group_by(spent.c.person).subquery()
    theirs = sa.and_(attention.c.corp_id == corp_id, attention.c.person == each.c.person)
    too_much = each.c.spent + 1 > sa.func.coalesce(attention.c.budget, policy.budget) + 1e-9
    asked = sa.select(sa.func.coalesce(sa.func.sum(sa.case((too_much, 1), else_=0)), 0), sa.func.count())
    over, reached = connection.execute(asked.select_from(each.outerjoin(attention, theirs))).one()
    return int(over), int(reached)


def _told(corp_id: str, since_us: int) -> sa.Select[tuple[int, int]]:
    """(person, how many messages were let out to them directly since then)."""
    return (
        sa.select(handles.c.person_id, sa.func.count().label("times"))
        .join(handles, handles.c.handle == proposals.c.person)
        .where(
            proposals.c.corp_id == corp_id, proposals.c.admitted_us > since_us, proposals.c.person.is_not(None),
            proposals.c.state.in_(LET_OUT),
        )
        .group_by(handles.c.person_id)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pressed:
    """What somebody, or some group, was told lately, and what that leaves."""

    number: int
    last_7d: int
    last_30d: int
    spent: float
    budget: float

    @property
    def left(self) -> float:
        return max(0.0, self.budget - self.spent)


def most_pressed(
    connection: Connection, corp_id: str, policy: Policy, at: Moment, *, limit: int = 50
) -> list[Pressed]:  # fmt: skip
    """Those who were told most in the last seven days, the most pressed first."""
    each = _told(corp_id, at.now_us - WEEK_US).subquery()
    asked = sa.select(each.c.person_id).order_by(each.c.times.desc(), each.c.person_id).limit(limit)
    persons = list(connection.scalars(asked))
    histories = _histories(connection, corp_id, persons, policy, at)
    month = _since(connection, corp_id, persons, at.now_us - MONTH_US)
    week = _since(connection, corp_id, persons, at.now_us - WEEK_US)
    return [
        _pressed(person, histories[person].budget, histories[person], at, week[person], month[person])
        for person in persons
        if person in histories
    ]


def _pressed(number: int, budget: float, history: History, at: Moment, week: int, month: int) -> Pressed:
    _, window_us = allowance(budget)
    return Pressed(number, week, month, round(history.spent_since(at.now_us - window_us), 2), budget)


def _histories(
    connection: Connection, corp_id: str, persons: Sequence[int], policy: Policy, at: Moment
) -> dict[int, History]:
    """What the gate knows of them; it is asked as if something were to be said to each."""
    some = [
        Proposal(
            proposal_id=f"?{person}", campaign_id="?", person=person, channel="contact", purpose="care", content_id="?",
            due_us=at.now_us, expires_us=at.now_us + DAY_US,
        )
        for person in persons
    ]  # fmt: skip
    return known(connection, corp_id, some, policy, at).persons


def _since(connection: Connection, corp_id: str, persons: Sequence[int], since_us: int) -> Counter[int]:
    asked = _told(corp_id, since_us).where(dialect.among(connection, handles.c.person_id, persons))
    return Counter(dict(dialect.plain_rows(connection, asked)))


def of_groups(connection: Connection, corp_id: str, policy: Policy, at: Moment) -> list[Pressed]:
    """Every group that is not dismissed, the most pressed first."""
    since = at.now_us - MONTH_US
    wears = learned_weariness(connection, corp_id)
    times: dict[int, list[tuple[int, float]]] = defaultdict(list)
    asked = sa.select(proposals.c.group, proposals.c.admitted_us, proposals.c.purpose).where(
        proposals.c.corp_id == corp_id, proposals.c.admitted_us > since, proposals.c.group.is_not(None),
        proposals.c.state.in_(LET_OUT),
    )  # fmt: skip
    for group, when, purpose in dialect.plain_rows(connection, asked):
        times[group].append((when, wears.cost(purpose)))
    here = (
        sa.select(group_rows.c.group_id)
        .join(
            wecom_groups,
            sa.and_(wecom_groups.c.corp_id == corp_id, wecom_groups.c.chat_id == group_rows.c.outer_id),
        )
        .where(group_rows.c.corp_id == corp_id, group_rows.c.dismissed_us.is_(None))
        .limit(5_000)
    )
    _, window_us = allowance(policy.group_budget)
    found = [
        Pressed(
            group, sum(when > at.now_us - WEEK_US for when, _ in times[group]), len(times[group]),
            round(sum(cost for when, cost in times[group] if when > at.now_us - window_us), 2), policy.group_budget,
        )
        for group in connection.scalars(here)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.spent, -one.last_30d, one.number))


@dataclass(frozen=True, slots=True)
class OfPerson:
    """Somebody's pressure and budget, with everything it was reckoned from."""

    pressed: Pressed
    history: History
    why: Attention | None
    """How the budget was learned; None while it is the policy's."""
    in_groups: float
    """What they saw in groups has cost of it."""
    lately: tuple[tuple[str, str, str, str, int], ...]
    """(campaign, what it is called, state, reason, when) of the last things that were to be said to them."""


def of_person(
    connection: Connection, corp_id: str, person: int, policy: Policy, at: Moment, *, most: int = 20
) -> OfPerson | None:
    """What the gate knows of somebody; None where they are not there any more."""
    histories = _histories(connection, corp_id, [person], policy, at)
    if not histories:
        return None
    ((root, history),) = histories.items()
    month = _since(connection, corp_id, [root], at.now_us - MONTH_US)[root]
    week = _since(connection, corp_id, [root], at.now_us - WEEK_US)[root]
    body = connection.execute(
        sa.select(attention.c.why).where(attention.c.corp_id == corp_id, attention.c.person == root)
    ).scalar()
    pressed = _pressed(root, history.budget, history, at, week, month)
    _, window_us = allowance(history.budget)
    direct = sum(history.wears.cost(purpose) for purpose in _purposes(connection, corp_id, root, at.now_us - window_us))
    named = campaigns.c.corp_id == proposals.c.corp_id, campaigns.c.campaign_id == proposals.c.campaign_id
    asked = (
        sa.select(
            proposals.c.campaign_id, sa.func.coalesce(campaigns.c.name, ""), proposals.c.state,
            sa.func.coalesce(proposals.c.reason, ""), proposals.c.moved_us,
        )
        .select_from(
            proposals.join(handles, handles.c.handle == proposals.c.person).outerjoin(campaigns, sa.and_(*named))
        )
        .where(proposals.c.corp_id == corp_id, handles.c.person_id == root)
        .order_by(proposals.c.moved_us.desc())
        .limit(most)
    )  # fmt: skip
    return OfPerson(
        pressed, history, None if body is None else msgspec.json.decode(body, type=Attention),
        round(max(0.0, pressed.spent - direct), 2), tuple(map(tuple, dialect.plain_rows(connection, asked))),
    )  # fmt: skip


def _purposes(connection: Connection, corp_id: str, person: int, since_us: int) -> list[str]:
    """What each message that was let out to somebody directly since then was for."""
    asked = (
        sa.select(proposals.c.purpose)
        .join(handles, handles.c.handle == proposals.c.person)
        .where(
            proposals.c.corp_id == corp_id, handles.c.person_id == person, proposals.c.admitted_us > since_us,
            proposals.c.state.in_(LET_OUT),
        )
    )  # fmt: skip
    return list(connection.scalars(asked))


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be said on a day."""

    day: date
    campaigns: dict[str, tuple[str, str, int, int]]
    """By campaign: its kind, what it is called, to how many persons, to how many groups."""
    collisions: int
    """People to whom more than one thing is to be said that day, in their groups or directly."""


def calendar(connection: Connection, corp_id: str, now_us: int, zone_name: str, *, days: int = 28) -> list[Planned]:
    """What waits for its time or for staff, day by day from today, with whoever would be told twice. Overdue things count today."""
    today = day_of(now_us, zone_name)
    named = campaigns.c.corp_id == proposals.c.corp_id, campaigns.c.campaign_id == proposals.c.campaign_id
    called = _ahead(connection, corp_id)
    found: list[Planned] = []
    for n in range(days):
        day = date.fromordinal(today.toordinal() + n)
        start, end = start_of(day, zone_name), start_of(date.fromordinal(day.toordinal() + 1), zone_name)
        mine = [proposals.c.corp_id == corp_id, proposals.c.state == "proposed", proposals.c.due_us < end]
        if n:
            mine.append(proposals.c.due_us >= start)
        counted = (
            sa.select(
                proposals.c.campaign_id, sa.func.max(campaigns.c.kind), sa.func.max(campaigns.c.name),
                sa.func.count(proposals.c.person), sa.func.count(proposals.c.group),
            )
            .select_from(proposals.outerjoin(campaigns, sa.and_(*named)))
            .where(*mine)
            .group_by(proposals.c.campaign_id)
        )  # fmt: skip
        by = {
            id: (kind or "", name or "", persons, groups)
            for id, kind, name, persons, groups in dialect.plain_rows(connection, counted)
        }
        frozen = [campaign_audience.c.corp_id == corp_id, campaign_audience.c.due_us < end]
        if n:
            frozen.append(campaign_audience.c.due_us >= start)
        ahead = sa.select(campaign_audience.c.campaign_id, sa.func.count()).where(*frozen)
        for id, units in dialect.plain_rows(connection, ahead.group_by(campaign_audience.c.campaign_id)):
            kind, name, to_groups = called.get(id, ("", "", False))
            *_, persons, groups = by.get(id, ("", "", 0, 0))
            by[id] = (kind, name, persons + (0 if to_groups else units), groups + (units if to_groups else 0))
        if by:
            persons_ahead = [id for id, (_, _, to_groups) in called.items() if not to_groups]
            frozen.append(campaign_audience.c.campaign_id.in_(persons_ahead))
            found.append(Planned(day, by, _collisions(connection, mine, frozen)))
    return found


def _ahead(connection: Connection, corp_id: str) -> dict[str, tuple[str, str, bool]]:
    """Campaigns whose audience is frozen and not proposed yet: its kind, what it is called, whether it is for groups."""
    asked = sa.select(campaigns.c.campaign_id, campaigns.c.kind, campaigns.c.name, campaigns.c.body).where(
        campaigns.c.corp_id == corp_id,
        campaigns.c.campaign_id.in_(
            sa.select(campaign_audience.c.campaign_id).where(campaign_audience.c.corp_id == corp_id)
        ),
    )
    return {
        id: (kind, name, "group" in {body.get("channel"), (body.get("plan") or {}).get("channel")})
        for id, kind, name, raw in dialect.plain_rows(connection, asked)
        if isinstance(body := msgspec.json.decode(raw), dict)
    }


def _collisions(
    connection: Connection, mine: list[sa.ColumnElement[bool]], frozen: list[sa.ColumnElement[bool]]
) -> int:
    direct = (
        sa.select(handles.c.person_id.label("person"))
        .select_from(proposals.join(handles, handles.c.handle == proposals.c.person))
        .where(*mine)
    )
    in_groups = (
        sa.select(handles.c.person_id.label("person"))
        .select_from(
            proposals.join(stays, sa.and_(stays.c.group == proposals.c.group, stays.c.left_us.is_(None))).join(
                handles, handles.c.handle == stays.c.member
            )
        )
        .where(*mine)
    )
    ahead = sa.select(campaign_audience.c.unit.label("person")).where(*frozen)
    each = sa.union_all(direct, in_groups, ahead).subquery()
    twice = sa.select(each.c.person).group_by(each.c.person).having(sa.func.count() > 1).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(twice)).scalar_one())
