"""A job makes a task, staff post it one by one, customers find it."""

from __future__ import annotations

import pytest

from tests.sandbox.endpoints.pictures import jpg, mp4
from tests.sandbox.endpoints.scenes import DAY, Mansion, raw, refused
from tiefen.sandbox import NotPossible, Tasked
from tiefen.sandbox.endpoints import moments
from tiefen.wecom.client.attachments import Attachment, Link, image, video
from tiefen.wecom.client.endpoints.moments import JobDone

PATH = "externalcontact/add_moment_task"


def post(home: Mansion, *userids: str, tags: tuple[str, ...] = (), departments: tuple[int, ...] = ()) -> JobDone:
    jobid = home.api.moments.add_moment_task(text="海棠开了", userids=userids, tags=tags, departments=departments)
    home.passes(10)
    done = home.api.moments.get_moment_task_result(jobid)
    assert (done.status, done.type) == (3, "add_moment_task")
    assert done.result is not None
    return done.result


def meant_for(home: Mansion, moment_id: str, userid: str) -> set[str]:
    return {row.external_userid for row in home.api.moments.get_moment_customer_list(moment_id, userid).customer_list}


def viewers(home: Mansion, moment_id: str, userid: str) -> set[str]:
    return {row.external_userid for row in home.api.moments.get_moment_send_result(moment_id, userid).customer_list}


def test_a_job_takes_a_while_and_is_told_for_a_day(home: Mansion) -> None:
    jobid = home.api.moments.add_moment_task(text="海棠开了")
    states = []
    for _ in range(3):
        states.append(home.api.moments.get_moment_task_result(jobid).status)
        home.passes(3)

    assert states == [1, 2, 3]
    home.passes(DAY)
    with refused(41079):
        home.api.moments.get_moment_task_result(jobid)
    with refused(41079):
        home.api.moments.get_moment_task_result("made up")


def test_all_staff_with_customers_are_asked(home: Mansion) -> None:
    tasked: list[Tasked] = []
    home.box.listeners.tasked.append(tasked.append)

    moment_id = post(home).moment_id

    assert {(one.userid, one.kind, one.msgid) for one in tasked} == {
        ("xifeng", "moment", moment_id), ("pinger", "moment", moment_id),
    }  # fmt: skip
    told = home.api.moments.get_moment_task(moment_id).task_list
    assert {(row.userid, row.publish_status) for row in told} == {("xifeng", 0), ("pinger", 0)}
    assert meant_for(home, moment_id, "xifeng") == set(home.ids("黛玉", "宝钗", "探春"))
    assert viewers(home, moment_id, "xifeng") == set()


def test_customers_find_it_when_staff_have_posted(home: Mansion) -> None:
    moment_id = post(home).moment_id
    home.phones.delete_staff(home.people["探春"], "xifeng")
    before = home.box.truth(home.keys.corpid).callbacks()

    assert home.phones.confirm_moment("xifeng", moment_id) == 2

    told = {row.userid: row.publish_status for row in home.api.moments.get_moment_task(moment_id).task_list}
    assert told == {"xifeng": 1, "pinger": 0}
    assert viewers(home, moment_id, "xifeng") == set(home.ids("黛玉", "宝钗"))
    assert viewers(home, moment_id, "pinger") == set()
    assert {target for _, target in home.delivered("moment")} == set(home.ids("黛玉", "宝钗"))
    assert home.box.truth(home.keys.corpid).callbacks() == before


def test_likes_and_comments_are_told_without_words(home: Mansion) -> None:
    moment_id = post(home).moment_id
    home.phones.confirm_moment("xifeng", moment_id)
    home.phones.like_moment(home.people["黛玉"], moment_id, "xifeng")
    home.phones.comment_moment(home.people["宝钗"], moment_id, "xifeng")

    told = home.api.moments.get_moment_comments(moment_id, "xifeng")

    assert [(one.external_userid, one.create_time) for one in told.like_list] == [(home.id("黛玉"), home.now())]
    assert [one.external_userid for one in told.comment_list] == home.ids("宝钗")


def test_a_moment_is_for_customers_with_one_of_the_tags(home: Mansion) -> None:
    poet, painter = home.phones.admin_add_tag("类", "诗"), home.phones.admin_add_tag("类", "画")
    home.phones.edit_contact("xifeng", home.people["黛玉"], add_tags=[poet])
    home.phones.edit_contact("xifeng", home.people["探春"], add_tags=[painter])

    moment_id = post(home, tags=(poet, painter)).moment_id

    assert meant_for(home, moment_id, "xifeng") == set(home.ids("黛玉", "探春"))
    assert [row.userid for row in home.api.moments.get_moment_task(moment_id).task_list] == ["xifeng"]


def test_whoever_was_named_in_vain_is_told(home: Mansion) -> None:
    tag = home.phones.admin_add_tag("类", "诗")
    home.phones.edit_contact("xifeng", home.people["黛玉"], add_tags=[tag])

    done = post(home, "xifeng", "nobody", tags=(tag, "et_none"), departments=(99,))

    assert done.errcode == 0
    assert done.invalid_sender_list is not None
    assert done.invalid_external_contact_list is not None
    assert done.invalid_sender_list.user_list == ("nobody",)
    assert done.invalid_sender_list.department_list == (99,)
    assert done.invalid_external_contact_list.tag_list == ("et_none",)


@pytest.mark.parametrize(("senders", "tags", "errcode"), [(("nobody",), (), 41062), ((), ("et_none",), 41048)])
def test_a_job_for_nobody_fails(home: Mansion, senders: tuple[str, ...], tags: tuple[str, ...], errcode: int) -> None:
    done = post(home, *senders, tags=tags)

    assert (done.errcode, done.moment_id) == (errcode, "")
    assert home.api.moments.get_moment_list(home.now() - 60, home.now()).moment_list == ()


def test_departments_post_with_all_below_them(home: Mansion) -> None:
    below = home.phones.add_department("怡红院", home.phones.add_department("大观园"))
    home.phones.move_staff("pinger", below)

    moment_id = post(home, departments=(2,)).moment_id

    assert [row.userid for row in home.api.moments.get_moment_task(moment_id).task_list] == ["pinger"]


def test_what_is_not_posted_yet_can_be_stopped(home: Mansion) -> None:
    moment_id = post(home).moment_id
    home.phones.confirm_moment("pinger", moment_id)

    home.api.moments.cancel_moment_task(moment_id)

    with pytest.raises(NotPossible):
        home.phones.confirm_moment("xifeng", moment_id)
    assert viewers(home, moment_id, "pinger") == set(home.ids("袭人"))


def test_moments_are_listed_with_what_they_show(home: Mansion) -> None:
    media = home.api.media
    one = image(media.upload_attachment("image", "a.jpg", jpg(), attachment_type=1).media_id)
    film = video(media.upload_attachment("video", "a.mp4", mp4(), attachment_type=1).media_id)
    page = Attachment(msgtype="link", link=Link(title="诗社", url="https://a.b"))
    for text, things in (("图", [one] * 9), ("片", [film]), ("链", [page])):
        home.api.moments.add_moment_task(text=text, attachments=things)
        home.passes(10)

    listed = home.api.moments.get_moment_list(home.now() - 300, home.now()).moment_list

    assert [(row.text and row.text.content, len(row.image), row.video is not None) for row in listed] == [
        ("图", 9, False), ("片", 0, True), ("链", 0, False),
    ]  # fmt: skip
    assert listed[2].link is not None
    assert {(row.create_type, row.creator, row.visible_type) for row in listed} == {(0, "", 1)}
    assert home.api.moments.get_moment_list(home.now() - 300, home.now(), filter_type=1).moment_list == ()


def test_lists_come_in_pages(home: Mansion) -> None:
    made = [post(home).moment_id for _ in range(3)]

    first = home.api.moments.get_moment_list(home.now() - 300, home.now(), limit=2)
    second = home.api.moments.get_moment_list(home.now() - 300, home.now(), first.next_cursor, 2)

    assert [row.moment_id for row in (*first.moment_list, *second.moment_list)] == made
    one = home.api.moments.get_moment_customer_list(made[0], "xifeng", limit=2)
    two = home.api.moments.get_moment_customer_list(made[0], "xifeng", one.next_cursor, limit=2)
    assert len(one.customer_list) == 2
    assert len(two.customer_list) == 1
    assert two.next_cursor == ""


def test_ten_a_minute(home: Mansion) -> None:
    home.box.clock.step_to((home.box.clock.now() // 60 + 1) * 60)
    body = {"text": {"content": "海棠开了"}}
    codes = [raw(home.api, PATH, body)["errcode"] for _ in range(11)]

    assert codes == [0] * 10 + [45009]
    home.passes(60)
    assert raw(home.api, PATH, body)["errcode"] == 0


def test_a_company_without_moments_has_none(home: Mansion) -> None:
    home.phones.admin_configure(moments=False)

    with refused(41211):
        home.api.moments.add_moment_task(text="海棠开了")


def test_a_month_takes_so_many(home: Mansion, monkeypatch: pytest.MonkeyPatch) -> None:
    assert moments._MONTH_MOST == 100_000
    monkeypatch.setattr(moments, "_MONTH_MOST", 2)
    for _ in range(2):
        post(home)

    with refused(41210):
        home.api.moments.add_moment_task(text="海棠开了")
    home.passes(25 * DAY)
    home.api.moments.add_moment_task(text="海棠开了")


PAGE = {"msgtype": "link", "link": {"title": "t", "url": "u"}}


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({}, 41089),
        ({"text": {"content": "x" * 2_001}}, 40058),
        ({"text": {"content": "诗" * 1_400}}, 40058),
        ({"attachments": [PAGE, PAGE]}, 41065),
        ({"attachments": [PAGE] * 10}, 41064),
        ({"attachments": [{"msgtype": "file", "file": {"media_id": "m"}}]}, 41065),
        ({"attachments": [{"msgtype": "image", "image": {"media_id": "m"}}]}, 40007),
        ({"attachments": [{"msgtype": "image", "image": {}}]}, 40007),
    ],
)
def test_what_is_wrong_is_named(home: Mansion, body: dict[str, object], errcode: int) -> None:
    assert raw(home.api, PATH, body)["errcode"] == errcode


def test_only_files_for_moments_will_do(home: Mansion) -> None:
    plain = home.api.media.upload("image", "a.jpg", jpg()).media_id

    with refused(40007):
        home.api.moments.add_moment_task(text="海棠开了", attachments=[image(plain)])


def test_a_moment_has_to_be_named(home: Mansion) -> None:
    moment_id = post(home).moment_id

    for path in ("get_moment_task", "cancel_moment_task", "get_moment_comments"):
        assert raw(home.api, f"externalcontact/{path}", {})["errcode"] == 41061
        assert raw(home.api, f"externalcontact/{path}", {"moment_id": "made up"})["errcode"] == 41060
    for path in ("get_moment_customer_list", "get_moment_send_result", "get_moment_comments"):
        answer = raw(home.api, f"externalcontact/{path}", {"moment_id": moment_id, "userid": "yuanyang"})
        assert answer["errcode"] == 41062


def test_what_staff_post_by_themselves_is_listed_with_its_maker(home: Mansion) -> None:
    own = home.phones.post_moment("xifeng", "今日赏雪")
    home.passes(1)
    made = post(home).moment_id

    listed = home.api.moments.get_moment_list(home.now() - 60, home.now()).moment_list
    assert [(row.moment_id, row.create_type, row.creator) for row in listed] == [(own, 1, "xifeng"), (made, 0, "")]
    assert viewers(home, own, "xifeng") == set(home.ids("黛玉", "宝钗", "探春"))
