"""What decides and acts behind the server, turn by turn: each part looks at what is due for a corp and does it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog

from tiefen.act import admitting, listening, tasks
from tiefen.act.broadcasts import proposing
from tiefen.act.journeys import engine as journeys
from tiefen.act.journeys import webhooks
from tiefen.act.playbooks import turning as playbooks
from tiefen.decide.segments import keeping
from tiefen.kit.clock import SECOND_US, now_us
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.outcome import blocks
from tiefen.outcome import keeping as outcome
from tiefen.outcome.invariants import looking
from tiefen.wecom.connections import connections
from tiefen.wecom.sync import clock_of

log = structlog.get_logger()
_TURN = 0.5
_BACK_US = 60 * SECOND_US


class Part(NamedTuple):
    """Something that acts by itself. What it does is whole after each call."""

    name: str
    every: float
    """Seconds of the machine's own clock between two turns of it that find nothing more to do."""
    turn: Callable[[Ledger, Settings, str, int], object]
    """(ledger, settings, corp, now) → `True` where there is more to do at once."""


PARTS: Sequence[Part] = (
    Part("segments", _TURN, keeping.turn),
    Part("journeys", _TURN, journeys.turn),
    Part("broadcasts", _TURN, proposing.turn),
    Part("playbooks", 5.0, playbooks.turn),
    Part("tasks", 5.0, tasks.turn),
    Part("attention", 5.0, listening.turn),
    Part("gate", _TURN, admitting.admit_due),
    Part("holdout of all", 10.0, outcome.draw_holdout),
    Part("results", 30.0, outcome.turn),
    Part("invariants", 300.0, looking.look),
    Part("block effects", 600.0, blocks.turn),
    Part("paths of journeys", 3_600.0, journeys.prune),
)
"""In the order of the loop: who is in which segment, what journeys and campaigns propose, what the gate lets out."""
OUTSIDE: Sequence[Part] = (Part("webhooks", 1.0, webhooks.turn),)
"""What waits for other systems: in a thread of its own, so that nobody waits for it."""


class Acting:
    """One thread that gives every part its turn, for every corp. A failure of one is logged and does not hold up the others."""

    def __init__(self, ledger: Ledger, settings: Settings, parts: Sequence[Part] = PARTS) -> None:
        self._ledger, self._settings, self._parts = ledger, settings, parts
        self._next: dict[tuple[str, str], float] = {}
        self._latest: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"tiefen-acting-{parts[0].name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop after what is under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def turn(self) -> bool:
        """Every part that is due, once for every corp; whether any has more to do."""
        clocks = {one.corp_id: clock_of(one) for one in connections(self._ledger)}
        more = False
        for corp in self._ledger.corps():
            if corp.demo and not corp.settings.get("demo_complete", False):
                continue  # it is being filled, and nothing of its past is to be acted on
            clock = clocks.get(corp.corp_id)
            for part in self._parts:
                if self._stop.is_set():
                    return False
                key = corp.corp_id, part.name
                if time.monotonic() < self._next.get(key, 0.0):
                    continue
                again = False
                try:
                    at_us = clock() if clock else now_us()
                    self._look_at_the_clock(corp.corp_id, at_us)
                    again = part.turn(self._ledger, self._settings, corp.corp_id, at_us) is True
                except Exception:
                    log.exception("a part could not act; it will be tried again", part=part.name, corp=corp.corp_id)
                self._next[key] = time.monotonic() + (0.0 if again else part.every)
                more |= again
        return more

    def _look_at_the_clock(self, corp_id: str, at_us: int) -> None:
        """Say so once where time goes back: what is due waits until it is there again, and nothing is done twice."""
        back_us = self._latest.get(corp_id, at_us) - at_us
        if back_us > _BACK_US:
            log.warning("the clock was set back; what is due waits", corp=corp_id, seconds=back_us // SECOND_US)
        self._latest[corp_id] = at_us

    def _run(self) -> None:
        more = False
        while not self._stop.wait(0.0 if more else _TURN):
            try:
                more = self.turn()
            except Exception:
                log.exception("nothing could be acted on; it will be tried again")
                more = False
