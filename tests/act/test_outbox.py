"""What is proposed waits once, and is counted."""

from __future__ import annotations

import pytest

from tiefen.act import outbox
from tiefen.act.message import Link, Message
from tiefen.act.proposal import Proposal
from tiefen.ledger.ledger import Ledger

pytestmark = pytest.mark.stores
CORP = "main"


def proposal(n: int) -> Proposal:
    return Proposal(
        proposal_id=f"b1:{n}", campaign_id="b1", person=n, channel="contact", purpose="sell", content_id="c", due_us=5,
        expires_us=9,
    )  # fmt: skip


def test_the_same_proposal_again_changes_nothing(ledger: Ledger) -> None:
    ledger.ensure_corp(CORP)
    with ledger.write() as connection:
        first = outbox.propose(connection, CORP, [proposal(n) for n in range(700)], 1)
        again = outbox.propose(connection, CORP, [proposal(n) for n in range(699, 702)], 2)
        kept = outbox.counts(connection, CORP, ["b1"])

    assert (first, again) == (700, 2)
    assert kept == {"b1": {("", "proposed", ""): 702}}


def test_the_same_words_are_the_same_content(ledger: Ledger) -> None:
    ledger.ensure_corp(CORP)
    message = Message(text="新品到店", attachments=(Link(title="看看", url="https://shop.example/1"),))

    with ledger.write() as connection:
        ids = {outbox.keep_content(connection, CORP, message) for _ in range(2)}
        found = outbox.content(connection, CORP, message.content_id)

    assert ids == {message.content_id}
    assert found == message
