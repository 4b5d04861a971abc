"""Numbers that add up: a day plus a day is a week, a group plus a group is a community."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`. Add shares, never percentages."""

    part: float = 0
    whole: float = 0

    def __add__(self, other: Share) -> Share:
        return Share(self.part + other.part, self.whole + other.whole)

    @property
    def value(self) -> float | None:
        """The ratio, or None when nobody was counted: unknown is not zero."""
        return self.part / self.whole if self.whole else None
