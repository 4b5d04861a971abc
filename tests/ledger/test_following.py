"""Whoever follows sees each fact once, in order, whether or not it has moved to the lake meanwhile."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.ledger.scenes import CORP, DAIYU, joined, person_of, said
from tiefen.ledger import following
from tiefen.ledger.batch import Batch
from tiefen.ledger.errors import PersonNotFound
from tiefen.ledger.facts import Id, SegmentEntered
from tiefen.ledger.identity import numbered
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import facts

pytestmark = pytest.mark.stores


def look(ledger: Ledger, name: str = "keeper", kinds: tuple[str, ...] | None = None, most: int = 100) -> list[str]:
    with ledger.write() as connection:
        news = following.news(connection, CORP, name, kinds, most=most)
        following.moved(connection, CORP, name, news.through)
    return [fact.source_id for fact in news.facts]


def test_who_follows_begins_with_what_comes_from_now_on(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", [said(1)]))

    assert look(ledger) == []

    ledger.append(Batch(CORP, "x", [said(2), joined(3)]))
    assert look(ledger) == ["m2", "j3"]
    assert look(ledger) == []


def test_facts_are_seen_after_their_move_to_the_lake_and_kept_once(ledger: Ledger) -> None:
    look(ledger)
    ledger.append(Batch(CORP, "x", [said(1), said(2)]))
    ledger.flush()

    assert ledger.snapshot(CORP).tail["message_posted"].num_rows == 0
    assert look(ledger) == ["m1", "m2"]

    ledger.append(Batch(CORP, "x", [said(3)]))
    ledger.flush()
    look(ledger)
    ledger.append(Batch(CORP, "x", [said(4)]))
    ledger.flush()
    with ledger.read() as connection:
        assert list(connection.scalars(sa.select(facts.c.source_id))) == ["m4"]


def test_a_slow_follower_is_told_in_pieces_and_of_the_kinds_it_wants(ledger: Ledger) -> None:
    look(ledger, kinds=("message.posted",))
    ledger.append(Batch(CORP, "x", [said(1), joined(2), said(3), said(4)]))

    assert look(ledger, kinds=("message.posted",), most=2) == ["m1", "m3"]
    assert look(ledger, kinds=("message.posted",), most=2) == ["m4"]


def test_who_stops_holds_nothing_back(ledger: Ledger) -> None:
    look(ledger)
    ledger.append(Batch(CORP, "x", [said(1)]))
    with ledger.write() as connection:
        following.stop(connection, CORP, "keeper")

    ledger.flush()

    with ledger.read() as connection:
        assert list(connection.scalars(sa.select(facts.c.source_id))) == []


def test_our_own_facts_name_people_by_their_numbers(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", [said(1)]))
    daiyu = person_of(ledger, DAIYU)

    ledger.append(
        Batch(CORP, "house", [SegmentEntered(happened_us=5, source_id="s", segment="a", person=numbered(daiyu))])
    )

    assert ledger.snapshot(CORP).tail["segment_entered"]["person"].to_pylist() == [daiyu]
    with pytest.raises(PersonNotFound):
        ledger.append(
            Batch(CORP, "house", [SegmentEntered(happened_us=5, source_id="t", segment="a", person=Id("person", "99"))])
        )


def test_our_own_notes_are_not_the_last_thing_heard_of_the_world(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", [said(1)]))
    heard = ledger.snapshot(CORP).latest_us
    note = SegmentEntered(happened_us=10**15, source_id="s", segment="a", person=numbered(person_of(ledger, DAIYU)))

    ledger.append(Batch(CORP, "house", [note]))

    assert ledger.snapshot(CORP).latest_us == heard
