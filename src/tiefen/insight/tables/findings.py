"""What stands out and what to do about it, by every detector."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from tiefen.insight.detectors import DETECTORS
from tiefen.insight.engine import Tables
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window

_SCHEMA = pa.schema(
    [
        ("key", pa.string()), ("detector", pa.string()), ("entity", pa.string()), ("entity_id", pa.int64()),
        ("other_id", pa.int64()), ("period", pa.string()), ("severity", pa.int64()), ("worth", pa.float64()),
        ("evidence", pa.string()), ("todo_zh", pa.string()), ("todo_en", pa.string()),
    ]
)  # fmt: skip


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    rows: list[dict[str, Any]] = []
    for detector in DETECTORS:
        for found in detector.of(made, w):
            other = "" if found.other_id is None else f":{found.other_id}"
            period = f"{w.end:%Y-%m}"
            rows.append(
                {
                    "key": f"{detector.key}:{found.entity_id}{other}:{period}", "detector": detector.key,
                    "entity": detector.entity, "entity_id": found.entity_id, "other_id": found.other_id,
                    "period": period, "severity": found.severity, "worth": float(found.worth),
                    "evidence": json.dumps([{"zh": zh, "en": en} for zh, en in found.evidence], ensure_ascii=False),
                    "todo_zh": detector.todo_zh, "todo_en": detector.todo_en,
                }
            )  # fmt: skip
    rows.sort(key=lambda row: (-row["severity"], -row["worth"], row["key"]))
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


TABLE = ReadingTable("findings", "找出值得处理的事", "What stands out", of)
