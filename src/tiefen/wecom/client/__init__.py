"""A thin typed client of WeCom's official API: `WeCom` and what it may answer."""

from tiefen.wecom.client.clock import Clock, WallClock
from tiefen.wecom.client.errors import (
    ClientClosed,
    CursorLost,
    CursorRepeated,
    FrequencyLimited,
    LimitExceeded,
    MalformedReply,
    NoRelation,
    NotYet,
    Unanswered,
    WeComError,
)
from tiefen.wecom.client.limits import Budget, Limits
from tiefen.wecom.client.shared import Shared
from tiefen.wecom.client.wecom import OFFICIAL, WeCom

__all__ = [
    "OFFICIAL",
    "Budget",
    "ClientClosed",
    "Clock",
    "CursorLost",
    "CursorRepeated",
    "FrequencyLimited",
    "LimitExceeded",
    "Limits",
    "MalformedReply",
    "NoRelation",
    "NotYet",
    "Shared",
    "Unanswered",
    "WallClock",
    "WeCom",
    "WeComError",
]
