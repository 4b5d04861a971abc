"""Statistics of experiments: arrays in, frozen results out. Each says what it assumes and where it is from."""

from tiefen.outcome.stats.always import always_p, always_valid
from tiefen.outcome.stats.difference import LEVEL, Estimate, Interval, Sample, difference, together
from tiefen.outcome.stats.many import holm
from tiefen.outcome.stats.planning import least_effect, units_needed
from tiefen.outcome.stats.proportions import proportions
from tiefen.outcome.stats.sample_ratio import SampleRatio, sample_ratio
from tiefen.outcome.stats.verdicts import Verdict, verdict

__all__ = [
    "LEVEL",
    "Estimate",
    "Interval",
    "Sample",
    "SampleRatio",
    "Verdict",
    "always_p",
    "always_valid",
    "difference",
    "holm",
    "least_effect",
    "proportions",
    "sample_ratio",
    "together",
    "units_needed",
    "verdict",
]
