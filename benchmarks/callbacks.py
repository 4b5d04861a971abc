"""WeCom's callbacks, each opened, kept and answered when on disk, beside a bare append+fsync; and kill -9 in a storm."""

from __future__ import annotations

import os
import random
import tempfile
import time
from pathlib import Path
from threading import Timer
from typing import Any

import sqlalchemy as sa

from benchmarks._calling import Answered, call, connected, events, sealed
from benchmarks._server import CORP, percentile, running
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_events
from tiefen.wecom.callbacks import health

RATE = 2_000
_QUIET = {"TIEFEN_READING_SECONDS": "3600"}


def run(quick: bool = False) -> dict[str, Any]:
    """Callbacks a second and waiting times, as fast as they go and at a given rate; then what is left after kills."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        return _flow(Path(folder) / "flow", 4_000 if quick else 40_000, 3 if quick else 20) | kills(
            Path(folder) / "kills", 3 if quick else 100
        )


def _flow(data: Path, count: int, steady_seconds: int) -> dict[str, Any]:
    of = connected(data)
    figures: dict[str, Any] = {}
    with running(data, **_QUIET) as server:
        call(server.port, sealed(of, events(0, 2_000)), 32)
        # The first reading of everything comes with the first facts, and then not for an hour. Facts go on moving into the lake.
        time.sleep(1 if steady_seconds < 5 else 45)
        for turn, connections in enumerate((32, 64), 1):
            work = sealed(of, events(turn * 1_000_000, count))
            figures |= _named(f"{connections} connections", call(server.port, work, connections))
        steady = sealed(of, events(9_000_000, RATE * steady_seconds))
        figures |= _named(f"at {RATE} a second", call(server.port, steady, 64, rate=RATE))
        figures["all handed on after seconds"] = _settled(data)
        figures["server MB"] = server.peak_mb()
    appended = count / _append(data.parent / "appended", work, 64)
    rate = figures["64 connections, a second"]
    return figures | {
        "append+fsync of the same bytes, a second": appended,
        "ratio to append+fsync": rate / appended,
        "load of the machine": os.getloadavg()[0],
    }


def _named(name: str, answered: Answered) -> dict[str, Any]:
    if answered.refused:
        raise RuntimeError(f"{answered.refused} were refused")
    return {
        f"{name}, a second": len(answered.acknowledged) / answered.seconds,
        f"{name}, p50 ms": percentile(answered.waits, 0.5) * 1000,
        f"{name}, p99 ms": percentile(answered.waits, 0.99) * 1000,
        f"{name}, longest ms": max(answered.waits) * 1000,
    }


def _settled(data: Path) -> float:
    """Seconds until nothing waits to be handed on."""
    began = time.monotonic()
    with Ledger.open(Settings(data=data)) as ledger:
        while health(ledger, CORP).waiting:
            time.sleep(0.1)
    return time.monotonic() - began


def _append(path: Path, work: list[bytes], together: int) -> float:
    """Seconds to append the same requests to a file, one fsync for as many as there are connections."""
    began = time.monotonic()
    with path.open("wb") as file:
        for start in range(0, len(work), together):
            file.writelines(work[start : start + together])
            file.flush()
            os.fsync(file.fileno())
    return time.monotonic() - began


def kills(data: Path, rounds: int, callbacks: int = 6_000) -> dict[str, Any]:
    """Kill the server at random moments of a storm; every acknowledged callback must be there, and every fact once."""
    of = connected(data)
    acknowledged: set[str] = set()
    dice = random.Random(5)
    for turn in range(rounds):
        contents = events(turn * 100_000, callbacks)
        # Some are delivered twice, as WeCom does when an answer is late.
        contents += dice.sample(contents, callbacks // 12)
        work = sealed(of, contents)
        with running(data, TIEFEN_FLUSH_SECONDS="0.5", **_QUIET) as server:
            Timer(dice.uniform(0.02, 1.2), server.kill).start()
            answered = call(server.port, work, 32)
        acknowledged |= {contents[place] for place in answered.acknowledged}
    with running(data, **_QUIET):
        _settled(data)
    with Ledger.open(Settings(data=data)) as ledger, ledger.read() as rows:
        kept = [raw for (raw,) in rows.execute(sa.select(wecom_events.c.raw))]
        failed = rows.execute(sa.select(sa.func.count()).where(wecom_events.c.state == "failed")).scalar_one()
        facts = {kind: ledger.facts(CORP, kind) for kind in ("contact.added", "member.joined")}
    people = {"contact.added": sum("add_external_contact" in raw for raw in kept), "member.joined": 0}
    people["member.joined"] = len(kept) - people["contact.added"]
    return {
        "kills": rounds, "callbacks acknowledged before a kill": len(acknowledged),
        "lost": len(acknowledged - set(kept)), "kept twice": len(kept) - len(set(kept)), "not translated": failed,
        "facts too many or too few": sum(abs(facts[kind] - people[kind]) for kind in facts),
    }  # fmt: skip
