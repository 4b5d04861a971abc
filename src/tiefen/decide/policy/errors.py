"""What a policy cannot be."""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.kit.errors import TiefenError


@dataclass(eq=False)
class BadPolicy(TiefenError):
    """A rule for sending that makes no sense."""

    status = 422
    says = "The rule `{field}` cannot be kept: {why}."

    field: str
    why: str
