"""The turn of broadcasts: what is due begins, its audience is frozen, and it is proposed slice by slice until it is with the gate.

Each step is one transaction of facts, contents, proposals and the place reached, so a kill anywhere is a repetition, and a
repetition changes nothing: proposals are called after campaign, approval and whom they are for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec
import numpy as np
from sqlalchemy import Connection

from tiefen.act import outbox, templates, variables, words
from tiefen.act.broadcasts import audience
from tiefen.act.broadcasts.arms import HOLDOUT, experiment_of
from tiefen.act.broadcasts.keeping import ORIGIN, UNDER_WAY, WAITING, Broadcast, every, kept_progress, step_of
from tiefen.act.broadcasts.plan import Plan, Progress, ToGroups, ToPersons
from tiefen.act.proposal import Proposal
from tiefen.act.senders import contact_senders
from tiefen.act.tasks import staff_of
from tiefen.act.words import Part, Said
from tiefen.decide import experiments
from tiefen.kit.clock import SECOND_US
from tiefen.kit.settings import Settings
from tiefen.ledger import dialect
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts.base import Fact
from tiefen.ledger.facts.touches import TouchMoved
from tiefen.ledger.identity import numbered, outer_ids
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema.touches import proposals

SLICE = 5_000
HOUR_US = 3600 * SECOND_US
_ENDED = ("refused", "delivered", "failed")


class _Overtaken(Exception):
    """Somebody changed it meanwhile, and what was about to be kept is not."""


def turn(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> bool:
    """One step of the broadcast that is due first; whether there is more to do at once."""
    with ledger.read() as connection:
        open_ones = every(connection, corp_id, states=(*WAITING, *UNDER_WAY))
    due = [one for one in open_ones if one.state in (*WAITING, "proposing") and (one.begins_us or 0) <= now_us]
    if due:
        first = min(due, key=lambda one: (one.begins_us or 0, one.campaign_id))
        if first.state == "proposing":
            propose_slice(ledger, settings, corp_id, first, now_us)
        else:
            begin(ledger, settings, corp_id, first, now_us)
        return True
    sending = [one for one in open_ones if one.state == "sending"]
    if sending:
        _end_those_done(ledger, corp_id, sending, now_us)
    return False


def begin(ledger: Ledger, settings: Settings, corp_id: str, broadcast: Broadcast, now_us: int) -> None:
    """Freeze whom it is for."""
    plan, campaign_id = broadcast.plan, broadcast.campaign_id
    ordered: Sequence[int] = ()
    if isinstance(plan.whom, ToPersons) and plan.whom.not_ordered_since_us is not None:
        ordered = audience.who_ordered(ledger, settings, corp_id, plan.whom.not_ordered_since_us)
    hours: tuple[dict[int, int], int] | None = None
    if plan.when.kind == "best":
        hours = audience.best_hours(ledger, settings, corp_id, now_us)
    zone_name = ledger.corp(corp_id).time_zone
    # In a transaction of facts, though there are none: who begins it knows that nobody else does.
    with suppress(_Overtaken), ledger.together() as together:
        connection = together.connection
        due = audience.at_hour(now_us, hours[1], zone_name) if hours else now_us
        audience.freeze(connection, corp_id, campaign_id, plan.whom, settings, due)
        audience.leave_out(connection, corp_id, campaign_id, ordered)
        if hours and isinstance(plan.whom, ToPersons):
            dues = {person: audience.at_hour(now_us, hour, zone_name) for person, hour in hours[0].items()}
            audience.say_at(connection, corp_id, campaign_id, dues)
        experiments.begin(
            connection, corp_id, experiment_of(campaign_id, plan), now_us, window_days=plan.goal.days,
            name=broadcast.name, kind="broadcast",
        )  # fmt: skip
        left = audience.size(connection, corp_id, campaign_id)
        progress = Progress(began_us=now_us, audience=left)
        body = msgspec.structs.replace(broadcast.body, progress=progress)
        if not kept_progress(connection, corp_id, broadcast, body, "proposing", begins_us=now_us):
            raise _Overtaken


def propose_slice(ledger: Ledger, settings: Settings, corp_id: str, broadcast: Broadcast, now_us: int) -> None:
    """The next slice of the audience: arms, words, proposals."""
    progress = broadcast.body.progress
    assert progress is not None
    with ledger.read() as connection:
        some = audience.next_units(connection, corp_id, broadcast.campaign_id, progress.through, SLICE)
        made = made_for(ledger, settings, connection, corp_id, broadcast, [unit for unit, _ in some], now_us)
        called = outer_ids(connection, [unit for unit, _ in some]) if broadcast.plan.channel == "group" else {}
    dues = dict(some)
    with ledger.together() as together:
        moved = _after(progress, made, some)
        over = len(some) < SLICE
        body = msgspec.structs.replace(broadcast.body, progress=moved)
        if not kept_progress(together.connection, corp_id, broadcast, body, "sending" if over else "proposing"):
            return  # somebody cancelled it, or another worker was here
        outbox.keep_contents(together.connection, corp_id, {one.content_id: one.message for one in made.said})
        due = [proposal_of(broadcast, one, dues[one.unit]) for one in made.said]
        outbox.propose(together.connection, corp_id, due, now_us)
        refuse(together.connection, corp_id, broadcast, made.refused, now_us)
        # Also of who could be said nothing, for results are counted of all who were meant.
        drawn = experiments.assigned(
            experiment_of(broadcast.campaign_id, broadcast.plan), list(dues), now_us, groups=called
        )
        facts: list[Fact] = [*drawn, *_refused_facts(broadcast, made, called, now_us)]
        if facts:
            together.append(Batch(corp_id, ORIGIN, facts))


@dataclass(frozen=True, slots=True)
class Made:
    """A part of the audience: what is said to whom, who is held out, and who can be said nothing and why."""

    said: tuple[Said, ...]
    held_out: tuple[int, ...]
    refused: tuple[tuple[int, str, templates.Refused], ...]
    """(unit, arm, why)."""


def made_for(
    ledger: Ledger, settings: Settings, connection: Connection, corp_id: str, broadcast: Broadcast, units: Sequence[int],
    now_us: int, *, share: float = 1.0,
) -> Made:  # fmt: skip
    """Arms and words for some of the audience, or for a sample that is such a share of it. The pre-flight asks the same, so that it tells
    what will be."""
    plan = broadcast.plan
    by_arm: dict[str, list[int]] = {}
    drawn = experiments.arms(experiment_of(broadcast.campaign_id, plan), np.asarray(units, np.int64))
    for unit, arm in zip(units, drawn, strict=True):
        by_arm.setdefault(arm, []).append(unit)
    asked = [Part(variant.message, by_arm.get(variant.name, ()), variant.name) for variant in plan.variants]
    counts = plan.words == "auto" and any(words.personal(part.message) for part in asked)
    # Where nothing names who says it and no taps are counted, the channel chooses, and nobody need be looked up.
    named = plan.sender is not None or any("staff_name" in templates.variables_in(part.message) for part in asked)
    senders = senders_of(connection, corp_id, plan, units) if named or counts else {}
    values = values_of(ledger, settings, connection, corp_id, plan, units, senders, now_us)
    staff = words.AtWork(connection, corp_id)
    done = words.choose(
        asked, plan.words, values, senders, staff.taps(now_us) if counts else {}, staff.most if counts else 0,
        campaign_id=broadcast.campaign_id, channel=plan.channel, fixed=plan.sender is not None, share=share,
    )  # fmt: skip
    return Made(tuple(done.said), tuple(by_arm.get(HOLDOUT, ())), tuple(done.refused))


def senders_of(connection: Connection, corp_id: str, plan: Plan, units: Sequence[int]) -> dict[int, str]:
    """Who is to say it to each: the one who was named, the owner of the group, or whoever has known them the longest."""
    if isinstance(plan.whom, ToGroups):
        return staff_of(connection, corp_id, units)
    if plan.sender is not None:
        return dict.fromkeys(units, plan.sender)
    return contact_senders(connection, corp_id, units)


def proposal_id(broadcast: Broadcast, unit: int) -> str:
    """The same however often it is proposed; another after an undo."""
    return f"{broadcast.campaign_id}:{broadcast.body.run}:{unit}"


def refuse(
    connection: Connection, corp_id: str, broadcast: Broadcast, some: Sequence[tuple[int, str, templates.Refused]],
    now_us: int,
) -> None:  # fmt: skip
    """Note who could be said nothing, beside what was proposed."""
    to_groups, step = broadcast.plan.channel == "group", step_of(broadcast)
    rows = [
        {
            "corp_id": corp_id, "proposal_id": proposal_id(broadcast, unit), "campaign_id": broadcast.campaign_id,
            "step": step, "person": None if to_groups else unit, "group": unit if to_groups else None,
            "channel": broadcast.plan.channel, "purpose": broadcast.purpose, "content_id": "", "arm": arm,
            "worth_fen": 0, "state": "refused", "reason": why.reason, "due_us": now_us,
            "expires_us": broadcast.ends_us or now_us, "moved_us": now_us,
        }
        for unit, arm, why in some
    ]  # fmt: skip
    if not rows:
        return
    insert = dialect.insert(connection, proposals)
    connection.execute(insert.on_conflict_do_nothing(index_elements=["corp_id", "proposal_id"]), rows)
    counted: dict[tuple[str, str, str, str], int] = {}
    for _, _, why in some:
        key = (broadcast.campaign_id, step, "refused", why.reason)
        counted[key] = counted.get(key, 0) + 1
    outbox.count(connection, corp_id, counted)


def values_of(
    ledger: Ledger, settings: Settings, connection: Connection, corp_id: str, plan: Plan, units: Sequence[int],
    senders: Mapping[int, str], now_us: int,
) -> dict[int, dict[str, str]]:  # fmt: skip
    """What is known of each, of what the variants need."""
    wanted = {key for variant in plan.variants for key in templates.variables_in(variant.message)}
    if not wanted:
        return {}
    if isinstance(plan.whom, ToGroups):
        return variables.of_groups(connection, corp_id, units, senders)
    return variables.of_persons(ledger, settings, connection, corp_id, units, wanted, senders, now_us)


def _after(progress: Progress, made: Made, some: Sequence[tuple[int, int]]) -> Progress:
    refused = dict(progress.refused)
    for _, _, why in made.refused:
        refused[why.reason] = refused.get(why.reason, 0) + 1
    return msgspec.structs.replace(
        progress, through=some[-1][0] if some else progress.through, done=progress.done + len(some),
        held_out=progress.held_out + len(made.held_out), proposed=progress.proposed + len(made.said), refused=refused,
        plain=progress.plain + sum(one.plain for one in made.said),
    )  # fmt: skip


def proposal_of(broadcast: Broadcast, one: Said, due_us: int) -> Proposal:
    """What is put before the gate for one of the audience."""
    plan, to_groups = broadcast.plan, broadcast.plan.channel == "group"
    return Proposal(
        proposal_id=proposal_id(broadcast, one.unit), campaign_id=broadcast.campaign_id, step=step_of(broadcast),
        person=None if to_groups else one.unit, group=one.unit if to_groups else None, channel=plan.channel,
        purpose=broadcast.purpose, content_id=one.content_id, plain_id=one.plain_id, arm=one.arm,
        sender=one.sender, worth_fen=plan.worth_fen, due_us=due_us,
        expires_us=due_us + plan.lasts_hours * HOUR_US,
    )  # fmt: skip


def _refused_facts(broadcast: Broadcast, made: Made, called: Mapping[int, str], now_us: int) -> list[Fact]:
    to_groups = broadcast.plan.channel == "group"
    return [
        TouchMoved(
            happened_us=now_us, source_id=f"{proposal_id(broadcast, unit)}:refused", touch=proposal_id(broadcast, unit),
            state="refused", person=None if to_groups else numbered(unit), group=called.get(unit) if to_groups else None,
            channel=broadcast.plan.channel, campaign=broadcast.campaign_id, reason=why.reason,
        )
        for unit, _, why in made.refused
    ]  # fmt: skip


def _end_those_done(ledger: Ledger, corp_id: str, sending: Sequence[Broadcast], now_us: int) -> None:
    with ledger.read() as connection:
        kept = outbox.counts(connection, corp_id, [one.campaign_id for one in sending])
    for one in sending:
        of = kept.get(one.campaign_id, {})
        if all(state in _ENDED for (step, state, _), times in of.items() if step == step_of(one) and times > 0):
            with ledger.write() as connection:
                if kept_progress(connection, corp_id, one, one.body, "done", changed_us=now_us):
                    experiments.end(connection, corp_id, one.campaign_id, now_us)
