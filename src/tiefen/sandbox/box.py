"""A WeCom in a box: its state, its clock, what falls due, and the ways in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import structlog

from tiefen.kit.clock import to_us
from tiefen.sandbox.clock import Clock
from tiefen.sandbox.corps import App, Corp, CorpKeys, Corps
from tiefen.sandbox.faults import Faults
from tiefen.sandbox.limits import Limiter
from tiefen.sandbox.said import keep_delivered
from tiefen.sandbox.seeds import Seeds
from tiefen.sandbox.state import Store, Unit, dump, load
from tiefen.sandbox.traffic import Traffic

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from tiefen.sandbox.callbacks import Callbacks
    from tiefen.sandbox.outbox import Outbox, Verified
    from tiefen.sandbox.phones import Phones
    from tiefen.sandbox.truth import Truth

log = structlog.get_logger()
Worker = Callable[["Sandbox", Any], None]
_NEVER = float("inf")
_SETTINGS: dict[str, Any] = {
    "archive_days": 5,
    "group_most": 500,
    "group_scan_most": 200,
    "contacts_most": None,
    "at_once": 50,
    "lag": 2.0,
    "wrong_secrets": 10,
    "mass_messages": "month",
    "tags_most": 10_000,
    "ways_most": 500_000,
    "calls_kept": 5_000,
    "callbacks_at_once": 1,
}
"""What is a setting because nobody publishes it, with what is taken without one (see `Sandbox.settings`)."""


@dataclass(frozen=True, slots=True)
class Tasked:
    """Staff were given something to confirm."""

    corpid: str
    userid: str
    msgid: str
    kind: str
    """`single`, `group` or `moment`."""
    at: float


@dataclass(frozen=True, slots=True)
class Delivered:
    """Something reached a customer (`to` an external_userid) or a group (`to` a chat_id)."""

    corpid: str
    kind: str
    """`single`, `group`, `moment` or `welcome`."""
    userid: str
    to: str
    content: dict[str, Any]
    msgid: str
    at: float


@dataclass(slots=True)
class Listeners:
    """Who wants to know at once; called inside the unit in which it happened."""

    delivered: list[Callable[[Delivered], None]] = field(default_factory=list)
    tasked: list[Callable[[Tasked], None]] = field(default_factory=list)


class Sandbox:
    """Opened by `Sandbox.open`; safe to use from many threads, one act at a time."""

    def __init__(self, store: Store, seed: int, clock: Clock, strict: bool) -> None:
        self.store, self.seed, self.strict, self.clock = store, seed, strict, clock
        self.seeds = Seeds(seed)
        self.limits = True
        self.faults = Faults(store)
        self.limiter = Limiter(store)
        self.corps_kept = Corps(store, self.seeds)
        self.listeners = Listeners()
        self.in_bulk = False
        self.traffic = Traffic()
        self._settings: dict[str, Any] = {}
        self._workers: dict[str, Worker] = {}
        self._next_due = _NEVER
        self._catching_up = False
        store.undone += [self.corps_kept.forget, self._settings.clear, self._look_ahead]
        self._look_ahead()

    @classmethod
    def open(
        cls, data: Path | None = None, *, seed: int = 7, speed: float | None = 1.0, start: datetime | None = None,
        strict: bool = True,
    ) -> Self:  # fmt: skip
        """A new sandbox, or the one kept in `data` going on where it was.

        `start` is aware and counts for a new one only; without it that begins now. At real speed time has gone on while
        it was closed, at any other it stood still. `SandboxInUse` if another process has it open.
        """
        store = Store(data)
        with store.unit():
            seed = store.setting("seed", seed)
            store.set("seed", seed)
            begin = _begin(store, speed, start)
        box = cls(store, seed, Clock(begin, speed, lambda at: box.advance(at)), strict)
        from tiefen.sandbox.endpoints import WORK
        from tiefen.sandbox.phones.talk import archive_told

        for kind, worker in {**WORK, "archive told": archive_told}.items():
            box.handler(kind, worker)
        with store.unit():
            box.keep_time()
        return box

    def close(self) -> None:
        """Write the time down and let go of the file."""
        self.outbox.stop()
        with self.store.unit():
            self.keep_time()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # ---- companies ----

    def add_corp(self, name: str, *, corpid: str | None = None, staff: Sequence[str] = ()) -> CorpKeys:
        """A company with an app, an archive and these staff (`userid` or `userid:name`)."""
        with self.act():
            keys = self.corps_kept.add(name, corpid, self.clock.now())
            phones = self.phones(keys.corpid)
            for one in staff:
                userid, _, called = one.partition(":")
                phones.hire(userid, called or userid)
        return keys

    def add_app(self, corpid: str, name: str) -> App:
        """One more self-built app of a company, with a secret of its own."""
        with self.act():
            return self.corps_kept.add_app(corpid, name)

    def corps(self) -> list[CorpKeys]:
        with self.store.lock:
            return [corp.keys for corp in self.corps_kept.all()]

    def keys(self, corpid: str) -> CorpKeys:
        return self.corp(corpid).keys

    def corp(self, corpid: str) -> Corp:
        """`UnknownCorp` for one there is not."""
        with self.store.lock:
            return self.corps_kept.corp(corpid)

    def sync_secret(self, corpid: str) -> str:
        """The secret of 通讯录同步."""
        from tiefen.sandbox.corps import SYNC

        with self.store.lock:
            return self.corps_kept.app(corpid, SYNC).secret

    def set_callback(self, corpid: str, url: str | None) -> Verified:
        """Where the company's callbacks go, kept only if the address proves itself (echostr)."""
        return self.outbox.set_callback(corpid, url)

    def set_shop(self, corpid: str, url: str | None, write_key: str) -> None:
        """Where the company's shop posts what is bought: a Segment endpoint."""
        with self.act():
            self.corps_kept.change(corpid, shop_url=url, shop_key=write_key)

    def phones(self, corpid: str) -> Phones:
        """What people do in and around a company."""
        from tiefen.sandbox.phones import Phones

        self.corp(corpid)
        return Phones(self, corpid)

    def truth(self, corpid: str) -> Truth:
        """What is really so, for tests."""
        from tiefen.sandbox.truth import Truth

        self.corp(corpid)
        return Truth(self, corpid)

    # ---- settings ----

    def setting(self, name: str) -> Any:
        """One of the numbers nobody publishes; a name that is none of them raises KeyError."""
        if name not in self._settings:
            self._settings[name] = self.store.setting(f"set:{name}", _SETTINGS[name])
        return self._settings[name]

    def settings(self) -> dict[str, Any]:
        with self.store.lock:
            return {name: self.setting(name) for name in _SETTINGS}

    def configure(self, **settings: Any) -> None:
        """Set some of them, for all companies and for good."""
        unknown = set(settings) - set(_SETTINGS)
        if unknown:
            raise KeyError(f"no such settings: {', '.join(sorted(unknown))}")
        with self.store.unit():
            for name, value in settings.items():
                self.store.set(f"set:{name}", value)
                self._settings[name] = value

    @property
    def archive_days(self) -> int | None:
        """How far back the archive is told; None: all of it."""
        days: int | None = self.setting("archive_days")
        return days

    @archive_days.setter
    def archive_days(self, days: int | None) -> None:
        self.configure(archive_days=days)

    # ---- acts ----

    def act(self) -> Unit:
        """The unit of one act, after everything that fell due before it."""
        if self._next_due <= self.clock.now():
            self.catch_up()
        return self.store.unit()

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """One transaction for many acts; without a callback address no callbacks are made in it."""
        with self.store.unit():
            outer, self.in_bulk = self.in_bulk, True
            try:
                yield
                self.keep_time()
            finally:
                self.in_bulk = outer

    # ---- time ----

    def schedule(self, at: float, kind: str, payload: Any) -> None:
        """Have `kind`'s handler called with `payload` (JSON) at a time; it survives restarts."""
        with self.store.unit():
            self.store.run("INSERT INTO due (at, kind, payload) VALUES (?, ?, ?)", (at, kind, dump(payload)))
            if kind in self._workers:
                self._next_due = min(self._next_due, at)

    def handler(self, kind: str, worker: Worker) -> None:
        """Who does what falls due; work of a kind without one waits until it has."""
        with self.store.lock:
            self._workers[kind] = worker
            self._look_ahead()

    def catch_up(self) -> None:
        """Do what has fallen due."""
        with self.store.lock:
            if not self._catching_up:
                self._do_until(self.clock.now())

    def advance(self, at: float) -> None:
        """Go to a time, doing what falls due on the way. `clock.step_to` is the door to it."""
        with self.store.lock:
            if self._next_due <= at and not self._catching_up:
                self._do_until(at)
            self.clock.put(max(at, self.clock.now()))
            if not self.store.in_unit:
                with self.store.unit():
                    self.keep_time()

    def next_due(self) -> float | None:
        """When something falls due next."""
        return None if self._next_due == _NEVER else self._next_due

    def keep_time(self) -> None:
        """Write the time down. Inside a unit only."""
        self.store.set("clock", [self.clock.now(), time.time()])

    def _do_until(self, at: float) -> None:
        self._catching_up = True
        try:
            while self._next_due <= at:
                self._do_next()
        finally:
            self._catching_up = False

    def _do_next(self) -> None:
        with self.store.unit():
            row = self.store.one(
                "SELECT * FROM due WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY at, id LIMIT 1", self._kinds
            )
            if row is None:
                self._next_due = _NEVER
                return
            self.store.run("DELETE FROM due WHERE id = ?", (row["id"],))
        try:
            with self.clock.held(row["at"]), self.store.unit():
                self._workers[row["kind"]](self, load(row["payload"]))
        finally:
            self._look_ahead()

    def _look_ahead(self) -> None:
        self._kinds = dump(sorted(self._workers))
        first = self.store.value(
            "SELECT at FROM due WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY at, id LIMIT 1", self._kinds
        )
        self._next_due = _NEVER if first is None else first

    # ---- who wants to know ----

    def tell_tasked(self, corpid: str, userid: str, msgid: str, kind: str) -> None:
        """Staff have something to confirm: told to whoever lives in the phones."""
        if self.listeners.tasked:
            told = Tasked(corpid, userid, msgid, kind, self.clock.now())
            for listener in self.listeners.tasked:
                listener(told)

    def tell_delivered(
        self, corpid: str, kind: str, userid: str, to: str, content: dict[str, Any], msgid: str = ""
    ) -> None:
        """Something reached a customer or a group: written down, and told to whoever lives in the phones."""
        now = self.clock.now()
        self.store.run(
            "INSERT INTO deliveries (corpid, kind, userid, target, msgid, content, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (corpid, kind, userid, to, msgid, None if msgid else dump(content), now),
        )
        if kind in {"single", "group", "welcome"}:
            group = kind == "group"
            keep_delivered(self, corpid, userid, [] if group else [to], to if group else "", content)
        if self.listeners.delivered:
            told = Delivered(corpid, kind, userid, to, content, msgid, now)
            for listener in self.listeners.delivered:
                listener(told)

    # ---- ways in and out ----

    @cached_property
    def callbacks(self) -> Callbacks:
        from tiefen.sandbox.callbacks import Callbacks

        return Callbacks(self)

    @cached_property
    def outbox(self) -> Outbox:
        from tiefen.sandbox.outbox import Outbox

        return Outbox(self)

    @cached_property
    def app(self) -> ASGIApp:
        """The sandbox as an ASGI app: `/cgi-bin/…` and `/_sandbox/…`."""
        from tiefen.sandbox.server import app

        return app(self)

    @contextmanager
    def serve(self, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
        """Serve in the background, with the clock and the callbacks running; gives the base URL."""
        from tiefen.sandbox.serving import serving

        with serving(self, host, port) as base_url:
            yield base_url

    @contextmanager
    def running(self) -> Iterator[None]:
        """Clock and callbacks running in the background, without a server."""
        from tiefen.sandbox.serving import running

        with running(self):
            yield


def _begin(store: Store, speed: float | None, start: datetime | None) -> float:
    kept = store.setting("clock")
    if kept is None:
        return time.time() if start is None else to_us(start) / 1e6
    at, wall = kept
    return float(at + max(0.0, time.time() - wall)) if speed == 1.0 else float(at)


__all__ = ["Delivered", "Listeners", "Sandbox", "Tasked"]
