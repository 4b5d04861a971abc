"""Planted fraud rings are found, and hardly anybody else is taken for one. Takes minutes, so not in the fast suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.answer_key import Compared, compared

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(600)]


@pytest.mark.parametrize("seed", [7, 8, 21])
def test_rings_are_found_with_few_mistakes(seed: int, tmp_path: Path) -> None:
    c = compared(tmp_path, groups=18, people=2_000, seed=seed)

    precision, recall = scored(c)
    assert precision >= 0.95
    assert recall >= 0.8


def scored(c: Compared) -> tuple[float, float]:
    true = set(c.key["fraud_ring"])
    found = {c.people[person] for person in c.table("ring_people")["person"].to_pylist()}
    return len(found & true) / max(1, len(found)), len(found & true) / len(true)
