"""Experiments over HTTP: what is held out, what it changed, what could be found beforehand; attribution beside it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tiefen.insight.engine import opened
from tiefen.kit.clock import DAY_US, from_us
from tiefen.outcome import keeping
from tiefen.outcome.attribution.credit import DIMENSIONS, LOOKBACK_DAYS, RULES, Attribution, attribute, sent_from_outbox
from tiefen.outcome.attribution.explained import explained
from tiefen.outcome.baseline import Baseline, baseline, plan
from tiefen.outcome.designs import Listed, listed
from tiefen.outcome.measures import MEASURES
from tiefen.outcome.results import HOLDOUT, Result, against_holdout
from tiefen.web.answers import answer
from tiefen.web.clock import corp_now
from tiefen.web.context import Asked, SignedIn
from tiefen.web.inputs import MOST_ID, TextPath
from tiefen.web.names import group_names

router = APIRouter(tags=["experiments"])
_KEPT = 20
ATTRIBUTED_DAYS = 90
_MOST_LABELS = 200
_answers: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
_lock = threading.Lock()
Days = Annotated[int, Query(ge=1, le=366)]


@router.get("/api/experiments")
def experiments(request: Request, asked: SignedIn) -> Response:
    """Everything with a holdout or variants, the newest first, with what was last measured of its money."""
    with asked.ledger.read() as connection:
        some = listed(connection, asked.corp_id)
        results = keeping.all_kept(connection, asked.corp_id)
    now = corp_now(asked)
    items = [_listed(one, now) | {"summary": _summary(results.get(one.design.experiment_id))} for one in some]
    return answer({"items": items, "measures": _measures(), "now": from_us(now)}, request)


@router.get("/api/experiments/plan")
def experiments_plan(
    request: Request, asked: SignedIn, units: Annotated[int, Query(ge=2, le=MOST_ID)],
    holdout: Annotated[float, Query(gt=0, lt=1)] = 0.05, days: Days = 30,
    effect: Annotated[float | None, Query(ge=1e-6, le=100, allow_inf_nan=False)] = None,
    power: Annotated[float, Query(ge=0.5, le=0.99)] = 0.8,
) -> Response:  # fmt: skip
    """Before it begins: the smallest effect so many people would show, and how many an effect takes, by what they did lately."""

    def find() -> Baseline:
        with opened(asked.ledger.snapshot(asked.corp_id), asked.house.settings) as tables:
            return baseline(tables, corp_now(asked), days)

    base: Baseline = _once(("baseline", asked.corp_id, asked.ledger.last_seq(), days), find)
    planned = plan(base, units, holdout, effect=effect, power=power)
    return answer(
        {
            "people": base.people, "days": days, "units": units, "holdout": holdout, "power": power, "effect": effect,
            "plans": msgspec.to_builtins(planned), "measures": _measures(),
        },
        request,
    )  # fmt: skip


@router.get("/api/experiments/{experiment_id}")
def experiment(request: Request, asked: SignedIn, experiment_id: TextPath) -> Response:
    """One experiment with all that was last measured; `result` is null where nothing was yet."""
    one = keeping.found(asked.ledger, asked.corp_id, experiment_id)
    with asked.ledger.read() as connection:
        result = keeping.kept(connection, asked.corp_id, experiment_id)
    return answer(_told(asked, one, result), request)


@router.post("/api/experiments/{experiment_id}/measure")
def experiment_measure(asked: SignedIn, experiment_id: TextPath) -> Response:
    """Measure it anew, now."""
    one = keeping.found(asked.ledger, asked.corp_id, experiment_id)
    result = keeping.measured(asked.ledger, asked.house.settings, asked.corp_id, one, corp_now(asked))
    return answer(_told(asked, one, result))


@router.get("/api/experiments/{experiment_id}/attributed")
def experiment_attributed(request: Request, asked: SignedIn, experiment_id: TextPath) -> Response:
    """What it is given by the rules of attribution, of the last 90 days, and why that is not what it brought."""
    one = keeping.found(asked.ledger, asked.corp_id, experiment_id)
    with asked.ledger.read() as connection:
        result = keeping.kept(connection, asked.corp_id, experiment_id)
    found = _attribution(asked, ATTRIBUTED_DAYS)
    given = next((g for g in found.by["campaign"] if g.label == one.design.experiment_id), None)
    told = None
    if given is not None:
        zh, en = explained(given.worth_fen["last"], given.orders["last"], result)
        told = msgspec.to_builtins(given) | {"explained": {"zh": zh, "en": en}, "days": ATTRIBUTED_DAYS}
    rules = [{"key": rule.key, "zh": rule.zh, "en": rule.en} for rule in RULES]
    return answer({"attributed": told, "rules": rules}, request)


@router.get("/api/attribution")
def attribution(request: Request, asked: SignedIn, days: Days = 30) -> Response:
    """The orders of the last days shared among the touches before them by four rules, with what the holdouts say beside them."""
    found = _attribution(asked, days)
    with asked.ledger.read() as connection:
        results = keeping.all_kept(connection, asked.corp_id)
        called = {one.design.experiment_id: one.name for one in listed(connection, asked.corp_id)}
        numbers = {int(one.label) for one in found.by["group"][:_MOST_LABELS]}
        groups = {str(number): name for number, name in group_names(connection, numbers).items()}
    by = {
        key: [
            msgspec.to_builtins(one) | {"name": _name(key, one.label, called, groups)} for one in given[:_MOST_LABELS]
        ]
        for key, given in found.by.items()
    }
    for row, one in zip(by["campaign"], found.by["campaign"], strict=False):
        zh, en = explained(one.worth_fen["last"], one.orders["last"], results.get(one.label))
        row |= {"incremental": _incremental(results.get(one.label)), "explained": {"zh": zh, "en": en}}
    return answer(
        {
            "since": from_us(found.since_us), "until": from_us(found.until_us), "days": days,
            "lookback_days": found.lookback_days, "orders": found.orders, "worth_fen": found.worth_fen,
            "touched_orders": found.touched_orders, "touched_worth_fen": found.touched_worth_fen, "by": by,
            "dimensions": [{"key": one.key, "zh": one.zh, "en": one.en} for one in DIMENSIONS],
            "rules": [{"key": one.key, "zh": one.zh, "en": one.en} for one in RULES],
        },
        request,
    )  # fmt: skip


def _attribution(asked: Asked, days: int) -> Attribution:
    until = corp_now(asked)
    since = until - days * DAY_US

    def find() -> Attribution:
        snapshot = asked.ledger.snapshot(asked.corp_id)
        with asked.ledger.read() as connection:
            sent = sent_from_outbox(connection, asked.corp_id, since - LOOKBACK_DAYS * DAY_US)
        with opened(snapshot, asked.house.settings) as tables:
            return attribute(tables, sent, since, until)

    # Within one hour the stretch of time is as good as the same, and only news makes it be asked again.
    key = ("attribution", asked.corp_id, asked.ledger.last_seq(), days, until // (DAY_US // 24))
    found: Attribution = _once(key, find)
    return found


def _once(key: tuple[Any, ...], find: Callable[[], Any]) -> Any:
    """An answer, kept until there is news."""
    with _lock:
        if key in _answers:
            _answers.move_to_end(key)
            return _answers[key]
    found = find()
    with _lock:
        _answers[key] = found
        while len(_answers) > _KEPT:
            _answers.popitem(last=False)
    return found


def _listed(one: Listed, now_us: int) -> dict[str, Any]:
    design = one.design
    over = one.ended_us or design.began_us + (design.window_days * DAY_US if not design.ongoing else 0)
    return {
        "id": design.experiment_id, "name": one.name, "kind": one.kind, "unit": design.unit, "state": one.state,
        "running": one.running and (design.ongoing or now_us < over), "began": from_us(design.began_us),
        "ended": from_us(one.ended_us) if one.ended_us else None, "window_days": design.window_days,
        "shares": dict(design.shares), "ongoing": design.ongoing,
    }  # fmt: skip


def _summary(result: Result | None) -> dict[str, Any] | None:
    if result is None:
        return None
    harmed = [
        one.key
        for one in result.measures
        for against in one.against
        if against.verdict == "worse" and against.versus == HOLDOUT
    ]
    return {
        "as_of": from_us(result.as_of_us), "units": sum(arm.units for arm in result.arms),
        "people": sum(arm.people for arm in result.arms), "ratio_p": result.ratio_p, "ratio_alarm": result.ratio_alarm,
        "progress": result.progress, "worse": sorted(set(harmed)), "money": _incremental(result),
    }  # fmt: skip


def _incremental(result: Result | None) -> dict[str, Any] | None:
    """What all arms brought more than the holdout, in money; null where nobody was held out or nothing can be said."""
    money = None if result is None else next((one for one in result.measures if one.key == "money"), None)
    found = None if money is None else against_holdout(money)
    if found is None:
        return None
    return {
        "arm": found.arm, "effect": found.effect, "low": found.always_low, "high": found.always_high, "total": found.total,
        "total_low": found.total_low, "total_high": found.total_high, "verdict": found.verdict,
    }  # fmt: skip


def _told(asked: Asked, one: Listed, result: Result | None) -> dict[str, Any]:
    told = _listed(one, corp_now(asked)) | {"measures": _measures(), "result": None}
    if result is None:
        return told
    body = msgspec.to_builtins(result)
    body["as_of"] = from_us(result.as_of_us)
    for measured in body["measures"]:
        for against in measured["against"]:
            for look in against["looks"]:
                look["at"] = from_us(look.pop("us"))
    return told | {"result": body}


def _measures() -> list[dict[str, Any]]:
    return [
        {
            "key": one.key, "zh": one.zh, "en": one.en, "says_zh": one.says_zh, "says_en": one.says_en, "kind": one.kind,
            "better": one.better, "guard": one.guard, "primary": one.primary, "past": one.past,
        }
        for one in MEASURES
    ]  # fmt: skip


def _name(key: str, label: str, campaigns: dict[str, str], groups: dict[str, str]) -> str:
    match key:
        case "campaign":
            return campaigns.get(label, label)
        case "message" | "block":
            campaign, _, step = label.partition(" · ")
            named = campaigns.get(campaign, campaign)
            return f"{named} · {step}" if step else named
        case "group":
            return groups.get(label, f"#{label}")
        case _:
            return label
