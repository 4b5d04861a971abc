"""`tiefen sandbox populate` and `tiefen sandbox answers`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tiefen.cli import app


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["sandbox", *words])


@pytest.mark.slow
def test_a_sandbox_is_populated_once_and_tells_what_is_true_of_it(tmp_path: Path) -> None:
    folder = ["--data", str(tmp_path / "box")]
    size = ["--groups", "5", "--people", "90", "--days", "20"]

    lived = run("populate", *folder, *size, "--json")
    again = run("populate", *folder, *size, "--json")
    other = run("populate", *folder, "--groups", "6", "--people", "90", "--days", "20")
    key = run("answers", *folder, "--json")
    told = run("answers", *folder, "--no-people")

    assert lived.exit_code == again.exit_code == key.exit_code == told.exit_code == 0
    figures = json.loads(lived.stdout)
    assert figures["groups"] == 5
    assert figures == json.loads(again.stdout) | {"as_of": figures["as_of"]}
    assert other.exit_code != 0
    assert json.loads(key.stdout)["corpid"] == figures["corpid"]
    assert "门店二维码" in told.stdout


def test_where_nobody_lives_there_is_no_key(tmp_path: Path) -> None:
    assert run("answers", "--data", str(tmp_path / "none")).exit_code != 0
    assert not (tmp_path / "none").exists()
