"""How far a reading has come, for whoever watches, in whatever process."""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.kit.clock import SECOND_US, now_us
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.sync.reading import STEPS
from tiefen.wecom.sync.run import EVERYTHING
from tiefen.wecom.sync.state import State, Summary, load


@dataclass(frozen=True, slots=True)
class Progress:
    """A reading under way (`step` is empty when there is none) and how the last one ended.

    `done` of `of` (None: not known) are pieces of the step; `rate` pieces a second; `seconds_left` of this step.
    """

    step: str
    zh: str
    en: str
    steps_done: int
    steps: int
    done: int
    of: int | None
    rate: float | None
    seconds_left: float | None
    now: Summary
    last: Summary | None

    @property
    def fraction(self) -> float:
        """How much is done of all, 0…1, each step counted alike."""
        if not self.step:
            return 1.0 if self.last is not None else 0.0
        part = min(1.0, self.done / self.of) if self.of else 0.0
        return (self.steps_done + part) / self.steps


def progress(ledger: Ledger, corp_id: str) -> Progress:
    """How far the reading of everything has come."""
    with ledger.read() as connection:
        state = load(connection, corp_id, EVERYTHING, State)
    step = next((one for one in STEPS if one.key == state.step), None)
    elapsed = (now_us() - state.began_step_us) / SECOND_US if step else 0.0
    rate = state.done / elapsed if step and state.done and elapsed > 0 else None
    left = (state.of - state.done) / rate if rate and state.of is not None else None
    return Progress(
        step.key if step else "", step.zh if step else "", step.en if step else "", state.steps_done, len(STEPS),
        state.done, state.of, rate, left, state.now, state.last,
    )  # fmt: skip
