"""Keeping below a number of calls a minute and an hour, in every window of that length wherever it begins."""

from __future__ import annotations


class Window:
    """At most `limit` calls in any `length` seconds.

    Counts by slots, a sixtieth of the window each. The slots from the one that holds the beginning of the window to the
    present one cover it, so keeping their sum at the limit keeps every window there, at the price of one slot.
    """

    SLOTS = 60

    def __init__(self, limit: int, length: float) -> None:
        self.limit, self.length = max(1, limit), length
        self._slot = length / self.SLOTS
        self._counts: dict[int, int] = {}

    def used(self, now: float) -> int:
        """How many calls count at this moment."""
        self._forget(now)
        return sum(self._counts.values())

    def wait(self, now: float) -> float:
        """Seconds until another call fits; 0 if it does now."""
        left = self.used(now) - self.limit
        if left < 0:
            return 0.0
        for slot in sorted(self._counts):
            left -= self._counts[slot]
            if left < 0:
                # This slot stops counting once the window's beginning has passed its end, a hair later for rounding.
                return max(self._slot * 0.01, (slot + self.SLOTS + 1) * self._slot - now + self._slot * 1e-3)
        return self.length

    def take(self, now: float) -> None:
        """Count one call."""
        slot = int(now // self._slot)
        self._counts[slot] = self._counts.get(slot, 0) + 1

    def _forget(self, now: float) -> None:
        first = int(now // self._slot) - self.SLOTS
        for slot in [slot for slot in self._counts if slot < first]:
            del self._counts[slot]
