"""People with a known truth who live on the sandbox's phones: their history, their life with the clock, the answer key."""

from tiefen.sandbox.population.errors import AlreadyPopulated, NotPopulated
from tiefen.sandbox.population.key import answers, costs
from tiefen.sandbox.population.living import live, populate

__all__ = ["AlreadyPopulated", "NotPopulated", "answers", "costs", "live", "populate"]
