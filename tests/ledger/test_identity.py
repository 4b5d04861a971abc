"""One person over many ids: what links them, what must not, and that a merge loses nothing."""

from __future__ import annotations

import pytest

from tests.ledger.scenes import CORP, DAIYU, SECOND, WUKONG, name_of, person_of, said
from tiefen.ledger.batch import Batch, Link, Profile
from tiefen.ledger.errors import CannotMerge, CannotSplit, PersonNotFound
from tiefen.ledger.facts import Id
from tiefen.ledger.identity import ID_TYPES, LIMITS, blocked, normal
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import facts_page

pytestmark = pytest.mark.stores
PHONE, OTHER_PHONE = Id("phone", "13800000001"), Id("phone", "13800000002")


def link(one: Id, other: Id) -> Batch:
    return Batch(CORP, "x", links=[Link(one, other, SECOND)])


def refusals(ledger: Ledger) -> list[str | None]:
    return [row.body.get("refused") for row in facts_page(ledger, CORP, kind="identity.linked").rows]


def test_two_ids_seen_together_are_one_person_and_the_older_number_stays(ledger: Ledger) -> None:
    ledger.append(
        Batch(CORP, "x", [said(1)], profiles=[Profile(DAIYU, "黛玉"), Profile(PHONE, "林姑娘", {"city": "苏州"})])
    )
    kept = min(person_of(ledger, DAIYU), person_of(ledger, PHONE))

    ledger.append(link(DAIYU, PHONE))
    ledger.append(link(PHONE, DAIYU))

    assert person_of(ledger, DAIYU) == person_of(ledger, PHONE) == kept
    assert [row.kind for row in facts_page(ledger, CORP).rows if row.kind == "people.merged"] == ["people.merged"]
    assert refusals(ledger) == [None]


def test_one_user_id_for_each_person_is_not_given_up(ledger: Ledger) -> None:
    ledger.append(link(DAIYU, PHONE))

    ledger.append(link(WUKONG, PHONE))

    assert person_of(ledger, WUKONG) != person_of(ledger, PHONE)
    assert refusals(ledger) == ["limit_reached:user_id", None]


@pytest.mark.parametrize("id_type", [id_type.key for id_type in ID_TYPES if id_type.key != "user_id"])
def test_a_person_holds_no_more_ids_of_a_type_than_its_limit(ledger: Ledger, id_type: str) -> None:
    limit = LIMITS[id_type]
    ids = [Id(id_type, f"1390000{n:04}") for n in range(limit + 1)]

    ledger.append(Batch(CORP, "x", links=[Link(DAIYU, id, SECOND) for id in ids]))

    held = [id for id in ids if person_of(ledger, id) == person_of(ledger, DAIYU)]
    assert len(held) == limit
    assert refusals(ledger).count(f"limit_reached:{id_type}") == 1


@pytest.mark.parametrize(
    "value", ["", "0", "000", "-1", "null", "NULL", " none ", "anonymous", "undefined", "a" * 513, "n/a"]
)
def test_values_that_belong_to_nobody_are_blocked(value: str) -> None:
    assert blocked(Id("user_id", value))


def test_ids_are_compared_without_what_people_write_around_them(ledger: Ledger) -> None:
    same = [Id("phone", "+86 138-0000-0001"), Id("phone", "8613800000001"), Id("phone", " 13800000001 "), PHONE]

    assert {normal(id) for id in same} == {PHONE}
    ledger.append(Batch(CORP, "x", [said(n, by=id) for n, id in enumerate(same)]))
    assert {row.body["member"] for row in facts_page(ledger, CORP).rows} == {person_of(ledger, PHONE)}
    assert normal(Id("email", " Daiyu@Example.ORG ")) == Id("email", "daiyu@example.org")


def test_a_merge_and_its_split_leave_every_fact_and_who_did_what(ledger: Ledger) -> None:
    ledger.append(
        Batch(
            CORP,
            "x",
            [said(1), said(2, by=WUKONG)],
            profiles=[Profile(DAIYU, "黛玉", {"a": 1}), Profile(WUKONG, None, {"b": 2})],
        )
    )
    kept, gone = person_of(ledger, DAIYU), person_of(ledger, WUKONG)
    ledger.flush()

    ledger.merge(CORP, kept, gone)

    assert [row.source_id for row in facts_page(ledger, CORP, person=kept, kind="message.posted").rows] == ["m2", "m1"]
    new = ledger.split(CORP, kept, [gone])
    assert new == gone
    assert [row.source_id for row in facts_page(ledger, CORP, person=kept, kind="message.posted").rows] == ["m1"]
    assert [row.source_id for row in facts_page(ledger, CORP, person=new, kind="message.posted").rows] == ["m2"]
    assert name_of(ledger, kept) == "黛玉"
    kinds = [row.kind for row in facts_page(ledger, CORP).rows]
    assert sorted(kinds) == ["message.posted", "message.posted", "people.merged", "person.split"]


def test_what_cannot_be_merged_or_split_is_refused_and_changes_nothing(ledger: Ledger) -> None:
    ledger.ensure_corp("xiyou")
    ledger.append(Batch(CORP, "x", [said(1)]))
    ledger.append(Batch("xiyou", "x", [said(1, by=PHONE)]))
    mine, theirs = person_of(ledger, DAIYU), person_of(ledger, PHONE)

    with pytest.raises(CannotMerge):
        ledger.merge(CORP, mine, mine)
    for other in (theirs, 10**9, 0):
        with pytest.raises(PersonNotFound):
            ledger.merge(CORP, mine, other)
    for handles in ([], [mine], [10**9]):
        with pytest.raises(CannotSplit):
            ledger.split(CORP, mine, handles)
    with pytest.raises(PersonNotFound):
        ledger.split(CORP, theirs, [theirs])

    assert ledger.facts(CORP) == 1


def test_a_newer_value_of_a_profile_wins_and_silence_changes_nothing(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", profiles=[Profile(DAIYU, "林黛玉", {"city": "扬州", "vip": True}, staff=False)]))
    ledger.append(Batch(CORP, "x", profiles=[Profile(DAIYU, None, {"city": "苏州", "vip": None})]))

    held = ledger.export(CORP, person_of(ledger, DAIYU))

    assert (held["name"], held["attributes"]) == ("林黛玉", {"city": "苏州", "vip": True})
