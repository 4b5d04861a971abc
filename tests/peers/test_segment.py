"""Other people's libraries talk to a running server, and everything they said is understood."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks._server import CORP, Server, running, write_key
from tiefen.kit.clock import from_us
from tiefen.kit.settings import Settings
from tiefen.ledger.facts import BY_KIND
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import facts_page
from tiefen.ledger.schema import handles, people, rejects

HERE = Path(__file__).parent
CACHE = Path(__file__).parents[2] / ".cache" / "peers"
PYTHON = {"2.2.3": "segment-analytics-python", "2.3.6": "segment-analytics-python", "2.4.0": "segment-analytics-python"}


def _uv() -> str:
    own = CACHE.parent / "uv" / "bin" / "uv"
    return str(own) if own.is_file() else shutil.which("uv") or pytest.fail("uv was not found; scripts/test fetches it")


def library(version: str) -> Path:
    """A folder with this release of Segment's Python library, fetched once."""
    folder = CACHE / f"python-{version}"
    if not (folder / "segment").is_dir():
        shutil.rmtree(folder, ignore_errors=True)
        asked = [_uv(), "pip", "install", "--quiet", "--python", sys.executable, "--target", str(folder)]
        subprocess.run([*asked, f"{PYTHON[version]}=={version}"], check=True, timeout=300)
    return folder


def node_modules() -> Path:
    """A folder with Segment's library for Node, as the lock file says, fetched once."""
    folder = CACHE / "node"
    lock = (HERE / "node" / "package-lock.json").read_text("utf-8")
    if not (folder / "node_modules").is_dir() or (folder / "package-lock.json").read_text("utf-8") != lock:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(HERE / "node", folder)
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder, check=True, timeout=300
        )
    shutil.copy(HERE / "node" / "sends.mjs", folder)
    return folder


def speak(client: str, address: str, key: str) -> subprocess.CompletedProcess[str]:
    name, _, version = client.partition(" ")
    if name == "node":
        command = ["node", str(node_modules() / "sends.mjs"), address, key]
        environment = dict(os.environ)
    else:
        command = [sys.executable, str(HERE / "sends.py"), address, key, *(["--gzip"] if name == "gzip" else [])]
        environment = {**os.environ, "PYTHONPATH": str(library(version))}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


CLIENTS = ["python 2.2.3", "python 2.3.6", "python 2.4.0", "gzip 2.4.0", "node 3.1.0"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def key(data: Path) -> str:
    return write_key(data)


@pytest.fixture
def server(data: Path, key: str) -> Iterator[Server]:
    with running(data, TIEFEN_READING_SECONDS="3600") as started:
        yield started


@pytest.mark.timeout(420)
@pytest.mark.parametrize("client", CLIENTS)
def test_every_call_of_the_library_is_kept_once_and_understood(
    client: str, data: Path, key: str, server: Server
) -> None:
    said = speak(client, f"http://127.0.0.1:{server.port}", key)
    assert said.returncode == 0, said.stderr
    server.kill()

    with Ledger.open(Settings(data=data)) as ledger:
        facts = facts_page(ledger, CORP, kinds=tuple(BY_KIND), limit=1_000).rows
        with ledger.read() as connection:
            assert connection.execute(sa.select(rejects.c.code)).all() == []
            owner = {
                (id_type, value): person
                for id_type, value, person in connection.execute(
                    sa.select(handles.c.id_type, handles.c.id_value, handles.c.person_id)
                )
            }
            daiyu = owner["user_id", "黛玉"]
            name = connection.execute(sa.select(people.c.name).where(people.c.person_id == daiyu)).scalar_one()

    kinds = Counter(fact.kind for fact in facts if fact.origin == "key:bench")
    assert kinds == {"event.tracked": 403, "page.viewed": 2, "member.joined": 1, "order.paid": 1}
    named = Counter(fact.body["name"] for fact in facts if fact.kind == "event.tracked")
    assert named == {"Tea Tasted": 1, "Looked Around": 1, "Sent Twice": 1, "Counted": 400}
    assert name == "林黛玉"
    assert {owner[one] for one in _HERS} == {daiyu}
    tasted = next(fact for fact in facts if fact.body.get("name") == "Tea Tasted")
    assert tasted.body["value_fen"] == 1250
    assert abs(from_us(tasted.happened_us) - (datetime.now(UTC) - timedelta(hours=1))) < timedelta(minutes=5)


_HERS = [("email", "daiyu@example.org"), ("external_userid", "wm_1"), ("anonymous_id", "visitor-1")]


@pytest.mark.timeout(420)
@pytest.mark.parametrize("client", ["python 2.2.3", "python 2.4.0", "node 3.1.0"])
def test_with_a_wrong_key_the_library_reports_a_failure_and_nothing_is_kept(
    client: str, data: Path, server: Server
) -> None:
    said = speak(client, f"http://127.0.0.1:{server.port}", "not-a-key")
    server.kill()

    assert said.returncode != 0
    with Ledger.open(Settings(data=data)) as ledger:
        assert ledger.facts() == 0
