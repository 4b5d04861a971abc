"""Groups: the list, sickest first, and one group's page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from tiefen.insight.catalogue import metrics_per
from tiefen.insight.kernels.life import HEALTH, STAGES
from tiefen.insight.models.life.hazard import WARN
from tiefen.insight.models.life.learning import FALLBACKS
from tiefen.insight.models.life.summary import summary
from tiefen.insight.numbers import group_numbers
from tiefen.insight.readings import Reading
from tiefen.insight.window import Window
from tiefen.kit.clock import from_us, now_us
from tiefen.ledger import dialect, identity
from tiefen.ledger.group_kinds import GROUP_KINDS, kinds_of_groups
from tiefen.ledger.paging import words_page
from tiefen.ledger.schema import advert_marks
from tiefen.ledger.schema import groups as group_rows
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.errors import BadCursor, BadWindow, NotFound, UnknownKey
from tiefen.web.findings import findings, known_detector
from tiefen.web.group_kinds import kind_told
from tiefen.web.inputs import After, DayQuery, IdPath, Limit, TextPath, TextQuery
from tiefen.web.lists import Order, among, groups_called, ordered
from tiefen.web.names import group_names, person_names
from tiefen.web.numbers import metrics_of, num
from tiefen.web.overview import told
from tiefen.web.paging import page_of

router = APIRouter(tags=["groups"])
METRICS = metrics_per("group")
MOST_PEOPLE, MOST_EDGES, MOST_NEIGHBOURS = 500, 3_000, 50
_OWN = {"sickness": "sickness", "last_spoke_on": "epoch(last_spoke_on)"}
Days = Annotated[int | None, Query(ge=1, le=366)]


class Filters(BaseModel):
    """What the list is narrowed to; all of it is in the console's address."""

    stage: str | None = None
    health: str | None = None
    finding: str | None = None
    kind: str | None = None
    q: str | None = None


def _where(asked: Asked, filters: Filters) -> tuple[str, list[Any]]:
    conditions: list[str] = ["true"]
    parameters: list[Any] = []
    for column, value, known in (("stage", filters.stage, STAGES), ("health", filters.health, HEALTH)):
        if value is not None:
            if value not in known:
                raise UnknownKey(column, value[:60])
            conditions.append(f"{column} = ?")
            parameters.append(value)
    if known_detector(filters.finding):
        conditions.append(
            "\"group\" IN (SELECT entity_id FROM findings WHERE entity = 'group' AND detector = ?"
            " UNION SELECT other_id FROM findings WHERE detector = ?)"
        )
        parameters += [filters.finding, filters.finding]
    if filters.kind is not None:
        if filters.kind not in GROUP_KINDS:
            raise UnknownKey("kind of group", filters.kind[:60])
        with asked.ledger.read() as connection:
            kinds = kinds_of_groups(connection, asked.corp_id)
        conditions.append(among("group", [group for group, one in kinds.items() if one.kind == filters.kind]))
    if filters.q:
        conditions.append(among("group", groups_called(asked.ledger, asked.corp_id, filters.q)))
    return " AND ".join(conditions), parameters


@router.get("/api/groups")
def list_groups(
    request: Request, asked: SignedIn, stage: TextQuery = None, health: TextQuery = None, finding: TextQuery = None,
    kind: TextQuery = None, q: TextQuery = None, sort: TextQuery = "sickness", order: Order = "desc", after: After = None,
    limit: Limit = 50,
) -> Response:  # fmt: skip
    """Groups, a page at a time, sickest first unless asked otherwise."""
    reading = asked.reading
    keys = ordered("group", sort or "sickness", order, _OWN)
    where, parameters = _where(asked, Filters(stage=stage, health=health, finding=finding, kind=kind, q=q))
    beyond, more = keys.after(after)
    if reading is None:
        return answer({"items": [], "next": None, "total": 0, "reading": None})
    rows = reading.sql(
        f"SELECT *, {keys.columns} FROM groups WHERE {where} AND {beyond} ORDER BY {keys.order} LIMIT {limit + 1}",
        [*parameters, *more],
    ).to_pylist()
    shown, last = page_of(rows, limit)
    total = reading.sql(f"SELECT count(*) AS n FROM groups WHERE {where}", parameters).to_pylist()[0]["n"]
    following = None if last is None else keys.next_of(last)
    items = _items(asked, reading, shown)
    return answer({"items": items, "next": following, "total": total, "reading": told(asked, reading)}, request)


def _items(asked: Asked, reading: Reading, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    numbers = [row["group"] for row in rows]
    with asked.ledger.read() as connection:
        called = group_names(connection, numbers)
        kinds = kinds_of_groups(connection, asked.corp_id, numbers)
    some = among("entity_id", numbers)
    found = reading.sql(
        f"SELECT entity_id, detector, severity FROM findings WHERE entity = 'group' AND {some} ORDER BY severity DESC"
    ).to_pylist()
    return [
        {
            "group": row["group"], "name": called.get(row["group"], f"#{row['group']}"),
            **kind_told(kinds.get(row["group"])), "stage": row["stage"],
            "health": row["health"], "sickness": row["sickness"], "weeks": row["weeks"], "grade": row["grade"],
            "last_spoke_on": row["last_spoke_on"], "metrics": metrics_of(METRICS, row),
            "findings": [
                {"detector": f["detector"], "severity": f["severity"]} for f in found if f["entity_id"] == row["group"]
            ],
        }
        for row in rows
    ]  # fmt: skip


@router.get("/api/groups.csv", responses=CSV_ANSWER)
def groups_csv(
    asked: SignedIn, stage: TextQuery = None, health: TextQuery = None, finding: TextQuery = None,
    kind: TextQuery = None, q: TextQuery = None, sort: TextQuery = "sickness", order: Order = "desc",
) -> Response:  # fmt: skip
    """The whole list as CSV, filtered and ordered as on the page; part and whole of every number."""
    reading = asked.reading
    keys = ordered("group", sort or "sickness", order, _OWN)
    where, parameters = _where(asked, Filters(stage=stage, health=health, finding=finding, kind=kind, q=q))
    header = ["group", "name", "kind", "kind_said", "stage", "health", "sickness", "last_spoke_on"]
    header += [f"{m.key}_{side}" for m in METRICS for side in ("part", "whole")]

    def rows() -> Iterator[list[Any]]:
        if reading is None:
            return
        found = reading.sql(f"SELECT * FROM groups WHERE {where} ORDER BY {keys.order}", parameters).to_pylist()
        with asked.ledger.read() as connection:
            called = group_names(connection, [row["group"] for row in found])
            kinds = kinds_of_groups(connection, asked.corp_id, [row["group"] for row in found])
        for row in found:
            named = {"name": called.get(row["group"], "")} | kind_told(kinds.get(row["group"]))
            yield [named[key] if key in named else row[key] for key in header]

    asked.audit("exported groups", "csv")
    return download("groups.csv", header, rows())


def one_group(asked: Asked, group: int) -> dict[str, Any]:
    """The row of a group of this company."""
    with asked.ledger.read() as connection:
        row = connection.execute(
            sa.select(group_rows).where(group_rows.c.group_id == group, group_rows.c.corp_id == asked.corp_id)
        ).first()
    if row is None:
        raise NotFound("group", str(group))
    return dict(row._mapping)


@router.get("/api/groups/{group}")
def group_page(
    request: Request, asked: SignedIn, group: IdPath, as_of: DayQuery = None, days: Days = None
) -> Response:  # fmt: skip
    """Everything about one group. With `as_of` or `days` its numbers are those of other days, computed from the facts."""
    known, reading = one_group(asked, group), asked.reading
    kind = _kind(asked, group)
    row = reading.sql('SELECT * FROM groups WHERE "group" = ?', [group]).to_pylist() if reading else []
    if reading is None or not row:
        return answer({"group": _card(known, {}) | kind, "reading": told(asked, reading), "metrics": {}})
    mine = row[0]
    window = _window(reading, as_of, days)
    if window == reading.window:
        metrics = metrics_of(METRICS, mine)
    else:
        numbers = group_numbers(asked.ledger.snapshot(asked.corp_id), asked.house.settings, group, window)
        metrics = {m.key: num(numbers[m.key].part, numbers[m.key].whole, m.unit) for m in METRICS}
    people = reading.sql(
        f"""SELECT person, messages, messages_before, replies_received, listeners, pagerank, core, circle, role, trend,
        joined_on, last_spoke_at, here, new FROM group_people WHERE "group" = ?
        ORDER BY pagerank DESC, messages DESC, person LIMIT {MOST_PEOPLE}""",
        [group],
    ).to_pylist()
    shown = [person["person"] for person in people]
    some = f"{among('a', shown)} AND {among('b', shown)}"
    edges = reading.sql(
        f'SELECT a, b, weight FROM group_edges WHERE "group" = ? AND {some} ORDER BY weight DESC LIMIT {MOST_EDGES}',
        [group],
    ).to_pylist()
    curve = reading.sql(
        'SELECT day, members, joined, "left", messages, speakers FROM group_days WHERE "group" = ? ORDER BY day',
        [group],
    ).to_pylist()
    overlap = _overlap(reading, group)
    life, outcomes = _life(reading, group), _outcomes(reading, group)
    with asked.ledger.read() as connection:
        called = person_names(connection, shown)
        groups = group_names(connection, [other["group"] for other in overlap])
        owner = identity.owners(connection, [known["owner"]]) if known["owner"] is not None else {}
        owners = person_names(connection, list(owner.values()))
    for person in people:
        person["name"] = called[person["person"]]
    for other in overlap:
        other["name"] = groups.get(other["group"], f"#{other['group']}")
    card = _card(known, mine) | kind | {"owner_name": next(iter(owners.values()), None)}
    newest = sorted((p for p in people if p["new"] and p["here"]), key=lambda p: str(p["joined_on"]), reverse=True)
    return answer(
        {
            "group": card, "reading": told(asked, reading), "window": {"start": window.start, "end": window.end},
            "metrics": metrics, "curve": curve, "life": _life_told(life), "outcomes": outcomes,
            "summary": summary(life, outcomes),
            "leaders": [p for p in people if p["role"] == "leader"][:10], "people": people, "edges": edges,
            "circles": _circles(people), "overlap": overlap,
            "newcomers": {
                **{key: metrics[key] for key in ("joined", "newcomer_retention_7d", "newcomer_retention_30d", "first_reply_time")},
                "people": newest[:20],
            },
            "findings": findings(
                asked.ledger, reading, "(entity = 'group' AND entity_id = ?) OR other_id = ?", [group, group], 50
            ),
        },
        request,
    )  # fmt: skip


def _kind(asked: Asked, group: int) -> dict[str, Any]:
    with asked.ledger.read() as connection:
        return kind_told(kinds_of_groups(connection, asked.corp_id, [group]).get(group))


def _life(reading: Reading, group: int) -> dict[str, Any] | None:
    """The group's row of `group_life`; None where the reading is older than that table."""
    if not (reading.folder / "group_life.parquet").exists():
        return None
    rows = reading.sql('SELECT * FROM group_life WHERE "group" = ?', [group]).to_pylist()
    return rows[0] if rows else None


def _life_told(life: dict[str, Any] | None) -> dict[str, Any] | None:
    if life is None:
        return None
    why = FALLBACKS.get(life["fallback"]) if life["fallback"] else None
    return {
        **{name: life[name] for name in ("stage", "since", "warned_on", "silent_since", "risk", "grade", "learned_from")},
        **{name: num(life[name], None if life[name] is None else 1, "share") for name in _CHANCES},
        "stages": json.loads(life["stages"]), "drivers": json.loads(life["drivers"]),
        "growth": json.loads(life["growth"]) if life["growth"] else None, "warn": WARN,
        "fallback": None if why is None else {"zh": why[0], "en": why[1]},
    }  # fmt: skip


_CHANCES = ("p_silence_30", "p_silence_60", "p_silence_90")
_OUTCOME_NUMBERS = (
    "outcome", "grade", "metric", "part", "whole", "low", "high", "trend", "trend_low", "trend_high", "peers", "peer_rank",
)  # fmt: skip


def _outcomes(reading: Reading, group: int) -> list[dict[str, Any]]:
    if not (reading.folder / "group_outcomes.parquet").exists():
        return []
    rows: list[dict[str, Any]] = reading.sql(
        f'SELECT {", ".join(_OUTCOME_NUMBERS)}, series FROM group_outcomes WHERE "group" = ? ORDER BY grade, outcome',
        [group],
    ).to_pylist()
    return rows


@router.get("/api/groups/{group}/outcomes.csv", responses=CSV_ANSWER)
def outcomes_csv(asked: SignedIn, group: IdPath) -> Response:
    """The four outcomes of one group as CSV."""
    one_group(asked, group)
    rows = _outcomes(asked.reading, group) if asked.reading else []
    asked.audit("exported a group's outcomes", f"group {group}")
    return download("outcomes.csv", _OUTCOME_NUMBERS, ([row[name] for name in _OUTCOME_NUMBERS] for row in rows))


@router.get("/api/groups/{group}/life.csv", responses=CSV_ANSWER)
def life_csv(asked: SignedIn, group: IdPath) -> Response:
    """The life of one group as CSV, day by day: what happened, the stage, and at the end of each week the chance of silence."""
    one_group(asked, group)
    reading = asked.reading
    asked.audit("exported a group's life", f"group {group}")
    header = ("day", "members", "joined", "left", "messages", "speakers", "stage", "p_silence_30")
    return download("life.csv", header, _life_rows(reading, group) if reading else ())


def _life_rows(reading: Reading, group: int) -> Iterator[list[Any]]:
    life = _life(reading, group)
    stages = json.loads(life["stages"]) if life else []
    risk = (life["risk"] if life else None) or []
    weeks = {reading.day - timedelta(days=7 * (len(risk) - 1 - n)): p for n, p in enumerate(risk)}
    found = reading.sql('SELECT * FROM group_days WHERE "group" = ?', [group]).to_pylist()
    days = {row["day"]: row for row in found}
    for day in sorted({*days, *weeks}):
        row = days.get(day, {})
        numbers = [row.get(name) for name in ("members", "joined", "left", "messages", "speakers")]
        stage = next((s["stage"] for s in stages if (s["start"] or "") <= str(day) <= s["end"]), None)
        yield [day.isoformat(), *numbers, stage, weeks.get(day)]


def _window(reading: Reading, as_of: Any, days: int | None) -> Window:
    window = Window.ending(as_of or reading.day, days or reading.window_days)
    if window.end > reading.day + timedelta(days=1):
        raise BadWindow(str(window.start), str(window.end))
    return window


def _card(known: dict[str, Any], mine: dict[str, Any]) -> dict[str, Any]:
    return {
        "group": known["group_id"], "name": known["name"] or known["outer_id"], "outer_id": known["outer_id"],
        "platform": known["platform"], "owner": known["owner"],
        "created_at": None if known["created_us"] is None else from_us(known["created_us"]),
        "dismissed_at": None if known["dismissed_us"] is None else from_us(known["dismissed_us"]),
        "stage": mine.get("stage"), "health": mine.get("health"), "grade": mine.get("grade"),
        "sickness": mine.get("sickness"), "stage_evidence": json.loads(mine.get("stage_evidence") or "[]"),
        "first_day": mine.get("first_day"), "last_spoke_on": mine.get("last_spoke_on"), "weeks": mine.get("weeks"),
    }  # fmt: skip


def _overlap(reading: Reading, group: int) -> list[dict[str, Any]]:
    rows = reading.sql(
        f"""SELECT b AS "group", shared, b_members AS members, a_members + b_members - shared AS either FROM group_overlap
        WHERE a = ? UNION ALL SELECT a, shared, a_members, a_members + b_members - shared FROM group_overlap WHERE b = ?
        ORDER BY shared DESC, "group" LIMIT {MOST_NEIGHBOURS}""",
        [group, group],
    ).to_pylist()
    return [
        {
            "group": r["group"],
            "shared": r["shared"],
            "members": r["members"],
            "jaccard": num(r["shared"], r["either"], "share"),
        }
        for r in rows
    ]


def _circles(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The circles among those shown, the largest first, each called after whom it listens to most."""
    by_circle: dict[int, list[dict[str, Any]]] = {}
    for person in people:
        if person["circle"] is not None:
            by_circle.setdefault(person["circle"], []).append(person)
    return [
        {
            "circle": circle, "size": len(members), "label": members[0]["name"],
            "members": [{"person": m["person"], "name": m["name"]} for m in members[:5]],
        }
        for circle, members in sorted(by_circle.items(), key=lambda item: (-len(item[1]), item[0]))
    ]  # fmt: skip


@router.get("/api/groups/{group}/messages")
def messages(asked: SignedIn, group: IdPath, after: After = None, limit: Limit = 50) -> Response:
    """What was said, newest first, with what operators said of it. Looking at words is noted."""
    one_group(asked, group)
    try:
        page = words_page(asked.ledger, asked.corp_id, group, after=after, limit=limit)
    except ValueError:
        raise BadCursor from None
    with asked.ledger.read() as connection:
        owners = identity.owners(connection, {row.member for row in page.rows})
        called = person_names(connection, set(owners.values()))
        ids = [row.source_id for row in page.rows]
        marked = {
            message: bool(advert)
            for message, advert in connection.execute(
                sa.select(advert_marks.c.message, advert_marks.c.advert).where(
                    advert_marks.c.corp_id == asked.corp_id, advert_marks.c.message.in_(ids)
                )
            )
        }
    if after is None:
        asked.audit("read words", f"group {group}")
    return answer(
        {
            "items": [
                {
                    "seq": row.seq, "source_id": row.source_id, "happened_at": from_us(row.happened_us),
                    "person": owners.get(row.member), "name": called.get(owners.get(row.member, -1), f"#{row.member}"),
                    "text": row.text, "advert_score": row.advert_score, "marked": marked.get(row.source_id),
                }
                for row in page.rows
            ],
            "next": page.next,
        }
    )  # fmt: skip


class Mark(BaseModel):
    """What an operator says of a message: which kind of talk it is, or only whether it is an advert; null takes it back."""

    advert: bool | None = None
    talk: Literal["question", "answer", "sharing", "complaint", "praise", "advert", "small_talk"] | None = None


@router.post("/api/messages/{source_id}/mark")
def mark(asked: SignedIn, source_id: TextPath, given: Mark) -> Response:
    """Say what kind of talk a message is; the next reading counts it so, and the model learns from it."""
    advert = given.advert if given.talk is None else given.talk == "advert"
    row = {
        "corp_id": asked.corp_id, "message": source_id, "advert": advert, "account_id": asked.who.account_id,
        "marked_us": now_us(), "talk": given.talk,
    }  # fmt: skip
    with asked.ledger.write() as connection:
        connection.execute(
            sa.delete(advert_marks).where(advert_marks.c.corp_id == asked.corp_id, advert_marks.c.message == source_id)
        )
        if advert is not None:
            connection.execute(dialect.insert(connection, advert_marks).values(row))
    asked.house.worker.request_reading(asked.corp_id)
    return answer({"source_id": source_id, "advert": advert, "talk": given.talk})
