"""What people who came by a source are worth in the end: what they paid and what they are expected to pay."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.insight.scenes import Scene, tables_of, window_of
from tiefen.insight.metrics.persons import expected_money_365d
from tiefen.insight.metrics.sources import ltv_expected


def test_expected_value_is_what_was_paid_and_what_is_to_come_over_all_who_came(tmp_path: Path) -> None:
    scene = Scene()
    for person in range(1, 41):
        scene.fact("contact.added", "2026-05-01 09:00", person=person, source=5)
        for month in range(6, 6 + person % 6):
            scene.fact("order.paid", f"2026-{month:02d}-03", person=person, order=f"{person}-{month}", amount_fen=1_000)
    scene.fact("contact.added", "2026-05-01 09:00", person=99, source=6)
    snapshot = scene.snapshot()

    with tables_of(snapshot, tmp_path, keeping=True) as tables:
        w = window_of(snapshot)
        rows = tables.arrow(ltv_expected.of(tables, w)).to_pylist()
        ahead = sum(tables.arrow(expected_money_365d.of(tables, w))["part"].to_pylist())

    (row,) = rows  # of source 6, who never bought, nothing is expected
    paid = sum(1_000 * (person % 6) for person in range(1, 41))
    assert ahead > 0
    assert (row["source"], row["whole"]) == (5, 40)
    assert row["part"] == pytest.approx(paid + ahead)
