"""话题 — what is said: kinds of talk by group, what is complained about, floods, and how much the brand sells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from tiefen.insight.catalogue import BY_KEY
from tiefen.insight.kernels import floods as flooding
from tiefen.insight.models.talk import rules
from tiefen.insight.models.talk.classes import CLASSES, TALK
from tiefen.insight.models.talk.model import LEAST_MARKS, learned_at, model_path
from tiefen.insight.models.talk.topics import named
from tiefen.insight.readings import Reading
from tiefen.insight.tables.complaint_topics import weeks_end
from tiefen.kit.clock import from_us
from tiefen.ledger import identity
from tiefen.ledger.paging import WordsRow, words_at
from tiefen.ledger.schema import advert_marks
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.errors import NotFound
from tiefen.web.inputs import IdQuery
from tiefen.web.lists import among
from tiefen.web.names import group_names, person_names
from tiefen.web.numbers import metrics_of, num
from tiefen.web.overview import told

router = APIRouter(tags=["talk"])
METRICS = tuple(
    BY_KEY["group", key]
    for key in (
        "sell_give",
        "repeated_text",
        "repeated_nearly",
        "crowding",
        "crowding_peak",
        "advert_share",
        "reply_time",
    )
)
MOST_GROUPS, MOST_FLOODS, MOST_EXAMPLES = 60, 100, 30
Kind = Literal["question", "answer", "sharing", "complaint", "praise", "advert", "small_talk"]


@router.get("/api/talk")
def talk(request: Request, asked: SignedIn, group: IdQuery = None) -> Response:
    """Kinds of talk by group, themes of complaints, floods, selling and giving; of one group with `group`."""
    reading = asked.reading
    classes = [
        {"key": c.key, "zh": c.zh, "en": c.en, "definition_zh": c.definition_zh, "definition_en": c.definition_en}
        for c in CLASSES
    ]
    if reading is None:
        return answer({"classes": classes, "total": {}, "groups": [], "topics": [], "floods": [], "reading": None})
    rows = _talk(reading, group)
    groups = _groups(asked, reading, rows)
    return answer(
        {
            "classes": classes, "total": _total(rows), "groups": groups[:MOST_GROUPS], "groups_in_all": len(groups),
            "topics": [] if group else _topics(asked, reading), "weeks": weeks_end(reading.window),
            "floods": _floods(asked, reading, group), "marks": _marks(asked), "reading": told(asked, reading),
        },
        request,
    )  # fmt: skip


@router.get("/api/talk.csv", responses=CSV_ANSWER)
def talk_csv(asked: SignedIn, group: IdQuery = None) -> Response:
    """Every group and kind of talk: messages, people, and of how many; the window before beside it."""
    header = ["group", "name", "talk", "messages", "of", "people", "messages_before", "of_before"]

    def rows() -> Iterator[list[Any]]:
        if asked.reading is not None:
            found = _talk(asked.reading, group)
            with asked.ledger.read() as connection:
                called = group_names(connection, {row["group"] for row in found})
            for row in found:
                yield [called.get(row["group"], "") if key == "name" else row[key] for key in header]

    return download("talk.csv", header, rows())


@router.get("/api/talk/topics.csv", responses=CSV_ANSWER)
def topics_csv(asked: SignedIn) -> Response:
    """What is complained about."""
    header = ["topic", "words", "messages", "of", "messages_before", "people", "groups", "settled"]

    def rows() -> Iterator[list[Any]]:
        for row in _topics(asked, asked.reading) if asked.reading else []:
            yield [
                row["topic"], " ".join(row["words"]), row["share"]["part"], row["share"]["whole"], row["messages_before"],
                row["people"], row["groups"], row["settled"],
            ]  # fmt: skip

    return download("complaints.csv", header, rows())


@router.get("/api/talk/floods.csv", responses=CSV_ANSWER)
def floods_csv(asked: SignedIn, group: IdQuery = None) -> Response:
    """When groups were flooded, by whom and with what."""
    header = [
        "group",
        "name",
        "kind",
        "began_at",
        "ended_at",
        "messages",
        "people",
        "person",
        "adverts",
        "texts",
        "peak",
    ]

    def rows() -> Iterator[list[Any]]:
        for row in _floods(asked, asked.reading, group) if asked.reading else []:
            yield [row["person"]["id"] if key == "person" and row["person"] else row[key] for key in header]

    return download("floods.csv", header, rows())


@router.get("/api/talk/examples")
def examples(
    asked: SignedIn, talk: Kind, group: IdQuery = None, pick: Literal["unsure", "sure"] = "unsure"
) -> Response:  # fmt: skip
    """Messages of one kind: those that are least sure, which teach most when they are marked, or the surest. Looking at words
    is noted."""
    reading = asked.reading
    if reading is None:
        return answer({"items": []})
    where, order = ("unsure", "margin, seq") if pick == "unsure" else ("not unsure", "margin DESC, seq")
    only, parameters = ('AND "group" = ?', [talk, group]) if group is not None else ("", [talk])
    rows = reading.sql(
        f"SELECT seq, happened_us FROM talk_examples WHERE talk = ? {only} AND {where} ORDER BY {order} LIMIT 200",
        parameters,
    ).to_pylist()
    asked.audit("read words", f"talk {talk}")
    return answer({"items": _said(asked, {row["seq"]: row["happened_us"] for row in rows}, talk)[:MOST_EXAMPLES]})


@router.get("/api/talk/topics/{topic}/messages")
def topic_messages(asked: SignedIn, topic: Annotated[int, Path(ge=0, le=1_000)]) -> Response:
    """Some of the complaints about one theme. Looking at words is noted."""
    found = (
        asked.reading.sql("SELECT * FROM complaint_topics WHERE topic = ?", [topic]).to_pylist()
        if asked.reading
        else []
    )
    if not found:
        raise NotFound("topic", str(topic))
    asked.audit("read words", f"topic {topic}")
    return answer({"items": _said(asked, _places(found), "complaint")})


@router.get("/api/talk/floods/messages")
def flood_messages(
    asked: SignedIn, group: Annotated[int, Query(ge=1)], began_us: Annotated[int, Query(ge=0, le=2**62)]
) -> Response:  # fmt: skip
    """The first messages of a flood. Looking at words is noted."""
    found = (
        asked.reading.sql('SELECT * FROM floods WHERE "group" = ? AND began_us = ?', [group, began_us]).to_pylist()
        if asked.reading else []
    )  # fmt: skip
    if not found:
        raise NotFound("flood", f"{group}:{began_us}")
    asked.audit("read words", f"group {group}")
    return answer({"items": _said(asked, _places(found), None)})


def _talk(reading: Reading, group: int | None) -> list[dict[str, Any]]:
    where, parameters = ('"group" = ?', [group]) if group is not None else ("true", [])
    rows: list[dict[str, Any]] = reading.sql(
        f'SELECT * FROM group_talk WHERE {where} ORDER BY "of" DESC, "group", talk', parameters
    ).to_pylist()
    return rows


def _total(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    now, before, of, of_before = Counter[str](), Counter[str](), {}, {}
    for row in rows:
        now[row["talk"]] += row["messages"]
        before[row["talk"]] += row["messages_before"]
        of[row["group"]], of_before[row["group"]] = row["of"], row["of_before"]
    whole, whole_before = sum(of.values()), sum(of_before.values())
    return {
        one: {"share": num(now[one], whole, "share"), "before": num(before[one], whole_before, "share")} for one in TALK
    }


def _groups(asked: Asked, reading: Reading, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    by_group: dict[int, dict[str, Any]] = {}
    for row in rows:
        mine = by_group.setdefault(row["group"], {"group": row["group"], "of": row["of"], "classes": {}})
        mine["classes"][row["talk"]] = {
            "share": num(row["messages"], row["of"], "share"), "people": row["people"],
            "before": num(row["messages_before"], row["of_before"], "share"),
        }  # fmt: skip
    shown = [group for group in by_group.values() if group["of"]]
    numbers = [group["group"] for group in shown]
    measured = reading.sql(f"SELECT * FROM groups WHERE {among('group', numbers)}").to_pylist()
    metrics = {row["group"]: metrics_of(METRICS, row) for row in measured}
    with asked.ledger.read() as connection:
        called = group_names(connection, numbers)
    for group in shown:
        group["name"] = called.get(group["group"], f"#{group['group']}")
        group["metrics"] = metrics.get(group["group"], {})
    return shown


def _topics(asked: Asked, reading: Reading) -> list[dict[str, Any]]:
    rows = reading.sql("SELECT * FROM complaint_topics ORDER BY topic").to_pylist()
    texts = words_at(asked.ledger, asked.corp_id, _places(rows))
    return [
        {
            "topic": row["topic"], "share": num(row["messages"], row["of"], "share"),
            "words": named(row["terms"], (texts[seq].text for seq in row["example_seqs"] if seq in texts)),
            "messages_before": row["messages_before"], "people": row["people"], "groups": row["groups"],
            "weeks": row["weeks"], "settled": row["settled"],
        }
        for row in rows
    ]  # fmt: skip


def _floods(asked: Asked, reading: Reading, group: int | None) -> list[dict[str, Any]]:
    where, parameters = ('"group" = ?', [group]) if group is not None else ("true", [])
    rows = reading.sql(
        f'SELECT * FROM floods WHERE {where} ORDER BY messages DESC, began_us DESC, "group" LIMIT {MOST_FLOODS}',
        parameters,
    ).to_pylist()
    kinds = {kind.kind: kind for kind in flooding.KINDS}
    with asked.ledger.read() as connection:
        called = group_names(connection, {row["group"] for row in rows})
        names = person_names(connection, {row["person"] for row in rows if row["person"] is not None})
    return [
        {
            **{key: row[key] for key in ("group", "kind", "began_us", "messages", "people", "adverts", "texts", "peak")},
            "name": called.get(row["group"], f"#{row['group']}"), "began_at": from_us(row["began_us"]),
            "ended_at": from_us(row["ended_us"]),
            "person": None if row["person"] is None else {"id": row["person"], "name": names[row["person"]]},
            "reasons": _why(row, kinds[row["kind"]]),
        }
        for row in rows
    ]  # fmt: skip


def _why(row: Mapping[str, Any], kind: flooding.Flood) -> list[dict[str, str]]:
    minutes = kind.within_us // flooding.MINUTE_US
    zh = [f"{kind.zh}：{minutes} 分钟内 {kind.least} 条以上，共 {row['messages']} 条", f"最密的一分钟 {row['peak']} 条"]
    en = [
        f"{kind.en}: {kind.least} or more within {minutes} min, {row['messages']} in all",
        f"{row['peak']} in the busiest minute",
    ]
    if row["texts"] and row["texts"] < row["messages"]:
        zh.append(f"只有 {row['texts']} 种不同的话")
        en.append(f"only {row['texts']} different texts")
    if row["adverts"]:
        zh.append(f"其中 {row['adverts']} 条是广告")
        en.append(f"{row['adverts']} of them adverts")
    return [{"zh": a, "en": b} for a, b in zip(zh, en, strict=True)]


def _marks(asked: Asked) -> dict[str, Any]:
    """How much was marked of what, and what of it is learned."""
    mine = advert_marks.c.corp_id == asked.corp_id
    asked_for = sa.select(advert_marks.c.talk, advert_marks.c.advert, sa.func.count()).where(mine).group_by(
        advert_marks.c.talk, advert_marks.c.advert
    )  # fmt: skip
    marked: Counter[str] = Counter()
    with asked.ledger.read() as connection:
        for talk, advert, count in connection.execute(asked_for):
            marked["advert" if advert else talk or "not_advert"] += count
    learned = learned_at(model_path(asked.house.settings.data, asked.corp_id))
    return {
        "marked": dict(marked),
        "least": LEAST_MARKS,
        "learned": list(learned.classes),
        "learned_from": learned.marks,
    }


def _places(rows: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    return {
        seq: us for row in rows for seq, us in zip(row["example_seqs"], row["example_us"], strict=True)
    }  # fmt: skip


def _said(asked: Asked, places: Mapping[int, int], talk: str | None) -> list[dict[str, Any]]:
    """What was said there, in the order of `places`, the same words once; with what operators said of it."""
    found = words_at(asked.ledger, asked.corp_id, places)
    rows: list[WordsRow] = []
    seen: set[str] = set()
    for seq in places:
        if seq in found and found[seq].text not in seen:
            seen.add(found[seq].text)
            rows.append(found[seq])
    with asked.ledger.read() as connection:
        owners = identity.owners(connection, {row.member for row in rows})
        called = person_names(connection, set(owners.values()))
        groups = group_names(connection, {row.group for row in rows})
        asked_for = sa.select(advert_marks.c.message, advert_marks.c.advert, advert_marks.c.talk).where(
            advert_marks.c.corp_id == asked.corp_id, advert_marks.c.message.in_([row.source_id for row in rows])
        )
        marked = {
            message: talk or ("advert" if advert else "not_advert")
            for message, advert, talk in connection.execute(asked_for)
        }
    return [
        {
            "seq": row.seq, "source_id": row.source_id, "happened_at": from_us(row.happened_us), "group": row.group,
            "group_name": groups.get(row.group, f"#{row.group}"), "person": owners.get(row.member),
            "name": called.get(owners.get(row.member, -1), f"#{row.member}"), "text": row.text,
            "marked": marked.get(row.source_id), "reasons": rules.reasons(row.text, talk) if talk else [],
        }
        for row in rows
    ]  # fmt: skip
