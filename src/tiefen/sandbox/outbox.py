"""What leaves the sandbox: callbacks to the companies' addresses, orders to their shops' endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether an address proved itself, and if not, why."""

    ok: bool
    why: str = ""


class Outbox:
    """Not sending yet."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box

    def set_callback(self, corpid: str, url: str | None) -> Verified:
        with self._box.act():
            self._box.corps_kept.change(corpid, callback_url=url)
        return Verified(True)

    def start(self) -> None: ...

    def stop(self) -> None: ...
