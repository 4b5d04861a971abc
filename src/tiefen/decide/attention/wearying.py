"""How much a message wearies by what it is for, and what that costs in people.

A selling message costs one of somebody's attention by definition. What the others cost beside it begins at a guess, that selling
wearies more, and follows what messages did: how many left within three days of one beyond those who leave anyway, and how
many of the answers the next message should have had were missing. Each purpose is drawn towards what all of them say
together, and that towards the guess (partial pooling, lognormal, on a grid): with few messages the guess stands.
Who mutes a brand is seen by no platform; they are among the missing answers.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from tiefen.kit.clock import DAY_US

GUESSED: Mapping[str, float] = {"sell": 1.0, "give": 0.5, "care": 0.25, "service": 0.25}
"""What a message costs while nothing is known, in selling messages: halves, for want of anything better."""
AT_MOST = 2.0
"""Nothing is learned to cost more than twice what was guessed, or less than half of it, and nothing more than to be sold to."""
WEEK_US = 7 * DAY_US
"""In which half of what somebody was told is forgotten."""
NEXT_US = 14 * DAY_US
"""How long a message is thought to spoil the next one; whoever was told nothing for so long is rested."""
_LEAVE, _SPOILS = 0.002, 0.1
"""Guessed of a selling message: how many leave for it; which share of the answers to the next one it costs."""
_APART = 0.5
"""How far purposes are thought to lie apart from each other, and all of them from the guess (σ of the logarithm)."""
_PERSON, _RESTED = 0.5, 5.0
"""Answers' worth of weight that everybody has against somebody's own, and no effect against how rested people answer."""


class Told(msgspec.Struct, frozen=True):
    """A message that had time to be answered."""

    at_us: int
    purpose: str
    fate: str
    """`answered`, `ignored` or `left`."""


class Wear(msgspec.Struct, frozen=True, kw_only=True):
    """What messages of one purpose did."""

    told: int = 0
    left: int = 0
    hoped: float = 0.0
    """Answers to messages that came within two weeks after one of these, had they come to rested people."""
    answered: int = 0
    """Answers they had."""


class Weariness(msgspec.Struct, frozen=True, kw_only=True):
    """What messages cost a brand's people, by purpose."""

    costs: dict[str, float] = msgspec.field(default_factory=lambda: dict(GUESSED))
    """In selling messages."""
    wears: dict[str, Wear] = msgspec.field(default_factory=dict)

    def cost(self, purpose: str) -> float:
        """What a message costs of somebody's attention."""
        return self.costs.get(purpose, 1.0)

    def least(self, purpose: str) -> float:
        """The least it can ever have cost, whatever was learned in between."""
        return GUESSED.get(purpose, 1.0) / (AT_MOST if purpose != "sell" else 1.0)

    def usual(self) -> float:
        """What a message has cost on average; a selling one's where none was sent."""
        whole = sum(wear.told for wear in self.wears.values())
        spent = sum(wear.told * self.cost(purpose) for purpose, wear in self.wears.items())
        return spent / whole if whole else 1.0


GUESS = Weariness()
"""Of a brand of which nothing is known."""


def tired(spent: Iterable[tuple[int, float]], now_us: int) -> float:
    """How much of what somebody was told (when, cost) still weighs on them: half of it a week later."""
    return math.fsum(cost * 0.5 ** ((now_us - at) / WEEK_US) for at, cost in spent if at <= now_us)


def lost(cost: float, load: float, budget: float, loss: float) -> float:
    """How likely one more message loses somebody. `loss` is that of a selling one that brings them to just what they bear a week;
    it grows with the square of what weighs on them by then, since who is rested hardly minds and who is not soon does."""
    used = (load + cost) / budget
    return min(1.0, loss * cost * used * used)


def rested_at(cost: float, load: float, budget: float, loss: float, bearable: float) -> float | None:
    """How many weeks it takes until `lost` is no more than that; None where it never is."""
    if lost(cost, 0.0, budget, loss) >= bearable:
        return None
    least = budget * math.sqrt(bearable / (loss * cost)) - cost if loss * cost > 0 else math.inf
    return math.log2(load) - math.log2(least) if load > least else 0.0


# ---- learning ----


def wearing(streams: Iterable[Sequence[Told]], *, anyway: float) -> Weariness:
    """Learned of everybody's messages, one person after the other, each in order. `anyway`: how likely somebody leaves within
    three days of no message."""
    everybody = [one for one in streams if one]
    answers: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    told: dict[str, int] = defaultdict(int)
    left: dict[str, int] = defaultdict(int)
    for stream in everybody:
        for one in stream:
            told[one.purpose] += 1
            left[one.purpose] += one.fate == "left"
            answers[one.purpose][0] += one.fate == "answered"
            answers[one.purpose][1] += 1
    rate = {purpose: answered / many for purpose, (answered, many) in answers.items()}
    hoped: dict[str, float] = defaultdict(float)
    had: dict[str, int] = defaultdict(int)
    for stream in everybody:
        whole, own = sum(rate[one.purpose] for one in stream), sum(one.fate == "answered" for one in stream)
        before: Told | None = None
        for one in stream:
            due, did = rate[one.purpose], one.fate == "answered"
            # How readily they answer everything else.
            readiness = (own - did + _PERSON) / (whole - due + _PERSON)
            after = before.purpose if before is not None and one.at_us - before.at_us <= NEXT_US else ""
            hoped[after] += due * readiness
            had[after] += did
            before = one
    as_rested = (had[""] + _RESTED) / (hoped[""] + _RESTED)
    wears = {
        purpose: Wear(
            told=many, left=left[purpose], hoped=hoped[purpose] * as_rested, answered=had[purpose]
        )
        for purpose, many in sorted(told.items())
    }  # fmt: skip
    return _weighed(wears, anyway)


_GRID = np.exp(np.linspace(-math.log(AT_MOST), math.log(AT_MOST), 61))


def _weighed(wears: dict[str, Wear], anyway: float) -> Weariness:
    said = {purpose: _likely(wears.get(purpose, Wear()), guess, anyway) for purpose, guess in GUESSED.items()}
    every = _mean(sum(said.values(), np.zeros(len(_GRID))), 1.0)
    more = {purpose: _mean(likely, every) for purpose, likely in said.items()}
    costs = {
        purpose: float(np.clip(guess * more[purpose] / more["sell"], guess / AT_MOST, min(1.0, guess * AT_MOST)))
        for purpose, guess in GUESSED.items()
    }
    return Weariness(costs=costs, wears=wears)


def _likely(wear: Wear, guess: float, anyway: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """How likely what was seen is (logarithm) where messages of the purpose weary so many times what was guessed: Poisson."""
    leaving = anyway + _GRID * guess * _LEAVE
    answering = 1 - _GRID * guess * _SPOILS
    found = wear.left * np.log(leaving) - wear.told * leaving
    return np.asarray(found + wear.answered * np.log(answering) - wear.hoped * answering, np.float64)


def _mean(likely: np.ndarray[tuple[int], np.dtype[np.float64]], centre: float) -> float:
    logs = np.log(_GRID)
    weight = likely - (logs - math.log(centre)) ** 2 / (2 * _APART**2)
    weight = np.exp(weight - weight.max())
    return float(np.exp((weight * logs).sum() / weight.sum()))
