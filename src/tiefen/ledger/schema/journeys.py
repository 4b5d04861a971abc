"""Journeys: their versions, and where in them people are."""
