"""Cohorts: of those who began in one week or month, how many come back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tiefen.insight.questions.cohorts import DAYS, MOST_PERIODS, Cohorts
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.inputs import TextQuery
from tiefen.web.numbers import num
from tiefen.web.overview import told
from tiefen.web.questions import AsksLive, act_of, acts_told

router = APIRouter(tags=["cohorts"])
Periods = Annotated[int, Query(ge=1, le=MOST_PERIODS)]
_Period = Literal["week", "month"]
_START, _BACK = "member.joined", "message.posted"


def _question(start: str | None, back: str | None, period: _Period, periods: int) -> Cohorts:
    return Cohorts(act_of(start or _START), act_of(back or _BACK), period, periods)


def _rows(asked: Asked, asking: AsksLive, question: Cohorts) -> tuple[list[dict[str, Any]], float]:
    if asked.reading is None:
        return [], 0.0
    found = asking.ask(question, asked.reading, lambda: asked.ledger.snapshot(asked.corp_id))
    return found.rows.sort_by([("cohort", "descending"), ("period", "ascending")]).to_pylist(), found.seconds


@router.get("/api/cohorts")
def cohorts(
    request: Request, asked: SignedIn, asking: AsksLive, start: TextQuery = None, back: TextQuery = None,
    period: _Period = "week", periods: Periods = 12,
) -> Response:  # fmt: skip
    """Retention of every cohort, the newest first, and of all together."""
    question = _question(start, back, period, periods)
    rows, seconds = _rows(asked, asking, question)
    by_cohort: dict[Any, dict[str, Any]] = {}
    together: dict[int, list[int]] = {}
    for row in rows:
        one = by_cohort.setdefault(row["cohort"], {"cohort": row["cohort"], "people": row["people"], "cells": []})
        one["cells"].append({"period": row["period"], **num(row["part"], row["whole"], "share")})
        sums = together.setdefault(row["period"], [0, 0])
        sums[0] += row["part"]
        sums[1] += row["whole"]
    began, came = acts_told(asked, (question.start, question.back))
    return answer(
        {
            "start": began, "back": came, "period": period, "days": DAYS[period], "periods": periods,
            "cohorts": list(by_cohort.values()),
            "together": [{"period": n, **num(part, whole, "share")} for n, (part, whole) in sorted(together.items())],
            "seconds": seconds, "reading": told(asked, asked.reading),
        },
        request,
    )  # fmt: skip


@router.get("/api/cohorts.csv", responses=CSV_ANSWER)
def cohorts_csv(
    asked: SignedIn, asking: AsksLive, start: TextQuery = None, back: TextQuery = None, period: _Period = "week",
    periods: Periods = 12,
) -> Response:  # fmt: skip
    """The same as CSV, a row for each cell."""
    rows, _ = _rows(asked, asking, _question(start, back, period, periods))

    def lines() -> Iterator[list[Any]]:
        for row in rows:
            yield [row["cohort"].isoformat(), row["people"], row["period"], row["part"], row["whole"]]

    return download("cohorts.csv", ["cohort", "people", "period", "part", "whole"], lines())
