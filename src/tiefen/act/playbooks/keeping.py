"""Keeping playbooks: made, edited, put to work in groups, paused and ended; blocks moved and skipped by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act import tasks
from tiefen.act.playbooks import planning
from tiefen.act.playbooks.playbook import (
    BadPlaybook,
    BlockNotPlanned,
    GroupsNotHere,
    Playbook,
    PlaybookEnded,
    PlaybookNotFound,
    PlaybookOutdated,
    checked,
)
from tiefen.kit.ids import new_id
from tiefen.kit.slices import slices
from tiefen.ledger import corps, dialect
from tiefen.ledger.schema import groups
from tiefen.ledger.schema.playbooks import playbook_openings, playbook_runs
from tiefen.ledger.schema.playbooks import tasks as task_rows
from tiefen.ledger.schema.touches import campaigns
from tiefen.ledger.writing import Together

KIND = "playbook"
State = Literal["draft", "running", "paused", "stopped"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A playbook as it is kept. Only one that is running opens anything."""

    campaign_id: str
    playbook: Playbook
    state: State
    version: int
    created_us: int
    changed_us: int


def make(connection: Connection, corp_id: str, playbook: Playbook, now_us: int) -> str:
    """Keep a new playbook as a draft; returns its id."""
    checked(playbook)
    campaign_id = new_id()
    connection.execute(
        sa.insert(campaigns).values(
            corp_id=corp_id, campaign_id=campaign_id, kind=KIND, name=playbook.name, purpose=playbook.purpose,
            state="draft", body=_written(playbook), version=1, created_us=now_us, changed_us=now_us,
        )
    )  # fmt: skip
    return campaign_id


def load(connection: Connection, corp_id: str, campaign_id: str) -> Kept:
    row = connection.execute(
        sa.select(campaigns).where(
            campaigns.c.corp_id == corp_id, campaigns.c.campaign_id == campaign_id, campaigns.c.kind == KIND
        )
    ).first()
    if row is None:
        raise PlaybookNotFound(campaign_id)
    return kept(row)


def every(connection: Connection, corp_id: str, states: Collection[str] = ()) -> list[Kept]:
    """All playbooks of a company, the latest changed first; of some states only where they are given."""
    asked = sa.select(campaigns).where(campaigns.c.corp_id == corp_id, campaigns.c.kind == KIND)
    if states:
        asked = asked.where(campaigns.c.state.in_(list(states)))
    return [kept(row) for row in connection.execute(asked.order_by(campaigns.c.changed_us.desc()))]


def save(connection: Connection, corp_id: str, campaign_id: str, playbook: Playbook, version: int, now_us: int) -> Kept:
    """Change a playbook that was loaded as this version. What is open stays as it is; what was only planned is planned anew."""
    checked(playbook)
    before = load(connection, corp_id, campaign_id)
    if before.state == "stopped":
        raise PlaybookEnded(campaign_id)
    changed = connection.execute(
        sa.update(campaigns)
        .where(
            campaigns.c.corp_id == corp_id, campaigns.c.campaign_id == campaign_id, campaigns.c.version == version
        )
        .values(
            name=playbook.name, purpose=playbook.purpose, body=_written(playbook), version=version + 1, changed_us=now_us
        )
    ).rowcount  # fmt: skip
    if not changed:
        raise PlaybookOutdated(campaign_id, before.version)
    return load(connection, corp_id, campaign_id)


def set_state(together: Together, corp_id: str, campaign_id: str, state: State, now_us: int, *, who: str = "") -> Kept:
    """Let it run, pause it, or end it for good in all groups."""
    connection = together.connection
    before = load(connection, corp_id, campaign_id)
    if before.state == "stopped" and state != "stopped":
        raise PlaybookEnded(campaign_id)
    if state == "running" and not before.playbook.blocks:
        raise BadPlaybook("", "it has no blocks")
    if state == before.state:
        return before
    connection.execute(
        sa.update(campaigns)
        .where(campaigns.c.corp_id == corp_id, campaigns.c.campaign_id == campaign_id)
        .values(state=state, changed_us=now_us, begins_us=sa.func.coalesce(campaigns.c.begins_us, now_us))
    )
    if state == "stopped":
        mine = playbook_runs.c.corp_id == corp_id, playbook_runs.c.campaign_id == campaign_id
        running = connection.scalars(sa.select(playbook_runs.c.group).where(*mine, playbook_runs.c.state != "ended"))
        end(together, corp_id, campaign_id, list(running), now_us, reason="playbook_stopped", who=who)
    return load(connection, corp_id, campaign_id)


def assign(
    connection: Connection, corp_id: str, campaign_id: str, some: Collection[int], now_us: int, *,
    staff: Mapping[str, str] | None = None, how: Literal["hand", "rule"] = "hand",
) -> list[int]:  # fmt: skip
    """Begin a playbook in these groups; those in which it is under way stay as they are. Returns in which it began."""
    one = load(connection, corp_id, campaign_id)
    if one.state == "stopped":
        raise PlaybookEnded(campaign_id)
    births = _living(connection, corp_id, some)
    for userid in (staff or {}).values():
        if not tasks.works_here(connection, corp_id, userid):
            raise tasks.StaffNotHere(userid)
    under_way = _states(connection, corp_id, campaign_id, births)
    fresh = [group for group in sorted(births) if under_way.get(group, "ended") == "ended"]
    rows = [
        {
            "corp_id": corp_id, "campaign_id": campaign_id, "group": group, "state": "running",
            "anchor_us": births[group] or now_us if one.playbook.anchor == "birth" else now_us,
            "staff": msgspec.json.encode(dict(staff or {})).decode(), "how": how, "planned_through_us": now_us,
            "version": one.version, "began_us": now_us, "ended_us": None,
        }
        for group in fresh
    ]  # fmt: skip
    dialect.put(connection, playbook_runs, rows)
    return fresh


def staffed(
    connection: Connection, corp_id: str, campaign_id: str, some: Collection[int], staff: Mapping[str, str]
) -> None:
    """Say who is which persona in these groups, from now on; tasks that are open stay with whom they are."""
    for userid in staff.values():
        if not tasks.works_here(connection, corp_id, userid):
            raise tasks.StaffNotHere(userid)
    told = msgspec.json.encode(dict(staff)).decode()
    connection.execute(_of(corp_id, campaign_id, some).values(staff=told))


def pause(connection: Connection, corp_id: str, campaign_id: str, some: Collection[int], *, paused: bool) -> int:
    """Pause a playbook in some groups, or go on. What would have begun meanwhile is not made up for."""
    before, after = ("running", "paused") if paused else ("paused", "running")
    changed = _of(corp_id, campaign_id, some).where(playbook_runs.c.state == before).values(state=after)
    return connection.execute(changed).rowcount


def end(
    together: Together, corp_id: str, campaign_id: str, some: Collection[int], now_us: int, *,
    reason: str = "run_ended", who: str = "",
) -> int:  # fmt: skip
    """End a playbook in some groups: what is planned or open there is skipped, with its tasks."""
    connection = together.connection
    done = connection.execute(
        _of(corp_id, campaign_id, some).where(playbook_runs.c.state != "ended").values(state="ended", ended_us=now_us)
    ).rowcount
    for few in slices(sorted(some)):
        mine = (
            playbook_openings.c.corp_id == corp_id, playbook_openings.c.campaign_id == campaign_id,
            playbook_openings.c.group.in_(few), playbook_openings.c.state.in_(("planned", "open", "late")),
        )  # fmt: skip
        connection.execute(
            sa.update(playbook_openings).where(*mine).values(state="skipped", reason=reason, moved_us=now_us)
        )
        waiting = sa.select(task_rows.c.task_id).where(
            task_rows.c.corp_id == corp_id, task_rows.c.campaign_id == campaign_id, task_rows.c.group.in_(few),
            task_rows.c.state.in_(tasks.WAITING),
        )  # fmt: skip
        ids = list(connection.scalars(waiting))
        tasks.finish(together, corp_id, ids, "skipped", now_us, reason=reason, who=who)
    return done


def move(
    connection: Connection, corp_id: str, campaign_id: str, some: Collection[int], block: str, day: date,
    begins_us: int, now_us: int,
) -> int:  # fmt: skip
    """Let a block that is only planned begin at another time in these groups. Returns in how many."""
    if begins_us <= now_us:
        raise BadPlaybook(block, "a block can be moved to a later time only")
    one = load(connection, corp_id, campaign_id)
    placed = next((p for p in one.playbook.blocks if p.key == block), None)
    if placed is None:
        raise BlockNotPlanned(block, str(day), "not in the playbook")
    to = planning.at(placed, day, begins_us)
    return _change(connection, corp_id, campaign_id, some, block, day, {
        "due_us": to.due_us, "begins_us": to.begins_us, "over_us": to.over_us, "ends_us": to.ends_us,
        "by_hand": True, "moved_us": now_us,
    })  # fmt: skip


def skip(
    connection: Connection, corp_id: str, campaign_id: str, some: Collection[int], block: str, day: date, reason: str,
    now_us: int,
) -> int:  # fmt: skip
    """Leave out a block that is only planned, with a reason. Returns in how many groups."""
    load(connection, corp_id, campaign_id)
    return _change(connection, corp_id, campaign_id, some, block, day, {
        "state": "skipped", "reason": reason.strip() or "by_hand", "by_hand": True, "moved_us": now_us,
    })  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """What a playbook would bring in the coming days, before it is begun."""

    groups: int
    blocks: int
    tasks: int
    messages: int
    by_staff: dict[str, int]
    """Tasks by `userid`; empty for nobody."""
    collisions: list[dict[str, Any]]
    """Blocks of other playbooks in the same group within the hour."""
    over: list[int]
    """Groups that are too old for any of its blocks."""


def preview(
    connection: Connection, corp_id: str, campaign_id: str, some: Collection[int], now_us: int, *, days: int = 28,
    staff: Mapping[str, str] | None = None,
) -> Preview:  # fmt: skip
    """What would come of beginning a playbook in these groups now."""
    one = load(connection, corp_id, campaign_id)
    zone = corps.get(connection, corp_id).time_zone
    births, until = _living(connection, corp_id, some), now_us + days * planning.AHEAD_US * 12
    owners = tasks.staff_of(connection, corp_id, births)
    personas = {**one.playbook.staff, **(staff or {})}
    counts = {"blocks": 0, "tasks": 0, "messages": 0}
    by_staff: dict[str, int] = {}
    times: dict[int, list[planning.Planned]] = {}
    acts = {placed.key: placed.acts() for placed in one.playbook.blocks}
    for group, born in births.items():
        anchor = born or now_us if one.playbook.anchor == "birth" else now_us
        times[group] = planning.plan(one.playbook, anchor, now_us, until, zone)
        for planned in times[group]:
            counts["blocks"] += 1
            for act in acts[planned.placed.key]:
                if act.how == "message":
                    counts["messages"] += 1
                    continue
                counts["tasks"] += 1
                whose = personas.get(act.persona) or owners.get(group, "")
                by_staff[whose] = by_staff.get(whose, 0) + 1
    return Preview(
        len(births), counts["blocks"], counts["tasks"], counts["messages"], by_staff,
        _collisions(connection, corp_id, campaign_id, times, until), [g for g, plans in times.items() if not plans],
    )  # fmt: skip


def _collisions(
    connection: Connection, corp_id: str, campaign_id: str, times: Mapping[int, list[planning.Planned]], until_us: int
) -> list[dict[str, Any]]:  # fmt: skip
    found: list[dict[str, Any]] = []
    hour = 60 * planning.MINUTE_US
    for few in slices(sorted(times)):
        asked = sa.select(playbook_openings).where(
            playbook_openings.c.corp_id == corp_id, playbook_openings.c.group.in_(few),
            playbook_openings.c.campaign_id != campaign_id, playbook_openings.c.state.in_(("planned", "open", "late")),
            playbook_openings.c.begins_us < until_us,
        )  # fmt: skip
        for row in connection.execute(asked):
            found += [
                {"group": row.group, "campaign_id": row.campaign_id, "block": planned.placed.key, "other": row.block,
                 "begins_us": planned.begins_us, "other_begins_us": row.begins_us}
                for planned in times[row.group]
                if abs(planned.begins_us - row.begins_us) < hour
            ]  # fmt: skip
    return sorted(found, key=lambda one: one["begins_us"])[:200]


# ---- rows ----


def kept(row: Any) -> Kept:
    return Kept(
        row.campaign_id, msgspec.json.decode(row.body, type=Playbook), row.state, row.version, row.created_us,
        row.changed_us,
    )  # fmt: skip


def _written(playbook: Playbook) -> str:
    return msgspec.json.encode(playbook).decode()


def _of(corp_id: str, campaign_id: str, some: Collection[int]) -> sa.Update:
    return sa.update(playbook_runs).where(
        playbook_runs.c.corp_id == corp_id, playbook_runs.c.campaign_id == campaign_id,
        playbook_runs.c.group.in_(sorted(some)),
    )  # fmt: skip


def _living(connection: Connection, corp_id: str, some: Collection[int]) -> dict[int, int | None]:
    """When each of these groups was born. All of them must be here and not dismissed."""
    found: dict[int, int | None] = {}
    for few in slices(sorted(set(some))):
        asked = sa.select(groups.c.group_id, groups.c.created_us).where(
            groups.c.corp_id == corp_id, groups.c.group_id.in_(few), groups.c.dismissed_us.is_(None)
        )
        found |= dialect.pairs(connection.execute(asked))
    if missing := sorted(set(some) - set(found)):
        raise GroupsNotHere(missing[:20])
    return found


def _states(connection: Connection, corp_id: str, campaign_id: str, some: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for few in slices(sorted(some)):
        asked = sa.select(playbook_runs.c.group, playbook_runs.c.state).where(
            playbook_runs.c.corp_id == corp_id, playbook_runs.c.campaign_id == campaign_id,
            playbook_runs.c.group.in_(few),
        )  # fmt: skip
        found |= dialect.pairs(connection.execute(asked))
    return found


def _change(
    connection: Connection, corp_id: str, campaign_id: str, some: Collection[int], block: str, day: date,
    values: dict[str, Any],
) -> int:  # fmt: skip
    changed = 0
    for few in slices(sorted(set(some))):
        mine = (
            playbook_openings.c.corp_id == corp_id, playbook_openings.c.campaign_id == campaign_id,
            playbook_openings.c.group.in_(few), playbook_openings.c.block == block,
            playbook_openings.c.day == day.isoformat(),
        )  # fmt: skip
        done = sa.update(playbook_openings).where(*mine, playbook_openings.c.state == "planned").values(**values)
        changed += connection.execute(done).rowcount
        if not changed:
            state = connection.execute(sa.select(playbook_openings.c.state).where(*mine)).scalar()
            raise BlockNotPlanned(block, day.isoformat(), state or "not planned")
    return changed
