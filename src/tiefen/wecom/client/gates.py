"""How many calls go on at once: per endpoint, falling and rising by itself, and one at a time per record."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable, Iterator
from contextlib import ExitStack, contextmanager


class Gate:
    """So many calls at the same time: halved when WeCom says 45033, one more after each full round that went well."""

    def __init__(self, allowed: int, most: int) -> None:
        self._free = threading.Condition()
        self._allowed, self._most = float(max(1, allowed)), float(max(1, most))
        self._inside = 0

    @property
    def allowed(self) -> int:
        return int(self._allowed)

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self._free:
            self._free.wait_for(lambda: self._inside < int(self._allowed))
            self._inside += 1
        try:
            yield
        finally:
            with self._free:
                self._inside -= 1
                self._free.notify_all()

    def crowded(self) -> None:
        with self._free:
            self._allowed = max(1.0, self._allowed / 2)

    def went_well(self) -> None:
        with self._free:
            self._allowed = min(self._most, self._allowed + 1 / self._allowed)
            self._free.notify_all()


class KeyedLocks:
    """One lock a key, kept only while somebody holds it or waits for it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[Hashable, tuple[threading.Lock, int]] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @contextmanager
    def holding(self, keys: Iterable[Hashable]) -> Iterator[None]:
        """Hold the locks of all these keys, taken in one order so that nobody waits in a circle."""
        with ExitStack() as stack:
            for key in sorted(set(keys), key=repr):
                stack.enter_context(self._one(key))
            yield

    @contextmanager
    def _one(self, key: Hashable) -> Iterator[None]:
        with self._guard:
            lock, holders = self._locks.get(key, (threading.Lock(), 0))
            self._locks[key] = (lock, holders + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, holders = self._locks[key]
                if holders == 1:
                    del self._locks[key]
                else:
                    self._locks[key] = (lock, holders - 1)
