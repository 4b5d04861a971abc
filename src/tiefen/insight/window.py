"""The days a number looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end`, both included, in the corp's time zone; `end` is the day a number is as of."""

    start: date
    end: date

    @classmethod
    def ending(cls, end: date, days: int = USUAL_DAYS) -> Window:
        """The `days` days that end with `end`."""
        return cls(end - timedelta(days=days - 1), end)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def after(self) -> date:
        """The day after the window."""
        return self.end + timedelta(days=1)

    def before(self) -> Window:
        """The window of the same length just before this one."""
        return Window.ending(self.start - timedelta(days=1), self.days)

    def last(self, days: int) -> Window:
        """The last `days` days of this window, or more than it has."""
        return Window.ending(self.end, days)
