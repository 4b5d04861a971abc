"""Facts are kept once, whole, and found again in lake and store together."""

from __future__ import annotations

from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import Id, MemberJoined, MemberLeft, MessagePosted
from tiefen.ledger.ledger import Ledger

CORP = "honglou"
DAIYU = Id("handle", "黛玉")


def said(n: int) -> MessagePosted:
    return MessagePosted(happened_us=10**15 + n, source_id=f"m{n}", group="诗社", member=DAIYU)


def test_the_same_fact_again_is_a_duplicate(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "test", [said(1), said(2)]))

    receipt = ledger.append(Batch(CORP, "test", [said(2), said(3)]))

    assert (receipt.accepted, receipt.duplicates, ledger.facts(CORP)) == (1, 1, 3)


def test_a_snapshot_is_the_lake_and_what_has_not_reached_it(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "test", [said(1), said(2)], {0: "偶填新词"}))
    assert ledger.flush() == 2
    ledger.append(Batch(CORP, "test", [said(3)]))

    taken = ledger.snapshot(CORP)

    assert taken.facts_in_lake() == 2
    assert taken.tail["message_posted"].num_rows == 1


def test_join_leave_and_rejoin_are_two_stays_in_any_order(ledger: Ledger) -> None:
    joined = [MemberJoined(happened_us=t, source_id=f"j{t}", group="诗社", member=DAIYU) for t in (30, 10)]
    left = MemberLeft(happened_us=20, source_id="l20", group="诗社", member=DAIYU)
    for fact in (*joined, left):
        ledger.append(Batch(CORP, "test", [fact]))

    assert ledger.snapshot(CORP).rows["stay"].num_rows == 2
