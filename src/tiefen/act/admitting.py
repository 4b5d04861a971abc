"""The gate's turn (放行): what is due is judged, with everything known of whom it is for, the most valuable first.

`judge` only reads, so that a page may ask it beforehand for thousands of proposals. `admit_due` judges what is due and keeps
the outcome in one transaction of rows, counts and facts: a kill anywhere is a repetition, and nothing is let out twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act import consents, outbox
from tiefen.act.gate import WEEK_US, History, Judged, Postponed, Reason, Refusal, Touch, admit, task_of, weariness
from tiefen.act.known import Known, known
from tiefen.act.proposal import Proposal
from tiefen.decide.policy import RULES, Moment, Policy, moment, policy_of
from tiefen.kit.settings import Settings
from tiefen.ledger import corps, dialect
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts.touches import TouchMoved
from tiefen.ledger.identity import numbered, outer_ids
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema.touches import proposals
from tiefen.ledger.writing import Together

MOST = 4_000
"""Proposals judged at once: enough for sets, few enough that nobody who writes waits long."""
ORIGIN = "act:gate"


def judge(connection: Connection, corp_id: str, some: Sequence[Proposal], now_us: int) -> list[Judged]:
    """What the gate would say of each at that instant, in the order given. Reads only.

    Where several compete for the attention of one person the one with the higher worth, less what it costs in patience, goes;
    that includes what is due within a week.
    """
    corp = corps.get(connection, corp_id)
    policy = policy_of(corp.settings)
    at = moment(policy, now_us, corp.time_zone)
    return list(_judged(some, known(connection, corp_id, some, policy, at), policy, at))


def admit_due(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> bool:
    """Judge what is due and keep what came of it; whether there is more."""
    del settings
    with ledger.read() as connection:
        if connection.execute(_due(corp_id, now_us, 1)).first() is None:
            return False
    consents.begin(ledger, corp_id)
    with ledger.together() as together:
        consents.follow(together.connection, corp_id)
        rows = dialect.plain_rows(together.connection, _due(corp_id, now_us, MOST))
        some = [Proposal(**dict(zip(_FIELDS, row, strict=True))) for row in rows]
        _keep(together, corp_id, judge(together.connection, corp_id, some, now_us), now_us)
    return len(some) == MOST


# ---- judging ----


def _judged(some: Sequence[Proposal], of: Known, policy: Policy, at: Moment) -> list[Judged]:
    order = sorted(range(len(some)), key=lambda n: _rank(some[n], of, policy, at))
    answers: list[Judged | None] = [None] * len(some)
    for n in order:
        proposal = some[n]
        history = _history(proposal, of)
        answer = admit(
            proposal, history, policy, at, campaign=of.campaigns.get(proposal.campaign_id, "running"), tasks=of.tasks,
            promised=_promised(proposal, history, of, policy, at),
        )  # fmt: skip
        if isinstance(answer, Touch):
            _remember(answer, history, of, policy, at)
        answers[n] = answer
    return [answer for answer in answers if answer is not None]


def _rank(proposal: Proposal, of: Known, policy: Policy, at: Moment) -> tuple[Any, ...]:
    """Service first, then by net worth; of equals what was due first. The id makes it the same every time."""
    paid = RULES[proposal.purpose].budget
    return paid, -_net(proposal, of, policy, at) if paid else 0, proposal.due_us, proposal.proposal_id


def _net(proposal: Proposal, of: Known, policy: Policy, at: Moment) -> float:
    """What it is worth, less what it costs in patience; nothing where nobody said what it is worth."""
    history = of.persons.get(of.roots.get(proposal.person, -1)) if proposal.person is not None else None
    if history is None or not proposal.worth_fen:
        return proposal.worth_fen
    return proposal.worth_fen - weariness(proposal.purpose, history, policy, at.now_us)


_NOBODY = History(here=False)


def _history(proposal: Proposal, of: Known) -> History:
    """What is known of whom it is for. Of a group that was told something in this very turn its members count."""
    if proposal.group is not None:
        history = of.groups.get(proposal.group)
        if history is None:
            return _NOBODY
        inside, told = of.members.get(proposal.group, frozenset()), _told(proposal, of)
        share = len(inside & told) / len(inside) if inside and told else 0.0
        return replace(history, told={proposal.content_id: share}) if share else history
    root = of.roots.get(proposal.person) if proposal.person is not None else None
    history = of.persons.get(root) if root is not None else None
    if history is None:
        return _NOBODY
    if proposal.content_id not in history.told and any(root in of.told.get(mark, ()) for mark in proposal.same_as):
        return replace(history, told={**history.told, proposal.content_id: 1.0})
    return history


def _told(proposal: Proposal, of: Known) -> set[int]:
    """Everybody who was told the same lately."""
    return {one for mark in proposal.same_as for one in of.told.get(mark, ())}


def _promised(proposal: Proposal, history: History, of: Known, policy: Policy, at: Moment) -> float:
    """How much of somebody's attention is kept for what waits and is worth more."""
    if proposal.person is None or not of.promised:
        return 0.0
    waiting = of.promised.get(of.roots.get(proposal.person, -1), ())
    cost = {purpose: weariness(purpose, history, policy, at.now_us) for purpose in {one[2] for one in waiting}}
    mine = _net(proposal, of, policy, at)
    return sum(
        history.wears.cost(purpose)
        for due, worth, purpose in waiting
        # What is worth less than it costs in patience will not be sent.
        if worth - cost[purpose] > mine and worth >= cost[purpose] and due <= at.now_us + WEEK_US
    )


def _remember(touch: Touch, history: History, of: Known, policy: Policy, at: Moment) -> None:
    """Let the rest of the turn know of it."""
    proposal = touch.proposal
    of.tasks.setdefault(touch.sender, set()).add(task_of(proposal))
    after = history.after(touch, at.now_us)
    if proposal.group is not None:
        of.groups[proposal.group] = after
        inside = of.members.get(proposal.group, frozenset())
        for mark in proposal.told_as:
            of.told.setdefault(mark, set()).update(inside)
        for person in inside:
            if (one := of.persons.get(person)) is not None:
                cost = policy.group_cost * of.wears.cost(proposal.purpose)
                of.persons[person] = replace(one, spent=(*one.spent, (at.now_us, cost)))
    elif proposal.person is not None:
        root = of.roots[proposal.person]
        of.persons[root] = after
        for mark in proposal.told_as:
            of.told.setdefault(mark, set()).add(root)


# ---- keeping ----

_COLUMNS = (
    proposals.c.proposal_id, proposals.c.campaign_id, proposals.c.step, proposals.c.person, proposals.c.group,
    proposals.c.channel, proposals.c.purpose, proposals.c.content_id, proposals.c.plain_id, proposals.c.arm,
    proposals.c.sender, proposals.c.worth_fen, proposals.c.due_us, proposals.c.expires_us,
)  # fmt: skip
_FIELDS = tuple(column.name for column in _COLUMNS)


def _due(corp_id: str, now_us: int, most: int) -> sa.Select[Any]:
    return (
        sa.select(*_COLUMNS)
        .where(proposals.c.corp_id == corp_id, proposals.c.state == "proposed", proposals.c.due_us <= now_us)
        .order_by(proposals.c.due_us)
        .limit(most)
    )


_CHANGED = ("state", "reason", "sender", "due_us", "admitted_us", "moved_us")


def _keep(together: Together, corp_id: str, judged: Sequence[Judged], now_us: int) -> None:
    if not judged:
        return
    rows: list[tuple[Any, ...]] = []
    facts: list[TouchMoved] = []
    changes: Counter[tuple[str, str, str, str]] = Counter()
    outer = outer_ids(together.connection, {one.proposal.group for one in judged if one.proposal.group is not None})
    for one in judged:
        proposal, state, reason = one.proposal, "proposed", None if isinstance(one, Touch) else one.reason.value
        sender, due_us, admitted_us = proposal.sender, proposal.due_us, None
        match one:
            case Touch():
                state, sender, admitted_us = "admitted", one.sender, now_us
            case Refusal():
                state = "refused"
            case Postponed():
                due_us = max(one.until_us, now_us + 1)
        rows.append((state, reason, sender, due_us, admitted_us, now_us, corp_id, proposal.proposal_id))
        if state != "proposed":
            changes[proposal.campaign_id, proposal.step, "proposed", ""] -= 1
            changes[proposal.campaign_id, proposal.step, state, reason or ""] += 1
            facts.append(_fact(proposal, state, reason, outer, now_us))
    dialect.change_many(together.connection, "proposals", _CHANGED, ("corp_id", "proposal_id"), rows)
    outbox.count(together.connection, corp_id, changes)
    if facts:
        together.append(Batch(corp_id, ORIGIN, facts))


def _fact(proposal: Proposal, state: str, reason: str | None, outer: dict[int, str], now_us: int) -> TouchMoved:
    # Nothing is told of whom it was for where they are not there any more: their number is nobody's.
    person = numbered(proposal.person) if proposal.person is not None and reason != Reason.ERASED else None
    return TouchMoved(
        happened_us=now_us, source_id=f"{proposal.proposal_id}:{state}", touch=proposal.proposal_id, state=state,
        person=person, group=outer.get(proposal.group) if proposal.group is not None else None,
        channel=proposal.channel, campaign=proposal.campaign_id, reason=reason,
    )  # fmt: skip
