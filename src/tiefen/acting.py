"""What decides and acts behind the server, turn by turn: each part looks at what is due for a corp and does it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import structlog

from tiefen.act import admitting, listening, tasks
from tiefen.act.broadcasts import proposing
from tiefen.act.journeys import engine as journeys
from tiefen.act.playbooks import turning as playbooks
from tiefen.decide.segments import keeping
from tiefen.kit.clock import now_us
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.outcome import blocks
from tiefen.outcome import keeping as outcome
from tiefen.outcome.invariants import looking
from tiefen.wecom.connections import connections
from tiefen.wecom.sync import clock_of

log = structlog.get_logger()
_TURN = 0.5

Part = Callable[[Ledger, Settings, str, int], bool]
"""(ledger, settings, corp, now) → whether there is more to do at once. What it does is whole after each call."""

PARTS: Sequence[tuple[str, Part]] = (
    ("segments", keeping.turn),
    ("journeys", journeys.turn),
    ("broadcasts", proposing.turn),
    ("playbooks", playbooks.turn),
    ("tasks", tasks.turn),
    ("attention", listening.turn),
    ("gate", admitting.admit_due),
    ("holdout of all", outcome.draw_holdout),
    ("results", outcome.turn),
    ("invariants", looking.turn),
    ("block effects", blocks.turn),
)
"""In the order of the loop: who is in which segment, what journeys and campaigns propose, what the gate lets out."""


class Acting:
    """One thread that gives every part its turn, for every corp. A failure of one is logged and does not hold up the others."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self._ledger, self._settings = ledger, settings
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tiefen-acting", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop after what is under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def turn(self) -> bool:
        """Every part once, for every corp; whether any has more to do."""
        clocks = {one.corp_id: clock_of(one) for one in connections(self._ledger)}
        more = False
        for corp in self._ledger.corps():
            if corp.demo and not corp.settings.get("demo_complete", False):
                continue  # it is being filled, and nothing of its past is to be acted on
            clock = clocks.get(corp.corp_id)
            for name, part in PARTS:
                if self._stop.is_set():
                    return False
                try:
                    more |= part(self._ledger, self._settings, corp.corp_id, clock() if clock else now_us())
                except Exception:
                    log.exception("a part could not act; it will be tried again", part=name, corp=corp.corp_id)
        return more

    def _run(self) -> None:
        more = False
        while not self._stop.wait(0.0 if more else _TURN):
            try:
                more = self.turn()
            except Exception:
                log.exception("nothing could be acted on; it will be tried again")
                more = False
