"""The gate (闸门): the one door out. A `Touch` is a message that may be sent, and only `admit` makes one.

Pure: what is known goes in, one answer comes out. The order in which it asks is that of `Reason`: what can never be put right
comes first, then what only has to wait, then what is scarce. Nothing is used up by being refused.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tiefen.act.proposal import Proposal
from tiefen.decide.attention import GUESS, Weariness, lost, rested_at, tired
from tiefen.decide.policy import RULES, Moment, Policy, Quota
from tiefen.kit.clock import DAY_US

WEEK_US = 7 * DAY_US
_SLACK = 1e-9
_PAUSE_US = DAY_US // 24
LONGEST_US = 4 * WEEK_US
"""How far back what somebody was told is remembered against their budget."""
_LEAST = 0.25


class Reason(StrEnum):
    """Why a message is refused or has to wait, in the order in which the gate asks."""

    CAMPAIGN_STOPPED = "campaign_stopped"
    EXPIRED = "expired"
    ERASED = "erased"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    BLOCKLISTED = "blocklisted"
    HELD_OUT = "held_out"
    LOST_CONTACT = "lost_contact"
    STAFF_LEFT = "staff_left"
    NO_SENDER = "no_sender"
    SAME_WORDS = "same_words"
    NOT_WORTH_IT = "not_worth_it"
    CAMPAIGN_PAUSED = "campaign_paused"
    HOLIDAY = "holiday"
    QUIET_HOURS = "quiet_hours"
    MONTH_QUOTA = "month_quota"
    PERSON_QUOTA = "person_quota"
    GROUP_QUOTA = "group_quota"
    STAFF_QUOTA = "staff_quota"
    TIRED = "tired"
    OVER_BUDGET = "over_budget"
    OUTBID = "outbid"


SENTENCES: Mapping[Reason, tuple[str, str]] = {
    Reason.CAMPAIGN_STOPPED: ("活动已停止。", "The campaign was stopped."),
    Reason.EXPIRED: ("已过有效期，再发没有意义。", "It would come too late."),
    Reason.ERASED: ("此人的资料已按要求删除，或已不在。", "They were erased, or are not there any more."),
    Reason.OPTED_OUT: ("本人已退订。", "They opted out."),
    Reason.NO_CONSENT: ("没有本人对这一用途的同意。", "They have not agreed to this purpose."),
    Reason.BLOCKLISTED: ("在免打扰名单里。", "They are on the list of those nothing is sent to."),
    Reason.HELD_OUT: ("属于全局对照组，什么都不发，用来衡量效果。", "They are held out of everything, to tell what it brings."),
    Reason.LOST_CONTACT: ("已不是任何员工的好友，或群已解散。", "No member of staff has them as a contact, or the group is dismissed."),
    Reason.STAFF_LEFT: ("该发消息的员工已离职。", "Whoever was to send it has left."),
    Reason.NO_SENDER: ("指定的员工没有加此人，或不是群主，不能发。", "The named member of staff does not have them as a contact or does not own the group."),
    Reason.SAME_WORDS: ("近期已收到过一样的内容。", "They were told the same lately."),
    Reason.NOT_WORTH_IT: ("预计带来的少于打扰造成的损失。", "It is expected to bring less than the patience it costs."),
    Reason.CAMPAIGN_PAUSED: ("活动暂停中。", "The campaign is paused."),
    Reason.HOLIDAY: ("节假日不打扰，顺延到下一个工作日。", "It is a holiday; it waits for the next day that is none."),
    Reason.QUIET_HOURS: ("安静时段，顺延到早上。", "These are quiet hours; it waits for the morning."),
    Reason.MONTH_QUOTA: ("本月群发次数已用完。", "This month's messages are used up."),
    Reason.PERSON_QUOTA: ("今天（或本周）发给此人的次数已用完。", "Today's or this week's messages to them are used up."),
    Reason.GROUP_QUOTA: ("今天（或本周）发给此群的次数已用完。", "Today's or this week's messages to the group are used up."),
    Reason.STAFF_QUOTA: ("该员工今天的群发任务已满。", "Whoever is to send it has enough tasks today."),
    Reason.TIRED: ("近期收到的消息较多，再发预计得不偿失，等缓一缓。", "They were told much lately; it waits until it is worth what it costs in patience."),
    Reason.OVER_BUDGET: ("近七天的注意力预算已用完。", "Their attention of these seven days is used up."),
    Reason.OUTBID: ("注意力有限，让给了更值得的消息。", "Their attention is kept for a message that is worth more."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Touch:
    """A message that may be sent, with who is to say it (`userid`)."""

    proposal: Proposal
    sender: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that will not be sent. Ordinary, counted, and shown beside what was."""

    proposal: Proposal
    reason: Reason

    @property
    def sentence(self) -> tuple[str, str]:
        """Why, in Chinese and English."""
        return SENTENCES[self.reason]


@dataclass(frozen=True, slots=True)
class Postponed:
    """A message that comes before the gate again at `until_us`."""

    proposal: Proposal
    reason: Reason
    until_us: int

    @property
    def sentence(self) -> tuple[str, str]:
        """Why, in Chinese and English."""
        return SENTENCES[self.reason]


Judged = Touch | Refusal | Postponed

Task = tuple[str, str, str]
"""(campaign, content, channel): what one member of staff confirms with one tap."""


def task_of(proposal: Proposal) -> Task:
    return proposal.campaign_id, proposal.content_id, proposal.channel


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of a person or a group when a message to them is judged."""

    here: bool = True
    """Not erased, not merged into somebody else."""
    withdrawn: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    """Purposes they took back or gave a consent for; `all` stands for every one, `marketing` for all but service."""
    blocked: bool = False
    held_out: bool = False
    senders: tuple[str, ...] = ()
    """Staff who can reach them, the strongest relation first; of a group its owner."""
    gone: frozenset[str] = frozenset()
    """Staff who left."""
    left_behind: bool = False
    """Whether the only staff who could reach them have left."""
    day: int = 0
    week: int = 0
    month: int = 0
    """Messages let out to them this day, week and month of the calendar, whatever for."""
    spent: tuple[tuple[int, float], ...] = ()
    """(when, cost) of what they were told in the last weeks, over all channels, the earliest first."""
    told: Mapping[str, float] = field(default_factory=dict)
    """Contents they were told lately (`Proposal.told_as`), each with the share of them that was: of a person one, of a group some of its members."""
    budget: float = 3.0
    weariness_fen: int = 0
    """What one more selling message is expected to cost in people seen to leave."""
    value_fen: int = 0
    """What they are expected to bring; nothing of a group."""
    wears: Weariness = GUESS

    def spent_since(self, since_us: int) -> float:
        """What they were told since then has cost."""
        return sum(cost for at, cost in self.spent if at > since_us)

    def after(self, touch: Touch, now_us: int) -> History:
        """What is known once a touch was let out."""
        proposal = touch.proposal
        return replace(
            self, day=self.day + 1, week=self.week + 1, month=self.month + 1,
            spent=(*self.spent, (now_us, self.wears.cost(proposal.purpose))), told={**self.told, **dict.fromkeys(proposal.told_as, 1.0)},
        )  # fmt: skip


def admit(
    proposal: Proposal, history: History, policy: Policy, at: Moment, *, campaign: str = "running",
    tasks: Mapping[str, Collection[Task]] | None = None, promised: float = 0.0,
) -> Judged:  # fmt: skip
    """Let the proposal out, or say why not.

    `campaign` is the state of what sends it; `tasks` what each member of staff is to confirm today; `promised` the attention
    that is kept for messages which are worth more.
    """
    rule = RULES[proposal.purpose]
    if (never := _never(proposal, history, policy, at, campaign)) is not None:
        return Refusal(proposal, never)
    if campaign == "paused":
        return _later(proposal, Reason.CAMPAIGN_PAUSED, at.now_us + _PAUSE_US)
    if (wait := at.wait(rule)) is not None:
        return _later(proposal, Reason(wait[1]), wait[0])
    to_group = proposal.channel == "group"
    if (full := _full(history, policy.group if to_group else policy.person, to_group, at)) is not None:
        return _later(proposal, full[0], at.opening(full[1], rule))
    sender = _sender(proposal, history, policy, tasks or {})
    if sender is None:
        return _later(proposal, Reason.STAFF_QUOTA, at.opening(at.next_day_us, rule))
    if rule.budget:
        if (rested_us := _rested(proposal, history, policy, at)) > at.now_us:
            return _later(proposal, Reason.TIRED, rested_us)
        cost = history.wears.cost(proposal.purpose)
        budget, window_us = allowance(policy.group_budget if to_group else history.budget)
        spent = history.spent_since(at.now_us - window_us)
        if spent + cost > budget + _SLACK:
            return _freed(proposal, history, budget, window_us, at, Reason.OVER_BUDGET)
        if spent + cost + promised > budget + _SLACK:
            return _freed(proposal, history, budget - promised, window_us, at, Reason.OUTBID)
    return Touch(proposal, sender)


def weariness(purpose: str, history: History, policy: Policy, now_us: int, *, rested: bool = False) -> float:
    """What one more message costs in patience, in fen: how likely it loses them × what they are expected to bring. `rested`: if they
    had been told nothing lately."""
    cost = history.wears.cost(purpose)
    seen = cost * history.weariness_fen
    if not history.value_fen:
        return seen
    load = 0.0 if rested else tired(history.spent, now_us)
    return seen + history.value_fen * lost(cost, load, max(history.budget, _LEAST), policy.weary_loss)


def _priced(proposal: Proposal, policy: Policy) -> bool:
    """Whether what it is worth is held against what it costs: not where nobody said what it is worth."""
    return policy.refuse_unworthy and proposal.channel == "contact" and proposal.worth_fen > 0


def _rested(proposal: Proposal, history: History, policy: Policy, at: Moment) -> int:
    """From when on it is worth what it costs in patience."""
    if not _priced(proposal, policy) or proposal.worth_fen >= weariness(proposal.purpose, history, policy, at.now_us):
        return at.now_us
    cost = history.wears.cost(proposal.purpose)
    bearable = (proposal.worth_fen - cost * history.weariness_fen) / history.value_fen
    weeks = rested_at(cost, tired(history.spent, at.now_us), max(history.budget, _LEAST), policy.weary_loss, bearable)
    return at.now_us + (LONGEST_US if weeks is None else math.ceil(weeks * WEEK_US) + 1)


def allowance(budget: float) -> tuple[float, int]:
    """(how many selling messages, in how many microseconds) a budget of so many a week amounts to: half a message a week is one in two."""
    if budget >= 1.0:
        return budget, WEEK_US
    return (1.0, min(int(WEEK_US / budget), LONGEST_US)) if budget >= _LEAST else (0.0, WEEK_US)


STOPPED = frozenset({"stopped", "cancelled", "undone", "failed"})
"""States of a campaign in which nothing of it goes out any more."""


def _never(proposal: Proposal, history: History, policy: Policy, at: Moment, campaign: str) -> Reason | None:
    """Why it can never be sent."""
    marketing = proposal.purpose != "service"
    if campaign in STOPPED:
        return Reason.CAMPAIGN_STOPPED
    if proposal.expires_us <= at.now_us:
        return Reason.EXPIRED
    if not history.here:
        return Reason.ERASED
    if history.withdrawn & {"all", proposal.purpose} or (marketing and "marketing" in history.withdrawn):
        return Reason.OPTED_OUT
    if proposal.purpose in policy.consent_needed and proposal.channel == "contact" and not (
        history.given & {"all", proposal.purpose} or (marketing and "marketing" in history.given)
    ):  # fmt: skip
        return Reason.NO_CONSENT
    if history.blocked:
        return Reason.BLOCKLISTED
    if history.held_out and RULES[proposal.purpose].holdout:
        return Reason.HELD_OUT
    if proposal.sender is not None and proposal.sender in history.gone:
        return Reason.STAFF_LEFT
    if not history.senders:
        return Reason.STAFF_LEFT if history.left_behind else Reason.LOST_CONTACT
    if proposal.sender is not None and proposal.sender not in history.senders:
        return Reason.NO_SENDER
    if _told(proposal, history, policy):
        return Reason.SAME_WORDS
    if RULES[proposal.purpose].budget and _priced(proposal, policy):
        least = weariness(proposal.purpose, history, policy, at.now_us, rested=True)
        return Reason.NOT_WORTH_IT if proposal.worth_fen < least else None
    return None


def _told(proposal: Proposal, history: History, policy: Policy) -> bool:
    most = policy.same_words_share if proposal.channel == "group" else 0.0
    return max(history.told.get(mark, 0.0) for mark in proposal.same_as) > most


def _full(history: History, quota: Quota, to_group: bool, at: Moment) -> tuple[Reason, int] | None:
    """Which quota is used up, and when it begins anew."""
    month = at.days_in_month if quota.month == "days" else quota.month
    if month is not None and history.month >= month:
        return Reason.MONTH_QUOTA, at.next_month_us
    of_whom = Reason.GROUP_QUOTA if to_group else Reason.PERSON_QUOTA
    if quota.week is not None and history.week >= quota.week:
        return of_whom, at.next_week_us
    if quota.day is not None and history.day >= quota.day:
        return of_whom, at.next_day_us
    return None


def _sender(
    proposal: Proposal, history: History, policy: Policy, tasks: Mapping[str, Collection[Task]]
) -> str | None:  # fmt: skip
    """Who is to say it: whoever was named, or the strongest relation that has room for the task today."""
    task = task_of(proposal)
    for one in history.senders if proposal.sender is None else (proposal.sender,):
        theirs = tasks.get(one, ())
        if task in theirs or len(theirs) < policy.staff_tasks:
            return one
    return None


def _freed(
    proposal: Proposal, history: History, budget: float, window_us: int, at: Moment, reason: Reason
) -> Refusal | Postponed:
    """When enough of what they were told lies far enough back."""
    since = at.now_us - window_us
    left, mine = history.spent_since(since), history.wears.cost(proposal.purpose)
    for when, cost in history.spent:
        if when <= since:
            continue
        left -= cost
        if left + mine <= budget + _SLACK:
            return _later(proposal, reason, when + window_us)
    if reason is Reason.OUTBID:
        # What it is kept for may come to nothing, so that it is worth asking again tomorrow.
        return _later(proposal, reason, at.opening(at.next_day_us, RULES[proposal.purpose]))
    return Refusal(proposal, reason)


def _later(proposal: Proposal, reason: Reason, until_us: int) -> Refusal | Postponed:
    """It waits until then, or is refused where it would be pointless by then."""
    if until_us >= proposal.expires_us:
        return Refusal(proposal, reason)
    return Postponed(proposal, reason, until_us)
