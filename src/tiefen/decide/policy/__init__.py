"""What may be sent to whom and when: quiet hours, rest days, quotas, budgets, holdouts, who is blocked."""

from tiefen.decide.policy.errors import BadPolicy
from tiefen.decide.policy.holidays import DATED_YEARS, is_rest_day
from tiefen.decide.policy.moment import Moment, moment, next_open
from tiefen.decide.policy.policy import PURPOSES, RULES, Policy, Quota, Rule, policy_of

__all__ = [
    "DATED_YEARS",
    "PURPOSES",
    "RULES",
    "BadPolicy",
    "Moment",
    "Policy",
    "Quota",
    "Rule",
    "is_rest_day",
    "moment",
    "next_open",
    "policy_of",
]
