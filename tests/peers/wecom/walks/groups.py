"""Groups, the counts of them, the codes people join by, and handing customers and groups over."""

from __future__ import annotations

from typing import Any

from tests.peers.wecom.walks.scene import Scene

E = "externalcontact/"
G = E + "groupchat/"
DAY = 86_400


def groups(s: Scene) -> None:
    userid = s.staff()
    mine = {s.group(userid) for _ in range(3)}
    found, cursor = set(), ""
    while True:
        more = {"cursor": cursor} if cursor else {}
        said = s.call(G + "list", status_filter=0, owner_filter={"userid_list": [userid]}, limit=2, **more)
        found |= {one["chat_id"] for one in said["group_chat_list"]}
        cursor = said.get("next_cursor", "")
        if not cursor:
            break
    assert found == mine
    s.refuses(G + "list", 60111, owner_filter={"userid_list": ["nobody"]}, limit=2)


def group(s: Scene) -> None:
    userid, person = s.staff(), s.person()
    external = s.phones.external(person)
    chat_id = s.group(userid, name="桃花社 🌸]]>")
    s.phones.join(person, chat_id)
    seen_at_once = s.call(G + "get", chat_id=chat_id)["group_chat"]
    s.box.clock.step(3)
    said = s.call(G + "get", chat_id=chat_id)["group_chat"]
    assert (said["name"], said["owner"]) == ("桃花社 🌸]]>", userid)
    assert {one["userid"]: one["type"] for one in said["member_list"]} == {userid: 1, external: 2}
    assert external not in {one["userid"] for one in seen_at_once["member_list"]}, "told two seconds later"
    s.refuses(G + "get", 40050, chat_id="wr_none")


def opengid(s: Scene) -> None:
    chat_id = s.group(s.staff())
    known = s.box.truth(s.corpid).groups()[chat_id]["opengid"]
    assert s.call(E + "opengid_to_chatid", opengid=known) == {"chat_id": chat_id}
    s.refuses(E + "opengid_to_chatid", 90511, opengid="og_none")


def _yesterday(s: Scene) -> tuple[str, int]:
    """Somebody in whose group two people joined, and the day of it, which is over."""
    userid = s.staff()
    s.group(userid, s.person(), s.person())
    day = s.now
    s.later(DAY)
    return userid, day


def statistic(s: Scene) -> None:
    userid, day = _yesterday(s)
    said = s.call(G + "statistic", day_begin_time=day, owner_filter={"userid_list": [userid]})
    (one,) = said["items"]
    assert one["owner"] == userid
    assert (one["data"]["new_chat_cnt"], one["data"]["chat_total"], one["data"]["member_total"]) == (1, 1, 3)
    s.refuses(G + "statistic", 40058, day_begin_time=s.now, owner_filter={"userid_list": [userid]})


def statistic_by_day(s: Scene) -> None:
    userid, day = _yesterday(s)
    path = G + "statistic_group_by_day"
    (one,) = s.call(path, day_begin_time=day, owner_filter={"userid_list": [userid]})["items"]
    assert (one["data"]["new_chat_cnt"], one["data"]["member_total"]) == (1, 3)
    s.refuses(path, 40058, day_begin_time=day - 200 * DAY, owner_filter={"userid_list": [userid]})


def behaviour(s: Scene) -> None:
    userid, person = s.staff(), s.person()
    s.phones.add_contact(person, userid)
    s.phones.say_to(person, userid, "在吗")
    s.phones.say_to(userid, person, "在")
    day = s.now
    s.later(DAY)
    (one,) = s.call(E + "get_user_behavior_data", userid=[userid], start_time=day, end_time=day)["behavior_data"]
    assert (one["chat_cnt"], one["message_cnt"], one["new_contact_cnt"]) == (1, 1, 1)
    s.refuses(E + "get_user_behavior_data", 40058, userid=[userid], start_time=day, end_time=s.now)


def _code(s: Scene, *chats: str, **more: Any) -> str:
    made = s.set_up(G + "add_join_way", scene=2, chat_id_list=chats or [s.group(s.staff())], **more)
    return str(made["config_id"])


def add_code(s: Scene) -> None:
    chat_id = s.group(s.staff())
    code = s.call(
        G + "add_join_way", scene=2, chat_id_list=[chat_id], room_base_name="诗社", room_base_id=10, state="门口🏮"
    )
    person = s.person()
    assert s.phones.scan_join_way(person, code["config_id"]) == chat_id
    s.box.clock.step(3)
    members = s.set_up(G + "get", chat_id=chat_id)["group_chat"]["member_list"]
    (joined,) = [one for one in members if one["userid"] == s.phones.external(person)]
    assert (joined["state"], joined["join_scene"]) == ("门口🏮", 3)
    s.refuses(G + "add_join_way", 41091, scene=2, chat_id_list=[f"wr{n}" for n in range(6)])


def get_code(s: Scene) -> None:
    chat_id = s.group(s.staff())
    config_id = _code(s, chat_id, state="x1", remark="纸")
    way = s.call(G + "get_join_way", config_id=config_id)["join_way"]
    assert (way["config_id"], way["chat_id_list"], way["state"]) == (config_id, [chat_id], "x1")
    assert way["qr_code"]
    s.refuses(G + "get_join_way", 41040, config_id="none")


def update_code(s: Scene) -> None:
    config_id, chat_id = _code(s, state="前"), s.group(s.staff())
    assert s.call(G + "update_join_way", config_id=config_id, scene=2, chat_id_list=[chat_id], state="后") == {}
    way = s.set_up(G + "get_join_way", config_id=config_id)["join_way"]
    assert (way["chat_id_list"], way["state"]) == ([chat_id], "后")
    s.refuses(G + "update_join_way", 41040, config_id="none", scene=2, chat_id_list=[chat_id])


def delete_code(s: Scene) -> None:
    config_id = _code(s)
    assert s.call(G + "del_join_way", config_id=config_id) == {}
    s.refuses(G + "del_join_way", 41040, config_id=config_id)


def transfer(s: Scene) -> None:
    giver, taker = s.staff(), s.staff()
    external = s.customer(giver)
    given = {"handover_userid": giver, "takeover_userid": taker}
    said = s.call(E + "transfer_customer", **given, external_userid=[external])
    assert said["customer"] == [{"external_userid": external, "errcode": 0}]
    again = s.call(E + "transfer_customer", **given, external_userid=[external, "wm_none"])
    assert {one["errcode"] for one in again["customer"]} <= {40100, 40129, 40096}
    s.later(DAY + 60)
    assert s.set_up(E + "list", userid=taker)["external_userid"] == [external]
    s.refuses(E + "transfer_customer", 60111, **given | {"handover_userid": "nobody"}, external_userid=[external])


def transfer_result(s: Scene) -> None:
    giver, taker, person = s.staff(), s.staff(), s.person()
    external, refusing = s.customer(giver), s.phones.add_contact(person, giver)
    given = {"handover_userid": giver, "takeover_userid": taker}
    s.set_up(E + "transfer_customer", **given, external_userid=[external, refusing])
    waiting = s.call(E + "transfer_result", **given)["customer"]
    assert {one["status"] for one in waiting} == {2}
    assert all(one["takeover_time"] > s.now for one in waiting)
    s.phones.refuse_transfer(person, taker)
    s.later(DAY + 60)
    done = {one["external_userid"]: one["status"] for one in s.call(E + "transfer_result", **given)["customer"]}
    assert done == {external: 1, refusing: 3}
    s.refuses(E + "transfer_result", 60111, **given | {"takeover_userid": "nobody"})


def _left(s: Scene) -> tuple[str, str, str]:
    """(who left, their customer, who is to take over)"""
    giver, taker = s.staff(), s.staff()
    external = s.customer(giver)
    s.phones.resign(giver)
    return giver, external, taker


def unassigned(s: Scene) -> None:
    giver, external, _ = _left(s)
    said = s.call(E + "get_unassigned_list", page_size=1_000)
    (one,) = [one for one in said["info"] if one["handover_userid"] == giver]
    assert (one["external_userid"], one["dimission_time"]) == (external, s.now)
    s.refuses(E + "get_unassigned_list", 40058, page_size=5_000)


def resigned_transfer(s: Scene) -> None:
    giver, external, taker = _left(s)
    given = {"handover_userid": giver, "takeover_userid": taker, "external_userid": [external]}
    path = E + "resigned/transfer_customer"
    assert s.call(path, **given)["customer"] == [{"external_userid": external, "errcode": 0}]
    s.refuses(path, 40097, **given | {"handover_userid": s.staff()})


def resigned_result(s: Scene) -> None:
    giver, external, taker = _left(s)
    given = {"handover_userid": giver, "takeover_userid": taker}
    s.set_up(E + "resigned/transfer_customer", **given, external_userid=[external])
    s.later(DAY + 60)
    (one,) = s.call(E + "resigned/transfer_result", **given)["customer"]
    assert (one["external_userid"], one["status"]) == (external, 1)


def group_onjob(s: Scene) -> None:
    giver, taker = s.staff(), s.staff()
    chat_id = s.group(giver)
    path = G + "onjob_transfer"
    assert s.call(path, chat_id_list=[chat_id], new_owner=taker)["failed_chat_list"] == []
    s.box.clock.step(3)
    assert s.set_up(G + "get", chat_id=chat_id)["group_chat"]["owner"] == taker
    (failed,) = s.call(path, chat_id_list=["wr_none"], new_owner=taker)["failed_chat_list"]
    assert failed["errcode"] == 90501


def group_resigned(s: Scene) -> None:
    giver, taker = s.staff(), s.staff()
    chat_id, other = s.group(giver), s.group(s.staff())
    s.phones.resign(giver)
    (failed,) = s.call(G + "transfer", chat_id_list=[chat_id, other], new_owner=taker)["failed_chat_list"]
    assert (failed["chat_id"], failed["errcode"]) == (other, 90500)
    s.box.clock.step(120)
    assert s.set_up(G + "get", chat_id=chat_id)["group_chat"]["owner"] == taker


STEPS = {
    G + "list": groups,
    G + "get": group,
    E + "opengid_to_chatid": opengid,
    G + "statistic": statistic,
    G + "statistic_group_by_day": statistic_by_day,
    E + "get_user_behavior_data": behaviour,
    G + "add_join_way": add_code,
    G + "get_join_way": get_code,
    G + "update_join_way": update_code,
    G + "del_join_way": delete_code,
    E + "transfer_customer": transfer,
    E + "transfer_result": transfer_result,
    E + "get_unassigned_list": unassigned,
    E + "resigned/transfer_customer": resigned_transfer,
    E + "resigned/transfer_result": resigned_result,
    G + "onjob_transfer": group_onjob,
    G + "transfer": group_resigned,
}
