"""Broadcasts and launches: said to many, by staff, at a time, in variants, and not to those held out."""
