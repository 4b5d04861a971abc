"""Segments and audiences over HTTP: rules put together from conditions, what they come to, and whom they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import msgspec
import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection
from starlette.responses import Response

from tiefen.decide.segments import audiences, store
from tiefen.decide.segments.naming import Called
from tiefen.decide.segments.predicates import PREDICATES
from tiefen.decide.segments.predicates.number import choices
from tiefen.decide.segments.preview import Warm, preview, why
from tiefen.decide.segments.rule import fields_of, kind_of, leaves, parts, rule_of, said, written
from tiefen.decide.segments.starters import STARTERS
from tiefen.decide.segments.store import ACTIVE, ARCHIVED, Segment
from tiefen.insight.expressions import ibis
from tiefen.insight.readings import Reading
from tiefen.kit.clock import from_us
from tiefen.kit.slices import slices
from tiefen.ledger.identity import ID_TYPES
from tiefen.ledger.schema import people
from tiefen.ledger.schema.segments import segment_members, segment_sizes
from tiefen.ledger.schema.touches import campaigns
from tiefen.web.answers import answer
from tiefen.web.clock import corp_now
from tiefen.web.context import Asked, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.errors import UnknownKey
from tiefen.web.inputs import MOST_ID, After, Limit, Name, Text, TextPath
from tiefen.web.names import group_names, ids_of, person_names
from tiefen.web.paging import cursor_number, number_cursor, page_of

router = APIRouter(tags=["segments"])
_MOST_VALUES, _MOST_PEOPLE, _AT_ONCE = 200, 2_000, 900
_TREND_DAYS = 90
_ID_TYPES = {id_type.key for id_type in ID_TYPES}
Rule = Annotated[
    dict[str, Any], Field(description="A rule: `all`, `any`, `not` or a condition, as the catalogue has them.")
]
Note = Annotated[Text, Field(max_length=1_000)]


def _warm(request: Request) -> Warm:
    warm: Warm = request.app.state.warm
    return warm


Opened = Annotated[Warm, Depends(_warm)]


def _reading(asked: Asked) -> Reading | None:
    """Segments are of now, whatever past day is looked at elsewhere."""
    return asked.house.readings.current(asked.corp_id)


# ---- the catalogue ----


@router.get("/api/segments/catalogue")
def segment_catalogue(request: Request, asked: SignedIn) -> Response:
    """The kinds of conditions with what is asked of each, the numbers there are, and segments to begin with."""
    kinds = [
        {"kind": kind_of(one), "zh": one.title[0], "en": one.title[1], "fields": fields_of(one)} for one in PREDICATES
    ]
    with asked.ledger.read() as connection:
        called = Called(connection, asked.corp_id)
        starters = []
        for one in STARTERS:
            zh, en = said(rule_of(one.rule), called)
            starters.append(
                {
                    "key": one.key, "zh": one.zh, "en": one.en, "why": {"zh": one.why_zh, "en": one.why_en},
                    "rule": one.rule, "sentence": {"zh": zh, "en": en},
                }
            )  # fmt: skip
    metrics = [{"key": key, "zh": zh, "en": en, "unit": unit} for key, zh, en, unit in choices()]
    id_types = [{"key": one.key, "zh": one.zh, "en": one.en} for one in ID_TYPES]
    return answer({"kinds": kinds, "metrics": metrics, "starters": starters, "id_types": id_types}, request)


@router.get("/api/segments/values/{what}")
def segment_values(
    asked: SignedIn, warm: Opened, what: Literal["tags", "skus", "attributes", "staff", "campaigns"]
) -> Response:
    """What there is to choose from: the commonest tags or products, attributes that are noted, staff, campaigns."""
    if what in ("tags", "skus"):
        with warm.scene(asked.ledger, asked.corp_id, _reading(asked), (), corp_now(asked)) as scene:
            if what == "tags":
                rows = scene.t["tag_put"].select("person", value="tag")
            else:
                paid = scene.t["order_paid"].filter(ibis._.person.notnull())
                rows = paid.select("person", line=paid.lines.unnest()).select("person", value=ibis._.line["sku"])
            counted = rows.group_by("value").agg(people=rows.person.nunique())
            counted = counted.order_by([counted.people.desc(), counted.value]).limit(_MOST_VALUES)
            return answer({"items": scene.t.arrow(counted).to_pylist()})
    with asked.ledger.read() as connection:
        return answer({"items": _values(connection, asked.corp_id, what)})


def _values(connection: Connection, corp_id: str, what: str) -> list[dict[str, Any]]:
    if what == "campaigns":
        sent = sa.select(campaigns.c.campaign_id, campaigns.c.name).where(campaigns.c.corp_id == corp_id)
        rows = connection.execute(sent.order_by(campaigns.c.created_us.desc()).limit(_MOST_VALUES))
        return [{"value": row.campaign_id, "name": row.name} for row in rows]
    if what == "staff":
        who = sa.select(people.c.person_id).where(
            people.c.corp_id == corp_id, people.c.staff.is_(True), people.c.merged_into.is_(None)
        )
        names = person_names(connection, list(connection.scalars(who.limit(_MOST_VALUES))))
        return [{"value": number, "name": name} for number, name in sorted(names.items(), key=lambda one: one[1])]
    some = sa.select(people.c.attributes).where(people.c.corp_id == corp_id, people.c.attributes != "{}")
    counts: dict[str, int] = {"name": 0}
    for (attributes,) in connection.execute(some.order_by(people.c.person_id.desc()).limit(_MOST_PEOPLE)):
        for key in msgspec.json.decode(attributes):
            counts[key] = counts.get(key, 0) + 1
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [{"value": key, "people": number} for key, number in ordered[:_MOST_VALUES]]


# ---- looking at a rule ----


class RuleIn(BaseModel):
    """A rule that is being put together; `segment_id` where it is to be the rule of one that is there."""

    rule: Rule
    segment_id: Annotated[str, Field(max_length=80)] | None = None


class WhyIn(RuleIn):
    person: Annotated[int, Field(ge=1, le=MOST_ID)]


def _within(given: RuleIn) -> tuple[str, ...]:
    return (given.segment_id,) if given.segment_id else ()


@router.post("/api/segments/preview")
def preview_segment(asked: SignedIn, warm: Opened, given: RuleIn) -> Response:
    """How many a rule and each part of it hold, how many are left at each step, and ten of them."""
    rule = rule_of(given.rule)
    found = preview(warm, asked.ledger, asked.corp_id, rule, _reading(asked), corp_now(asked), _within(given))
    with asked.ledger.read() as connection:
        called = Called(connection, asked.corp_id)
        told = {place: said(part, called) for place, part in parts(rule)}
        names = person_names(connection, found.sample)
    return answer(
        {
            "size": found.size, "everybody": found.everybody, "counts": found.counts, "steps": found.steps,
            "sentences": {place: {"zh": zh, "en": en} for place, (zh, en) in told.items()},
            "sample": [{"person": person, "name": names[person]} for person in found.sample],
            "seconds": round(found.seconds, 3), "taken_at": from_us(found.taken_us),
        }
    )  # fmt: skip


@router.post("/api/segments/why")
def why_person(asked: SignedIn, given: WhyIn) -> Response:
    """Why somebody is in or out: what each part says of them, by which facts, and when time alone may change it."""
    rule = rule_of(given.rule)
    counts, reasons = why(
        asked.ledger, asked.house.settings, asked.corp_id, rule, given.person, _reading(asked), corp_now(asked),
        _within(given),
    )  # fmt: skip
    with asked.ledger.read() as connection:
        name = person_names(connection, [given.person])[given.person]
        places = {some["stay"] for one in reasons for some in one.evidence if "stay" in some}
        groups = group_names(connection, places)
    told = [
        {
            "place": one.place, "zh": one.zh, "en": one.en, "holds": one.holds,
            "until": None if one.until_us is None else from_us(one.until_us), "evidence": [some | ({"name": groups.get(some["stay"])} if "stay" in some else {}) for some in one.evidence],
        }
        for one in reasons
    ]  # fmt: skip
    return answer({"person": given.person, "name": name, "counts": counts, "in": told[0]["holds"], "reasons": told})


# ---- segments ----


class SegmentIn(BaseModel):
    name: Name
    note: Note = ""
    rule: Rule


class SegmentChangeIn(BaseModel):
    """What is not given stays. `version` is the one that was looked at: of two who change it, the second is told."""

    version: Annotated[int, Field(ge=1, le=MOST_ID)]
    name: Name | None = None
    note: Note | None = None
    rule: Rule | None = None


class VersionIn(BaseModel):
    version: Annotated[int, Field(ge=1, le=MOST_ID)]


def _told(connection: Connection, corp_id: str, one: Segment) -> dict[str, Any]:
    zh, en = said(one.rule, Called(connection, corp_id))
    return {
        "segment_id": one.segment_id, "name": one.name, "note": one.note, "rule": msgspec.json.decode(written(one.rule)),
        "sentence": {"zh": zh, "en": en}, "conditions": len(leaves(one.rule)), "version": one.version, "state": one.state,
        "size": one.size if one.built_us is not None else None, "fresh": one.fresh,
        "built_at": None if one.built_us is None else from_us(one.built_us),
        "kept_at": None if one.kept_us is None else from_us(one.kept_us), "built_seconds": one.built_seconds,
        "trouble": one.trouble, "created_at": from_us(one.created_us), "changed_at": from_us(one.changed_us),
        "used_by": _used_by(connection, corp_id, one),
    }  # fmt: skip


def _used_by(connection: Connection, corp_id: str, one: Segment) -> list[dict[str, str]]:
    by = [
        {"kind": "segment", "id": other.segment_id, "name": other.name}
        for other in store.used_by(connection, corp_id, one.segment_id)
    ]
    senders = sa.select(campaigns.c.campaign_id, campaigns.c.name, campaigns.c.kind).where(
        campaigns.c.corp_id == corp_id, campaigns.c.body.contains(one.segment_id, autoescape=True)
    )
    return by + [{"kind": row.kind, "id": row.campaign_id, "name": row.name} for row in connection.execute(senders)]


@router.get("/api/segments")
def list_segments(request: Request, asked: SignedIn, archived: bool = False) -> Response:
    """All segments: how many they hold, since when, and how that went over the last days."""
    with asked.ledger.read() as connection:
        some = store.all_of(connection, asked.corp_id, state=ARCHIVED if archived else ACTIVE)
        sizes = _sizes(connection, asked.corp_id)
        items = [_told(connection, asked.corp_id, one) | {"trend": sizes.get(one.segment_id, [])} for one in some]
    return answer({"items": items}, request)


def _sizes(connection: Connection, corp_id: str) -> dict[str, list[dict[str, Any]]]:
    asked = sa.select(segment_sizes).where(segment_sizes.c.corp_id == corp_id).order_by(segment_sizes.c.day_us)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(asked):
        found.setdefault(row.segment_id, []).append({"day": from_us(row.day_us).date(), "size": row.size})
    return {key: some[-_TREND_DAYS:] for key, some in found.items()}


@router.post("/api/segments")
def create_segment(asked: SignedIn, given: SegmentIn) -> Response:
    """Make a segment. Whom it holds is worked out within moments, and kept from then on."""
    rule = rule_of(given.rule)
    with asked.ledger.write() as connection:
        made = store.create(connection, asked.corp_id, given.name, rule, corp_now(asked), given.note)
        told = _told(connection, asked.corp_id, made)
    asked.audit("made a segment", made.segment_id)
    return answer(told, status=201)


@router.get("/api/segments/{segment_id}")
def one_segment(request: Request, asked: SignedIn, segment_id: TextPath) -> Response:
    """One segment."""
    with asked.ledger.read() as connection:
        told = _told(connection, asked.corp_id, store.get(connection, asked.corp_id, segment_id))
        told["trend"] = _sizes(connection, asked.corp_id).get(segment_id, [])
    return answer(told, request)


@router.put("/api/segments/{segment_id}")
def change_segment(asked: SignedIn, segment_id: TextPath, given: SegmentChangeIn) -> Response:
    """Change a segment's name, note or rule."""
    rule = None if given.rule is None else rule_of(given.rule)
    with asked.ledger.write() as connection:
        changed = store.change(
            connection,
            asked.corp_id,
            segment_id,
            given.version,
            corp_now(asked),
            name=given.name,
            note=given.note,
            rule=rule,
        )
        told = _told(connection, asked.corp_id, changed)
    asked.audit("changed a segment", segment_id)
    return answer(told)


@router.post("/api/segments/{segment_id}/archive")
def archive_segment(asked: SignedIn, segment_id: TextPath, given: VersionIn) -> Response:
    """Put a segment away: nobody is kept in it any more. One that others are made of stays."""
    return _put(asked, segment_id, given.version, ARCHIVED)


@router.post("/api/segments/{segment_id}/restore")
def restore_segment(asked: SignedIn, segment_id: TextPath, given: VersionIn) -> Response:
    """Take a segment up again."""
    return _put(asked, segment_id, given.version, ACTIVE)


def _put(asked: Asked, segment_id: str, version: int, state: str) -> Response:
    with asked.ledger.write() as connection:
        changed = store.change(connection, asked.corp_id, segment_id, version, corp_now(asked), state=state)
        told = _told(connection, asked.corp_id, changed)
    asked.audit(f"made a segment {state}", segment_id)
    return answer(told)


@router.get("/api/segments/{segment_id}/members")
def list_members(
    request: Request, asked: SignedIn, segment_id: TextPath, after: After = None, limit: Limit = 50
) -> Response:
    """Who is in it at present."""
    since = cursor_number(after, "segment_members") or 0
    with asked.ledger.read() as connection:
        store.get(connection, asked.corp_id, segment_id)
        asked_for = sa.select(segment_members.c.person, segment_members.c.entered_us).where(
            segment_members.c.corp_id == asked.corp_id, segment_members.c.segment_id == segment_id,
            segment_members.c.person > since,
        )  # fmt: skip
        rows, last = page_of(
            connection.execute(asked_for.order_by(segment_members.c.person).limit(limit + 1)).all(), limit
        )
        names = person_names(connection, [row.person for row in rows])
    items = [{"person": r.person, "name": names[r.person], "entered_at": from_us(r.entered_us)} for r in rows]
    return answer({"items": items, "next": last and number_cursor(last.person, "segment_members")}, request)


@router.get("/api/segments/{segment_id}/members.csv", responses=CSV_ANSWER)
def members_csv(asked: SignedIn, segment_id: TextPath) -> Response:
    """The same as CSV, with the ids that each is known by."""
    with asked.ledger.read() as connection:
        found = store.get(connection, asked.corp_id, segment_id)
        mine = segment_members.c.corp_id == asked.corp_id, segment_members.c.segment_id == segment_id
        asked_for = sa.select(segment_members.c.person, segment_members.c.entered_us).where(*mine)
        rows = [(r.person, r.entered_us) for r in connection.execute(asked_for.order_by(segment_members.c.person))]
    asked.audit("exported a segment", segment_id)
    return download(f"{found.name}.csv", ["person", "name", "ids", "entered_at"], _lines(asked, rows))


def _lines(asked: Asked, rows: Sequence[tuple[int, int | None]]) -> Iterator[list[Any]]:
    for some in slices(rows, _AT_ONCE):
        with asked.ledger.read() as connection:
            names = person_names(connection, [person for person, _ in some])
            for person, entered in some:
                ids = " ".join(f"{one['type']}:{one['value']}" for one in ids_of(connection, person))
                yield [person, names[person], ids, "" if entered is None else from_us(entered)]


# ---- audiences ----


class AudienceIn(BaseModel):
    """Of a segment as it stands, of ids of one type, or of the people that one SELECT names in its column `person`."""

    name: Name
    segment_id: Annotated[str, Field(max_length=80)] | None = None
    id_type: Annotated[str, Field(max_length=60)] | None = None
    ids: Annotated[list[Annotated[Text, Field(max_length=512)]], Field(max_length=audiences.MOST_IDS)] | None = None
    sql: Annotated[Text, Field(max_length=20_000)] | None = None


class QueryIn(BaseModel):
    sql: Annotated[Text, Field(max_length=20_000)]


def _audience(one: audiences.Audience) -> dict[str, Any]:
    return {
        "audience_id": one.audience_id, "name": one.name, "origin": one.origin, "body": one.body, "size": one.size,
        "created_at": from_us(one.created_us),
    }  # fmt: skip


@router.get("/api/audiences")
def list_audiences(request: Request, asked: SignedIn) -> Response:
    """All frozen lists."""
    with asked.ledger.read() as connection:
        items = [_audience(one) for one in audiences.all_audiences(connection, asked.corp_id)]
    return answer({"items": items}, request)


@router.post("/api/audiences")
def create_audience(asked: SignedIn, given: AudienceIn) -> Response:
    """Freeze a list of people; of ids that were given, it says by which nobody is known."""
    now, unknown = corp_now(asked), []
    if given.sql is not None:
        made = audiences.from_query(asked.ledger, asked.house.settings, asked.corp_id, given.name, given.sql, now)
    else:
        with asked.ledger.write() as connection:
            if given.segment_id is not None:
                of = store.get(connection, asked.corp_id, given.segment_id)
                made = audiences.freeze(connection, asked.corp_id, of.segment_id, of.version, given.name, now)
            else:
                if given.id_type not in _ID_TYPES:
                    raise UnknownKey("id_type", str(given.id_type)[:60])
                made, found = audiences.upload(
                    connection, asked.corp_id, given.name, str(given.id_type), given.ids or [], now
                )
                unknown = found.unknown[:_MOST_VALUES]
    asked.audit("made an audience", made.audience_id)
    return answer(_audience(made) | {"unknown": unknown}, status=201)


@router.post("/api/audiences/query")
def try_query(asked: SignedIn, given: QueryIn) -> Response:
    """How many people an analyst's SELECT names, and ten of them; nothing is kept."""
    found = audiences.ask(asked.ledger, asked.house.settings, asked.corp_id, given.sql)
    with asked.ledger.read() as connection:
        names = person_names(connection, found[:10])
    return answer({"size": len(found), "sample": [{"person": n, "name": name} for n, name in names.items()]})


@router.delete("/api/audiences/{audience_id}")
def remove_audience(asked: SignedIn, audience_id: TextPath) -> Response:
    """Let go of a list that no segment is made of."""
    with asked.ledger.write() as connection:
        audiences.remove(connection, asked.corp_id, audience_id)
    asked.audit("removed an audience", audience_id)
    return answer({"removed": audience_id})


@router.get("/api/audiences/{audience_id}.csv", responses=CSV_ANSWER)
def audience_csv(asked: SignedIn, audience_id: TextPath) -> Response:
    """Who is on it, as CSV."""
    with asked.ledger.read() as connection:
        one = audiences.get(connection, asked.corp_id, audience_id)
        persons = audiences.persons_of(connection, asked.corp_id, audience_id)
    asked.audit("exported an audience", audience_id)
    return download(
        f"{one.name}.csv", ["person", "name", "ids", "entered_at"], _lines(asked, [(p, None) for p in persons])
    )
