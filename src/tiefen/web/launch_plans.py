"""Launches that are planned here: waves, planned against real orders by wave, group, content and person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from tiefen.act import outbox
from tiefen.act.broadcasts import launches
from tiefen.act.broadcasts.brought import Act
from tiefen.act.broadcasts.launches import BY_KEY, Launch
from tiefen.act.broadcasts.plan import ToGroups, ToPersons, Whom
from tiefen.kit.clock import from_us, to_us
from tiefen.web.answers import answer
from tiefen.web.broadcast_inputs import Instant, VersionIn, WhomIn, whom_made
from tiefen.web.broadcasts import by_day, listed, stop_tasks, summed, what_followed
from tiefen.web.clock import corp_now
from tiefen.web.context import Asked, SignedIn
from tiefen.web.inputs import Name, ShortText, TextPath
from tiefen.web.names import group_names, person_names

router = APIRouter(tags=["launch plans"])
MOST_SHOWN = 50


class LaunchIn(BaseModel):
    name: Name
    goods: Annotated[ShortText, Field(min_length=1, max_length=60, pattern=r"\S")]
    opens_at: Instant
    whom: WhomIn
    waves: list[Annotated[str, Field(max_length=20)]] = Field(default_factory=lambda: list(BY_KEY), max_length=10)
    planned_orders: int | None = Field(None, ge=0, le=10**9)
    price_fen: int | None = Field(None, ge=0, le=10**10)


class RenamedIn(VersionIn):
    name: Name


@router.get("/api/launch-plans")
def list_launches(request: Request, asked: SignedIn) -> Response:
    """Every launch that was planned, the one that opens last first."""
    with asked.ledger.read() as connection:
        found = launches.every(connection, asked.corp_id)
    return answer({"items": [_told(one) for one in found]}, request)


@router.post("/api/launch-plans")
def create(asked: SignedIn, given: LaunchIn) -> Response:
    """A launch with a draft for every wave."""
    wanted = whom_made(given.whom.model_dump())
    whom: Whom = msgspec.convert(wanted, ToPersons | ToGroups)
    with asked.ledger.write() as connection:
        made = launches.create(
            connection, asked.corp_id, given.name, given.goods, to_us(given.opens_at), whom,
            asked.ledger.corp(asked.corp_id).time_zone, corp_now(asked), keys=given.waves,
            planned_orders=given.planned_orders, price_fen=given.price_fen,
        )  # fmt: skip
    asked.audit("planned a launch", made.campaign_id)
    return answer(_told(made))


@router.get("/api/launch-plans/{campaign_id}")
def one(request: Request, asked: SignedIn, campaign_id: TextPath) -> Response:
    """A launch with its waves, planned against real, and what each group, text and person brought."""
    with asked.ledger.read() as connection:
        found = launches.get(connection, asked.corp_id, campaign_id)
        counted = outbox.counts(connection, asked.corp_id, [wave.campaign_id for wave in found.waves])
    acts = what_followed(asked, found.waves)
    waves = [
        listed(wave, counted.get(wave.campaign_id, {}))
        | {
            "planned_orders": wave.plan.goal.planned_orders, "planned_fen": wave.plan.goal.planned_fen,
            **summed([act for act in acts if act.campaign_id == wave.campaign_id]),
        }
        for wave in found.waves
    ]  # fmt: skip
    told = _told(found) | {"waves": waves, "total": summed(acts), "days": by_day(asked, acts)}
    return answer(told | _parts(asked, found, acts), request)


@router.put("/api/launch-plans/{campaign_id}")
def rename(asked: SignedIn, campaign_id: TextPath, given: RenamedIn) -> Response:
    """Another name for it."""
    with asked.ledger.write() as connection:
        done = launches.rename(connection, asked.corp_id, campaign_id, given.version, given.name, corp_now(asked))
    asked.audit("renamed a launch", campaign_id)
    return answer(_told(done))


@router.post("/api/launch-plans/{campaign_id}/approve")
def approve(asked: SignedIn, campaign_id: TextPath) -> Response:
    """Let every wave that is still a draft go out at its time."""
    with asked.ledger.write() as connection:
        done = launches.approve(connection, asked.corp_id, campaign_id, asked.who.label, corp_now(asked))
    asked.audit("approved a launch", campaign_id)
    return answer(_told(done))


@router.post("/api/launch-plans/{campaign_id}/cancel")
def cancel(asked: SignedIn, campaign_id: TextPath) -> Response:
    """Let go of every wave that is not over."""
    with asked.ledger.together() as together:
        done, tasks = launches.cancel(together, asked.corp_id, campaign_id, corp_now(asked))
    asked.audit("cancelled a launch", campaign_id)
    return answer(_told(done) | {"tasks": len(tasks), "stopped": stop_tasks(asked, tasks)})


def _told(one: Launch) -> dict[str, Any]:
    return {
        "campaign_id": one.campaign_id, "name": one.name, "state": one.state, "version": one.version,
        "goods": one.body.goods, "opens_at": from_us(one.body.opens_us), "created_at": from_us(one.created_us),
        "channel": one.waves[0].plan.channel if one.waves else "contact",
        "steps": [{"key": wave.plan.wave, "state": wave.state, "campaign_id": wave.campaign_id} for wave in one.waves],
        "planned_orders": _sum(wave.plan.goal.planned_orders for wave in one.waves),
        "planned_fen": _sum(wave.plan.goal.planned_fen for wave in one.waves),
    }  # fmt: skip


def _sum(some: Any) -> int | None:
    known = [one for one in some if one is not None]
    return sum(known) if known else None


def _parts(asked: Asked, launch: Launch, acts: Sequence[Act]) -> dict[str, Any]:
    """What came of which group, which text and whom."""
    wave_of = {wave.campaign_id: wave.plan.wave for wave in launch.waves}
    of_groups = _by(acts, lambda act: act.group)
    of_texts = _by(acts, lambda act: (act.campaign_id, act.arm))
    of_people = _by(acts, lambda act: act.person)
    with asked.ledger.read() as connection:
        groups = group_names(connection, [group for group, _ in of_groups if group is not None])
        people = person_names(connection, [person for person, _ in of_people])
    texts = {
        (wave.campaign_id, variant.name): variant.message.text[:120] for wave in launch.waves for variant in wave.plan.variants
    }  # fmt: skip
    return {
        "groups": [
            {"group": group, "name": groups.get(group, f"#{group}"), **summed(some)}
            for group, some in of_groups
            if group is not None
        ],
        "texts": [
            {"wave": wave_of[campaign], "arm": arm, "text": texts.get((campaign, arm), ""), **summed(some)}
            for (campaign, arm), some in of_texts
        ],
        "people": [
            {"person": person, "name": people.get(person, f"#{person}"), "wave": wave_of[some[-1].campaign_id],
             "at": from_us(some[-1].at_us), **summed(some)}
            for person, some in of_people
        ],
    }  # fmt: skip


def _by(acts: Sequence[Act], key: Callable[[Act], Any]) -> list[tuple[Any, list[Act]]]:
    """Acts by something, where most money came from first."""
    found: dict[Any, list[Act]] = {}
    for act in acts:
        found.setdefault(key(act), []).append(act)
    return sorted(found.items(), key=lambda item: -sum(act.amount_fen for act in item[1]))[:MOST_SHOWN]
