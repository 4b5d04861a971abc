"""A few goods for each person, with the reason for each: what they buy again, and what is new to them.

Up to `AGAIN` places go to goods they bought that people do buy again, by `Again`; the others to goods they never bought, by EASE, by
iALS where goods are too many for it, or by what sells most where there is too little to learn from. People with the same goods in
their baskets are asked about once. The reason for a new good is the one of their own that most of its buyers share with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tiefen.insight.models.next_product.again import Again, again, together
from tiefen.insight.models.next_product.baskets import Baskets, Floats, Ints, Matrix
from tiefen.insight.models.next_product.ease import FOR_PEOPLE, MOST_ITEMS, PENALTY, ease
from tiefen.insight.models.next_product.ials import ials

OFFERS, AGAIN = 5, 3
LEAST_BUYERS = 5
"""Of a good with fewer buyers nothing is learned."""
LEAST_PEOPLE, LEAST_ITEMS = 30, 5
"""With fewer people or goods to learn from, what sells most is offered."""
REPEATED = 0.1
"""A good is bought again where so many of its buyers did; to those who did themselves it is one in any case."""
LEARNED_FROM = 100_000
"""iALS learns from so many people at most, and places the others by what it learned."""
LEAST_BOTH, LOOKED_THROUGH = 2, 40
"""So many must have bought both for that to be a reason; so many goods of a basket are looked through for one."""
NEIGHBOURS = 30
"""Of a good, where many people are offered something at once."""
_CELLS = 120_000_000
_AT_ONCE = 8_000_000
"""Scores reckoned in all, where there is a choice, and at a time."""

SCHEMA = pa.schema([
    ("person", pa.int64()),           # place
    ("item", pa.int64()),             # place
    ("kind", pa.string()),            # again, new
    ("by", pa.string()),              # frequency, ease, ials, popular
    ("score", pa.float64()),          # comparable within a person and a method only
    ("times", pa.int64()),            # they bought it on so many days
    ("last", pa.int64()),             # and last on this one; null where they never did
    ("because", pa.int64()),          # the good of theirs it goes with; null where it only sells well
    ("both", pa.int64()),             # people who bought both
    ("because_buyers", pa.int64()),   # people who bought that good of theirs
    ("buyers", pa.int64()),           # people who bought this good
    ("again_share", pa.float64()),    # of them, how many bought it again
])  # fmt: skip


def offers(some: Baskets, sold_now: np.ndarray) -> pa.Table:
    """The best first, at most `OFFERS` a person. `sold_now` says of each good whether it is still for sale."""
    if not len(some.person):
        return SCHEMA.empty_table()
    both = together(some.bought())
    parts = [_again(some, again(some, NEIGHBOURS), sold_now), _new(some, both, sold_now)]
    return _best(some, pa.concat_tables(parts))


def _again(some: Baskets, ranked: Again, sold_now: np.ndarray) -> pa.Table:
    buyers, share = some.buyers(), _again_share(some)
    lasting = (share >= REPEATED) & (buyers >= LEAST_BUYERS)
    which = np.flatnonzero((lasting[some.item] | (some.times > 1)) & sold_now[some.item])
    scores = np.empty(len(some.person))
    for begin in range(0, some.people, 200_000):
        part = np.arange(begin, min(begin + 200_000, some.people))
        inside = slice(*np.searchsorted(some.person, [part[0], part[-1] + 1]))
        scores[inside] = ranked.own(part).sorted_indices().data
    kept = which[_first(some.person[which], -scores[which], some.item[which], AGAIN)]
    return _table(
        some, some.person[kept], some.item[kept], "again", "frequency", scores[kept], times=some.times[kept],
        last=some.last[kept],
    )  # fmt: skip


def _again_share(some: Baskets) -> Floats:
    buyers = some.buyers()
    return np.divide(some.again(), buyers, out=np.zeros(some.items), where=buyers > 0)


@dataclass(frozen=True, slots=True)
class _Profiles:
    """Different sets of goods: one row each, and the row of each person."""

    bought: Matrix
    of: Ints


def _profiles(some: Baskets) -> _Profiles:
    marks = np.random.default_rng(11).integers(0, 1 << 63, some.items, dtype=np.uint64)
    starts = np.searchsorted(some.person, np.arange(some.people + 1))
    running = np.concatenate((np.zeros(1, np.uint64), np.cumsum(marks[some.item], dtype=np.uint64)))
    sums = running[starts[1:]] - running[starts[:-1]]
    _, first, of = np.unique(sums, return_index=True, return_inverse=True)
    return _Profiles(some.bought()[first], of)


def _new(some: Baskets, both: Matrix, sold_now: np.ndarray) -> pa.Table:
    profiles, buyers = _profiles(some), some.buyers()
    different = profiles.bought.shape[0]
    most = int(max(200, min(some.items, _CELLS // max(different, 1))))
    wanted = np.flatnonzero(sold_now & (buyers >= LEAST_BUYERS))
    wanted = wanted[np.argsort(-buyers[wanted], kind="stable")][:most]
    by, scores = _learned(some, profiles.bought, wanted)
    rows, items, found = [], [], []
    for part, dense in scores:
        dense[profiles.bought[part][:, wanted].toarray() > 0] = -np.inf
        top = min(OFFERS, len(wanted))
        best = np.argpartition(-dense, top - 1, axis=1)[:, :top]
        value = np.take_along_axis(dense, best, 1)
        fits = np.isfinite(value)
        rows.append(np.repeat(part, fits.sum(axis=1)))
        items.append(wanted[best[fits]])
        found.append(value[fits])
    row, item = (np.concatenate([np.empty(0, np.int64), *one]) for one in (rows, items))
    score = np.concatenate([np.empty(0), *found])
    because, shared = _because(profiles.bought, row, item, both, buyers)
    return _of_people(some, profiles.of, row, item, by, score, because, shared)


def _learned(some: Baskets, profiles: Matrix, wanted: Ints) -> tuple[str, Iterator[tuple[Ints, Floats]]]:
    """How new goods are ranked, and the scores of the wanted ones, some profiles at a time."""
    learned = np.flatnonzero(some.buyers() >= LEAST_BUYERS)
    if not len(wanted) or len(learned) < LEAST_ITEMS or some.people < LEAST_PEOPLE:
        sales = some.buyers()[wanted]
        return "popular", ((part, np.tile(sales, (len(part), 1))) for part in _parts(profiles, wanted))
    known = some.bought()[:, learned]
    place = np.searchsorted(learned, wanted)
    mine = profiles[:, learned]
    if len(learned) <= MOST_ITEMS:
        penalty = PENALTY * max(1.0, (some.people / FOR_PEOPLE) ** 0.5)
        weights = ease(known, penalty)[:, place].astype(np.float32)
        return "ease", (
            (part, np.asarray(mine[part].astype(np.float32) @ weights)) for part in _parts(profiles, wanted)
        )
    model = ials(_few(known))
    goods = model.items[place].T
    return "ials", ((part, model.people(mine[part]) @ goods) for part in _parts(profiles, wanted))


def _few(known: Matrix) -> Matrix:
    step = -(-known.shape[0] // LEARNED_FROM)
    return known[::step]


def _parts(profiles: Matrix, wanted: Ints) -> Iterator[Ints]:
    at_once = max(1, _AT_ONCE // max(len(wanted), 1))
    for begin in range(0, profiles.shape[0], at_once) if len(wanted) else ():
        yield np.arange(begin, min(begin + at_once, profiles.shape[0]))


def _because(bought: Matrix, row: Ints, item: Ints, both: Matrix, buyers: Floats) -> tuple[Ints, Ints]:
    """Of each offer the good in the basket whose buyers bought it more than others did, and how many bought both; −1 for none."""
    because, shared = np.full(len(row), -1, np.int64), np.zeros(len(row), np.int64)
    most, sizes = np.zeros(len(row)), np.diff(bought.indptr)[row]
    for place in range(int(min(sizes.max(initial=0), LOOKED_THROUGH))):
        which = np.flatnonzero(sizes > place)
        mine = bought.indices[bought.indptr[row[which]] + place].astype(np.int64)
        count = np.asarray(both[mine, item[which]]).ravel()
        share = count / np.maximum(buyers[mine], 1)
        better = (count >= LEAST_BOTH) & (share > most[which])
        found = which[better]
        because[found], shared[found], most[found] = mine[better], count[better], share[better]
    return because, shared


def _of_people(
    some: Baskets, of: Ints, row: Ints, item: Ints, by: str, score: Floats, because: Ints, shared: Ints
) -> pa.Table:  # fmt: skip
    """The offers of each profile for everybody who has it."""
    order = np.lexsort((-score, row))
    row, item, because, shared = (one[order] for one in (row, item, because, shared))
    score = score[order]
    starts = np.searchsorted(row, np.arange(len(of) and int(of.max()) + 2))
    sizes = np.diff(starts)[of]
    person = np.repeat(np.arange(some.people), sizes)
    inside = np.arange(len(person)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    taken = np.repeat(starts[of], sizes) + inside
    return _table(
        some, person, item[taken], "new", by, score[taken], because=because[taken], shared=shared[taken]
    )  # fmt: skip


def _table(
    some: Baskets, person: Ints, item: Ints, kind: str, by: str, score: Floats, *, times: Floats | None = None,
    last: Ints | None = None, because: Ints | None = None, shared: Ints | None = None,
) -> pa.Table:  # fmt: skip
    n, buyers, share = len(person), some.buyers(), _again_share(some)
    nothing = pa.nulls(n, pa.int64())
    none = np.zeros(n, bool) if because is None else because < 0
    return pa.Table.from_arrays(
        [
            pa.array(person.astype(np.int64)), pa.array(item.astype(np.int64)), pa.repeat(pa.scalar(kind), n),
            pa.repeat(pa.scalar(by), n), pa.array(score.astype(np.float64)),
            pa.array(np.zeros(n, np.int64) if times is None else times.astype(np.int64)),
            nothing if last is None else pa.array(last),
            nothing if because is None else pa.array(because, mask=none),
            nothing if shared is None else pa.array(shared, mask=none),
            nothing if because is None else pa.array(buyers[because].astype(np.int64), mask=none),
            pa.array(buyers[item].astype(np.int64)), pa.array(share[item]),
        ],
        schema=SCHEMA,
    )  # fmt: skip


def _first(group: Ints, value: Floats, tie: Ints, most: int) -> Ints:
    """The places of the `most` smallest values of each group."""
    order = np.lexsort((tie, value, group))
    ordered = group[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(order) else np.empty(0, np.int64)
    place = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    return order[place < most]


def _best(some: Baskets, table: pa.Table) -> pa.Table:
    """What they buy again before what is new, each by score."""
    person, item = table["person"].to_numpy(), table["item"].to_numpy()
    new = np.arange(table.num_rows) >= int((np.asarray(table["kind"]) == "again").sum())
    order = np.lexsort((item, -table["score"].to_numpy(), new, person))
    kept = order[_first(person[order], np.arange(len(order)).astype(np.float64), item[order], OFFERS)]
    return table.take(kept)
