"""Syncs that are killed in the middle, again and again, while the world goes on."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.wecom.sync.world import CORP, Living, contacts_told, place, stays_told, stays_true
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import facts
from tiefen.sandbox.corps import CorpKeys
from tiefen.wecom.client import Limits, Shared, WeCom
from tiefen.wecom.connections import Connection
from tiefen.wecom.sync import Sync, SyncSettings, clock_of


def child(data: str, base_url: str, keys: CorpKeys, times: int) -> None:
    """Read everything, as often as it is let."""
    with Ledger.open(Settings(data=Path(data))) as ledger:
        sync = _sync(ledger, base_url, keys)
        for _ in range(times):
            sync.read_everything()
            sync.pull()


def _sync(ledger: Ledger, base_url: str, keys: CorpKeys) -> Sync:
    api = WeCom(base_url, keys.corpid, keys.secret, limits=Limits(share=1.0), shared=Shared())
    of = Connection(corp_id=CORP, base_url=base_url, corpid=keys.corpid, window_seconds=0)
    return Sync(ledger, CORP, api, settings=SyncSettings(patience=600), clock=clock_of(of))


def killed(data: Path, *, kills: int, people: int, groups: int, seed: int = 3) -> dict[str, Any]:
    """Kill a sync so many times, then let one come to its end; what the ledger and the sandbox say."""
    dice = random.Random(seed)
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["tests.wecom.sync.killing"])
    with Ledger.open(Settings(data=data)) as ledger:
        ledger.ensure_corp(CORP, name="荣国府")
        with place(ledger, seed=seed) as here, here.box.serve() as base_url:
            here.box.limits = False
            living = Living(here, seed)
            living.begin(people=people, groups=groups)
            for person in living.people:
                living.phones.add_contact(person, dice.choice(living.staff))
            here.box.clock.step(60)
            whole = _how_long(forks, data, base_url, here.keys)
            cut = 0
            for _ in range(kills):
                process = forks.Process(target=child, args=(str(data), base_url, here.keys, 1_000), daemon=True)
                process.start()
                process.join(dice.uniform(0.05, 1.2 * whole))
                if process.is_alive() and process.pid is not None:
                    os.kill(process.pid, signal.SIGKILL)
                    cut += 1
                process.join()
                here.box.clock.step(dice.randrange(5, 100))
                for _ in range(4):
                    living.act()
                if dice.random() < 0.5:
                    here.take(_unreliable(here.callbacks(), dice))
            here.box.clock.step(200)
            here.take(_unreliable(here.callbacks(), dice))
            here.sync.read_everything()
            return {"cut": cut, "whole": whole, **_compared(ledger, here)}


def _how_long(forks: Any, data: Path, base_url: str, keys: CorpKeys) -> float:
    """Seconds from the start of a process until it has read everything once."""
    began = time.monotonic()
    process = forks.Process(target=child, args=(str(data) + "-once", base_url, keys, 0), daemon=True)
    process.start()
    process.join()
    return min(3.0, time.monotonic() - began + 1.0)


def _unreliable(xmls: list[str], dice: random.Random) -> list[str]:
    kept = [xml for xml in xmls if dice.random() > 0.05]
    kept += [xml for xml in kept if dice.random() < 0.05]
    return kept


def _compared(ledger: Ledger, here: Any) -> dict[str, Any]:
    told, true = stays_told(ledger), stays_true(here)
    asked = sa.select(facts.c.kind, facts.c.body, facts.c.happened_us).where(
        facts.c.kind.in_(("member.joined", "member.left", "contact.added", "contact.lost", "group.created"))
    )
    with ledger.read() as connection:
        counted = Counter((row.kind, row.body, row.happened_us // 1_000_000) for row in connection.execute(asked))
    inside = {stay[:3] for stay in told if stay[3] is None}
    return {
        "inside_equal": inside == {stay[:3] for stay in true if stay[3] is None},
        "contacts_equal": contacts_told(ledger) == here.box.truth(here.keys.corpid).contacts(),
        "begun_twice": len(told) - len({stay[:3] for stay in told}),
        "facts_doubled": sum(times - 1 for times in counted.values()),
        "stays": len(told),
        "stays_true": len(true),
    }
