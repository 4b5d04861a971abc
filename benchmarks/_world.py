"""A large world for measurements, made of random numbers: its facts go straight into the lake's own layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tiefen.kit.clock import DAY_US, to_us
from tiefen.ledger.lake import KIND_OF, WORDS, schema_of
from tiefen.ledger.snapshot import OFFER, Snapshot

CORP = "large"
END_US = to_us(datetime(2026, 6, 30, 4, tzinfo=UTC))
DAYS = 360
_INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Size:
    """How large a world is."""

    people: int
    groups: int
    messages: int
    orders: int
    visits: int
    sources: int = 50

    @property
    def facts(self) -> int:
        return self.messages + self.orders + self.visits + self.people + self.sources * DAYS


LARGE = Size(people=200_000, groups=2_000, messages=18_000_000, orders=1_000_000, visits=800_000)
SMALL = Size(people=2_000, groups=40, messages=150_000, orders=10_000, visits=8_000)


def make(folder: Path, size: Size) -> Snapshot:
    """The world of that size, made anew or taken from the folder where it was made before."""
    home = folder / f"world-{size.facts}"
    rows = _rows(size)
    if not (home / "made").exists():
        home.mkdir(parents=True, exist_ok=True)
        _write(home, size, rows["stay"])
        (home / "made").touch()
    files = {name: sorted(str(path) for path in (home / name).glob("*.parquet")) for name in (*KIND_OF, WORDS)}
    tail = {name: schema_of(name).empty_table() for name in (*KIND_OF, WORDS)}
    return Snapshot(
        CORP, size.facts, END_US, "Asia/Shanghai", "CNY", END_US - DAYS * DAY_US, END_US, files, tail, rows, END_US
    )


def _sizes(size: Size, lots: np.random.Generator) -> np.ndarray:
    """Members of each group: between 20 and 500, as in WeCom."""
    return np.clip(lots.lognormal(5.3, 0.6, size.groups), 20, 500).astype(np.int64)


def _rows(size: Size) -> dict[str, pa.Table]:
    lots = np.random.default_rng(1)
    members = _sizes(size, lots)
    total = int(members.sum())
    group = np.repeat(np.arange(1, size.groups + 1), members)
    person = lots.integers(1, size.people + 1, total)
    joined = END_US - (lots.random(total) * DAYS * DAY_US).astype(np.int64)
    left = joined + (lots.exponential(200, total) * DAY_US).astype(np.int64)
    gone = left < END_US
    invited = lots.integers(1, size.people + 1, total)
    stay = {
        "stay_id": np.arange(total), "group": group, "member": person,
        "joined_at": pa.array(joined).cast(_INSTANT), "left_at": pa.array(left, mask=~gone).cast(_INSTANT),
        "join_known": np.ones(total, bool), "left_known": gone,
        "via": pa.array(["unknown"] * total), "how": pa.nulls(total, pa.string()),
        "invited_by": pa.array(invited, mask=lots.random(total) > 0.2),
    }  # fmt: skip
    merged = lots.choice(np.arange(1, size.people + 1), size.people // 20, replace=False)
    half = len(merged) // 2
    whole = np.setdiff1d(np.arange(1, size.people + 1), merged[:half])
    return {
        "stay": pa.table(stay),
        "merge": pa.table({"handle": merged[:half], "person": merged[half : 2 * half]}),
        "person": pa.table({"person": whole, "staff": whole <= 20}),
        "group": pa.table(
            {
                "group": np.arange(1, size.groups + 1), "created_at": pa.nulls(size.groups, _INSTANT),
                "dismissed_at": pa.nulls(size.groups, _INSTANT),
            }
        ),
        "source": pa.table(
            {"source": np.arange(1, size.sources + 1), "name": [f"source {n}" for n in range(1, size.sources + 1)]}
        ),
        "offer": OFFER.empty_table(),
        "advert_mark": pa.table(
            {"message": pa.array([], pa.string()), "advert": pa.array([], pa.bool_()), "talk": pa.array([], pa.string())}
        ),
    }  # fmt: skip


def day_after(snapshot: Snapshot, size: Size) -> Snapshot:
    """The same world a day later: what came since is not in the lake yet."""
    since = _Making(size, snapshot.rows["stay"], seed=3).days(END_US, 1, size.facts + 1_000)
    tail = {**snapshot.tail, **dict(since)}
    return replace(snapshot, tail=tail, taken_us=END_US + DAY_US, last_us=END_US + DAY_US, latest_us=END_US + DAY_US)


class _Making:
    """Draws what happens on some days."""

    def __init__(self, size: Size, stay: pa.Table, seed: int) -> None:
        self._size, self._lots = size, np.random.default_rng(seed)
        self._group, self._person = stay["group"].to_numpy(), stay["member"].to_numpy()
        self._first = np.searchsorted(self._group, np.arange(1, size.groups + 2))
        liveliness = np.random.default_rng(2).lognormal(0, 1.2, len(self._group))
        self._chance = np.cumsum(liveliness) / liveliness.sum()

    def days(self, begins_us: int, days: int, seq: int) -> Iterator[tuple[str, pa.Table]]:
        """Each table of facts with its rows, numbered from `seq` on."""
        size, lots = self._size, self._lots

        def count(whole: int) -> int:
            return whole * days // DAYS

        def moments(n: int) -> np.ndarray:
            return np.sort(begins_us + (lots.random(n) * days * DAY_US).astype(np.int64))

        n = count(size.messages)
        yield "message_posted", self._messages(n, seq, moments(n))
        seq += n
        n = count(size.orders)
        orders = {
            "person": np.minimum(lots.zipf(1.3, n), size.people), "order": pa.array([f"o{seq + i}" for i in range(n)]),
            "amount_fen": lots.integers(500, 50_000, n),
        }  # fmt: skip
        yield "order_paid", _rows_of("order_paid", seq, moments(n), orders)
        seq += n
        n = count(size.visits)
        visits = {"person": lots.integers(1, size.people, n), "page": pa.array(["/"] * n)}
        yield "page_viewed", _rows_of("page_viewed", seq, moments(n), visits)
        seq += n
        n = count(size.people)
        contacts = {
            "person": lots.integers(21, size.people, n), "staff": lots.integers(1, 20, n),
            "source": lots.integers(1, size.sources + 1, n),
        }  # fmt: skip
        yield "contact_added", _rows_of("contact_added", seq, moments(n), contacts)
        seq += n
        n = size.sources * days
        costs = {"source": lots.integers(1, size.sources + 1, n), "amount_fen": lots.integers(1_000, 100_000, n)}
        yield "cost_spent", _rows_of("cost_spent", seq, moments(n), costs)

    def _messages(self, n: int, seq: int, at: np.ndarray) -> pa.Table:
        lots = self._lots
        place = np.searchsorted(self._chance, lots.random(n))
        order = np.lexsort((at, self._group[place]))  # a month of the lake is sorted by group
        where, who = self._group[place][order], self._person[place][order]

        def someone() -> np.ndarray:
            start = self._first[where - 1]
            return self._person[start + (lots.random(n) * (self._first[where] - start)).astype(np.int64)]

        named = lots.random(n) < 0.05
        values, at_index = someone()[named], np.r_[0, np.cumsum(named)]
        return _rows_of(
            "message_posted", seq, at[order],
            {
                "group": where, "member": who, "message_kind": pa.array(["text"] * n),
                "reply_to": pa.array(someone(), mask=lots.random(n) > 0.3),
                "mentions": pa.ListArray.from_arrays(at_index.astype(np.int32), pa.array(values)),
                "length": lots.integers(1, 80, n), "is_question": lots.random(n) < 0.15, "has_link": lots.random(n) < 0.03,
                "text_hash": lots.integers(0, 2**40, n), "advert_score": lots.random(n) ** 6,
                "by_bot": np.zeros(n, bool), "by_staff": np.zeros(n, bool),
            },
        )  # fmt: skip


def _write(home: Path, size: Size, stay: pa.Table) -> None:
    making, days, seq = _Making(size, stay, seed=2), DAYS // 12, 1
    for month in range(12):
        for name, rows in making.days(END_US - (DAYS - month * days) * DAY_US, days, seq):
            (home / name).mkdir(exist_ok=True)
            file = home / name / f"{month:02}.parquet"
            pq.write_table(rows, file, compression="zstd", row_group_size=200_000)
            seq += rows.num_rows


def _rows_of(name: str, seq: int, at: np.ndarray, body: Mapping[str, object]) -> pa.Table:
    n = len(at)
    given = {
        "seq": np.arange(seq, seq + n), "corp_id": pa.array([CORP]).take(pa.array(np.zeros(n, np.int64))),
        "happened_at": pa.array(at).cast(_INSTANT), "source_id": pa.array(np.arange(seq, seq + n)).cast(pa.string()),
        "origin": pa.array(["bench"]).take(pa.array(np.zeros(n, np.int64))), **body,
    }  # fmt: skip
    schema = pa.schema([field for field in schema_of(name) if field.name != "month"])
    columns = [pa.array(given[f.name]).cast(f.type) if f.name in given else pa.nulls(n, f.type) for f in schema]
    return pa.Table.from_arrays(columns, schema=schema)
