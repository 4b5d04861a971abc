"""Customers and groups change hands: in a day unless they refuse, on the job and after leaving."""

from __future__ import annotations

import pytest

from tests.sandbox.endpoints.scenes import DAY, HOUR, Mansion, raw, refused

PATH = "externalcontact/transfer_customer"


def give(home: Mansion, *names: str, giver: str = "xifeng", taker: str = "pinger") -> list[int]:
    begun = home.api.handover.transfer_customer(giver, taker, home.ids(*names), transfer_success_msg="以后找平儿")
    return [row.errcode for row in begun]


def state(home: Mansion, giver: str = "xifeng", taker: str = "pinger") -> dict[str, tuple[int, int]]:
    rows = home.api.handover.transfer_result(giver, taker).customer
    return {row.external_userid: (row.status, row.takeover_time) for row in rows}


def follows(home: Mansion) -> set[tuple[str, str]]:
    return home.box.truth(home.keys.corpid).contacts()


def test_a_handover_takes_effect_by_itself_after_a_day(home: Mansion) -> None:
    tag = home.phones.admin_add_tag("类", "诗")
    home.phones.edit_contact("xifeng", home.people["黛玉"], remark="颦儿", add_tags=[tag])
    daiyu, due = home.id("黛玉"), home.now() + int(DAY)

    assert give(home, "黛玉") == [0]
    assert state(home) == {daiyu: (2, due)}
    home.passes(DAY - 1)
    assert ("xifeng", daiyu) in follows(home)
    home.passes(1)

    assert state(home) == {daiyu: (1, due)}
    assert ("pinger", daiyu) in follows(home)
    assert ("xifeng", daiyu) not in follows(home)
    row = home.box.store.one("SELECT * FROM follows WHERE userid = 'pinger' AND external_userid = ?", daiyu)
    assert row is not None
    assert (row["remark"], row["add_way"], row["oper_userid"], int(row["created"])) == ("颦儿", 202, "xifeng", due)
    assert home.box.store.column("SELECT tag_id FROM follow_tags WHERE follow = ?", row["id"]) == [tag]


def test_wecom_tells_of_a_handover_when_it_takes_effect(home: Mansion) -> None:
    before = len(home.box.truth(home.keys.corpid).callbacks())
    give(home, "黛玉")
    assert len(home.box.truth(home.keys.corpid).callbacks()) == before

    home.passes(DAY)

    gone, come = home.box.truth(home.keys.corpid).callbacks()[before:]
    assert "[del_external_contact]" in gone
    assert "<Source><![CDATA[DELETE_BY_TRANSFER]]></Source>" in gone
    assert "[xifeng]" in gone
    assert "[add_external_contact]" in come
    assert "[pinger]" in come
    assert "WelcomeCode" not in come


def test_whoever_knows_the_taker_already_is_not_added_again(home: Mansion) -> None:
    home.meets("黛玉", "pinger")
    before = len(home.events("add_external_contact"))

    give(home, "黛玉")
    home.passes(DAY)

    assert len(home.events("add_external_contact")) == before
    assert ("xifeng", home.id("黛玉")) not in follows(home)


def test_a_customer_may_refuse(home: Mansion) -> None:
    give(home, "黛玉", "宝钗")
    home.passes(HOUR)
    home.phones.refuse_transfer(home.people["黛玉"], "pinger")

    failed = home.events("transfer_fail")
    assert len(failed) == 1
    assert "<FailReason><![CDATA[customer_refused]]></FailReason>" in failed[0]
    home.passes(DAY)

    assert {external: status for external, (status, _) in state(home).items()} == {
        home.id("黛玉"): 3, home.id("宝钗"): 1,
    }  # fmt: skip
    assert ("xifeng", home.id("黛玉")) in follows(home)


def test_a_taker_with_too_many_customers_takes_none(home: Mansion) -> None:
    give(home, "黛玉")
    home.box.configure(contacts_most=1)

    assert give(home, "宝钗") == [40099]
    home.passes(DAY)

    assert state(home)[home.id("黛玉")][0] == 4
    assert "[customer_limit_exceed]" in home.events("transfer_fail")[0]


def test_two_in_ninety_days(home: Mansion) -> None:
    for giver, taker in (("xifeng", "pinger"), ("pinger", "yuanyang")):
        assert give(home, "黛玉", giver=giver, taker=taker) == [0]
        home.passes(DAY)

    assert give(home, "黛玉", giver="yuanyang", taker="xifeng") == [40128]
    home.passes(90 * DAY)
    assert give(home, "黛玉", giver="yuanyang", taker="xifeng") == [0]


def test_each_customer_is_answered_for_by_itself(home: Mansion) -> None:
    give(home, "黛玉")
    home.meets("黛玉", "yuanyang")
    api = home.api.handover

    codes = {
        row.external_userid: row.errcode
        for row in api.transfer_customer("xifeng", "pinger", [*home.ids("黛玉", "袭人", "宝钗"), "wm_nobody"])
    }

    assert codes == {home.id("黛玉"): 40129, home.id("袭人"): 40131, home.id("宝钗"): 0, "wm_nobody": 40096}
    assert [row.errcode for row in api.transfer_customer("yuanyang", "pinger", home.ids("黛玉"))] == [40100]
    assert [row.errcode for row in api.transfer_customer("xifeng", "xifeng", home.ids("探春"))] == [40130]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"handover_userid": ""}, 40003),
        ({"handover_userid": "nobody"}, 60111),
        ({"takeover_userid": "nobody"}, 60111),
        ({"external_userid": []}, 41035),
        ({"external_userid": ["wm"] * 101}, 40058),
        ({"transfer_success_msg": "x" * 201}, 40058),
    ],
)
def test_what_is_wrong_is_named(home: Mansion, body: dict[str, object], errcode: int) -> None:
    whole = {"handover_userid": "xifeng", "takeover_userid": "pinger", "external_userid": ["wm"], **body}

    answer = raw(home.api, PATH, whole)

    assert (answer["errcode"], answer["customer"]) == (errcode, [])


def test_staff_who_were_not_there_for_a_year_neither_give_nor_take(home: Mansion) -> None:
    home.passes(366 * DAY)
    with refused(41054):
        give(home, "黛玉")
    home.phones.say_to("xifeng", home.people["黛玉"], "在")
    with refused(41054):
        give(home, "黛玉")
    home.phones.say_to("pinger", home.people["袭人"], "在")
    assert give(home, "黛玉") == [0]


def test_without_the_permission_nobody_is_handed_over(home: Mansion) -> None:
    home.phones.admin_revoke("transfer")

    with refused(48002):
        give(home, "黛玉")


def test_customers_of_those_who_left_are_assigned_anew(home: Mansion) -> None:
    api, daiyu = home.api.handover, home.id("黛玉")
    with refused(40097):
        api.resigned_transfer_customer("xifeng", "pinger", [daiyu])
    home.phones.resign("xifeng")
    left_at = home.now()
    home.passes(HOUR)
    unassigned = [row for page, _ in api.every_unassigned() for row in page.info]
    assert {(row.handover_userid, row.external_userid, row.dimission_time) for row in unassigned} == {
        ("xifeng", external, left_at) for external in home.ids("黛玉", "宝钗", "探春")
    }

    begun = api.resigned_transfer_customer("xifeng", "pinger", [daiyu])
    assert [row.errcode for row in begun] == [0]
    home.passes(DAY)

    done = api.resigned_transfer_result("xifeng", "pinger").customer
    assert [(row.external_userid, row.status) for row in done] == [(daiyu, 1)]
    assert ("pinger", daiyu) in follows(home)
    assert daiyu not in {row.external_userid for row in api.get_unassigned_list().info}
    assert home.events("del_external_contact") == []
    assert api.transfer_result("xifeng", "pinger").customer == ()


def test_unassigned_customers_come_in_pages(home: Mansion) -> None:
    home.phones.resign("xifeng")

    first = home.api.handover.get_unassigned_list(page_size=2)
    second = home.api.handover.get_unassigned_list(first.next_cursor, page_size=2)

    assert (len(first.info), first.is_last, len(second.info), second.is_last, second.next_cursor) == (
        2,
        False,
        1,
        True,
        "",
    )


def test_nobody_is_handed_over_a_year_after_staff_left(home: Mansion) -> None:
    home.phones.resign("xifeng")
    home.passes(366 * DAY)
    home.phones.say_to("pinger", home.people["袭人"], "在")

    with refused(60111):
        home.api.handover.resigned_transfer_customer("xifeng", "pinger", home.ids("黛玉"))
    assert home.api.handover.get_unassigned_list().info == ()


def test_who_works_here_hands_over_on_the_job_only(home: Mansion) -> None:
    home.phones.resign("xifeng")

    with refused(60111):
        give(home, "黛玉")


# ---- groups ----


def owner(home: Mansion, chat_id: str) -> str:
    return str(home.box.truth(home.keys.corpid).groups()[chat_id]["owner"])


def test_a_group_gets_another_owner_at_once_and_nobody_is_told(home: Mansion) -> None:
    chat_id = home.phones.create_group("xifeng", "诗社", people=[home.people["黛玉"]])
    before = home.box.truth(home.keys.corpid).callbacks()

    assert home.api.handover.onjob_transfer([chat_id], "pinger") == ()

    assert owner(home, chat_id) == "pinger"
    assert home.box.truth(home.keys.corpid).members(chat_id) == {"xifeng", "pinger", home.id("黛玉")}
    assert home.box.truth(home.keys.corpid).callbacks() == before


def test_a_group_changes_hands_twice_in_ninety_days(home: Mansion) -> None:
    chat_id = home.phones.create_group("xifeng", "诗社")
    api = home.api.handover
    for taker in ("pinger", "yuanyang"):
        assert api.onjob_transfer([chat_id], taker) == ()

    assert [row.errcode for row in api.onjob_transfer([chat_id], "xifeng")] == [90504]
    home.passes(90 * DAY)
    assert api.onjob_transfer([chat_id], "xifeng") == ()


def test_groups_that_cannot_be_handed_over_are_told_with_the_reason(home: Mansion) -> None:
    live, gone, left = (home.phones.create_group("xifeng", name) for name in ("诗社", "散了", "旧人"))
    home.phones.dismiss(gone)
    home.phones.change_owner(home.phones.create_group("pinger", "新人", staff=["xifeng"]), "xifeng")
    api = home.api.handover

    failed = api.onjob_transfer(["wr_nobody", gone], "pinger")
    assert {row.chat_id: (row.errcode, row.errmsg) for row in failed} == {
        "wr_nobody": (90501, "chat is not external group chat"), gone: (49008, "chat is dismissed"),
    }  # fmt: skip
    assert [row.errcode for row in api.transfer([live], "pinger")] == [90500]
    home.phones.resign("xifeng")
    assert [row.errcode for row in api.onjob_transfer([left], "pinger")] == [90502]


def test_the_group_of_somebody_who_left_changes_hands_in_a_while(home: Mansion) -> None:
    chat_id = home.phones.create_group("xifeng", "诗社", people=[home.people["黛玉"]])
    home.phones.resign("xifeng")
    api = home.api.handover
    before = home.box.truth(home.keys.corpid).callbacks()

    assert api.transfer([chat_id], "pinger") == ()
    assert [row.errcode for row in api.transfer([chat_id], "yuanyang")] == [90507]
    assert owner(home, chat_id) == "xifeng"
    home.passes(60)

    assert owner(home, chat_id) == "pinger"
    assert home.box.truth(home.keys.corpid).members(chat_id) == {"pinger", home.id("黛玉")}
    assert [row.errcode for row in api.transfer([chat_id], "yuanyang")] == [90508]
    assert home.box.truth(home.keys.corpid).callbacks() == before


def test_three_hundred_groups_a_day(home: Mansion) -> None:
    chats = [home.phones.create_group("xifeng", f"群{n}") for n in range(301)]
    api = home.api.handover
    failed = [row for start in range(0, 301, 100) for row in api.onjob_transfer(chats[start : start + 100], "pinger")]

    assert [(row.chat_id, row.errcode) for row in failed] == [(chats[300], 90504)]
    home.passes(DAY)
    assert api.onjob_transfer(chats[300:], "pinger") == ()


@pytest.mark.parametrize("path", ["onjob_transfer", "transfer"])
def test_a_call_takes_a_hundred_groups(home: Mansion, path: str) -> None:
    path = f"externalcontact/groupchat/{path}"

    assert raw(home.api, path, {"chat_id_list": ["wr"] * 101, "new_owner": "pinger"})["errcode"] == 40058
    assert raw(home.api, path, {"chat_id_list": [], "new_owner": "pinger"})["errcode"] == 40058
    answer = raw(home.api, path, {"chat_id_list": ["wr"], "new_owner": "nobody"})
    assert (answer["errcode"], answer["failed_chat_list"]) == (60111, [])
