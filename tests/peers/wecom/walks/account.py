"""Tokens, staff, departments, ids, the sidebar's tickets, messages to staff, files, the archive's HTTP part."""

from __future__ import annotations

from tests.peers.wecom.walks.scene import Scene, coded, picture
from tiefen.sandbox.endpoints.ids import foreign, open_userid


def gettoken(s: Scene) -> None:
    first = s.call("gettoken")["access_token"]
    assert s.call("gettoken")["access_token"] == first, "a second call gives the same token while it is good"
    s.start(secret="not-the-secret")
    s.refuses("gettoken", 40001)
    s.start()


def addresses(s: Scene) -> None:
    assert s.call("getcallbackip") == {"ip_list": ["127.0.0.1"]}


def api_addresses(s: Scene) -> None:
    assert s.call("get_api_domain_ip") == {"ip_list": ["127.0.0.1"]}


def user_get(s: Scene) -> None:
    userid = s.staff()
    card = s.call("user/get", userid=userid)
    assert (card["userid"], card["name"], card["department"]) == (userid, f"员工{userid}🌺", [1])
    assert "mobile" not in card and "avatar" not in card
    s.refuses("user/get", 60111, userid="nobody")


def user_list(s: Scene) -> None:
    place = s.phones.add_department(s.name("潇湘馆"))
    userid = s.staff()
    s.phones.move_staff(userid, place)
    assert [one["userid"] for one in s.call("user/list", department_id=place)["userlist"]] == [userid]
    s.refuses("user/list", 60123, department_id=987_654)


def user_simplelist(s: Scene) -> None:
    place = s.phones.add_department(s.name("蘅芜苑"))
    userid = s.staff()
    s.phones.move_staff(userid, place)
    (one,) = s.call("user/simplelist", department_id=place)["userlist"]
    assert (one["userid"], one["name"], one["department"]) == (userid, f"员工{userid}🌺", [place])
    assert one["open_userid"] == open_userid(s.box, s.corpid, userid)
    s.refuses("user/simplelist", 60123, department_id=987_654)


def user_list_id(s: Scene) -> None:
    userid = s.staff()
    s.refuses("user/list_id", 48002, limit=10_000)
    s.start(secret=s.box.sync_secret(s.corpid))
    assert {"userid": userid, "department": 1} in s.call("user/list_id", limit=10_000)["dept_user"]
    s.start()


def department_list(s: Scene) -> None:
    name = s.name("怡红院")
    place = s.phones.add_department(name)
    places = {one["id"]: one for one in s.call("department/list")["department"]}
    assert (places[place]["name"], places[place]["parentid"]) == (name, 1)
    assert [one["id"] for one in s.call("department/list", id=place)["department"]] == [place]
    s.refuses("department/list", 60123, id=987_654)


def department_simplelist(s: Scene) -> None:
    above = s.phones.add_department(s.name("大观园"))
    below = s.phones.add_department(s.name("稻香村"), above)
    places = s.call("department/simplelist", id=above)["department_id"]
    assert {(one["id"], one["parentid"]) for one in places} == {(above, 1), (below, above)}
    s.refuses("department/simplelist", 60123, id=987_654)


def department_get(s: Scene) -> None:
    name = s.name("秋爽斋")
    place = s.phones.add_department(name)
    assert s.call("department/get", id=place)["department"]["name"] == name
    s.refuses("department/get", 60123, id=987_654)


def openuserid(s: Scene) -> None:
    userid = s.staff()
    theirs = open_userid(s.box, s.corpid, userid)
    assert s.call("batch/openuserid_to_userid", open_userid_list=[theirs, "wo_none"], source_agentid=1) == {
        "userid_list": [{"open_userid": theirs, "userid": userid}],
        "invalid_open_userid_list": ["wo_none"],
    }


def from_service(s: Scene) -> None:
    external = s.customer(s.staff())
    theirs = foreign(s.box, s.corpid, external)
    path = "externalcontact/from_service_external_userid"
    assert s.call(path, external_userid=theirs, source_agentid=1) == {"external_userid": external}
    s.refuses(path, 40096, external_userid="wm_none", source_agentid=1)


def from_unionid(s: Scene) -> None:
    s.refuses("externalcontact/unionid_to_external_userid", 48002, unionid="o1", openid="o2")


def from_unionid_3rd(s: Scene) -> None:
    s.refuses("service/externalcontact/unionid_to_external_userid_3rd", 48002, unionid="o1", openid="o2")


def corp_ticket(s: Scene) -> None:
    ticket = s.call("get_jsapi_ticket")["ticket"]
    assert ticket == s.set_up("get_jsapi_ticket")["ticket"]
    assert len(ticket) <= 512


def app_ticket(s: Scene) -> None:
    ticket = s.call("ticket/get", type="agent_config")["ticket"]
    assert ticket == s.set_up("ticket/get", type="agent_config")["ticket"]
    assert ticket != s.set_up("get_jsapi_ticket")["ticket"]


def message_send(s: Scene) -> None:
    userid = s.staff()
    message = {"msgtype": "text", "agentid": s.agentid, "text": {"content": "开社了 🌸 <a href='x'>]]></a>"}}
    sent = s.call("message/send", touser=f"{userid}|NOBODY", **message)
    assert sent["msgid"]
    assert sent["invaliduser"] == "nobody", "in lower case"
    s.refuses("message/send", 81013, touser="nobody", **message)


def message_recall(s: Scene) -> None:
    message = {"msgtype": "text", "agentid": s.agentid, "text": {"content": "说错了"}}
    msgid = s.set_up("message/send", touser=s.staff(), **message)["msgid"]
    assert s.call("message/recall", msgid=msgid) == {}
    s.refuses("message/recall", 41047, msgid="none")


def media_upload(s: Scene) -> None:
    sent = s.call("media/upload", type="image", filename="haitang.png", content=coded(picture()))
    assert (sent["type"], sent["created_at"]) == ("image", str(s.now))
    assert s.file(sent["media_id"]) == picture()
    s.refuses("media/upload", 40004, type="song", filename="a.png", content=coded(picture()))
    s.refuses("media/upload", 40005, type="image", filename="a.png", content=coded(b"this is no picture"))


def media_upload_attachment(s: Scene) -> None:
    file = {"media_type": "image", "filename": "haitang.png", "content": coded(picture())}
    sent = s.call("media/upload_attachment", attachment_type=1, **file)
    assert sent["created_at"] == s.now, "a number here"
    s.refuses("media/upload_attachment", 40058, attachment_type=9, **file)


def media_uploadimg(s: Scene) -> None:
    url = s.call("media/uploadimg", filename="haitang.png", content=coded(picture()))["url"]
    assert url.startswith("http")
    s.refuses("media/uploadimg", 40005, filename="a.png", content=coded(b"this is no picture"))


def media_get(s: Scene) -> None:
    content = bytes(range(256)) * 40
    file = s.set_up("media/upload", type="file", filename="a.bin", content=coded(content))
    assert s.call("media/get", media_id=file["media_id"]) == {"content": coded(content)}


def archive_staff(s: Scene) -> None:
    s.refuses("msgaudit/get_permit_user_list", 48002, type=3)
    s.start(secret=s.archive_secret)
    assert isinstance(s.call("msgaudit/get_permit_user_list", type=3)["ids"], list)
    s.start()


def archive_single(s: Scene) -> None:
    userid, person = s.staff(), s.person()
    external = s.phones.add_contact(person, userid)
    s.phones.agree_to_archive(person, userid, agree=False)
    s.start(secret=s.archive_secret)
    asked = [{"userid": userid, "exteranalopenid": external}]
    (said,) = s.call("msgaudit/check_single_agree", info=asked)["agreeinfo"]
    assert (said["exteranalopenid"], said["agree_status"]) == (external, "Disagree")
    s.refuses("msgaudit/check_single_agree", 40096, info=[{"userid": userid, "exteranalopenid": "wm_none"}])
    s.start()


def archive_room(s: Scene) -> None:
    userid, person = s.staff(), s.person()
    external = s.phones.add_contact(person, userid)
    chat_id = s.group(userid, person)
    s.start(secret=s.archive_secret)
    said = s.call("msgaudit/check_room_agree", roomid=chat_id)["agreeinfo"]
    assert [one["exteranalopenid"] for one in said] == [external]
    s.refuses("msgaudit/check_room_agree", 86001, roomid="wr_none")
    s.start()


STEPS = {
    "gettoken": gettoken,
    "getcallbackip": addresses,
    "get_api_domain_ip": api_addresses,
    "user/get": user_get,
    "user/list": user_list,
    "user/simplelist": user_simplelist,
    "user/list_id": user_list_id,
    "department/list": department_list,
    "department/simplelist": department_simplelist,
    "department/get": department_get,
    "batch/openuserid_to_userid": openuserid,
    "externalcontact/from_service_external_userid": from_service,
    "externalcontact/unionid_to_external_userid": from_unionid,
    "service/externalcontact/unionid_to_external_userid_3rd": from_unionid_3rd,
    "get_jsapi_ticket": corp_ticket,
    "ticket/get": app_ticket,
    "message/send": message_send,
    "message/recall": message_recall,
    "media/upload": media_upload,
    "media/upload_attachment": media_upload_attachment,
    "media/uploadimg": media_uploadimg,
    "media/get": media_get,
    "msgaudit/get_permit_user_list": archive_staff,
    "msgaudit/check_single_agree": archive_single,
    "msgaudit/check_room_agree": archive_room,
}
