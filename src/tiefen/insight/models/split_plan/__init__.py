"""分群方案 — who would go where if a group were split, or several made one. Always a plan, never a move.

`crowd` says who is to be placed and what is known of them, `affinity` what keeps people together, `dividing` finds the
parts under a hard cap (`starts` gives it something to begin with, `refining` improves it, `seats` makes room), `plan` says
who goes where and why, and `merging` is the way back.
"""

from tiefen.insight.models.split_plan.crowd import Crowd, Weights
from tiefen.insight.models.split_plan.merging import MergePlan, Side, merge_plan
from tiefen.insight.models.split_plan.plan import Impossible, Plan, split_plan

__all__ = ["Crowd", "Impossible", "MergePlan", "Plan", "Side", "Weights", "merge_plan", "split_plan"]
