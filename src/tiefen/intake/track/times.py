"""When a call happened, whatever the sender's clock says.

`timestamp = receivedAt − (sentAt − originalTimestamp)`: a clock that is wrong is wrong in both, so the difference holds.
Source: Segment, "Spec: Common Fields", "Clock skew considerations".
"""

from __future__ import annotations

from datetime import UTC, datetime

from tiefen.kit.clock import DAY_US, to_us

OLDEST_US = to_us(datetime(2000, 1, 1, tzinfo=UTC))


def instant(value: object) -> int | None:
    """Microseconds of an ISO 8601 time or of epoch seconds/milliseconds; None where it is not one. Naive means UTC."""
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        return to_us(at if at.tzinfo else at.replace(tzinfo=UTC))
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e17:
        return int(value * (1_000_000 if value < 1e11 else 1_000 if value < 1e14 else 1))
    return None


def happened(original: object, sent: object, received_us: int) -> int | None:
    """When it happened; None where a time was given that cannot be: unreadable, before 2000, or over a day ahead."""
    if original is None or original == "":
        return received_us
    at = instant(original)
    if at is None:
        return None
    sent_us = instant(sent) if sent else None
    if sent_us is not None and sent_us >= at:
        # Only correct a clock that is really off: a queue's delay is not skew, and small jitter would move days.
        skew = received_us - sent_us
        if abs(skew) > 60_000_000:
            at += skew
    if at < OLDEST_US or at > received_us + DAY_US:
        return None
    return min(at, received_us) if at <= received_us + 60_000_000 else at
