"""`tiefen up` as anybody starts it: where it is, how far the demo has come, and what a second start says."""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from tiefen import __version__
from tiefen.cli.progress import progress
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger


@contextmanager
def started(data: Path, *words: str, **environment: str) -> Iterator[tuple[str, list[str]]]:
    """A server in a process of its own: where it is, and what it said until it was."""
    process = subprocess.Popen(
        [Path(sys.executable).with_name("tiefen"), "up", *words], env=os.environ | {"TIEFEN_DATA": str(data)} | environment,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        said: list[str] = []
        for line in process.stderr:
            said.append(line.strip())
            if found := re.search(r"Tiefen is at (http://\S+)", line):
                yield found[1], said
                break
        else:
            raise AssertionError("\n".join(said))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A folder that was started before, and whose demo was removed."""
    with Ledger.open(Settings(data=tmp_path / "data")) as ledger:
        ledger.ensure_corp("main")
        ledger.update_settings("main", {"demo_removed": True})
    return tmp_path / "data"


def test_a_second_start_says_where_it_is_and_is_there_at_once(known: Path) -> None:
    began = time.monotonic()

    with started(known, "--port", "0") as (address, said):
        health = httpx.get(f"{address}/healthz").json()
        page = httpx.get(address)
        took = time.monotonic() - began

    assert said == [f"Tiefen is at {address}"]
    assert health == {"status": "ok", "version": __version__, "facts": 0}
    assert page.status_code == 200
    assert took < 20  # about 3 on a quiet machine


@pytest.mark.slow
def test_the_environment_decides_the_port(known: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

    with started(known, TIEFEN_PORT=str(port)) as (address, _):
        assert address == f"http://127.0.0.1:{port}"


@pytest.mark.slow
def test_a_port_that_is_taken_is_told_in_words(known: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = subprocess.run(
            [Path(sys.executable).with_name("tiefen"), "up", "--data", str(known), "--port", str(port)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    assert done.returncode == 1
    assert f"127.0.0.1:{port} is taken" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_an_empty_start_brings_no_demo_and_waits_for_the_first_visitor(tmp_path: Path) -> None:
    with started(tmp_path, "--empty", "--port", "0") as (address, _):
        assert httpx.get(f"{address}/api/me").json() == {"state": "first_visit", "demo": False}


def test_where_there_is_no_terminal_progress_is_told_in_lines() -> None:
    heard = io.StringIO()

    with progress(Console(file=heard), every=0.05) as say:
        say("A demo brand lives through a year", 0.25)
        time.sleep(0.3)
        say("Reading what happened", 0.5)

    lines = heard.getvalue().splitlines()
    assert lines[:2] == ["A demo brand lives through a year…", "A demo brand lives through a year: 25%"]
    assert "Reading what happened…" in lines


def test_in_a_terminal_progress_is_a_bar_that_leaves_nothing_behind() -> None:
    heard = io.StringIO()

    with progress(Console(file=heard, force_terminal=True), every=0.05) as say:
        say("Reading what happened", 0.5)

    assert "…" not in heard.getvalue()
