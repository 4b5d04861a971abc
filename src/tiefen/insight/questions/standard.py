"""Questions everybody has: computed in every reading, so that their pages open at once."""

from __future__ import annotations

from tiefen.insight.questions.acts import ANYTHING, JOINED, SPOKE, Act
from tiefen.insight.questions.cohorts import Cohorts
from tiefen.insight.questions.funnels import Funnel
from tiefen.kit.clock import DAY_US

_SCAN, _ADD, _JOIN = Act("code.scanned"), Act("contact.added"), Act(JOINED)
_SPEAK, _PAY, _ANY = Act(SPOKE), Act("order.paid"), Act(ANYTHING)

COHORTS: dict[str, Cohorts] = {
    "joined_spoke": Cohorts(_JOIN, _SPEAK, "week", 12),
    "joined_anything": Cohorts(_JOIN, _ANY, "week", 12),
    "spoke_spoke": Cohorts(_SPEAK, _SPEAK, "week", 12),
    "added_paid": Cohorts(_ADD, _PAY, "month", 12),
    "paid_paid": Cohorts(_PAY, _PAY, "month", 12),
}
FUNNELS: dict[str, Funnel] = {
    "newcomers": Funnel((_ADD, _JOIN, _SPEAK, _PAY), 30 * DAY_US),
    "referral": Funnel((_SCAN, _ADD, _JOIN, _PAY), 30 * DAY_US),
    "members": Funnel((_JOIN, _SPEAK, _PAY), 30 * DAY_US),
    "buyers": Funnel((_PAY, _PAY, _PAY), 180 * DAY_US),
}
