"""Asking for what events left to be asked for, one thing at a time, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Callable

from tiefen.kit.clock import SECOND_US
from tiefen.kit.errors import TiefenError
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.client import WeCom
from tiefen.wecom.client.endpoints.groups import Group
from tiefen.wecom.client.errors import Forbidden, UnknownContact
from tiefen.wecom.mirror import Made, Mirror, Pull
from tiefen.wecom.mirror import pulls as kept
from tiefen.wecom.sync.asking import ask_contact, ask_group, group_told
from tiefen.wecom.sync.run import passing
from tiefen.wecom.sync.settings import SyncSettings

_STALE_US = 2 * SECOND_US
_PAUSE_US = 30 * SECOND_US
_PAUSE_MOST_US = 3_600 * SECOND_US
ONE_BY_ONE = ("group", "contact")
"""What is asked for by itself. The others are steps of a reading, or somebody else's."""


class Pulling:
    """The wishes of one corp."""

    def __init__(
        self, ledger: Ledger, corp_id: str, api: WeCom, mirror: Mirror, settings: SyncSettings, clock: Callable[[], int]
    ) -> None:
        self._ledger, self._corp_id, self._api, self._mirror = ledger, corp_id, api, mirror
        self._settings, self._clock = settings, clock

    def due(self, *what: str) -> list[Pull]:
        """What of these kinds should be asked by now."""
        with self._ledger.read() as connection:
            return [pull for pull in kept.due(connection, self._corp_id, self._clock()) if pull.what in what]

    def ask(self, pull: Pull) -> Made:
        """Ask for a group or a contact, and take what comes. What passes by itself is asked for again later, and raised."""
        try:
            return self._group(pull) if pull.what == "group" else self._contact(pull)
        except TiefenError as error:
            self._later(pull, error)
            raise

    def done(self, pull: Pull) -> None:
        with self._ledger.write() as connection:
            kept.done(connection, self._corp_id, [pull])

    def _group(self, pull: Pull) -> Made:
        before = self._mirror.version(pull.of)
        seen_us, answer = ask_group(self._api, pull.of, self._clock)
        if isinstance(answer, TiefenError) and (passing(answer) or isinstance(answer, Forbidden)):
            raise answer
        if self._stale(pull, answer, before):
            with self._ledger.write() as connection:
                kept.again(connection, self._corp_id, pull, seen_us + _STALE_US)
            return Made()
        return group_told(
            self._mirror, pull.of, answer, seen_us, lambda connection: kept.done(connection, self._corp_id, [pull])
        )

    def _stale(self, pull: Pull, answer: Group | TiefenError, before: str) -> bool:
        """An event told of a version, and WeCom still shows the one before it."""
        return (
            isinstance(answer, Group)
            and bool(pull.version)
            and answer.member_version != pull.version
            and answer.member_version == before
            and pull.tries < self._settings.stale_tries
        )

    def _contact(self, pull: Pull) -> Made:
        seen_us = self._clock()
        try:
            replies = ask_contact(self._api, pull.of)
        except UnknownContact:
            # Another caller's id, or all who know them are out of sight: nothing follows for anybody.
            self.done(pull)
            return Made()
        return self._mirror.contact(
            pull.of, replies, seen_us, lambda connection: kept.done(connection, self._corp_id, [pull])
        )

    def _later(self, pull: Pull, error: TiefenError) -> None:
        wait = int((getattr(error, "retry_after", None) or 0) * SECOND_US)
        pause = min(_PAUSE_US * 2 ** min(pull.tries, 10), _PAUSE_MOST_US)
        with self._ledger.write() as connection:
            kept.again(connection, self._corp_id, pull, self._clock() + max(wait, pause))
