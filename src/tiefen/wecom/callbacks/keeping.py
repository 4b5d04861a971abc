"""Keeping callbacks: those that wait together are committed together, and each is answered only after that."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection as Rows

from tiefen.kit.clock import day_of, now_us
from tiefen.ledger import dialect
from tiefen.ledger.errors import LedgerClosed
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import corps, wecom_corps, wecom_counts, wecom_events
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
    answer: asyncio.Future[bool]


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

    async def keep(self, arrival: Arrival) -> bool:
        """Keep it; True where it came for the first time. Returns after the commit is on disk."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()
        with self._lock:
            if self._closed:
                raise LedgerClosed
            self._queue.put(_Waiting(arrival, loop, answer))
        return await answer

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
            fresh, gone = self._commit([one.arrival for one in together], counts)
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
        new = [one.arrival for one, is_new in zip(together, fresh, strict=True) if is_new]
        self._kept(new)
        _answer(
            [
                (one, NotConnected(one.arrival.corp_id) if one.arrival.corp_id in gone else is_new)
                for one, is_new in zip(together, fresh, strict=True)
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

    def _commit(self, arrivals: Sequence[Arrival], counts: dict[tuple[str, str], int]) -> tuple[list[bool], set[str]]:
        """Which of them are new; and the companies that are not connected any more, of which nothing is kept."""
        corp_ids = {arrival.corp_id for arrival in arrivals} | {corp_id for corp_id, _ in counts}
        with self._ledger.write() as rows:
            zones = _zones(rows, corp_ids)
            fresh = _insert(rows, [arrival for arrival in arrivals if arrival.corp_id in zones])
            new = [_took(fresh, (one.corp_id, one.key)) for one in arrivals]
            _count(rows, zones, _counted(arrivals, new), counts)
        return new, corp_ids - set(zones)


def _answer(answers: Sequence[tuple[_Waiting, bool | Exception]]) -> None:
    """Wake those who wait, each loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[bool], bool | Exception]]] = defaultdict(list)
    for one, said in answers:
        by_loop[one.loop].append((one.answer, said))
    for loop, some in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, some)


def _settle(answers: Sequence[tuple[asyncio.Future[bool], bool | Exception]]) -> None:
    for answer, said in answers:
        if answer.done():  # whoever waited went away
            continue
        if isinstance(said, Exception):
            answer.set_exception(said)
        else:
            answer.set_result(said)


# ---- rows ---------------------------------------------------------------------------------------


def _zones(rows: Rows, corp_ids: set[str]) -> dict[str, str]:
    """The time zones of those that are connected."""
    asked = sa.select(corps.c.corp_id, corps.c.time_zone).join(wecom_corps, wecom_corps.c.corp_id == corps.c.corp_id)
    found: dict[str, str] = dialect.pairs(rows.execute(asked.where(corps.c.corp_id.in_(corp_ids))))
    return found


def _insert(rows: Rows, arrivals: Sequence[Arrival]) -> set[tuple[str, str]]:
    """Keep what is not there yet; returns the companies and keys of it."""
    if not arrivals:
        return set()
    statement = (
        dialect.insert(rows, wecom_events)
        .on_conflict_do_nothing(index_elements=["corp_id", "key"])
        .returning(wecom_events.c.corp_id, wecom_events.c.key)
    )
    return {(corp_id, key) for corp_id, key in rows.execute(statement, [_row(one) for one in arrivals])}


def _took(fresh: set[tuple[str, str]], one: tuple[str, str]) -> bool:
    """Whether it is among them, once: of two that came together only the first is new."""
    if one not in fresh:
        return False
    fresh.discard(one)
    return True


def _row(one: Arrival) -> dict[str, Any]:
    return {
        "corp_id": one.corp_id, "key": one.key, "received_us": one.received_us, "raw": one.raw, "reason": one.reason,
        "event": one.event.event if one.event else "", "change": one.event.change if one.event else "",
        "state": "waiting" if one.event else "failed", "welcome": "due" if one.welcome else None,
    }  # fmt: skip


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
        {"corp_id": corp_id, "day": days[corp_id], "what": what, "times": times, "last_us": last, "late_us": late}
        for corp_id, what, times, last, late in told
        if corp_id in days
    ]
    if not values:
        return
    statement = dialect.insert(rows, wecom_counts)
    new = statement.excluded
    rows.execute(
        statement.on_conflict_do_update(
            index_elements=["corp_id", "day", "what"],
            set_={
                "times": wecom_counts.c.times + new.times, "last_us": new.last_us,
                "late_us": wecom_counts.c.late_us + new.late_us,
            },
        ),
        values,
    )  # fmt: skip
