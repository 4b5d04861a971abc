"""Launches: found in the orders, day by day, with what they sold above the usual and which groups carried them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from tiefen.web.answers import answer
from tiefen.web.context import SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.names import group_names
from tiefen.web.numbers import num
from tiefen.web.overview import told
from tiefen.web.questions import made

router = APIRouter(tags=["launches"])
MOST, MOST_GROUPS = 60, 100


@router.get("/api/launches")
def launches(request: Request, asked: SignedIn) -> Response:
    """Every launch, the newest first, with its days, products and groups."""
    reading = asked.reading
    if reading is None or not made(reading, "launches"):
        return answer({"items": [], "reading": told(asked, reading)})
    rows = reading.sql(f"SELECT * FROM launches ORDER BY start DESC LIMIT {MOST}").to_pylist()
    shares = reading.sql(
        f"""SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY launch ORDER BY orders - expected DESC, "group") AS place
        FROM launch_groups) WHERE place <= {MOST_GROUPS} ORDER BY launch, place"""
    ).to_pylist()
    with asked.ledger.read() as connection:
        called = group_names(connection, {row["group"] for row in shares if row["group"] is not None})
    by_launch: dict[int, list[dict[str, Any]]] = {}
    for row in shares:
        by_launch.setdefault(row["launch"], []).append(
            {
                "group": row["group"],
                "name": None if row["group"] is None else called.get(row["group"], f"#{row['group']}"),
                "orders": row["orders"], "expected": row["expected"], "amount": num(row["amount_fen"], 1, "fen"),
                "buyers": row["buyers"], "announcements": row["announcements"],
            }
        )  # fmt: skip
    items = [
        {
            "launch": row["launch"], "start": row["start"], "peak": row["peak"], "end": row["end"],
            "orders": row["orders"], "expected": row["expected"],
            "times": num(row["orders"], row["expected"], "index"), "amount": num(row["amount_fen"], 1, "fen"),
            "extra": num(row["amount_fen"] - row["expected_fen"], 1, "fen"), "buyers": row["buyers"],
            "new_buyers": num(row["new_buyers"], row["buyers"], "share"), "announcements": row["announcements"],
            "announcements_expected": row["announcements_expected"], "touches": row["touches"],
            "products": json.loads(row["products"]), "days": json.loads(row["days"]),
            "groups": by_launch.get(row["launch"], []),
        }
        for row in rows
    ]  # fmt: skip
    return answer({"items": items, "reading": told(asked, reading)}, request)


@router.get("/api/launches.csv", responses=CSV_ANSWER)
def launches_csv(asked: SignedIn) -> Response:
    """Launches by group; a row without a group is of buyers in none."""
    header = ["launch", "start", "end", "group", "orders", "expected", "amount_fen", "buyers", "announcements"]

    def lines() -> Iterator[list[Any]]:
        reading = asked.reading
        if reading is None or not made(reading, "launches"):
            return
        found = reading.sql(
            'SELECT g.*, l.start, l."end" FROM launch_groups g JOIN launches l USING (launch) ORDER BY launch, "group"'
        ).to_pylist()
        for row in found:
            yield [str(row[name]) if name in ("start", "end") else row[name] for name in header]

    return download("launches.csv", header, lines())
