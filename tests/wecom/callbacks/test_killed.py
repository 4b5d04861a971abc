"""A server that is killed in a storm of callbacks: what it acknowledged is there, once, and so is every fact."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.callbacks import kills


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_acknowledged_callback_survives_kill_9_and_makes_its_fact_once(tmp_path: Path) -> None:
    found = kills(tmp_path / "data", 3, callbacks=1_500)

    assert found["callbacks acknowledged before a kill"] > 0
    assert found["lost"] == 0
    assert found["kept twice"] == 0
    assert found["not translated"] == 0
    assert found["facts too many or too few"] == 0
