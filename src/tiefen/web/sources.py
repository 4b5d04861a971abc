"""Sources: where people come from and what they are worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from tiefen.insight.catalogue import metrics_per
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.names import source_names
from tiefen.web.numbers import metrics_of
from tiefen.web.overview import told

router = APIRouter(tags=["sources"])
METRICS = metrics_per("source")
MOST = 1_000


def _rows(asked: Asked) -> list[dict[str, Any]]:
    reading = asked.reading
    if reading is None:
        return []
    rows = reading.sql(f"SELECT * FROM sources ORDER BY arrivals_part DESC NULLS LAST, source LIMIT {MOST}").to_pylist()
    with asked.ledger.read() as connection:
        called = source_names(connection, [row["source"] for row in rows])
    return [{**row, "name": called.get(row["source"], f"#{row['source']}")} for row in rows]


@router.get("/api/sources")
def list_sources(request: Request, asked: SignedIn) -> Response:
    """All sources, most arrivals first."""
    items = [{"source": r["source"], "name": r["name"], "metrics": metrics_of(METRICS, r)} for r in _rows(asked)]
    return answer({"items": items, "reading": told(asked, asked.reading)}, request)


@router.get("/api/sources.csv", responses=CSV_ANSWER)
def sources_csv(asked: SignedIn) -> Response:
    """The same as CSV; money in fen."""
    header = ["source", "name", *(f"{m.key}_{side}" for m in METRICS for side in ("part", "whole"))]

    def rows() -> Iterator[list[Any]]:
        for row in _rows(asked):
            yield [row[key] for key in header]

    return download("sources.csv", header, rows())
