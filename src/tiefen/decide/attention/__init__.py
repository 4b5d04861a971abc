"""How much attention somebody has for a brand, and what one more message costs of it."""

from tiefen.decide.attention.learning import Attention, Event, learn, told
from tiefen.decide.attention.leaving import Leaving, Tally, leaving
from tiefen.decide.attention.wearying import GUESS, Told, Wear, Weariness, lost, rested_at, tired, wearing

__all__ = [
    "GUESS",
    "Attention",
    "Event",
    "Leaving",
    "Tally",
    "Told",
    "Wear",
    "Weariness",
    "learn",
    "leaving",
    "lost",
    "rested_at",
    "tired",
    "told",
    "wearing",
]
