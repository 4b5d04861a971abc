"""How patiently the channel looks after what it handed over."""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.kit.clock import SECOND_US

MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """Spans in microseconds. WeCom publishes no life for an unconfirmed task, so when to give up is a setting."""

    first_look_us: int = MINUTE_US
    """Results asked for right after a task was made are `NotYet`."""
    looks_us: tuple[int, ...] = (2 * MINUTE_US, 5 * MINUTE_US, 15 * MINUTE_US, HOUR_US, 3 * HOUR_US, 6 * HOUR_US)
    """The pause after each look; the last one is kept."""
    broadcast_ends_us: int = 7 * DAY_US
    moment_ends_us: int = 7 * DAY_US
    handover_ends_us: int = 3 * DAY_US
    handover_kept_us: int = 90 * DAY_US
    find_for_us: int = 10 * MINUTE_US
    """For how long a task that may have been made is looked for."""
    nudges: int = 3
    nudge_window_us: int = DAY_US
    welcome_seconds: float = 20.0
    welcome_margin: float = 2.0
    """Seconds before its end at which a welcome is given up: the call itself takes time."""
    staff_per_minute: int = 30
    staff_per_hour: int = 1_000
    media_margin_us: int = 12 * HOUR_US
    """A file whose end is nearer than this is uploaded again."""

    def pause_us(self, looks: int) -> int:
        """How long to wait after so many looks."""
        return self.looks_us[min(looks, len(self.looks_us) - 1)]
