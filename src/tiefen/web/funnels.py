"""Funnels and paths: who takes which step, and what people do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator
from starlette.responses import Response

from tiefen.insight.questions.acts import Act, said_of, written
from tiefen.insight.questions.funnels import MOST_STEPS, Funnel
from tiefen.insight.questions.paths import MOST_PATHS, Paths
from tiefen.insight.questions.paths import MOST_STEPS as MOST_PATH_STEPS
from tiefen.insight.questions.standard import FUNNELS
from tiefen.kit.clock import DAY_US
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.errors import BadWindow
from tiefen.web.inputs import DayQuery, TextQuery
from tiefen.web.numbers import num
from tiefen.web.overview import told
from tiefen.web.questions import AsksLive, act_of, acts_told

router = APIRouter(tags=["funnels"])
_USUAL = FUNNELS["newcomers"]


def _short(steps: list[str]) -> list[str]:
    if any(len(step) > 300 or "\0" in step for step in steps):
        raise ValueError("a step is too long, or no text")
    return steps


Steps = Annotated[
    list[str] | None, Query(min_length=1, max_length=MOST_STEPS), AfterValidator(lambda s: s and _short(s))
]
Days = Annotated[int, Query(ge=1, le=3_660)]


def _question(steps: Sequence[str] | None, days: int, start: Any, end: Any) -> Funnel:
    if start is not None and end is not None and start > end:
        raise BadWindow(str(start), str(end))
    acts = tuple(act_of(step) for step in steps) if steps else _USUAL.steps
    return Funnel(acts, days * DAY_US, start, end)


def _rows(asked: Asked, asking: AsksLive, question: Funnel) -> tuple[list[dict[str, Any]], float]:
    if asked.reading is None:
        return [], 0.0
    found = asking.ask(question, asked.reading, lambda: asked.ledger.snapshot(asked.corp_id))
    return found.rows.sort_by("step").to_pylist(), found.seconds


@router.get("/api/funnels")
def funnel(
    request: Request, asked: SignedIn, asking: AsksLive, step: Steps = None, days: Days = 30, start: DayQuery = None,
    end: DayQuery = None,
) -> Response:  # fmt: skip
    """Each step of a funnel: who got there, of the first and of the step before, and how long that took."""
    question = _question(step, days, start, end)
    rows, seconds = _rows(asked, asking, question)
    called = acts_told(asked, question.steps)
    steps: list[dict[str, Any]] = []
    leak: int | None = None
    for row, act in zip(rows, called, strict=False):
        before = steps[-1]["people"] if steps else row["people"]
        steps.append(
            {
                **act, "people": row["people"], "of_first": num(row["people"], rows[0]["people"], "share"),
                "of_before": num(row["people"], before, "share"),
                "median": num(row["seconds"] if steps else None, 1, "seconds"),
            }
        )  # fmt: skip
    losses = [(one["people"] - other["people"], n) for n, (one, other) in enumerate(pairwise(steps), 1)]
    if losses and max(losses)[0] > 0:
        leak = max(losses)[1]
    standard = [
        {"key": key, "steps": [written(act) for act in known.steps], "days": known.window_us // DAY_US}
        for key, known in FUNNELS.items()
    ]
    return answer(
        {
            "steps": steps or called, "leak": leak, "days": days, "start": start, "end": end, "standard": standard,
            "seconds": seconds, "reading": told(asked, asked.reading),
        },
        request,
    )  # fmt: skip


@router.get("/api/funnels.csv", responses=CSV_ANSWER)
def funnel_csv(
    asked: SignedIn, asking: AsksLive, step: Steps = None, days: Days = 30, start: DayQuery = None, end: DayQuery = None
) -> Response:  # fmt: skip
    """The same as CSV."""
    question = _question(step, days, start, end)
    rows, _ = _rows(asked, asking, question)

    def lines() -> Iterator[list[Any]]:
        for row, act in zip(rows, question.steps, strict=True):
            yield [row["step"] + 1, written(act), row["people"], rows[0]["people"], row["seconds"]]

    return download("funnel.csv", ["step", "act", "people", "of", "median_seconds"], lines())


# ---- paths ----

PathSteps = Annotated[int, Query(ge=1, le=MOST_PATH_STEPS)]
Top = Annotated[int, Query(ge=1, le=MOST_PATHS)]


def _paths(around: str | None, before: bool, steps: int, days: int, top: int) -> Paths:
    return Paths(act_of(around or "member.joined"), before, steps, days * DAY_US, top)


def _path_rows(asked: Asked, asking: AsksLive, question: Paths) -> tuple[list[dict[str, Any]], float]:
    if asked.reading is None:
        return [], 0.0
    found = asking.ask(question, asked.reading, lambda: asked.ledger.snapshot(asked.corp_id))
    return found.rows.to_pylist(), found.seconds


@router.get("/api/paths")
def paths(
    request: Request, asked: SignedIn, asking: AsksLive, around: TextQuery = None, before: bool = False,
    steps: PathSteps = 3, days: Days = 7, top: Top = 30,
) -> Response:  # fmt: skip
    """What people do next after something, or did before it: the commonest paths, each once for everybody."""
    question = _paths(around, before, steps, days, top)
    rows, seconds = _path_rows(asked, asking, question)
    items = [
        {
            "steps": [_called(row[f"step_{n + 1}"]) for n in range(steps) if row[f"step_{n + 1}"]],
            "people": num(row["people"], row["whole"], "share"),
        }
        for row in rows
    ]
    (called,) = acts_told(asked, (question.around,))
    return answer(
        {
            "around": called, "before": before, "steps": steps, "days": days, "items": items, "seconds": seconds,
            "reading": told(asked, asked.reading),
        },
        request,
    )  # fmt: skip


def _called(named: str) -> dict[str, str]:
    what, _, name = named.partition(":")
    zh, en = said_of(what)
    act = Act(what, name or None)
    return {"act": written(act), "zh": name or zh, "en": name or en}


@router.get("/api/paths.csv", responses=CSV_ANSWER)
def paths_csv(
    asked: SignedIn, asking: AsksLive, around: TextQuery = None, before: bool = False, steps: PathSteps = 3,
    days: Days = 7, top: Top = 30,
) -> Response:  # fmt: skip
    """The same as CSV."""
    rows, _ = _path_rows(asked, asking, _paths(around, before, steps, days, top))
    names = [f"step_{n + 1}" for n in range(steps)]
    return download(
        "paths.csv", [*names, "people", "of"], ([row[n] for n in (*names, "people", "whole")] for row in rows)
    )  # fmt: skip
