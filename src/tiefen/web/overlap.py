"""Which groups share members: pairs against chance, clusters, a matrix, groups that might be one, people in many groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tiefen.insight.readings import Reading
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.names import group_names, person_names
from tiefen.web.numbers import num
from tiefen.web.overview import told

router = APIRouter(tags=["groups"])
MOST_PAIRS, MOST_IN_MATRIX, MOST_CANDIDATES, MOST_PEOPLE = 400, 400, 200, 50
_NEEDED = ("group_clusters", "merge_candidates")
Sort = Literal["shared", "jaccard", "lift"]
_BY = {"shared": "shared", "jaccard": "shared / (a_members + b_members - shared)", "lift": "lift_low"}
Least = Annotated[int, Query(ge=1, le=100_000)]


def _reading(asked: Asked) -> Reading | None:
    """The current reading; none where it was made before these tables were, and then a new one is asked for."""
    reading = asked.reading
    if reading is not None and not all((reading.folder / f"{name}.parquet").exists() for name in _NEEDED):
        asked.house.worker.request_reading(asked.corp_id)
        return None
    return reading


def _names(asked: Asked, numbers: set[int]) -> dict[int, str]:
    with asked.ledger.read() as connection:
        called = group_names(connection, numbers)
    return {number: called.get(number, f"#{number}") for number in numbers}


@router.get("/api/overlap")
def overlap(request: Request, asked: SignedIn, least: Least = 3, sort: Sort = "shared") -> Response:
    """Which groups share members: the strongest pairs, the groups in them, their clusters, and who is in how many."""
    reading = _reading(asked)
    if reading is None:
        empty: dict[str, Any] = {
            name: [] for name in ("groups", "pairs", "clusters", "candidates", "many", "memberships")
        }
        return answer({**empty, "population": None, "reading": None})
    pairs = reading.sql(
        f"SELECT * FROM group_overlap WHERE shared >= ? ORDER BY {_BY[sort]} DESC, a, b LIMIT {MOST_PAIRS}", [least]
    ).to_pylist()
    sizes = {p["a"]: p["a_members"] for p in pairs} | {p["b"]: p["b_members"] for p in pairs}
    placed = {row["group"]: row for row in reading.sql("SELECT * FROM group_clusters ORDER BY place").to_pylist()}
    candidates = reading.sql(
        f"SELECT * FROM merge_candidates ORDER BY jaccard DESC, shared DESC, a, b LIMIT {MOST_CANDIDATES}"
    ).to_pylist()
    memberships = reading.sql("SELECT groups_in, persons FROM memberships ORDER BY groups_in").to_pylist()
    called = _names(asked, sizes.keys() | placed.keys() | {c[side] for c in candidates for side in "ab"})
    return answer(
        {
            "groups": [
                {
                    "group": group, "name": called[group], "members": sizes[group],
                    "cluster": placed[group]["cluster"] if group in placed else None,
                }
                for group in sorted(sizes)
            ],
            "pairs": [_pair(row) for row in pairs], "clusters": _clusters(reading, called),
            "candidates": [_candidate(row, called) for row in candidates], "many": _many(asked, reading),
            "memberships": memberships, "population": pairs[0]["population"] if pairs else None,
            "reading": told(asked, reading),
        },
        request,
    )  # fmt: skip


def _pair(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "a": row["a"], "b": row["b"], "shared": row["shared"],
        "jaccard": num(row["shared"], row["a_members"] + row["b_members"] - row["shared"], "share"),
        "lift": num(row["shared"], row["expected"], "mean"), "lift_low": row["lift_low"], "lift_high": row["lift_high"],
    }  # fmt: skip


def _clusters(reading: Reading, called: dict[int, str]) -> list[dict[str, Any]]:
    rows = reading.sql(
        """SELECT cluster, list("group" ORDER BY place) AS groups, sum(ties_inside) / 2 AS inside,
        sum(ties_outside) AS outside FROM group_clusters GROUP BY cluster ORDER BY cluster"""
    ).to_pylist()
    people = reading.sql(
        """SELECT c.cluster, count(*) AS stays, count(DISTINCT p.person) AS persons FROM group_people AS p
        JOIN group_clusters AS c ON c."group" = p."group" WHERE p.here GROUP BY c.cluster"""
    ).to_pylist()
    by_cluster = {row["cluster"]: row for row in people}
    return [
        {
            "cluster": row["cluster"], "groups": [{"group": g, "name": called[g]} for g in row["groups"]],
            "persons": by_cluster.get(row["cluster"], {}).get("persons"),
            "stays": by_cluster.get(row["cluster"], {}).get("stays"),
            "inside": num(row["inside"], row["inside"] + row["outside"], "share"),
        }
        for row in rows
    ]  # fmt: skip


def _candidate(row: dict[str, Any], called: dict[int, str]) -> dict[str, Any]:
    return {
        **{side: {"group": row[side], "name": called[row[side]], "members": row[f"{side}_members"],
                  "stage": row[f"{side}_stage"], "messages": num(row[f"{side}_messages"], _told(row[f"{side}_messages"]), "count")}
           for side in ("a", "b")},
        "shared": row["shared"], "merged": row["merged"], "fits": row["fits"], "cap": row["cap"], "keeper": row["keeper"],
        "jaccard": num(row["shared"], row["merged"], "share"),
        "messages": num(row["messages"], _told(row["messages"]), "count"),
        "speakers": num(row["speakers"], row["merged"] if row["speakers"] is not None else None, "share"),
    }  # fmt: skip


def _told(value: float | None) -> int | None:
    return None if value is None else 1


def _many(asked: Asked, reading: Reading) -> list[dict[str, Any]]:
    """Who is in the most groups."""
    rows = reading.sql(
        f"""SELECT person, CAST(groups_in_part AS BIGINT) AS groups_in FROM persons WHERE groups_in_part >= 2
        ORDER BY groups_in_part DESC, person LIMIT {MOST_PEOPLE}"""
    ).to_pylist()
    with asked.ledger.read() as connection:
        called = person_names(connection, [row["person"] for row in rows])
    return [{**row, "name": called[row["person"]]} for row in rows]


@router.get("/api/overlap/matrix")
def matrix(request: Request, asked: SignedIn) -> Response:
    """The overlap of groups with each other, in an order in which clusters stand together: [row, column, shared] of all
    pairs, each once. Groups that share no more than chance with any other are left out, and beyond 400 the loosest."""
    reading = _reading(asked)
    if reading is None:
        return answer({"groups": [], "cells": [], "population": None, "left_out": 0, "reading": None})
    groups = reading.sql(
        f"""SELECT * FROM (SELECT * FROM group_clusters ORDER BY ties_inside + ties_outside DESC, place
        LIMIT {MOST_IN_MATRIX}) ORDER BY place"""
    ).to_pylist()
    place = {row["group"]: number for number, row in enumerate(groups)}
    pairs = reading.sql(
        """SELECT a, b, shared, a_members, b_members, population FROM group_overlap
        WHERE a IN (SELECT "group" FROM group_clusters) AND b IN (SELECT "group" FROM group_clusters) ORDER BY a, b"""
    )
    columns = [pairs[name].to_pylist() for name in ("a", "b", "shared", "a_members", "b_members")]
    sizes: dict[int, int] = {}
    cells: list[tuple[int, int, int]] = []
    for a, b, shared, a_members, b_members in zip(*columns, strict=True):
        if a in place and b in place:
            sizes[a], sizes[b] = a_members, b_members
            cells.append((place[a], place[b], shared))
    called = _names(asked, set(place))
    all_of_them = reading.sql("SELECT count(*) AS n FROM group_clusters").to_pylist()[0]["n"]
    return answer(
        {
            "groups": [
                {"group": row["group"], "name": called[row["group"]], "members": sizes.get(row["group"], 0), "cluster": row["cluster"]}
                for row in groups
            ],
            "cells": cells, "population": pairs["population"][0].as_py() if pairs.num_rows else None,
            "left_out": all_of_them - len(groups), "reading": told(asked, reading),
        },
        request,
    )  # fmt: skip


@router.get("/api/overlap.csv", responses=CSV_ANSWER)
def overlap_csv(asked: SignedIn, least: Least = 1, sort: Sort = "shared") -> Response:
    """Every pair that shares so many, with its parts: shared, sizes, what chance would share, lift and its bounds."""
    header = ["a", "a_name", "b", "b_name", "shared", "a_members", "b_members", "population", "expected", "lift_low",
              "lift_high", "a_cluster", "b_cluster"]  # fmt: skip

    def rows() -> Iterator[list[Any]]:
        reading = _reading(asked)
        if reading is None:
            return
        found = reading.sql(
            f"""SELECT o.*, x.cluster AS a_cluster, y.cluster AS b_cluster FROM group_overlap AS o
            LEFT JOIN group_clusters AS x ON x."group" = o.a LEFT JOIN group_clusters AS y ON y."group" = o.b
            WHERE shared >= ? ORDER BY {_BY[sort]} DESC, a, b""",
            [least],
        ).to_pylist()
        called = _names(asked, {row[side] for row in found for side in "ab"})
        for row in found:
            yield [called[row[key[0]]] if key in ("a_name", "b_name") else row[key] for key in header]

    asked.audit("exported overlap", "csv")
    return download("overlap.csv", header, rows())


@router.get("/api/overlap/candidates.csv", responses=CSV_ANSWER)
def candidates_csv(asked: SignedIn) -> Response:
    """Every pair of groups that might be one, and what that one would look like."""
    header = ["a", "a_name", "a_members", "a_stage", "a_messages", "b", "b_name", "b_members", "b_stage", "b_messages",
              "shared", "merged", "cap", "fits", "keeper", "messages", "speakers", "jaccard", "lift_low"]  # fmt: skip

    def rows() -> Iterator[list[Any]]:
        reading = _reading(asked)
        if reading is None:
            return
        found = reading.sql("SELECT * FROM merge_candidates ORDER BY jaccard DESC, shared DESC, a, b").to_pylist()
        called = _names(asked, {row[side] for row in found for side in "ab"})
        for row in found:
            yield [called[row[key[0]]] if key in ("a_name", "b_name") else row[key] for key in header]

    asked.audit("exported merge candidates", "csv")
    return download("merge-candidates.csv", header, rows())
