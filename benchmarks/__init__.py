"""Measurements, each against a yardstick taken in the same run: bare disk, hand-written SQL, a peer."""
