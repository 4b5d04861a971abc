"""Playbooks over HTTP: the catalogue of blocks, ready ones, editing, putting to work in groups, the matrix, the record."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec
import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection
from starlette.responses import Response

from tiefen.act import tasks
from tiefen.act.playbooks import keeping, planning
from tiefen.act.playbooks.block import Block
from tiefen.act.playbooks.blocks import BLOCKS
from tiefen.act.playbooks.keeping import Kept
from tiefen.act.playbooks.personas import PERSONAS
from tiefen.act.playbooks.playbook import BadPlaybook, Playbook, checked
from tiefen.act.playbooks.ready import READY
from tiefen.kit.clock import day_of, from_us, start_of
from tiefen.ledger.group_kinds import GROUP_KINDS, kinds_of_groups
from tiefen.ledger.schema import groups
from tiefen.ledger.schema.playbooks import playbook_openings, playbook_records, playbook_runs
from tiefen.outcome import blocks as effects
from tiefen.web.answers import answer
from tiefen.web.clock import corp_now
from tiefen.web.context import SignedIn
from tiefen.web.errors import UnknownKey
from tiefen.web.inputs import MOST_ID, After, Day, DayQuery, Limit, ShortText, TextPath, TextQuery
from tiefen.web.names import group_names
from tiefen.web.paging import cursor_number, number_cursor, page_of

router = APIRouter(tags=["playbooks"])
_DAYS = 28
Numbers = Annotated[list[Annotated[int, Field(ge=1, le=MOST_ID)]], Field(max_length=5_000)]
Staff = Annotated[dict[ShortText, ShortText], Field(max_length=20)]


class PlaybookIn(BaseModel):
    """A playbook as `tiefen.act.playbooks.playbook.Playbook` reads it; the catalogue has its schema."""

    playbook: dict[str, Any]
    version: Annotated[int, Field(ge=0, le=MOST_ID)] = 0


class ReadyIn(BaseModel):
    ready: ShortText


class StateIn(BaseModel):
    state: Literal["running", "paused", "stopped"]


class AssignIn(BaseModel):
    """In which groups a playbook begins: these, or all whose name has some words, or that are of its kind: as
    was said of them or else their name sounds."""

    groups: Numbers = []
    name_has: ShortText = ""
    same_kind: bool = False
    staff: Staff = {}
    preview: bool = False


class GroupsIn(BaseModel):
    groups: Numbers
    do: Literal["pause", "resume", "end", "staff"]
    staff: Staff = {}


class BlockIn(BaseModel):
    """A block on a day in some groups, to be moved or left out."""

    groups: Numbers
    block: ShortText
    day: Day
    do: Literal["move", "skip"]
    begins_us: Annotated[int, Field(ge=0, le=7_258_118_400_000_000)] = 0
    reason: ShortText = ""


@router.get("/api/playbooks/catalogue")
def catalogue(request: Request, asked: SignedIn) -> Response:
    """Blocks with their settings and words, personas, kinds of groups, ready playbooks, what is measured."""
    return answer(
        {
            "blocks": [_block(block) for block in BLOCKS],
            "personas": [
                {"key": one.key, "zh": one.zh, "en": one.en, "voice_zh": one.voice_zh, "voice_en": one.voice_en}
                for one in PERSONAS
            ],
            "group_kinds": [
                {"key": key, "zh": zh, "en": en, "about_zh": about_zh, "about_en": about_en}
                for key, (zh, en, about_zh, about_en) in GROUP_KINDS.items()
            ],
            "ready": [{"key": key, "playbook": playbook} for key, playbook in READY.items()],
            "outcomes": [
                {"key": one.key, "zh": one.zh, "en": one.en, "better": one.better} for one in effects.OUTCOMES
            ],
        },
        request,
    )


def _block(block: type[Block]) -> dict[str, Any]:
    made = block()
    schema = msgspec.json.schema(block)
    return {
        "kind": block.__struct_config__.tag, "zh": block.title[0], "en": block.title[1], "about_zh": block.about[0],
        "about_en": block.about[1], "purpose": block.purpose, "at": block.at, "hours": block.hours,
        "window_hours": block.window_hours, "essential": block.essential,
        "material": [{"zh": zh, "en": en} for zh, en in block.material], "watch": block.watch,
        "schema": schema["$defs"][block.__name__], "defaults": msgspec.to_builtins(made),
        "acts": [
            {"key": act.key, "zh": act.title[0], "en": act.title[1], "detail": act.detail, "say": act.say,
             "after_minutes": act.after_minutes, "persona": act.persona, "how": act.how, "task_kind": act.kind}
            for act in made.acts()
        ],
    }  # fmt: skip


# ---- the list, one, and changes ----


@router.get("/api/playbooks")
def list_playbooks(request: Request, asked: SignedIn) -> Response:
    """Every playbook with how many groups it runs in and what became of its blocks."""
    with asked.ledger.read() as connection:
        found = keeping.every(connection, asked.corp_id)
        runs, blocks = _counts(connection, asked.corp_id)
    items = [_told(one) | {"runs": runs[one.campaign_id], "blocks": blocks[one.campaign_id]} for one in found]
    for item in items:
        item.pop("playbook")
    return answer({"items": items}, request)


def _counts(connection: Connection, corp_id: str) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    runs: dict[str, dict[str, int]] = defaultdict(dict)
    blocks: dict[str, dict[str, int]] = defaultdict(dict)
    for table, into in ((playbook_runs, runs), (playbook_openings, blocks)):
        asked = (
            sa.select(table.c.campaign_id, table.c.state, sa.func.count())
            .where(table.c.corp_id == corp_id)
            .group_by(table.c.campaign_id, table.c.state)
        )
        for campaign, state, n in connection.execute(asked):
            into[campaign][state] = n
    return runs, blocks


@router.post("/api/playbooks")
def make(asked: SignedIn, given: PlaybookIn) -> Response:
    """Keep a new playbook as a draft."""
    playbook = _read(given.playbook)
    with asked.ledger.write() as connection:
        campaign_id = keeping.make(connection, asked.corp_id, playbook, corp_now(asked))
    asked.audit("made a playbook", campaign_id)
    return answer({"campaign_id": campaign_id}, status=201)


@router.post("/api/playbooks/from-ready")
def from_ready(asked: SignedIn, given: ReadyIn) -> Response:
    """Begin with one of the ready playbooks: a copy of one's own, as a draft."""
    if given.ready not in READY:
        raise UnknownKey("ready playbook", given.ready[:60])
    with asked.ledger.write() as connection:
        campaign_id = keeping.make(connection, asked.corp_id, READY[given.ready], corp_now(asked))
    return answer({"campaign_id": campaign_id}, status=201)


@router.post("/api/playbooks/check")
def check(asked: SignedIn, given: PlaybookIn) -> Response:
    """Whether a playbook can be run as it is, and when its blocks would be in a group that begins it today."""
    playbook = checked(_read(given.playbook))
    zone, now = asked.ledger.corp(asked.corp_id).time_zone, corp_now(asked)
    until = start_of(day_of(now, zone) + timedelta(days=playbook.days or _DAYS), zone)
    return answer(
        {
            "days": [
                {"block": one.placed.key, "day": one.day, "begins_us": one.begins_us}
                for one in planning.plan(playbook, now, start_of(day_of(now, zone), zone), until, zone)
            ]
        }
    )


@router.get("/api/playbooks/{campaign_id}")
def one_playbook(request: Request, asked: SignedIn, campaign_id: TextPath) -> Response:
    with asked.ledger.read() as connection:
        found = keeping.load(connection, asked.corp_id, campaign_id)
        runs, blocks = _counts(connection, asked.corp_id)
    return answer(_told(found) | {"runs": runs[campaign_id], "blocks": blocks[campaign_id]}, request)


@router.put("/api/playbooks/{campaign_id}")
def save(asked: SignedIn, campaign_id: TextPath, given: PlaybookIn) -> Response:
    """Change a playbook that was loaded as this version; of two who do so at once the second is told."""
    playbook = _read(given.playbook)
    with asked.ledger.write() as connection:
        saved = keeping.save(connection, asked.corp_id, campaign_id, playbook, given.version, corp_now(asked))
    return answer(_told(saved))


@router.post("/api/playbooks/{campaign_id}/state")
def set_state(asked: SignedIn, campaign_id: TextPath, given: StateIn) -> Response:
    """Let it run, pause it, or end it for good."""
    with asked.ledger.together() as together:
        now, who = corp_now(asked), asked.who.label
        found = keeping.set_state(together, asked.corp_id, campaign_id, given.state, now, who=who)
    asked.audit(f"playbook {given.state}", campaign_id)
    return answer(_told(found))


@router.post("/api/playbooks/{campaign_id}/assign")
def assign(asked: SignedIn, campaign_id: TextPath, given: AssignIn) -> Response:
    """Begin it in groups, or show beforehand what that would bring: tasks by staff, messages, collisions."""
    now = corp_now(asked)
    with asked.ledger.read() as connection:
        one = keeping.load(connection, asked.corp_id, campaign_id)
        some = _chosen(connection, asked.corp_id, one.playbook, given)
        if given.preview:
            seen = keeping.preview(connection, asked.corp_id, campaign_id, some, now, staff=given.staff)
            named = {hit["group"] for hit in seen.collisions} | set(seen.over) | set(some[:200])
            called = group_names(connection, named)
            return answer(
                {
                    "groups": [{"group": group, "name": called.get(group, f"#{group}")} for group in some[:200]],
                    "total": seen.groups, "blocks": seen.blocks, "tasks": seen.tasks, "messages": seen.messages,
                    "by_staff": [{"staff": who, "tasks": n} for who, n in sorted(seen.by_staff.items(), key=lambda x: -x[1])],
                    "collisions": [{**hit, "name": called.get(hit["group"], "")} for hit in seen.collisions],
                    "over": [{"group": group, "name": called.get(group, "")} for group in seen.over[:200]],
                }
            )  # fmt: skip
    with asked.ledger.write() as connection:
        begun = keeping.assign(connection, asked.corp_id, campaign_id, some, now, staff=given.staff)
    asked.audit("began a playbook", f"{campaign_id} in {len(begun)} groups")
    return answer({"begun": begun, "under_way": len(some) - len(begun)})


def _chosen(connection: Connection, corp_id: str, playbook: Playbook, given: AssignIn) -> list[int]:
    some = set(given.groups)
    words = given.name_has.strip()
    if words or given.same_kind:
        asked = sa.select(groups.c.group_id).where(groups.c.corp_id == corp_id, groups.c.dismissed_us.is_(None))
        if words:
            asked = asked.where(groups.c.name.icontains(words, autoescape=True))
        found = list(connection.scalars(asked))
        if given.same_kind:
            kinds = kinds_of_groups(connection, corp_id, found)
            found = [group for group in found if kinds[group].kind == playbook.group_kind]
        some |= set(found)
    if not some:
        raise BadPlaybook("", "no group was chosen")
    return sorted(some)


@router.post("/api/playbooks/{campaign_id}/groups")
def change_groups(asked: SignedIn, campaign_id: TextPath, given: GroupsIn) -> Response:
    """Pause, resume or end it in some groups, or say who is which persona there."""
    with asked.ledger.together() as together:
        connection, corp_id = together.connection, asked.corp_id
        keeping.load(connection, corp_id, campaign_id)
        match given.do:
            case "end":
                changed = keeping.end(
                    together, corp_id, campaign_id, given.groups, corp_now(asked), who=asked.who.label
                )  # fmt: skip
            case "staff":
                keeping.staffed(connection, corp_id, campaign_id, given.groups, given.staff)
                changed = len(given.groups)
            case _:
                changed = keeping.pause(connection, corp_id, campaign_id, given.groups, paused=given.do == "pause")
    return answer({"changed": changed})


@router.post("/api/playbooks/{campaign_id}/block")
def change_block(asked: SignedIn, campaign_id: TextPath, given: BlockIn) -> Response:
    """Move a block that is only planned, or leave it out with a reason."""
    now, corp_id = corp_now(asked), asked.corp_id
    with asked.ledger.write() as connection:
        if given.do == "move":
            changed = keeping.move(
                connection, corp_id, campaign_id, given.groups, given.block, given.day, given.begins_us, now
            )
        else:
            changed = keeping.skip(
                connection, corp_id, campaign_id, given.groups, given.block, given.day, given.reason, now
            )
    return answer({"changed": changed})


# ---- what became of it ----


@router.get("/api/playbooks/{campaign_id}/matrix")
def matrix(
    request: Request, asked: SignedIn, campaign_id: TextPath, since: DayQuery = None,
    days: Annotated[int, Query(ge=1, le=62)] = _DAYS, state: TextQuery = None, after: After = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """Groups by days: which block of which day is planned, open, late, done or skipped in which group."""
    zone, now = asked.ledger.corp(asked.corp_id).time_zone, corp_now(asked)
    first = since or day_of(now, zone) - timedelta(days=7)
    span = start_of(first, zone), start_of(first + timedelta(days=days), zone)
    beyond = cursor_number(after, "group")
    with asked.ledger.read() as connection:
        one = keeping.load(connection, asked.corp_id, campaign_id)
        mine = playbook_runs.c.corp_id == asked.corp_id, playbook_runs.c.campaign_id == campaign_id
        asked_runs = sa.select(playbook_runs).where(*mine)
        if beyond is not None:
            asked_runs = asked_runs.where(playbook_runs.c.group > beyond)
        if state is not None:
            asked_runs = asked_runs.where(playbook_runs.c.state == state)
        rows = list(connection.execute(asked_runs.order_by(playbook_runs.c.group).limit(limit + 1)))
        shown, last = page_of(rows, limit)
        total = connection.execute(sa.select(sa.func.count()).select_from(playbook_runs).where(*mine)).scalar_one()
        some = [row.group for row in shown]
        cells = _cells(connection, asked.corp_id, campaign_id, some, span, zone)
        called = group_names(connection, some)
        staff = {person.userid: person.name for person in tasks.working(connection, asked.corp_id)}
        owners = tasks.staff_of(connection, asked.corp_id, some)
    titles = {placed.key: _title(placed.block) for placed in one.playbook.blocks}
    return answer(
        {
            "now_us": now, "first": first, "days": days, "total": total,
            "blocks": [{"key": key, "zh": zh, "en": en} for key, (zh, en) in titles.items()],
            "rows": [
                {
                    "group": row.group, "name": called.get(row.group, f"#{row.group}"), "state": row.state, "how": row.how,
                    "first_day": day_of(row.anchor_us, zone),
                    "staff": {key: staff.get(who, who) for key, who in json.loads(row.staff).items()},
                    "owner": staff.get(owners.get(row.group, "")), "cells": cells[row.group],
                }
                for row in shown
            ],
            "next": None if last is None else number_cursor(last.group, "group"),
        },
        request,
    )  # fmt: skip


def _cells(
    connection: Connection, corp_id: str, campaign_id: str, some: list[int], span: tuple[int, int], zone: str
) -> dict[int, list[dict[str, Any]]]:  # fmt: skip
    o = playbook_openings
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    asked = sa.select(o).where(
        o.c.corp_id == corp_id, o.c.campaign_id == campaign_id, o.c.group.in_(some), o.c.begins_us >= span[0],
        o.c.begins_us < span[1],
    )  # fmt: skip
    for row in connection.execute(asked.order_by(o.c.begins_us, o.c.block)):
        found[row.group].append(
            {"block": row.block, "day": row.day, "on": day_of(row.begins_us, zone), "state": row.state,
             "reason": row.reason, "begins_us": row.begins_us, "moved": bool(row.by_hand)}
        )  # fmt: skip
    return found


def _title(block: Any) -> tuple[str, str]:
    return type(block).title if block.__struct_config__.tag != "note" else (block.what, block.what)


@router.get("/api/playbooks/{campaign_id}/record")
def record(request: Request, asked: SignedIn, campaign_id: TextPath) -> Response:
    """What each block was measured to do, with intervals, and how often it was done, late or skipped."""
    with asked.ledger.read() as connection:
        one = keeping.load(connection, asked.corp_id, campaign_id)
        o, r = playbook_openings, playbook_records
        states = connection.execute(
            sa.select(o.c.block, o.c.state, o.c.reason, sa.func.count())
            .where(o.c.corp_id == asked.corp_id, o.c.campaign_id == campaign_id)
            .group_by(o.c.block, o.c.state, o.c.reason)
        ).all()
        measured = {
            (row.campaign_id, row.block): row
            for row in connection.execute(
                sa.select(r).where(r.c.corp_id == asked.corp_id, r.c.campaign_id.in_([campaign_id, ""]))
            )
        }
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for block, state, reason, n in states:
        counted[block][state] += n
        if state == "skipped" and reason:
            reasons[block][reason] += n
    return answer(
        {
            "least_groups": effects.LEAST_GROUPS,
            "blocks": [
                {
                    "key": placed.key, "kind": str(placed.block.__struct_config__.tag), "zh": _title(placed.block)[0],
                    "en": _title(placed.block)[1], "states": counted[placed.key], "reasons": reasons[placed.key],
                    "here": _measured(measured.get((campaign_id, placed.key))),
                    "everywhere": _measured(measured.get(("", f"kind:{placed.block.__struct_config__.tag}"))),
                }
                for placed in one.playbook.blocks
            ],
        },
        request,
    )  # fmt: skip


@router.post("/api/playbooks/measure")
def measure(asked: SignedIn) -> Response:
    """Measure all blocks now rather than tonight."""
    measured = effects.measure(asked.ledger, asked.house.settings, asked.corp_id, corp_now(asked))
    return answer({"measured": measured})


def _measured(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    return {**msgspec.json.decode(row.body), "measured": from_us(row.measured_us)}


def _told(one: Kept) -> dict[str, Any]:
    return {
        "campaign_id": one.campaign_id, "name": one.playbook.name, "name_en": one.playbook.name_en,
        "group_kind": one.playbook.group_kind, "goal": one.playbook.goal, "days": one.playbook.days,
        "state": one.state, "version": one.version, "changed": from_us(one.changed_us), "size": len(one.playbook.blocks),
        "playbook": one.playbook,
    }  # fmt: skip


def _read(given: dict[str, Any]) -> Playbook:
    """A playbook as it came in; what it may not be is said with its place."""
    try:
        if "\\u0000" in json.dumps(given):
            raise BadPlaybook("", "it holds U+0000, which cannot be kept")
        msgspec.json.encode(given)
        return msgspec.convert(given, Playbook)
    except msgspec.ValidationError as wrong:
        says, _, at = str(wrong).partition(" - at ")
        raise BadPlaybook(at.strip("`$.") or "", says) from None
    except (UnicodeEncodeError, RecursionError, ValueError, TypeError) as wrong:
        raise BadPlaybook("", f"it cannot be kept: {type(wrong).__name__}") from None
