"""A server that is killed while it takes events in: what it acknowledged is there, once."""

from __future__ import annotations

import random
from pathlib import Path
from threading import Timer

import pytest

from benchmarks._server import CORP, bodies, running, send, write_key
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import facts_page

ROUNDS, EVENTS, BATCH = 6, 8_000, 50


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_acknowledged_event_survives_kill_9_exactly_once(tmp_path: Path) -> None:
    data, dice = tmp_path / "data", random.Random(11)
    key = write_key(data)
    acknowledged: set[str] = set()
    for turn in range(ROUNDS):
        ids = [f"{turn}-{n}" for n in range(EVENTS)]
        calls = [{"type": "track", "userId": f"u{n % 97}", "event": "Seen", "messageId": i} for n, i in enumerate(ids)]
        work = bodies(calls, key, BATCH)
        with running(data, TIEFEN_FLUSH_SECONDS="0.3") as server:
            Timer(dice.uniform(0.01, 0.6), server.kill).start()
            sent = send(server.port, work, 4)
        acknowledged |= {i for place in sent.acknowledged for i in ids[place * BATCH : (place + 1) * BATCH]}

    kept = source_ids(data)

    assert acknowledged
    assert acknowledged - set(kept) == set()
    assert len(kept) == len(set(kept))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_events_sent_again_after_a_kill_are_not_counted_twice(tmp_path: Path) -> None:
    data = tmp_path / "data"
    key = write_key(data)
    ids = [f"m{n}" for n in range(EVENTS)]
    work = bodies([{"type": "track", "userId": "u", "event": "Seen", "messageId": i} for i in ids], key, BATCH)
    with running(data, TIEFEN_FLUSH_SECONDS="0.3") as server:
        Timer(0.2, server.kill).start()
        send(server.port, work, 4)

    with running(data) as again:
        sent = send(again.port, work, 4)

    assert len(sent.acknowledged) == len(work)
    assert sorted(source_ids(data)) == sorted(ids)


def source_ids(data: Path) -> list[str]:
    """The source id of every event, in lake and store."""
    found: list[str] = []
    with Ledger.open(Settings(data=data)) as ledger:
        after = None
        while True:
            page = facts_page(ledger, CORP, kinds=("event.tracked",), after=after, limit=20_000)
            found += [row.source_id for row in page.rows]
            after = page.next
            if after is None:
                break
    return found
