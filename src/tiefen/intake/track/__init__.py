"""The tracking wire: what Segment's libraries send, answered as they expect, kept before it is answered."""

from tiefen.intake.track.http import routes

__all__ = ["routes"]
