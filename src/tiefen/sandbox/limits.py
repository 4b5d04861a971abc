"""How often may be called (https://developer.work.weixin.qq.com/document/path/90312), counted on the virtual clock.

Who goes over a limit is blocked: over a minute's for a minute, an hour's for an hour, a day's for the rest of the day
in China, a month's for thirty days. Blocks are written down; counts begin anew when the sandbox does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from tiefen.sandbox.state import Store

CHINA = timezone(timedelta(hours=8))
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls of one endpoint in one window, by one corp, app or address."""

    per: Literal["corp", "app", "ip"]
    window: Literal["minute", "hour", "day", "month"]
    most: int


COMMON = (
    Limit("corp", "minute", 10_000), Limit("corp", "hour", 150_000),
    Limit("ip", "minute", 20_000), Limit("ip", "hour", 600_000),
)  # fmt: skip


class Limiter:
    """Counts calls and blocks those who call too often."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}
        self._blocks: dict[str, float] = dict(store.run("SELECT scope, until FROM blocks").fetchall())

    def admit(self, scopes: Iterable[tuple[str, Limit]], now: float) -> bool:
        """Count a call under each scope; False if one of them is, or is now, blocked. Inside a unit."""
        counted = [(scope, limit) for scope, limit in scopes]
        if any(self.blocked(scope, now) for scope, _ in counted):
            return False
        over = [(scope, limit) for scope, limit in counted if self._count(scope, limit, now) > limit.most]
        for scope, limit in over:
            self.block(scope, block_end(limit.window, now))
        return not over

    def blocked(self, scope: str, now: float) -> bool:
        until = self._blocks.get(scope)
        return until is not None and now < until

    def block(self, scope: str, until: float) -> None:
        self._blocks[scope] = until
        self._store.run("INSERT OR REPLACE INTO blocks (scope, until) VALUES (?, ?)", (scope, until))

    def blocks(self, now: float) -> dict[str, float]:
        """Who is blocked, and until when."""
        return {scope: until for scope, until in self._blocks.items() if until > now}

    def lift(self) -> None:
        """Forget every block and every count."""
        self._counts.clear()
        self._blocks.clear()
        self._store.run("DELETE FROM blocks")

    def _count(self, scope: str, limit: Limit, now: float) -> int:
        bucket, key = _bucket(limit.window, now), (scope, limit.window)
        in_bucket, count = self._counts.get(key, (bucket, 0))
        count = count + 1 if in_bucket == bucket else 1
        self._counts[key] = bucket, count
        return count


def block_end(window: str, now: float) -> float:
    match window:
        case "minute":
            return now + 60
        case "hour":
            return now + 3_600
        case "day":
            return (_day(now) + 1) * _DAY - 8 * 3_600
        case _:
            return now + 30 * _DAY


def _bucket(window: str, now: float) -> int:
    match window:
        case "minute":
            return int(now // 60)
        case "hour":
            return int(now // 3_600)
        case "day":
            return _day(now)
        case _:
            local = datetime.fromtimestamp(now, UTC).astimezone(CHINA)
            return local.year * 12 + local.month


def _day(now: float) -> int:
    return int((now + 8 * 3_600) // _DAY)
