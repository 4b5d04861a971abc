"""What stands out. A detector is a file here and a line in the list."""

from tiefen.insight.detectors import (
    advert_flood,
    dying_group,
    leaky_group,
    one_voice_group,
    silent_leader,
    star_newcomer,
    strangers_group,
    twin_groups,
)
from tiefen.insight.detectors.detector import Detector, Found

DETECTORS: tuple[Detector, ...] = (
    dying_group.DETECTOR,
    leaky_group.DETECTOR,
    one_voice_group.DETECTOR,
    advert_flood.DETECTOR,
    silent_leader.DETECTOR,
    twin_groups.DETECTOR,
    strangers_group.DETECTOR,
    star_newcomer.DETECTOR,
)

__all__ = ["DETECTORS", "Detector", "Found"]
