"""Contacts: what events and lists of them become."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.wecom.mirror.scenes import (
    BAOCHAI,
    CORP,
    DAIYU,
    PINGER,
    XIFENG,
    at,
    contact_event,
    event,
    follow,
    page,
    reply,
    told,
)
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import facts_page
from tiefen.ledger.schema import handles, sources
from tiefen.wecom.client.endpoints.contacts import ContactOfStaff, ContactsOfStaff, ExternalContact
from tiefen.wecom.client.endpoints.directory import StaffCard
from tiefen.wecom.client.endpoints.tags import Tag, TagGroup
from tiefen.wecom.mirror import Mirror


@pytest.fixture
def mirror(ledger: Ledger) -> Mirror:
    made = Mirror(ledger, CORP, clock=lambda: at(50))
    made.staff([StaffCard(userid=XIFENG, name="凤姐")], [XIFENG], None, at(0), whole=True)
    return made


@pytest.mark.stores
def test_an_event_and_a_list_of_the_same_friendship_are_one_fact_in_either_order(
    ledger: Ledger, mirror: Mirror
) -> None:
    mirror.take([contact_event("add_external_contact", 10)] * 2)
    mirror.contacts_of(page((DAIYU, follow(XIFENG, 9)), (BAOCHAI, follow(XIFENG, 12))), at(30))
    mirror.take([contact_event("add_external_contact", 12, BAOCHAI)])

    assert told(ledger, "contact.added") == [("contact.added", 10), ("contact.added", 12)]


@pytest.mark.stores
@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_added_lost_and_added_again_in_whatever_order_they_come(
    ledger: Ledger, mirror: Mirror, order: tuple[int, ...]
) -> None:
    happened = [
        contact_event("add_external_contact", 10),
        contact_event("del_external_contact", 40),
        contact_event("add_external_contact", 70),
    ]
    for n in order:
        mirror.take([happened[n]])

    assert told(ledger, "contact.added", "contact.lost") == [
        ("contact.added", 10), ("contact.lost", 40), ("contact.added", 70),
    ]  # fmt: skip
    assert mirror.sizes()["contacts"] == 1


def test_who_deleted_staff_stays_in_their_list_and_is_not_added_again_by_it(ledger: Ledger, mirror: Mirror) -> None:
    mirror.take([contact_event("add_external_contact", 10), contact_event("del_follow_user", 20)])

    assert mirror.contacts_of(page((DAIYU, follow(XIFENG, 10))), at(90)).facts == 0
    assert mirror.contacts_of(page((DAIYU, follow(XIFENG, 100))), at(200)).facts == 1
    assert told(ledger, "contact.lost", "contact.added")[-1] == ("contact.added", 100)
    (lost,) = (row for row in facts_page(ledger, CORP).rows if row.kind == "contact.lost")
    assert lost.body["by"] == "person"


def test_a_list_that_lacks_somebody_only_asks_for_them(ledger: Ledger, mirror: Mirror) -> None:
    mirror.contacts_of(page((DAIYU, follow(XIFENG, 10)), (BAOCHAI, follow(XIFENG, 11))), at(20))
    mirror.contacts_of(page((BAOCHAI, follow(XIFENG, 11))), at(100))

    assert mirror.contacts_missing([XIFENG], at(100)) == 1
    assert told(ledger, "contact.lost") == []


def test_who_knows_nobody_any_more_when_asked_for_is_lost_and_nobody_knows_by_whom(
    ledger: Ledger, mirror: Mirror
) -> None:
    mirror.contacts_of(page((DAIYU, follow(XIFENG, 10))), at(20))

    first, again = mirror.contact(DAIYU, [], at(100)), mirror.contact(DAIYU, [], at(120))

    assert (first.facts, first.inferred, again.facts) == (1, 1, 0)
    assert told(ledger, "contact.lost") == [("contact.lost", 100)]


def test_a_loss_told_after_a_list_showed_it_is_not_told_twice(ledger: Ledger, mirror: Mirror) -> None:
    mirror.contacts_of(page((DAIYU, follow(XIFENG, 10))), at(20))
    mirror.contact(DAIYU, [], at(100))
    mirror.take([contact_event("del_external_contact", 60)])

    assert told(ledger, "contact.lost") == [("contact.lost", 100)]


def test_staff_the_app_does_not_see_lose_nobody(ledger: Ledger, mirror: Mirror) -> None:
    mirror.contacts_of(page((DAIYU, follow(PINGER, 10))), at(20))
    mirror.contact(DAIYU, [], at(100))
    mirror.staff([], [], None, at(110), whole=False)
    mirror.contacts_of(page((BAOCHAI, follow(XIFENG, 10))), at(120))
    mirror.contact(BAOCHAI, [], at(150))

    assert told(ledger, "contact.lost") == []


def test_what_was_added_after_the_answer_was_asked_for_is_not_lost_by_it(ledger: Ledger, mirror: Mirror) -> None:
    mirror.take([contact_event("add_external_contact", 100)])

    assert mirror.contact(DAIYU, [], at(101)).facts == 0


def test_a_half_added_person_is_no_contact_until_it_is_confirmed(ledger: Ledger, mirror: Mirror) -> None:
    mirror.take([contact_event("add_half_external_contact", 10)])
    assert told(ledger, "contact.added") == []

    mirror.take([contact_event("add_external_contact", 30)])

    assert told(ledger, "contact.added") == [("contact.added", 30)]


def test_people_come_from_the_entrance_whose_state_they_carry(ledger: Ledger, mirror: Mirror) -> None:
    mirror.entrance("contact_way", "c1", "大观园门口", "gate", {}, at(1))
    mirror.take(
        [
            contact_event("add_external_contact", 10, State="gate"),
            contact_event("add_external_contact", 11, BAOCHAI, State="poster-7"),
        ]
    )

    with ledger.read() as connection:
        assert set(connection.scalars(sa.select(sources.c.name))) == {"大观园门口", "poster-7"}
    assert {row.body.get("state") for row in facts_page(ledger, CORP).rows} >= {"gate", "poster-7"}


def test_tags_are_told_once_for_a_person_under_their_names_and_dated_by_the_edit(
    ledger: Ledger, mirror: Mirror
) -> None:
    mirror.tags(
        [TagGroup(group_id="g", group_name="口味", tag=(Tag(id="t1", name="爱茶"), Tag(id="t2", name="爱糕")))], at(1)
    )
    mirror.contacts_of(page((DAIYU, follow(XIFENG, 5)), (DAIYU, follow(PINGER, 6))), at(10))
    mirror.take([contact_event("edit_external_contact", 20)])
    mirror.contacts_of(
        page((DAIYU, follow(XIFENG, 5, tags=["t1", "t2"])), (DAIYU, follow(PINGER, 6, tags=["t1"]))), at(30)
    )
    mirror.contacts_of(page((DAIYU, follow(XIFENG, 5)), (DAIYU, follow(PINGER, 6, tags=["t1"]))), at(40))

    assert told(ledger, "tag.put", "tag.removed") == [("tag.put", 20), ("tag.put", 20), ("tag.removed", 40)]
    (removed,) = (row for row in facts_page(ledger, CORP).rows if row.kind == "tag.removed")
    assert removed.body["tag"] == "爱糕"


def test_a_deleted_tag_is_taken_off_everybody(ledger: Ledger, mirror: Mirror) -> None:
    mirror.tags([TagGroup(group_id="g", tag=(Tag(id="t1", name="爱茶"), Tag(id="t2", name="爱糕")))], at(1))
    mirror.contacts_of(page((DAIYU, follow(XIFENG, 5, tags=["t1"])), (BAOCHAI, follow(XIFENG, 5, tags=["t1"]))), at(10))

    mirror.take([event("change_external_tag", "delete", 20, Id="g", TagType="tag_group")])
    mirror.contacts_of(page((DAIYU, follow(XIFENG, 5)), (BAOCHAI, follow(XIFENG, 5))), at(30))

    assert told(ledger, "tag.removed") == [("tag.removed", 20)] * 2


def test_a_unionid_makes_two_ids_one_person(ledger: Ledger, mirror: Mirror) -> None:
    contact = ContactOfStaff(
        external_contact=ExternalContact(external_userid=DAIYU, name="黛玉", type=1, unionid="oUnion0000000000000000"),
        follow_info=follow(XIFENG, 5),
    )
    mirror.contacts_of(ContactsOfStaff(external_contact_list=(contact,)), at(10))

    assert told(ledger, "identity.linked") == [("identity.linked", 5)]
    with ledger.read() as connection:
        asked = sa.select(handles.c.person_id).where(handles.c.id_type.in_(("unionid", "external_userid")))
        assert len(set(connection.scalars(asked))) == 1


def test_agreeing_to_the_archive_is_a_consent(ledger: Ledger, mirror: Mirror) -> None:
    mirror.take([contact_event("msg_audit_approved", 10)] * 2)

    (given,) = (row for row in facts_page(ledger, CORP).rows if row.kind == "consent.given")
    assert (given.body["purpose"], given.body["channel"]) == ("archive", "wecom")


def test_every_event_leaves_what_must_be_asked_for(mirror: Mirror) -> None:
    asked = mirror.take(
        [
            contact_event("add_external_contact", 10),
            event("change_external_tag", "update", 11, Id="t1", TagType="tag"),
            event("customer_acquisition", "link_unavailable", 12, LinkId="l1"),
            event("change_contact", "create_user", 13, UserID="new"),
            event("msgaudit_notify", "", 14),
            event("change_external_contact", "transfer_fail", 15, UserID=XIFENG, ExternalUserID=BAOCHAI),
            event("customer_acquisition", "balance_low", 16),
            event("something_new", "entirely", 17),
        ]
    )

    assert {(pull.what, pull.of) for pull in asked.wished} == {
        ("contact", DAIYU), ("contact", BAOCHAI), ("tags", ""), ("links", "l1"), ("staff", ""), ("archive", ""),
    }  # fmt: skip


def test_reply_of_one_person_is_taken_like_a_list(ledger: Ledger, mirror: Mirror) -> None:
    assert mirror.contact(DAIYU, [reply(DAIYU, follow(XIFENG, 5), follow(PINGER, 6))], at(20)).facts >= 2
    assert told(ledger, "contact.added") == [("contact.added", 5), ("contact.added", 6)]
