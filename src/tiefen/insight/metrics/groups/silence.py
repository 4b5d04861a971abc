"""Whether a group will fall silent, as an expression: what `tiefen.insight.models.life` says of today, for all groups at once.

Its coefficients are the brand's own where the last reading could learn them, the shipped ones otherwise. A test holds the
expression and the model to the same numbers.
"""

from __future__ import annotations

from datetime import timedelta
from functools import reduce

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.models.life.hazard import WITHIN
from tiefen.insight.models.life.learning import kept
from tiefen.insight.models.life.silence import PERIODS, QUIET_DAYS
from tiefen.insight.window import Window

LOOKS_BACK = 90


def risk(t: Tables, w: Window, within: int) -> ir.Table:
    """(group, part, 1): the chance that the group falls silent within so many days, for those that are not silent yet."""
    chances = _chances(t, w)
    return chances.select("group", part=chances[f"within_{within}"], whole=ibis.literal(1.0))


def _chances(t: Tables, w: Window) -> ir.Table:
    def make() -> ir.Table:
        known = _known(t, w)
        hazard = kept(t.silence_path)
        staying = ibis.literal(1.0)
        for period, days in zip(range(PERIODS), WITHIN, strict=True):
            constant, weights = hazard.line(period)
            terms = [(known[name].cast("float64") + 1).ln() * weight for name, weight in weights.items()]
            logit = reduce(lambda some, term: some + term, terms, ibis.literal(constant))
            staying = staying * (1 - 1 / (1 + (-logit).exp()))
            known = known.mutate(**{f"within_{days}": 1 - staying})
        return known.select("group", *(f"within_{days}" for days in WITHIN))

    return t.kept(f"silence_{w.end:%Y%m%d}", make)


def _known(t: Tables, w: Window) -> ir.Table:
    """(group, …): the features the coefficients are of, for groups that spoke within `QUIET_DAYS` and are not dismissed."""

    def since(days: int) -> ir.Scalar:
        return ibis.literal(w.end - timedelta(days=days - 1))

    group = t["group"]
    speech = base.speech(t, w)
    lately = speech.filter(speech.day >= since(LOOKS_BACK))
    days = lately.group_by("group", "day").agg(messages=lately.messages.sum(), speakers=lately.count())
    # Days between two dates, without what engines disagree about.
    ago = reduce(lambda n, k: n + (days.day < since(k)).cast("int64"), range(1, QUIET_DAYS + 1), ibis.literal(0))
    month = (days.day >= since(30)).cast("int64")
    known = days.group_by("group").agg(
        silent=ago.min(), active_30d=month.sum(), active_90d=days.count(), messages_30d=(days.messages * month).sum(),
        speaker_days_30d=(days.speakers * month).sum(),
    )  # fmt: skip
    going_on = group.filter(group.dismissed_at.isnull() | (group.dismissed_at > t.end_at(w)))
    known = known.semi_join(going_on, "group")
    return known.filter(known.silent < QUIET_DAYS)
