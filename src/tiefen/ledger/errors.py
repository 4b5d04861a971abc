"""What can go wrong on purpose in the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.kit.errors import TiefenError


@dataclass(eq=False)
class CorpNotFound(TiefenError):
    status = 404
    says = "There is no company called {corp_id}."

    corp_id: str


@dataclass(eq=False)
class PersonNotFound(TiefenError):
    status = 404
    says = "There is no person with number {person_id}."

    person_id: int


@dataclass(eq=False)
class CannotMerge(TiefenError):
    status = 409
    says = "{kept} and {gone} cannot be merged: {why}."

    kept: int
    gone: int
    why: str


@dataclass(eq=False)
class CannotSplit(TiefenError):
    status = 409
    says = "Person {person_id} cannot be split like this: {why}."

    person_id: int
    why: str


@dataclass(eq=False)
class ErasureMustWait(TiefenError):
    status = 409
    says = "An import is under way ({import_id}); erase when it has finished."

    import_id: str


@dataclass(eq=False)
class StoreUnreachable(TiefenError):
    status = 503
    says = "The store at {where} cannot be opened: {why}"

    where: str
    why: str


@dataclass(eq=False)
class StoreBusy(TiefenError):
    status = 409
    says = "The store is busy: {why}. Nothing was lost; ask again."

    why: str


@dataclass(eq=False)
class LedgerClosed(TiefenError):
    status = 503
    says = "The ledger is closing."
