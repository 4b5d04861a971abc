"""A sync killed anywhere goes on, and tells nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wecom.sync.killing import killed


@pytest.mark.slow
def test_killed_in_the_middle_a_sync_goes_on_and_doubles_nothing(tmp_path: Path) -> None:
    found = killed(tmp_path / "data", kills=6, people=60, groups=6)

    assert found["cut"] >= 4
    assert found["inside_equal"] and found["contacts_equal"]
    assert (found["begun_twice"], found["facts_doubled"]) == (0, 0)
