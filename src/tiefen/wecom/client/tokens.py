"""One token a secret, whoever asks (https://developer.work.weixin.qq.com/document/path/91039).

The known failures are all refresh races: two threads replace one another's token, an old one overwrites a new one, or
everybody renews at once. So one lock, a second look after getting it, and a token is thrown away only by somebody who
failed with that very token.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from tiefen.wecom.client.clock import Clock
from tiefen.wecom.client.errors import WrongSecret
from tiefen.wecom.client.limits import Limits


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """An access token and how many seconds it is good for."""

    value: str
    expires_in: float


class TokenHolder:
    """The token of one (address, corp, secret)."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._good_until = 0.0
        self._refused: tuple[WrongSecret, float] | None = None

    def get(self, clock: Clock, fetch: Callable[[], Token]) -> str:
        """A token good for a while yet. A refused secret is not tried again for some minutes."""
        token = self._token
        if token is not None and clock.now() < self._good_until:
            return token.value
        with self._lock:
            if self._token is not None and clock.now() < self._good_until:
                return self._token.value
            self._refuse_again(clock.now())
            try:
                self._token = fetch()
            except WrongSecret as error:
                self._refused = error, clock.now() + self._limits.wrong_secret_pause
                raise
            # A short-lived token (a sandbox in a hurry) is still used for half its life.
            life = max(self._token.expires_in - self._limits.refresh_early, self._token.expires_in / 2)
            self._good_until = clock.now() + life
            return self._token.value

    def invalidate(self, failed: str) -> None:
        """Throw the token away, if it still is the one that failed."""
        with self._lock:
            if self._token is not None and self._token.value == failed:
                self._token = None

    def _refuse_again(self, now: float) -> None:
        if self._refused is not None and now < self._refused[1]:
            error = self._refused[0]
            raise WrongSecret(error.errcode, error.errmsg, error.endpoint, error.hint)
