"""The fast path of newcomers: an event with a welcome code is answered at once, whatever else waits.

WeCom takes a welcome within twenty seconds of the event (https://developer.work.weixin.qq.com/document/path/92137). Each is
claimed, durably, before it is answered: after a crash in between nobody is welcomed twice.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Protocol

import sqlalchemy as sa
import structlog

from tiefen.kit.clock import SECOND_US, now_us
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_events
from tiefen.wecom.channel import Channel, Message, Recipient
from tiefen.wecom.connections import Connection, api
from tiefen.wecom.events import Event
from tiefen.wecom.sync.clocks import clock_of

log = structlog.get_logger()

WELCOME_CODE = "WelcomeCode"
ANSWERED_WITHIN_US = 15 * SECOND_US
"""What waited longer is dropped: by the time an answer arrived, the code would be over."""
_THREADS = 8


class Welcomer(Protocol):
    """Answers newcomers of one company."""

    def welcome(self, event: Event) -> None:
        """Welcome whom the event is about, within seconds; called once an event, by several threads.

        Its code is good for twenty seconds from `received_us` at most.
        """


class TextWelcome:
    """The welcome set with the connection: a text, the same for everybody."""

    def __init__(self, ledger: Ledger, of: Connection) -> None:
        self._clock, self._text = clock_of(of), of.welcome
        self._channel = Channel(ledger, of.corp_id, api(of), clock=self._clock)

    def welcome(self, event: Event) -> None:
        came_us = self._clock() - (now_us() - event.received_us)
        self._channel.welcome(
            Recipient(touch=f"welcome:{event.key}", to=event.get("ExternalUserID"), campaign="welcome"),
            event.get(WELCOME_CODE), Message(text=self._text), happened_us=came_us,
        )  # fmt: skip


class Welcoming:
    """Threads of their own that do nothing else."""

    def __init__(
        self, ledger: Ledger, welcomer_of: Callable[[str], Welcomer | None], count: Callable[[str, str], None],
        clock: Callable[[], int],
    ) -> None:  # fmt: skip
        self._ledger, self._welcomer_of, self._count, self._clock = ledger, welcomer_of, count, clock
        self._queue: queue.SimpleQueue[tuple[str, Event] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, name=f"tiefen-welcome-{n}", daemon=True) for n in range(_THREADS)
        ]

    def start(self, due: list[tuple[str, Event]]) -> None:
        """Begin with those an earlier process left unanswered."""
        for corp_id, event in due:
            self.hand(corp_id, event)
        for thread in self._threads:
            thread.start()

    def hand(self, corp_id: str, event: Event) -> None:
        """Somebody is waiting to be welcomed."""
        self._queue.put((corp_id, event))

    def close(self) -> None:
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=10)

    def _run(self) -> None:
        while (handed := self._queue.get()) is not None:
            corp_id, event = handed
            try:
                outcome = self._answer(corp_id, event)
            except Exception:
                log.exception("a newcomer could not be welcomed", corp=corp_id)
                outcome = "failed"
            self._count(corp_id, f"welcome:{outcome}")

    def _answer(self, corp_id: str, event: Event) -> str:
        late = self._clock() >= event.received_us + ANSWERED_WITHIN_US
        welcomer = None if late else self._welcomer_of(corp_id)
        if not self._claim(corp_id, event.key, "late" if late else "taken"):
            return "taken_already"
        if late:
            return "late"
        if welcomer is None:
            return "nobody_to_answer"
        welcomer.welcome(event)
        return "answered"

    def _claim(self, corp_id: str, key: str, state: str) -> bool:
        """True for the one who may answer."""
        mine = sa.update(wecom_events).where(
            wecom_events.c.corp_id == corp_id, wecom_events.c.key == key, wecom_events.c.welcome == "due"
        )
        with self._ledger.write() as rows:
            return bool(rows.execute(mine.values(welcome=state)).rowcount)
