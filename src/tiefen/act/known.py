"""What the gate is told of people and groups: read in sets, for thousands of proposals at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act.gate import LONGEST_US, WEEK_US, History, Task
from tiefen.act.proposal import OWN, Proposal, marks
from tiefen.decide.attention import Weariness
from tiefen.decide.experiments import HOLDOUT, held_out
from tiefen.decide.policy import Moment, Policy
from tiefen.kit.clock import DAY_US
from tiefen.kit.slices import slices
from tiefen.ledger import dialect
from tiefen.ledger.schema import groups, handles, people, stays, wecom_contacts, wecom_groups, wecom_staff
from tiefen.ledger.schema.touches import attention, attention_rates, campaigns, consents, proposals

LET_OUT = ("admitted", "tasked", "sent", "delivered")
"""States of what counts as sent: what failed reached nobody."""
_CHANNELS = frozenset({"all", "*", "contact", "group", "wecom", "wechat"})
_MARKETING = frozenset({"marketing", "advertising", "ads", "promotion", "promotions", "营销", "广告"})
_EVERYTHING = frozenset({"all", "*", "全部", ""})
_MANY = 10_000
OPT_OUT_TAGS = ("退订", "勿扰", "免打扰", "opt_out")
"""What staff tag somebody with who wants nothing more."""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything there is to know for a set of proposals."""

    roots: dict[int, int]
    """By the number a proposal has of somebody: who they are now. Nobody who was erased."""
    persons: dict[int, History]
    groups: dict[int, History]
    members: dict[int, frozenset[int]]
    """Who is in the groups in question, staff aside."""
    told: dict[str, set[int]]
    """By content: everybody who was told it lately, directly or in a group."""
    promised: dict[int, list[tuple[int, int, str]]]
    """By person: (when, worth, purpose) of what else is to be said to them within a week."""
    campaigns: dict[str, str]
    tasks: dict[str, set[Task]]
    """By member of staff: what they are to confirm today."""
    outer: dict[int, str]
    """What groups are called outside."""
    wears: Weariness


def known(connection: Connection, corp_id: str, some: Sequence[Proposal], policy: Policy, at: Moment) -> Known:
    """Look everything up. The number of queries does not grow with the proposals but by slices of them."""
    persons = sorted({one.person for one in some if one.person is not None})
    numbers = sorted({one.group for one in some if one.group is not None})
    roots = _roots(connection, corp_id, persons)
    whom = sorted(set(roots.values()))
    to_groups = _group_touches(connection, corp_id, at)
    wears = learned_weariness(connection, corp_id)
    contents = {mark for one in some for mark in one.same_as}
    outer, of_groups = _groups(connection, corp_id, numbers, policy, at, to_groups, wears)
    members = _members(
        connection, corp_id, {*numbers, *(one.group for one in to_groups if contents.intersection(one.marks))}
    )
    told = _told(connection, corp_id, contents if numbers else set(), policy, at)
    for touch in to_groups:
        if touch.at_us > at.now_us - policy.same_words_days * DAY_US:
            for mark in contents.intersection(touch.marks):
                told[mark] |= members.get(touch.group, frozenset())
    of_persons = _persons(connection, corp_id, whom, policy, at, to_groups, wears)
    return Known(
        roots, of_persons, of_groups, members, told, _promised(connection, corp_id, whom, some, at),
        _campaigns(connection, corp_id, {one.campaign_id for one in some}), _tasks(connection, corp_id, at), outer,
        wears,
    )  # fmt: skip


class _Rates(msgspec.Struct):
    """As much of what `attention_rates` holds as the gate needs."""

    wears: Weariness = Weariness()


def learned_weariness(connection: Connection, corp_id: str) -> Weariness:
    """What messages cost by what they are for, as last learned."""
    asked = sa.select(attention_rates.c.body).where(attention_rates.c.corp_id == corp_id)
    body = connection.execute(asked).scalar()
    return Weariness() if body is None else msgspec.json.decode(body, type=_Rates).wears


# ---- persons ----


@dataclass(slots=True)
class _Person:
    """What is gathered of somebody before it is frozen."""

    consents: dict[str, tuple[int, bool]] = field(default_factory=dict)
    senders: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    left_behind: bool = False
    day: int = 0
    week: int = 0
    month: int = 0
    spent: list[tuple[int, float]] = field(default_factory=list)
    told: dict[str, float] = field(default_factory=dict)
    opted_out: bool = False
    budget: float | None = None
    weariness_fen: int = 0
    value_fen: int | None = None

    def consent(self, purpose: str, at_us: int, given: bool) -> None:
        """The last word counts; at the same instant the no."""
        before = self.consents.get(purpose)
        if before is None or (at_us, not given) > (before[0], not before[1]):
            self.consents[purpose] = (at_us, given)


def _roots(connection: Connection, corp_id: str, persons: Sequence[int]) -> dict[int, int]:
    """Who they are now. A person is numbered after their first handle, which a merge hands on."""
    found: dict[int, int] = {}
    for part in slices(persons, _MANY):
        asked = (
            sa.select(handles.c.handle, handles.c.person_id)
            .join(people, people.c.person_id == handles.c.person_id)
            .where(
                handles.c.corp_id == corp_id,
                dialect.among(connection, handles.c.handle, part),
                people.c.erased_us.is_(None),
            )
        )
        found.update(dialect.plain_rows(connection, asked))
    return found


def _persons(
    connection: Connection, corp_id: str, whom: Sequence[int], policy: Policy, at: Moment,
    to_groups: Sequence[_ToGroup], wears: Weariness,
) -> dict[int, History]:  # fmt: skip
    gathered = {person: _Person() for person in whom}
    for part in slices(whom, _MANY):
        _take_consents(connection, corp_id, part, gathered)
        _take_contacts(connection, corp_id, part, gathered)
        _take_touches(connection, corp_id, part, policy, at, gathered, wears)
        _take_attention(connection, corp_id, part, gathered)
        if to_groups:
            _take_group_touches(connection, corp_id, part, policy, to_groups, gathered, wears)
    outside = held_out(HOLDOUT, np.array(whom, np.int64), policy.holdout)
    blocked = set(_roots(connection, corp_id, policy.blocked).values()) if policy.blocked else set()
    return {
        person: _frozen(one, policy, wears, held_out=bool(out), blocked=person in blocked)
        for (person, one), out in zip(gathered.items(), outside, strict=True)
    }


def _frozen(one: _Person, policy: Policy, wears: Weariness, *, held_out: bool, blocked: bool) -> History:
    withdrawn = {purpose for purpose, (_, given) in one.consents.items() if not given}
    if one.opted_out:
        withdrawn.add("marketing")
    one.spent.sort()
    return History(
        withdrawn=frozenset(withdrawn),
        given=frozenset(purpose for purpose, (_, given) in one.consents.items() if given),
        blocked=blocked, held_out=held_out, senders=tuple(one.senders), gone=frozenset(one.gone),
        left_behind=one.left_behind and not one.senders,
        day=one.day, week=one.week, month=one.month, spent=tuple(one.spent), told=one.told,
        budget=policy.budget if one.budget is None else min(one.budget, policy.budget_most),
        weariness_fen=one.weariness_fen, wears=wears,
        value_fen=policy.contact_worth_fen if one.value_fen is None else one.value_fen,
    )  # fmt: skip


def _take_consents(connection: Connection, corp_id: str, part: Sequence[int], gathered: dict[int, _Person]) -> None:
    asked = (
        sa.select(handles.c.person_id, consents.c.purpose, consents.c.channel, consents.c.given, consents.c.at_us)
        .join(consents, sa.and_(consents.c.corp_id == handles.c.corp_id, consents.c.handle == handles.c.handle))
        .where(handles.c.corp_id == corp_id, dialect.among(connection, handles.c.person_id, part))
    )
    for person, purpose, channel, given, at_us in dialect.plain_rows(connection, asked):
        if channel in _CHANNELS:
            gathered[person].consent(_purpose(purpose), at_us, bool(given))
    marked = sa.select(people.c.person_id, people.c.attributes).where(
        dialect.among(connection, people.c.person_id, part), people.c.attributes.contains('"opt_out"')
    )
    for person, attributes in dialect.plain_rows(connection, marked):
        gathered[person].opted_out |= bool(msgspec.json.decode(attributes).get("opt_out"))


def _purpose(told: str) -> str:
    plain = told.strip().lower()
    return "marketing" if plain in _MARKETING else "all" if plain in _EVERYTHING else plain


def _take_contacts(connection: Connection, corp_id: str, part: Sequence[int], gathered: dict[int, _Person]) -> None:
    """Who has them as a contact, whoever was added first before the others."""
    same = sa.and_(
        wecom_contacts.c.corp_id == handles.c.corp_id, wecom_contacts.c.external_userid == handles.c.id_value,
        handles.c.id_type == "external_userid",
    )  # fmt: skip
    works = sa.and_(wecom_staff.c.corp_id == wecom_contacts.c.corp_id, wecom_staff.c.userid == wecom_contacts.c.userid)
    asked = (
        sa.select(
            handles.c.person_id, wecom_contacts.c.userid, wecom_contacts.c.lost_us, wecom_staff.c.gone_us,
            wecom_contacts.c.tags,
        )
        .select_from(handles.join(wecom_contacts, same).outerjoin(wecom_staff, works))
        .where(
            handles.c.corp_id == corp_id, dialect.among(connection, handles.c.person_id, part), wecom_contacts.c.added_us.is_not(None),
            wecom_contacts.c.half_us.is_(None),
        )
        .order_by(wecom_contacts.c.added_us, wecom_contacts.c.userid)
    )  # fmt: skip
    for person, userid, lost_us, gone_us, tags in dialect.plain_rows(connection, asked):
        one = gathered[person]
        if tags and len(tags) > 2:
            one.opted_out |= any(f'"{tag}"' in tags for tag in OPT_OUT_TAGS)
        if gone_us is not None:
            one.gone.add(userid)
            one.left_behind |= lost_us is None
        elif lost_us is None and userid not in one.senders:
            one.senders.append(userid)


def _take_touches(
    connection: Connection, corp_id: str, part: Sequence[int], policy: Policy, at: Moment,
    gathered: dict[int, _Person], wears: Weariness,
) -> None:  # fmt: skip
    since, words_since = _since(policy, at), at.now_us - policy.same_words_days * DAY_US
    asked = (
        sa.select(
            handles.c.person_id, proposals.c.admitted_us, proposals.c.content_id, proposals.c.plain_id, proposals.c.purpose
        )
        .join(proposals, sa.and_(proposals.c.corp_id == handles.c.corp_id, proposals.c.person == handles.c.handle))
        .where(
            handles.c.corp_id == corp_id, dialect.among(connection, handles.c.person_id, part), proposals.c.admitted_us >= since,
            proposals.c.moved_us >= since, proposals.c.state.in_(LET_OUT),
        )
    )  # fmt: skip
    longest = at.now_us - LONGEST_US
    for person, when, content, plain, purpose in dialect.plain_rows(connection, asked):
        one = gathered[person]
        one.day += when >= at.day_us
        one.week += when >= at.week_us
        one.month += when >= at.month_us
        if when > longest:
            one.spent.append((when, wears.cost(purpose)))
        if when > words_since:
            one.told |= dict.fromkeys(marks(content, plain), 1.0)


def _take_attention(connection: Connection, corp_id: str, part: Sequence[int], gathered: dict[int, _Person]) -> None:
    asked = sa.select(attention.c.person, attention.c.budget, attention.c.weariness_fen, attention.c.why).where(
        attention.c.corp_id == corp_id, dialect.among(connection, attention.c.person, part)
    )
    for person, budget, weariness_fen, why in dialect.plain_rows(connection, asked):
        one = gathered[person]
        one.budget, one.weariness_fen = budget, weariness_fen
        one.value_fen = msgspec.json.decode(why, type=_Valued).value_fen


class _Valued(msgspec.Struct):
    """As much of an `Attention` as the gate needs."""

    value_fen: int | None = None


def _take_group_touches(
    connection: Connection, corp_id: str, part: Sequence[int], policy: Policy, to_groups: Sequence[_ToGroup],
    gathered: dict[int, _Person], wears: Weariness,
) -> None:  # fmt: skip
    """What they saw in their groups since they came."""
    by_group: dict[int, list[_ToGroup]] = defaultdict(list)
    for touch in to_groups:
        by_group[touch.group].append(touch)
    asked = (
        sa.select(handles.c.person_id, stays.c.group, stays.c.joined_us)
        .join(stays, stays.c.member == handles.c.handle)
        .where(
            handles.c.corp_id == corp_id, dialect.among(connection, handles.c.person_id, part), stays.c.left_us.is_(None),
            stays.c.group.in_(list(by_group)),
        )
        .distinct()
    )  # fmt: skip
    for person, group, joined_us in dialect.plain_rows(connection, asked):
        one = gathered[person]
        for touch in by_group[group]:
            if touch.at_us >= joined_us:
                one.spent.append((touch.at_us, policy.group_cost * wears.cost(touch.purpose)))
                one.told |= dict.fromkeys(touch.marks, 1.0)


# ---- groups ----


@dataclass(frozen=True, slots=True)
class _ToGroup:
    """A message that was let out to a group."""

    group: int
    at_us: int
    content: str
    plain: str | None
    purpose: str

    @property
    def marks(self) -> tuple[str, ...]:
        return marks(self.content, self.plain)


def _group_touches(connection: Connection, corp_id: str, at: Moment) -> list[_ToGroup]:
    """All messages to groups of the last weeks: a few hundred a month, since groups are few."""
    columns = (
        proposals.c.group, proposals.c.admitted_us, proposals.c.content_id, proposals.c.plain_id, proposals.c.purpose,
    )  # fmt: skip
    asked = sa.select(*columns).where(
        proposals.c.corp_id == corp_id, proposals.c.group.is_not(None), proposals.c.state.in_(LET_OUT),
        proposals.c.admitted_us >= min(at.month_us, at.now_us - LONGEST_US),
    )  # fmt: skip
    return [_ToGroup(*row) for row in dialect.plain_rows(connection, asked)]


def _groups(
    connection: Connection, corp_id: str, numbers: Sequence[int], policy: Policy, at: Moment,
    to_groups: Iterable[_ToGroup], wears: Weariness,
) -> tuple[dict[int, str], dict[int, History]]:  # fmt: skip
    if not numbers:
        return {}, {}
    times: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for touch in to_groups:
        times[touch.group].append((touch.at_us, wears.cost(touch.purpose)))
    same = sa.and_(wecom_groups.c.corp_id == groups.c.corp_id, wecom_groups.c.chat_id == groups.c.outer_id)
    works = sa.and_(wecom_staff.c.corp_id == wecom_groups.c.corp_id, wecom_staff.c.userid == wecom_groups.c.owner)
    outer: dict[int, str] = {}
    found: dict[int, History] = {}
    outside = dict(zip(numbers, held_out(HOLDOUT, np.array(numbers, np.int64), policy.holdout), strict=True))
    for part in slices(numbers):
        asked = (
            sa.select(
                groups.c.group_id, groups.c.outer_id, groups.c.dismissed_us, wecom_groups.c.owner,
                wecom_groups.c.dismissed_us.label("gone"), wecom_staff.c.gone_us,
            )
            .select_from(groups.outerjoin(wecom_groups, same).outerjoin(wecom_staff, works))
            .where(groups.c.corp_id == corp_id, dialect.among(connection, groups.c.group_id, part))
        )  # fmt: skip
        for group, outer_id, dismissed, owner, gone, left in dialect.plain_rows(connection, asked):
            outer[group] = outer_id
            owned = bool(owner) and dismissed is None and gone is None
            mine = sorted(times.get(group, ()))
            found[group] = History(
                blocked=group in policy.blocked_groups, held_out=bool(outside[group]),
                senders=(owner,) if owned and left is None else (), gone=frozenset({owner} if left else ()),
                left_behind=owned and left is not None,
                day=sum(when >= at.day_us for when, _ in mine), week=sum(when >= at.week_us for when, _ in mine),
                month=sum(when >= at.month_us for when, _ in mine), spent=tuple(mine), wears=wears,
            )  # fmt: skip
    return outer, found


def _members(connection: Connection, corp_id: str, numbers: Collection[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for part in slices(sorted(numbers)):
        asked = (
            sa.select(stays.c.group, handles.c.person_id)
            .select_from(
                stays.join(handles, handles.c.handle == stays.c.member).join(
                    people, people.c.person_id == handles.c.person_id
                )
            )
            .where(dialect.among(connection, stays.c.group, part), stays.c.left_us.is_(None), people.c.staff.is_(False))
        )
        for group, person in dialect.plain_rows(connection, asked):
            found[group].add(person)
    return {group: frozenset(inside) for group, inside in found.items()}


def _told(
    connection: Connection, corp_id: str, contents: Collection[str], policy: Policy, at: Moment
) -> dict[str, set[int]]:
    """By content who was told it directly; asked only where something is to be said to groups."""
    found: dict[str, set[int]] = defaultdict(set)
    exact = [one for one in contents if not one.startswith(OWN)]
    in_own_words = [one.removeprefix(OWN) for one in contents if one.startswith(OWN)]
    for head, column, some in (("", proposals.c.content_id, exact), (OWN, proposals.c.plain_id, in_own_words)):
        for part in slices(sorted(some)):
            asked = (
                sa.select(column, handles.c.person_id)
                .join(handles, handles.c.handle == proposals.c.person)
                .where(
                    proposals.c.corp_id == corp_id, column.in_(part), proposals.c.state.in_(LET_OUT),
                    proposals.c.admitted_us > at.now_us - policy.same_words_days * DAY_US,
                )
            )  # fmt: skip
            for content, person in dialect.plain_rows(connection, asked):
                found[head + content].add(person)
    return found


# ---- what else there is ----


def _promised(
    connection: Connection, corp_id: str, whom: Sequence[int], some: Sequence[Proposal], at: Moment
) -> dict[int, list[tuple[int, int, str]]]:
    """What waits for them besides: due already or within a week, of purposes that are paid for with attention."""
    mine = {one.proposal_id for one in some}
    found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    waiting = sa.select(sa.literal(1)).where(
        proposals.c.corp_id == corp_id, proposals.c.state == "proposed", proposals.c.worth_fen > 0,
        proposals.c.due_us <= at.now_us + WEEK_US,
    )  # fmt: skip
    if connection.execute(waiting.limit(len(mine) + 1)).all() == []:
        return found
    for part in slices(whom, _MANY):
        asked = (
            sa.select(
                handles.c.person_id, proposals.c.due_us, proposals.c.worth_fen, proposals.c.purpose,
                proposals.c.proposal_id,
            )
            .join(proposals, sa.and_(proposals.c.corp_id == handles.c.corp_id, proposals.c.person == handles.c.handle))
            .where(
                handles.c.corp_id == corp_id, dialect.among(connection, handles.c.person_id, part), proposals.c.state == "proposed",
                proposals.c.worth_fen > 0, proposals.c.due_us <= at.now_us + WEEK_US,
                proposals.c.expires_us > at.now_us, proposals.c.purpose != "service",
            )
        )  # fmt: skip
        for person, due_us, worth_fen, purpose, proposal_id in dialect.plain_rows(connection, asked):
            if proposal_id not in mine:
                found[person].append((due_us, worth_fen, purpose))
    return found


def _campaigns(connection: Connection, corp_id: str, ids: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in slices(sorted(ids)):
        asked = sa.select(campaigns.c.campaign_id, campaigns.c.state).where(
            campaigns.c.corp_id == corp_id, campaigns.c.campaign_id.in_(part)
        )
        found.update(dialect.plain_rows(connection, asked))
    return found


def _tasks(connection: Connection, corp_id: str, at: Moment) -> dict[str, set[Task]]:
    asked = (
        sa.select(proposals.c.sender, proposals.c.campaign_id, proposals.c.content_id, proposals.c.channel)
        .where(
            proposals.c.corp_id == corp_id, proposals.c.admitted_us >= at.day_us, proposals.c.sender.is_not(None),
            proposals.c.state.in_(LET_OUT),
        )
        .distinct()
    )  # fmt: skip
    found: dict[str, set[Task]] = defaultdict(set)
    for sender, campaign, content, channel in dialect.plain_rows(connection, asked):
        found[sender].add((campaign, content, channel))
    return found


def _since(policy: Policy, at: Moment) -> int:
    return min(at.month_us, at.now_us - LONGEST_US, at.now_us - policy.same_words_days * DAY_US)
