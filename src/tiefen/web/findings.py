"""What stands out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tiefen.insight.detectors import DETECTORS
from tiefen.insight.readings import Reading
from tiefen.ledger.ledger import Ledger
from tiefen.web.answers import answer
from tiefen.web.context import SignedIn
from tiefen.web.errors import UnknownKey
from tiefen.web.inputs import TextQuery
from tiefen.web.names import group_names, person_names, source_names

router = APIRouter(tags=["findings"])
_KNOWN = {detector.key for detector in DETECTORS}


def findings(
    ledger: Ledger, reading: Reading, where: str = "true", parameters: Sequence[Any] = (), limit: int = 200
) -> list[dict[str, Any]]:  # fmt: skip
    """Findings, the most urgent first, with the names of whom they are about."""
    rows: list[dict[str, Any]] = reading.sql(
        f"SELECT * FROM findings WHERE {where} ORDER BY severity DESC, worth DESC, key LIMIT {limit}", parameters
    ).to_pylist()
    groups = {row["entity_id"] for row in rows if row["entity"] == "group"} | {
        row["other_id"] for row in rows if row["other_id"] is not None
    }
    persons = {row["entity_id"] for row in rows if row["entity"] == "person"}
    sources = {row["entity_id"] for row in rows if row["entity"] == "source"}
    with ledger.read() as connection:
        called: dict[str, dict[int, str]] = {
            "group": group_names(connection, groups),
            "person": person_names(connection, persons),
            "source": source_names(connection, sources),
        }
    for row in rows:
        row["name"] = called[row["entity"]].get(row["entity_id"], f"#{row['entity_id']}")
        other = row.pop("other_id")
        row["other"] = None if other is None else {"id": other, "name": called["group"].get(other, f"#{other}")}
        row["evidence"] = json.loads(row["evidence"])
    return rows


def known_detector(key: str | None) -> str | None:
    if key is not None and key not in _KNOWN:
        raise UnknownKey("detector", key[:60])
    return key


@router.get("/api/findings")
def list_findings(
    request: Request,
    asked: SignedIn,
    detector: TextQuery = None,
    entity: Annotated[Literal["group", "person", "source"] | None, Query()] = None,
) -> Response:
    """What stands out now, the most urgent first; at most 200."""
    reading = asked.reading
    if reading is None:
        return answer({"items": [], "counts": []})
    conditions, parameters = ["true"], []
    if known_detector(detector):
        conditions.append("detector = ?")
        parameters.append(detector)
    if entity:
        conditions.append("entity = ?")
        parameters.append(entity)
    counts = reading.sql("SELECT detector, count(*) AS findings FROM findings GROUP BY 1 ORDER BY 2 DESC").to_pylist()
    items = findings(asked.ledger, reading, " AND ".join(conditions), parameters)
    return answer({"items": items, "counts": counts}, request)
