"""A seeded population: people, groups of every life stage, talk, orders, sources — and the answer key."""

from tiefen.sandbox.population.calls import calls, costs
from tiefen.sandbox.population.world import World, make_world

__all__ = ["World", "calls", "costs", "make_world"]
