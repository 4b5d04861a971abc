"""What is really so in a company, for tests: never part of what an API caller can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox


class Truth:
    def __init__(self, box: Sandbox, corpid: str) -> None:
        self._box, self._corpid = box, corpid
