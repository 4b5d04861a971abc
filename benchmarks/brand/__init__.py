"""A brand as its own systems would tell of it: a seeded year of tracking calls, without a WeCom. For measuring and for tests."""

from benchmarks.brand.calls import calls, costs
from benchmarks.brand.world import World, make_world

__all__ = ["World", "calls", "costs", "make_world"]
