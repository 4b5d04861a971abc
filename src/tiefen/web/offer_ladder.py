"""The ladder of offers (产品阶梯): its rungs, who climbs, the step that leaks, and what each good leads to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, model_validator
from starlette.responses import Response

from tiefen.insight.kernels.outcomes import share_bounds
from tiefen.insight.models.offer_ladder import DAYS, MOST_RUNGS
from tiefen.insight.readings import Reading
from tiefen.web.answers import answer
from tiefen.web.context import Asked, Owner, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.inputs import Name
from tiefen.web.numbers import known, num
from tiefen.web.overview import told
from tiefen.web.questions import made

router = APIRouter(tags=["offer ladder"])
USUAL = {1: ("引流品", "Hook"), 2: ("利润品", "Core"), 3: ("高端", "Premium")}
"""What rungs are called that prices alone made."""
LEAST = 20
"""Of fewer people who began on a rung nobody says that it leaks."""
MOST_GOODS = 200


def rung_names(asked: Asked) -> dict[int, tuple[str, str]]:
    """What each rung is called: as the company said, or by its place."""
    said = asked.ledger.corp(asked.corp_id).settings.get("offer_ladder", ())
    return {number: (rung["name"], rung["name"]) for number, rung in enumerate(said, 1)} or USUAL


def called_rung(asked: Asked, rung: int) -> dict[str, Any]:
    """One rung with its name in both languages."""
    zh, en = _name(rung_names(asked), rung)
    return {"rung": rung, "zh": zh, "en": en}


def leak_of(rungs: Sequence[dict[str, Any]]) -> int | None:
    """The rung from which the smallest share goes on, of those with enough people and something above them."""
    judged = [rung for rung in rungs[:-1] if rung["began"] >= LEAST]
    return min(judged, key=lambda rung: rung["moved"] / rung["began"])["rung"] if judged else None


def _rows(reading: Reading | None, table: str, order: str) -> list[dict[str, Any]]:
    if not made(reading, table) or reading is None:
        return []
    rows: list[dict[str, Any]] = reading.sql(f"SELECT * FROM {table} ORDER BY {order}").to_pylist()
    return rows


@router.get("/api/offer-ladder")
def offer_ladder(request: Request, asked: SignedIn) -> Response:
    """Every rung with who bought, began and went on; the step that leaks; the goods of each, those most bought first."""
    reading, names = asked.reading, rung_names(asked)
    rungs = _rows(reading, "offer_rungs", "rung")
    standing = _standing(reading)
    goods = _rows(reading, "offer_goods", f"buyers DESC, sku LIMIT {MOST_GOODS}")
    items = [
        {
            "rung": row["rung"], "zh": _name(names, row["rung"])[0], "en": _name(names, row["rung"])[1],
            "goods": row["goods"], "buyers": row["buyers"], "standing": standing.get(row["rung"], 0),
            "least": num(row["least_fen"], 1, "fen"), "most": num(row["most_fen"], 1, "fen"),
            "money": num(row["money_fen"], 1, "fen"), **_climb(row, top=row is rungs[-1]),
            "median_days": num(row["median_days"], 1 if row["median_days"] is not None else 0, "days"),
        }
        for row in rungs
    ]  # fmt: skip
    told_goods = [
        {
            "sku": row["sku"], "rung": row["rung"], "price": num(row["price_fen"], 1, "fen"), "buyers": row["buyers"],
            "money": num(row["money_fen"], 1, "fen"),
            **_climb(row, top=row["rung"] is None or (bool(rungs) and row["rung"] == rungs[-1]["rung"])),
        }
        for row in goods
    ]  # fmt: skip
    return answer(
        {
            "items": items, "goods": told_goods, "leak": leak_of(rungs), "days": DAYS,
            "set_up": asked.ledger.corp(asked.corp_id).settings.get("offer_ladder", []), "most_rungs": MOST_RUNGS,
            "reading": told(asked, reading),
        },
        request,
    )  # fmt: skip


def _standing(reading: Reading | None) -> dict[int, int]:
    """How many people stand on each rung: the highest they ever bought from."""
    if reading is None or not made(reading, "offer_rungs"):
        return {}
    rows = reading.sql(
        "SELECT offer_rung, count(*) AS people FROM persons WHERE offer_rung IS NOT NULL GROUP BY offer_rung"
    ).to_pylist()
    return {row["offer_rung"]: row["people"] for row in rows}


def _name(names: dict[int, tuple[str, str]], rung: int) -> tuple[str, str]:
    return names.get(rung, (f"第 {rung} 级", f"Rung {rung}"))


def _climb(row: dict[str, Any], *, top: bool) -> dict[str, Any]:
    """Of those who began there, who went on; on the top rung there is nowhere to go."""
    if top:
        return {"moved": num(None, None, "share"), "low": None, "high": None}
    low, high = share_bounds(np.array([row["moved"]], np.float64), np.array([row["began"]], np.float64))
    return {"moved": num(row["moved"], row["began"], "share"), "low": known(low[0]), "high": known(high[0])}


@router.get("/api/offer-ladder.csv", responses=CSV_ANSWER)
def offer_ladder_csv(asked: SignedIn) -> Response:
    """Every good as CSV."""
    rows = _rows(asked.reading, "offer_goods", "rung, buyers DESC, sku")
    names = ["sku", "rung", "price_fen", "buyers", "money_fen", "moved", "began"]

    def lines() -> Iterator[list[Any]]:
        for row in rows:
            yield [row[name] for name in names]

    return download("offer-ladder.csv", names, lines())


Fen = Annotated[int, Field(ge=0, le=10**12)]


class Rung(BaseModel):
    name: Name
    skus: list[Name] = Field(default_factory=list, max_length=500)
    from_fen: Fen | None = None
    to_fen: Fen | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Rung:
        if not self.skus and self.from_fen is None and self.to_fen is None:
            raise ValueError("a rung needs goods or a range of prices")
        if self.from_fen is not None and self.to_fen is not None and self.from_fen > self.to_fen:
            raise ValueError("a range of prices begins below its end")
        return self


class Ladder(BaseModel):
    rungs: list[Rung] = Field(max_length=MOST_RUNGS)

    @model_validator(mode="after")
    def _each_good_once(self) -> Ladder:
        goods = [sku for rung in self.rungs for sku in rung.skus]
        if len(goods) != len(set(goods)):
            raise ValueError("a good is on one rung only")
        return self


@router.put("/api/offer-ladder")
def set_up(asked: Owner, given: Ladder) -> Response:
    """Say what the rungs are, from the lowest to the highest; none lets prices say it. Everything is read anew."""
    asked.ledger.update_settings(asked.corp_id, {"offer_ladder": [rung.model_dump() for rung in given.rungs]})
    asked.audit("set up the offer ladder", f"{len(given.rungs)} rungs")
    asked.house.worker.request_reading(asked.corp_id)
    return answer({"set_up": [rung.model_dump() for rung in given.rungs]})
