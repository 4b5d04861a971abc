"""A reading under way: what its steps work with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection

from tiefen.kit.clock import now_us
from tiefen.kit.errors import TiefenError
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.client import WeCom
from tiefen.wecom.client.errors import AddressRefused, AppDisabled, TokenRefused, WrongSecret
from tiefen.wecom.mirror import Made, Mirror
from tiefen.wecom.sync.settings import SyncSettings
from tiefen.wecom.sync.state import State, save

EVERYTHING = "everything"
_T = TypeVar("_T")
_R = TypeVar("_R")
_AHEAD = 2


class Stopped(Exception):
    """Somebody wants the reading to stop; it goes on from here another time."""


class Run:
    """One reading of everything of one corp."""

    def __init__(
        self, ledger: Ledger, corp_id: str, api: WeCom, mirror: Mirror, state: State, settings: SyncSettings,
        clock: Callable[[], int], between: Callable[[], None],
    ) -> None:  # fmt: skip
        self.ledger, self.corp_id, self.api, self.mirror = ledger, corp_id, api, mirror
        self.state, self.settings, self.clock = state, settings, clock
        self._between, self._looked = between, 0.0
        self._lock = threading.Lock()

    @property
    def began_us(self) -> int:
        """When the reading began, by WeCom's clock."""
        return self.state.now.began_us

    def note(self, connection: Connection) -> None:
        """Write down how far it has come, in the transaction of what was read."""
        save(connection, self.corp_id, EVERYTHING, self.state)

    def save(self) -> None:
        """Write down how far it has come."""
        with self.ledger.write() as connection:
            self.note(connection)

    def made(self, made: Made) -> None:
        """Count what something amounted to. It is written with whatever comes next."""
        with self._lock:
            self.state.now.facts += made.facts
            self.state.now.inferred += made.inferred

    def breathe(self) -> None:
        """Between two pieces: let others have their turn, and stop if somebody wants that."""
        if time.monotonic() - self._looked >= 0.5:
            self._looked = time.monotonic()
            self._between()

    def skipping(self, of: str, error: TiefenError) -> None:
        """Note that something could not be read. What makes all reading useless is raised instead, and what passes by
        itself: the reading goes on from here later."""
        if passing(error) or isinstance(error, WrongSecret | AppDisabled | TokenRefused | AddressRefused):
            raise error
        with self._lock:
            self.state.skip(of, error)

    def at_once(self, ask: Callable[[_T], _R], of: Iterable[_T]) -> Iterator[tuple[_T, _R]]:
        """Ask for several at the same time; the answers in the order of the questions, few of them waiting."""
        with ThreadPoolExecutor(self.settings.at_once, "tiefen-sync") as pool:
            waiting: list[tuple[_T, Future[_R]]] = []
            try:
                for one in of:
                    waiting.append((one, pool.submit(ask, one)))
                    if len(waiting) >= self.settings.at_once * _AHEAD:
                        first, answer = waiting.pop(0)
                        yield first, answer.result()
                for first, answer in waiting:
                    yield first, answer.result()
            finally:
                for _, answer in waiting:
                    answer.cancel()


def passing(error: TiefenError) -> bool:
    """Whether it passes by itself, so that the same should be asked again later."""
    return not getattr(error, "final", True)


def begin_step(state: State, step: str) -> None:
    state.step, state.units, state.done, state.of, state.began_step_us = step, None, 0, None, now_us()
