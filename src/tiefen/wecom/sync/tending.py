"""What goes on behind a connection: what events left to be asked for, the archive, the channel's tasks, a reading by night.

One thread a process looks after all connections. A failure is kept where the console shows it and tried again after a
while; it never ends the thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from tiefen.kit.clock import SECOND_US, day_of, start_of
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.channel import Channel
from tiefen.wecom.client import WeCom
from tiefen.wecom.connections import Connection, api, archive_api, connections
from tiefen.wecom.delivering import deliver
from tiefen.wecom.sync import troubles
from tiefen.wecom.sync.clocks import clock_of
from tiefen.wecom.sync.progress import progress
from tiefen.wecom.sync.run import Stopped
from tiefen.wecom.sync.state import SyncUnderWay, alone
from tiefen.wecom.sync.sync import Sync
from tiefen.wecom.tagging import put_tags

log = structlog.get_logger()
_TURN = 0.5
_CONNECTIONS_EVERY = 5.0
_PAUSE, _PAUSE_MOST = 5.0, 900.0
_HOUR_US = 3_600 * SECOND_US


@dataclass
class _Corp:
    """One connection with what looks after it. `next` is when each work is due, by `time.monotonic`."""

    connection: Connection
    api: WeCom
    sync: Sync
    channel: Channel
    next: dict[str, float] = field(default_factory=dict)


class Tending:
    """Looks after every connection of the store."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self._ledger, self._settings = ledger, settings
        self._stop = threading.Event()
        self._corps: dict[str, _Corp] = {}
        self._looked = float("-inf")
        self._thread = threading.Thread(target=self._run, name="tiefen-wecom", daemon=True)
        self._works: Mapping[str, tuple[float, Callable[[_Corp], None]]] = {
            "pulls": (1.0, self._pull),
            "lists": (2.0, lambda corp: corp.sync.pull_lists()),
            "archive": (5.0, self._archive),
            "channel": (60.0, lambda corp: _ignore(corp.channel.look())),
            "delivery": (2.0, self._deliver),
            "everything": (2.0, self._everything),
        }

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop at the next safe place; what is cut short goes on at the next start."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def turn(self, *, beside: str = "") -> None:
        """Do what is due, for every connection; everything but `beside`."""
        self._look_at_connections()
        for corp in list(self._corps.values()):
            for what, (every, do) in self._works.items():
                if what != beside and time.monotonic() >= corp.next.get(what, 0.0):
                    if self._stop.is_set():
                        return
                    corp.next[what] = time.monotonic() + self._try(corp, what, do, every)

    def _run(self) -> None:
        while not self._stop.wait(_TURN):
            try:
                self.turn()
            except Exception:
                log.exception("connections to WeCom could not be looked after; it will be tried again")
                self._stop.wait(_PAUSE)

    def _try(self, corp: _Corp, what: str, do: Callable[[_Corp], None], every: float) -> float:
        """Do one work; returns in how many seconds it is due again."""
        corp_id = corp.connection.corp_id
        try:
            do(corp)
        except Stopped:
            return every
        except SyncUnderWay:
            return 10.0
        except Exception as error:
            wait = float(getattr(error, "retry_after", None) or 0.0)
            now_us = corp.sync.clock()
            times = troubles.note(self._ledger, corp_id, what, error, now_us)
            pause = max(wait, min(_PAUSE * (1 << min(times - 1, 10)), _PAUSE_MOST))
            if times == 1:
                log.warning("work for WeCom failed; it will be tried again", corp=corp_id, work=what, error=str(error))
            return pause
        troubles.clear(self._ledger, corp_id, what)
        return every

    def _look_at_connections(self) -> None:
        if time.monotonic() - self._looked < _CONNECTIONS_EVERY:
            return
        found = {one.corp_id: one for one in connections(self._ledger)}
        for corp_id in self._corps.keys() - found.keys():
            del self._corps[corp_id]
        for corp_id, connection in found.items():
            if corp_id not in self._corps or self._corps[corp_id].connection != connection:
                self._corps[corp_id] = self._corp(connection)
        self._looked = time.monotonic()

    def _corp(self, connection: Connection) -> _Corp:
        client, clock = api(connection), clock_of(connection)
        sync = Sync(self._ledger, connection.corp_id, client, archive=archive_api(connection), clock=clock)
        return _Corp(connection, client, sync, Channel(self._ledger, connection.corp_id, client, clock=clock))

    def _pull(self, corp: _Corp) -> None:
        with alone(self._ledger, corp.connection.corp_id, "pulls"):
            pulled = corp.sync.pull()
        if pulled.error is not None:
            raise pulled.error

    def _archive(self, corp: _Corp) -> None:
        if corp.sync.archive is not None:
            corp.sync.archive.pull()

    def _deliver(self, corp: _Corp) -> None:
        corp_id = corp.connection.corp_id
        with alone(self._ledger, corp_id, "delivery"):
            deliver(self._ledger, corp_id, corp.channel, self._settings, corp.sync.clock())
            put_tags(self._ledger, corp_id, corp.api, corp.sync.clock())

    def _everything(self, corp: _Corp) -> None:
        if self._due(corp) or corp.sync.wished("everything"):
            corp.sync.read_everything(between=self._between)

    def _due(self, corp: _Corp) -> bool:
        """Whether a reading was cut off, there never was one, or the last one began before the latest hour for it."""
        of = progress(self._ledger, corp.connection.corp_id)
        if of.step or of.last is None:
            return True
        zone, now = self._ledger.corp(corp.connection.corp_id).time_zone, corp.sync.clock()
        hour_us = self._settings.wecom_reading_hour * _HOUR_US
        latest = start_of(day_of(now, zone), zone) + hour_us
        if latest > now:
            latest = start_of(day_of(now, zone) - timedelta(days=1), zone) + hour_us
        return of.last.began_us < latest

    def _between(self) -> None:
        if self._stop.is_set():
            raise Stopped
        self.turn(beside="everything")


def _ignore(_looked: object) -> None:
    pass
