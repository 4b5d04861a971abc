"""A task sends nothing: staff confirm it, each for their own customers and groups."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.endpoints.pictures import jpg
from tests.sandbox.endpoints.scenes import DAY, HOUR, START, BoxClock, Mansion, mansion, raw, refused
from tiefen.sandbox import Delivered, NotPossible, Tasked
from tiefen.wecom.client import NotYet, Shared, WeCom
from tiefen.wecom.client.attachments import image, link
from tiefen.wecom.client.endpoints.messages import NewTask, Sent

PATH = "externalcontact/add_msg_template"


def task(home: Mansion, *names: str, sender: str | None = None, wait: float = 60) -> NewTask:
    made = home.api.messages.add_msg_template(external_userids=home.ids(*names), sender=sender, text="海棠社明日开社")
    home.passes(wait)
    return made


def results(home: Mansion, msgid: str, userid: str = "xifeng") -> list[Sent]:
    return [row for page, _ in home.api.messages.every_result(msgid, userid) for row in page.send_list]


def statuses(home: Mansion, msgid: str, userid: str = "xifeng") -> dict[str, int]:
    return {row.external_userid or row.chat_id or "": row.status for row in results(home, msgid, userid)}


def test_making_a_task_sends_nothing_and_fires_nothing(home: Mansion) -> None:
    before = home.box.truth(home.keys.corpid).callbacks()

    msgid = task(home, "黛玉", "袭人").msgid

    assert home.delivered("single") == []
    assert home.box.truth(home.keys.corpid).callbacks() == before
    told = home.api.messages.get_groupmsg_task(msgid).task_list
    assert [(row.userid, row.status, row.send_time) for row in told] == [("pinger", 0, None), ("xifeng", 0, None)]
    assert [(row.status, row.send_time) for row in results(home, msgid)] == [(0, None)]


def test_staff_who_confirm_send_their_part(home: Mansion) -> None:
    msgid = task(home, "黛玉", "宝钗", "袭人").msgid

    assert home.phones.confirm("xifeng", msgid) == 2

    assert set(home.delivered("single")) == {("xifeng", home.id("黛玉")), ("xifeng", home.id("宝钗"))}
    told = {row.userid: row for row in home.api.messages.get_groupmsg_task(msgid).task_list}
    assert (told["xifeng"].status, told["xifeng"].send_time, told["pinger"].status) == (2, home.now(), 0)
    assert statuses(home, msgid) == {home.id("黛玉"): 1, home.id("宝钗"): 1}
    assert statuses(home, msgid, "pinger") == {home.id("袭人"): 0}


def test_whoever_lives_in_the_phones_is_told_at_once(home: Mansion) -> None:
    tasked: list[Tasked] = []
    delivered: list[Delivered] = []
    home.box.listeners.tasked.append(tasked.append)
    home.box.listeners.delivered.append(delivered.append)

    msgid = task(home, "黛玉", "袭人").msgid
    home.phones.confirm("pinger", msgid)

    assert {(one.userid, one.kind, one.msgid) for one in tasked} == {
        ("xifeng", "single", msgid), ("pinger", "single", msgid),
    }  # fmt: skip
    assert [(one.to, one.content["text"]["content"]) for one in delivered] == [(home.id("袭人"), "海棠社明日开社")]


def test_a_customer_hears_it_from_whom_they_talked_to_last(home: Mansion) -> None:
    home.meets("黛玉", "pinger")
    home.passes(10)
    first = task(home, "黛玉").msgid
    home.phones.say_to(home.people["黛玉"], "xifeng", "在吗")
    second = task(home, "黛玉").msgid

    assert [row.userid for row in home.api.messages.get_groupmsg_task(first).task_list] == ["pinger"]
    assert [row.userid for row in home.api.messages.get_groupmsg_task(second).task_list] == ["xifeng"]


def test_a_sender_alone_means_all_their_customers(home: Mansion) -> None:
    made = home.api.messages.add_msg_template(sender="XIFENG", text="开社")
    home.passes(60)

    assert statuses(home, made.msgid) == dict.fromkeys(home.ids("黛玉", "宝钗", "探春"), 0)


def test_tags_of_one_list_are_or_ed_and_lists_and_ed(home: Mansion) -> None:
    poet, painter, rich = (home.phones.admin_add_tag("类", name) for name in ("诗", "画", "富"))
    for name, tags in (("黛玉", [poet]), ("宝钗", [poet, rich]), ("探春", [painter, rich]), ("袭人", [rich])):
        home.phones.edit_contact("pinger" if name == "袭人" else "xifeng", home.people[name], add_tags=tags)

    made = home.api.messages.add_msg_template(tag_filter=[[poet, painter], [rich]], text="开社")
    home.passes(60)
    named = home.api.messages.add_msg_template(external_userids=home.ids("黛玉"), tag_filter=[[rich]], text="开社")
    home.passes(60)

    assert set(statuses(home, made.msgid)) == {home.id("宝钗"), home.id("探春")}
    assert set(statuses(home, named.msgid)) == {home.id("黛玉")}


def test_whom_nothing_can_be_sent_to_are_named(home: Mansion) -> None:
    home.phones.delete_customer("xifeng", home.people["宝钗"])

    made = home.api.messages.add_msg_template(
        external_userids=[*home.ids("黛玉", "宝钗", "袭人"), "wm_nobody"], sender="xifeng", text="开社"
    )

    assert set(made.fail_list) == {home.id("宝钗"), home.id("袭人"), "wm_nobody"}


def test_nobody_to_send_to_is_41048_with_their_names(home: Mansion) -> None:
    answer = raw(home.api, PATH, {"external_userid": ["wm_nobody"], "text": {"content": "开社"}})

    assert (answer["errcode"], answer["fail_list"]) == (41048, ["wm_nobody"])


def test_a_new_task_is_being_handed_out(home: Mansion) -> None:
    msgid = task(home, "黛玉", wait=0).msgid

    with pytest.raises(NotYet):
        home.api.messages.get_groupmsg_task(msgid)
    with refused(41063):
        home.api.messages.get_groupmsg_send_result(msgid, "xifeng")


def test_customers_who_deleted_staff_are_no_friends_when_it_is_sent(home: Mansion) -> None:
    msgid = task(home, "黛玉", "宝钗").msgid
    home.phones.delete_staff(home.people["黛玉"], "xifeng")
    home.phones.confirm("xifeng", msgid)

    assert statuses(home, msgid) == {home.id("黛玉"): 2, home.id("宝钗"): 1}


@pytest.mark.parametrize(("per", "most", "again"), [("month", 31, 25 * DAY), ("week", 7, 7 * DAY), ("day", 1, DAY)])
def test_a_customer_gets_so_many_in_a_time(home: Mansion, per: str, most: int, again: float) -> None:
    home.box.configure(mass_messages=per)
    last = ""
    for _ in range(most + 1):
        last = task(home, "黛玉", wait=20).msgid
        home.phones.confirm("xifeng", last)
    assert statuses(home, last) == {home.id("黛玉"): 3}
    assert len(home.delivered("single")) == most

    home.passes(again)
    last = task(home, "黛玉").msgid
    home.phones.confirm("xifeng", last)

    assert statuses(home, last) == {home.id("黛玉"): 1}


def test_the_month_ends_in_china(home: Mansion) -> None:
    home.box.configure(mass_messages="day")
    home.box.clock.step_to(START.timestamp() + 13.9 * HOUR)
    for status in (1, 3):
        msgid = task(home, "黛玉").msgid
        home.phones.confirm("xifeng", msgid)
        assert statuses(home, msgid) == {home.id("黛玉"): status}

    home.box.clock.step_to(START.timestamp() + 14 * HOUR)
    msgid = task(home, "黛玉").msgid
    home.phones.confirm("xifeng", msgid)

    assert statuses(home, msgid) == {home.id("黛玉"): 1}


def test_a_cancelled_task_cannot_be_sent_any_more(home: Mansion) -> None:
    msgid = task(home, "黛玉", "袭人").msgid
    home.phones.confirm("pinger", msgid)

    home.api.messages.cancel_groupmsg_send(msgid)

    with pytest.raises(NotPossible):
        home.phones.confirm("xifeng", msgid)
    with refused(41093):
        home.api.messages.cancel_groupmsg_send(msgid)
    with refused(41093):
        home.api.messages.remind_groupmsg_send(msgid)
    assert statuses(home, msgid, "pinger") == {home.id("袭人"): 1}


def test_staff_are_reminded_three_times_in_a_day(home: Mansion) -> None:
    msgid = task(home, "黛玉").msgid
    for _ in range(3):
        home.api.messages.remind_groupmsg_send(msgid)

    with refused(41094):
        home.api.messages.remind_groupmsg_send(msgid)
    home.passes(DAY)
    home.api.messages.remind_groupmsg_send(msgid)


def test_groups_are_sent_to_by_their_owner(home: Mansion) -> None:
    poetry, kitchen = (home.phones.create_group("xifeng", name) for name in ("诗社", "厨房"))
    other = home.phones.create_group("pinger", "别处")

    made = home.api.messages.add_msg_template(
        chat_type="group",
        sender="xifeng",
        chat_ids=[poetry, other],
        text="开社",
        attachments=[link("社", "https://a.b")],
    )
    home.passes(60)
    assert made.fail_list == (other,)
    assert results(home, made.msgid) == []

    home.phones.confirm("xifeng", made.msgid)

    assert home.delivered("group") == [("xifeng", poetry)]
    assert [(row.chat_id, row.external_userid, row.status) for row in results(home, made.msgid)] == [(poetry, None, 1)]
    every = home.api.messages.add_msg_template(chat_type="group", sender="xifeng", text="开社")
    home.passes(60)
    home.phones.confirm("xifeng", every.msgid)
    assert {row.chat_id for row in results(home, every.msgid)} == {poetry, kitchen}


def test_of_groups_only_those_sent_to_are_told(home: Mansion) -> None:
    home.box.configure(mass_messages="day")
    poetry, gone = (home.phones.create_group("xifeng", name) for name in ("诗社", "散了"))
    for _ in range(2):
        last = home.api.messages.add_msg_template(
            chat_type="group", sender="xifeng", chat_ids=[poetry, gone], text="社"
        )
        home.passes(60)
        if home.box.truth(home.keys.corpid).groups().get(gone):
            home.phones.dismiss(gone)
        home.phones.confirm("xifeng", last.msgid)

    assert results(home, last.msgid) == []
    assert home.delivered("group") == [("xifeng", poetry)]


def test_a_group_of_nobody_is_41048(home: Mansion) -> None:
    with refused(41048):
        home.api.messages.add_msg_template(chat_type="group", sender="yuanyang", text="开社")


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({}, 41035),
        ({"tag_filter": {"group_list": [{"tag_list": []}]}}, 41035),
        ({"sender": "nobody"}, 60111),
        ({"chat_type": "group"}, 40058),
        ({"chat_type": "all", "sender": "xifeng"}, 40058),
        ({"sender": "xifeng", "external_userid": ["wm"] * 10_001}, 40058),
        ({"chat_type": "group", "sender": "xifeng", "chat_id_list": ["wr"] * 2_001}, 40058),
        ({"tag_filter": {"group_list": [{"tag_list": ["et"] * 101}]}}, 40058),
        ({"sender": "xifeng", "text": {"content": ""}}, 40058),
        ({"sender": "xifeng", "text": {"content": "x" * 4_001}}, 40058),
        ({"sender": "xifeng", "attachments": [{"msgtype": "link", "link": {"title": "t", "url": "u"}}] * 10}, 41064),
        ({"sender": "xifeng", "attachments": [{"msgtype": "meeting"}]}, 41065),
        ({"sender": "xifeng", "attachments": [{"msgtype": "file", "file": {"media_id": "m"}}]}, 40007),
    ],
)
def test_what_is_wrong_is_named(home: Mansion, body: dict[str, object], errcode: int) -> None:
    answer = raw(home.api, PATH, {"text": {"content": "开社"}, **body})

    assert (answer["errcode"], answer["fail_list"]) == (errcode, [])


def test_staff_who_are_not_ready_send_nothing(home: Mansion) -> None:
    home.phones.set_ready("xifeng", False)

    with refused(41054):
        home.api.messages.add_msg_template(sender="xifeng", text="开社")


def test_tasks_are_listed_by_kind_and_time(home: Mansion) -> None:
    chat_id = home.phones.create_group("xifeng", "诗社")
    made = [task(home, "黛玉").msgid for _ in range(3)]
    group = home.api.messages.add_msg_template(chat_type="group", sender="xifeng", chat_ids=[chat_id], text="社").msgid
    start, end = home.now() - 300, home.now()

    pages = list(home.api.messages.every_task(start, end))
    listed = pages[0][0].group_msg_list
    assert [row.msgid for row in listed] == made
    assert (listed[0].text and listed[0].text.content, listed[0].create_type, listed[0].creator) == (
        "海棠社明日开社", 0, None,
    )  # fmt: skip
    assert [
        one.msgid for one in home.api.messages.get_groupmsg_list_v2(start, end, chat_type="group").group_msg_list
    ] == [group]
    assert home.api.messages.get_groupmsg_list_v2(start, end, filter_type=1).group_msg_list == ()
    assert home.api.messages.get_groupmsg_list_v2(start - 86_400, start).group_msg_list == ()


def test_pages_of_a_list_go_on_from_their_cursor(home: Mansion) -> None:
    made = [task(home, "黛玉").msgid for _ in range(5)]
    found: list[str] = []
    cursor = ""
    while True:
        page = home.api.messages.get_groupmsg_list_v2(home.now() - 600, home.now(), cursor, 2)
        found += [row.msgid for row in page.group_msg_list]
        if not (cursor := page.next_cursor):
            break
    assert found == made


def test_a_limit_beyond_the_most_falls_back_to_the_default(home: Mansion) -> None:
    for _ in range(52):
        task(home, "黛玉", wait=1)
    body = {"chat_type": "single", "start_time": home.now() - 600, "end_time": home.now(), "limit": 101}

    answer = raw(home.api, "externalcontact/get_groupmsg_list_v2", body)

    assert len(answer["group_msg_list"]) == 50
    assert answer["next_cursor"]


def test_a_list_covers_a_month_at_most(home: Mansion) -> None:
    body = {"chat_type": "single", "start_time": home.now() - 32 * 86_400, "end_time": home.now()}

    answer = raw(home.api, "externalcontact/get_groupmsg_list_v2", body)

    assert (answer["errcode"], answer["group_msg_list"]) == (40058, [])


def test_the_filter_of_a_list_stays_the_same(home: Mansion) -> None:
    for _ in range(3):
        task(home, "黛玉")
    start, end = home.now() - 600, home.now()
    cursor = home.api.messages.get_groupmsg_list_v2(start, end, limit=2).next_cursor

    with refused(60268):
        home.api.messages.get_groupmsg_list_v2(start + 1, end, cursor, limit=2)
    with refused(50100):
        home.api.messages.get_groupmsg_list_v2(start, end, "made up", limit=2)


def test_results_come_in_pages(home: Mansion) -> None:
    msgid = task(home, "黛玉", "宝钗", "探春").msgid

    first = home.api.messages.get_groupmsg_send_result(msgid, "xifeng", limit=2)
    second = home.api.messages.get_groupmsg_send_result(msgid, "xifeng", first.next_cursor, limit=2)

    told = [row.external_userid for row in (*first.send_list, *second.send_list)]
    assert set(told) == set(home.ids("黛玉", "宝钗", "探春"))
    assert second.next_cursor == ""


@pytest.mark.parametrize("path", ["get_groupmsg_task", "get_groupmsg_send_result", "remind_groupmsg_send"])
def test_a_task_has_to_be_named(home: Mansion, path: str) -> None:
    assert raw(home.api, f"externalcontact/{path}", {})["errcode"] == 41046
    assert raw(home.api, f"externalcontact/{path}", {"msgid": "made up"})["errcode"] == 41047


def test_without_the_permission_nothing_of_it_is_told(home: Mansion) -> None:
    home.phones.admin_revoke("message")

    with refused(48002):
        home.api.messages.add_msg_template(sender="xifeng", text="开社")
    assert raw(home.api, "externalcontact/get_groupmsg_task", {"msgid": "m"})["task_list"] == []


def test_staff_who_left_send_nothing(home: Mansion) -> None:
    msgid = task(home, "黛玉").msgid
    home.phones.resign("xifeng")

    with pytest.raises(NotPossible):
        home.phones.confirm("xifeng", msgid)
    assert statuses(home, msgid) == {home.id("黛玉"): 0}


def test_staff_choose_among_customers_only_where_the_task_lets_them(home: Mansion) -> None:
    fixed = task(home, "黛玉", "宝钗").msgid
    free = home.api.messages.add_msg_template(
        external_userids=home.ids("黛玉", "宝钗"), allow_select=True, text="选"
    ).msgid
    home.passes(60)
    with pytest.raises(NotPossible):
        home.phones.confirm("xifeng", fixed, only=home.ids("黛玉"))

    assert home.phones.confirm("xifeng", free, only=home.ids("黛玉")) == 1
    assert statuses(home, free) == {home.id("黛玉"): 1, home.id("宝钗"): 0}
    assert home.phones.confirm("xifeng", free) == 1
    with pytest.raises(NotPossible):
        home.phones.confirm("xifeng", free)


def test_groups_may_be_sent_to_one_by_one(home: Mansion) -> None:
    chats = [home.phones.create_group("xifeng", name) for name in ("诗社", "厨房")]
    made = home.api.messages.add_msg_template(chat_type="group", sender="xifeng", chat_ids=chats, text="社")
    home.passes(60)

    home.phones.confirm("xifeng", made.msgid, only=chats[:1])
    assert statuses(home, made.msgid) == {chats[0]: 1}
    home.phones.confirm("xifeng", made.msgid)

    assert statuses(home, made.msgid) == dict.fromkeys(chats, 1)


def test_what_staff_send_by_themselves_is_listed_with_its_maker_and_uses_up_nothing(home: Mansion) -> None:
    home.box.configure(mass_messages="day")
    own = home.phones.broadcast("xifeng", "自己群发", people=[home.people["黛玉"]])
    home.passes(1)
    made = task(home, "黛玉").msgid
    home.phones.confirm("xifeng", made)

    def listed(filter_type: int, creator: str | None = None) -> list[str]:
        page = home.api.messages.get_groupmsg_list_v2(
            home.now() - 600, home.now(), filter_type=filter_type, creator=creator
        )
        return [row.msgid for row in page.group_msg_list]

    assert (listed(0), listed(1), listed(2), listed(2, "xifeng")) == ([made], [own], [own, made], [own])
    assert statuses(home, own) == statuses(home, made) == {home.id("黛玉"): 1}


TAGS = ("诗", "画", "富", "闲")
SOME = st.lists(st.sampled_from(TAGS), unique=True)


@settings(max_examples=25, deadline=None)
@given(
    worn=st.fixed_dictionaries(dict.fromkeys(("黛玉", "宝钗", "探春"), SOME)),
    lists=st.lists(SOME.filter(bool), min_size=1),
)
def test_a_tag_filter_means_what_its_sentence_says(worn: dict[str, list[str]], lists: list[list[str]]) -> None:
    with mansion() as home:
        ids = {tag: home.phones.admin_add_tag("类", tag) for tag in TAGS}
        for name, tags in worn.items():
            home.phones.edit_contact("xifeng", home.people[name], add_tags=[ids[tag] for tag in tags])
        wanted = {home.id(name) for name, tags in worn.items() if all(set(tags) & set(some) for some in lists)}
        body = {"tag_filter": {"group_list": [{"tag_list": [ids[tag] for tag in some]} for some in lists]}}

        answer = raw(home.api, PATH, {"text": {"content": "开社"}, **body})
        home.passes(60)

        assert answer["errcode"] == (0 if wanted else 41048)
        assert (set(statuses(home, answer["msgid"])) if wanted else set()) == wanted


def test_two_calls_at_once_that_write_the_same_get_in_each_others_way(home: Mansion) -> None:
    msgid = task(home, "黛玉").msgid
    home.box.faults.at("externalcontact/remind_groupmsg_send", slow=0.5)
    token = home.api._api.transport.token()

    with home.box.serve() as base_url, ThreadPoolExecutor(2) as pool:

        def remind(_: int) -> int:
            address = f"{base_url}/cgi-bin/externalcontact/remind_groupmsg_send?access_token={token}"
            return int(httpx.post(address, json={"msgid": msgid}, trust_env=False).json()["errcode"])

        assert sorted(pool.map(remind, range(2))) == [0, 45035]


def test_a_task_lives_over_real_connections_too(home: Mansion) -> None:
    with home.box.serve() as base_url:
        keys = home.keys
        with WeCom(
            base_url, keys.corpid, keys.secret, agentid=keys.agentid, shared=Shared(), clock=BoxClock(home.box)
        ) as api:
            picture = api.media.upload("image", "海棠.jpg", jpg()).media_id
            msgid = api.messages.add_msg_template(
                external_userids=home.ids("黛玉"), text="海棠社", attachments=[image(picture)]
            ).msgid
            home.passes(60)
            home.phones.confirm("xifeng", msgid)

            assert [row.status for row in api.messages.get_groupmsg_send_result(msgid, "xifeng").send_list] == [1]
            assert api.media.get(picture).content == jpg()
