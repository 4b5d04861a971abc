"""Every metric of the catalogue says what hand-written SQL says of the same world."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from random import Random

import pytest

from benchmarks._questions import BY_HAND, MODELLED, by_hand
from tests.insight.scenes import Scene, tables_of, window_of
from tiefen.insight.catalogue import METRICS, Metric
from tiefen.insight.engine import Tables
from tiefen.insight.window import Window
from tiefen.kit.clock import from_us, start_of
from tiefen.ledger.lake import WORDS
from tiefen.ledger.snapshot import Snapshot

TEXTS = (
    "荣国府里的海棠今早开了一枝，老太太叫大家都去园子里看花，晚上还要摆酒作诗呢",
    "新到的龙井每罐一百元，今晚八点在小程序里下单，赶在明天之前都能寄出",
    "昨儿夜里听见窗外下了一场雨，早起竹子上都是水珠，写了两首绝句给各位看看",
    "宝玉又把书丢在书房里了，谁路过替他拿来，免得老爷问起来不好回话第一",
    "问一问有谁会修西洋的自鸣钟",
    "凤姐姐说下月初一发月钱",
    "刘姥姥送来一车瓜菜",
    "一起去拢翠庵吃茶",
    "蟹一斤几文",
    "芦雪庵联诗一百韵",
)
"""Each in four forms: said nearly again where they are long, and not where they are short."""
PEOPLE, GROUPS, SOURCES = range(1, 41), (101, 102, 103, 104), (9, 10, 11)


@pytest.fixture(scope="module", params=[False, True], ids=["alone", "among others"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Tables, Snapshot, Window]]:
    """Some months of four groups, drawn by lot: messages with replies and mentions, comings and goings, orders, costs,
    bots, staff, merged people, marks."""
    scene = _drawn(Random(7))
    snapshot = scene.snapshot("2026-11-26 12:00")
    with tables_of(snapshot, tmp_path_factory.mktemp("world"), keeping=request.param) as tables:
        yield tables, snapshot, window_of(snapshot)


def _drawn(lots: Random) -> Scene:
    scene = Scene()

    def moment() -> str:
        back = int(lots.random() ** 2 * 200 * 1440)
        minute = 1440 * 325 - back  # of the year, in which day 330 is the 26th of November
        return f"{datetime.fromordinal(datetime(2026, 1, 1).toordinal() + minute // 1440):%Y-%m-%d} {minute % 1440 // 60:02}:{minute % 60:02}"

    for number in range(3000):
        group = lots.choice(GROUPS[:3])
        who = int(lots.random() ** 2 * 40) + 1
        text = lots.random() < 0.9
        mid = scene.says(
            who, moment(), group=group, reply_to=lots.choice(PEOPLE) if lots.random() < 0.3 else None,
            mentions=lots.sample(PEOPLE, lots.randrange(3)) if lots.random() < 0.2 else [],
            is_question=lots.random() < 0.2, advert_score=lots.random() if text else None,
            length=lots.randrange(30) if text else None, text_hash=lots.randrange(40) if text else None,
            by_bot=who == 40, by_staff=who == 39,
        )  # fmt: skip
        if text:
            fact = scene.facts["message_posted"][-1]
            told = TEXTS[fact["text_hash"] // 4].replace("一", "一二三四"[fact["text_hash"] % 4])
            kept = {name: fact[name] for name in ("seq", "corp_id", "happened_at", "group", "member", "month")}
            scene.facts[WORDS].append({**kept, "text": told})
        if number % 50 == 0:
            scene.rows["advert_mark"].append({"message": mid, "advert": lots.random() < 0.5})
    for newcomer in range(50, 60):
        scene.says(newcomer, f"2026-11-1{newcomer % 10} 10:00", group=101)
        scene.says(
            3, f"2026-11-1{newcomer % 10} 10:0{newcomer % 10}", group=101, reply_to=lots.choice((newcomer, None))
        )
    for _ in range(150):
        first, then = sorted((moment(), moment()))
        known = lots.random() < 0.8
        scene.stays(
            lots.choice(PEOPLE), first, then if lots.random() < 0.4 and then > first else None, group=lots.choice(GROUPS),
            known=known, invited_by=lots.choice(PEOPLE) if lots.random() < 0.3 else None,
        )  # fmt: skip
    for number in range(200):
        person = lots.choice(PEOPLE[:30]) if lots.random() < 0.9 else None
        scene.fact(
            "order.paid", moment(), person=person, order=f"o{number % 180}", amount_fen=lots.randrange(50_000), lines=[],
            source=lots.choice(SOURCES) if lots.random() < 0.3 else None,
        )  # fmt: skip
        if lots.random() < 0.15:
            back = person if lots.random() < 0.5 else None
            scene.fact("order.refunded", moment(), person=back, order=f"o{number}", amount_fen=500, lines=[])
    for _ in range(60):
        person, staff = lots.choice(PEOPLE), lots.choice((38, 39, None))
        scene.fact("contact.added", moment(), person=person, staff=staff, source=lots.choice(SOURCES))
        if lots.random() < 0.3:
            scene.fact("contact.lost", moment(), person=person, staff=staff)
        scene.fact("page.viewed", moment(), person=lots.choice(PEOPLE), page="/", source=lots.choice((*SOURCES, None)))
        scene.fact("reaction.put", moment(), group=101, member=lots.choice(PEOPLE), to=lots.choice(PEOPLE))
    for source in SOURCES[:2]:
        scene.fact("cost.spent", "2026-06-01", source=source, amount_fen=lots.randrange(90_000))
    for source in SOURCES:
        scene.rows["source"].append({"source": source, "name": f"s{source}"})
    scene.merges(31, 1)
    scene.merges(32, 2)
    return scene


COUNTED = [metric for metric in METRICS if (metric.per, metric.key) not in MODELLED]


@pytest.mark.parametrize("metric", COUNTED, ids=lambda metric: f"{metric.per}-{metric.key}")
def test_a_metric_says_what_is_found_by_hand(world: tuple[Tables, Snapshot, Window], metric: Metric) -> None:
    tables, snapshot, window = world
    begins, ends = start_of(window.start, snapshot.time_zone), start_of(window.after(), snapshot.time_zone)
    sql = by_hand(
        metric.per, metric.key, start=from_us(begins), end=from_us(ends), as_of=from_us(tables.end_us(window))
    )

    ours = _rows(tables.arrow(metric.of(tables, window)).to_pylist(), metric.per)
    theirs = _rows(tables.raw(sql).to_pylist(), metric.per)

    assert ours == theirs
    assert ours


def test_every_metric_has_been_asked_by_hand() -> None:
    assert set(BY_HAND) | MODELLED == {(metric.per, metric.key) for metric in METRICS}
    assert not set(BY_HAND) & MODELLED


def _rows(rows: list[dict[str, float]], per: str) -> dict[float, tuple[float, float]]:
    return {row[per]: (round(float(row["part"]), 3), round(float(row["whole"]), 3)) for row in rows}
