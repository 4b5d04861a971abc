"""What stands out. A detector is a file here and a line in the list."""

from tiefen.insight.detectors import (
    advert_flood,
    complaints_rising,
    crowded_group,
    dying_group,
    fraud_ring,
    leaky_group,
    one_voice_group,
    selling_too_much,
    silent_leader,
    slipping_away,
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
    complaints_rising.DETECTOR,
    crowded_group.DETECTOR,
    selling_too_much.DETECTOR,
    fraud_ring.DETECTOR,
    silent_leader.DETECTOR,
    twin_groups.DETECTOR,
    strangers_group.DETECTOR,
    star_newcomer.DETECTOR,
    slipping_away.DETECTOR,
)

__all__ = ["DETECTORS", "Detector", "Found"]
