"""What must always be true over HTTP: when it was last looked at, and what broke it, down to the rows."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from tiefen.kit.clock import from_us
from tiefen.outcome.invariants import INVARIANTS
from tiefen.outcome.invariants.looking import Run, kept, look
from tiefen.web.answers import answer
from tiefen.web.clock import corp_now
from tiefen.web.context import Asked, SignedIn
from tiefen.web.names import group_names, person_names

router = APIRouter(tags=["invariants"])


@router.get("/api/invariants")
def invariants(request: Request, asked: SignedIn) -> Response:
    """Every invariant with what was last found of it; `run` is null where it was not looked at yet."""
    with asked.ledger.read() as connection:
        runs = kept(connection, asked.corp_id)
    return answer(_told(asked, runs), request)


@router.post("/api/invariants/look")
def invariants_look(asked: SignedIn) -> Response:
    """Look at all of them now."""
    return answer(_told(asked, look(asked.ledger, asked.house.settings, asked.corp_id, corp_now(asked))))


def _told(asked: Asked, runs: list[Run]) -> dict[str, Any]:
    by_key = {run.invariant: run for run in runs}
    rows = [row for run in runs for row in run.rows]
    with asked.ledger.read() as connection:
        people = person_names(connection, {row["person"] for row in rows if row.get("person") is not None})
        groups = group_names(connection, {row["group"] for row in rows if row.get("group") is not None})
    items = []
    for one in INVARIANTS:
        run = by_key.get(one.key)
        told = None
        if run is not None:
            told = msgspec.to_builtins(run)
            told["at"], told["since"] = from_us(run.run_us), from_us(run.since_us) if run.since_us else None
        items.append(
            {
                "key": one.key, "zh": one.zh, "en": one.en, "says_zh": one.says_zh, "says_en": one.says_en, "run": told,
            }
        )  # fmt: skip
    return {
        "items": items, "people": {str(number): name for number, name in people.items()},
        "groups": {str(number): name for number, name in groups.items()},
    }  # fmt: skip
