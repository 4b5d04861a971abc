"""What an experiment changed, counted from the facts, against a count by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.insight.scenes import BAKERS, BOOKS, POETS, Scene, tables_of, us
from tiefen.kit.clock import DAY_US
from tiefen.outcome.measures import MEASURES
from tiefen.outcome.results import ALL, HOLDOUT, Design, Measured, Result, against_holdout, measure

BEGAN = "2026-11-01 09:00"
NOW = "2026-11-26 12:00"


def design(shares: dict[str, float] | None = None, unit: str = "person", window_days: int = 14) -> Design:
    meant = shares or {"sent": 0.9, HOLDOUT: 0.1}
    return Design(experiment_id="c1", unit=unit, shares=meant, window_days=window_days, began_us=us(BEGAN))


def of(result: Result, key: str) -> Measured:
    return next(one for one in result.measures if one.key == key)


def drawn(scene: Scene, who: int, arm: str, at: str | datetime = BEGAN, experiment: str = "c1") -> None:
    scene.fact("arm.assigned", at, experiment=experiment, arm=arm, person=who)


def pays(scene: Scene, who: int | None, at: str | datetime, fen: int = 1000) -> None:
    scene.fact("order.paid", at, person=who, order=f"o{len(scene.facts['order_paid'])}", amount_fen=fen)


@pytest.mark.parametrize("seed", range(2))
def test_sums_are_those_counted_by_hand(seed: int, tmp_path: Path) -> None:
    """Random people, acts, merges and a moment of looking, against loops that do what the page says."""
    rng = np.random.default_rng(seed)
    scene, began = Scene(), datetime.fromisoformat(BEGAN)
    arm_of, since = {}, {}
    for who in range(1, 60):
        since[who] = began + timedelta(hours=int(rng.integers(0, 48)))
        arm_of[who] = ("a", "b", HOLDOUT)[rng.integers(0, 3)]
        drawn(scene, who, arm_of[who], since[who])
        drawn(scene, who, "other", experiment="c2")
    for handle in range(200, 210):
        scene.merges(handle, int(rng.integers(1, 60)))
    person_of = {row["handle"]: row["person"] for row in scene.rows["merge"]}
    told: list[tuple[str, int, datetime, int]] = []
    for _ in range(600):
        who = int(rng.integers(1, 75)) if rng.random() < 0.9 else int(rng.integers(200, 210))
        at = began + timedelta(hours=int(rng.integers(-24 * 120, 24 * 40)), minutes=int(rng.integers(0, 60)))
        match ("paid", "refund", "say", "left", "lost", "out")[rng.integers(0, 6)]:
            case "paid":
                fen = int(rng.integers(1, 9_000))
                pays(scene, who, at, fen)
                told += [("money", who, at, fen), ("orders", who, at, 1), ("buyers", who, at, 1)]
            case "refund":
                scene.fact("order.refunded", at, person=who, order="x", amount_fen=50)
                told.append(("money", who, at, -50))
            case "say":
                bot = bool(rng.random() < 0.2)
                scene.says(who, at, by_bot=bot)
                told += [] if bot else [("activity", who, at, 1)]
            case "left":
                how = ("left", "removed", "dismissed")[rng.integers(0, 3)]
                scene.fact("member.left", at, group=BOOKS, member=who, how=how)
                told += [("leavers", who, at, 1)] if how == "left" else []
            case "lost":
                scene.fact("contact.lost", at, person=who, by="person")
                told.append(("leavers", who, at, 1))
            case _:
                scene.fact("consent.withdrawn", at, person=who, purpose="marketing")
                told.append(("opt_outs", who, at, 1))
    looked = began + timedelta(days=int(rng.integers(3, 30)))

    with tables_of(scene.snapshot(looked), tmp_path) as tables:
        result = measure(tables, design({"a": 0.3, "b": 0.3, HOLDOUT: 0.4}))

    for one in MEASURES:
        by_arm: dict[str, dict[int, int]] = {"a": {}, "b": {}, HOLDOUT: {}}
        for key, handle, at, amount in told:
            who = person_of.get(handle, handle)
            if key != one.key or who not in since or not since[who] <= at < since[who] + timedelta(days=14):
                continue
            if at < looked:
                mine = by_arm[arm_of[who]]
                mine[who] = 1 if one.kind == "share" else mine.get(who, 0) + amount
        found = {figure.arm: figure.sum for figure in of(result, one.key).arms}
        assert found == {arm: sum(mine.values()) for arm, mine in by_arm.items()}, one.key
    assert {arm.arm: arm.people for arm in result.arms} == {
        arm: sum(mine == arm for mine in arm_of.values()) for arm in ("a", "b", HOLDOUT)
    }


def test_an_effect_is_found_with_both_intervals_and_what_it_came_to(tmp_path: Path) -> None:
    scene = Scene()
    for who in range(1, 401):
        drawn(scene, who, HOLDOUT if who % 4 == 0 else "sent")
        if who % 4 and who % 3:
            pays(scene, who, "2026-11-03 10:00", 5_000)
        elif who % 20 == 0:
            pays(scene, who, "2026-11-04 10:00", 5_000)

    with tables_of(scene.snapshot(NOW), tmp_path) as tables:
        result = measure(tables, design({"sent": 0.75, HOLDOUT: 0.25}))

    money = of(result, "money").against[0]
    bought = of(result, "buyers").against[0]
    assert (money.arm, money.versus, money.verdict, bought.verdict) == ("sent", HOLDOUT, "better", "better")
    assert money.effect is not None and money.effect == pytest.approx(5_000 * (200 / 300 - 20 / 100))
    assert money.total == pytest.approx(300 * money.effect)
    assert money.always_low is not None and money.low is not None and 0 < money.always_low < money.low
    assert [look.us for look in money.looks] == sorted({look.us for look in money.looks})
    assert money.looks[-1].us == us(NOW)
    assert money.looks[-1].effect == pytest.approx(money.effect)
    assert not result.ratio_alarm


def test_too_few_to_tell_is_an_answer(tmp_path: Path) -> None:
    scene = Scene()
    for who in range(1, 41):
        drawn(scene, who, HOLDOUT if who % 10 == 0 else "sent")
    pays(scene, 1, "2026-11-03 10:00")

    with tables_of(scene.snapshot(NOW), tmp_path) as tables:
        result = measure(tables, design())

    assert of(result, "money").against[0].verdict == "too_few"
    assert not of(result, "activity").known


def test_two_shares_of_a_handful_are_never_told_to_be_more_than_the_whole_apart(tmp_path: Path) -> None:
    scene = Scene()
    for who in range(1, 13):
        drawn(scene, who, HOLDOUT if who % 2 else "sent")
        if who in (2, 4, 6, 1, 3):
            pays(scene, who, "2026-11-03 10:00")

    with tables_of(scene.snapshot(NOW), tmp_path) as tables:
        bought = of(measure(tables, design({"sent": 0.5, HOLDOUT: 0.5})), "buyers").against[0]

    assert bought.always_high == 1
    told = [look.always_high for look in bought.looks if look.always_high is not None]
    assert len(told) > 1
    assert max(told) == 1


def test_with_nobody_held_out_nothing_is_claimed(tmp_path: Path) -> None:
    scene = Scene()
    for who in range(1, 9):
        drawn(scene, who, "sent")
        pays(scene, who, "2026-11-03 10:00")

    with tables_of(scene.snapshot(NOW), tmp_path) as tables:
        result = measure(tables, design({"sent": 1.0}))

    assert of(result, "money").against == ()
    assert of(result, "money").arms[0].sum == 8_000


def test_nobody_was_drawn_yet(tmp_path: Path) -> None:
    scene = Scene()
    scene.says(1, BEGAN)

    with tables_of(scene.snapshot(NOW), tmp_path) as tables:
        result = measure(tables, design())

    assert [arm.units for arm in result.arms] == [0, 0]
    assert of(result, "money").against[0].effect is None
    assert (result.ratio_p, result.progress) == (1.0, 0.0)


def test_arms_filled_otherwise_than_meant_raise_the_alarm(tmp_path: Path) -> None:
    scene = Scene()
    for who in range(1, 201):
        drawn(scene, who, HOLDOUT if who % 3 == 0 else "sent")

    with tables_of(scene.snapshot(NOW), tmp_path) as tables:
        assert measure(tables, design()).ratio_alarm


def test_who_became_one_person_in_two_arms_is_left_out(tmp_path: Path) -> None:
    scene = Scene()
    for who in range(1, 11):
        drawn(scene, who, HOLDOUT if who % 2 else "sent")
    scene.merges(2, 1)

    with tables_of(scene.snapshot(NOW), tmp_path) as tables:
        result = measure(tables, design({"sent": 0.5, HOLDOUT: 0.5}))

    assert result.crossed == 1
    assert {arm.arm: arm.people for arm in result.arms} == {"sent": 4, HOLDOUT: 4}


def test_groups_are_drawn_whole_and_everybody_in_them_counts_once(tmp_path: Path) -> None:
    """Who came after it was drawn does not count, nor who had left; who is in two groups counts in the one they came to first."""
    scene = Scene()
    for group, arm in ((BOOKS, "sent"), (BAKERS, HOLDOUT), (POETS, "sent")):
        scene.fact("arm.assigned", BEGAN, experiment="c1", arm=arm, group=group)
    for who in range(1, 7):
        scene.stays(who, "2026-10-01 09:00", group=(BOOKS, BAKERS, POETS)[who % 3])
    scene.stays(7, "2026-11-05 09:00", group=BOOKS)
    scene.stays(8, "2026-10-01 09:00", "2026-10-20 09:00", group=BAKERS)
    scene.stays(9, "2026-10-01 09:00", group=BAKERS)
    scene.stays(9, "2026-10-09 09:00", group=BOOKS)
    for who in range(1, 10):
        pays(scene, who, "2026-11-06 10:00", who)

    with tables_of(scene.snapshot(NOW), tmp_path) as tables:
        result = measure(tables, design({"sent": 0.5, HOLDOUT: 0.5}, "group"))

    assert {arm.arm: (arm.units, arm.people) for arm in result.arms} == {"sent": (2, 4), HOLDOUT: (1, 3)}
    assert {figure.arm: figure.sum for figure in of(result, "money").arms} == {
        "sent": 3 + 6 + 2 + 5,
        HOLDOUT: 1 + 4 + 9,
    }
    assert result.mixed == 1


def test_trees_are_the_units_where_people_bring_people(tmp_path: Path) -> None:
    scene = Scene()
    for root in range(1, 41):
        arm = HOLDOUT if root % 2 else "sent"
        scene.stays(root, "2026-10-01 09:00")
        drawn(scene, root, arm)
        for child in range(3):
            who = 1000 + 10 * root + child
            scene.stays(who, f"2026-10-0{2 + child} 09:00", invited_by=root)
            drawn(scene, who, arm)
            if arm == "sent" and child < 2:
                pays(scene, who, "2026-11-03 10:00", 100)

    with tables_of(scene.snapshot(NOW), tmp_path) as tables:
        result = measure(tables, design({"sent": 0.5, HOLDOUT: 0.5}, "tree"))

    assert {arm.arm: (arm.units, arm.people) for arm in result.arms} == {"sent": (20, 80), HOLDOUT: (20, 80)}
    assert of(result, "money").against[0].effect == pytest.approx(50)


def test_how_much_was_seen_is_in_days_of_people(tmp_path: Path) -> None:
    scene = Scene()
    drawn(scene, 1, "sent", BEGAN)
    drawn(scene, 2, HOLDOUT, datetime.fromisoformat(BEGAN) + timedelta(days=7))

    with tables_of(scene.snapshot(datetime.fromisoformat(BEGAN) + timedelta(days=7)), tmp_path) as tables:
        result = measure(tables, design({"sent": 0.5, HOLDOUT: 0.5}))

    assert result.progress == pytest.approx(7 * DAY_US / (2 * 14 * DAY_US))


def test_variants_are_compared_each_and_all_together(tmp_path: Path) -> None:
    scene = Scene()
    for who in range(1, 91):
        arm = ("a", "b", HOLDOUT)[who % 3]
        drawn(scene, who, arm)
        if arm != HOLDOUT and who % 2:
            pays(scene, who, "2026-11-03 10:00", 100 if arm == "a" else 300)

    with tables_of(scene.snapshot(NOW), tmp_path) as tables:
        result = measure(tables, design({"a": 1 / 3, "b": 1 / 3, HOLDOUT: 1 / 3}))

    money = of(result, "money")
    assert [(one.arm, one.versus, one.effect) for one in money.against] == [
        (ALL, HOLDOUT, 100), ("a", HOLDOUT, 50), ("b", HOLDOUT, 150), ("b", "a", 100),
    ]  # fmt: skip
    every = against_holdout(money)
    assert every is not None and every.total == pytest.approx(6_000)


def test_one_measure_keeps_its_five_percent_and_the_others_share_theirs(tmp_path: Path) -> None:
    scene = Scene()
    for who in range(1, 601):
        drawn(scene, who, ("a", "b", HOLDOUT)[who % 3])
        if who % 3 != 2 and who % 4 == 0:
            pays(scene, who, "2026-11-03 10:00", 1_000)
        elif who % 16 == 0:
            pays(scene, who, "2026-11-04 10:00", 1_000)
    with tables_of(scene.snapshot(NOW), tmp_path) as tables:
        result = measure(tables, design({"a": 1 / 3, "b": 1 / 3, HOLDOUT: 1 / 3}))
        alone = measure(tables, design({"a": 1 / 3, "b": 1 / 3, HOLDOUT: 1 / 3}), measures=[MEASURES[1]], looks=False)

    roles = {(one.key, each.arm, each.versus): each.role for one in result.measures for each in one.against}
    assert [key for key, role in roles.items() if role == "primary"] == [("money", ALL, HOLDOUT)]
    assert {key for key, _, _ in roles if roles[key, ALL, HOLDOUT] == "guard"} == {"leavers", "opt_outs"}
    every = against_holdout(of(result, "money"))
    assert every is not None and every.many_p is None and every.verdict == "better"
    shared = [each for one in result.measures for each in one.against if each.many_p is not None]
    assert {each.role for each in shared} == {"further"}
    assert len(shared) == 3 + 4 + 4  # money by arm, orders, buyers; nobody did anything else
    for each in shared:
        assert each.always_p is not None and each.many_p is not None and each.always_p <= each.many_p
        assert each.verdict == "cannot_tell" or each.many_p <= 0.05
    orders, by_itself = of(result, "orders").against[0], alone.measures[0].against[0]
    assert orders.always_p == pytest.approx(by_itself.always_p)
    assert orders.many_p is not None and by_itself.many_p is not None and orders.many_p > by_itself.many_p
