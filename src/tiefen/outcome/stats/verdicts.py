"""What an interval says, in one word. That nothing can be said yet is an answer."""

from __future__ import annotations

from typing import Literal

from tiefen.outcome.stats.difference import Estimate, Interval

Better = Literal["more", "less"]
Verdict = Literal["better", "worse", "cannot_tell", "too_few"]
FEWEST = 10
"""Fewer units than this that did anything in both arms together, and a mean says nothing."""


def verdict(estimate: Estimate | None, interval: Interval, better: Better, *, did: int) -> Verdict:
    """Whether it was better or worse than to do nothing. `did`: units of both arms that have anything to count."""
    if estimate is None or did < FEWEST:
        return "too_few"
    if interval.low > 0:
        return "better" if better == "more" else "worse"
    if interval.high < 0:
        return "better" if better == "less" else "worse"
    return "cannot_tell"
