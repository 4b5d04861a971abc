"""What the sandbox refuses, apart from what WeCom itself would refuse (that is `endpoints.Refused`)."""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.kit.errors import TiefenError


@dataclass(eq=False)
class NotPossible(TiefenError):
    """Somebody did what nobody can do: leave a group they are not in, accept whom nobody added."""

    status = 409
    says = "That cannot be done: {why}."

    why: str


@dataclass(eq=False)
class SandboxInUse(TiefenError):
    """A second process on the same folder."""

    status = 409
    says = "Another process runs the sandbox in {folder}."

    folder: str


@dataclass(eq=False)
class OtherSandbox(TiefenError):
    """A file of another version."""

    status = 409
    says = "{path} was made by another version of the sandbox; remove it to begin anew."

    path: str


@dataclass(eq=False)
class UnknownCorp(TiefenError):
    status = 404
    says = "The sandbox has no company {corpid}."

    corpid: str


__all__ = ["NotPossible", "OtherSandbox", "SandboxInUse", "UnknownCorp"]
