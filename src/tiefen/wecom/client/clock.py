"""The time a client lives in, so that tests and a sandbox at another speed can bring their own."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from tiefen.wecom.client.errors import ClientClosed


class Clock(Protocol):
    """Seconds since 1970, and waiting that ends when the client is closed."""

    def now(self) -> float: ...

    def wait(self, seconds: float) -> None: ...

    def close(self) -> None: ...


class WallClock:
    """The clock of this machine."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def now(self) -> float:
        return time.time()

    def wait(self, seconds: float) -> None:
        """Wait; `ClientClosed` as soon as the client is closed."""
        if self._closed.wait(max(0.0, seconds)):
            raise ClientClosed

    def close(self) -> None:
        self._closed.set()
