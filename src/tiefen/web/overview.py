"""The first page: how many, how they are doing, what to look at today."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from tiefen.insight.catalogue import METRICS, metrics_per
from tiefen.insight.detectors import DETECTORS
from tiefen.insight.kernels.life import STAGES
from tiefen.insight.ladder import LADDER, RUNGS
from tiefen.insight.readings import Reading
from tiefen.intake.files.formats import FORMATS
from tiefen.ledger.facts import KINDS
from tiefen.ledger.group_kinds import GROUP_KINDS
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.findings import findings
from tiefen.web.names import source_names
from tiefen.web.numbers import count, metrics_of, num

router = APIRouter(tags=["overview"])
SHOWN_DAYS = 180


def told(asked: Asked, reading: Reading | None) -> dict[str, Any] | None:
    """What a reading is of: shown on every page with numbers."""
    if reading is None:
        return None
    return {
        "reading_id": reading.reading_id, "as_of": reading.as_of, "through": reading.through,
        "time_zone": reading.time_zone, "window_days": reading.window_days, "seconds": reading.seconds,
        "start": reading.window.start, "end": reading.window.end, "stale": reading.stale(asked.ledger),
    }  # fmt: skip


@router.get("/api/catalogue")
def catalogue(request: Request, asked: SignedIn) -> Response:
    """Everything that has a name: metrics, detectors, kinds of facts and of groups, formats of files, rungs."""
    return answer(
        {
            "metrics": [
                {
                    "key": m.key, "per": m.per, "zh": m.zh, "en": m.en, "definition_zh": m.definition_zh,
                    "definition_en": m.definition_en, "formula": m.formula, "unit": m.unit, "better": m.better,
                    "grade": m.grade, "source": m.source, "kinds": m.kinds, "looks_back": m.looks_back,
                }
                for m in METRICS
            ],
            "detectors": [
                {"key": d.key, "zh": d.zh, "en": d.en, "entity": d.entity, "todo_zh": d.todo_zh, "todo_en": d.todo_en}
                for d in DETECTORS
            ],
            "kinds": [{"kind": k.kind, "zh": k.title[0], "en": k.title[1]} for k in KINDS],
            "group_kinds": [{"key": key, "zh": zh, "en": en} for key, (zh, en, *_) in GROUP_KINDS.items()],
            "formats": [
                {
                    "key": f.key, "zh": f.zh, "en": f.en,
                    "fields": [{"key": c.key, "zh": c.zh, "en": c.en, "required": c.required} for c in f.fields],
                }
                for f in FORMATS
            ],
            "rungs": [{"key": r.key, "zh": r.zh, "en": r.en} for r in LADDER],
        },
        request,
    )  # fmt: skip


@router.get("/api/overview")
def overview(request: Request, asked: SignedIn) -> Response:
    """The company at a glance, as of its last reading."""
    reading = asked.reading
    jobs = {name: job for name, job in asked.house.worker.status().items() if name == f"reading:{asked.corp_id}"}
    if reading is None:
        return answer({"reading": None, "facts": asked.ledger.facts(asked.corp_id), "jobs": jobs})
    groups = reading.sql(
        """SELECT count(*) AS groups, count(*) FILTER (stage <> 'dormant') AS living, sum(members_part) AS members,
        sum(messages_part) AS messages, sum(messages_whole) AS heard FROM groups"""
    ).to_pylist()[0]
    persons = reading.sql(
        "SELECT count(*) AS persons, sum(money_part) AS money, sum(money_whole) AS shoppers,"
        " count(*) FILTER (frequency_part > 0) AS buyers FROM persons"
    ).to_pylist()[0]
    distinct = reading.sql(
        "SELECT count(DISTINCT person) FILTER (here) AS members, count(DISTINCT person) FILTER (messages > 0) AS active"
        " FROM group_people"
    ).to_pylist()[0]
    totals = {
        "groups": count(groups["groups"]), "living_groups": num(groups["living"], groups["groups"], "share"),
        "members": count(distinct["members"]), "persons": count(persons["persons"]),
        "messages_30d": count(groups["messages"]), "active_30d": num(distinct["active"], distinct["members"], "share"),
        "buyers": num(persons["buyers"], persons["persons"] if persons["shoppers"] else None, "share"),
        "money": num(persons["money"], 1 if persons["shoppers"] else None, "fen"),
    }  # fmt: skip
    days = reading.sql(
        f"SELECT * FROM corp_days WHERE day > CAST(? AS DATE) - {SHOWN_DAYS} AND day <= CAST(? AS DATE) ORDER BY day",
        [reading.window.end, reading.window.end],
    ).to_pylist()
    return answer(
        {
            "reading": told(asked, reading), "jobs": jobs, "facts": asked.ledger.facts(asked.corp_id), "totals": totals,
            "ladder": _ladder(reading), "stages": _stages(reading), "days": days,
            "findings": findings(asked.ledger, reading, limit=12),
            "finding_counts": reading.sql(
                "SELECT detector, count(*) AS findings FROM findings GROUP BY 1 ORDER BY 2 DESC, 1"
            ).to_pylist(),
            "sources": _sources(asked, reading),
        },
        request,
    )  # fmt: skip


def _ladder(reading: Reading) -> list[dict[str, Any]]:
    found = {
        row["rung"]: row["n"] for row in reading.sql("SELECT rung, count(*) AS n FROM persons GROUP BY 1").to_pylist()
    }
    whole = sum(found.values())
    return [{"rung": rung, "persons": found.get(rung, 0), "whole": whole} for rung in RUNGS]


def _stages(reading: Reading) -> list[dict[str, Any]]:
    found = {
        row["stage"]: row["n"] for row in reading.sql("SELECT stage, count(*) AS n FROM groups GROUP BY 1").to_pylist()
    }
    return [{"stage": stage, "groups": found.get(stage, 0)} for stage in STAGES]


def _sources(asked: Asked, reading: Reading) -> list[dict[str, Any]]:
    rows = reading.sql("SELECT * FROM sources ORDER BY arrivals_part DESC NULLS LAST LIMIT 5").to_pylist()
    with asked.ledger.read() as connection:
        called = source_names(connection, [row["source"] for row in rows])
    metrics = metrics_per("source")
    return [{"source": r["source"], "name": called[r["source"]], "metrics": metrics_of(metrics, r)} for r in rows]
