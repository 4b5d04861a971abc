"""Journeys (旅程): people enter by a trigger, are taken from step to step by themselves, and leave at an end or a goal."""
