"""The structure of one group: leaders and their course, what followed when they fell silent, brokers, newcomers."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tiefen.insight.catalogue import metrics_per
from tiefen.insight.kernels.leaders import OUTCOMES, pooled
from tiefen.insight.readings import Reading
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.groups import one_group
from tiefen.web.inputs import IdPath
from tiefen.web.names import person_names
from tiefen.web.numbers import metrics_of, num
from tiefen.web.overview import told

router = APIRouter(tags=["groups"])
METRICS = tuple(
    metric
    for metric in metrics_per("group")
    if metric.key.startswith(("strangers", "reciprocity", "integration"))
)  # fmt: skip
MOST_EVENTS = 50


class Part(StrEnum):
    """What is wanted as CSV."""

    LEADERS = "leaders"
    EVENTS = "events"
    BROKERS = "brokers"


_SQL = {
    Part.LEADERS: """SELECT l.person, p.here, p.messages, p.messages_before, p.listeners, p.degree, p.core, p.pagerank,
        p.circle, l.messages_weeks, l.heard_by_weeks
        FROM leaders l JOIN group_people p USING ("group", person) WHERE "group" = ?
        ORDER BY p.listeners DESC, p.core DESC, l.person""",
    Part.EVENTS: f'SELECT * EXCLUDE ("group") FROM leader_events WHERE "group" = ? ORDER BY silent_from DESC, person LIMIT {MOST_EVENTS}',
    Part.BROKERS: """SELECT b.person, p.here, b.betweenness, b.sampled, b."constraint", b.circles, b.bridges,
        b.sole_bridges, p.circle FROM brokers b LEFT JOIN group_people p USING ("group", person) WHERE b."group" = ?
        ORDER BY b.betweenness DESC NULLS LAST, b.sole_bridges DESC, b.person""",
}  # fmt: skip


def _rows(asked: Asked, reading: Reading, group: int, part: Part) -> list[dict[str, Any]]:
    rows = reading.sql(_SQL[part], [group]).to_pylist()
    with asked.ledger.read() as connection:
        called = person_names(connection, [row["person"] for row in rows])
    return [{**row, "name": called[row["person"]]} for row in rows]


@router.get("/api/groups/{group}/structure")
def structure(request: Request, asked: SignedIn, group: IdPath) -> Response:
    """Who carries a group and who joins its circles; of a group without ties the lists are empty."""
    one_group(asked, group)
    reading = asked.reading
    numbers = [] if reading is None else reading.sql('SELECT * FROM groups WHERE "group" = ?', [group]).to_pylist()
    if reading is None or not numbers:
        return answer({"reading": told(asked, reading), "known": False}, request)
    ties = reading.sql(
        'SELECT count(*) AS ties, COALESCE(bool_or(guessed), false) AS guessed FROM group_edges WHERE "group" = ?',
        [group],
    ).to_pylist()[0]
    return answer(
        {
            "reading": told(asked, reading), "known": True, "ties": ties["ties"], "guessed": ties["guessed"],
            "metrics": metrics_of(METRICS, numbers[0]),
            "leaders": _rows(asked, reading, group, Part.LEADERS),
            "events": [_event(row) for row in _rows(asked, reading, group, Part.EVENTS)],
            "everywhere": _everywhere(reading),
            "brokers": [
                {**row, "betweenness": num(row["betweenness"], 1.0, "share")}
                for row in _rows(asked, reading, group, Part.BROKERS)
            ],
        },
        request,
    )  # fmt: skip


@router.get("/api/groups/{group}/structure.csv", responses=CSV_ANSWER)
def structure_csv(asked: SignedIn, group: IdPath, part: Annotated[Part, Query()] = Part.LEADERS) -> Response:
    """One of the lists as CSV. Weeks are counted from the oldest to the newest."""
    one_group(asked, group)
    reading = asked.reading
    columns = [] if reading is None else reading.sql(_SQL[part], [group]).column_names
    header = [columns[0], "name", *columns[1:]] if columns else ["person", "name"]

    def rows() -> Iterator[list[Any]]:
        if reading is not None:
            for row in _rows(asked, reading, group, part):
                yield [" ".join(map(str, row[k])) if isinstance(row[k], list) else row[k] for k in header]

    asked.audit("exported the structure of a group", str(group))
    return download(f"group-{group}-{part}.csv", header, rows())


def _event(row: dict[str, Any]) -> dict[str, Any]:
    outcomes = {
        outcome: {what: row[f"{outcome}_{what}"] for what in ("before", "after", "expected", "low", "high")}
        for outcome in OUTCOMES
    }
    return {**{k: row[k] for k in ("person", "name", "silent_from", "came_back", "like_groups")}, "outcomes": outcomes}


def _everywhere(reading: Reading) -> dict[str, Any]:
    """What followed on average over all groups of the company."""
    events = reading.table("leader_events")
    group = events["group"].to_numpy()
    found = {}
    for outcome in OUTCOMES:
        after, expected = (
            np.asarray(events[f"{outcome}_{what}"].to_numpy(zero_copy_only=False), np.float64)
            for what in ("after", "expected")
        )
        mean = pooled(group, after, expected)
        found[outcome] = {name: getattr(mean, name) for name in ("events", "groups", "ratio", "low", "high")}
    return found
