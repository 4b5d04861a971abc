"""The demo brand: a generated world, sent through the public doors like any other brand's systems would."""

from __future__ import annotations

import csv
import gzip
import queue
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import httpx
import msgspec

from tiefen.cli.common import err
from tiefen.cli.progress import progress
from tiefen.intake.files import importer
from tiefen.ledger.keys import add_write_key
from tiefen.ledger.ledger import Ledger
from tiefen.main import House
from tiefen.sandbox.population import World, calls, costs, make_world
from tiefen.sandbox.population.calls import Call

CORP = "demo"
NAME = "青禾茶事（演示）"
_BATCH = 400
_EXPECTED = 200_000


def fill_demo(home: House, address: str, *, world: World | None = None, end: datetime | None = None) -> None:
    """Send the world through `/v1/batch` and the file importer, and read it once.

    Message ids are fixed, so a start that was cut short is completed by the next one.
    """
    ledger = home.ledger
    ledger.ensure_corp(CORP, name=NAME, demo=True)
    end = end or _end(ledger)
    world = world or make_world()
    key = add_write_key(ledger, CORP, "demo")
    with progress(err) as say:
        sent = 0
        for more in _send(address, key, calls(world, end)):
            sent += more
            say("A demo brand lives through a year", min(sent / _EXPECTED, 1.0))
        say("Reading what happened", 0.0)
        _import_costs(ledger, world, end)
        home.worker.request_reading(CORP)
        through = ledger.last_seq()
        while (current := home.readings.current(CORP)) is None or current.through < through:
            job = home.worker.status().get(f"reading:{CORP}")
            say("Reading what happened", job["fraction"] if job else 0.0)
            time.sleep(0.2)
    ledger.update_settings(CORP, {"demo_complete": True})


def _end(ledger: Ledger) -> datetime:
    """The moment the world is shown; the same again when a start was cut short, so nothing is sent twice."""
    kept = ledger.corp(CORP).settings.get("demo_end")
    end = datetime.fromisoformat(kept) if kept else datetime.now(UTC).replace(microsecond=0)
    if not kept:
        ledger.update_settings(CORP, {"demo_end": end.isoformat()})
    return end


def _send(address: str, key: str, all_calls: Iterator[Call]) -> Iterator[int]:
    """Send in batches from a thread of its own, while the next ones are being made; yields how many went."""
    packets: queue.Queue[tuple[int, bytes] | None] = queue.Queue(maxsize=8)
    done: queue.Queue[int | BaseException | None] = queue.Queue()

    def sender() -> None:
        try:
            with httpx.Client(base_url=address, auth=(key, ""), timeout=120) as client:
                while (packet := packets.get()) is not None:
                    client.post(
                        "/v1/batch",
                        content=packet[1],
                        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
                    ).raise_for_status()
                    done.put(packet[0])
            done.put(None)
        except BaseException as error:  # handed to the caller's thread
            done.put(error)

    thread = threading.Thread(target=sender, name="tiefen-demo", daemon=True)
    thread.start()
    while batch := list(islice(all_calls, _BATCH)):
        packets.put((len(batch), gzip.compress(msgspec.json.encode({"batch": batch}), compresslevel=1)))
        while not done.empty():
            yield _answered(done.get())
    packets.put(None)
    while thread.is_alive() or not done.empty():
        answer = done.get()
        if answer is None:
            break
        yield _answered(answer)


def _answered(answer: int | BaseException | None) -> int:
    if isinstance(answer, BaseException):
        raise answer
    return answer or 0


def _import_costs(ledger: Ledger, world: World, end: datetime) -> None:
    folder = ledger.settings.data / "uploads" / CORP / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    path: Path = folder / "渠道花费.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["日期", "渠道", "花费"])
        writer.writerows(costs(world, end))
    import_id = importer.create(ledger, CORP, path, "costs", None)
    importer.run(ledger, import_id)
