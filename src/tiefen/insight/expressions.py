"""Ibis, in which every metric is written: loaded when the first question is put to the lake, and not before.

It takes most of a second to import, and a server that shows a reading it has made needs none of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any


class _WhenNeeded:
    """A module that is imported by whoever first wants something of it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, wanted: str) -> Any:
        return getattr(import_module(self._name), wanted)


if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir
else:
    ibis = _WhenNeeded("ibis")
    ir = _WhenNeeded("ibis.expr.types")

__all__ = ["ibis", "ir"]
