"""People: the list, and all about one of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from tiefen.act import points
from tiefen.insight.catalogue import metrics_per
from tiefen.insight.ladder import RUNGS
from tiefen.insight.readings import Reading
from tiefen.insight.roles import ROLES
from tiefen.insight.timeline import timeline_sentence
from tiefen.kit.clock import from_us
from tiefen.ledger import dialect
from tiefen.ledger.paging import FactRow, Page, facts_page
from tiefen.ledger.schema import people
from tiefen.web.answers import answer, encoded, exact
from tiefen.web.context import Asked, Owner, SignedIn
from tiefen.web.csv import CSV_ANSWER, download, saved_as
from tiefen.web.errors import BadCursor, MergedInto, NotConfirmed, NotFound, UnknownKey
from tiefen.web.inputs import MOST_ID, After, IdPath, Limit, Text, TextQuery
from tiefen.web.lists import Order, among, ordered, people_called
from tiefen.web.names import Names, group_names, ids_of, person_names, source_names
from tiefen.web.numbers import metrics_of
from tiefen.web.offer_ladder import called_rung
from tiefen.web.outlook import has, insight_of
from tiefen.web.overview import told
from tiefen.web.paging import page_of

router = APIRouter(tags=["people"])
MOST_NAMED = 200
METRICS = metrics_per("person")
_OWN = {
    "rung": "list_position(['none', 'customer', 'user', 'fan', 'superfan'], rung)",
    "last_seen_at": "epoch(last_seen_at)",
}
_ORDERS = ("order.placed", "order.paid", "order.refunded")


Slipping = Annotated[bool | None, Query(description="silent beyond their own rhythm, or not")]


def _where(
    asked: Asked, rung: str | None, role: str | None, source: int | None, q: str | None, slipping: bool | None
) -> tuple[str, list[Any]]:
    conditions: list[str] = ["true"]
    parameters: list[Any] = []
    for column, value, known in (("rung", rung, RUNGS), ("role", role, ROLES)):
        if value is not None:
            if value not in known:
                raise UnknownKey(column, value[:60])
            conditions.append(f"{column} = ?")
            parameters.append(value)
    if source is not None:
        if not 0 < source <= MOST_ID:
            raise NotFound("source", str(source)[:20])
        conditions.append(f"source = {int(source)}")
    if slipping is not None:
        conditions.append(_slipping_sql(asked.reading, slipping))
    if q:
        conditions.append(among("person", people_called(asked.ledger, asked.corp_id, q)))
    return " AND ".join(conditions), parameters


def _slipping_sql(reading: Reading | None, slipping: bool) -> str:
    if reading is None or not has(reading, "person_forecasts"):
        return "false"
    return f"person IN (SELECT person FROM person_forecasts WHERE slipping = {'true' if slipping else 'false'})"


@router.get("/api/persons")
def list_persons(
    request: Request, asked: SignedIn, q: TextQuery = None, rung: TextQuery = None, role: TextQuery = None,
    source: int | None = None, slipping: Slipping = None, sort: TextQuery = "money", order: Order = "desc",
    after: After = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """People, a page at a time, by any number."""
    keys = ordered("person", sort or "money", order, _OWN)
    where, parameters = _where(asked, rung, role, source, q, slipping)
    beyond, more = keys.after(after)
    reading = asked.reading
    if reading is None:
        return answer({"items": [], "next": None, "total": 0, "reading": None})
    # First the numbers of those shown, then their rows: sorting whole rows would read every column of everybody.
    first = reading.sql(
        f"SELECT person, {keys.columns} FROM persons WHERE {where} AND {beyond} ORDER BY {keys.order} LIMIT {limit + 1}",
        [*parameters, *more],
    ).to_pylist()
    shown, last = page_of(first, limit)
    numbers = [row["person"] for row in shown]
    rows = {r["person"]: r for r in reading.sql(f"SELECT * FROM persons WHERE {among('person', numbers)}").to_pylist()}
    total = reading.sql(f"SELECT count(*) AS n FROM persons WHERE {where}", parameters).to_pylist()[0]["n"]
    following = None if last is None else keys.next_of(last)
    items = _items(asked, [rows[number] for number in numbers])
    return answer({"items": items, "next": following, "total": total, "reading": told(asked, reading)}, request)


def _items(asked: Asked, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    with asked.ledger.read() as connection:
        called = person_names(connection, [row["person"] for row in rows])
        sources = source_names(connection, [row["source"] for row in rows if row["source"] is not None])
    slipping = _slipping(asked.reading, [row["person"] for row in rows])
    return [
        {
            "person": row["person"], "name": called[row["person"]], "rung": row["rung"], "rfm_cell": row["rfm_cell"],
            "role": row["role"], "source": row["source"], "source_name": sources.get(row["source"]),
            "slipping": slipping.get(row["person"]), "first_seen_at": row["first_seen_at"], "last_seen_at": row["last_seen_at"], "metrics": metrics_of(METRICS, row),
        }
        for row in rows
    ]  # fmt: skip


def _slipping(reading: Reading | None, people: list[int]) -> dict[int, bool | None]:
    """Whether they are silent beyond their own rhythm; None, or not there, where that cannot be told."""
    if reading is None or not has(reading, "person_forecasts"):
        return {}
    rows = reading.sql(f"SELECT person, slipping FROM person_forecasts WHERE {among('person', people)}").to_pylist()
    return {row["person"]: row["slipping"] for row in rows}


Numbers = Annotated[str, Query(max_length=4_000, pattern=r"^\d{1,18}(,\d{1,18})*$", description="1,2,3")]


@router.get("/api/person-names")
def names_of(request: Request, asked: SignedIn, of: Numbers) -> Response:
    """What some people are called, in the order asked for; whoever is not there is left out."""
    wanted = list(dict.fromkeys(int(number) for number in of.split(",")))[:MOST_NAMED]
    with asked.ledger.read() as connection:
        of_them = sa.select(people.c.person_id).where(
            people.c.corp_id == asked.corp_id, dialect.among(connection, people.c.person_id, wanted)
        )
        here = set(connection.scalars(of_them))
        called = person_names(connection, here)
    return answer({"items": [{"person": n, "name": called[n]} for n in wanted if n in here]}, request)


@router.get("/api/persons.csv", responses=CSV_ANSWER)
def persons_csv(
    asked: SignedIn, q: TextQuery = None, rung: TextQuery = None, role: TextQuery = None, source: int | None = None,
    slipping: Slipping = None, sort: TextQuery = "money", order: Order = "desc",
) -> Response:  # fmt: skip
    """The whole list as CSV, filtered and ordered as on the page."""
    keys = ordered("person", sort or "money", order, _OWN)
    where, parameters = _where(asked, rung, role, source, q, slipping)
    reading = asked.reading
    header = ["person", "name", "rung", "rfm_cell", "role", "first_seen_at", "last_seen_at"]
    header += [f"{m.key}_part" for m in METRICS]

    def rows() -> Iterator[list[Any]]:
        if reading is None:
            return
        found = reading.sql(f"SELECT * FROM persons WHERE {where} ORDER BY {keys.order}", parameters)
        for batch in found.to_batches(max_chunksize=5_000):
            some = batch.to_pylist()
            with asked.ledger.read() as connection:
                called = person_names(connection, [row["person"] for row in some])
            for row in some:
                yield [called[row["person"]] if key == "name" else row[key] for key in header]

    asked.audit("exported people", "csv")
    return download("people.csv", header, rows())


def one_person(asked: Asked, person: int) -> dict[str, Any]:
    """The row of somebody of this company; of somebody merged away, where they are now."""
    with asked.ledger.read() as connection:
        row = connection.execute(
            sa.select(people).where(people.c.person_id == person, people.c.corp_id == asked.corp_id)
        ).first()
    if row is None:
        raise NotFound("person", str(person))
    if row.merged_into is not None:
        raise MergedInto(person, row.merged_into)
    return dict(row._mapping)


@router.get("/api/persons/{person}")
def person_page(request: Request, asked: SignedIn, person: IdPath) -> Response:
    """All about one person: who, worth what, where, why on this rung, and what happened."""
    known, reading = one_person(asked, person), asked.reading
    found = reading.sql("SELECT * FROM persons WHERE person = ?", [person]).to_pylist() if reading else []
    mine: dict[str, Any] = found[0] if found else {}
    groups = _groups(asked, reading, person)
    orders = facts_page(asked.ledger, asked.corp_id, kinds=_ORDERS, person=person, limit=50)
    events = facts_page(asked.ledger, asked.corp_id, person=person, limit=50)
    with asked.ledger.read() as connection:
        called = person_names(connection, [person])[person]
        ids = ids_of(connection, person)
        source = source_names(connection, [mine["source"]]) if mine.get("source") is not None else {}
    return answer(
        {
            "person": {
                "person": person, "name": known["name"] or called, "attributes": msgspec.json.decode(known["attributes"]),
                "ids": ids, "staff": bool(known["staff"]), "erased": known["erased_us"] is not None,
                "rung": mine.get("rung"), "rung_reasons": json.loads(mine.get("rung_reasons") or "[]"),
                "next_rung_missing": json.loads(mine.get("next_rung_missing") or "[]"),
                "rfm_cell": mine.get("rfm_cell"), "role": mine.get("role"),
                "offer_rung": mine.get("offer_rung") and called_rung(asked, mine["offer_rung"]),
                "source": mine.get("source"), "source_name": next(iter(source.values()), None),
                "first_seen_at": mine.get("first_seen_at"), "last_seen_at": mine.get("last_seen_at"),
            },
            "points": points.held(asked.ledger, asked.corp_id, [person]).get(person),
            "metrics": metrics_of(METRICS, mine) if mine else {}, "groups": groups, **insight_of(reading, person),
            "orders": [
                {"happened_at": from_us(o.happened_us), "kind": o.kind, **exact(o.body)} for o in orders.rows
            ],
            "timeline": _timeline(asked, person, events), "next": events.next, "reading": told(asked, reading),
        },
        request,
    )  # fmt: skip


def _groups(asked: Asked, reading: Reading | None, person: int) -> list[dict[str, Any]]:
    if reading is None:
        return []
    rows = reading.sql(
        'SELECT "group", messages, replies_received, core, role, joined_on, last_spoke_at, here FROM group_people'
        ' WHERE person = ? ORDER BY here DESC, messages DESC, "group" LIMIT 200',
        [person],
    ).to_pylist()
    with asked.ledger.read() as connection:
        called = group_names(connection, [row["group"] for row in rows])
    return [{**row, "name": called.get(row["group"], f"#{row['group']}")} for row in rows]


def _timeline(asked: Asked, person: int, page: Page[FactRow]) -> list[dict[str, Any]]:
    with asked.ledger.read() as connection:
        names = Names(connection, page.rows)
    return [
        {
            "seq": row.seq, "happened_at": from_us(row.happened_us), "kind": row.kind,
            **_said_of(person, row, names), "facts": exact(row.body),
        }
        for row in page.rows
    ]  # fmt: skip


def _said_of(person: int, row: FactRow, names: Names) -> dict[str, str]:
    """A fact as a sentence; when it is somebody else's doing (an invitation, a reply), with their name before it."""
    told = timeline_sentence(row.kind, _Told(row.body), names.by_ref)
    doer = row.body.get("member") or row.body.get("person")
    if doer is None or names.persons.get(doer) in (person, None):
        return told
    name = names.by_ref[("person", doer)]
    return {"zh": f"{name} {told['zh']}", "en": f"{name} {told['en']}"}


class _Told(dict[str, Any]):
    """A body in which what was left out is None."""

    def __missing__(self, key: str) -> None:
        return None


@router.get("/api/persons/{person}/timeline")
def timeline(asked: SignedIn, person: IdPath, after: After = None, limit: Limit = 50) -> Response:
    """What happened with somebody, newest first."""
    one_person(asked, person)
    try:
        page = facts_page(asked.ledger, asked.corp_id, person=person, after=after, limit=limit)
    except ValueError:
        raise BadCursor from None
    return answer({"items": _timeline(asked, person, page), "next": page.next})


class Confirmed(BaseModel):
    """The person's name, typed again."""

    confirm: Text = Field(max_length=500)


@router.post("/api/persons/{person}/erase")
def erase(asked: Owner, person: IdPath, given: Confirmed) -> Response:
    """Erase somebody for good; gives the receipt."""
    known = one_person(asked, person)
    with asked.ledger.read() as connection:
        called = known["name"] or person_names(connection, [person])[person]
    if given.confirm.strip() != called:
        raise NotConfirmed
    receipt = asked.ledger.erase(asked.corp_id, person, by=asked.who.label)
    asked.audit("erased a person", f"receipt {receipt.receipt_id}")
    asked.house.worker.request_reading(asked.corp_id)
    return answer({**asdict(receipt), "done_at": from_us(receipt.done_us)})


@router.get("/api/persons/{person}/export")
def export(asked: Owner, person: IdPath) -> Response:
    """Everything held about somebody, as a JSON file."""
    one_person(asked, person)
    held = asked.ledger.export(asked.corp_id, person)
    asked.audit("exported a person", f"person {person}")
    return Response(encoded(exact(held)), media_type="application/json", headers=saved_as(f"person-{person}.json"))


class Merged(BaseModel):
    with_: int = Field(alias="with", ge=1, le=MOST_ID)


@router.post("/api/persons/{person}/merge")
def merge(asked: Owner, person: IdPath, given: Merged) -> Response:
    """Say that two people are one; the first keeps its number. Can be taken back by a split."""
    one_person(asked, person)
    one_person(asked, given.with_)
    asked.ledger.merge(asked.corp_id, person, given.with_)
    asked.audit("merged people", f"{person} and {given.with_}")
    asked.house.worker.request_reading(asked.corp_id)
    return answer({"person": person})


class Split(BaseModel):
    handles: list[int] = Field(min_length=1, max_length=100)


@router.post("/api/persons/{person}/split")
def split(asked: Owner, person: IdPath, given: Split) -> Response:
    """Give some of somebody's ids to a person of their own."""
    one_person(asked, person)
    new = asked.ledger.split(asked.corp_id, person, [h for h in given.handles if 0 < h <= MOST_ID])
    asked.audit("split a person", f"{person} and {new}")
    asked.house.worker.request_reading(asked.corp_id)
    return answer({"person": new})
