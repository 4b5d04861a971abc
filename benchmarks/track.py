"""Events over HTTP in batches of 100, acknowledged when on disk, beside a bare append+fsync; and kill -9 under load."""

from __future__ import annotations

import os
import random
import resource
import tempfile
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from threading import Timer
from typing import Any

import pyarrow.parquet as pq

from benchmarks._server import CORP, bodies, percentile, running, send, write_key
from benchmarks.brand import calls, make_world
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger

BATCH, CLIENTS = 100, 8
_END = datetime(2026, 6, 1, tzinfo=UTC)


def run(quick: bool = False) -> dict[str, Any]:
    """Events a second, CPU an event and waiting times; then what is left after kills."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        return _flow(Path(folder) / "flow", 20_000 if quick else 200_000) | _kills(
            Path(folder) / "kills", 5 if quick else 200
        )


def _flow(data: Path, wanted: int) -> dict[str, Any]:
    key = write_key(data)
    warm, work = (bodies(some, key, BATCH) for some in _some(wanted))
    # Moving facts into the lake is left to its usual turn, so that a run has its share of it.
    with running(data) as server:
        send(server.port, warm, CLIENTS)
        own, theirs = _own_cpu(), server.cpu_seconds()
        sent = send(server.port, work, CLIENTS)
        cpu, own = server.cpu_seconds() - theirs, _own_cpu() - own
        peak = server.peak_mb()
    appended = _append(data.parent / "appended", work)
    events = len(sent.acknowledged) * BATCH
    rate = events / sent.seconds
    return {
        "events": events, "events a second": rate, "server CPU ms an event": cpu / events * 1000,
        "client CPU ms an event": own / events * 1000, "p50 ms": percentile(sent.latencies, 0.5) * 1000,
        "p99 ms": percentile(sent.latencies, 0.99) * 1000, "server MB": peak,
        "append+fsync of the same bytes, events a second": events / appended,
        "ratio to append+fsync": rate / (events / appended),
    }  # fmt: skip


def _some(wanted: int) -> tuple[list[Any], list[Any]]:
    made = calls(make_world(), _END)
    warm = list(islice(made, 5_000))
    return warm, list(islice(made, wanted))


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _append(path: Path, work: list[bytes]) -> float:
    """Seconds to append the same bodies to a file, one fsync for as many as there are clients."""
    began = time.monotonic()
    with path.open("wb") as file:
        for start in range(0, len(work), CLIENTS):
            file.writelines(work[start : start + CLIENTS])
            file.flush()
            os.fsync(file.fileno())
    return time.monotonic() - began


def _kills(data: Path, rounds: int) -> dict[str, Any]:
    """Kill the server at random moments under load; every acknowledged event must be there exactly once."""
    key = write_key(data)
    acknowledged: set[str] = set()
    dice = random.Random(5)
    for turn in range(rounds):
        ids = [f"{turn}-{n}" for n in range(40_000)]
        work = bodies(
            [{"type": "track", "userId": f"u{n % 997}", "event": "Seen", "messageId": i} for n, i in enumerate(ids)],
            key,
            BATCH,
        )
        with running(data, TIEFEN_FLUSH_SECONDS="0.5", TIEFEN_READING_SECONDS="3600") as server:
            Timer(dice.uniform(0.02, 1.2), server.kill).start()
            sent = send(server.port, work, 4)
        acknowledged |= {i for place in sent.acknowledged for i in ids[place * BATCH : (place + 1) * BATCH]}
    with Ledger.open(Settings(data=data)) as ledger:
        snapshot = ledger.snapshot(CORP)
        kept = _kept(ledger)
    lost = len(acknowledged - set(kept))
    return {
        "kills": rounds, "events acknowledged before a kill": len(acknowledged), "lost": lost,
        "kept twice": len(kept) - len(set(kept)), "facts in lake and store": snapshot.through,
    }  # fmt: skip


def _kept(ledger: Ledger) -> list[str]:
    """The source id of every kept event, in lake and store."""
    snapshot = ledger.snapshot(CORP, facts_only=True)
    found: list[str] = snapshot.tail["event_tracked"]["source_id"].to_pylist()
    for file in snapshot.files.get("event_tracked", []):
        found += pq.read_table(file.removeprefix("file://"), columns=["source_id"])["source_id"].to_pylist()
    return found
