"""A kernel is a plain function over the rows of one or more whole groups, and is mapped over all of them on all cores.

    kernel.of(batch: pa.Table with kernel.takes) -> pa.Table with kernel.gives

The rows of a group are never divided between batches, come sorted by `kernel.order`, and what is told of a group depends on
its rows alone: neither on the batch they came in nor on the groups before. So any engine can map a kernel that can hand out
rows by a key: `mapped` does it with a process for each core where there is enough to do, Spark with
`groupBy("group").applyInArrow`. Both take a `Kernel` for what it is, a function from rows to rows:
`t.mapped("circles", edges, CIRCLES, CIRCLES.gives)`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tiefen.insight.kernels.apart import asked_apart

PARTITION = "group"
_BATCH_ROWS = 40_000
_APART_ROWS = 400_000
"""Of fewer, a process would hardly have begun when this one was done."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """What a kernel takes and gives; `PARTITION` is a column of both."""

    takes: pa.Schema
    gives: pa.Schema
    of: Callable[[pa.Table], pa.Table]
    """A function of a module, so that another process finds it."""
    order: tuple[str, ...] = ()
    """Within a group, rows are sorted by these columns."""

    def __call__(self, rows: pa.Table) -> pa.Table:
        """What it says of all the groups of `rows`, with all cores."""
        return mapped(self, rows)


def mapped(kernel: Kernel, rows: pa.Table, workers: int | None = None) -> pa.Table:
    """What the kernel says of all groups of `rows`, sorted by group; worked out by so many processes beside this one."""
    given = rows.select(kernel.takes.names).cast(kernel.takes)
    given = given.sort_by([(name, "ascending") for name in (PARTITION, *kernel.order)])
    batches = list(batches_of(given))
    if workers is None:
        workers = (os.cpu_count() or 1) if given.num_rows >= _APART_ROWS else 1
    workers = min(len(batches), workers)
    found = asked_apart(kernel.of, batches, workers) if workers > 1 else [kernel.of(batch) for batch in batches]
    return pa.concat_tables([kernel.gives.empty_table(), *(one.cast(kernel.gives) for one in found)])


def batches_of(rows: pa.Table, size: int = _BATCH_ROWS) -> Iterator[pa.Table]:
    """Whole groups in portions of about `size` rows; a larger group is a portion of its own. `rows` is sorted by group."""
    if not rows.num_rows:
        return
    starts = _starts(rows[PARTITION].to_numpy())
    ends = np.r_[starts[1:], rows.num_rows]
    begin = 0
    for end, following in zip(ends.tolist(), [*ends[1:].tolist(), None], strict=True):
        if following is None or following - begin > size:
            yield rows.slice(begin, end - begin)
            begin = end


def groups_of(batch: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """Each group of a batch, with its rows."""
    if not batch.num_rows:
        return
    group = batch[PARTITION].to_numpy()
    starts = _starts(group)
    for begin, end in zip(starts.tolist(), [*starts[1:].tolist(), len(group)], strict=True):
        yield int(group[begin]), batch.slice(begin, end - begin)


def gathered(gives: pa.Schema, found: list[dict[str, object]]) -> pa.Table:
    """One table of what was found of each group: columns by name, `PARTITION` a plain number."""
    if not found:
        return gives.empty_table()
    tables = []
    for one in found:
        length = next(len(values) for name, values in one.items() if name != PARTITION)  # type: ignore[arg-type]
        group = np.full(length, one[PARTITION], np.int64)
        tables.append(pa.table({**one, PARTITION: group}).select(gives.names).cast(gives))
    return pa.concat_tables(tables)


def _starts(group: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
