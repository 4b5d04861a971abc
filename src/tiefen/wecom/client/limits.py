"""How much of WeCom's limits is used (https://developer.work.weixin.qq.com/document/path/90312)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MINUTE, HOUR, DAY, MONTH = 60.0, 3_600.0, 86_400.0, 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls of one endpoint by one corp. `windows` are those WeCom counts beyond the minute and the hour."""

    per_minute: int = 10_000
    per_hour: int = 150_000
    windows: tuple[str, ...] = ("minute", "hour")
    """The windows in which WeCom may block, shortest first."""


_OWN: Mapping[str, Budget] = {
    "gettoken": Budget(windows=("hour",)),
    "get_jsapi_ticket": Budget(per_minute=400, per_hour=400),
    "ticket/get": Budget(per_minute=100, per_hour=100),
    "externalcontact/add_moment_task": Budget(per_minute=10),
    "media/uploadimg": Budget(per_minute=1_000, per_hour=1_000, windows=("minute", "hour", "day", "month")),
    "message/send": Budget(windows=("minute", "hour", "day")),
    "msgaudit/check_single_agree": Budget(per_minute=2_500),
    "msgaudit/check_room_agree": Budget(per_minute=1_500),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client allows itself. Several processes of one corp share WeCom's limits: lower `share` accordingly."""

    share: float = 0.8
    """The part of each budget this process uses by itself; the rest is left to other programs of the corp."""
    at_once: int = 4
    """Calls of one endpoint at the same time to begin with; it falls on 45033 and rises again."""
    at_once_most: int = 16
    tries: int = 3
    """For -1 and for lost connections of calls that may be repeated (WeCom: at most three)."""
    crowded_tries: int = 8
    """For 45033 and 45035."""
    refresh_early: float = 300.0
    """Seconds before its end at which a token is replaced."""
    wrong_secret_pause: float = 300.0
    """Seconds for which a refused secret is not tried again: repeating it bans the address for an hour."""
    timeout: float = 15.0
    """Seconds until a call counts as unanswered; connecting may take five."""
    connections: int = 32
    budgets: Mapping[str, Budget] = field(default_factory=lambda: dict(_OWN))

    def budget(self, endpoint: str) -> Budget:
        return self.budgets.get(endpoint, _COMMON)


_COMMON = Budget()
