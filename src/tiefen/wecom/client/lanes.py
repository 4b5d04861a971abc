"""One endpoint of one corp: its budget, its blocks, how many calls go on at once, and what is to be told of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from tiefen.wecom.client.clock import Clock
from tiefen.wecom.client.errors import FrequencyLimited, WeComError
from tiefen.wecom.client.gates import Gate
from tiefen.wecom.client.limits import HOUR, MINUTE, MONTH, Limits
from tiefen.wecom.client.pacing import Window

_BEIJING = timezone(timedelta(hours=8))
_LENGTH = {"minute": MINUTE, "hour": HOUR, "day": 86_400.0, "month": MONTH}


@dataclass(frozen=True, slots=True)
class Usage:
    """What a health page shows of one endpoint. Times are seconds since 1970."""

    endpoint: str
    this_minute: int
    this_hour: int
    per_minute: int
    per_hour: int
    calls: int
    failed: int
    at_once: int
    blocked_until: float | None
    last_error: int | None
    last_error_at: float | None
    last_hint: str


class Lane:
    """The way of all calls of one endpoint by one corp, whatever secret they use."""

    def __init__(self, endpoint: str, limits: Limits) -> None:
        self.endpoint = endpoint
        self._budget = limits.budget(endpoint)
        self._lock = threading.Lock()
        self._minute = Window(int(self._budget.per_minute * limits.share), MINUTE)
        self._hour = Window(int(self._budget.per_hour * limits.share), HOUR)
        self._blocked: tuple[str, float] | None = None
        self._calls = self._failed = 0
        self._last: tuple[int, float, str] | None = None
        self.gate = Gate(limits.at_once, limits.at_once_most)

    def admit(self, clock: Clock, until: float) -> None:
        """Count one call, waiting for its turn; `FrequencyLimited` if that would last beyond `until`."""
        while True:
            with self._lock:
                now = clock.now()
                waits = {"minute": self._minute.wait(now), "hour": self._hour.wait(now)}
                if self._blocked is not None and self._blocked[1] > now:
                    waits[self._blocked[0]] = self._blocked[1] - now
                window = max(waits, key=lambda name: waits[name])
                wait = waits[window]
                if wait <= 0:
                    self._minute.take(now)
                    self._hour.take(now)
                    self._calls += 1
                    return
            if now + wait > until:
                raise self._limited(45009, "kept back by the client", "", window, now, wait)
            clock.wait(wait)

    def block(self, error: WeComError, now: float) -> FrequencyLimited:
        """Note that WeCom refuses this endpoint for a while, and say for how long.

        WeCom does not say which window is full. It begins with the shortest that may be, and a refusal soon after that
        one has passed means the next.
        """
        with self._lock:
            if self._blocked is None or self._blocked[1] <= now:
                window = self._full_window(now)
                self._blocked = window, _end_of(window, now)
            window, end = self._blocked
        return self._limited(error.errcode, error.errmsg, error.hint, window, now, end - now)

    def failed(self, errcode: int, hint: str, now: float) -> None:
        """Keep what went wrong last."""
        with self._lock:
            self._failed += 1
            self._last = errcode, now, hint

    def usage(self, now: float) -> Usage:
        with self._lock:
            blocked = self._blocked[1] if self._blocked is not None and self._blocked[1] > now else None
            code, at, hint = self._last or (None, None, "")
            return Usage(
                self.endpoint, self._minute.used(now), self._hour.used(now), self._minute.limit, self._hour.limit,
                self._calls, self._failed, self.gate.allowed, blocked, code, at, hint,
            )  # fmt: skip

    def _full_window(self, now: float) -> str:
        windows = self._budget.windows
        if self._blocked is not None:
            window, ended = self._blocked
            if now - ended < _LENGTH[window]:
                return windows[min(windows.index(window) + 1, len(windows) - 1)]
        if self._hour.used(now) >= 0.95 * self._hour.limit and "hour" in windows:
            return "hour"
        return windows[0]

    def _limited(self, code: int, text: str, hint: str, window: str, now: float, wait: float) -> FrequencyLimited:
        return FrequencyLimited(code, text, self.endpoint, hint, now + wait, window, wait)


def _end_of(window: str, now: float) -> float:
    """When a block ends: 60 s, 60 min, the end of the day in UTC+8, 30 days."""
    if window != "day":
        return now + _LENGTH[window]
    today = datetime.fromtimestamp(now, _BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=1)).timestamp()
