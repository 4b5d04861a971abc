"""Virtual time: real, faster, or standing still until it is stepped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class _Held(threading.local):
    at: float | None = None


class Clock:
    """Seconds since 1970 in the sandbox's world.

    `speed` 1.0 is real time, 60.0 sixty times faster, None stands still. Stepping works at any speed and does what
    falls due on the way, each thing at its own time.
    """

    def __init__(self, start: float, speed: float | None, advance: Callable[[float], None]) -> None:
        self._base, self._speed, self._advance = start, speed, advance
        self._mark = time.monotonic()
        self._held = _Held()

    def now(self) -> float:
        held = self._held.at
        if held is not None:
            return held
        if self._speed is None:
            return self._base
        return self._base + (time.monotonic() - self._mark) * self._speed

    @property
    def speed(self) -> float | None:
        return self._speed

    @speed.setter
    def speed(self, speed: float | None) -> None:
        self.put(self.now())
        self._speed = speed

    def step(self, seconds: float) -> None:
        """Let time pass at once."""
        self.step_to(self.now() + seconds)

    def step_to(self, at: float) -> None:
        """Go to a time at once; one that is past changes nothing."""
        if at > self.now():
            self._advance(at)

    def put(self, at: float) -> None:
        """Set the time without doing anything."""
        self._base, self._mark = at, time.monotonic()

    @contextmanager
    def held(self, at: float) -> Iterator[None]:
        """Within the block this thread's time is `at`."""
        before = self._held.at
        self._held.at = at
        try:
            yield
        finally:
            self._held.at = before
