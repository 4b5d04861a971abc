"""Journeys over HTTP: drafts, what is wrong with them, publishing over those inside, rehearsals, and people's paths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec
import sqlalchemy as sa
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection
from starlette.responses import Response

from tiefen.act import outbox, points
from tiefen.act.gate import SENTENCES, Reason
from tiefen.act.journeys import engine, keeping, orders, positions, rehearsal, webhooks
from tiefen.act.journeys.definition import Journey
from tiefen.act.journeys.errors import BadAddress
from tiefen.act.journeys.happening import KINDS
from tiefen.act.journeys.keeping import Row
from tiefen.act.journeys.ready import BY_KEY, READY
from tiefen.act.journeys.rehearsal import Rehearsal
from tiefen.act.journeys.steps import STEPS
from tiefen.act.journeys.steps.webhook import is_address
from tiefen.act.journeys.triggers import TRIGGERS
from tiefen.ledger.facts import BY_KIND, columns
from tiefen.ledger.schema.journeys import journey_entries, journey_moves, journey_positions
from tiefen.ledger.schema.touches import campaigns
from tiefen.web.answers import answer
from tiefen.web.clock import corp_now
from tiefen.web.context import Asked, Owner, SignedIn
from tiefen.web.errors import UnknownKey
from tiefen.web.inputs import MOST_ID, IdPath, Name, ShortText, TextPath, TextQuery
from tiefen.web.names import person_names

router = APIRouter(tags=["journeys"])
_MOST_PEOPLE = 200
Drawn = Annotated[dict[str, Any], Field(description="A journey as `/api/journey-kinds` describes it.")]
Moves = Annotated[dict[ShortText, ShortText | None], Field(max_length=200)]
Person = Annotated[int, Field(ge=1, le=MOST_ID)]
Version = Annotated[int, Field(ge=1, le=MOST_ID)]


class NewIn(BaseModel):
    name: Name
    template: ShortText | None = None
    language: Literal["zh", "en"] = "zh"


class SavedIn(BaseModel):
    version: Version
    name: Name
    journey: Drawn


class DrawnIn(BaseModel):
    journey: Drawn
    moves: Moves = {}


class PublishIn(BaseModel):
    version: Version
    moves: Moves = {}
    note: ShortText = ""


class ChangeIn(BaseModel):
    version: Version


class RollBackIn(BaseModel):
    version: Version
    to: Version


class RehearseIn(BaseModel):
    journey: Drawn
    days: Annotated[int, Field(ge=1, le=rehearsal.MOST_DAYS)] = 30
    compare: bool = False


class TryIn(BaseModel):
    journey: Drawn
    person: Person
    happens: Annotated[list[ShortText], Field(max_length=200)] = []


class EnterIn(BaseModel):
    persons: Annotated[list[Person], Field(min_length=1, max_length=10_000)]


# ---- lists and kinds ----------------------------------------------------------------------------


@router.get("/api/journeys")
def list_journeys(request: Request, asked: SignedIn, stopped: bool = False) -> Response:
    """Every journey with its counts, the one changed last first."""
    with asked.ledger.read() as connection:
        rows = keeping.every(connection, asked.corp_id, ended=stopped)
        ids = [row.journey_id for row in rows]
        counts = positions.counts_of(connection, asked.corp_id, ids)
        sent = outbox.counts(connection, asked.corp_id, ids)
    return answer(
        {"items": [_listed(row, counts[row.journey_id], sent.get(row.journey_id, {})) for row in rows]}, request
    )


@router.get("/api/journey-kinds")
def kinds(request: Request, asked: SignedIn) -> Response:
    """What a journey can be drawn from: steps and triggers with their schemas, facts with their fields, templates."""
    del asked
    told = {
        "steps": [_kind(one, icon=one.icon, rests=one.rests) for one in STEPS],
        "triggers": [_kind(one) for one in TRIGGERS],
        "facts": [
            {
                "key": kind, "zh": BY_KIND[kind].title[0], "en": BY_KIND[kind].title[1],
                "fields": [column.name for column in columns(BY_KIND[kind]) if column.ref is None and not column.many],
            }
            for kind in KINDS
        ],
        "templates": [
            {"key": one.key, "zh": one.title[0], "en": one.title[1], "about_zh": one.about[0], "about_en": one.about[1]}
            for one in READY
        ],
        "reasons": {reason.value: {"zh": zh, "en": en} for reason, (zh, en) in SENTENCES.items()},
        "schema": msgspec.json.schema(Journey),
    }  # fmt: skip
    return answer(told, request)


def _kind(one: Any, **more: Any) -> dict[str, Any]:
    return {"key": one.__struct_config__.tag, "zh": one.title[0], "en": one.title[1], **more}


@router.post("/api/journeys", status_code=201)
def create(body: NewIn, asked: SignedIn) -> Response:
    """A new draft, empty or from a template."""
    if body.template is not None and body.template not in BY_KEY:
        raise UnknownKey("template", body.template[:40])
    drawn = BY_KEY[body.template].make(0 if body.language == "zh" else 1) if body.template else Journey()
    now = corp_now(asked)
    with asked.ledger.write() as connection:
        row = keeping.create(connection, asked.corp_id, body.name, drawn, now, template=body.template or "")
    asked.audit("drew a journey", row.journey_id)
    return answer(_whole(asked, row.journey_id), status=201)


@router.get("/api/journeys/{journey_id}")
def one(request: Request, journey_id: TextPath, asked: SignedIn) -> Response:
    """A journey: as it is drawn and as it runs, what is wrong with it, and how many are where."""
    return answer(_whole(asked, journey_id), request)


# ---- drawing and publishing ---------------------------------------------------------------------


@router.put("/api/journeys/{journey_id}")
def save(journey_id: TextPath, body: SavedIn, asked: SignedIn) -> Response:
    """Keep what was drawn; what runs goes on until it is published."""
    drawn = keeping.understood(body.journey)
    with asked.ledger.write() as connection:
        keeping.save(connection, asked.corp_id, journey_id, body.version, drawn, corp_now(asked), name=body.name)
    return answer(_whole(asked, journey_id))


@router.post("/api/journeys/{journey_id}/check")
def check(journey_id: TextPath, body: DrawnIn, asked: SignedIn) -> Response:
    """What is wrong with a drawing, what it says in words, and who would move where if it were published."""
    drawn = keeping.understood(body.journey)
    with asked.ledger.read() as connection:
        row = keeping.get(connection, asked.corp_id, journey_id)
        wrong = keeping.wrong(connection, asked.corp_id, drawn)
        moving = keeping.preview(connection, asked.corp_id, row, drawn, body.moves)
    running = (row.body.journey or Journey()).by_id
    return answer({
        "wrong": wrong, "says": _says(drawn),
        "moving": [
            {**msgspec.to_builtins(one), "said": _sentence(running[one.step].said() if one.step in running else (one.step,) * 2)}
            for one in moving
        ],
    })  # fmt: skip


@router.post("/api/journeys/{journey_id}/publish")
def publish(journey_id: TextPath, body: PublishIn, asked: SignedIn) -> Response:
    """Let the draft run, and move those inside."""
    with asked.ledger.write() as connection:
        keeping.publish(
            connection, asked.corp_id, journey_id, body.version, corp_now(asked), by=asked.who.label, note=body.note,
            moves=body.moves,
        )  # fmt: skip
    asked.audit("published a journey", journey_id)
    return answer(_whole(asked, journey_id))


@router.post("/api/journeys/{journey_id}/roll-back")
def roll_back(journey_id: TextPath, body: RollBackIn, asked: SignedIn) -> Response:
    """Let an earlier version run again."""
    with asked.ledger.write() as connection:
        keeping.roll_back(
            connection, asked.corp_id, journey_id, body.version, body.to, corp_now(asked), by=asked.who.label
        )
    asked.audit("rolled a journey back", journey_id)
    return answer(_whole(asked, journey_id))


_CHANGES = {"pause": keeping.pause, "continue": keeping.go_on, "stop": keeping.end, "drop-draft": keeping.drop_draft}


@router.post("/api/journeys/{journey_id}/state/{change}")
def change(
    journey_id: TextPath, change: Literal["pause", "continue", "stop", "drop-draft"], body: ChangeIn, asked: SignedIn
) -> Response:  # fmt: skip
    """Pause, continue or stop it, or throw its draft away."""
    with asked.ledger.write() as connection:
        _CHANGES[change](connection, asked.corp_id, journey_id, body.version, corp_now(asked))
    asked.audit(f"{change} of a journey", journey_id)
    return answer(_whole(asked, journey_id))


# ---- trying and rehearsing ----------------------------------------------------------------------


@router.post("/api/journeys/{journey_id}/rehearse")
def rehearse(journey_id: TextPath, body: RehearseIn, asked: SignedIn) -> Response:
    """What it would have done over the last days; with `compare` beside the version that runs."""
    drawn = keeping.understood(body.journey)
    with asked.ledger.read() as connection:
        row = keeping.get(connection, asked.corp_id, journey_id)
    house, now = asked.house, corp_now(asked)
    done = rehearsal.rehearse(
        house.ledger, house.settings, asked.corp_id, drawn, now, days=body.days, journey_id=journey_id
    )
    told = {"draft": _rehearsed(asked, done), "live": None}
    if body.compare and row.body.journey is not None and row.body.journey != drawn:
        other = rehearsal.rehearse(
            house.ledger, house.settings, asked.corp_id, row.body.journey, now, days=body.days, journey_id=journey_id
        )
        told["live"] = _rehearsed(asked, other)
    return answer(told)


@router.post("/api/journeys/{journey_id}/try")
def try_with(journey_id: TextPath, body: TryIn, asked: SignedIn) -> Response:
    """The way somebody would take if they entered now, step by step."""
    drawn = keeping.understood(body.journey)
    with asked.ledger.read() as connection:
        keeping.get(connection, asked.corp_id, journey_id)
    done = rehearsal.try_with(
        asked.ledger, asked.house.settings, asked.corp_id, drawn, body.person, corp_now(asked), happens=body.happens,
        journey_id=journey_id,
    )  # fmt: skip
    by_id = drawn.by_id
    passed = [
        {
            **one._asdict(), "said": _sentence(by_id[one.step].said()), "way_said": _sentence(by_id[one.step].way_said(one.way)),
            "reason_said": _reason(one.reason),
        }
        for one in done.passed
        if one.step in by_id
    ]  # fmt: skip
    return answer({"passed": passed, "how": done.how, "turned_away": done.turned_away, "at": done.at})


@router.post("/api/journeys/{journey_id}/enter")
def enter(journey_id: TextPath, body: EnterIn, asked: SignedIn) -> Response:
    """Put people in, as far as its rules let them."""
    with asked.ledger.read() as connection:
        keeping.get(connection, asked.corp_id, journey_id)
    told = engine.enter_by_hand(
        asked.ledger, asked.house.settings, asked.corp_id, journey_id, body.persons, corp_now(asked)
    )
    asked.audit(f"put {len(body.persons)} into a journey", journey_id)
    return answer({"entered": told})


# ---- people -------------------------------------------------------------------------------------


@router.get("/api/journeys/{journey_id}/people")
def people_inside(request: Request, journey_id: TextPath, asked: SignedIn, step: TextQuery = None) -> Response:
    """Who is inside, those who wait longest first; at one step, if it is named."""
    at = journey_positions.c
    found = sa.select(at.person, at.entry, at.step, at.since_us, at.due_us).where(
        at.corp_id == asked.corp_id, at.journey_id == journey_id
    )
    if step is not None:
        found = found.where(at.step == step)
    with asked.ledger.read() as connection:
        keeping.get(connection, asked.corp_id, journey_id)
        rows = list(connection.execute(found.order_by(at.due_us, at.person).limit(_MOST_PEOPLE)))
        called = person_names(connection, {row.person for row in rows})
    items = [
        {
            "person": row.person, "name": called[row.person], "step": row.step, "since_us": row.since_us,
            "due_us": row.due_us if row.due_us < 1 << 62 else None,
        }
        for row in rows
    ]  # fmt: skip
    return answer({"items": items}, request)


@router.get("/api/persons/{person}/journeys")
def of_person(request: Request, person: IdPath, asked: SignedIn) -> Response:
    """The journeys somebody is or was in, with the way they took."""
    kept, moves, at = journey_entries.c, journey_moves.c, journey_positions.c
    with asked.ledger.read() as connection:
        entries = list(
            connection.execute(
                sa.select(journey_entries)
                .where(kept.corp_id == asked.corp_id, kept.person == person)
                .order_by(kept.entered_us.desc())
                .limit(50)
            )
        )
        took: dict[tuple[str, int], list[Any]] = {}
        asked_moves = sa.select(moves.journey_id, moves.entry, moves.at_us, moves.step, moves.way).where(
            moves.corp_id == asked.corp_id, moves.person == person
        )
        for row in connection.execute(asked_moves.order_by(moves.move_id).limit(2_000)):
            took.setdefault((row.journey_id, row.entry), []).append(row)
        where = {
            (row.journey_id, row.entry): row
            for row in connection.execute(
                sa.select(journey_positions).where(at.corp_id == asked.corp_id, at.person == person)
            )
        }
        drawn = _drawn(connection, asked.corp_id, {row.journey_id for row in entries})
    items = [
        {
            "journey": row.journey_id, "name": drawn[row.journey_id][0] if row.journey_id in drawn else row.journey_id,
            "arm": row.arm, "entered_us": row.entered_us, "left_us": row.left_us, "how": row.how, "goal_us": row.goal_us,
            "at": _at(where.get((row.journey_id, row.entry)), drawn.get(row.journey_id)),
            "path": [_move(move, drawn.get(row.journey_id)) for move in took.get((row.journey_id, row.entry), [])],
        }
        for row in entries
    ]  # fmt: skip
    return answer({"items": items}, request)


# ---- telling ------------------------------------------------------------------------------------


def _listed(row: Row, counts: Counter[tuple[str, str]], sent: Mapping[tuple[str, str, str], int]) -> dict[str, Any]:
    entered, held = counts["", f"entered:{positions.TREATED}"], counts["", f"entered:{positions.HOLDOUT}"]
    left = sum(n for (step, what), n in counts.items() if not step and what.startswith("left:"))
    states: Counter[str] = Counter()
    for (_, state, _), n in sent.items():
        states[state] += n
    return {
        "journey": row.journey_id, "name": row.name, "state": row.state, "version": row.version, "live": row.live,
        "has_draft": row.body.draft is not None, "changed_us": row.changed_us, "created_us": row.created_us,
        "entered": entered, "inside": entered - left, "held_out": held,
        "goal": {"part": counts["", f"goal:{positions.TREATED}"], "whole": entered},
        "goal_held_out": {"part": counts["", f"goal:{positions.HOLDOUT}"], "whole": held},
        "turned_away": _by_reason(counts, "turned_away:"), "left": _by_reason(counts, "left:"),
        "proposed": sum(states.values()), "refused": states["refused"], "messages": dict(states),
        "triggers": [_sentence(trigger.said()) for trigger in row.drawn.triggers],
    }  # fmt: skip


def _by_reason(counts: Counter[tuple[str, str]], head: str, step: str = "") -> dict[str, int]:
    return {what.removeprefix(head): n for (at, what), n in counts.items() if at == step and what.startswith(head)}


def _whole(asked: Asked, journey_id: str) -> dict[str, Any]:
    with asked.ledger.read() as connection:
        row = keeping.get(connection, asked.corp_id, journey_id)
        counts = positions.counts_of(connection, asked.corp_id, [journey_id])[journey_id]
        sent = outbox.counts(connection, asked.corp_id, [journey_id]).get(journey_id, {})
        waiting = keeping.waiting_at(connection, asked.corp_id, journey_id)
        wrong = keeping.wrong(connection, asked.corp_id, row.drawn)
        published = keeping.versions(connection, asked.corp_id, journey_id)
    told = _listed(row, counts, sent)
    steps = {step.id for step in (*row.drawn.steps, *(row.body.journey or Journey()).steps)}
    told |= {
        "drawing": msgspec.to_builtins(row.drawn), "running": msgspec.to_builtins(row.body.journey), "wrong": wrong,
        "says": _says(row.drawn), "versions": published,
        "steps": {step: _step(step, counts, waiting, sent) for step in sorted(steps)},
    }  # fmt: skip
    return told


def _step(
    step: str, counts: Counter[tuple[str, str]], waiting: Mapping[str, int], sent: Mapping[tuple[str, str, str], int]
) -> dict[str, Any]:  # fmt: skip
    ways = _by_reason(counts, "way:", step)
    passed = sum(ways.values())
    return {
        "in": counts[step, "in"], "waiting": waiting.get(step, 0), "ways": ways, "left": _by_reason(counts, "left:", step),
        "not_said": _by_reason(counts, "not_said:", step), "plain": counts[step, "plain"],
        "dwell_s": {"part": counts[step, "dwell_s"], "whole": passed},
        "messages": [
            {"state": state, "reason": reason, "n": n, "said": _reason(reason)}
            for (at, state, reason), n in sorted(sent.items())
            if at == step
        ],
    }  # fmt: skip


def _says(drawn: Journey) -> dict[str, Any]:
    """The drawing in words: steps, what their ways are called, and triggers."""
    return {
        "steps": {
            step.id: {
                "said": _sentence(step.said()), "title": _sentence(step.title), "icon": step.icon,
                "ways": [{"way": way, "to": to, "said": _sentence(step.way_said(way))} for way, to in step.ways().items()],
            }
            for step in drawn.steps
        },
        "triggers": [_sentence(trigger.said()) for trigger in drawn.triggers],
    }  # fmt: skip


def _sentence(said: tuple[str, str]) -> dict[str, str]:
    return {"zh": said[0], "en": said[1]}


def _reason(reason: str) -> dict[str, str] | None:
    if reason not in Reason._value2member_map_:
        return None
    return _sentence(SENTENCES[Reason(reason)])


def _rehearsed(asked: Asked, done: Rehearsal) -> dict[str, Any]:
    with asked.ledger.read() as connection:
        called = person_names(connection, {one.person for one in done.shown})
    hours = sorted(done.load.items())
    return {
        "from_us": done.from_us, "to_us": done.to_us, "facts": done.facts, "entered": done.entered,
        "held_out": done.held_out, "turned_away": _by_reason(done.counts, "turned_away:"),
        "left": _by_reason(done.counts, "left:"), "inside": sum(done.inside.values()),
        "goal": {"part": done.counts["", f"goal:{positions.TREATED}"], "whole": done.entered},
        "admitted": done.outcome("admitted"), "refused": done.outcome("refused"), "waiting": done.outcome("waiting"),
        "plain": sum(n for (_, what), n in done.counts.items() if what == "plain"),
        "messages": [
            {"step": step, "outcome": outcome, "reason": reason, "n": n, "said": _reason(reason)}
            for (step, outcome, reason), n in done.messages.most_common()
        ],
        "steps": {step: _step(step, done.counts, done.inside, {}) for step in {at for at, _ in done.counts if at}},
        "orders": [{"step": step, "kind": kind, "n": n} for (step, kind), n in done.orders.most_common()],
        "load": [{"hour_us": hour, **load} for hour, load in hours],
        "shown": [
            {
                "at_us": one.at_us, "person": one.person, "name": called.get(one.person, f"#{one.person}"),
                "step": one.step, "outcome": one.outcome, "reason_said": _reason(one.reason), "sender": one.sender,
                "text": done.texts[one.content_id].text if one.content_id in done.texts else "",
            }
            for one in done.shown
        ],
        "assumed": [_sentence(one) for one in done.assumed],
    }  # fmt: skip


def _drawn(connection: Connection, corp_id: str, ids: Iterable[str]) -> dict[str, tuple[str, Journey]]:
    """Name and drawing of journeys."""
    asked = sa.select(campaigns.c.campaign_id).where(
        campaigns.c.corp_id == corp_id, campaigns.c.campaign_id.in_(sorted(ids)), campaigns.c.kind == keeping.KIND
    )
    rows = [keeping.get(connection, corp_id, one) for one in connection.scalars(asked)]
    return {row.journey_id: (row.name, row.body.journey or row.drawn) for row in rows}


def _move(row: Any, drawn: tuple[str, Journey] | None) -> dict[str, Any]:
    step = drawn[1].step(row.step) if drawn else None
    return {
        "at_us": row.at_us, "step": row.step, "way": row.way,
        "said": _sentence(step.said()) if step else {"zh": row.step, "en": row.step},
        "way_said": _sentence(step.way_said(row.way)) if step else {"zh": row.way, "en": row.way},
    }  # fmt: skip


def _at(row: Any, drawn: tuple[str, Journey] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    step = drawn[1].step(row.step) if drawn else None
    return {
        "step": row.step, "since_us": row.since_us, "due_us": row.due_us if row.due_us < 1 << 62 else None,
        "said": _sentence(step.said()) if step else {"zh": row.step, "en": row.step},
    }  # fmt: skip


@router.get("/api/webhook-secret")
def webhook_secret(asked: Owner) -> Response:
    """The secret that webhooks are signed with, for whoever builds the other side; nothing where none was made yet."""
    asked.audit("looked at the secret of webhooks")
    return answer({"secret": webhooks.kept_secret(asked.ledger, asked.corp_id)})


@router.post("/api/webhook-secret")
def renew_webhook_secret(asked: Owner) -> Response:
    """Make the secret, or another in its place: what is sent from now on is signed with it."""
    asked.audit("made a new secret of webhooks")
    return answer({"secret": webhooks.renew_secret(asked.ledger, asked.corp_id)})


class HookIn(BaseModel):
    """An address, or nothing where nobody is to be told."""

    url: str = Field(max_length=500)


@router.get("/api/points-hook")
def points_hook(asked: Owner) -> Response:
    """Where the brand's own system of points is told of what journeys give, and how many it has not taken."""
    return answer(_hook(asked))


@router.put("/api/points-hook")
def set_points_hook(asked: Owner, given: HookIn) -> Response:
    """Tell it of what is given from now on; of what was given before nobody is told."""
    url = given.url.strip()
    if url and not is_address(url):
        raise BadAddress(url[:200])
    asked.ledger.update_settings(asked.corp_id, {points.HOOK: url})
    asked.audit("changed settings", points.HOOK)
    return answer(_hook(asked))


def _hook(asked: Asked) -> dict[str, Any]:
    with asked.ledger.read() as connection:
        return {
            "url": points.hook(connection, asked.corp_id) or "",
            **orders.open_ones(connection, asked.corp_id, "points"),
        }
