"""Segments over 1 M people and 50 M facts: a count of three conditions, a full build, and how soon a fact is seen."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from benchmarks import _world
from benchmarks._world import CORP, END_US, Size
from tiefen.decide.segments import keeping, store
from tiefen.decide.segments.preview import Warm, preview
from tiefen.decide.segments.rule import rule_of
from tiefen.decide.segments.starters import STARTERS
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.ledger import dialect
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import Id, MessagePosted
from tiefen.ledger.flushing import keep_state
from tiefen.ledger.lake import KIND_OF, Lake, months
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import counters, fact_counts
from tiefen.ledger.schema.segments import segment_members

CACHE = Path(".cache/bench")
FULL = Size(people=1_000_000, groups=8_000, messages=42_000_000, orders=4_000_000, visits=3_000_000)
MIDDLE = Size(people=200_000, groups=2_000, messages=4_000_000, orders=500_000, visits=300_000)
THREE: dict[str, Any] = {
    "kind": "all",
    "rules": [
        {"kind": "in_group", "stayed": 30},
        {"kind": "did", "act": "message.posted", "times": 2, "days": 30},
        {"kind": "did_not", "act": "order.paid", "days": 90},
    ],
}
BY_HAND = f"""
SELECT count(*) AS people FROM person WHERE NOT staff
AND person IN (SELECT person FROM stay WHERE left_at IS NULL AND joined_us <= {END_US - 30 * DAY_US})
AND person IN (
    SELECT member FROM message_posted
    WHERE happened_at > make_timestamptz({END_US - 30 * DAY_US}) AND happened_at <= make_timestamptz({END_US})
    AND NOT by_bot AND NOT by_staff GROUP BY member HAVING count(*) >= 2
)
AND person NOT IN (
    SELECT person FROM order_paid WHERE person IS NOT NULL
    AND happened_at > make_timestamptz({END_US - 90 * DAY_US}) AND happened_at <= make_timestamptz({END_US})
)"""
"""The size of `THREE` alone, as one would write it; a preview also tells each condition's and each step's."""
TIMES = 5


def run(quick: bool = False) -> dict[str, Any]:
    """Seconds, on a store and a lake of that size."""
    return measure(_world.SMALL if quick else FULL)


def measure(size: Size) -> dict[str, Any]:
    figures: dict[str, Any] = {"facts": size.facts, "people": size.people, "groups": size.groups}
    home = Path(tempfile.mkdtemp(dir=CACHE if CACHE.is_dir() else None))
    try:
        settings = Settings(data=home)
        with Ledger.open(settings) as ledger:
            _fill(ledger, settings, size)
            return figures | _measured(ledger, settings)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _measured(ledger: Ledger, settings: Settings) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    warm = Warm(settings)
    rule = rule_of(THREE)
    figures["first count, with opening the tables, s"] = _seconds(
        lambda: preview(warm, ledger, CORP, rule, None, END_US)
    )
    found = preview(warm, ledger, CORP, rule, None, END_US)
    figures["people it holds"] = found.size
    anew, by_hand = [], []
    for _ in range(TIMES):
        with warm.scene(ledger, CORP, None, (), END_US + DAY_US):
            pass  # another moment, after which nothing is known of this one
        anew.append(_both(lambda: preview(warm, ledger, CORP, rule, None, END_US)))
        with warm.scene(ledger, CORP, None, (), END_US) as scene:
            by_hand.append(_both(partial(scene.t.raw, BY_HAND)))
            assert scene.t.raw(BY_HAND)["people"].to_pylist() == [found.size]
    for name, some in (("three conditions, warm", anew), ("the same count in SQL by hand", by_hand)):
        for unit, seconds in zip(("s", "CPU s"), zip(*some, strict=True), strict=True):
            figures[f"{name}, {unit} (median)"] = median(seconds)
    again = [_seconds(lambda: preview(warm, ledger, CORP, rule, None, END_US)) for _ in range(TIMES)]
    figures["the same three once more, warm, s (median)"] = median(again)
    other = THREE | {"rules": [*THREE["rules"][:2], {"kind": "did", "act": "page.viewed", "days": 60}]}
    figures["three others for the first time, warm, s"] = _seconds(
        lambda: preview(warm, ledger, CORP, rule_of(other), None, END_US)
    )
    warm.close()
    with ledger.write() as connection:
        segment = store.create(connection, CORP, "three", rule, END_US)
    figures["full build with the snapshot, s"], figures["the same, CPU s"] = _both(lambda: _turns(ledger, settings))
    with ledger.read() as connection:
        built = store.get(connection, CORP, segment.segment_id)
    assert built.size == found.size
    figures["idle turn, ms"] = 1000 * median([_seconds(lambda: _turns(ledger, settings)) for _ in range(TIMES)])
    figures["change after a fact, one segment, s"] = _change(ledger, settings, segment.segment_id, 1)
    with ledger.write() as connection:
        for starter in STARTERS:
            store.create(connection, CORP, starter.key, rule_of(starter.rule), END_US)
    figures[f"full build of {len(STARTERS)} more, s"] = _seconds(lambda: _turns(ledger, settings))
    figures[f"change after a fact, {len(STARTERS) + 1} segments, s"] = _change(ledger, settings, segment.segment_id, 3)
    return figures


def _change(ledger: Ledger, settings: Settings, segment_id: str, times: int) -> float:
    """From the commit of what somebody said (twice, so that it takes them in) until they are a member; the median."""
    taken: list[float] = []
    with ledger.read() as connection:
        members = set(
            connection.scalars(sa.select(segment_members.c.person).where(segment_members.c.segment_id == segment_id))
        )
    stays = ledger.snapshot(CORP).rows["stay"]
    there = stays.filter(pc.and_(pc.is_null(stays["left_at"]), pc.less(stays["joined_at"], _AGO)))
    outside = [p for p in dict.fromkeys(there["member"].to_pylist()) if p not in members and p > 20]
    for n in range(times * 40):
        if len(taken) == times:
            break
        person = outside[n]
        said = [
            MessagePosted(
                happened_us=END_US - m, source_id=f"b{person}-{m}", group="g1", member=Id("user_id", f"p{person}")
            )
            for m in range(2)
        ]
        ledger.append(Batch(CORP, "bench", said))
        seconds = _seconds(lambda: _turns(ledger, settings))
        if _member(ledger, segment_id, person):
            taken.append(seconds)
    return median(taken)


_AGO = pa.scalar(END_US - 31 * DAY_US, pa.int64()).cast(pa.timestamp("us", tz="UTC"))


def _member(ledger: Ledger, segment_id: str, person: int) -> bool:
    asked = segment_members.c.segment_id == segment_id, segment_members.c.person == person
    with ledger.read() as connection:
        return connection.execute(sa.select(segment_members.c.person).where(*asked)).first() is not None


def _turns(ledger: Ledger, settings: Settings) -> None:
    while keeping.turn(ledger, settings, CORP, END_US):
        pass


def _seconds(do: Callable[[], object]) -> float:
    return _both(do)[0]


def _both(do: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock and of the processor."""
    began, used = time.monotonic(), time.process_time()
    do()
    return time.monotonic() - began, time.process_time() - used


def _fill(ledger: Ledger, settings: Settings, size: Size) -> None:
    """The world as a store and a lake would have it, had it come through the door."""
    ledger.ensure_corp(CORP)
    snapshot = _world.make(CACHE, size)
    merged = dict(zip(*(snapshot.rows["merge"][name].to_pylist() for name in ("handle", "person")), strict=True))
    lake, versions = Lake(settings), {}
    for name in KIND_OF:
        for file in snapshot.files.get(name, ()):
            rows = pq.read_table(file)
            month = months(rows["happened_at"].combine_chunks().cast(pa.int64()))
            rows = rows.append_column("month", month)
            versions[name] = lake.append(name, rows, int(rows["seq"][-1].as_py()))
    with ledger.write() as connection:
        people = range(1, size.people + 1)
        dialect.insert_many(
            connection, "people", ("person_id", "corp_id", "attributes", "staff", "created_us", "merged_into"),
            [(n, CORP, "{}", n <= 20, END_US, merged.get(n)) for n in people],
        )  # fmt: skip
        dialect.insert_many(
            connection, "handles", ("handle", "corp_id", "id_type", "id_value", "person_id", "created_us"),
            [(n, CORP, "user_id", f"p{n}", merged.get(n, n), END_US) for n in people],
        )  # fmt: skip
        groups = [(n, CORP, f"g{n}", f"group {n}", "bench") for n in range(1, size.groups + 1)]
        dialect.insert_many(connection, "groups", ("group_id", "corp_id", "outer_id", "name", "platform"), groups)
        stay = snapshot.rows["stay"]
        columns = [
            stay["group"].to_pylist(), stay["member"].to_pylist(),
            *(stay[name].cast(pa.int64()).to_pylist() for name in ("joined_at", "left_at")), stay["left_known"].to_pylist(),
        ]  # fmt: skip
        dialect.insert_many(
            connection, "stays",
            ("corp_id", "group", "member", "joined_us", "left_us", "left_known", "join_known", "via"),
            [(CORP, *row, True, "unknown") for row in zip(*columns, strict=True)],
        )  # fmt: skip
        for counter, used in (("fact", size.facts + 100), ("handle", size.people), ("group", size.groups)):
            connection.execute(sa.update(counters).where(counters.c.name == counter).values(used=used))
        first = END_US - _world.DAYS * DAY_US
        connection.execute(
            sa.insert(fact_counts).values(
                corp_id=CORP, kind="message.posted", facts=size.facts, first_us=first, last_us=END_US
            )
        )
        keep_state(connection, size.facts + 100, versions)
