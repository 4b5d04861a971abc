"""Every group with its numbers, its stage and the reasons for it, and who carries it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tiefen.insight.engine import Tables
from tiefen.insight.kernels.life import Days, Life, life_of
from tiefen.insight.reading_table import Made, ReadingTable, measured
from tiefen.insight.window import Window
from tiefen.kit.clock import day_of, to_us

_LEADERS = 5
_EPOCH = date(1970, 1, 1)


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    known = t["group"].select("group", "created_at", "dismissed_at")
    table = t.arrow(measured(t, w, "group", known))
    lives = {group: (days, first_on, last_on) for group, days, first_on, last_on in _lives(made["group_days"], w)}
    leaders = _leaders(made["group_people"])
    rows = table.select(["group", "dismissed_at"]).to_pylist()
    empty = Days(*(np.array([], np.int64) for _ in range(3)))
    told: list[tuple[Life, Any, Any]] = []
    for row in rows:
        days, first_on, last_on = lives.get(row["group"], (empty, None, None))
        gone = row["dismissed_at"]
        gone_us = None if gone is None else to_us(gone)
        over = gone_us is not None and gone_us <= t.end_us(w)
        dismissed = day_of(gone_us, t.time_zone) if over and gone_us is not None else None
        told.append((life_of(days, dismissed), first_on, last_on))
    columns = {
        "first_day": pa.array([first for _, first, _ in told], pa.date32()),
        "last_spoke_on": pa.array([last for _, _, last in told], pa.date32()),
        "stage": pa.array([life.stage for life, _, _ in told], pa.string()),
        "stage_evidence": pa.array([_words(life.evidence) for life, _, _ in told], pa.string()),
        "health": pa.array([life.health for life, _, _ in told], pa.string()),
        "sickness": pa.array([life.sickness for life, _, _ in told], pa.float64()),
        "weeks": pa.array([life.weeks for life, _, _ in told], pa.list_(pa.int64())),
        "grade": pa.array([life.grade for life, _, _ in told], pa.string()),
        "leaders": pa.array([json.dumps(leaders.get(row["group"], [])) for row in rows], pa.string()),
    }
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _words(evidence: tuple[tuple[str, str], ...]) -> str:
    return json.dumps([{"zh": zh, "en": en} for zh, en in evidence], ensure_ascii=False)


def _lives(days: pa.Table, w: Window) -> Iterator[tuple[int, Days, Any, Any]]:
    """(group, its days, the first day, the last day on which anybody spoke) of each group; `days` is sorted."""
    if not days.num_rows:
        return
    group = days["group"].to_numpy()
    day = days["day"].cast(pa.int32()).to_numpy().astype(np.int64)
    ago = np.maximum((w.end - _EPOCH).days - day, 0)
    messages, members = (days[name].to_numpy().astype(np.int64) for name in ("messages", "members"))
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    dates = days["day"]
    for begin, end in zip(starts.tolist(), [*starts[1:].tolist(), len(group)], strict=True):
        spoken = np.flatnonzero(messages[begin:end])
        last = dates[begin + int(spoken[-1])].as_py() if len(spoken) else None
        yield (
            int(group[begin]), Days(ago[begin:end], messages[begin:end], members[begin:end]), dates[begin].as_py(), last,
        )  # fmt: skip


def _leaders(people: pa.Table) -> dict[int, list[dict[str, Any]]]:
    some = people.filter(pc.equal(people["role"], "leader")).select(
        ["group", "person", "pagerank", "core", "replies_received", "messages"]
    )
    by_group: dict[int, list[dict[str, Any]]] = {}
    for row in some.sort_by([("group", "ascending"), ("pagerank", "descending"), ("person", "ascending")]).to_pylist():
        mine = by_group.setdefault(row.pop("group"), [])
        if len(mine) < _LEADERS:
            mine.append(row)
    return by_group


TABLE = ReadingTable("groups", "算社群指标与阶段", "Numbers and stages of groups", of, ("group",))
