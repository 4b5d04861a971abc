"""A million chat messages from Parquet and from CSV, through the product's importer, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

_ALONE = """
import json, resource, sys, time
from pathlib import Path
from tiefen.intake.files import importer
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
with Ledger.open(Settings(data=Path(sys.argv[2]))) as ledger:
    ledger.ensure_corp("main")
    began = time.monotonic()
    done = importer.run(ledger, importer.create(ledger, "main", Path(sys.argv[1])))
    seconds = time.monotonic() - began
print(json.dumps({"seconds": seconds, "accepted": done.accepted, "rejected": done.rejected,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def run(quick: bool = False) -> dict[str, Any]:
    """Seconds and peak memory of each."""
    messages = 50_000 if quick else 1_000_000
    figures: dict[str, Any] = {"messages": messages}
    with tempfile.TemporaryDirectory(dir=".") as folder:
        table = talk(messages)
        parquet, text = Path(folder) / "talk.parquet", Path(folder) / "talk.csv"
        pq.write_table(table, parquet)
        pcsv.write_csv(table, text)
        del table
        for path in (parquet, text):
            done = subprocess.run(
                [sys.executable, "-c", _ALONE, str(path), f"{folder}/{path.suffix[1:]}"],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            told = json.loads(done.stdout)
            for key in ("seconds", "peak_mb", "accepted", "rejected"):
                figures[f"{path.suffix[1:]} {key}"] = told[key]
    return figures


def talk(messages: int) -> pa.Table:
    """Messages of 5,000 people in 300 groups, in the order of time."""
    dice = np.random.default_rng(4)
    at = np.sort(dice.integers(1_700_000_000, 1_760_000_000, messages)) * 1000
    words = np.array(
        ["今天新茶到了", "好喝吗？", "有没有人拼单", "我买了两罐，口感不错", "在路上", "@大家 晚上八点开讲", "收到"]
    )
    return pa.table(
        {
            "time": pa.array(at, pa.timestamp("ms", "UTC")),
            "user_id": pa.array([f"u{n}" for n in dice.zipf(1.3, messages) % 5_000]),
            "group_id": pa.array([f"g{n}" for n in dice.zipf(1.4, messages) % 300]),
            "text": pa.array(words[dice.integers(0, len(words), messages)]),
            "message_id": pa.array([f"m{n}" for n in range(messages)]),
        }
    )
