"""A broadcast's life: draft → approved or scheduled → proposing → sending → done, or cancelled on the way.

Every change is made by version: of two who change one at a time, the second is told. An approved one that is edited is a draft again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act import outbox
from tiefen.act.broadcasts.errors import (
    CampaignChanged,
    CampaignNotFound,
    CopyMustStop,
    NotInThisState,
    TooLateToUndo,
)
from tiefen.act.broadcasts.plan import Body, Plan, checked
from tiefen.act.copy_checks import Copy, Found, look_at
from tiefen.act.message import Message
from tiefen.act.proposal import Purpose
from tiefen.decide import experiments
from tiefen.kit.clock import DAY_US, SECOND_US
from tiefen.kit.ids import new_id
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts.touches import TouchMoved
from tiefen.ledger.identity import numbered
from tiefen.ledger.schema import groups
from tiefen.ledger.schema.broadcasts import campaign_audience
from tiefen.ledger.schema.touches import campaigns, contents, proposals
from tiefen.ledger.writing import Together

KIND = "broadcast"
WAITING = ("approved", "scheduled")
UNDER_WAY = ("proposing", "sending")
ORIGIN = "broadcasts"
LATELY_US = 7 * DAY_US


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast as it is kept."""

    campaign_id: str
    name: str
    purpose: Purpose
    state: str
    version: int
    body: Body
    created_us: int
    changed_us: int
    begins_us: int | None
    ends_us: int | None
    raw: str = field(repr=False)
    """The body as it is kept, by which the turn sees that nobody changed it meanwhile."""

    @property
    def plan(self) -> Plan:
        return self.body.plan


def create(connection: Connection, corp_id: str, name: str, purpose: Purpose, plan: Plan, now_us: int) -> Broadcast:
    """A new draft."""
    campaign_id = new_id()
    connection.execute(
        sa.insert(campaigns).values(
            corp_id=corp_id, campaign_id=campaign_id, kind=KIND, name=name, purpose=purpose, state="draft",
            body=_told(Body(plan=checked(plan, whole=False))), version=1, created_us=now_us, changed_us=now_us,
        )
    )  # fmt: skip
    return get(connection, corp_id, campaign_id)


def get(connection: Connection, corp_id: str, campaign_id: str) -> Broadcast:
    asked = sa.select(campaigns).where(
        campaigns.c.corp_id == corp_id, campaigns.c.campaign_id == campaign_id, campaigns.c.kind == KIND
    )
    row = connection.execute(asked).one_or_none()
    if row is None:
        raise CampaignNotFound(campaign_id)
    return _broadcast(row)


def every(
    connection: Connection, corp_id: str, *, states: Sequence[str] = (), launch: str | None = None, most: int = 200
) -> list[Broadcast]:
    """Broadcasts, the one changed last first."""
    asked = sa.select(campaigns).where(campaigns.c.corp_id == corp_id, campaigns.c.kind == KIND)
    if states:
        asked = asked.where(campaigns.c.state.in_(states))
    rows = connection.execute(asked.order_by(campaigns.c.changed_us.desc(), campaigns.c.campaign_id).limit(most))
    found = [_broadcast(row) for row in rows]
    return [one for one in found if launch is None or one.plan.launch == launch]


def save(
    connection: Connection, corp_id: str, campaign_id: str, version: int, *, name: str, purpose: Purpose, plan: Plan,
    now_us: int,
) -> Broadcast:  # fmt: skip
    """Change it. One that was approved is a draft again; one that has begun stays as it is."""
    before = _for(connection, corp_id, campaign_id, version, ("draft", *WAITING), "edited")
    body = msgspec.structs.replace(before.body, plan=checked(plan, whole=False))
    _move(
        connection, corp_id, before, now_us, state="draft", name=name, purpose=purpose, body=_told(body), begins_us=None
    )
    return get(connection, corp_id, campaign_id)


def approve(
    connection: Connection, corp_id: str, campaign_id: str, version: int, by: str, now_us: int
) -> Broadcast:  # fmt: skip
    """Let it go out at its time. What may not be said at all is refused here, whoever approves."""
    before = _for(connection, corp_id, campaign_id, version, ("draft",), "approved")
    plan = checked(before.plan, whole=True)
    stops = [one for _, found in findings(connection, corp_id, before, now_us) for one in found]
    if names := sorted({one.check.key for one in stops if one.finding.severity == "stop"}):
        raise CopyMustStop(", ".join(names))
    begins = max(now_us, plan.when.at_us or now_us)
    body = msgspec.structs.replace(before.body, run=before.body.run + 1, progress=None, by=by)
    _move(
        connection, corp_id, before, now_us, state="scheduled" if begins > now_us else "approved", body=_told(body),
        begins_us=begins, ends_us=begins + plan.lasts_hours * 3600 * SECOND_US,
    )  # fmt: skip
    return get(connection, corp_id, campaign_id)


def undo(together: Together, corp_id: str, campaign_id: str, version: int, now_us: int) -> Broadcast:
    """Take it back, whole, as long as nothing of it is with staff; it is a draft again."""
    before = _for(together.connection, corp_id, campaign_id, version, (*WAITING, *UNDER_WAY), "undone")
    kept = outbox.counts(together.connection, corp_id, [campaign_id]).get(campaign_id, {})
    tasked = sum(
        times for (step, state, _), times in kept.items()
        if step == step_of(before) and state in ("tasked", "sent", "delivered", "failed")
    )  # fmt: skip
    if tasked:
        raise TooLateToUndo(tasked)
    take_back(together, corp_id, before, now_us)
    body = msgspec.structs.replace(before.body, progress=None)
    _move(together.connection, corp_id, before, now_us, state="draft", body=_told(body), begins_us=None, ends_us=None)
    return get(together.connection, corp_id, campaign_id)


def cancel(
    together: Together, corp_id: str, campaign_id: str, version: int, now_us: int
) -> tuple[Broadcast, list[str]]:
    """Let go of what is not sent: what is here is refused, and of what is with staff the tasks are told, for the channel to stop."""
    before = _for(together.connection, corp_id, campaign_id, version, ("draft", *WAITING, *UNDER_WAY), "cancelled")
    take_back(together, corp_id, before, now_us)
    _move(together.connection, corp_id, before, now_us, state="cancelled")
    experiments.end(together.connection, corp_id, campaign_id, now_us)
    return get(together.connection, corp_id, campaign_id), tasks_of(together.connection, corp_id, campaign_id)


def tasks_of(connection: Connection, corp_id: str, campaign_id: str) -> list[str]:
    """The channel's tasks of which something is neither sent nor failed."""
    asked = sa.select(proposals.c.task_id).distinct().where(
        proposals.c.corp_id == corp_id, proposals.c.campaign_id == campaign_id, proposals.c.state == "tasked",
        proposals.c.task_id.is_not(None),
    )  # fmt: skip
    return sorted(connection.scalars(asked))


def step_of(broadcast: Broadcast) -> str:
    """What proposals of the present approval are counted under."""
    return f"run{broadcast.body.run}"


def take_back(together: Together, corp_id: str, broadcast: Broadcast, now_us: int) -> int:
    """Refuse what is proposed or admitted and not with staff, and forget whom it was for; returns how many."""
    connection = together.connection
    mine = sa.and_(
        proposals.c.corp_id == corp_id, proposals.c.campaign_id == broadcast.campaign_id,
        proposals.c.state.in_(("proposed", "admitted")), proposals.c.task_id.is_(None),
    )  # fmt: skip
    rows = connection.execute(
        sa.select(proposals.c.proposal_id, proposals.c.step, proposals.c.state, proposals.c.person, groups.c.outer_id)
        .select_from(proposals.outerjoin(groups, groups.c.group_id == proposals.c.group))
        .where(mine)
    ).all()
    connection.execute(
        sa.update(proposals).where(mine).values(state="refused", reason="campaign_stopped", moved_us=now_us)
    )
    changes: dict[tuple[str, str, str, str], int] = {}
    for row in rows:
        for key, by in (((row.state, ""), -1), (("refused", "campaign_stopped"), 1)):
            counted = (broadcast.campaign_id, row.step, *key)
            changes[counted] = changes.get(counted, 0) + by
    outbox.count(connection, corp_id, changes)
    facts = [
        TouchMoved(
            happened_us=now_us, source_id=f"{row.proposal_id}:refused", touch=row.proposal_id, state="refused",
            person=None if row.person is None else numbered(row.person), group=row.outer_id,
            channel=broadcast.plan.channel, campaign=broadcast.campaign_id, reason="campaign_stopped",
        )
        for row in rows
    ]  # fmt: skip
    if facts:
        together.append(Batch(corp_id, ORIGIN, facts))
    connection.execute(
        sa.delete(campaign_audience).where(
            campaign_audience.c.corp_id == corp_id, campaign_audience.c.campaign_id == broadcast.campaign_id
        )
    )
    return len(rows)


def findings(
    connection: Connection, corp_id: str, broadcast: Broadcast, now_us: int
) -> list[tuple[str, list[Found]]]:  # fmt: skip
    """What is found in each variant's text."""
    lately = said_lately(connection, corp_id, broadcast.campaign_id, now_us)
    plan = broadcast.plan
    return [
        (
            variant.name,
            look_at(Copy(message=variant.message, channel=plan.channel, purpose=broadcast.purpose, lately=lately)),
        )
        for variant in plan.variants
    ]


def said_lately(connection: Connection, corp_id: str, but: str, now_us: int, most: int = 200) -> tuple[str, ...]:
    """Texts of other campaigns that began within the last 7 days, one of each variant."""
    asked = (
        sa.select(sa.func.max(contents.c.body))
        .join(proposals, sa.and_(proposals.c.corp_id == contents.c.corp_id, proposals.c.content_id == contents.c.content_id))
        .join(
            campaigns,
            sa.and_(campaigns.c.corp_id == proposals.c.corp_id, campaigns.c.campaign_id == proposals.c.campaign_id),
        )
        .where(
            campaigns.c.corp_id == corp_id, campaigns.c.campaign_id != but, campaigns.c.begins_us >= now_us - LATELY_US,
            campaigns.c.begins_us <= now_us, proposals.c.state != "refused",
        )
        .group_by(proposals.c.campaign_id, proposals.c.step, proposals.c.arm)
        .limit(most)
    )  # fmt: skip
    return tuple(msgspec.json.decode(body, type=Message).text for body in connection.scalars(asked))


def kept_progress(
    connection: Connection, corp_id: str, broadcast: Broadcast, body: Body, state: str, **more: Any
) -> bool:
    """The turn's own step: no new version, and nothing where somebody changed it meanwhile."""
    done = connection.execute(
        sa.update(campaigns)
        .where(
            campaigns.c.corp_id == corp_id, campaigns.c.campaign_id == broadcast.campaign_id,
            campaigns.c.version == broadcast.version, campaigns.c.state == broadcast.state,
            campaigns.c.body == broadcast.raw,
        )
        .values(body=_told(body), state=state, **more)
    )  # fmt: skip
    return done.rowcount == 1


def _for(
    connection: Connection, corp_id: str, campaign_id: str, version: int, states: Sequence[str], wanted: str
) -> Broadcast:  # fmt: skip
    found = get(connection, corp_id, campaign_id)
    if found.version != version:
        raise CampaignChanged(campaign_id, found.version)
    if found.state not in states:
        raise NotInThisState(found.state, wanted)
    return found


def _move(connection: Connection, corp_id: str, before: Broadcast, now_us: int, **changed: Any) -> None:
    done = connection.execute(
        sa.update(campaigns)
        .where(
            campaigns.c.corp_id == corp_id, campaigns.c.campaign_id == before.campaign_id,
            campaigns.c.version == before.version, campaigns.c.state == before.state,
        )
        .values(version=before.version + 1, changed_us=now_us, **changed)
    )  # fmt: skip
    if done.rowcount != 1:
        raise CampaignChanged(before.campaign_id, get(connection, corp_id, before.campaign_id).version)


def _told(body: Body) -> str:
    return msgspec.json.encode(body).decode()


def _broadcast(row: Any) -> Broadcast:
    return Broadcast(
        row.campaign_id, row.name, row.purpose, row.state, row.version, msgspec.json.decode(row.body, type=Body),
        row.created_us, row.changed_us, row.begins_us, row.ends_us, row.body,
    )  # fmt: skip
