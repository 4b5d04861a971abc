"""The record shop's buyers as the published figures know them: 39 weeks to fit to, 39 weeks to be right about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import numpy as np

from tests.real.world import frame_of
from tiefen.insight.models.purchases.orders import Visits, records, visits
from tiefen.insight.models.purchases.records import Floats, Records

_EPOCH = date(1970, 1, 1)
CUT, END = (date(1997, 9, 30) - _EPOCH).days, (date(1998, 6, 30) - _EPOCH).days
WEEK, HOLDOUT = 7, 39.0


@dataclass(frozen=True)
class Shop:
    """Its buyers as of the cut, in weeks, and the order days of each in the 39 weeks after."""

    records: Records
    came: Floats
    visits: Visits
    """Up to the cut."""


@cache
def shop(*, sample: bool = True) -> Shop:
    """The tenth of the buyers that papers use, or all 23,570."""
    frame = frame_of("tx_cdnow")
    who = frame.customer_id.str.slice(2).astype("int64").to_numpy()
    day = np.array([(day - _EPOCH).days for day in frame.order_date], np.int64)
    cents = frame.amount_cents.to_numpy().astype(np.int64)
    taken = np.isin(who, _sample()) if sample else np.ones(len(who), bool)
    some = who[taken], day[taken], cents[taken]
    before, all_of_it = visits(*some, CUT), visits(*some, END)
    known = records(before, CUT)
    later = all_of_it.person[all_of_it.at > CUT]
    came = np.bincount(np.searchsorted(known.person, later), minlength=len(known)).astype(np.float64)
    return Shop(known.scaled(WEEK), came, before)


def _sample() -> list[int]:
    """Whose numbers the 1/10 sample has: the list comes with `lifetimes`."""
    lines = files("lifetimes").joinpath("datasets", "CDNOW_sample.txt").read_text("ascii").splitlines()
    return sorted({int(line.split()[0]) for line in lines})
