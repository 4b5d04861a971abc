"""Broadcasts over HTTP: drafts, the check before they go out, approval, and what became of each recipient."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from fastapi import APIRouter, Request
from starlette.responses import Response

from tiefen.act import outbox
from tiefen.act.broadcasts import keeping
from tiefen.act.broadcasts.brought import Act, brought
from tiefen.act.broadcasts.keeping import Broadcast, step_of
from tiefen.act.broadcasts.launches import WAVES
from tiefen.act.broadcasts.preflight import Preflight, Sample, Why, preflight, sentence_of
from tiefen.act.broadcasts.trying import STEP, as_example, examples, try_on
from tiefen.act.copy_checks import CHECKS, Copy, Found, look_at
from tiefen.act.copy_checks.phone_screen import lines_of
from tiefen.act.templates import BadTemplate, Refused, TextTooLong, UnknownVariable, fill
from tiefen.act.variables import VARIABLES, staff_names
from tiefen.kit.clock import DAY_US, day_of, from_us
from tiefen.kit.errors import TiefenError
from tiefen.ledger.schema import channel_tasks, groups, wecom_staff
from tiefen.ledger.schema.segments import audiences, segments
from tiefen.ledger.schema.touches import proposals
from tiefen.web.answers import answer
from tiefen.web.broadcast_inputs import (
    BroadcastIn,
    CheckIn,
    SavedIn,
    TryIn,
    VersionIn,
    message_of,
    plan_of,
    plan_told,
)
from tiefen.web.clock import corp_now
from tiefen.web.context import Asked, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.errors import NotFound, UnknownKey
from tiefen.web.inputs import After, Limit, TextPath, TextQuery
from tiefen.web.names import group_names, person_names
from tiefen.web.paging import decode_cursor, encode_cursor, page_of
from tiefen.wecom.channel import Channel, Recipient
from tiefen.wecom.connections import api
from tiefen.wecom.connections import connection as connection_of
from tiefen.wecom.delivering import FAILED

router = APIRouter(tags=["broadcasts"])
STATES = ("proposed", "admitted", "refused", "tasked", "sent", "delivered", "failed")
_MOST_GROUPS, _BROUGHT_DAYS = 2_000, 60

# ---- lists and options --------------------------------------------------------------------------


@router.get("/api/broadcasts")
def list_broadcasts(request: Request, asked: SignedIn, state: TextQuery = None) -> Response:
    """Every broadcast with how many are in which state, the one changed last first."""
    if state is not None and state not in (*keeping.WAITING, *keeping.UNDER_WAY, "draft", "done", "cancelled"):
        raise UnknownKey("state", state[:40])
    with asked.ledger.read() as connection:
        found = keeping.every(connection, asked.corp_id, states=[state] if state else ())
        counted = outbox.counts(connection, asked.corp_id, [one.campaign_id for one in found])
    return answer({"items": [listed(one, counted.get(one.campaign_id, {})) for one in found]}, request)


@router.get("/api/broadcasts-brought")
def list_brought(request: Request, asked: SignedIn) -> Response:
    """What the broadcasts of the last 60 days brought, each act told to the last message before it, of all of them."""
    with asked.ledger.read() as connection:
        found = keeping.every(connection, asked.corp_id, states=(*keeping.UNDER_WAY, "done", "cancelled"))
    since = corp_now(asked) - _BROUGHT_DAYS * DAY_US
    acts = what_followed(asked, [one for one in found if (one.begins_us or 0) >= since])
    by_campaign: dict[str, list[Act]] = {}
    for act in acts:
        by_campaign.setdefault(act.campaign_id, []).append(act)
    return answer({"items": {campaign: summed(some) for campaign, some in by_campaign.items()}}, request)


@router.get("/api/broadcast-options")
def options(request: Request, asked: SignedIn) -> Response:
    """What a broadcast can be put together from: variables, segments, audiences, groups, staff, waves, checks."""
    corp_id = asked.corp_id
    with asked.ledger.read() as connection:
        size = sa.case((segments.c.built_us.is_not(None), segments.c.size))
        of_segments = sa.select(segments.c.segment_id, segments.c.name, size).where(
            segments.c.corp_id == corp_id, segments.c.state == "active"
        )
        of_audiences = sa.select(audiences.c.audience_id, audiences.c.name, audiences.c.size).where(
            audiences.c.corp_id == corp_id
        )
        of_groups = sa.select(groups.c.group_id).where(groups.c.corp_id == corp_id, groups.c.dismissed_us.is_(None))
        called = group_names(connection, connection.scalars(of_groups.limit(_MOST_GROUPS)).all())
        of_staff = sa.select(wecom_staff.c.userid, wecom_staff.c.name).where(
            wecom_staff.c.corp_id == corp_id, wecom_staff.c.gone_us.is_(None), wecom_staff.c.serves.is_(True)
        )
        told = {
            "segments": [
                {"key": key, "name": name, "size": size}
                for key, name, size in connection.execute(of_segments.order_by(segments.c.name))
            ],
            "audiences": [
                {"key": key, "name": name, "size": size}
                for key, name, size in connection.execute(of_audiences.order_by(audiences.c.created_us.desc()))
            ],
            "groups": [
                {"group": group, "name": name} for group, name in sorted(called.items(), key=lambda one: one[1])
            ],
            "staff": [
                {"userid": userid, "name": name or userid}
                for userid, name in connection.execute(of_staff.order_by(wecom_staff.c.name))
            ],
        }
    told["variables"] = [
        {"key": one.key, "zh": one.zh, "en": one.en, "of": one.of, "example": one.example, "fallback": one.fallback}
        for one in VARIABLES
    ]
    told["waves"] = [{"key": one.key, "zh": one.zh, "en": one.en, "days": one.days, "hour": one.hour} for one in WAVES]
    told["checks"] = [{"key": one.key, "zh": one.zh, "en": one.en, "basis": one.basis} for one in CHECKS]
    return answer(told, request)


@router.post("/api/broadcasts/check")
def check_copy(asked: SignedIn, given: CheckIn) -> Response:
    """What is found in a text, and how it would read with examples in place of its variables."""
    message = message_of(given.message)
    with asked.ledger.read() as connection:
        lately = keeping.said_lately(connection, asked.corp_id, given.but, corp_now(asked))
    found = look_at(Copy(message=message, channel=given.channel, purpose=given.purpose, lately=lately))
    try:
        shown = fill(message, examples(message))
    except (BadTemplate, UnknownVariable, TextTooLong):
        shown = message
    shown = message if isinstance(shown, Refused) else shown
    return answer(
        {
            "findings": [_found(one) for one in found], "example": shown, "lines": lines_of(shown.text),
            "bytes": len(shown.text.encode()),
        }
    )  # fmt: skip


# ---- one broadcast ------------------------------------------------------------------------------


@router.post("/api/broadcasts")
def create(asked: SignedIn, given: BroadcastIn) -> Response:
    """A new draft."""
    with asked.ledger.write() as connection:
        made = keeping.create(
            connection, asked.corp_id, given.name, given.purpose, plan_of(given.plan), corp_now(asked)
        )
    asked.audit("drafted a broadcast", made.campaign_id)
    return answer(_told(made))


@router.get("/api/broadcasts/{campaign_id}")
def one(request: Request, asked: SignedIn, campaign_id: TextPath) -> Response:
    """A broadcast with how far it is: counts, refusals with their reasons, and what waits for which staff."""
    with asked.ledger.read() as connection:
        found = keeping.get(connection, asked.corp_id, campaign_id)
        counted = outbox.counts(connection, asked.corp_id, [campaign_id]).get(campaign_id, {})
        told = _told(found) | {
            "counts": _counts(found, counted), "reasons": _reasons(found, counted),
            "arms": _by_arm(connection, asked.corp_id, found), "staff": _by_staff(connection, asked.corp_id, found),
            "samples": _texts(connection, asked.corp_id, found),
        }  # fmt: skip
    return answer(told, request)


@router.put("/api/broadcasts/{campaign_id}")
def save(asked: SignedIn, campaign_id: TextPath, given: SavedIn) -> Response:
    """Change it, unless somebody else did meanwhile. An approved one is a draft again."""
    with asked.ledger.write() as connection:
        before = keeping.get(connection, asked.corp_id, campaign_id).plan
        saved = keeping.save(
            connection, asked.corp_id, campaign_id, given.version, name=given.name, purpose=given.purpose,
            plan=plan_of(given.plan, launch=before.launch, wave=before.wave), now_us=corp_now(asked),
        )  # fmt: skip
    asked.audit("edited a broadcast", campaign_id)
    return answer(_told(saved))


@router.post("/api/broadcasts/{campaign_id}/duplicate")
def duplicate(asked: SignedIn, campaign_id: TextPath) -> Response:
    """Another draft that says the same to the same."""
    with asked.ledger.write() as connection:
        found = keeping.get(connection, asked.corp_id, campaign_id)
        plan = msgspec.structs.replace(found.plan, launch=None, wave="")
        name = f"{found.name[:190]} (2)"
        made = keeping.create(connection, asked.corp_id, name, found.purpose, plan, corp_now(asked))
    asked.audit("duplicated a broadcast", campaign_id)
    return answer(_told(made))


@router.post("/api/broadcasts/{campaign_id}/preflight")
def look_before(asked: SignedIn, campaign_id: TextPath) -> Response:
    """Who would get what, who would not and why, and what it asks of staff; nothing is proposed."""
    with asked.ledger.read() as connection:
        found = keeping.get(connection, asked.corp_id, campaign_id)
    seen = preflight(asked.ledger, asked.house.settings, asked.corp_id, found, corp_now(asked))
    with asked.ledger.read() as connection:
        numbers = [sample.unit for sample in seen.samples]
        called = (group_names if found.plan.channel == "group" else person_names)(connection, numbers)
    return answer(_preflight_told(seen, called) | {"version": found.version})


@router.post("/api/broadcasts/{campaign_id}/approve")
def approve(asked: SignedIn, campaign_id: TextPath, given: VersionIn) -> Response:
    """Let it go out at its time."""
    with asked.ledger.write() as connection:
        done = keeping.approve(
            connection, asked.corp_id, campaign_id, given.version, asked.who.label, corp_now(asked)
        )  # fmt: skip
    asked.audit("approved a broadcast", campaign_id)
    return answer(_told(done))


@router.post("/api/broadcasts/{campaign_id}/undo")
def undo(asked: SignedIn, campaign_id: TextPath, given: VersionIn) -> Response:
    """Take it back, whole, as long as nothing of it is with staff."""
    with asked.ledger.together() as together:
        done = keeping.undo(together, asked.corp_id, campaign_id, given.version, corp_now(asked))
    asked.audit("took a broadcast back", campaign_id)
    return answer(_told(done))


@router.post("/api/broadcasts/{campaign_id}/cancel")
def cancel(asked: SignedIn, campaign_id: TextPath, given: VersionIn) -> Response:
    """Let go of what is not sent yet; the tasks of staff are stopped too."""
    with asked.ledger.together() as together:
        done, tasks = keeping.cancel(together, asked.corp_id, campaign_id, given.version, corp_now(asked))
    asked.audit("cancelled a broadcast", campaign_id)
    return answer(_told(done) | {"stopped": stop_tasks(asked, tasks), "tasks": len(tasks)})


@router.post("/api/broadcasts/{campaign_id}/nudge")
def nudge(asked: SignedIn, campaign_id: TextPath) -> Response:
    """Remind staff of what they have not confirmed; WeCom lets it happen three times in 24 hours."""
    with asked.ledger.read() as connection:
        keeping.get(connection, asked.corp_id, campaign_id)
        tasks = keeping.tasks_of(connection, asked.corp_id, campaign_id)
    nudged, again = 0, []
    if tasks:
        channel = channel_of(asked)
        for task in tasks:
            done = channel.nudge_staff(task)
            nudged += done.done
            again += [done.again_us] if done.again_us is not None else []
    asked.audit("reminded staff of a broadcast", campaign_id)
    return answer({"tasks": len(tasks), "nudged": nudged, "again_at": from_us(min(again)) if again else None})


@router.post("/api/broadcasts/{campaign_id}/try")
def try_it(asked: SignedIn, campaign_id: TextPath, given: TryIn) -> Response:
    """Try one variant on oneself: as a message to somebody (through staff, like the real one), or as a note to a member of staff."""
    with asked.ledger.read() as connection:
        found = keeping.get(connection, asked.corp_id, campaign_id)
    if given.person is not None:
        proposal = try_on(
            asked.ledger, asked.house.settings, asked.corp_id, found, given.person, given.variant, corp_now(asked)
        )
        asked.audit("tried a broadcast", campaign_id)
        return answer({"proposal": proposal, "delivered": None})
    if not given.staff:
        raise UnknownKey("recipient", "of the trial: name a person or a member of staff")
    text = as_example(found, given.variant).text
    touch = f"{campaign_id}:{STEP}:{given.staff}:{corp_now(asked)}"
    why = channel_of(asked).message_staff([Recipient(touch=touch, to=given.staff)], "text", {"content": text})
    asked.audit("tried a broadcast", campaign_id)
    return answer({"proposal": None, "delivered": why.get(touch) is None, "reason": why.get(touch)})


# ---- who got it ---------------------------------------------------------------------------------


@router.get("/api/broadcasts/{campaign_id}/recipients")
def recipients(
    request: Request, asked: SignedIn, campaign_id: TextPath, state: TextQuery = None, reason: TextQuery = None,
    arm: TextQuery = None, after: After = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """Everybody it was proposed to, with what became of it."""
    with asked.ledger.read() as connection:
        found = keeping.get(connection, asked.corp_id, campaign_id)
        wanted = _recipients(asked, found, state, reason, arm)
        if after is not None:
            wanted = wanted.where(proposals.c.proposal_id > _place(after))
        rows, more = page_of(connection.execute(wanted.limit(limit + 1)).all(), limit)
        called = _called(connection, rows)
        names = staff_names(connection, asked.corp_id, {row.sender for row in rows if row.sender})
    items = [_recipient(row, called, names) for row in rows]
    return answer({"items": items, "next": encode_cursor("b", more.proposal_id) if more is not None else None}, request)


@router.get("/api/broadcasts/{campaign_id}/recipients.csv", responses=CSV_ANSWER)
def recipients_csv(
    asked: SignedIn, campaign_id: TextPath, state: TextQuery = None, reason: TextQuery = None, arm: TextQuery = None
) -> Response:
    """The same as CSV; numbers and no names."""
    with asked.ledger.read() as connection:
        found = keeping.get(connection, asked.corp_id, campaign_id)
    header = ["person", "group", "variant", "state", "reason", "sender", "moved_at"]

    def lines() -> Iterator[list[Any]]:
        with asked.ledger.read() as connection:
            for row in connection.execute(_recipients(asked, found, state, reason, arm)):
                yield [row.person, row.group, row.arm, row.state, row.reason, row.sender, from_us(row.moved_us)]

    asked.audit("exported recipients of a broadcast", campaign_id)
    return download("recipients.csv", header, lines())


@router.get("/api/broadcasts/{campaign_id}/results")
def results(request: Request, asked: SignedIn, campaign_id: TextPath) -> Response:
    """What followed: orders (or what it was for) of those who got it, each told to the last message before."""
    with asked.ledger.read() as connection:
        found = keeping.get(connection, asked.corp_id, campaign_id)
        reached = _by_arm(connection, asked.corp_id, found)
    acts = what_followed(asked, [found])
    return answer(
        {
            "goal": msgspec.to_builtins(found.plan.goal), "total": summed(acts),
            "arms": [
                {"arm": row["arm"], "told": row["delivered"], **summed([act for act in acts if act.arm == row["arm"]])}
                for row in reached
            ],
            "days": by_day(asked, acts),
        },
        request,
    )  # fmt: skip


_kept: OrderedDict[tuple[Any, ...], list[Act]] = OrderedDict()
_keeping = threading.Lock()


def what_followed(asked: Asked, some: Sequence[Broadcast]) -> list[Act]:
    """What these broadcasts brought; asked of the facts once until there are others."""
    key = (
        str(asked.house.settings.data), asked.corp_id, asked.ledger.last_seq(),
        tuple((one.campaign_id, one.plan.goal.what, one.plan.goal.days) for one in some),
    )  # fmt: skip
    with _keeping:
        if key in _kept:
            return _kept[key]
    acts = brought(asked.ledger, asked.house.settings, asked.corp_id, some)
    with _keeping:
        _kept[key] = acts
        while len(_kept) > 50:
            _kept.popitem(last=False)
    return acts


def summed(acts: Sequence[Act]) -> dict[str, Any]:
    return {
        "acts": len(acts), "people": len({act.person for act in acts}), "amount_fen": sum(act.amount_fen for act in acts)
    }  # fmt: skip


def by_day(asked: Asked, acts: Sequence[Act]) -> list[dict[str, Any]]:
    """By day of the company's calendar."""
    zone_name = asked.ledger.corp(asked.corp_id).time_zone
    days: dict[Any, list[Act]] = {}
    for act in acts:
        days.setdefault(day_of(act.at_us, zone_name), []).append(act)
    return [{"day": day, **summed(some)} for day, some in sorted(days.items())]


# ---- the channel --------------------------------------------------------------------------------


def channel_of(asked: Asked) -> Channel:
    """The company's way into WeCom; where it is not connected that is said."""
    of = connection_of(asked.ledger, asked.corp_id)
    return Channel(asked.ledger, asked.corp_id, api(of), clock=lambda: corp_now(asked))


def stop_tasks(asked: Asked, tasks: Sequence[str]) -> int:
    """Stop what staff have not confirmed; what WeCom does not let be stopped now is tried by the next look at the task."""
    stopped = 0
    if tasks:
        channel = channel_of(asked)
        for task in tasks:
            try:
                stopped += channel.cancel(task)
            except TiefenError:
                continue
    return stopped


# ---- how it is told -----------------------------------------------------------------------------


def listed(one: Broadcast, counted: Mapping[tuple[str, str, str], int]) -> dict[str, Any]:
    """A row of a list."""
    progress = one.body.progress
    return {
        "campaign_id": one.campaign_id, "name": one.name, "purpose": one.purpose, "state": one.state,
        "version": one.version, "channel": one.plan.channel, "launch": one.plan.launch, "wave": one.plan.wave,
        "begins_at": _at(one.begins_us if one.begins_us is not None else one.plan.when.at_us),
        "changed_at": from_us(one.changed_us), "audience": None if progress is None else progress.audience,
        "held_out": None if progress is None else progress.held_out, "variants": len(one.plan.variants),
        "text": one.plan.variants[0].message.text[:120] if one.plan.variants else "",
        "counts": _counts(one, counted),
    }  # fmt: skip


def _told(one: Broadcast) -> dict[str, Any]:
    progress = one.body.progress
    return {
        "campaign_id": one.campaign_id, "name": one.name, "purpose": one.purpose, "state": one.state,
        "version": one.version, "channel": one.plan.channel, "plan": plan_told(one.plan), "approved_by": one.body.by,
        "created_at": from_us(one.created_us), "changed_at": from_us(one.changed_us), "begins_at": _at(one.begins_us),
        "ends_at": _at(one.ends_us), "progress": None if progress is None else {
            "audience": progress.audience, "done": progress.done, "held_out": progress.held_out,
            "proposed": progress.proposed, "plain": progress.plain, "began_at": from_us(progress.began_us),
        },
    }  # fmt: skip


def _at(us: int | None) -> Any:
    return None if us is None else from_us(us)


def _counts(one: Broadcast, counted: Mapping[tuple[str, str, str], int]) -> dict[str, int]:
    found = dict.fromkeys(STATES, 0)
    for (step, state, _), times in counted.items():
        if step == step_of(one) and state in found:
            found[state] += times
    return found


def _reasons(one: Broadcast, counted: Mapping[tuple[str, str, str], int]) -> list[dict[str, Any]]:
    rows = []
    for (step, state, reason), times in sorted(counted.items(), key=lambda item: -item[1]):
        if step == step_of(one) and reason and times:
            zh, en = said_why(reason)
            rows.append({"state": state, "reason": reason, "zh": zh, "en": en, "times": times})
    return rows


def said_why(reason: str) -> tuple[str, str]:
    """Why, in Chinese and English, whether gate or channel said so."""
    return FAILED.get(reason) or sentence_of(reason)


def _by_arm(connection: sa.Connection, corp_id: str, one: Broadcast) -> list[dict[str, Any]]:
    rows = connection.execute(
        sa.select(proposals.c.arm, proposals.c.state, sa.func.count())
        .where(*_mine(corp_id, one))
        .group_by(proposals.c.arm, proposals.c.state)
    )
    found: dict[str, Counter[str]] = {variant.name: Counter() for variant in one.plan.variants}
    for arm, state, times in rows:
        found.setdefault(arm, Counter())[state] += times
    return [{"arm": arm, **{state: counted[state] for state in STATES}} for arm, counted in found.items()]


def _by_staff(connection: sa.Connection, corp_id: str, one: Broadcast) -> list[dict[str, Any]]:
    """Who of staff has how much still to confirm, and how much of theirs went out."""
    rows = connection.execute(
        sa.select(
            proposals.c.sender,
            proposals.c.state,
            sa.func.count(),
            sa.func.count(sa.distinct(proposals.c.task_id)),
            sa.func.min(proposals.c.moved_us),
        )
        .where(*_mine(corp_id, one), proposals.c.sender.is_not(None))
        .group_by(proposals.c.sender, proposals.c.state)
    ).all()
    names = staff_names(connection, corp_id, {row[0] for row in rows})
    nudged = _nudged(connection, corp_id, one.campaign_id)
    found: dict[str, dict[str, Any]] = {}
    for userid, state, times, tasks, since in rows:
        of = found.setdefault(
            userid,
            {"userid": userid, "name": names.get(userid) or userid, "waiting": 0, "tasks": 0, "since": None,
             "delivered": 0, "failed": 0, "nudged": nudged.get(userid, 0)},
        )  # fmt: skip
        if state == "tasked":
            of |= {"waiting": times, "tasks": tasks, "since": from_us(since)}
        elif state in ("delivered", "failed"):
            of[state] = times
    return sorted(found.values(), key=lambda of: (-of["waiting"], of["name"]))


def _nudged(connection: sa.Connection, corp_id: str, campaign_id: str) -> dict[str, int]:
    """How often each member of staff was reminded of it."""
    mine = sa.select(proposals.c.task_id, proposals.c.sender).distinct().where(
        proposals.c.corp_id == corp_id, proposals.c.campaign_id == campaign_id, proposals.c.task_id.is_not(None)
    )  # fmt: skip
    of = mine.subquery()
    rows = connection.execute(
        sa.select(of.c.sender, channel_tasks.c.body).join(channel_tasks, channel_tasks.c.task_id == of.c.task_id)
    )
    found: Counter[str] = Counter()
    for sender, body in rows:
        found[sender] = max(found[sender], len(msgspec.json.decode(body).get("nudged_us") or ()))
    return found


def _texts(connection: sa.Connection, corp_id: str, one: Broadcast) -> list[dict[str, Any]]:
    """What each variant read for somebody, as it went out."""
    told = []
    for variant in one.plan.variants:
        asked = sa.select(proposals.c.content_id).where(
            *_mine(corp_id, one), proposals.c.arm == variant.name, proposals.c.content_id != ""
        )
        content_id = connection.execute(asked.limit(1)).scalar()
        message = outbox.content(connection, corp_id, content_id) if content_id else variant.message
        told.append({"arm": variant.name, "message": message})
    return told


def _mine(corp_id: str, one: Broadcast) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        proposals.c.corp_id == corp_id, proposals.c.campaign_id == one.campaign_id, proposals.c.step == step_of(one)
    )  # fmt: skip


def _recipients(
    asked: Asked, one: Broadcast, state: str | None, reason: str | None, arm: str | None
) -> sa.Select[Any]:  # fmt: skip
    if state is not None and state not in STATES:
        raise UnknownKey("state", state[:40])
    wanted = sa.select(proposals).where(*_mine(asked.corp_id, one))
    for column, value in ((proposals.c.state, state), (proposals.c.reason, reason), (proposals.c.arm, arm)):
        if value is not None:
            wanted = wanted.where(column == value)
    return wanted.order_by(proposals.c.proposal_id)


def _place(after: str) -> str:
    values = decode_cursor(after)
    if len(values) != 2 or values[0] != "b" or not isinstance(values[1], str) or "\0" in values[1]:
        raise NotFound("page", "with this cursor")
    return values[1]


def _called(connection: sa.Connection, rows: Sequence[Any]) -> dict[tuple[str, int], str]:
    persons = person_names(connection, {row.person for row in rows if row.person is not None})
    of_groups = group_names(connection, {row.group for row in rows if row.group is not None})
    return {("person", number): name for number, name in persons.items()} | {
        ("group", number): name for number, name in of_groups.items()
    }


def _recipient(row: Any, called: Mapping[tuple[str, int], str], names: Mapping[str, str]) -> dict[str, Any]:
    of = ("group", row.group) if row.group is not None else ("person", row.person)
    zh, en = said_why(row.reason) if row.reason else (None, None)
    return {
        "person": row.person, "group": row.group, "name": called.get(of, f"#{of[1]}"), "arm": row.arm,
        "state": row.state, "reason": row.reason, "zh": zh, "en": en, "moved_at": from_us(row.moved_us),
        "due_at": from_us(row.due_us), "own_words": row.plain_id is not None, "sender": row.sender,
        "sender_name": names.get(row.sender) if row.sender else None,
    }  # fmt: skip


def _preflight_told(seen: Preflight, called: Mapping[int, str]) -> dict[str, Any]:
    return {
        "audience": seen.audience, "judged": seen.judged, "sampled": seen.sampled, "go": seen.go,
        "held_out": seen.held_out, "arms": [{"arm": arm, "times": times} for arm, times in seen.arms],
        "refused": [_why(one) for one in seen.refused], "postponed": [_why(one) for one in seen.postponed],
        "missing": [{"variable": key, "times": times} for key, times in seen.missing],
        "staff": [
            {
                "userid": one.userid, "name": one.name, "recipients": one.recipients, "tasks": one.tasks,
                "tasks_personal": one.tasks_personal, "plain": one.plain,
            }
            for one in seen.staff
        ],
        "staff_limit": seen.staff_limit, "personal_taps": seen.personal_taps, "without_plain": list(seen.without_plain),
        "plain": seen.plain, "texts": seen.texts, "attention": seen.attention, "seen_by": seen.seen_by,
        "sent_this_month": seen.sent_this_month, "month_limit": seen.month_limit, "stops": seen.stops,
        "findings": [{"arm": arm, "findings": [_found(one) for one in found]} for arm, found in seen.findings],
        "samples": [_sample(one, called) for one in seen.samples],
    }  # fmt: skip


def _why(one: Why) -> dict[str, Any]:
    return {"reason": one.reason, "zh": one.zh, "en": one.en, "times": one.times, "until": _at(one.until_us)}


def _sample(one: Sample, called: Mapping[int, str]) -> dict[str, Any]:
    zh, en = (None, None) if one.outcome == "touch" else sentence_of(one.outcome)
    return {
        "unit": one.unit, "name": called.get(one.unit, f"#{one.unit}"), "arm": one.arm, "message": one.message,
        "outcome": one.outcome, "zh": zh, "en": en,
    }  # fmt: skip


def _found(one: Found) -> dict[str, Any]:
    finding = one.finding
    return {
        "check": {"key": one.check.key, "zh": one.check.zh, "en": one.check.en, "basis": one.check.basis},
        "severity": finding.severity, "where": finding.where, "start": finding.start, "end": finding.end,
        "quote": finding.quote, "zh": finding.zh, "en": finding.en,
        "todo": {"zh": finding.todo_zh, "en": finding.todo_en},
    }  # fmt: skip
