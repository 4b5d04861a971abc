"""What the blocks of playbooks do to groups: activity in their hours, leavers and orders in the days after."""

from tiefen.outcome.blocks.effect import LEAST_GROUPS, WEEKS, Effect, Seen, effect
from tiefen.outcome.blocks.measuring import OUTCOMES, Outcome, measure, turn

__all__ = ["LEAST_GROUPS", "OUTCOMES", "WEEKS", "Effect", "Outcome", "Seen", "effect", "measure", "turn"]
