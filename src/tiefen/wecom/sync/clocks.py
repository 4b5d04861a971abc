"""Whose clock counts: ours, or that of a sandbox that lives at another pace."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import httpx
import msgspec

from tiefen.kit.clock import SECOND_US, now_us
from tiefen.wecom.connections import Connection

_ASKED_EVERY = 2.0
_TIMEOUT = 3.0


class _Told(msgspec.Struct, frozen=True):
    now: float
    speed: float | None = 1.0


def clock_of(connection: Connection) -> Callable[[], int]:
    """Microseconds since 1970 as the WeCom of a connection counts them."""
    return now_us if connection.window_seconds else SandboxClock(connection.base_url)


class SandboxClock:
    """The time of a sandbox, asked for every two seconds and reckoned in between; our own while it does not answer."""

    def __init__(self, base_url: str, wire: httpx.BaseTransport | None = None) -> None:
        self._url = base_url.rstrip("/") + "/_sandbox/api/clock"
        self._wire, self._lock = wire, threading.Lock()
        self._told: _Told | None = None
        self._at = float("-inf")

    def __call__(self) -> int:
        with self._lock:
            if time.monotonic() - self._at >= _ASKED_EVERY:
                self._ask()
            if self._told is None:
                return now_us()
            return int((self._told.now + (time.monotonic() - self._at) * (self._told.speed or 0.0)) * SECOND_US)

    def _ask(self) -> None:
        try:
            with httpx.Client(timeout=_TIMEOUT, transport=self._wire) as client:
                self._told = msgspec.json.decode(client.get(self._url).content, type=_Told)
        except (httpx.HTTPError, msgspec.DecodeError, msgspec.ValidationError):
            self._told = None
        self._at = time.monotonic()
