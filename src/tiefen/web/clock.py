"""The time of a company: that of its sandbox where it lives in one, ours otherwise."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from tiefen.kit.clock import now_us
from tiefen.web.context import Asked
from tiefen.wecom.connections import Connection, connections
from tiefen.wecom.sync import clock_of


def corp_now(asked: Asked) -> int:
    """Now, as whatever acts for the company counts it."""
    of = next((one for one in connections(asked.ledger) if one.corp_id == asked.corp_id), None)
    return now_us() if of is None else _clock(of.base_url, of.window_seconds)()


@lru_cache(maxsize=64)
def _clock(base_url: str, window_seconds: int) -> Callable[[], int]:
    """Kept, because a sandbox is asked only every few seconds."""
    return clock_of(Connection(corp_id="", base_url=base_url, corpid="", window_seconds=window_seconds))
