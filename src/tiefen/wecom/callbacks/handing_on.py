"""The loop behind the door: stored events, in the order of their arrival, go to whoever knows what they mean.

An event is marked only after it was taken, so a crash in between hands it on once more, which must be harmless.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa
import structlog

from tiefen.kit.clock import DAY_US, from_us, now_us
from tiefen.kit.errors import TiefenError
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.redacting import REDACTED
from tiefen.ledger.schema import wecom_counts, wecom_events
from tiefen.wecom.connections import Connection, connections
from tiefen.wecom.events import Event, Unreadable, parse

log = structlog.get_logger()

MOST_TOGETHER = 500
_LEAST_TOGETHER = 20
_BATCH_SECONDS = 0.02
"""What a batch is to take of the processor: while one is written, callbacks wait for the disk."""
_UNDISTURBED_SECONDS = 0.2
"""The same where nothing came during the batch before. Large batches cost a third as much an event."""
_CROWD = 12
"""So many callbacks that wait for the disk came faster than they can be taken while events are handed on beside."""
_LOOKS_EVERY = 1.0
_LONGEST_PAUSE = 30.0
_TIDIES_EVERY = 3_600.0
_CHUNK = 1_000
_LONGEST_REASON = 500


class Translator(Protocol):
    """Knows what events mean for one company."""

    def take(self, events: Sequence[Event]) -> object:
        """Tell the ledger, durably, and note what must be asked for. The same events again change nothing.

        Raises where one of them cannot be translated; then they are handed over one by one.
        """


@dataclass(frozen=True, slots=True)
class _Stored:
    seq: int
    event: Event


class HandingOn:
    """The thread that hands events on. What cannot be translated is kept with the reason and holds up nobody.

    While callbacks crowd `at_the_door` it works a tenth of the time only: they must be answered, events can wait.
    """

    def __init__(
        self, ledger: Ledger, translator_of: Callable[[Connection], Translator],
        at_the_door: Callable[[], int] = lambda: 0,
    ) -> None:  # fmt: skip
        self._ledger, self._translator_of, self._at_the_door = ledger, translator_of, at_the_door
        self._translators: dict[str, tuple[Connection, Translator]] = {}
        self._together = _LEAST_TOGETHER
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tiefen-handing-on", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Something came."""
        self._wake.set()

    def close(self) -> None:
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def turn(self) -> int:
        """Hand on one batch of every connected company; returns how many events left the queue."""
        return sum(self._hand_on(of) for of in connections(self._ledger) if not self._stop.is_set())

    def tidy(self, now: int) -> int:
        """Drop what is older than it is kept; returns how many callbacks went."""
        kept_us = self._ledger.settings.callback_days * DAY_US
        gone = 0
        while not self._stop.is_set():
            oldest = sa.select(wecom_events.c.seq).order_by(wecom_events.c.seq).limit(_CHUNK).scalar_subquery()
            with self._ledger.write() as rows:
                some = rows.execute(
                    sa.delete(wecom_events).where(
                        wecom_events.c.seq.in_(oldest), wecom_events.c.received_us < now - kept_us
                    )
                ).rowcount
                before = from_us(now - kept_us).date().isoformat()
                rows.execute(sa.delete(wecom_counts).where(wecom_counts.c.day < before))
            gone += some
            if some < _CHUNK:
                break
        return gone

    def _run(self) -> None:
        pause, tidied = 0.0, float("-inf")
        while not self._stop.is_set():
            try:
                if time.monotonic() - tidied > _TIDIES_EVERY:
                    self.tidy(now_us())
                    tidied = time.monotonic()
                self._wake.clear()
                began = time.monotonic()
                moved = self.turn()
                pause = min(9 * (time.monotonic() - began), 1.0) if moved and self._at_the_door() > _CROWD else 0.0
            except Exception:
                log.exception("events could not be handed on; they will be tried again")
                pause, moved = min(max(2 * pause, 1.0), _LONGEST_PAUSE), 0
            if pause:
                self._stop.wait(pause)
            elif not moved:
                self._wake.wait(_LOOKS_EVERY)

    def _hand_on(self, of: Connection) -> int:
        readable, marks = self._waiting(of.corp_id)
        if readable:
            translator = self._translator(of)
            began = time.thread_time()
            marks += _handed(translator, readable)
            self._suit(len(readable), time.thread_time() - began)
        if marks:
            with self._ledger.write() as rows:
                rows.execute(_MARK, marks)
        return len(marks)

    def _translator(self, of: Connection) -> Translator:
        """The one for this connection, made anew when it was changed."""
        known = self._translators.get(of.corp_id)
        if known is None or known[0] != of:
            known = self._translators[of.corp_id] = of, self._translator_of(of)
        return known[1]

    def _suit(self, events: int, seconds: float) -> None:
        """Make batches as large as they can be handed on in the time they may take."""
        disturbed = self._wake.is_set() or self._at_the_door() > 0
        may_take = _BATCH_SECONDS if disturbed else _UNDISTURBED_SECONDS
        wished = int(events * may_take / max(seconds, 1e-6))
        self._together = min(max(wished, _LEAST_TOGETHER), 2 * self._together, MOST_TOGETHER)

    def _waiting(self, corp_id: str) -> tuple[list[_Stored], list[dict[str, Any]]]:
        """The next events to hand on, and marks for those that need not be."""
        asked = (
            sa.select(wecom_events.c.seq, wecom_events.c.raw, wecom_events.c.received_us)
            .where(wecom_events.c.corp_id == corp_id, wecom_events.c.state == "waiting")
            .order_by(wecom_events.c.seq)
            .limit(self._together)
        )
        with self._ledger.read() as rows:
            found = rows.execute(asked).all()
        readable: list[_Stored] = []
        marks: list[dict[str, Any]] = []
        for seq, raw, received_us in found:
            try:
                event = _without_the_erased(parse(raw.encode(), received_us))
            except Unreadable as error:
                marks.append(_mark(seq, "failed", str(error)))
                continue
            if event is None:
                marks.append(_mark(seq, "done"))
            elif not event.known:
                marks.append(_mark(seq, "unknown"))
            else:
                readable.append(_Stored(seq, event))
        return readable, marks


def _handed(translator: Translator, stored: list[_Stored]) -> list[dict[str, Any]]:
    """Hand events over together, or in halves where one of them cannot be translated; returns how to mark them."""
    try:
        translator.take([one.event for one in stored])
    except Exception as error:
        if _passing(error):
            raise
        if len(stored) == 1:
            log.warning("an event cannot be translated", kind=stored[0].event.event, error=str(error))
            return [_mark(stored[0].seq, "failed", f"{type(error).__name__}: {error}"[:_LONGEST_REASON])]
        half = len(stored) // 2
        return _handed(translator, stored[:half]) + _handed(translator, stored[half:])
    return [_mark(one.seq, "done") for one in stored]


def _passing(error: Exception) -> bool:
    """Whether it is the store that fails and not the event."""
    return isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError) or (
        isinstance(error, TiefenError) and error.status >= 500
    )


def _without_the_erased(event: Event) -> Event | None:
    """The event without those who were erased since; None if it is about one of them alone."""
    if REDACTED in event.fields.values():
        return None
    if REDACTED not in event.members:
        return event
    left = tuple(member for member in event.members if member != REDACTED)
    return msgspec.structs.replace(event, members=left) if left else None


_MARK = (
    sa.update(wecom_events)
    .where(wecom_events.c.seq == sa.bindparam("of"))
    .values(state=sa.bindparam("to"), reason=sa.bindparam("why"))
)


def _mark(seq: int, state: str, reason: str | None = None) -> dict[str, Any]:
    return {"of": seq, "to": state, "why": reason}


def replay(ledger: Ledger, corp_id: str, *, since_us: int | None = None) -> int:
    """Hand on once more what failed or was unknown; with `since_us` everything that came since then. Returns how many."""
    again = sa.update(wecom_events).where(wecom_events.c.corp_id == corp_id)
    if since_us is None:
        again = again.where(wecom_events.c.state.in_(("failed", "unknown")))
    else:
        again = again.where(wecom_events.c.received_us >= since_us)
    with ledger.write() as rows:
        return int(rows.execute(again.values(state="waiting", reason=None)).rowcount)
