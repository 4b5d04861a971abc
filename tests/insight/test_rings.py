"""Fraud rings: those who do the same at the same times and nothing else are found; queues, launches and lurkers are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.insight.scenes import BOOKS, Scene, tables_of, window_of
from tiefen.insight.detectors import fraud_ring
from tiefen.insight.kernels.rings import ADD, DAY_US, HOUR_US, JOIN, LEAVE, NONE, Acts, Ring, Suspects, rings
from tiefen.insight.tables import ring_people
from tiefen.insight.tables import rings as rings_table

RING = range(9_000, 9_020)
NIGHT, NOON = 2 * HOUR_US, 12 * HOUR_US


class Town:
    """Honest people who come by day over half a year, by one of three sources, into one of five groups."""

    def __init__(self, seed: int = 5, people: int = 1_500) -> None:
        self.rng = np.random.default_rng(seed)
        self.acts: list[tuple[int, int, int, int]] = []
        self.hollow: set[int] = set()
        self.gone: set[int] = set()
        self.gave_back: set[int] = set()
        self.inviter: dict[int, int] = {}
        for person in range(people):
            self.comes(person, int(self.rng.integers(180)) * DAY_US + self.by_day(), int(self.rng.integers(1, 4)))
            if self.rng.random() < 0.6:
                self.hollow.add(person)

    def by_day(self) -> int:
        return int(self.rng.uniform(8, 22) * HOUR_US)

    def comes(self, person: int, us: int, source: int = 1, group: int = 0, *, stays: bool = True) -> None:
        group = group or 100 + int(self.rng.integers(5))
        self.acts.append((person, ADD, source, us))
        self.acts.append((person, JOIN, group, us + int(self.rng.uniform(0, 6 * HOUR_US))))
        if not stays:
            self.acts.append((person, LEAVE, group, us + int(self.rng.uniform(1, 6) * DAY_US)))
            self.gone.add(person)

    def found(self) -> list[Ring]:
        rows = np.array(self.acts, np.int64)
        who = np.array(sorted(self.hollow), np.int64)
        return rings(
            Acts(rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3]),
            Suspects(
                who, np.array([self.inviter.get(p, NONE) for p in who.tolist()], np.int64),
                np.isin(who, list(self.gone)), np.isin(who, list(self.gave_back)),
            ),
        )  # fmt: skip


def test_honest_people_are_no_ring() -> None:
    assert Town().found() == []


def test_those_who_come_at_night_by_one_way_and_are_soon_gone_are_one() -> None:
    town = Town()
    for person in RING:
        town.comes(person, 90 * DAY_US + NIGHT + int(town.rng.uniform(0, HOUR_US)), stays=False)
        town.hollow.add(person)

    (ring,) = town.found()

    assert set(ring.people.tolist()) == set(RING)
    assert ring.signs == ("gone", "odd_hours")
    assert (ring.same_object, ring.object, ring.gone, ring.beside) == (20, 1, 20, 0)
    assert ring.density > 0.7


def test_those_who_hide_in_the_busy_hours_are_told_by_their_inviter_and_their_end() -> None:
    town = Town()
    for person in RING:
        town.comes(person, 90 * DAY_US + NOON + int(town.rng.uniform(0, 2 * HOUR_US)), stays=False)
        town.hollow.add(person)
        town.inviter[person] = 7

    (ring,) = town.found()

    assert set(ring.people.tolist()) <= set(RING)
    assert len(ring.people) >= 16
    assert ring.signs == ("gone", "one_inviter")
    assert (ring.inviter, ring.same_inviter) == (7, len(ring.people))


def test_a_queue_at_a_shops_code_is_none_though_many_of_it_never_speak() -> None:
    town = Town()
    for person in range(9_000, 9_080):
        town.comes(person, 90 * DAY_US + NOON + int(town.rng.uniform(0, HOUR_US)), group=105)
        if town.rng.random() < 0.9:
            town.hollow.add(person)

    assert town.found() == []


def test_a_night_at_which_others_come_who_talk_and_buy_is_no_ring() -> None:
    town = Town()
    for person in RING:
        town.comes(person, 90 * DAY_US + NIGHT + int(town.rng.uniform(0, HOUR_US)), stays=False)
        if person % 2:
            town.hollow.add(person)

    assert town.found() == []


@pytest.mark.parametrize("count", [0, 1, 7])
def test_fewer_than_eight_are_never_called_a_ring(count: int) -> None:
    town = Town(people=300)
    for person in range(9_000, 9_000 + count):
        town.comes(person, 90 * DAY_US + NIGHT, stays=False)
        town.hollow.add(person)

    assert town.found() == []


def test_three_thousand_at_one_instant_are_one_ring() -> None:
    town = Town(people=300)
    for person in range(10_000, 13_000):
        town.comes(person, 90 * DAY_US + NIGHT, stays=False)
        town.hollow.add(person)

    (ring,) = town.found()

    assert len(ring.people) == 3_000
    assert ring.same_minute == 3_000


def test_a_ring_in_the_facts_is_told_with_its_evidence(tmp_path: Path) -> None:
    scene = Scene()
    for person in range(1, 400):
        day, hour = 1 + person % 28, 9 + person % 12
        scene.fact("contact.added", f"2026-10-{day:02d} {hour:02d}:{person % 60:02d}", person=person, source=5)
        if person % 3 == 0:
            scene.says(person, f"2026-10-{day:02d} {hour:02d}:59")
    for person in (*RING, 8_999):
        at = f"2026-11-03 02:{person % 40:02d}"
        scene.fact("contact.added", at, person=person, source=5)
        scene.stays(person, at, None if person == 8_999 else "2026-11-05 10:00")
        scene.fact("contact.lost", "2026-11-05 10:00", person=person, by="person")
    scene.says(8_999, "2026-11-20 10:00", group=BOOKS)
    scene.rows["source"].append({"source": 5, "name": "prize"})
    snapshot = scene.snapshot("2026-11-26 12:00")

    with tables_of(snapshot, tmp_path, keeping=True) as tables:
        told = rings_table.of(tables, window_of(snapshot), {})
        people = ring_people.of(tables, window_of(snapshot), {"rings": told})
        found = list(fraud_ring.DETECTOR.of({"rings": told}, window_of(snapshot)))

    (row,) = told.to_pylist()
    assert people["person"].to_pylist() == list(RING)
    assert (row["size"], row["source"], row["same_source"], row["gone"], row["heard"]) == (20, 5, 20, 20, 20)
    assert (found[0].severity, found[0].worth) == (3, 20)
    assert any("一周内" in zh for zh, _ in found[0].evidence)


def test_of_no_facts_there_are_no_rings(tmp_path: Path) -> None:
    snapshot = Scene().snapshot()

    with tables_of(snapshot, tmp_path) as tables:
        told = rings_table.of(tables, window_of(snapshot), {})

        assert told.num_rows == 0
        assert ring_people.of(tables, window_of(snapshot), {"rings": told}).num_rows == 0
    assert isinstance(told, pa.Table)
