"""不变量 — what must always be true, looked at while it runs. A new one is a file, a line here and a test."""

from collections.abc import Sequence

from tiefen.outcome.invariants import (
    arms_as_meant,
    campaign_holdout_untouched,
    ends_in_time,
    global_holdout_untouched,
    no_same_words_twice,
    no_touch_after_opt_out,
    one_end,
    quiet_hours_kept,
    within_budget,
    within_quota,
)
from tiefen.outcome.invariants.base import Invariant

INVARIANTS: Sequence[Invariant] = (
    no_touch_after_opt_out.INVARIANT,
    within_budget.INVARIANT,
    within_quota.INVARIANT,
    quiet_hours_kept.INVARIANT,
    no_same_words_twice.INVARIANT,
    global_holdout_untouched.INVARIANT,
    campaign_holdout_untouched.INVARIANT,
    ends_in_time.INVARIANT,
    one_end.INVARIANT,
    arms_as_meant.INVARIANT,
)

__all__ = ["INVARIANTS", "Invariant"]
