"""Experiments: who is in which arm, and what was measured."""
