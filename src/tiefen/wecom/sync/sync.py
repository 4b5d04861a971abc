"""Reading everything, and what changed since: the sync of one corp."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tiefen.kit.clock import SECOND_US
from tiefen.kit.errors import TiefenError
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.client import WeCom
from tiefen.wecom.mirror import Made, Mirror
from tiefen.wecom.sync import reading
from tiefen.wecom.sync.archive import ArchiveReader
from tiefen.wecom.sync.pulling import ONE_BY_ONE, Pulling
from tiefen.wecom.sync.reading import STEPS
from tiefen.wecom.sync.run import EVERYTHING, Run, begin_step
from tiefen.wecom.sync.settings import SyncSettings
from tiefen.wecom.sync.state import State, Summary, SyncUnderWay, alone, load, save

_KEYS = [step.key for step in STEPS]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What asking for what events left to be asked for came to."""

    asked: int = 0
    failed: int = 0
    made: Made = field(default_factory=Made)
    error: TiefenError | None = None
    """The last failure."""


class Sync:
    """Everything WeCom tells of one corp, kept up to date.

    `clock` gives microseconds since 1970 as WeCom counts them; the client's by default. `read_everything` may be cut off
    anywhere and goes on there; what it did twice it did once. `pull` asks for what events left to be asked for, and
    `archive` reads what was said since.
    """

    def __init__(
        self, ledger: Ledger, corp_id: str, api: WeCom, *, archive: WeCom | None = None,
        settings: SyncSettings | None = None, clock: Callable[[], int] | None = None,
    ) -> None:  # fmt: skip
        self._ledger, self._corp_id = ledger, corp_id
        self._settings = settings or SyncSettings()
        self._api = api.patient(self._settings.patience)
        self.clock = clock or (lambda: int(self._api.clock.now() * SECOND_US))
        self.mirror = Mirror(ledger, corp_id, clock=self.clock)
        self._pulling = Pulling(ledger, corp_id, self._api, self.mirror, self._settings, self.clock)
        self.archive = ArchiveReader(ledger, corp_id, archive, self._api, self.mirror, self.clock) if archive else None

    def read_everything(self, *, anew: bool = False, between: Callable[[], None] = lambda: None) -> Summary:
        """Read everything, going on where a reading was cut off unless `anew`. `between` is called twice a second and may
        raise to stop. What passes by itself is raised, and the next call goes on."""
        with alone(self._ledger, self._corp_id, EVERYTHING):
            with self._ledger.read() as connection:
                state = load(connection, self._corp_id, EVERYTHING, State)
            if anew or state.step not in _KEYS:
                state = State(now=Summary(began_us=self.clock()), last=state.last)
                begin_step(state, _KEYS[0])
            run = Run(self._ledger, self._corp_id, self._api, self.mirror, state, self._settings, self.clock, between)
            run.save()
            began = time.monotonic()
            try:
                for step in STEPS[_KEYS.index(state.step) :]:
                    if step.key != state.step:
                        state.steps_done += 1
                        begin_step(state, step.key)
                        run.save()
                    self._take(run, step)
                return self._end(run, began)
            except BaseException:
                state.now.seconds += time.monotonic() - began
                raise

    def pull(self) -> Pulled:
        """Ask for some of the groups and contacts that are due, one failure notwithstanding the others."""
        asked = failed = 0
        made, last = Made(), None
        for pull in self._pulling.due(*ONE_BY_ONE):
            asked += 1
            try:
                made += self._pulling.ask(pull)
            except TiefenError as error:
                failed, last = failed + 1, error
                if getattr(error, "retry_after", None):
                    break  # the others would fare the same
        return Pulled(asked, failed, made, last)

    def pull_lists(self) -> None:
        """Read the small lists anew that events told changes of."""
        for pull in self._pulling.due("staff", "tags", "links"):
            state = State(now=Summary(began_us=self.clock()))
            run = _Aside(
                self._ledger, self._corp_id, self._api, self.mirror, state, self._settings, self.clock, _nothing
            )
            match pull.what:
                case "staff":
                    reading.staff(run)
                case "tags":
                    reading.tags(run)
                case _:
                    reading.links(run) if not pull.of else reading.link(run, pull.of)
            self._pulling.done(pull)

    def wished(self, what: str) -> bool:
        """Whether somebody asked for something of this kind; asking it counts as answered."""
        due = self._pulling.due(what)
        for pull in due:
            self._pulling.done(pull)
        return bool(due)

    def _take(self, run: Run, step: reading.Step) -> None:
        try:
            step.take(run)
        except TiefenError as error:
            run.skipping(step.key, error)
        run.save()

    def _end(self, run: Run, began: float) -> Summary:
        # Whoever tends the connection may be asking already; the same things need not be asked twice.
        with suppress(SyncUnderWay), alone(self._ledger, self._corp_id, "pulls"):
            while (pulled := self.pull()).asked > pulled.failed:
                run.made(pulled.made)
                run.breathe()
        state = run.state
        summary = state.now
        summary.ended_us = self.clock()
        summary.seconds += time.monotonic() - began
        with self._ledger.write() as connection:
            save(connection, self._corp_id, EVERYTHING, State(last=summary))
        return summary


class _Aside(Run):
    """A step taken by itself, while a reading of everything may be under way: it notes no progress."""

    def note(self, connection: Any) -> None:
        pass


def _nothing() -> None:
    pass
