"""What all clients of one corp in this process share: tokens by secret, lanes by endpoint, locks by record."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from tiefen.kit.ids import digest
from tiefen.wecom.client.gates import KeyedLocks
from tiefen.wecom.client.lanes import Lane, Usage
from tiefen.wecom.client.limits import Limits
from tiefen.wecom.client.tokens import TokenHolder

_T = TypeVar("_T")


class CorpState:
    """One corp at one address."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._tokens: dict[str, TokenHolder] = {}
        self._lanes: dict[str, Lane] = {}
        self.records = KeyedLocks()

    def tokens(self, secret: str, limits: Limits) -> TokenHolder:
        with self._guard:
            return _kept(self._tokens, digest(secret), lambda: TokenHolder(limits))

    def lane(self, endpoint: str, limits: Limits) -> Lane:
        with self._guard:
            return _kept(self._lanes, endpoint, lambda: Lane(endpoint, limits))

    def usage(self, now: float) -> list[Usage]:
        with self._guard:
            lanes = list(self._lanes.values())
        return [lane.usage(now) for lane in sorted(lanes, key=lambda lane: lane.endpoint)]


class Shared:
    """The corps of this process."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._corps: dict[str, CorpState] = {}

    def corp(self, base_url: str, corpid: str) -> CorpState:
        with self._guard:
            return _kept(self._corps, f"{base_url} {corpid}", CorpState)


def _kept(found: dict[str, _T], key: str, make: Callable[[], _T]) -> _T:
    if key not in found:
        found[key] = make()
    return found[key]


PROCESS = Shared()
"""What clients share unless told otherwise."""
