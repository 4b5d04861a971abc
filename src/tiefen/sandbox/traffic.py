"""Calls that are under way: too many of one endpoint at once, or two that write to one record."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pass:
    """What a call holds until it is answered."""

    endpoint: str
    record: str


class Traffic:
    """Who is inside. Safe from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside: Counter[str] = Counter()

    def enter(self, corpid: str, path: str, record: str | None, at_once: int) -> Pass | int:
        """A pass, or the errcode of why not: 45033 too many at once, 45035 the record is being written to."""
        endpoint = f"{corpid}:{path}"
        held = f"{corpid}:{path}:{record}" if record is not None else ""
        with self._lock:
            if self._inside[endpoint] >= at_once:
                return 45033
            if held and self._inside[held]:
                return 45035
            self._inside[endpoint] += 1
            if held:
                self._inside[held] += 1
        return Pass(endpoint, held)

    def leave(self, held: Pass) -> None:
        with self._lock:
            for key in (held.endpoint, held.record):
                if key:
                    self._inside[key] -= 1
                    if self._inside[key] <= 0:
                        del self._inside[key]
