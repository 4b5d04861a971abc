"""The referral forest: how many people a member brings, the largest trees, and fraud rings with what speaks against them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from tiefen.insight.readings import Reading
from tiefen.kit.clock import from_us
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.errors import NotFound
from tiefen.web.inputs import IdPath
from tiefen.web.names import person_names, source_names
from tiefen.web.numbers import num
from tiefen.web.overview import told
from tiefen.web.questions import made

router = APIRouter(tags=["forest"])
MOST_TREES, MOST_IN_TREE, MOST_DRAWN, MOST_RINGS = 100, 600, 8, 100


@router.get("/api/forest")
def forest(request: Request, asked: SignedIn) -> Response:
    """K and what belongs to it, generations, steps, the largest trees with their people, and rings."""
    reading = asked.reading
    if reading is None or not made(reading, "forest"):
        return answer({"forest": None, "reading": told(asked, reading)})
    (row,) = reading.sql("SELECT * FROM forest").to_pylist()
    trees = reading.sql(f"SELECT * FROM forest_trees ORDER BY size DESC, root LIMIT {MOST_TREES}").to_pylist()
    drawn = [tree["root"] for tree in trees[:MOST_DRAWN]]
    people = _people(reading, drawn)
    rings = _rings(asked, reading)
    with asked.ledger.read() as connection:
        called = person_names(connection, [*(t["root"] for t in trees), *(p["person"] for p in people)])
    return answer(
        {
            "forest": _numbers(row),
            "generations": [
                {
                    "generation": g["generation"], "people": g["people"], "bringers": g["bringers"],
                    "brought": num(g["brought"], g["people"], "index"), "delay": num(g["delay_days"], 1, "days"),
                }
                for g in reading.sql("SELECT * FROM forest_generations ORDER BY generation").to_pylist()
            ],
            "steps": [
                {
                    "step": s["step"], "brought": num(s["brought_part"], s["brought_whole"], "share"),
                    "others": num(s["others_part"], s["others_whole"], "share"),
                }
                for s in reading.sql("SELECT * FROM forest_steps ORDER BY number").to_pylist()
            ],
            "trees": [_tree(tree, called[tree["root"]]) for tree in trees],
            "drawn": [{**p, "name": called[p["person"]]} for p in people],
            "rings": rings, "reading": told(asked, reading),
        },
        request,
    )  # fmt: skip


def _numbers(row: dict[str, Any]) -> dict[str, Any]:
    of = row["people"] if row["brought"] else None
    return {
        "people": row["people"], "brought": num(row["brought"], of, "share"), "bringers": row["bringers"],
        "trees": row["trees"], "deepest": row["deepest"], "in_trees": row["in_trees"],
        "k": num(row["k"], None if row["k"] is None else 1, "index"), "k_low": row["k_low"], "k_high": row["k_high"],
        "k_by": row["k_by"], "k_why": row["k_why"], "exposure": row["exposure"],
        "naive": num(row["brought"], of, "index"),
        "k_within": num(row["k_within"], None if row["k_within"] is None else 1, "index"),
        "within_days": row["within_days"], "virality": num(row["virality"], 1, "index"),
        "cycle": num(row["cycle_days"], 1, "days"), "cycle_seen": num(row["cycle_days_seen"], 1, "days"),
        "same_source": num(row["same_source_part"], row["same_source_whole"], "share"),
        "same_source_chance": num(row["same_source_chance"], row["same_source_whole"], "share"),
        "same_tag": num(row["same_tag_part"], row["same_tag_whole"], "share"),
        "same_tag_chance": num(row["same_tag_chance"], row["same_tag_whole"], "share"),
    }  # fmt: skip


def _tree(tree: dict[str, Any], name: str) -> dict[str, Any]:
    return {
        "root": tree["root"], "name": name, "size": tree["size"], "depth": tree["depth"], "widest": tree["widest"],
        "bringers": tree["bringers"], "virality": num(tree["virality"], 1, "index"),
        "began_at": from_us(tree["began_us"]), "last_at": from_us(tree["last_us"]),
        "same_source": num(tree["same_source_part"], tree["same_source_whole"], "share"),
        "same_source_chance": num(tree["same_source_chance"], tree["same_source_whole"], "share"),
    }  # fmt: skip


def _people(reading: Reading, roots: list[int]) -> list[dict[str, Any]]:
    """The people of some trees, nearest to the root first, not too many of each."""
    if not roots:
        return []
    some = ", ".join(str(int(root)) for root in roots)
    rows: list[dict[str, Any]] = reading.sql(
        f"""SELECT person, parent, root, depth, children FROM (SELECT *, row_number() OVER
        (PARTITION BY root ORDER BY depth, below DESC, person) AS place FROM forest_people WHERE root IN ({some}))
        WHERE place <= {MOST_IN_TREE} ORDER BY root, place"""
    ).to_pylist()
    return rows


def _rings(asked: Asked, reading: Reading) -> list[dict[str, Any]]:
    if not made(reading, "rings"):
        return []
    rows = reading.sql(
        f"SELECT * EXCLUDE (people, ties) FROM rings ORDER BY began_us DESC, ring LIMIT {MOST_RINGS}"
    ).to_pylist()
    with asked.ledger.read() as connection:
        sources = source_names(connection, [row["source"] for row in rows if row["source"] is not None])
    return [
        {
            "ring": row["ring"], "size": row["size"], "began_at": from_us(row["began_us"]),
            "ended_at": from_us(row["ended_us"]), "source": row["source"], "source_name": sources.get(row["source"]),
            "density": num(row["density"], 1, "share"), "beside": row["beside"],
            "gone": num(row["gone"], row["size"], "share"), "gave_back": num(row["gave_back"], row["size"], "share"),
            "same_source": num(row["same_source"], row["size"], "share"),
            "same_inviter": num(row["same_inviter"], row["size"], "share"), "signs": json.loads(row["signs"]),
            "evidence": json.loads(row["evidence"]),
        }
        for row in rows
    ]  # fmt: skip


@router.get("/api/rings/{ring}")
def ring_page(request: Request, asked: SignedIn, ring: IdPath) -> Response:
    """Who is in a ring."""
    reading = asked.reading
    rows = []
    if reading is not None and made(reading, "ring_people"):
        rows = reading.sql(
            "SELECT person, ties FROM ring_people WHERE ring = ? ORDER BY ties DESC, person LIMIT 2000", [ring]
        ).to_pylist()
    if not rows:
        raise NotFound("ring", str(ring))
    with asked.ledger.read() as connection:
        called = person_names(connection, [row["person"] for row in rows])
    asked.audit("looked at a ring", str(len(rows)))
    items = [{**row, "name": called[row["person"]]} for row in rows]
    return answer({"items": items, "reading": told(asked, reading)}, request)


@router.get("/api/forest.csv", responses=CSV_ANSWER)
def forest_csv(asked: SignedIn) -> Response:
    """Everybody in the forest: who brought them, where in the tree they stand, whom they brought."""
    header = ["person", "parent", "root", "depth", "children", "below"]

    def lines() -> Iterator[list[Any]]:
        reading = asked.reading
        if reading is None or not made(reading, "forest_people"):
            return
        columns = ", ".join(header)
        for batch in reading.sql(f"SELECT {columns} FROM forest_people ORDER BY root, depth, person").to_batches():
            for row in batch.to_pylist():
                yield [row[name] for name in header]

    asked.audit("exported the referral forest", "csv")
    return download("forest.csv", header, lines())


@router.get("/api/rings.csv", responses=CSV_ANSWER)
def rings_csv(asked: SignedIn) -> Response:
    """Everybody in a ring."""
    header = ["ring", "person", "ties"]

    def lines() -> Iterator[list[Any]]:
        reading = asked.reading
        if reading is None or not made(reading, "ring_people"):
            return
        for row in reading.sql("SELECT ring, person, ties FROM ring_people ORDER BY ring, person").to_pylist():
            yield [row[name] for name in header]

    asked.audit("exported rings", "csv")
    return download("rings.csv", header, lines())
