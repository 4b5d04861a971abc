"""How long reading everything takes at WeCom's pace: calls by endpoint, its limits, and how quickly it answers.

Limits: 10,000 a minute and 150,000 an hour of one endpoint by one corp (https://developer.work.weixin.qq.com/document/path/90312).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from tiefen.wecom.client.limits import HOUR, MINUTE, Limits
from tiefen.wecom.sync.settings import SyncSettings

LATENCY = 0.12
"""Seconds a call takes where none was measured."""


@dataclass(frozen=True, slots=True)
class Part:
    """The calls of one endpoint and how long they take together; `by` is what decides: answering, minute or hour."""

    endpoint: str
    calls: int
    seconds: float
    by: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """Endpoint by endpoint, one after the other."""

    parts: tuple[Part, ...]

    @property
    def calls(self) -> int:
        return sum(part.calls for part in self.parts)

    @property
    def seconds(self) -> float:
        return sum(part.seconds for part in self.parts)


def forecast(
    contacts: int, groups: int, staff: int, *, departments: int = 10, ways: int = 0, links: int = 0,
    latency: float = LATENCY, limits: Limits | None = None, settings: SyncSettings | None = None,
) -> Forecast:  # fmt: skip
    """How long the first reading takes. `contacts` counts pairs of a member of staff and a person."""
    limits, settings = limits or Limits(), settings or SyncSettings()
    batches = max(1, ceil(staff / 100), min(staff, settings.at_once))
    owners = ceil(min(staff, max(groups, 1)) / 100)
    calls: Mapping[str, tuple[int, int]] = {
        "department/list": (1, 1),
        "user/simplelist": (departments, 1),
        "externalcontact/get_follow_user_list": (1, 1),
        "externalcontact/get_corp_tag_list": (1, 1),
        "externalcontact/list_contact_way": (ceil(ways / 1_000) or 1, 1),
        "externalcontact/get_contact_way": (min(ways, settings.ways_most), 1),
        "externalcontact/customer_acquisition/customer": (links, 1),
        "externalcontact/batch/get_by_user": (ceil(contacts / 100) + batches, settings.at_once),
        "externalcontact/groupchat/list": (ceil(groups / 1_000) or 1, 1),
        "externalcontact/groupchat/get": (groups, settings.at_once),
        "externalcontact/groupchat/statistic": (owners * settings.groups_days, 1),
        "externalcontact/get_user_behavior_data": (staff, 1),
    }
    parts = [_part(endpoint, many, latency / at_once, limits) for endpoint, (many, at_once) in calls.items() if many]
    return Forecast(tuple(parts))


def _part(endpoint: str, calls: int, each: float, limits: Limits) -> Part:
    budget = limits.budget(endpoint)
    seconds = {
        "answering": calls * each,
        "minute": _beyond(calls, budget.per_minute * limits.share, MINUTE),
        "hour": _beyond(calls, budget.per_hour * limits.share, HOUR),
    }
    by = max(seconds, key=lambda one: seconds[one])
    return Part(endpoint, calls, seconds[by], by)


def _beyond(calls: int, per_window: float, window: float) -> float:
    """What a window of so many calls costs: nothing before the first is full."""
    return (ceil(calls / per_window) - 1) * window if per_window else 0.0
