"""The whole catalogue at 2, 20 and 50 M facts: time, memory, growth; a dozen metrics by hand; funnel and retention in ClickHouse.

`TIEFEN_BENCH_MILLIONS=2,20,50,200` chooses the sizes (each is made once and kept in `.cache/bench`; 200 M take about 6 GB);
`TIEFEN_BENCH_SPARK=200` asks the dozen over 200 M of a Spark cluster on this machine and of DuckDB (`uv sync --inexact --group cluster`).
ClickHouse is `chdb`, in this process: `uv sync --inexact --group bench`.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import _world
from benchmarks._questions import by_hand
from tiefen.insight.catalogue import BY_KEY
from tiefen.insight.engine import opened
from tiefen.insight.metric import Per
from tiefen.insight.metrics.persons import base
from tiefen.insight.questions.acts import Act
from tiefen.insight.questions.cohorts import Cohorts
from tiefen.insight.questions.funnels import Funnel
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US, day_of, from_us, start_of
from tiefen.kit.settings import Settings
from tiefen.ledger.snapshot import Snapshot

CACHE = Path(".cache/bench").resolve()
MEMORY_MB = 4_096
SIZES = {
    2: _world.Size(people=30_000, groups=200, messages=1_800_000, orders=100_000, visits=52_000),
    20: _world.Size(people=300_000, groups=2_000, messages=18_000_000, orders=1_000_000, visits=682_000),
    50: _world.Size(people=1_000_000, groups=5_000, messages=45_000_000, orders=2_500_000, visits=1_482_000),
    200: _world.Size(people=3_000_000, groups=20_000, messages=180_000_000, orders=10_000_000, visits=6_982_000),
}
"""By millions of facts."""
DOZEN: tuple[tuple[Per, str], ...] = (
    ("group", "active_30d"), ("group", "messages"), ("group", "first_reply_time"), ("group", "strangers"),
    ("group", "questions_answered"), ("group", "participation_gini"), ("group", "reciprocity"), ("person", "money"),
    ("person", "influence"), ("person", "silent_days"), ("person", "active_days_90d"), ("source", "revenue_90d"),
)  # fmt: skip
FUNNEL = Funnel((Act("contact.added"), Act("message.posted"), Act("order.paid")))
COHORTS = Cohorts(Act("contact.added"), Act("message.posted"))
_COMPARED = 20
TWICE = 50
"""Up to so many million facts, everything is read again, and once more a day later."""
_ALONE = """
import json, resource, sys, time
from pathlib import Path
from benchmarks import _world, catalogue
from tiefen.insight.reading import read_everything
from tiefen.kit.settings import Settings
snapshot = _world.make(catalogue.CACHE, catalogue.SIZES[int(sys.argv[1])])
settings = Settings(data=Path(sys.argv[2]), lake_memory_mb=catalogue.MEMORY_MB)
def used():
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
steps, began, cpu = {}, time.monotonic(), used()
read_everything(snapshot, settings, lambda done, zh, en: steps.setdefault(en, time.monotonic() - began))
whole = {"seconds": time.monotonic() - began, "cpu": used() - cpu, "steps": steps,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
if int(sys.argv[1]) <= catalogue.TWICE:
    again = time.monotonic()
    read_everything(snapshot, settings)
    whole["again"] = time.monotonic() - again
    later = _world.day_after(snapshot, catalogue.SIZES[int(sys.argv[1])])
    after, steps = time.monotonic(), {}
    read_everything(later, settings, lambda done, zh, en: steps.setdefault(en, time.monotonic() - after))
    whole |= {"day": time.monotonic() - after, "day_steps": steps}
print(json.dumps(whole))
"""


def run(quick: bool = False) -> dict[str, Any]:
    """Each size in a process of its own; then what is compared, at the largest of up to 20 M."""
    sizes = [2] if quick else [int(one) for one in os.environ.get("TIEFEN_BENCH_MILLIONS", "2,20,50").split(",")]
    figures: dict[str, Any] = {}
    seconds: dict[int, float] = {}
    for millions in sizes:
        found = _whole(millions)
        print(f"  {millions} M: {json.dumps(found)}", file=sys.stderr, flush=True)  # what comes after takes long
        seconds[millions] = found["cpu"]
        figures[f"{millions} M: seconds"], figures[f"{millions} M: of a core"] = found["seconds"], found["cpu"]
        figures[f"{millions} M: most memory, MB"] = found["peak_mb"]
        if "day" in found:
            figures[f"{millions} M: again, nothing new"] = found["again"]
            figures[f"{millions} M: the day after"] = found["day"]
        steps = [*found["steps"].items(), ("", found["seconds"])]
        for (name, at), (_, then) in itertools.pairwise(steps):
            if then - at >= 0.02 * found["seconds"]:
                figures[f"  {millions} M: {name}"] = then - at
    for less, more in itertools.pairwise(sorted(seconds)):
        figures[f"growth {less} → {more} M: exponent"] = math.log(seconds[more] / seconds[less]) / math.log(more / less)
    compared = max((size for size in sizes if size <= _COMPARED), default=sizes[0])
    snapshot = _world.make(CACHE, SIZES[compared])
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(data=Path(data), lake_memory_mb=MEMORY_MB)
        figures |= _by_hand(snapshot, settings)
        figures |= _clickhouse(snapshot, settings, Path(data))
    if on_spark := os.environ.get("TIEFEN_BENCH_SPARK"):
        figures |= _spark(int(on_spark))
    return figures


def _whole(millions: int) -> dict[str, Any]:
    _world.make(CACHE, SIZES[millions])
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-c", _ALONE, str(millions), data]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{"))))


def _by_hand(snapshot: Snapshot, settings: Settings) -> dict[str, Any]:
    window = _window(snapshot)
    start, end = (from_us(start_of(day, snapshot.time_zone)) for day in (window.start, window.after()))
    figures: dict[str, Any] = {}
    for per, key in DOZEN:
        metric, ours, theirs = BY_KEY[per, key], [], []
        for _ in range(3):
            with opened(snapshot, settings) as t:
                sql = by_hand(per, key, start=start, end=end, as_of=from_us(t.end_us(window)))
                began = time.monotonic()
                t.arrow(metric.of(t, window))
                ours.append(time.monotonic() - began)
                began = time.monotonic()
                t.raw(sql)
                theirs.append(time.monotonic() - began)
        figures[f"  {per} {key}: ours s / by hand s / ratio"] = _ratio(min(ours), min(theirs))
    return figures


def _clickhouse(snapshot: Snapshot, settings: Settings, folder: Path) -> dict[str, Any]:
    """Our funnel and cohorts beside ClickHouse's, over the same files; an answer that differs is an error."""
    if importlib.util.find_spec("chdb") is None:
        return {"funnel, retention": "not compared: chdb is not here"}
    import chdb

    figures: dict[str, Any] = {}
    window = _window(snapshot)
    with opened(snapshot, settings) as t:
        people = t.arrow(base.counted(t, window))
    asked: dict[str, tuple[Funnel | Cohorts, Callable[[Snapshot, Path, Window], str]]] = {
        "funnel": (FUNNEL, _funnel),
        "retention": (COHORTS, _retention),
    }
    pq.write_table(people, folder / "counted.parquet")
    pq.write_table(snapshot.rows["merge"], folder / "merge.parquet")
    for name, (question, sql_of) in asked.items():
        ours, theirs, mine, other = [], [], pa.table({}), []
        sql = sql_of(snapshot, folder, window)
        for _ in range(3):
            with opened(snapshot, settings) as t:
                t.kept("counted_people", lambda: t.given("counted", people))  # both are told whom to count
                began = time.monotonic()
                mine = t.arrow(question.of(t, window))
                ours.append(time.monotonic() - began)
            began = time.monotonic()
            other = [json.loads(line) for line in str(chdb.query(sql, "JSONCompactEachRow")).splitlines()]
            theirs.append(time.monotonic() - began)
        if not _alike(name, mine, other):
            raise AssertionError(f"{name}: {mine.to_pylist()[:5]} and {other[:5]}")
        figures[f"  {name}: ours s / ClickHouse s / ratio"] = _ratio(min(ours), min(theirs))
    return figures


def _alike(name: str, mine: pa.Table, other: list[list[Any]]) -> bool:
    if name == "funnel":
        return [row["people"] for row in mine.sort_by("step").to_pylist()] == [int(count) for _, count in sorted(other)]
    ours = {(str(row["cohort"]), row["period"]): row["part"] for row in mine.to_pylist() if row["part"]}
    return ours == {(cohort, int(period)): int(part) for cohort, period, part in other}


def _acts(snapshot: Snapshot, folder: Path, table: str, who: str, only: str = "1") -> str:
    paths = [Path(file).resolve() for file in snapshot.files[table]]
    files = f"{paths[0].parent}/{{{','.join(path.name for path in paths)}}}"  # braces may not hold a slash there
    return f"""SELECT if(m.handle != 0, m.person, f.who) AS person, us FROM (
            SELECT assumeNotNull({who}) AS who, toUnixTimestamp64Micro(happened_at) AS us FROM file('{files}', Parquet)
            WHERE {who} IS NOT NULL AND {only}) AS f
        LEFT JOIN (SELECT assumeNotNull(handle) AS handle, assumeNotNull(person) AS person FROM file('{folder}/merge.parquet')) AS m
        ON m.handle = f.who
        WHERE person IN (SELECT person FROM file('{folder}/counted.parquet'))"""


def _funnel(snapshot: Snapshot, folder: Path, window: Window) -> str:
    steps = (
        _acts(snapshot, folder, "contact_added", "person"),
        _acts(snapshot, folder, "message_posted", "member", "NOT by_bot AND NOT by_staff"),
        _acts(snapshot, folder, "order_paid", "person"),
    )
    events = " UNION ALL ".join(f"SELECT person, us, {n} AS step FROM ({sql})" for n, sql in enumerate(steps, 1))
    return f"""SELECT s.number + 1 AS step, countIf(level > s.number) FROM (
            SELECT person, windowFunnel({FUNNEL.window_us}, 'strict_increase')(toUInt64(us), step = 1, step = 2, step = 3) AS level
            FROM ({events}) GROUP BY person) AS levels CROSS JOIN numbers(3) AS s GROUP BY step"""


def _retention(snapshot: Snapshot, folder: Path, window: Window) -> str:
    shift = (start_of(window.start, "UTC") - start_of(window.start, snapshot.time_zone)) // 1_000_000
    day = f"toInt64(intDiv(us + {shift} * 1000000, {DAY_US}))"
    last = start_of(window.end, "UTC") // DAY_US
    began = _acts(snapshot, folder, "contact_added", "person")
    back = _acts(snapshot, folder, "message_posted", "member", "NOT by_bot AND NOT by_staff")
    return f"""SELECT toString(toMonday(toDate32(on))) AS cohort, period, uniqExact(person) FROM (
            SELECT b.person AS person, b.on AS on, intDiv(s.day - b.on, 7) AS period FROM (
                SELECT person, max(us) AS last_us, {day} AS day FROM ({back}) GROUP BY person, day) AS s
            JOIN (SELECT person, min(us) AS first_us, min({day}) AS on FROM ({began}) GROUP BY person) AS b ON s.person = b.person
            WHERE s.last_us > b.first_us AND period < {COHORTS.periods} AND period < intDiv({last} - b.on + 1, 7))
        GROUP BY cohort, period"""


def _spark(millions: int) -> dict[str, Any]:
    """The dozen of DuckDB, and of a master, two workers of one core and a Connect server, each a process of its own."""
    from tests.cluster.spark_cluster import LARGE, spark_cluster

    snapshot = _world.make(CACHE, SIZES[millions])
    window = _window(snapshot)
    figures: dict[str, Any] = {}

    def asked(settings: Settings) -> list[float]:
        seconds = []
        with opened(snapshot, settings, keeping=True) as t:
            for per, key in DOZEN:
                began = time.monotonic()
                t.arrow(BY_KEY[per, key].of(t, window))
                seconds.append(time.monotonic() - began)
                print(f"  {per} {key}: {settings.engine} {seconds[-1]:.1f} s", file=sys.stderr, flush=True)
        return seconds

    with tempfile.TemporaryDirectory() as data:
        settings = Settings(data=Path(data), lake_memory_mb=MEMORY_MB)
        here = asked(settings)
        with spark_cluster(Path(data) / "spark", LARGE) as url:
            there = asked(settings.model_copy(update={"engine": "spark", "spark_url": url}))
            held = sum(_peak_mb(one) for one in psutil.Process().children(recursive=True))
    for (per, key), ours, theirs in zip(DOZEN, here, there, strict=True):
        figures[f"  {millions} M: {per} {key}: on Spark s / DuckDB s / ratio"] = _ratio(theirs, ours)
    figures[f"  {millions} M: the dozen: on Spark s / DuckDB s / ratio"] = _ratio(sum(there), sum(here))
    figures[f"  {millions} M: most memory of the cluster's processes, MB"] = held
    return figures


def _peak_mb(process: psutil.Process) -> float:
    """The most it ever held; 0 for one that has ended and was not waited for."""
    with Path(f"/proc/{process.pid}/status").open() as status:
        return sum(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def _window(snapshot: Snapshot) -> Window:
    return Window.ending(day_of(snapshot.taken_us, snapshot.time_zone))


def _ratio(ours: float, theirs: float) -> str:
    return f"{ours:.2f} / {theirs:.2f} / {ours / theirs:.2f}"
