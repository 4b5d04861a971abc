"""A large world for measurements, made of random numbers: its facts go straight into the lake's own layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


def _write(home: Path, size: Size, stay: pa.Table) -> None:
    lots = np.random.default_rng(2)
    group, person = stay["group"].to_numpy(), stay["member"].to_numpy()
    first = np.searchsorted(group, np.arange(1, size.groups + 2))
    liveliness = lots.lognormal(0, 1.2, len(group))
    chance = np.cumsum(liveliness) / liveliness.sum()
    seq, months = 1, 12
    for month in range(months):
        n = size.messages // months
        place = np.sort(np.searchsorted(chance, lots.random(n)))
        where = group[place]
        begins = END_US - (DAYS - month * DAYS // months) * DAY_US
        at = begins + (lots.random(n) * DAYS / months * DAY_US).astype(np.int64)
        order = np.lexsort((at, where))
        where, who, at = where[order], person[place][order], at[order]

        def someone(where: np.ndarray = where) -> np.ndarray:
            start = first[where - 1]
            return person[start + (lots.random(len(where)) * (first[where] - start)).astype(np.int64)]

        named = lots.random(n) < 0.05
        values, at_index = someone()[named], np.r_[0, np.cumsum(named)]
        _put(
            home, "message_posted", month, seq, at,
            {
                "group": where, "member": who, "message_kind": pa.array(["text"] * n),
                "reply_to": pa.array(someone(), mask=lots.random(n) > 0.3),
                "mentions": pa.ListArray.from_arrays(at_index.astype(np.int32), pa.array(values)),
                "length": lots.integers(1, 80, n), "is_question": lots.random(n) < 0.15, "has_link": lots.random(n) < 0.03,
                "text_hash": lots.integers(0, 2**40, n), "advert_score": lots.random(n) ** 6,
                "by_bot": np.zeros(n, bool), "by_staff": np.zeros(n, bool),
            },
        )  # fmt: skip
        seq += n
        seq = _rest(home, size, month, months, seq, begins, lots)


def _rest(
    home: Path, size: Size, month: int, months: int, seq: int, begins: int, lots: np.random.Generator
) -> int:  # fmt: skip
    def moments(n: int) -> np.ndarray:
        return np.sort(begins + (lots.random(n) * DAYS / months * DAY_US).astype(np.int64))

    n = size.orders // months
    _put(
        home, "order_paid", month, seq, moments(n),
        {
            "person": np.minimum(lots.zipf(1.3, n), size.people), "order": pa.array([f"o{seq + i}" for i in range(n)]),
            "amount_fen": lots.integers(500, 50_000, n),
        },
    )  # fmt: skip
    seq += n
    n = size.visits // months
    _put(
        home,
        "page_viewed",
        month,
        seq,
        moments(n),
        {"person": lots.integers(1, size.people, n), "page": pa.array(["/"] * n)},
    )
    seq += n
    n = size.people // months
    some = {
        "person": lots.integers(21, size.people, n),
        "staff": lots.integers(1, 20, n),
        "source": lots.integers(1, size.sources + 1, n),
    }
    _put(home, "contact_added", month, seq, moments(n), some)
    seq += n
    n = size.sources * DAYS // months
    _put(
        home, "cost_spent", month, seq, moments(n),
        {"source": lots.integers(1, size.sources + 1, n), "amount_fen": lots.integers(1_000, 100_000, n)},
    )  # fmt: skip
    return seq + n


def _put(home: Path, name: str, month: int, seq: int, at: np.ndarray, body: Mapping[str, object]) -> None:
    n = len(at)
    given = {
        "seq": np.arange(seq, seq + n), "corp_id": pa.array([CORP]).take(pa.array(np.zeros(n, np.int64))),
        "happened_at": pa.array(at).cast(_INSTANT), "source_id": pa.array(np.arange(seq, seq + n)).cast(pa.string()),
        "origin": pa.array(["bench"]).take(pa.array(np.zeros(n, np.int64))), **body,
    }  # fmt: skip
    schema = pa.schema([field for field in schema_of(name) if field.name != "month"])
    columns = [pa.array(given[f.name]).cast(f.type) if f.name in given else pa.nulls(n, f.type) for f in schema]
    (home / name).mkdir(exist_ok=True)
    pq.write_table(
        pa.Table.from_arrays(columns, schema=schema), home / name / f"{month:02}.parquet", compression="zstd",
        row_group_size=200_000,
    )  # fmt: skip
