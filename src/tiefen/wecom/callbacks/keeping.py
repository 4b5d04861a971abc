"""Keeping callbacks: those that wait together are committed together, and each is answered only after that."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection as Rows

from tiefen.kit.clock import day_of, now_us
from tiefen.ledger import dialect
from tiefen.ledger.errors import LedgerClosed
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.connections import NotConnected
from tiefen.wecom.events import Event

log = structlog.get_logger()

MOST_WAITING = 10_000
"""More than this waiting for the disk, and WeCom is asked to come back."""
_TOGETHER = 500
_COUNTED_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that came in, opened. Where none could be read in it, `reason` says why."""

    corp_id: str
    key: str
    raw: str
    received_us: int
    event: Event | None
    reason: str | None = None
    welcome: bool = False
    """Whether somebody is to answer it at once."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    arrival: Arrival
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[None]


class Keeper:
    """The thread that writes callbacks. `kept` is called after a commit with what came for the first time."""

    def __init__(self, ledger: Ledger, kept: Callable[[Sequence[Arrival]], None]) -> None:
        self._ledger, self._kept = ledger, kept
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], int] = defaultdict(int)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="tiefen-callbacks", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many callbacks wait for the disk."""
        return self._queue.qsize()

    async def keep(self, arrival: Arrival) -> None:
        """Keep it; returns after the commit is on disk."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[None] = loop.create_future()
        with self._lock:
            if self._closed:
                raise LedgerClosed
            self._queue.put(_Waiting(arrival, loop, answer))
        await answer

    def count(self, corp_id: str, what: str) -> None:
        """Count something that is not kept; written within a second or with the next commit."""
        with self._lock:
            self._counts[corp_id, what] += 1

    def close(self) -> None:
        """Write what was handed in, then stop."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        last = False
        while not last:
            together: list[_Waiting] = []
            try:
                one = self._queue.get(timeout=_COUNTED_EVERY)
                while one is not None and len(together) < _TOGETHER - 1:
                    together.append(one)
                    one = self._queue.get_nowait()
                if one is None:
                    last = True
                else:
                    together.append(one)
            except queue.Empty:
                pass
            if together or self._counts:
                self._write(together)

    def _write(self, together: list[_Waiting]) -> None:
        counts = self._take_counts()
        try:
            new = self._commit([one.arrival for one in together], counts)
        except Exception as error:
            self._give_back(counts)
            log.warning("callbacks could not be written down", callbacks=len(together), error=str(error))
            if len(together) <= 1 or isinstance(error, sa.exc.OperationalError):
                _answer([(one, error) for one in together])
                return
            # One of them cannot be kept. Each gets a transaction of its own, so that its neighbours can.
            for one in together:
                self._write([one])
            return
        self._kept([one.arrival for one, is_new in zip(together, new, strict=True) if is_new])
        _answer(
            [
                (one, NotConnected(one.arrival.corp_id) if is_new is None else None)
                for one, is_new in zip(together, new, strict=True)
            ]
        )

    def _take_counts(self) -> dict[tuple[str, str], int]:
        with self._lock:
            counts, self._counts = self._counts, defaultdict(int)
        return counts

    def _give_back(self, counts: dict[tuple[str, str], int]) -> None:
        with self._lock:
            for what, times in counts.items():
                self._counts[what] += times

    def _commit(self, arrivals: Sequence[Arrival], counts: dict[tuple[str, str], int]) -> list[bool | None]:
        """Which of them are new; None for those of companies that are not connected any more, of which nothing is kept."""
        corp_ids = {arrival.corp_id for arrival in arrivals} | {corp_id for corp_id, _ in counts}
        with self._ledger.write() as rows:
            zones = _zones(rows, corp_ids)
            kept = [arrival for arrival in arrivals if arrival.corp_id in zones]
            are_new = _insert(rows, kept)
            _count(rows, zones, _counted(kept, are_new), counts)
        new = dict(zip(map(id, kept), are_new, strict=True))
        return [new.get(id(arrival)) for arrival in arrivals]


def _answer(answers: Sequence[tuple[_Waiting, Exception | None]]) -> None:
    """Wake those who wait, each loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[None], Exception | None]]] = defaultdict(list)
    for one, said in answers:
        by_loop[one.loop].append((one.answer, said))
    for loop, some in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, some)


def _settle(answers: Sequence[tuple[asyncio.Future[None], Exception | None]]) -> None:
    for answer, said in answers:
        if answer.done():  # whoever waited went away
            continue
        if said is None:
            answer.set_result(None)
        else:
            answer.set_exception(said)


# ---- rows ---------------------------------------------------------------------------------------


# Written by hand: building these statements anew for every commit cost more than running them. And in few statements with
# few rows to fetch: each of both hands the interpreter to the door's thread and has to wait until it comes back.
_COLUMNS = ("corp_id", "key", "event", "change", "received_us", "raw", "state", "reason", "welcome")
_ROWS = 100


def _places(rows: Rows, many: int) -> str:
    """So many places for values, in brackets."""
    return f"({', '.join(['?' if dialect.is_sqlite(rows) else '%s'] * many)})"


def _zones(rows: Rows, corp_ids: set[str]) -> dict[str, str]:
    """The time zones of those that are connected."""
    found = rows.exec_driver_sql(
        "SELECT corps.corp_id, corps.time_zone FROM corps JOIN wecom_corps ON wecom_corps.corp_id = corps.corp_id"
        f" WHERE corps.corp_id IN {_places(rows, len(corp_ids))}",
        tuple(corp_ids),
    )
    return dict(found.all())


def _insert(rows: Rows, arrivals: Sequence[Arrival]) -> list[bool]:
    """Keep what is not there yet; returns which of them are new."""
    known = _known(rows, arrivals)
    new: list[bool] = []
    for one in arrivals:
        new.append((one.corp_id, one.key) not in known)
        known.add((one.corp_id, one.key))
    values = [_row(one) for one, is_new in zip(arrivals, new, strict=True) if is_new]
    columns = ", ".join(f'"{column}"' for column in _COLUMNS)
    for start in range(0, len(values), _ROWS):
        some = values[start : start + _ROWS]
        places = ", ".join([_places(rows, len(_COLUMNS))] * len(some))
        # Another process may have written the same just now; then it stands.
        rows.exec_driver_sql(
            f'INSERT INTO wecom_events ({columns}) VALUES {places} ON CONFLICT (corp_id, "key") DO NOTHING',
            tuple(chain.from_iterable(some)),
        )
    return new


def _known(rows: Rows, arrivals: Sequence[Arrival]) -> set[tuple[str, str]]:
    """Which of them are there already."""
    known: set[tuple[str, str]] = set()
    keys = defaultdict(list)
    for one in arrivals:
        keys[one.corp_id].append(one.key)
    for corp_id, of_corp in keys.items():
        found = rows.exec_driver_sql(
            f'SELECT "key" FROM wecom_events WHERE "key" IN {_places(rows, len(of_corp))} AND corp_id = {_places(rows, 1)}',
            (*of_corp, corp_id),
        )
        known.update((corp_id, key) for (key,) in found.all())
    return known


def _row(one: Arrival) -> tuple[Any, ...]:
    event, change = (one.event.event, one.event.change) if one.event else ("", "")
    state, welcome = "waiting" if one.event else "failed", "due" if one.welcome else None
    return one.corp_id, one.key, event, change, one.received_us, one.raw, state, one.reason, welcome


class _Count:
    """How often, when last, and how late all together."""

    def __init__(self) -> None:
        self.times = self.last_us = self.late_us = 0


def _counted(arrivals: Sequence[Arrival], new: Sequence[bool]) -> dict[tuple[str, str], _Count]:
    counts: dict[tuple[str, str], _Count] = defaultdict(_Count)
    for one, is_new in zip(arrivals, new, strict=True):
        count = counts[one.corp_id, _what(one) if is_new else "again"]
        count.times += 1
        count.last_us = max(count.last_us, one.received_us)
        count.late_us += one.received_us - one.event.at_us if one.event else 0
    return counts


def _what(one: Arrival) -> str:
    if one.event is None:
        return "event:"
    return f"event:{one.event.event}/{one.event.change}" if one.event.change else f"event:{one.event.event}"


def _count(
    rows: Rows, zones: dict[str, str], kept: dict[tuple[str, str], _Count], others: dict[tuple[str, str], int]
) -> None:
    now = now_us()
    days = {corp_id: day_of(now, zone).isoformat() for corp_id, zone in zones.items()}
    told = [(*what, count.times, count.last_us, count.late_us) for what, count in kept.items()]
    told += [(*what, times, now, 0) for what, times in others.items()]
    values = [
        (corp_id, days[corp_id], what, times, last, late)
        for corp_id, what, times, last, late in told
        if corp_id in days
    ]
    for start in range(0, len(values), _ROWS):
        some = values[start : start + _ROWS]
        rows.exec_driver_sql(
            "INSERT INTO wecom_counts (corp_id, day, what, times, last_us, late_us) VALUES"
            f" {', '.join([_places(rows, 6)] * len(some))} ON CONFLICT (corp_id, day, what) DO UPDATE SET"
            " times = wecom_counts.times + excluded.times, last_us = excluded.last_us,"
            " late_us = wecom_counts.late_us + excluded.late_us",
            tuple(chain.from_iterable(some)),
        )
