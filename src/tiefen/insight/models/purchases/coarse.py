"""Fewer different people: what is asked of a million records with care is asked of some ten thousand that are all but the same.

Models are fitted to records as they are. Said of people are expectations and bounds, which a day more or less hardly moves once
much time has passed: the longer ago something was, the less exactly its day is taken.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tiefen.insight.models.purchases.records import Floats, Records, Rows, alike

STEPS = ((28, 3), (90, 7), (365, 14))
"""Beyond so many days, times are taken to so many."""
MANY = 20_000
"""So many different records are asked one by one."""


def rows_to_ask(records: Records, exact: Rows) -> Rows:
    """The rows of records in days, `coarse` where they are many. `exact` are those of the same records, as they are."""
    return exact if len(exact) <= MANY else alike(coarse(records), who=True)


def coarse(records: Records) -> Records:
    """The same people with times less exact where much time has passed."""
    age, silence = _rounded(records.age), _rounded(records.age - records.recency)
    again = records.frequency > 0
    recency = np.where(again, np.clip(age - silence, np.minimum(1.0, age), age), 0.0)
    return replace(records, recency=recency, age=age)


def _rounded(days: Floats) -> Floats:
    step = np.ones(len(days))
    for beyond, so_many in STEPS:
        step[days > beyond] = so_many
    rounded: Floats = np.rint(days / step) * step
    return rounded
