"""What is to be expected of people: forecasts and how right they were, offers, interests, roles, seed members."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from tiefen.insight.readings import Reading
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.names import group_names, person_names
from tiefen.web.numbers import num
from tiefen.web.overview import told

router = APIRouter(tags=["people"])
HORIZONS = (90, 365)
SHOWN_GROUPS = 200


def has(reading: Reading, table: str) -> bool:
    """Whether a reading has a table: one that was made by an earlier version may not."""
    return (reading.folder / f"{table}.parquet").is_file()


def _rows(reading: Reading | None, table: str, person: int, order: str = "person") -> list[dict[str, Any]]:
    if reading is None or not has(reading, table):
        return []
    rows: list[dict[str, Any]] = reading.sql(
        f"SELECT * FROM {table} WHERE person = ? ORDER BY {order}", [person]
    ).to_pylist()
    return rows


def insight_of(reading: Reading | None, person: int) -> dict[str, Any]:
    """What a person's page shows beside their numbers; empty where it is not known."""
    forecasts, roles = _rows(reading, "person_forecasts", person), _rows(reading, "person_roles", person)
    return {
        "forecast": _forecast(reading, forecasts[0]) if forecasts and reading is not None else None,
        "offers": _rows(reading, "person_offers", person, "rank"),
        "interests": _rows(reading, "person_interests", person, "rank"),
        "standing": roles[0] if roles else None,
    }


def _forecast(reading: Reading, row: dict[str, Any]) -> dict[str, Any]:
    """The forecast of one person; how right such forecasts were on the last stretch is said beside it."""
    horizons = [
        {
            "days": days, "orders": row[f"orders_{days}d"], "orders_low": row[f"orders_{days}d_low"],
            "orders_high": row[f"orders_{days}d_high"], "money_fen": row[f"money_{days}d_fen"],
            "money_low_fen": row[f"money_{days}d_low_fen"], "money_high_fen": row[f"money_{days}d_high_fen"],
        }
        for days in HORIZONS
    ]  # fmt: skip
    plain = (
        "orders_before", "orders_by", "why_orders", "money_by", "why_money", "active_chance", "usual_gap_days", "gap_days",
        "slips_after_days", "slipping", "paid_365d_fen",
    )  # fmt: skip
    tests = [model for model in _models(reading) if model["spoke"]]
    return {**{name: row[name] for name in plain}, "horizons": horizons, "tests": tests}


def _models(reading: Reading | None) -> list[dict[str, Any]]:
    if reading is None or not has(reading, "person_models"):
        return []
    rows = reading.sql('SELECT * FROM person_models ORDER BY spoke DESC, "of" DESC, model').to_pylist()
    return [{**row, "parameters": json.loads(row["parameters"])} for row in rows]


@router.get("/api/forecasts")
def forecasts(request: Request, asked: SignedIn) -> Response:
    """The models behind the forecasts: which one speaks, its parameters, and how right each was on the days held out."""
    reading = asked.reading
    counts = {"slipping": num(None, None, "share"), "people": 0}
    if reading is not None and has(reading, "person_forecasts"):
        row = reading.sql(
            "SELECT count(*) AS people, count(*) FILTER (slipping) AS slipping, count(slipping) AS known FROM person_forecasts"
        ).to_pylist()[0]
        counts = {"slipping": num(row["slipping"], row["known"], "share"), "people": row["people"]}
    return answer({"models": _models(reading), **counts, "reading": told(asked, reading)}, request)


def _sheet(asked: Asked, table: str, name: str, order: str) -> Response:
    """A table about people as CSV, with their names; all of it."""
    reading = asked.reading
    found = (
        reading.sql(f"SELECT * FROM {table} ORDER BY {order}") if reading is not None and has(reading, table) else None
    )
    columns: list[str] = [] if found is None else found.column_names
    header = ["person", "name", *(column for column in columns if column != "person")]

    def rows() -> Iterator[Sequence[Any]]:
        if found is None:
            return
        for batch in found.to_batches(max_chunksize=5_000):
            some = batch.to_pylist()
            with asked.ledger.read() as connection:
                called = person_names(connection, [row["person"] for row in some])
            for row in some:
                yield [called[row["person"]] if column == "name" else row[column] for column in header]

    asked.audit("exported people", f"{name}.csv")
    return download(f"{name}.csv", header, rows())


@router.get("/api/forecasts.csv", responses=CSV_ANSWER)
def forecasts_csv(asked: SignedIn) -> Response:
    """What everybody is expected to order and to pay, and their rhythm; money in fen."""
    return _sheet(asked, "person_forecasts", "forecasts", "money_365d_fen DESC NULLS LAST, person")


@router.get("/api/forecast-models.csv", responses=CSV_ANSWER)
def models_csv(asked: SignedIn) -> Response:
    """The models with their parameters and their errors."""
    rows = _models(asked.reading)
    header = list(rows[0]) if rows else ["of", "model"]
    return download(
        "forecast-models.csv",
        header,
        ([json.dumps(row[c]) if c == "parameters" else row[c] for c in header] for row in rows),
    )


@router.get("/api/offers.csv", responses=CSV_ANSWER)
def offers_csv(asked: SignedIn) -> Response:
    """What to offer everybody next, with the reason."""
    return _sheet(asked, "person_offers", "offers", "person, rank")


@router.get("/api/interests.csv", responses=CSV_ANSWER)
def interests_csv(asked: SignedIn) -> Response:
    """What everybody is drawn to, with the signs of it."""
    return _sheet(asked, "person_interests", "interests", "person, rank")


_SEEDS = ("stayed", "spoke", "bought", "brought")


def _seeds(asked: Asked) -> list[dict[str, Any]]:
    reading = asked.reading
    if reading is None or not has(reading, "seed_members"):
        return []
    rows = reading.sql(
        f'SELECT * FROM seed_members ORDER BY "group" NULLS FIRST, seed DESC LIMIT {2 * SHOWN_GROUPS}'
    ).to_pylist()
    with asked.ledger.read() as connection:
        called = group_names(connection, [row["group"] for row in rows if row["group"] is not None])
    wholes = {"stayed": "members", "spoke": "spoke_of", "bought": "bought_of", "brought": "members"}
    return [
        {
            "group": row["group"], "name": None if row["group"] is None else called.get(row["group"], f"#{row['group']}"),
            "seed": row["seed"], "members": row["members"],
            **{name: num(row[name], row[wholes[name]], "share") for name in _SEEDS},
        }
        for row in rows
    ]  # fmt: skip


@router.get("/api/seed-members")
def seed_members(request: Request, asked: SignedIn) -> Response:
    """Those who came first to a group beside the rest: over all groups, then group by group."""
    return answer({"items": _seeds(asked), "reading": told(asked, asked.reading)}, request)


@router.get("/api/seed-members.csv", responses=CSV_ANSWER)
def seed_members_csv(asked: SignedIn) -> Response:
    """The same as CSV."""
    header = ["group", "name", "seed", "members", *(f"{name}_{side}" for name in _SEEDS for side in ("part", "whole"))]

    def rows() -> Iterator[list[Any]]:
        for row in _seeds(asked):
            sides = [row[name][side] for name in _SEEDS for side in ("part", "whole")]
            yield [row["group"], row["name"], row["seed"], row["members"], *sides]

    return download("seed-members.csv", header, rows())
