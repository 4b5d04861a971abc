"""Callbacks from the door to whoever knows what they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from starlette.types import ASGIApp

from tiefen.kit.clock import now_us
from tiefen.kit.errors import TiefenError
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_events
from tiefen.wecom.callbacks.handing_on import HandingOn, Translator
from tiefen.wecom.callbacks.http import Door
from tiefen.wecom.callbacks.keeping import Arrival, Keeper
from tiefen.wecom.callbacks.welcoming import WELCOME_CODE, TextWelcome, Welcomer, Welcoming
from tiefen.wecom.connections import Connection, connection
from tiefen.wecom.events import Event, parse


class Callbacks:
    """Everything that happens to callbacks in one process.

    `translator_of` gives whoever knows what a company's events mean; without one they wait. `clock` is ours, in
    microseconds since 1970.
    """

    def __init__(
        self, ledger: Ledger, translator_of: Callable[[Connection], Translator] | None = None, *,
        clock: Callable[[], int] = now_us,
    ) -> None:  # fmt: skip
        self._ledger = ledger
        self._registered: Callable[[Connection], Welcomer | None] = lambda _: None
        self._keeper = Keeper(ledger, self._kept)
        self._door = Door(ledger, self._keeper, self._wants, clock)
        self._welcoming = Welcoming(ledger, self._welcomer, self._keeper.count, clock)
        self._handing_on = HandingOn(ledger, translator_of, lambda: self._keeper.waiting) if translator_of else None

    def register(self, welcomer_of: Callable[[Connection], Welcomer | None]) -> None:
        """Who answers newcomers of a company, before the welcome text set with its connection; None where nobody does."""
        self._registered = welcomer_of

    def in_front_of(self, app: ASGIApp) -> ASGIApp:
        """The same application, with callbacks taken in before it is asked: they need nothing of what it does first."""
        return self._door.in_front_of(app)

    def start(self) -> None:
        """Begin to answer newcomers and to hand events on; what an earlier process left undone comes first."""
        self._welcoming.start(self._due())
        if self._handing_on is not None:
            self._handing_on.start()

    def close(self) -> None:
        """Stop at the next safe place; what is left goes on at the next start."""
        if self._handing_on is not None:
            self._handing_on.close()
        self._welcoming.close()
        self._keeper.close()

    def _kept(self, new: Sequence[Arrival]) -> None:
        for arrival in new:
            if arrival.welcome and arrival.event is not None:
                self._welcoming.hand(arrival.corp_id, arrival.event)
        if new and self._handing_on is not None:
            self._handing_on.wake()

    def _wants(self, of: Connection, event: Event) -> bool:
        return WELCOME_CODE in event.fields and (bool(of.welcome) or self._registered(of) is not None)

    def _welcomer(self, corp_id: str) -> Welcomer | None:
        try:
            of = connection(self._ledger, corp_id)
        except TiefenError:
            return None
        return self._registered(of) or (TextWelcome(self._ledger, of) if of.welcome else None)

    def _due(self) -> list[tuple[str, Event]]:
        asked = (
            sa.select(wecom_events.c.corp_id, wecom_events.c.raw, wecom_events.c.received_us)
            .where(wecom_events.c.welcome == "due")
            .order_by(wecom_events.c.seq)
        )
        with self._ledger.read() as rows:
            return [(corp_id, parse(raw.encode(), received)) for corp_id, raw, received in rows.execute(asked)]
