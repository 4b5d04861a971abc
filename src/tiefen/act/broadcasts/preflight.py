"""Before it goes out (发送前检查): who would get what and who would not and why, and what it asks of staff and of people's patience.

The same code as the sending: arms, words and the gate's judgement, of everybody up to `MOST_JUDGED`, of a sample above.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act import admitting, variables
from tiefen.act.broadcasts import audience, proposing
from tiefen.act.broadcasts.keeping import Broadcast, findings
from tiefen.act.broadcasts.plan import ToGroups, ToPersons, checked
from tiefen.act.broadcasts.proposing import Made
from tiefen.act.copy_checks import Found
from tiefen.act.gate import SENTENCES, Judged, Postponed, Reason, Refusal, Touch
from tiefen.act.known import learned_weariness
from tiefen.act.message import Message
from tiefen.act.words import without_plain
from tiefen.decide.policy import Policy, moment, policy_of
from tiefen.kit.chance import shares
from tiefen.kit.settings import Settings
from tiefen.kit.slices import slices
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import stays
from tiefen.ledger.schema.touches import proposals

MOST_JUDGED = 10_000
MOST_PER_TASK = {"contact": 10_000, "group": 2_000}
"""Recipients of one message task (https://developer.work.weixin.qq.com/document/path/92135)."""
SAMPLES, MOST_STAFF = 5, 200
OURS = {
    "missing_variable": ("文案里的变量对此人没有值，也没有替代词。", "A variable of the text has no value for them and no fallback."),
    "too_long": ("填入变量后超过 4,000 字节。", "With everything filled in the text is over 4,000 bytes."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Why:
    """A reason and how many it befalls."""

    reason: str
    zh: str
    en: str
    times: int
    until_us: int | None = None
    """Of a postponement: the earliest it may go."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one member of staff would have to do: how many people, in how many tasks, each a tap."""

    userid: str
    name: str
    recipients: int
    tasks: int
    tasks_personal: int
    """Tasks, if everybody got words of their own."""
    plain: int
    """How many of them get the plain words instead."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the audience, what they would read, and what the gate says."""

    unit: int
    arm: str
    message: Message | None
    outcome: str
    """touch, held_out, or the reason of a refusal or postponement."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """What would be. Counts are of those judged; where they are a sample of the audience, shares of it hold and not numbers."""

    audience: int
    judged: int
    go: int
    held_out: int
    arms: tuple[tuple[str, int], ...]
    refused: tuple[Why, ...]
    postponed: tuple[Why, ...]
    missing: tuple[tuple[str, int], ...]
    """By variable, of how many it is missing."""
    staff: tuple[Load, ...]
    staff_limit: int
    """Tasks a member of staff may be given a day."""
    personal_taps: int
    """Tasks a day up to which people get words of their own."""
    plain: int
    """How many would get the plain words though they could have had their own."""
    without_plain: tuple[str, ...]
    """The variables for which no plain words are given, so that everybody gets their own, whatever that asks of staff."""
    texts: int
    """How many different texts there would be: each is a task of its own."""
    attention: float
    """What it costs all of them together, in messages of their attention."""
    seen_by: int
    """How many people would see it, in groups all their members."""
    sent_this_month: int
    """What those who would get it were sent this month already, together."""
    month_limit: int | None
    """Messages each may be sent a month."""
    findings: tuple[tuple[str, tuple[Found, ...]], ...]
    samples: tuple[Sample, ...]

    @property
    def sampled(self) -> bool:
        return self.judged < self.audience

    @property
    def stops(self) -> bool:
        """Whether something in a text may not go out."""
        return any(one.finding.severity == "stop" for _, found in self.findings for one in found)


def preflight(ledger: Ledger, settings: Settings, corp_id: str, broadcast: Broadcast, now_us: int) -> Preflight:
    """What would come of it if it went out at its time."""
    plan = checked(broadcast.plan, whole=True)
    corp = ledger.corp(corp_id)
    policy = policy_of(corp.settings)
    at = max(now_us, plan.when.at_us or now_us)
    with ledger.read() as connection:
        found = connection.scalars(audience.units(corp_id, plan.whom, settings)).all()
        meant = np.unique(np.array(found, np.int64))
        if isinstance(plan.whom, ToPersons) and plan.whom.not_ordered_since_us is not None:
            ordered = audience.who_ordered(ledger, settings, corp_id, plan.whom.not_ordered_since_us)
            meant = np.setdiff1d(meant, np.array(ordered, np.int64))
        some = _some(meant)
        share = len(some) / len(meant) if len(meant) else 1.0
        made = proposing.made_for(ledger, settings, connection, corp_id, broadcast, some, at, share=share)
        proposed = [proposing.proposal_of(broadcast, one, at) for one in made.said]
        judged = admitting.judge(connection, corp_id, proposed, at)
        touches = [one for one in judged if isinstance(one, Touch)]
        going = [one.proposal.group or one.proposal.person or 0 for one in touches]
        members = _members(connection, going) if isinstance(plan.whom, ToGroups) else {}
        staff = _staff(connection, corp_id, plan.channel, made, judged)
        month = moment(policy, at, corp.time_zone)
        return Preflight(
            audience=len(meant), judged=len(some), go=len(touches), held_out=len(made.held_out),
            arms=_arms(broadcast, touches), refused=_refused(judged, made), postponed=_postponed(judged),
            missing=_missing(made), staff=staff, staff_limit=policy.staff_tasks, personal_taps=policy.taps_for_words,
            plain=sum(one.plain for one, verdict in zip(made.said, judged, strict=True) if isinstance(verdict, Touch)),
            without_plain=tuple(sorted({key for one in plan.variants for key in without_plain(one.message)})),
            texts=len({one.proposal.content_id for one in touches}),
            attention=_attention(policy, plan.whom, len(touches), members, learned_weariness(connection, corp_id).cost(broadcast.purpose)),
            seen_by=sum(members.values()) or len(touches),
            sent_this_month=_sent_since(connection, corp_id, plan.channel, going, month.month_us),
            month_limit=_month_limit(policy, plan.channel, month.days_in_month),
            findings=tuple((name, tuple(some)) for name, some in findings(connection, corp_id, broadcast, at)),
            samples=_samples(made, judged),
        )  # fmt: skip


def _some(meant: np.ndarray) -> list[int]:
    """Everybody, or a sample drawn by chance where they are many."""
    if len(meant) <= MOST_JUDGED:
        return [int(unit) for unit in meant]
    fell = shares("preflight", meant)
    return sorted(int(unit) for unit in meant[np.argpartition(fell, MOST_JUDGED)[:MOST_JUDGED]])


def _arms(broadcast: Broadcast, touches: Iterable[Touch]) -> tuple[tuple[str, int], ...]:
    counted = Counter(one.proposal.arm for one in touches)
    return tuple((name, counted[name]) for name, _ in broadcast.plan.arms)


def _refused(judged: Iterable[Judged], made: Made) -> tuple[Why, ...]:
    counted: Counter[str] = Counter(one.reason.value for one in judged if isinstance(one, Refusal))
    counted.update(why.reason for _, _, why in made.refused)
    return tuple(Why(reason, *sentence_of(reason), times) for reason, times in counted.most_common())


def sentence_of(reason: str) -> tuple[str, str]:
    """Why, in Chinese and English, whoever refused it."""
    if reason in OURS:
        return OURS[reason]
    try:
        return SENTENCES[Reason(reason)]
    except (ValueError, KeyError):
        return reason, reason


def _postponed(judged: Iterable[Judged]) -> tuple[Why, ...]:
    until: dict[str, list[int]] = {}
    for one in judged:
        if isinstance(one, Postponed):
            until.setdefault(one.reason.value, []).append(one.until_us)
    ordered = sorted(until.items(), key=lambda item: -len(item[1]))
    return tuple(Why(reason, *sentence_of(reason), len(all_of), min(all_of)) for reason, all_of in ordered)


def _missing(made: Made) -> tuple[tuple[str, int], ...]:
    counted = Counter(key for _, _, why in made.refused for key in why.variables)
    return tuple(counted.most_common())


def _staff(
    connection: Connection, corp_id: str, channel: str, made: Made, judged: Sequence[Judged]
) -> tuple[Load, ...]:  # fmt: skip
    """A task is one text of one member of staff, to at most so many people."""
    going = [
        (verdict.sender, one) for one, verdict in zip(made.said, judged, strict=True) if isinstance(verdict, Touch)
    ]
    recipients = Counter(userid for userid, _ in going)
    plain = Counter(userid for userid, one in going if one.plain)
    tasks, personal = (
        _tasks(Counter((userid, text) for userid, text in some), MOST_PER_TASK[channel])
        for some in (
            [(userid, one.content_id) for userid, one in going], [(userid, one.own_id) for userid, one in going],
        )
    )  # fmt: skip
    names = variables.staff_names(connection, corp_id, recipients)
    return tuple(
        Load(userid, names.get(userid) or userid, many, tasks[userid], personal[userid], plain[userid])
        for userid, many in recipients.most_common(MOST_STAFF)
    )


def _tasks(parts: Counter[tuple[str, str]], most: int) -> Counter[str]:
    tasks: Counter[str] = Counter()
    for (userid, _), many in parts.items():
        tasks[userid] += -(-many // most)
    return tasks


def _attention(policy: Policy, whom: object, touches: int, members: dict[int, int], cost: float) -> float:
    return round(cost * (sum(members.values()) * policy.group_cost if isinstance(whom, ToGroups) else touches), 1)


def _members(connection: Connection, some: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for few in slices(some):
        asked = (
            sa.select(stays.c.group, sa.func.count(sa.distinct(stays.c.member)))
            .where(stays.c.group.in_(few), stays.c.left_us.is_(None))
            .group_by(stays.c.group)
        )
        found.update(dict(connection.execute(asked).tuples().all()))
    return found


def _sent_since(connection: Connection, corp_id: str, channel: str, some: Sequence[int], since_us: int) -> int:
    column = proposals.c.group if channel == "group" else proposals.c.person
    total = 0
    for few in slices(some):
        asked = sa.select(sa.func.count()).where(
            proposals.c.corp_id == corp_id, column.in_(few), proposals.c.moved_us >= since_us,
            proposals.c.state.in_(("admitted", "tasked", "sent", "delivered")),
        )  # fmt: skip
        total += connection.execute(asked).scalar_one()
    return total


def _month_limit(policy: Policy, channel: str, days: int) -> int | None:
    month = (policy.group if channel == "group" else policy.person).month
    return days if month == "days" else month


def _samples(made: Made, judged: Sequence[Judged]) -> tuple[Sample, ...]:
    """A few of whom something different is to be shown: who would get it first, then who would not."""
    outcomes: list[Sample] = []
    for one, verdict in zip(made.said, judged, strict=True):
        outcomes.append(Sample(one.unit, one.arm, one.message, _outcome(verdict)))
    going = _spread([sample for sample in outcomes if sample.outcome == "touch"])
    others = _spread([sample for sample in outcomes if sample.outcome != "touch"])
    return tuple((going + others)[:SAMPLES])


def _spread(some: list[Sample]) -> list[Sample]:
    """A few from all over, each arm in turn."""
    step = max(1, len(some) // (SAMPLES * 2))
    by_arm: dict[str, list[Sample]] = {}
    for sample in some[::step]:
        by_arm.setdefault(sample.arm, []).append(sample)
    return [sample for turn in range(SAMPLES) for arm in by_arm.values() for sample in arm[turn : turn + 1]][:SAMPLES]


def _outcome(judged: Judged) -> str:
    return "touch" if isinstance(judged, Touch) else judged.reason.value
