"""Messages over HTTP: how hard people and groups are pressed, what was refused and why, what is planned, and the rules for sending."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from tiefen.act.gate import Reason, weariness
from tiefen.act.known import learned_weariness
from tiefen.act.pressure import OfPerson, Pressed, calendar, most_pressed, of_groups, of_person, summary
from tiefen.decide.attention import Wear, Weariness
from tiefen.decide.policy import DATED_YEARS, PURPOSES, RULES, BadPolicy, Policy, moment, policy_of
from tiefen.kit.clock import day_of, from_us
from tiefen.web.answers import answer
from tiefen.web.clock import corp_now
from tiefen.web.context import Asked, Owner, SignedIn
from tiefen.web.errors import NotFound
from tiefen.web.inputs import IdPath, ShortText
from tiefen.web.names import group_names, person_names
from tiefen.wecom.delivering import FAILED

router = APIRouter(tags=["messages"])
SHOWN = 50


class QuotaIn(BaseModel, extra="forbid"):
    day: int | None = Field(None, ge=0, le=1_000)
    week: int | None = Field(None, ge=0, le=1_000)
    month: int | Literal["days"] | None = "days"


class PolicyIn(BaseModel, extra="forbid"):
    """The rules for sending, whole; what is left out has its default."""

    quiet_from: ShortText = "21:30"
    quiet_until: ShortText = "08:30"
    rest: Literal["never", "holidays", "holidays_and_weekends"] = "holidays"
    rest_also: list[ShortText] = Field(default_factory=list, max_length=366)
    rest_never: list[ShortText] = Field(default_factory=list, max_length=366)
    person: QuotaIn = Field(default_factory=lambda: QuotaIn(day=2))
    group: QuotaIn = Field(default_factory=lambda: QuotaIn(day=3))
    staff_tasks: int = 50
    budget: float = 3.0
    budget_most: float = 7.0
    personal_taps: int = 20
    group_cost: float = 0.2
    group_budget: float = 5.0
    holdout: float = 0.05
    blocked: list[int] = Field(default_factory=list, max_length=100_000)
    blocked_groups: list[int] = Field(default_factory=list, max_length=100_000)
    consent_needed: list[ShortText] = Field(default_factory=list, max_length=10)
    same_words_days: int = 30
    same_words_share: float = 0.3
    contact_worth_fen: int = 5_000
    weary_loss: float = 0.5
    refuse_unworthy: bool = True


# ---- the rules ----


@router.get("/api/policy")
def show_policy(asked: SignedIn) -> Response:
    """The rules for sending, and of which years the holidays are known."""
    return answer(_policy(asked))


@router.put("/api/policy")
def change_policy(asked: Owner, given: PolicyIn) -> Response:
    """Keep other rules. They hold for everything that meets the gate from now on."""
    told = given.model_dump()
    policy_of({"policy": told})
    asked.ledger.update_settings(asked.corp_id, {"policy": told})
    asked.audit("changed the rules for sending")
    return answer(_policy(asked))


def _policy(asked: Asked) -> dict[str, Any]:
    corp = asked.ledger.corp(asked.corp_id)
    today = day_of(corp_now(asked), corp.time_zone)
    soon = today + timedelta(days=60)
    try:
        policy, broken = policy_of(corp.settings), None
    except BadPolicy as error:
        policy, broken = Policy(), {"field": error.field, "message": str(error)}
    return {
        "policy": msgspec.to_builtins(policy), "defaults": msgspec.to_builtins(Policy()), "broken": broken,
        "holidays_known": [year for year in sorted(DATED_YEARS) if year >= today.year - 1],
        "holidays_missing": sorted({today.year, soon.year} - DATED_YEARS),
        "may_change": asked.who.role == "owner",
    }  # fmt: skip


# ---- pressure ----


@router.get("/api/messages/pressure")
def show_pressure(request: Request, asked: SignedIn) -> Response:
    """Of the last seven days: what was sent, what was refused with its reason, what waits, and whom it weighs on most."""
    corp = asked.ledger.corp(asked.corp_id)
    policy, now = policy_of(corp.settings), corp_now(asked)
    at = moment(policy, now, corp.time_zone)
    with asked.ledger.read() as connection:
        found = summary(connection, asked.corp_id, policy, now)
        pressed = most_pressed(connection, asked.corp_id, policy, at, limit=SHOWN)
        of = of_groups(connection, asked.corp_id, policy, at)[:SHOWN]
        wears = learned_weariness(connection, asked.corp_id)
        people, groups = (
            person_names(connection, [one.number for one in pressed]),
            group_names(connection, [one.number for one in of]),
        )
    return answer(
        {
            "as_of": from_us(now), "states": found.states,
            "refused": [_why(reason, n) for reason, n in sorted(found.refused.items(), key=lambda kv: (-kv[1], kv[0]))],
            "waiting": [_why(reason, n) for reason, n in sorted(found.waiting.items(), key=lambda kv: (-kv[1], kv[0]))],
            "told": [{"messages": times, "persons": n} for times, n in sorted(found.told.items())], "over": found.over,
            "reached": found.reached,
            "budget": policy.budget, "group_budget": policy.group_budget, "costs": _costs(wears),
            "persons": [{"person": one.number, "name": people[one.number], **_pressed(one)} for one in pressed],
            "groups": [{"group": one.number, "name": groups.get(one.number, ""), **_pressed(one)} for one in of],
        },
        request,
    )  # fmt: skip


@router.get("/api/persons/{person}/pressure")
def show_person_pressure(asked: SignedIn, person: IdPath) -> Response:
    """What somebody was told lately, what they have patience left for, and why it is thought so."""
    corp = asked.ledger.corp(asked.corp_id)
    policy, now = policy_of(corp.settings), corp_now(asked)
    with asked.ledger.read() as connection:
        found = of_person(connection, asked.corp_id, person, policy, moment(policy, now, corp.time_zone))
    if found is None:
        raise NotFound("person", str(person))
    return answer(_person(found, policy, now))


def _costs(wears: Weariness) -> list[dict[str, Any]]:
    """What a message costs by what it is for, and what that was learned from."""
    return [
        {"purpose": purpose, "cost": round(wears.cost(purpose), 2)}
        | msgspec.to_builtins(wears.wears.get(purpose, Wear()))
        for purpose in PURPOSES
    ]


def _person(found: OfPerson, policy: Policy, now_us: int) -> dict[str, Any]:
    history, why = found.history, found.why
    return {
        **_pressed(found.pressed), "in_groups": found.in_groups, "start": policy.budget,
        "weariness_fen": history.weariness_fen, "why": None if why is None else msgspec.to_builtins(why),
        "value_fen": history.value_fen,
        "costs": [
            {
                "purpose": purpose, "cost": round(history.wears.cost(purpose), 2),
                "fen": round(weariness(purpose, history, policy, now_us)),
            }
            for purpose in PURPOSES
            if RULES[purpose].budget
        ],
        "held_out": history.held_out, "blocked": history.blocked, "withdrawn": sorted(history.withdrawn),
        "given": sorted(history.given), "senders": list(history.senders),
        "lately": [
            {"campaign": id, "name": name, "state": state, "at": from_us(at_us), **_sentence(reason)}
            for id, name, state, reason, at_us in found.lately
        ],
    }  # fmt: skip


@router.get("/api/messages/calendar")
def show_calendar(request: Request, asked: SignedIn) -> Response:
    """What waits to be said in the next four weeks, day by day, and how many people would be told more than one thing a day."""
    corp = asked.ledger.corp(asked.corp_id)
    with asked.ledger.read() as connection:
        days = calendar(connection, asked.corp_id, corp_now(asked), corp.time_zone)
    return answer(
        {
            "days": [
                {
                    "day": one.day, "collisions": one.collisions,
                    "campaigns": [
                        {"campaign": id, "kind": kind, "name": name, "persons": persons, "groups": groups}
                        for id, (kind, name, persons, groups) in sorted(one.campaigns.items())
                    ],
                }
                for one in days
            ]
        },
        request,
    )  # fmt: skip


def _pressed(one: Pressed) -> dict[str, Any]:
    return {
        "last_7d": one.last_7d, "last_30d": one.last_30d, "spent": one.spent, "budget": round(one.budget, 2),
        "left": round(one.left, 2),
    }  # fmt: skip


def _why(reason: str, n: int) -> dict[str, Any]:
    return {"times": n, **_sentence(reason)}


def _sentence(reason: str) -> dict[str, Any]:
    """A reason with its sentences; one that only WeCom knows is told by its code."""
    zh, en = FAILED.get(reason, (reason, reason))
    return {"reason": reason or None, "zh": zh, "en": en, "gate": reason in set(Reason)}
