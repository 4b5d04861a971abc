"""The console's pages over HTTP at 200,000 people and 2,000 groups, and how long a start takes there."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks import _world
from benchmarks._server import percentile, running
from tiefen.insight.readings import CURRENT, folder_of
from tiefen.kit.ids import digest
from tiefen.kit.settings import Settings
from tiefen.ledger import dialect
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import api_tokens

CACHE = Path(".cache/bench")
TOKEN = "a token of the measurement"


def run(quick: bool = False) -> dict[str, Any]:
    """Milliseconds at the 50th and 95th percentile, one request after the other."""
    size = _world.SMALL if quick else _world.LARGE
    data = _made(size)
    figures: dict[str, Any] = {"people": size.people, "groups": size.groups}
    began = time.monotonic()
    subprocess.run([str(Path(sys.executable).with_name("tiefen")), "--help"], check=True, stdout=subprocess.DEVNULL)
    figures["tiefen --help, seconds"] = time.monotonic() - began
    with running(data, TIEFEN_READING_SECONDS="3600") as server:
        figures["start until it answers, seconds"] = server.started_seconds
        for name, paths in _pages(size).items():
            taken, largest = _ask(server.port, paths)
            figures[f"{name}: p50 / p95 ms"] = f"{percentile(taken, 0.5):.0f} / {percentile(taken, 0.95):.0f}"
            figures[f"{name}: largest answer, KB"] = largest / 1024
        figures["server MB"] = server.peak_mb()
    return figures


def _pages(size: _world.Size) -> dict[str, list[str]]:
    metrics = ("members", "messages", "speaker_share", "strangers", "newcomer_retention_7d")
    numbers = ("money", "recency_days", "messages", "influence", "last_seen_at")
    return {
        "first page": ["/"] * 20,
        "overview": ["/api/overview"] * 20,
        "groups": ["/api/groups", *(f"/api/groups?sort={key}&limit=100" for key in metrics)] * 5
        + ["/api/groups?stage=decline", "/api/groups?q=1"] * 5,
        "group page": [f"/api/groups/{1 + n * size.groups // 60}" for n in range(60)],
        "people": ["/api/persons", *(f"/api/persons?sort={key}&limit=100" for key in numbers)] * 5
        + ["/api/persons?rung=fan", "/api/persons?q=name 77"] * 5,
        "person page": [f"/api/persons/{n}" for n in range(size.people - 60, size.people - 30)],
        "overlap": ["/api/overlap"] * 20,
        "sources": ["/api/sources"] * 20,
    }


def _ask(port: int, paths: list[str]) -> tuple[list[float], int]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    taken, largest = [], 0
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept-Encoding": "gzip"}
    for path in paths:
        began = time.monotonic()
        connection.request("GET", path.replace(" ", "%20"), headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        taken.append((time.monotonic() - began) * 1000)
        largest = max(largest, len(body))
        if answer.status not in {200, 404}:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
    connection.close()
    return taken, largest


def _made(size: _world.Size) -> Path:
    """A data folder whose store knows the people and groups of the world, with its reading."""
    snapshot = _world.make(CACHE, size)
    data = CACHE / f"console-{size.facts}"
    settings = Settings(data=data)
    if (folder_of(settings, _world.CORP) / CURRENT).exists():
        return data
    with Ledger.open(settings) as ledger:
        ledger.ensure_corp(_world.CORP, name="Large")
        with ledger.write() as connection:
            whole = set(snapshot.rows["person"]["person"].to_pylist())
            merged = dict(
                zip(*(snapshot.rows["merge"][name].to_pylist() for name in ("handle", "person")), strict=True)
            )
            everybody = range(1, size.people + 1)
            dialect.insert_many(
                connection, "people", ("person_id", "corp_id", "name", "attributes", "staff", "created_us", "merged_into"),
                [(n, _world.CORP, f"name {n}", "{}", n <= 20, 0, None if n in whole else merged[n]) for n in everybody],
            )  # fmt: skip
            dialect.insert_many(
                connection, "handles", ("handle", "corp_id", "id_type", "id_value", "person_id", "created_us"),
                [(n, _world.CORP, "user_id", f"u{n}", merged.get(n, n), 0) for n in everybody],
            )  # fmt: skip
            dialect.insert_many(
                connection, "groups", ("group_id", "corp_id", "outer_id", "name", "platform"),
                [(n, _world.CORP, f"g{n}", f"group {n}", "") for n in range(1, size.groups + 1)],
            )  # fmt: skip
            dialect.insert_many(
                connection, "sources", ("source_id", "corp_id", "name"),
                [(n, _world.CORP, f"source {n}") for n in range(1, size.sources + 1)],
            )  # fmt: skip
            row = {"digest": digest(TOKEN), "corp_id": _world.CORP, "name": "bench", "created_us": 0}
            connection.execute(sa.insert(api_tokens).values(row))
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(CACHE), "large" if size is _world.LARGE else "small", str(data)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    json.loads(done.stdout)
    return data


_READ = """
import json, sys
from pathlib import Path
from benchmarks import _world
from tiefen.insight.reading import read_everything
from tiefen.kit.settings import Settings
size = _world.LARGE if sys.argv[2] == "large" else _world.SMALL
read_everything(_world.make(Path(sys.argv[1]), size), Settings(data=Path(sys.argv[3])))
print(json.dumps({"made": True}))
"""
