"""Commands run in this process, for speed; a few are run as anybody would."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

os.environ["COLUMNS"] = "200"  # before anything measures the terminal

from tests.stores import empty_store
from tiefen.cli import app
from tiefen.kit.errors import TiefenError

CHAT = "time,group,sender,text\n2026-11-01 09:00:00,茶友一群,阿福,早上好\n2026-11-01 09:01:00,茶友一群,小满,早\n2026-11-02 10:00:00,茶友一群,阿福,在吗\n"
ORDERS = "订单号,手机号,实付金额,付款时间\nT1,13800000001,12.50,2026-11-01 10:00\nT2,13800000002,贵,2026-11-02 10:00\n"
CONTACTS = "姓名,手机号,添加时间,渠道\n阿福,13800000001,2026-10-01 10:00,海报\n小满,13800000002,2026-10-02 10:00,海报\n"
COSTS = "日期,渠道,花费\n2026-10-01,海报,100.00\n"


@dataclass(frozen=True)
class Said:
    """What a command said, where, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        assert self.status == 0, self.err
        return json.loads(self.out)


@dataclass(frozen=True)
class Tiefen:
    """The command line on one data folder."""

    data: Path

    def __call__(self, *words: str, input: str | None = None) -> Said:
        """Run a command in this process; what Tiefen refuses ends it as in `tiefen.cli.main`."""
        result = CliRunner().invoke(app, [*words, "--data", str(self.data)], input=input)
        refused = result.exception if isinstance(result.exception, TiefenError) else None
        assert refused or result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Said(
            1 if refused else result.exit_code, result.stdout, result.stderr + (str(refused) if refused else "")
        )


def as_anybody(*words: str, **environment: str) -> Said:
    """Run `tiefen` in a process of its own."""
    done = subprocess.run(
        [Path(sys.executable).with_name("tiefen"), *words], env=os.environ | environment, capture_output=True,
        timeout=120, check=False,
    )  # fmt: skip
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def tiefen(tmp_path: Path) -> Tiefen:
    shutil.copytree(empty_store(), tmp_path / "data")
    return Tiefen(tmp_path / "data")


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str], str]:
    """Write a file beside the data folder; gives its path."""

    def write(name: str, text: str) -> str:
        (tmp_path / name).write_text(text, "utf-8")
        return str(tmp_path / name)

    return write


@pytest.fixture(scope="session")
def brand(tmp_path_factory: pytest.TempPathFactory) -> Tiefen:
    """A folder into which one file of each kind was imported; for looking only."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cli"
    command = Tiefen(home / "data")
    with home.with_suffix(".lock").open("w") as lock:  # one process fills it, the others wait
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "filled").exists():
            _fill(command, home)
    return command


def _fill(command: Tiefen, home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    for format, text in (("chat", CHAT), ("orders", ORDERS), ("contacts", CONTACTS), ("costs", COSTS)):
        (home / f"{format}.csv").write_text(text, "utf-8")
        assert command("import", format, str(home / f"{format}.csv"), "--yes", "--json").status == 0
    command("report", "groups", "--json")  # reads everything once
    (home / "filled").touch()
