"""First sync of 100,000 contacts and 2,000 groups of 200 from the sandbox without limits; a sync killed a hundred times."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_ALONE = """
import json, resource, sys, time
from pathlib import Path
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.client import Limits, Shared, WeCom
from tiefen.wecom.connections import Connection
from tiefen.wecom.sync import Sync, SyncSettings, clock_of
data, base_url, corpid, secret = sys.argv[1:]
many = 10**9
limits = Limits(share=1.0, budgets={}, at_once=4, at_once_most=4)
import tiefen.wecom.client.limits as of_limits
of_limits._COMMON = of_limits.Budget(per_minute=many, per_hour=many)
with Ledger.open(Settings(data=Path(data))) as ledger:
    ledger.ensure_corp("main")
    api = WeCom(base_url, corpid, secret, limits=limits, shared=Shared())
    clock = clock_of(Connection(corp_id="main", base_url=base_url, corpid=corpid, window_seconds=0))
    sync = Sync(ledger, "main", api, clock=clock)
    told = {}
    for name in ("first", "again"):
        began, used = time.monotonic(), time.process_time()
        summary = sync.read_everything()
        told[name] = {"seconds": time.monotonic() - began, "facts": summary.facts, "inferred": summary.inferred,
                      "read": summary.read, "skipped": len(summary.skipped) + summary.more_skipped}
        told[name]["processor seconds"] = time.process_time() - used
        told[name]["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told["known"] = sync.mirror.sizes()
print(json.dumps(told))
"""


def run(quick: bool = False) -> dict[str, Any]:
    """Seconds and peak memory of the first sync and of the next one; what a hundred kills left."""
    contacts, groups, size, kills = (2_000, 40, 50, 5) if quick else (100_000, 2_000, 200, 100)
    figures: dict[str, Any] = {"contacts": contacts, "groups": groups, "members each": size}
    with tempfile.TemporaryDirectory(dir=".") as folder:
        figures |= _first(Path(folder), contacts, groups, size)
        figures |= _killed(Path(folder) / "killed", kills)
    return figures


def _first(folder: Path, contacts: int, groups: int, size: int) -> dict[str, Any]:
    from tiefen.sandbox import Sandbox

    (folder / "sandbox").mkdir(parents=True)
    with Sandbox.open(folder / "sandbox", speed=None) as box:
        box.limits = False
        box.configure(group_most=1_000, group_scan_most=1_000)
        staff = [f"staff{n}:员工{n}" for n in range(100)]
        keys = box.add_corp("大公司", staff=staff)
        began = time.monotonic()
        _populate(box, keys.corpid, contacts, groups, size)
        populated = time.monotonic() - began
        box.clock.step(60)
        with box.serve() as base_url:
            done = subprocess.run(
                [sys.executable, "-c", _ALONE, str(folder / "data"), base_url, keys.corpid, keys.secret],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
    told = json.loads(done.stdout)
    figures: dict[str, Any] = {"seconds to populate": populated}
    for name in ("first", "again"):
        figures |= {f"{name} {key}": value for key, value in told[name].items() if key != "read"}
    return figures | {f"known {key}": value for key, value in told["known"].items()}


def _populate(box: Any, corpid: str, contacts: int, groups: int, size: int) -> None:
    phones = box.phones(corpid)
    everybody: list[str] = []
    for start in range(0, contacts, 5_000):
        with box.bulk():
            for n in range(start, min(start + 5_000, contacts)):
                person = phones.person(f"客户{n}", gender=n % 3)
                phones.add_contact(person, f"staff{n % 100}", add_way=1)
                everybody.append(person)
        box.clock.step(60)
    for start in range(0, groups, 100):
        with box.bulk():
            for n in range(start, min(start + 100, groups)):
                first = n * (size - 1)
                people = [everybody[(first + k) % len(everybody)] for k in range(size - 1)]
                phones.create_group(f"staff{n % 100}", f"群{n}", people=people)
        box.clock.step(60)


def _killed(data: Path, kills: int) -> dict[str, Any]:
    from tests.wecom.sync.killing import killed

    began = time.monotonic()
    found = killed(data, kills=kills, people=400, groups=30)
    return {f"killed: {key}": value for key, value in found.items()} | {"killed: seconds": time.monotonic() - began}
