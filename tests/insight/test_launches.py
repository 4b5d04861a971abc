"""Launches: bursts of orders above the usual, and the groups that carried them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.insight.scenes import BAJIE, BAKERS, BOOKS, WUKONG, Scene, tables_of, window_of
from tiefen.insight.kernels.launches import bursts, together
from tiefen.insight.tables import launch_groups, launches


def orders(seed: int = 3, mean: float = 6, days: int = 200) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).poisson(mean, days).astype(np.float64)


def test_a_year_without_launches_has_none() -> None:
    assert [bursts(orders(seed, days=365)) for seed in range(8)] == [[]] * 8


def test_a_launch_of_three_waves_is_one_with_its_peak() -> None:
    counts = orders()
    counts[[100, 101, 103, 106]] += [40, 20, 25, 30]

    (found,) = bursts(counts)

    assert (found.start, found.end, found.peak) == (100, 106, 100)
    assert found.extra == pytest.approx(115, abs=15)


@pytest.mark.parametrize(
    "counts", [np.zeros(0), np.zeros(90), np.full(90, 5.0), np.r_[np.zeros(50), 9.0, np.zeros(50)]]
)
def test_nothing_steady_days_or_a_handful_of_orders_are_no_launch(
    counts: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> None:
    assert bursts(counts) == []


def test_a_first_import_and_growth_for_good_are_no_launch() -> None:
    first, grown = orders(), orders()
    first[:3] += 80
    grown[90:] *= 3

    assert bursts(first) == []
    assert all(found.end - found.start < 31 for found in bursts(grown))


def test_bursts_of_products_at_one_time_are_one_launch() -> None:
    a, b = orders(1), orders(2)
    a[100:102] += 40
    b[101:104] += 40

    (found,) = together([*bursts(a), *bursts(b)])

    assert (found.start, found.end) == (100, 103)


def read(scene: Scene, tmp_path: Path) -> tuple[pa.Table, pa.Table]:
    snapshot = scene.snapshot()
    with tables_of(snapshot, tmp_path) as tables:
        w = window_of(snapshot)
        found = launches.of(tables, w, {})
        groups = launch_groups.of(tables, w, {"launches": found})
        return found, groups if isinstance(groups, pa.Table) else tables.arrow(groups)


def test_orders_are_shared_out_to_the_groups_of_their_buyers_and_add_up(tmp_path: Path) -> None:
    scene = Scene()
    day = date(2026, 9, 1)
    number = 0
    for n in range(80):
        for k in range(1 + 12 * (60 <= n < 63)):
            number += 1
            person = (WUKONG, BAJIE, 50)[k % 3]
            scene.fact(
                "order.paid", f"{day + timedelta(days=n)} 20:00", person=person, order=f"A{number}", amount_fen=1_000,
                lines=[{"sku": "camp" if 60 <= n < 63 else "tea", "qty": 1, "amount_fen": 1_000}],
            )  # fmt: skip
    scene.stays(WUKONG, "2026-09-01", group=BOOKS)
    scene.stays(WUKONG, "2026-09-01", group=BAKERS)
    scene.stays(BAJIE, "2026-09-01", group=BOOKS)
    scene.says(90, "2026-10-31 19:00", group=BOOKS, by_staff=True)

    found, groups = read(scene, tmp_path)

    (row,) = found.to_pylist()
    assert (row["start"], row["end"], row["orders"], row["expected"]) == (
        date(2026, 10, 31),
        date(2026, 11, 2),
        39,
        3.0,
    )
    assert json.loads(row["products"])[0] == {"sku": "camp", "orders": 39, "expected": 0.0}
    assert (row["buyers"], row["new_buyers"], row["announcements"]) == (3, 2, 1)
    share = {g["group"]: g for g in groups.to_pylist()}
    assert {g: s["orders"] for g, s in share.items()} == {BOOKS: 7.5 + 12, BAKERS: 7.5, None: 12}
    assert sum(s["orders"] for s in share.values()) == 39
    assert share[BOOKS]["announcements"] == 1
    assert share[BAKERS]["expected"] == pytest.approx(1.5)


def test_without_orders_there_is_no_launch(tmp_path: Path) -> None:
    found, groups = read(Scene(), tmp_path)

    assert (found.num_rows, groups.num_rows) == (0, 0)
