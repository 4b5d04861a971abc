"""The course of a group's life: how lively it is on each day, and what stage that truly is."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

QUIET = 0.03
"""Conversations a day at or below which nobody says anything."""
SILENT = 0.001


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a life: from the level of the phase before to `level`, evenly in the logarithm."""

    stage: str
    days: int
    level: float
    """Conversations a day at its end."""


@dataclass(frozen=True, slots=True)
class Course:
    """From birth on; after the last phase everything stays as it is."""

    born: int
    start: float
    """Conversations on the first day."""
    phases: tuple[Phase, ...]

    def at(self, day: int) -> float:
        """Conversations a day, on average."""
        left, level = day - self.born, self.start
        if left < 0:
            return 0.0
        for phase in self.phases:
            if left < phase.days:
                return float(level * (phase.level / level) ** (left / phase.days))
            left, level = left - phase.days, phase.level
        return level

    def stage(self, day: int) -> str | None:
        """`introduction`, `growth`, `maturity`, `decline`, `dormant`; None before it is born."""
        left = day - self.born
        if left < 0:
            return None
        for phase in self.phases:
            if left < phase.days:
                return phase.stage
            left -= phase.days
        return self.phases[-1].stage

    def silent_from(self, until: int) -> int | None:
        """The first day of its last silence, if that begins by `until`."""
        quiet = None
        for day in range(self.born, until + 1):
            if self.at(day) > QUIET:
                quiet = None
            elif quiet is None:
                quiet = day
        return quiet


_EVER = 100_000


def steady(born: int, peak: float, rng: Random) -> Course:
    """Grows over some months and stays."""
    return Course(born, 0.35 * peak, (*_youth(peak, rng), Phase("maturity", _EVER, peak)))


def fading(born: int, peak: float, rng: Random, *, blooms: int, fades: int) -> Course:
    """Blooms, fades away, and is silent from then on."""
    decline = Phase("decline", fades, QUIET)
    return Course(
        born, 0.35 * peak, (*_youth(peak, rng), Phase("maturity", blooms, peak), decline, Phase("dormant", 1, SILENT))
    )


def short(born: int, peak: float, days: int) -> Course:
    """For one purpose: lively at once, over soon after (the short-lived kind of Qiu et al. 2016)."""
    return Course(
        born, 0.7 * peak, (Phase("introduction", days, peak), Phase("decline", max(10, days // 2), QUIET), Phase("dormant", 1, SILENT))
    )  # fmt: skip


def revived(born: int, peak: float, rng: Random, *, blooms: int, fades: int, sleeps: int, wakes: int) -> Course:
    """Faded, slept, and was woken again."""
    return Course(
        born, 0.35 * peak,
        (
            *_youth(peak, rng), Phase("maturity", blooms, peak), Phase("decline", fades, QUIET), Phase("dormant", sleeps, QUIET),
            Phase("growth", 1, 0.1 * peak), Phase("growth", wakes, 0.85 * peak), Phase("maturity", _EVER, 0.85 * peak),
        ),
    )  # fmt: skip


def _youth(peak: float, rng: Random) -> tuple[Phase, Phase]:
    return (
        Phase("introduction", rng.randrange(32, 46), 0.55 * peak),
        Phase("growth", rng.randrange(45, 90), peak),
    )
