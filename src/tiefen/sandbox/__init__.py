"""A WeCom to run against, and a world to try things in, with a truth that is known.

`Sandbox` is the platform: its API over HTTP, its phones, its callbacks, on a clock of its own.
"""

from tiefen.sandbox.box import Delivered, Sandbox, Tasked
from tiefen.sandbox.corps import CorpKeys
from tiefen.sandbox.errors import NotPossible, SandboxInUse

__all__ = ["CorpKeys", "Delivered", "NotPossible", "Sandbox", "SandboxInUse", "Tasked"]
