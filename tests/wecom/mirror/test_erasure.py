"""Somebody who was erased stays nobody, however often WeCom tells of them."""

from __future__ import annotations

import sqlalchemy as sa

from tests.ledger.scenes import person_of
from tests.wecom.mirror.scenes import (
    BAOCHAI,
    CORP,
    DAIYU,
    POETRY,
    XIFENG,
    at,
    came,
    contact_event,
    follow,
    group,
    names,
    page,
    reply,
    told,
    went,
)
from tiefen.ledger.facts import Id
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import metadata
from tiefen.wecom.mirror import Mirror


def everything(ledger: Ledger) -> str:
    """All rows of the store, as text."""
    with ledger.read() as connection:
        return repr([tuple(row) for table in metadata.sorted_tables for row in connection.execute(sa.select(table))])


def test_the_next_list_finds_a_nobody_and_tells_nothing(ledger: Ledger) -> None:
    mirror = Mirror(ledger, CORP, clock=lambda: at(50))
    listed = group({XIFENG: 1, DAIYU: 10, BAOCHAI: 11})
    pages = page((DAIYU, follow(XIFENG, 5, remark_mobiles=("13812345678",))), (BAOCHAI, follow(XIFENG, 6)))
    mirror.group(listed, at(20))
    mirror.contacts_of(pages, at(20))
    mirror.take([contact_event("edit_external_contact", 30)])
    before = len(told(ledger))

    ledger.erase(CORP, person_of(ledger, Id("external_userid", DAIYU)), "test")
    assert DAIYU not in everything(ledger)
    again = mirror.group(listed, at(60)).facts + mirror.contacts_of(pages, at(60)).facts
    again += mirror.contact(DAIYU, [reply(DAIYU, follow(XIFENG, 5))], at(70)).facts

    assert again == 0
    assert len(told(ledger)) == before
    assert DAIYU not in everything(ledger)
    assert "Daiyu0" not in names(ledger)
    assert "13812345678" not in everything(ledger)


def test_what_they_do_afterwards_is_done_by_the_same_nobody(ledger: Ledger) -> None:
    mirror = Mirror(ledger, CORP, clock=lambda: at(50))
    mirror.group(group({XIFENG: 1, DAIYU: 10}), at(20))
    ledger.erase(CORP, person_of(ledger, Id("external_userid", DAIYU)), "test")

    mirror.take([went(80, DAIYU), came(90, DAIYU), contact_event("add_external_contact", 95)])

    assert told(ledger, "member.left", "contact.added") == [("member.left", 80), ("contact.added", 95)]
    assert DAIYU not in everything(ledger)
    with ledger.read() as connection:
        present = connection.execute(sa.text("SELECT count(*) FROM wecom_members")).scalar_one()
    assert present == 2
    assert POETRY in everything(ledger)
