"""What every request stands on: the house it is in, and who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from tiefen.insight.readings import Reading, Readings
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.web import auth
from tiefen.web.errors import DayNotRead, ForgedRequest, NotAllowed, NotSignedIn
from tiefen.web.inputs import DayQuery

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Work(Protocol):
    """What goes on behind the server, as far as the API needs it."""

    def request_reading(self, corp_id: str, day: date | None = None) -> None: ...
    def start_import(self, import_id: str) -> None: ...
    def status(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class House:
    """Everything a request may need."""

    ledger: Ledger
    settings: Settings
    readings: Readings
    worker: Work


def house_of(request: Request) -> House:
    house: House = request.app.state.house
    return house


def who_asks(request: Request) -> auth.Who:
    """Who is signed in, by cookie or by token. A write by cookie must carry the session's CSRF token."""
    house = house_of(request)
    given = request.headers.get("authorization", "")
    if given.lower().startswith("bearer "):
        who = auth.by_token(house.ledger, given[7:].strip())
    else:
        who = auth.by_cookie(house.ledger, request.cookies.get(auth.COOKIE, ""))
        if (
            who
            and request.method not in _SAFE_METHODS
            and not auth.same(request.headers.get("x-csrf-token", ""), who.csrf)
        ):
            raise ForgedRequest
    if who is None:
        raise NotSignedIn
    return who


@dataclass(frozen=True)
class Asked:
    """A request by somebody who is signed in, about their company."""

    house: House
    who: auth.Who
    day: date | None = None
    """The past day that is looked at; None is now."""

    @property
    def ledger(self) -> Ledger:
        return self.house.ledger

    @property
    def corp_id(self) -> str:
        return self.who.corp_id

    @property
    def reading(self) -> Reading | None:
        """The reading that is looked at: the newest, or that of a past day, which may have to be asked for first."""
        if self.day is None:
            return self.house.readings.current(self.who.corp_id)
        found = self.house.readings.as_of(self.who.corp_id, self.day)
        if found is None:
            raise DayNotRead(self.day)
        return found

    def audit(self, did: str, what: str = "") -> None:
        """Note who did what; never a name or an id of a person."""
        auth.note(self.ledger, self.corp_id, self.who.label, did, what)


def asked(
    request: Request,
    day: DayQuery = None,
) -> Asked:
    return Asked(house_of(request), who_asks(request), day)


def asked_by_owner(request: Request) -> Asked:
    found = Asked(house_of(request), who_asks(request))
    if found.who.role != "owner":
        raise NotAllowed("owner")
    return found


Here = Annotated[House, Depends(house_of)]
SignedIn = Annotated[Asked, Depends(asked)]
Owner = Annotated[Asked, Depends(asked_by_owner)]
"""Who may change what cannot be taken back: settings, keys, erasure, removal."""
