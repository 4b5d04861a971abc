"""Orders find the touches before them, and the sentence beside says what the holdout knows."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from tests.insight.scenes import BOOKS, Scene, tables_of, us
from tiefen.outcome.attribution.credit import DIMENSIONS, Attribution, Given, attribute
from tiefen.outcome.attribution.explained import explained
from tiefen.outcome.results import HOLDOUT, Comparison, Measured, Result

SINCE, UNTIL = us("2026-11-01 00:00"), us("2026-11-26 00:00")
DAIYU, WUKONG, BAJIE, SHASENG = 1, 2, 3, 4


def touched(scene: Scene, who: int | None, at: str, touch: str, campaign: str, group: int | None = None) -> None:
    for state in ("proposed", "admitted", "tasked", "sent", "delivered"):
        scene.fact(
            "touch.moved", at, touch=touch, state=state, person=who, group=group, campaign=campaign, channel="contact"
        )


def pays(scene: Scene, who: int | None, at: str, fen: int) -> None:
    scene.fact("order.paid", at, person=who, order=f"o{len(scene.facts['order_paid'])}", amount_fen=fen)


def sent(*rows: tuple[str, str, str | None, bool]) -> pa.Table:
    names = ("touch", "step", "sender", "playbook")
    types = (pa.string(), pa.string(), pa.string(), pa.bool_())
    return pa.table(
        {
            name: pa.array([row[at] for row in rows], kind)
            for at, (name, kind) in enumerate(zip(names, types, strict=True))
        }
    )


def of(found: Attribution, by: str) -> dict[str, Given]:
    return {one.label: one for one in found.by[by]}


def shared(scene: Scene, tmp_path: Path, *rows: tuple[str, str, str | None, bool]) -> Attribution:
    with tables_of(scene.snapshot("2026-11-26 12:00"), tmp_path) as tables:
        return attribute(tables, sent(*rows), SINCE, UNTIL)


def test_an_order_goes_to_the_touches_of_the_fortnight_before_it(tmp_path: Path) -> None:
    scene = Scene()
    touched(scene, DAIYU, "2026-11-02 10:00", "t0", "old")
    touched(scene, DAIYU, "2026-11-10 10:00", "t1", "teach")
    touched(scene, DAIYU, "2026-11-19 10:00", "t2", "sell")
    touched(scene, DAIYU, "2026-11-20 13:00", "t3", "late")
    pays(scene, DAIYU, "2026-11-20 12:00", 6_000)
    pays(scene, WUKONG, "2026-11-20 12:00", 500)
    pays(scene, None, "2026-11-20 12:00", 100)
    pays(scene, DAIYU, "2026-10-20 12:00", 9_999)

    found = shared(scene, tmp_path, ("t1", "a", "s1", False), ("t2", "b", "s2", True))

    assert (found.orders, found.worth_fen, found.touched_orders, found.touched_worth_fen) == (3, 6_600, 1, 6_000)
    campaigns = of(found, "campaign")
    assert campaigns["sell"].worth_fen["last"] == 6_000
    assert campaigns["teach"].worth_fen["first"] == 6_000
    assert (campaigns["teach"].worth_fen["shapley"], campaigns["sell"].worth_fen["shapley"]) == (3_000, 3_000)
    assert campaigns["teach"].worth_fen["markov"] == pytest.approx(3_000)
    assert sum(campaigns["late"].orders.values()) == 0
    assert set(of(found, "message")) == {"old", "teach · a", "sell · b", "late"}
    assert of(found, "staff")["s2"].orders["last"] == 1
    assert set(of(found, "block")) == {"sell · b"}


def test_what_was_said_in_a_group_was_said_to_whoever_was_in_it(tmp_path: Path) -> None:
    scene = Scene()
    scene.stays(DAIYU, "2026-10-01 09:00")
    scene.stays(WUKONG, "2026-10-01 09:00", "2026-11-03 09:00")
    scene.stays(BAJIE, "2026-11-12 09:00")
    touched(scene, None, "2026-11-10 10:00", "g1", "launch", group=BOOKS)
    for who in (DAIYU, WUKONG, BAJIE):
        pays(scene, who, "2026-11-15 12:00", 1_000)

    found = shared(scene, tmp_path)

    assert of(found, "group")[str(BOOKS)].orders["last"] == 1
    assert of(found, "campaign")["launch"].touches == 1


def test_two_orders_of_one_person_are_two_paths(tmp_path: Path) -> None:
    scene = Scene()
    touched(scene, DAIYU, "2026-11-10 10:00", "t1", "teach")
    touched(scene, DAIYU, "2026-11-12 10:00", "t2", "sell")
    pays(scene, DAIYU, "2026-11-11 12:00", 100)
    pays(scene, DAIYU, "2026-11-13 12:00", 200)

    campaigns = of(shared(scene, tmp_path), "campaign")

    assert (campaigns["teach"].worth_fen["last"], campaigns["sell"].worth_fen["last"]) == (100, 200)
    assert (campaigns["teach"].worth_fen["first"], campaigns["sell"].worth_fen["first"]) == (300, 0)


def test_where_people_came_from_is_one_of_the_views(tmp_path: Path) -> None:
    scene = Scene()
    scene.rows["source"].append({"source": 9, "name": "海报"})
    scene.fact("contact.added", "2026-10-01 10:00", person=DAIYU, source=9)
    touched(scene, DAIYU, "2026-11-10 10:00", "t1", "teach")
    pays(scene, DAIYU, "2026-11-11 12:00", 100)

    assert of(shared(scene, tmp_path), "source")["海报"].worth_fen["last"] == 100


def test_a_merged_person_s_touches_and_orders_are_one_person_s(tmp_path: Path) -> None:
    scene = Scene()
    scene.merges(77, DAIYU)
    touched(scene, 77, "2026-11-10 10:00", "t1", "teach")
    pays(scene, DAIYU, "2026-11-11 12:00", 100)

    assert of(shared(scene, tmp_path), "campaign")["teach"].orders["last"] == 1


def test_with_nothing_sent_nothing_is_given(tmp_path: Path) -> None:
    scene = Scene()
    pays(scene, DAIYU, "2026-11-11 12:00", 100)

    found = shared(scene, tmp_path)

    assert (found.orders, found.touched_orders) == (1, 0)
    assert found.by == {one.key: () for one in DIMENSIONS}


def result(total: float, verdict: str = "better") -> Result:
    one = Comparison(
        arm="sent", versus=HOLDOUT, effect=1.0, low=0.0, high=2.0, always_low=0.0, always_high=2.0, relative=None,
        relative_low=None, relative_high=None, p=0.01, verdict=verdict, total=total, total_low=total - 50_000,
        total_high=total + 50_000, variance_cut=0.0, least=None,
    )  # fmt: skip
    return Result(
        experiment_id="c", unit="person", as_of_us=0, through=0, window_days=14, arms=(), ratio_p=1.0, ratio_alarm=False,
        crossed=0, mixed=0, progress=1.0, measures=(Measured(key="money", arms=(), against=(one,), known=True),), seconds=0.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "zh", "en"),
    [
        (None, "没有对照组", "Nobody was held out"),
        (result(0, "too_few"), "太少", "Too few"),
        (result(10_000, "cannot_tell"), "可能是零", "perhaps nothing"),
        (result(25_000), "每 10 元里约 8 元", "of every 10, about 8"),
        (result(100_000), "差不多", "about what it brought"),
        (result(200_000), "更多", "truly brought more"),
        (result(-5_000, "worse"), "本来就会有", "would have come anyway"),
    ],
)
def test_the_difference_between_the_two_figures_is_said(found: Result | None, zh: str, en: str) -> None:
    said = explained(100_000, 12, found)

    assert zh in said[0]
    assert en in said[1]
    assert "¥1,000" in said[0]
