"""`tiefen invariants` says what is broken, and ends with status 1 where anything is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from tests.cli.conftest import Tiefen
from tiefen.kit.clock import to_us
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema.touches import proposals
from tiefen.outcome.invariants import INVARIANTS


def test_a_house_with_nothing_in_it_is_in_order(tiefen: Tiefen) -> None:
    found = tiefen("invariants", "--json").json

    assert [run["invariant"] for run in found] == [one.key for one in INVARIANTS]
    assert sum(run["broken"] for run in found) == 0


def test_a_company_that_is_not_there_is_refused(tiefen: Tiefen) -> None:
    said = tiefen("invariants", "--corp", "nobody")

    assert (said.status, said.out) == (1, "")
    assert "nobody" in said.err


def test_what_is_stuck_is_named(tiefen: Tiefen) -> None:
    tiefen("invariants", "--json")
    long_ago = to_us(datetime.now(UTC) - timedelta(days=9))
    row = {
        "corp_id": "main", "proposal_id": "p1", "campaign_id": "c", "channel": "contact", "purpose": "sell",
        "content_id": "w", "state": "admitted", "due_us": long_ago, "expires_us": long_ago, "moved_us": long_ago,
    }  # fmt: skip
    with Ledger.open(Settings(data=tiefen.data)) as ledger, ledger.write() as connection:
        connection.execute(sa.insert(proposals).values(row))

    said = tiefen("invariants")

    found = said.out
    assert said.status == 1
    assert "Every message comes to an end in time" in found
    assert "p1" in found
