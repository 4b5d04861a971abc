"""How much attention somebody has for a brand, and what one more message costs of it."""

from tiefen.decide.attention.learning import Attention, Event, learn
from tiefen.decide.attention.leaving import Leaving, Tally, leaving

__all__ = ["Attention", "Event", "Leaving", "Tally", "learn", "leaving"]
