"""Groups: what events and lists of them become."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.wecom.mirror.scenes import (
    BAOCHAI,
    CORP,
    DAIYU,
    POETRY,
    TANCHUN,
    XIFENG,
    at,
    came,
    event,
    group,
    group_names,
    names,
    stays,
    told,
    went,
)
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups, handles
from tiefen.wecom.client.endpoints.directory import StaffCard
from tiefen.wecom.mirror import Mirror


@pytest.fixture
def mirror(ledger: Ledger) -> Mirror:
    return Mirror(ledger, CORP, clock=lambda: at(50))


@pytest.mark.stores
def test_an_event_is_told_once_however_often_it_comes(ledger: Ledger, mirror: Mirror) -> None:
    mirror.take([came(10, DAIYU, BAOCHAI, last="v0", current="v1")])
    mirror.take([came(10, DAIYU, BAOCHAI, last="v0", current="v1")] * 2)

    assert told(ledger, "member.joined") == [("member.joined", 10)] * 2


@pytest.mark.stores
def test_a_list_and_an_event_of_the_same_coming_are_one_fact_in_either_order(ledger: Ledger, mirror: Mirror) -> None:
    mirror.group(group({XIFENG: 1, DAIYU: 10}), at(20))
    mirror.take([came(10, DAIYU), came(15, BAOCHAI)])
    mirror.group(group({XIFENG: 1, DAIYU: 10, BAOCHAI: 15}), at(40))

    assert told(ledger, "member.joined") == [("member.joined", 1), ("member.joined", 10), ("member.joined", 15)]


@pytest.mark.stores
def test_leaving_and_coming_back_between_two_lists_are_two_stays(ledger: Ledger, mirror: Mirror) -> None:
    mirror.group(group({XIFENG: 1, DAIYU: 10}), at(20))
    mirror.group(group({XIFENG: 1, DAIYU: 60}, version="v3"), at(100))

    assert stays(ledger) == [(DAIYU, 10, 60), (DAIYU, 60, None), (XIFENG, 1, None)]


def test_a_leaving_told_late_ends_the_stay_that_a_list_had_ended_by_inference(ledger: Ledger, mirror: Mirror) -> None:
    mirror.group(group({XIFENG: 1, DAIYU: 10}), at(20))
    mirror.group(group({XIFENG: 1}, version="v2"), at(100))
    assert (DAIYU, 10, 100) in stays(ledger)

    mirror.take([went(33, DAIYU)])

    assert [stay for stay in stays(ledger) if stay[0] == DAIYU] == [(DAIYU, 10, 33)]


def test_what_happened_after_a_list_was_read_is_not_undone_by_it(ledger: Ledger, mirror: Mirror) -> None:
    mirror.group(group({XIFENG: 1, DAIYU: 10}), at(20))
    mirror.take([went(105, DAIYU), came(105, BAOCHAI)])

    made = mirror.group(group({XIFENG: 1, DAIYU: 10}), at(104))

    assert made.facts == 0
    assert stays(ledger) == sorted([(XIFENG, 1, None), (DAIYU, 10, 105), (BAOCHAI, 105, None)])


def test_versions_that_follow_each_other_ask_for_nothing_and_a_gap_asks_once(ledger: Ledger, mirror: Mirror) -> None:
    mirror.group(group({XIFENG: 1}, version="v1"), at(20))

    assert (
        mirror.take([came(30, DAIYU, last="v1", current="v2"), came(31, BAOCHAI, last="v2", current="v3")]).wished == ()
    )
    assert mirror.take([came(31, BAOCHAI, last="v2", current="v3")]).wished == ()  # again
    asked = mirror.take([came(35, TANCHUN, last="v4", current="v5"), went(36, TANCHUN, last="v5", current="v6")])

    assert asked.of("group") == (POETRY,)
    assert asked.wished[0].version == "v6"
    assert [stay for stay in stays(ledger) if stay[0] == TANCHUN] == [(TANCHUN, 35, 36)]


def test_a_list_that_was_cut_short_is_noticed_by_its_count(ledger: Ledger, mirror: Mirror) -> None:
    mirror.group(group({XIFENG: 1}, version="v1"), at(20))
    cut = event(
        "change_external_chat", "update", 30, [DAIYU], ChatId=POETRY, UpdateDetail="add_member", LastMemVer="v1",
        CurMemVer="v2", MemChangeCnt="2",
    )  # fmt: skip

    assert mirror.take([cut]).of("group") == (POETRY,)


def test_an_owner_who_was_not_known_at_first_is_told_when_they_are(ledger: Ledger, mirror: Mirror) -> None:
    mirror.group(group({XIFENG: 1}, owner=""), at(5))

    mirror.group(group({XIFENG: 1}, owner="xifeng"), at(40))
    mirror.group(group({XIFENG: 1}, owner="xifeng"), at(50))

    assert told(ledger, "group.owner_changed") == [("group.owner_changed", 40)]
    with ledger.read() as connection:
        owner = connection.execute(
            sa.select(handles.c.id_value).join(groups, groups.c.owner == handles.c.handle)
        ).scalar()
    assert owner == "xifeng"


def test_a_new_name_and_a_new_owner_are_dated_by_their_event_and_told_once(ledger: Ledger, mirror: Mirror) -> None:
    mirror.group(group({XIFENG: 1}), at(20))
    renamed = event("change_external_chat", "update", 30, ChatId=POETRY, UpdateDetail="change_name")
    handed = event("change_external_chat", "update", 31, ChatId=POETRY, UpdateDetail="change_owner")

    assert mirror.take([renamed, handed]).of("group") == (POETRY,)
    for _ in range(2):
        mirror.group(group({XIFENG: 1}, name="海棠社", owner="pinger"), at(40))
    mirror.take([renamed, handed])

    assert told(ledger, "group.renamed", "group.owner_changed") == [("group.renamed", 30), ("group.owner_changed", 31)]
    assert group_names(ledger) == ["海棠社"]


def test_a_dismissed_group_is_told_once_and_holds_nobody(ledger: Ledger, mirror: Mirror) -> None:
    mirror.group(group({XIFENG: 1, DAIYU: 10}), at(20))
    mirror.take([event("change_external_chat", "dismiss", 30, ChatId=POETRY)])
    mirror.group_dismissed(POETRY, at(60))

    assert told(ledger, "group.created", "group.dismissed") == [("group.created", 1), ("group.dismissed", 30)]
    assert stays(ledger) == sorted([(XIFENG, 1, 30), (DAIYU, 10, 30)])
    assert mirror.sizes()["members"] == 0


def test_a_group_that_is_dismissed_before_anybody_read_it_was_there(ledger: Ledger, mirror: Mirror) -> None:
    mirror.take([event("change_external_chat", "create", 5, ChatId=POETRY)])
    mirror.take([event("change_external_chat", "dismiss", 30, ChatId=POETRY)])

    assert told(ledger) == [("group.created", 5), ("group.dismissed", 30)]


def test_who_came_by_a_first_list_is_known_and_by_a_later_one_inferred(ledger: Ledger, mirror: Mirror) -> None:
    first = mirror.group(group({XIFENG: 1, DAIYU: 10}), at(20))
    later = mirror.group(group({XIFENG: 1, DAIYU: 10, BAOCHAI: 22}, version="v2"), at(40))

    assert (first.inferred, later.inferred) == (0, 1)
    known = ledger.snapshot(CORP).rows["stay"].to_pylist()
    assert all(stay["join_known"] for stay in known)


def test_a_member_is_staff_if_the_directory_says_so_whatever_the_id_looks_like(ledger: Ledger, mirror: Mirror) -> None:
    mirror.staff([StaffCard(userid="wmli", name="李"), StaffCard(userid=XIFENG)], [XIFENG], None, at(1), whole=True)
    mirror.take([came(10, "wmli", XIFENG)])
    mirror.group(group({XIFENG: 10}), at(20))

    with ledger.read() as connection:
        assert set(connection.scalars(sa.select(handles.c.id_type))) == {"staff_userid"}


def test_names_of_members_and_the_group_go_to_people_and_groups(ledger: Ledger, mirror: Mirror) -> None:
    mirror.group(group({XIFENG: 1, DAIYU: 10}), at(20))

    assert names(ledger) == {"feng": True, "Daiyu0": False}
    assert group_names(ledger) == ["诗社"]
