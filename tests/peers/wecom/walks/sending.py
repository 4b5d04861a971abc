"""Welcomes, mass messages and Moments, to their ends."""

from __future__ import annotations

from typing import Any

from tests.peers.wecom.walks.scene import Scene, coded, picture

E = "externalcontact/"
W = E + "group_welcome_template/"
HELLO = {"content": "欢迎来到大观园 🌸 ]]>"}


def _welcomed(s: Scene, external: str) -> list[Any]:
    return [row for row in s.box.truth(s.corpid).deliveries() if row["kind"] == "welcome" and row["target"] == external]


def welcome(s: Scene) -> None:
    external = s.customer(s.staff())
    code = s.told_of(external, "WelcomeCode")
    link = {"msgtype": "link", "link": {"title": "诗社 🌺", "url": "https://example.org/?名=黛玉"}}
    assert s.call(E + "send_welcome_msg", welcome_code=code, text=HELLO, attachments=[link]) == {}
    assert len(_welcomed(s, external)) == 1
    s.refuses(E + "send_welcome_msg", 41050, welcome_code=code, text=HELLO)
    late = s.customer(s.staff())
    s.later(21)
    s.refuses(E + "send_welcome_msg", 41050, welcome_code=s.told_of(late, "WelcomeCode"), text=HELLO)
    person, userid = s.person(), s.staff()
    chatting = s.phones.add_contact(person, userid)
    s.phones.open_chat(person, userid)
    s.refuses(E + "send_welcome_msg", 41051, welcome_code=s.told_of(chatting, "WelcomeCode"), text=HELLO)


def _template(s: Scene, words: str = "欢迎 %NICKNAME%") -> str:
    return str(s.set_up(W + "add", text={"content": words})["template_id"])


def add_template(s: Scene) -> None:
    template_id = s.call(W + "add", text={"content": "欢迎 %NICKNAME% 🌸"})["template_id"]
    assert s.set_up(W + "get", template_id=template_id)["text"] == {"content": "欢迎 %NICKNAME% 🌸"}


def edit_template(s: Scene) -> None:
    template_id = _template(s)
    assert s.call(W + "edit", template_id=template_id, text={"content": "又见 %NICKNAME%"}) == {}
    assert s.set_up(W + "get", template_id=template_id)["text"] == {"content": "又见 %NICKNAME%"}
    s.refuses(W + "edit", 40058, template_id="none", text=HELLO)


def get_template(s: Scene) -> None:
    assert s.call(W + "get", template_id=_template(s, "一"))["text"] == {"content": "一"}
    s.refuses(W + "get", 40058, template_id="none")


def delete_template(s: Scene) -> None:
    template_id = _template(s)
    assert s.call(W + "del", template_id=template_id) == {}
    s.refuses(W + "del", 40058, template_id=template_id)


def _task(s: Scene) -> tuple[str, str, str]:
    """(msgid, staff, customer) of a task that has been handed out."""
    userid = s.staff()
    external = s.customer(userid)
    msgid = s.set_up(E + "add_msg_template", sender=userid, external_userid=[external], text=HELLO)["msgid"]
    s.later(60)
    return msgid, userid, external


def mass_message(s: Scene) -> None:
    userid = s.staff()
    external = s.customer(userid)
    media_id = s.set_up("media/upload", type="image", filename="a.png", content=coded(picture()))["media_id"]
    pictured = {"msgtype": "image", "image": {"media_id": media_id}}
    said = s.call(
        E + "add_msg_template", chat_type="single", sender=userid, external_userid=[external, "wm_none"], text=HELLO,
        attachments=[pictured],
    )  # fmt: skip
    assert said["fail_list"] == ["wm_none"]
    assert not [row for row in s.box.truth(s.corpid).deliveries() if row["msgid"] == said["msgid"]], (
        "a task, not a message"
    )
    assert s.phones.confirm(userid, said["msgid"]) == 1
    assert [r["target"] for r in s.box.truth(s.corpid).deliveries() if r["msgid"] == said["msgid"]] == [external]
    s.refuses(E + "add_msg_template", 41048, chat_type="single", external_userid=["wm_none"], text=HELLO)


def messages(s: Scene) -> None:
    msgid, _, _ = _task(s)
    asked = {"chat_type": "single", "start_time": s.now - 3_600, "end_time": s.now + 1}
    listed: dict[str, Any] = {}
    cursor = ""
    while True:
        said = s.call(E + "get_groupmsg_list_v2", **asked, limit=50, cursor=cursor)
        listed |= {one["msgid"]: one for one in said["group_msg_list"]}
        cursor = said["next_cursor"]
        if not cursor:
            break
    assert listed[msgid]["text"] == HELLO
    assert "creator" not in listed[msgid], "it was the API"
    s.refuses(E + "get_groupmsg_list_v2", 40058, **asked | {"start_time": s.now - 40 * 86_400})


def task(s: Scene) -> None:
    msgid, userid, _ = _task(s)
    assert s.call(E + "get_groupmsg_task", msgid=msgid)["task_list"] == [{"userid": userid, "status": 0}]
    s.phones.confirm(userid, msgid)
    assert s.call(E + "get_groupmsg_task", msgid=msgid)["task_list"] == [
        {"userid": userid, "status": 2, "send_time": s.now}
    ]
    new = s.set_up(E + "add_msg_template", sender=userid, text=HELLO)["msgid"]
    s.refuses(E + "get_groupmsg_task", 41063, msgid=new)
    s.refuses(E + "get_groupmsg_task", 41047, msgid="none")


def result(s: Scene) -> None:
    msgid, userid, external = _task(s)
    (before,) = s.call(E + "get_groupmsg_send_result", msgid=msgid, userid=userid)["send_list"]
    s.phones.confirm(userid, msgid)
    (after,) = s.call(E + "get_groupmsg_send_result", msgid=msgid, userid=userid)["send_list"]
    assert (before["external_userid"], before["status"]) == (external, 0)
    assert (after["status"], after["send_time"]) == (1, s.now)
    s.refuses(E + "get_groupmsg_send_result", 41047, msgid="none", userid=userid)


def remind(s: Scene) -> None:
    msgid, _, _ = _task(s)
    for _ in range(3):
        assert s.call(E + "remind_groupmsg_send", msgid=msgid) == {}
    s.refuses(E + "remind_groupmsg_send", 41094, msgid=msgid)


def cancel(s: Scene) -> None:
    msgid, userid, _ = _task(s)
    assert s.call(E + "cancel_groupmsg_send", msgid=msgid) == {}
    assert (("single", msgid) not in s.phones.tasks(userid)) and ((msgid, "single") not in s.phones.tasks(userid))
    s.refuses(E + "cancel_groupmsg_send", 41093, msgid=msgid)


def _moment(s: Scene) -> tuple[str, str, str, str]:
    """(jobid, moment, staff, person) of a Moment one member of staff is to post."""
    userid, person = s.staff(), s.person()
    s.phones.add_contact(person, userid)
    jobid = s.set_up(E + "add_moment_task", text=HELLO, visible_range={"sender_list": {"user_list": [userid]}})["jobid"]
    s.later(60)
    moment_id = s.set_up(E + "get_moment_task_result", jobid=jobid)["result"]["moment_id"]
    return jobid, moment_id, userid, person


def add_moment(s: Scene) -> None:
    userid = s.staff()
    s.customer(userid)
    file = {"media_type": "image", "attachment_type": 1, "filename": "a.png", "content": coded(picture())}
    media_id = s.set_up("media/upload_attachment", **file)["media_id"]
    said = s.call(
        E + "add_moment_task", text=HELLO, attachments=[{"msgtype": "image", "image": {"media_id": media_id}}],
        visible_range={"sender_list": {"user_list": [userid]}},
    )  # fmt: skip
    s.later(60)
    made = s.set_up(E + "get_moment_task_result", jobid=said["jobid"])
    assert (made["status"], made["result"]["errcode"]) == (3, 0)
    s.refuses(E + "add_moment_task", 41089, visible_range={"sender_list": {"user_list": [userid]}})


def moment_job(s: Scene) -> None:
    jobid, moment_id, _, _ = _moment(s)
    said = s.call(E + "get_moment_task_result", jobid=jobid)
    assert (said["status"], said["type"], said["result"]["moment_id"]) == (3, "add_moment_task", moment_id)
    s.refuses(E + "get_moment_task_result", 41079, jobid="none")


def cancel_moment(s: Scene) -> None:
    _, moment_id, _, _ = _moment(s)
    assert s.call(E + "cancel_moment_task", moment_id=moment_id) == {}
    s.refuses(E + "cancel_moment_task", 41060, moment_id="none")


def moments(s: Scene) -> None:
    _, moment_id, _, _ = _moment(s)
    asked = {"start_time": s.now - 600, "end_time": s.now + 1}
    listed: dict[str, Any] = {}
    cursor = ""
    while True:
        said = s.call(E + "get_moment_list", **asked, limit=20, cursor=cursor)
        listed |= {one["moment_id"]: one for one in said["moment_list"]}
        cursor = said["next_cursor"]
        if not cursor:
            break
    assert listed[moment_id]["text"] == HELLO
    s.refuses(E + "get_moment_list", 40058, **asked, limit=21)


def moment_task(s: Scene) -> None:
    _, moment_id, userid, _ = _moment(s)
    assert s.call(E + "get_moment_task", moment_id=moment_id)["task_list"] == [{"userid": userid, "publish_status": 0}]
    s.phones.confirm_moment(userid, moment_id)
    assert s.call(E + "get_moment_task", moment_id=moment_id)["task_list"] == [{"userid": userid, "publish_status": 1}]
    s.refuses(E + "get_moment_task", 41060, moment_id="none")


def moment_customers(s: Scene) -> None:
    _, moment_id, userid, person = _moment(s)
    said = s.call(E + "get_moment_customer_list", moment_id=moment_id, userid=userid)
    assert said["customer_list"] == [{"userid": userid, "external_userid": s.phones.external(person)}]
    s.refuses(E + "get_moment_customer_list", 41062, moment_id=moment_id, userid="nobody")


def moment_viewers(s: Scene) -> None:
    _, moment_id, userid, person = _moment(s)
    before = s.call(E + "get_moment_send_result", moment_id=moment_id, userid=userid)["customer_list"]
    s.phones.confirm_moment(userid, moment_id)
    after = s.call(E + "get_moment_send_result", moment_id=moment_id, userid=userid)["customer_list"]
    assert (before, after) == ([], [{"external_userid": s.phones.external(person)}])


def moment_comments(s: Scene) -> None:
    _, moment_id, userid, person = _moment(s)
    s.phones.confirm_moment(userid, moment_id)
    s.phones.like_moment(person, moment_id, userid)
    s.phones.comment_moment(person, moment_id, userid)
    said = s.call(E + "get_moment_comments", moment_id=moment_id, userid=userid)
    mine = [{"external_userid": s.phones.external(person), "create_time": s.now}]
    assert (said["comment_list"], said["like_list"]) == (mine, mine)


STEPS = {
    E + "send_welcome_msg": welcome,
    W + "add": add_template,
    W + "edit": edit_template,
    W + "get": get_template,
    W + "del": delete_template,
    E + "add_msg_template": mass_message,
    E + "get_groupmsg_list_v2": messages,
    E + "get_groupmsg_task": task,
    E + "get_groupmsg_send_result": result,
    E + "remind_groupmsg_send": remind,
    E + "cancel_groupmsg_send": cancel,
    E + "add_moment_task": add_moment,
    E + "get_moment_task_result": moment_job,
    E + "cancel_moment_task": cancel_moment,
    E + "get_moment_list": moments,
    E + "get_moment_task": moment_task,
    E + "get_moment_customer_list": moment_customers,
    E + "get_moment_send_result": moment_viewers,
    E + "get_moment_comments": moment_comments,
}
