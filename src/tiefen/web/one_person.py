"""同一个人？ — records that may be of one person, side by side, for somebody to decide."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from tiefen.insight.models.one_person import (
    LOWER,
    PEOPLE_FIELDS,
    PEOPLE_RULES,
    UPPER,
    Found,
    proposed,
    record_of,
    table_of,
)
from tiefen.insight.readings import folder_of
from tiefen.kit.clock import from_us, now_us
from tiefen.kit.errors import TiefenError
from tiefen.ledger.digests import ERASED
from tiefen.ledger.facts import IdentityLinked
from tiefen.ledger.identity import refusal
from tiefen.ledger.paging import facts_page
from tiefen.ledger.schema import handles, people
from tiefen.web.answers import answer
from tiefen.web.context import Asked, Owner, SignedIn
from tiefen.web.inputs import MOST_ID
from tiefen.web.names import ids_of, person_names
from tiefen.web.persons import one_person

router = APIRouter(tags=["persons"])
log = structlog.get_logger()
MOST_COMPARED, MOST_SHOWN, MOST_KEPT = 200_000, 50, 5_000
LINK_SETTING = "same_person_link"
"""The setting of a corp by which what is surely one is linked without asking."""
SAID_NO = "operator"
_looking: set[str] = set()
_guard = threading.Lock()


class Decision(BaseModel):
    """What somebody says of two records; `same` null puts it off."""

    a: int = Field(ge=1, le=MOST_ID)
    b: int = Field(ge=1, le=MOST_ID)
    same: bool | None


class Setting(BaseModel):
    link: bool


class StillLooking(TiefenError):
    status = 409
    says = "The records are being compared; that takes a minute."


@router.get("/api/same-person")
def same_person(asked: SignedIn) -> Response:
    """Pairs of records that may be of one person, the likeliest first, with what speaks for and against it."""
    kept = _kept(asked)
    setting = bool(asked.ledger.corp(asked.corp_id).settings.get(LINK_SETTING))
    with _guard:
        looking = asked.corp_id in _looking
    pairs = kept.get("pairs", [])
    return answer(
        {
            "looking": looking, "looked_at": from_us(kept["looked_us"]) if kept else None, "people": kept.get("people"),
            "linked": kept.get("linked", 0), "why": kept.get("why"), "upper": UPPER, "lower": LOWER, "link": setting,
            "total": len(pairs), "items": list(_side_by_side(asked, pairs[:MOST_SHOWN])),
        }
    )  # fmt: skip


@router.post("/api/same-person/look", status_code=202)
def look(asked: SignedIn) -> Response:
    """Compare the records anew. It goes on behind; what was decided stays so."""
    with _guard:
        if asked.corp_id in _looking:
            raise StillLooking
        _looking.add(asked.corp_id)
    asked.audit("compared records", "same person")
    threading.Thread(target=_look, args=(asked,), name="same-person", daemon=True).start()
    return answer({"looking": True}, status=202)


@router.post("/api/same-person/decide")
def decide(asked: Owner, given: Decision) -> Response:
    """Say that two records are of one person, or that they are not. Yes can be taken back by a split."""
    one_person(asked, given.a)
    one_person(asked, given.b)
    if given.same is not None:
        asked.ledger.decide(asked.corp_id, given.a, given.b, same=given.same, because=SAID_NO)
        asked.audit("decided on one person", f"{given.a} and {given.b}: {'yes' if given.same else 'no'}")
    with _guard:
        kept = _kept(asked)
        both = {given.a, given.b}
        mine = [pair for pair in kept.get("pairs", []) if {pair["a"], pair["b"]} == both]
        others = [pair for pair in kept.get("pairs", []) if {pair["a"], pair["b"]} != both]
        if given.same:
            others = [pair for pair in others if max(both) not in (pair["a"], pair["b"])]
        if kept:
            _keep(asked, {**kept, "pairs": [*others, *(mine if given.same is None else [])]})
    if given.same:
        asked.house.worker.request_reading(asked.corp_id)
    return answer({"total": len(others) + (len(mine) if given.same is None else 0)})


@router.put("/api/same-person/setting")
def change(asked: Owner, given: Setting) -> Response:
    """Whether what is surely one is linked without asking, the next time records are compared."""
    asked.ledger.update_settings(asked.corp_id, {LINK_SETTING: given.link})
    asked.audit("changed settings", LINK_SETTING)
    return answer({"link": given.link})


# ---- comparing ------------------------------------------------------------------------------------------


def _look(asked: Asked) -> None:
    try:
        _keep(asked, _compared(asked))
    except Exception:
        log.exception("records could not be compared", corp=asked.corp_id)
        _keep(asked, {"looked_us": now_us(), "people": None, "pairs": [], "why": "failed"})
    finally:
        with _guard:
            _looking.discard(asked.corp_id)


def _compared(asked: Asked) -> dict[str, Any]:
    rows, types = _records(asked)
    if len(rows) > MOST_COMPARED:
        return {"looked_us": now_us(), "people": len(rows), "pairs": [], "why": "too_many_records"}
    found: Found = proposed(table_of(rows), PEOPLE_FIELDS, PEOPLE_RULES)
    decided = _said_no(asked)
    surely = bool(asked.ledger.corp(asked.corp_id).settings.get(LINK_SETTING))
    pairs, linked = [], 0
    for row in found.pairs.slice(0, MOST_KEPT).to_pylist():
        a, b = sorted((row["a"], row["b"]))
        # Two people with an id each of which nobody has two are two, whatever else agrees.
        if (a, b) in decided or refusal(types.get(a, ()), types.get(b, ())):
            continue
        if surely and row["probability"] >= UPPER:
            asked.ledger.decide(asked.corp_id, a, b, same=True, because="splink")
            linked += 1
            continue
        bits = {field.name: row[f"w_{field.name}"] for field in PEOPLE_FIELDS}
        pairs.append({"a": a, "b": b, "probability": row["probability"], "weight": row["weight"], "bits": bits})
    if linked:
        asked.house.worker.request_reading(asked.corp_id)
    return {"looked_us": now_us(), "people": len(rows), "pairs": pairs, "linked": linked, "why": found.why}


def _records(asked: Asked) -> tuple[list[dict[str, Any]], dict[int, list[str]]]:
    """(a row to compare for everybody who is not staff, merged or erased; the types of their ids)."""
    ids: dict[int, list[tuple[str, str]]] = {}
    with asked.ledger.read() as connection:
        known = connection.execute(
            sa.select(people.c.person_id, people.c.name, people.c.attributes).where(
                people.c.corp_id == asked.corp_id, people.c.merged_into.is_(None), people.c.erased_us.is_(None),
                people.c.staff.is_(sa.false()),
            )
        ).all()  # fmt: skip
        for person, kind, value in connection.execute(
            sa.select(handles.c.person_id, handles.c.id_type, handles.c.id_value).where(
                handles.c.corp_id == asked.corp_id
            )
        ):
            ids.setdefault(person, []).append((kind, value))
    rows = [
        record_of(person, name, msgspec.json.decode(attributes), ids.get(person, ()))
        for person, name, attributes in known
    ]
    return rows, {person: [kind for kind, _ in some] for person, some in ids.items()}


def _said_no(asked: Asked) -> set[tuple[int, int]]:
    """Pairs of which somebody said that they are two."""
    decided: set[tuple[int, int]] = set()
    after: str | None = None
    while True:
        page = facts_page(asked.ledger, asked.corp_id, kind=IdentityLinked.kind, after=after, limit=200)
        for fact in page.rows:
            if fact.body.get("refused") == SAID_NO:
                a, b = sorted((fact.body["person"], fact.body["also"]))
                decided.add((a, b))
        after = page.next
        if after is None:
            return decided


# ---- what was found -------------------------------------------------------------------------------------


def _place(asked: Asked) -> Path:
    """Where the pairs are kept: numbers of people and weights, never a name."""
    return folder_of(asked.house.settings, asked.corp_id) / "same-person.json"


def _kept(asked: Asked) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json.loads(_place(asked).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return kept


def _keep(asked: Asked, value: dict[str, Any]) -> None:
    place = _place(asked)
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_suffix(f".{os.getpid()}.tmp")
    beside.write_text(json.dumps(value), "utf-8")
    beside.replace(place)


def _side_by_side(asked: Asked, pairs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each pair with what is known of both; those that were merged or erased since are left out."""
    numbers = {person for pair in pairs for person in (pair["a"], pair["b"])}
    with asked.ledger.read() as connection:
        rows = {
            row.person_id: row
            for row in connection.execute(
                sa.select(people).where(
                    people.c.person_id.in_(numbers), people.c.corp_id == asked.corp_id,
                    people.c.merged_into.is_(None), people.c.erased_us.is_(None),
                )
            )
        }  # fmt: skip
        called = person_names(connection, set(rows))
        ids = {person: ids_of(connection, person) for person in rows}
    for pair in pairs:
        if pair["a"] not in rows or pair["b"] not in rows:
            continue
        both = [
            record_of(
                person, rows[person].name, msgspec.json.decode(rows[person].attributes),
                [(one["type"], one["value"]) for one in ids[person] if not one["value"].startswith(ERASED)],
            )
            for person in (pair["a"], pair["b"])
        ]  # fmt: skip
        yield {
            "probability": pair["probability"], "weight": pair["weight"],
            **{side: {"person": pair[side], "name": called[pair[side]], "since": from_us(rows[pair[side]].created_us),
                      "ids": [{"type": one["type"], "value": one["value"]} for one in ids[pair[side]]]} for side in ("a", "b")},
            "evidence": [
                {"field": field.name, "a": both[0][field.name], "b": both[1][field.name], "bits": pair["bits"].get(field.name)}
                for field in PEOPLE_FIELDS if both[0][field.name] is not None or both[1][field.name] is not None
            ],
        }  # fmt: skip
