"""Which variant somebody gets, or none because they are held out: the same every time it is asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tiefen.act.broadcasts.plan import Plan
from tiefen.kit.chance import shares

HOLDOUT = "holdout"


def arms(campaign_id: str, plan: Plan, units: Sequence[int]) -> list[str]:
    """The arm of each. Who is held out stays so however the shares of variants change."""
    fell = shares(campaign_id, np.array(units, np.int64))
    whole = sum(part for _, part in plan.arms)
    ends = plan.holdout + np.cumsum([part / whole for _, part in plan.arms]) * (1 - plan.holdout)
    names = [name for name, _ in plan.arms]
    places = np.minimum(np.searchsorted(ends, fell, side="right"), len(names) - 1)
    return [HOLDOUT if at < plan.holdout else names[place] for at, place in zip(fell, places, strict=True)]
