"""How often people leave after a message and without one, by how many they ignored before it; shrunk where little is known."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

BUCKETS = 5
"""Ignored before: 0, 1, 2, 3, 4 or more."""
STRENGTH = 200.0
"""Messages' worth of weight that the brand's own average has against a bucket's, and the rate without messages against that."""


class Tally(msgspec.Struct, frozen=True):
    """Of `whole` three-day stretches, how many ended with somebody leaving."""

    part: float
    whole: float

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.part + other.part, self.whole + other.whole)


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a brand's leavers."""

    told: tuple[Tally, ...] = (Tally(0, 0),) * BUCKETS
    """After a message, by how many were ignored in a row before it."""
    untold: Tally = Tally(0, 0)
    """Without a message."""

    @property
    def anyway(self) -> float | None:
        """How likely somebody leaves within three days of no message; None where nobody was counted."""
        return self.untold.part / self.untold.whole if self.untold.whole else None

    def after(self, bucket: int) -> float | None:
        """How likely somebody leaves within three days of a message, shrunk towards all messages, and those towards none."""
        base = self.anyway
        if base is None:
            return None
        whole = sum(self.told, Tally(0, 0))
        average = (whole.part + STRENGTH * base) / (whole.whole + STRENGTH)
        mine = self.told[bucket]
        return (mine.part + STRENGTH * average) / (mine.whole + STRENGTH)


def leaving(told: Iterable[tuple[int, bool]], left_untold: int, stretches_untold: float) -> Leaving:
    """From (ignored before, left after) of every message, and how many left in how many stretches without one."""
    parts, wholes = [0.0] * BUCKETS, [0.0] * BUCKETS
    for ignored, left in told:
        bucket = min(ignored, BUCKETS - 1)
        parts[bucket] += left
        wholes[bucket] += 1
    return Leaving(
        told=tuple(Tally(part, whole) for part, whole in zip(parts, wholes, strict=True)),
        untold=Tally(min(left_untold, stretches_untold), stretches_untold) if stretches_untold > 0 else Tally(0, 0),
    )
