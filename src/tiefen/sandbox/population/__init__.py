"""A seeded population: people, groups of every life stage, talk, orders, sources — and the answer key."""

from tiefen.sandbox.population.calls import calls, costs
from tiefen.sandbox.population.errors import AlreadyPopulated, NotPopulated
from tiefen.sandbox.population.key import answers
from tiefen.sandbox.population.living import Living, live, populate
from tiefen.sandbox.population.world import World, make_world

__all__ = [
    "AlreadyPopulated",
    "Living",
    "NotPopulated",
    "World",
    "answers",
    "calls",
    "costs",
    "live",
    "make_world",
    "populate",
]
