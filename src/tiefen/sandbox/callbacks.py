"""Events as WeCom writes them (https://developer.work.weixin.qq.com/document/path/92130)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox


class Callbacks:
    def __init__(self, box: Sandbox) -> None:
        self._box = box
