"""How long a population takes to live its history in a sandbox, on disk, and in how much memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SIZES = {"year of 40 groups, 8,000 people": (40, 8_000), "year of 1,000 groups, 200,000 people": (1_000, 200_000)}
_ALONE = """
import json, resource, sys, time
from datetime import UTC, datetime
from pathlib import Path
from tiefen.sandbox import Sandbox
from tiefen.sandbox.population import populate
groups, people, days = map(int, sys.argv[2:5])
began, worked = time.monotonic(), time.process_time()
with Sandbox.open(Path(sys.argv[1]), speed=None, start=datetime.now(UTC)) as box:
    populate(box, groups=groups, people=people, days=days)
    counted = {t: box.store.value(f"SELECT count(*) FROM {t}") for t in ("messages", "stays", "follows", "orders")}
print(json.dumps({
    "seconds": time.monotonic() - began, "cpu_seconds": time.process_time() - worked,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, **counted,
    "file_mb": (Path(sys.argv[1]) / "sandbox.db").stat().st_size / 1e6,
}))
"""


def run(quick: bool = False) -> dict[str, Any]:
    """Seconds, processor seconds, peak memory and what there is afterwards; each size in a process of its own."""
    figures: dict[str, Any] = {}
    for name, (groups, people) in {"60 days of 10 groups, 500 people": (10, 500)}.items() if quick else SIZES.items():
        with tempfile.TemporaryDirectory() as folder:
            asked = [
                sys.executable,
                "-c",
                _ALONE,
                str(Path(folder) / "box"),
                str(groups),
                str(people),
                "60" if quick else "365",
            ]
            done = subprocess.run(asked, check=True, capture_output=True, text=True)
        figures |= {f"{name}: {key}": value for key, value in json.loads(done.stdout).items()}
    return figures
