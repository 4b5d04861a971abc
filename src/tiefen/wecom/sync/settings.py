"""How a sync goes about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """`patience` is how many seconds a call may wait for its turn before the reading pauses and goes on later."""

    patience: float = 120.0
    at_once: int = 4
    """Calls of one endpoint at the same time; the client goes lower by itself when WeCom says 45033."""
    ways_most: int = 2_000
    """Up to so many contact ways are read anew each time; of more only those not read before."""
    behaviour_days: int = 30
    """How many days back WeCom's counts of staff are asked for at first (30 in one call)."""
    groups_days: int = 7
    """The same for counts of groups, a call a day and hundred owners."""
    stale_tries: int = 4
    """How often a group is asked for again, two seconds apart, that has not settled yet."""
