"""Customers, their tags, and the codes they came by."""

from __future__ import annotations

from tests.peers.wecom.walks.scene import Scene

E = "externalcontact/"


def follow_users(s: Scene) -> None:
    userid = s.staff()
    assert userid in s.call(E + "get_follow_user_list")["follow_user"]


def customers(s: Scene) -> None:
    userid = s.staff()
    s.refuses(E + "list", 84061, userid=userid)
    mine = {s.customer(userid) for _ in range(3)}
    assert set(s.call(E + "list", userid=userid)["external_userid"]) == mine
    s.refuses(E + "list", 60111, userid="nobody")


def customer(s: Scene) -> None:
    first, second = s.staff(), s.staff()
    person = s.phones.person("林黛玉🌺]]>", gender=2)
    external = s.phones.add_contact(person, first, add_way=1, state="海报&1")
    s.phones.add_contact(person, second)
    s.phones.edit_contact(first, person, remark="颦儿", description="诗人", mobiles=["13800000000"])
    said = s.call(E + "get", external_userid=external)
    assert said["external_contact"]["name"] == "林黛玉🌺]]>"
    assert (said["external_contact"]["type"], said["external_contact"]["gender"]) == (1, 2)
    assert said["external_contact"]["unionid"]
    mine, other = sorted(said["follow_user"], key=lambda one: one["userid"] != first)
    assert (mine["remark"], mine["description"], mine["remark_mobiles"]) == ("颦儿", "诗人", ["13800000000"])
    assert (mine["state"], mine["add_way"], other["userid"]) == ("海报&1", 1, second)
    assert "state" not in other
    s.refuses(E + "get", 40096, external_userid="wm_none")


def batch(s: Scene) -> None:
    userid = s.staff()
    mine = {s.customer(userid) for _ in range(5)}
    found, cursor = set(), ""
    while True:
        said = s.call(E + "batch/get_by_user", userid_list=[userid], cursor=cursor, limit=2)
        found |= {one["external_contact"]["external_userid"] for one in said["external_contact_list"]}
        assert {one["follow_info"]["userid"] for one in said["external_contact_list"]} == {userid}
        cursor = said["next_cursor"]
        if not cursor:
            break
    assert found == mine
    s.refuses(E + "batch/get_by_user", 60111, userid_list=["nobody"])


def served(s: Scene) -> None:
    external = s.customer(s.staff())
    said = s.call(E + "contact_list", limit=1_000)
    (one,) = [one for one in said["info_list"] if one.get("external_userid") == external]
    assert (one["is_customer"], one["name"]) == (True, "黛**")
    s.refuses(E + "contact_list", 50100, cursor="none", limit=10)


def remark(s: Scene) -> None:
    userid = s.staff()
    external = s.customer(userid)
    assert s.call(E + "remark", userid=userid, external_userid=external, remark="潇湘妃子 🎋") == {}
    assert s.set_up(E + "get", external_userid=external)["follow_user"][0]["remark"] == "潇湘妃子 🎋"
    s.refuses(E + "remark", 84061, userid=s.staff(), external_userid=external, remark="x")
    s.refuses(E + "remark", 40058, userid=userid, external_userid=external, remark="x" * 21)


def _tag(s: Scene) -> tuple[str, str]:
    """(group, tag)"""
    made = s.set_up(E + "add_corp_tag", group_name=s.name("爱好"), tag=[{"name": "诗"}])["tag_group"]
    return made["group_id"], made["tag"][0]["id"]


def tags(s: Scene) -> None:
    group, tag = _tag(s)
    groups = {one["group_id"]: one for one in s.call(E + "get_corp_tag_list")["tag_group"]}
    assert [one["id"] for one in groups[group]["tag"]] == [tag]
    (only,) = s.call(E + "get_corp_tag_list", tag_id=[tag])["tag_group"]
    assert only["group_id"] == group


def add_tag(s: Scene) -> None:
    name = s.name("口味 🍵")
    made = s.call(E + "add_corp_tag", group_name=name, order=7, tag=[{"name": "龙井", "order": 3}, {"name": "碧螺春"}])
    group = made["tag_group"]
    assert (group["group_name"], group["order"]) == (name, 7)
    assert {one["name"]: one["order"] for one in group["tag"]} == {"龙井": 3, "碧螺春": 0}
    s.refuses(E + "add_corp_tag", 40071, group_id=group["group_id"], tag=[{"name": "龙井"}])


def edit_tag(s: Scene) -> None:
    _, tag = _tag(s)
    assert s.call(E + "edit_corp_tag", id=tag, name="词", order=9) == {}
    (group,) = s.set_up(E + "get_corp_tag_list", tag_id=[tag])["tag_group"]
    assert (group["tag"][0]["name"], group["tag"][0]["order"]) == ("词", 9)
    s.refuses(E + "edit_corp_tag", 40068, id="et_none", name="x", order=1)
    s.refuses(E + "edit_corp_tag", 81011, id=s.phones.admin_add_tag(s.name("客服"), "急"), name="x", order=1)


def delete_tag(s: Scene) -> None:
    group, tag = _tag(s)
    assert s.call(E + "del_corp_tag", tag_id=[tag]) == {}
    assert group not in {one["group_id"] for one in s.set_up(E + "get_corp_tag_list")["tag_group"]}
    s.refuses(E + "del_corp_tag", 40068, tag_id=[tag])


def mark(s: Scene) -> None:
    userid = s.staff()
    external = s.customer(userid)
    (_, one), (_, other) = _tag(s), _tag(s)
    s.set_up(E + "mark_tag", userid=userid, external_userid=external, add_tag=[other])
    assert s.call(E + "mark_tag", userid=userid, external_userid=external, add_tag=[one], remove_tag=[other]) == {}
    said = s.set_up(E + "get", external_userid=external)["follow_user"][0]["tags"]
    assert [tag["tag_id"] for tag in said] == [one]
    s.refuses(E + "mark_tag", 84061, userid=s.staff(), external_userid=external, add_tag=[one])


def _way(s: Scene, **more: object) -> str:
    made = s.set_up(E + "add_contact_way", type=2, scene=2, user=[s.staff()], **more)
    return str(made["config_id"])


def add_way(s: Scene) -> None:
    userid = s.staff()
    way = s.call(E + "add_contact_way", type=1, scene=2, user=[userid], state="海报7", remark="东门 🏮")
    assert way["qr_code"]
    external = s.phones.scan_way(s.person(), way["config_id"])
    (follow,) = s.set_up(E + "get", external_userid=external)["follow_user"]
    assert (follow["userid"], follow["state"]) == (userid, "海报7")
    s.refuses(E + "add_contact_way", 40058, type=1, scene=2, user=[userid], state="x" * 31)


def get_way(s: Scene) -> None:
    config_id = _way(s, state="西门", remark="纸")
    way = s.call(E + "get_contact_way", config_id=config_id)["contact_way"]
    assert (way["config_id"], way["state"], way["remark"], way["type"]) == (config_id, "西门", "纸", 2)
    s.refuses(E + "get_contact_way", 41040, config_id="none")


def list_ways(s: Scene) -> None:
    config_id = _way(s)
    said = s.call(E + "list_contact_way", limit=1_000)
    assert config_id in {one["config_id"] for one in said["contact_way"]}


def update_way(s: Scene) -> None:
    config_id, userid = _way(s, state="前"), s.staff()
    assert s.call(E + "update_contact_way", config_id=config_id, remark="新", state="后", user=[userid]) == {}
    way = s.set_up(E + "get_contact_way", config_id=config_id)["contact_way"]
    assert (way["state"], way["remark"], way["user"]) == ("后", "新", [userid])
    s.refuses(E + "update_contact_way", 41040, config_id="none", remark="新", user=[userid])


def delete_way(s: Scene) -> None:
    config_id = _way(s)
    assert s.call(E + "del_contact_way", config_id=config_id) == {}
    s.refuses(E + "del_contact_way", 41040, config_id=config_id)


def close_chat(s: Scene) -> None:
    userid = s.staff()
    way = {"type": 1, "scene": 2, "user": [userid], "is_temp": True, "conclusions": {"text": {"content": "保重 🌸"}}}
    config_id = s.set_up(E + "add_contact_way", **way)["config_id"]
    external = s.phones.scan_way(s.person(), config_id)
    assert s.call(E + "close_temp_chat", userid=userid, external_userid=external) == {}
    s.refuses(E + "close_temp_chat", 84061, userid=userid, external_userid=external)


STEPS = {
    E + "get_follow_user_list": follow_users,
    E + "list": customers,
    E + "get": customer,
    E + "batch/get_by_user": batch,
    E + "contact_list": served,
    E + "remark": remark,
    E + "get_corp_tag_list": tags,
    E + "add_corp_tag": add_tag,
    E + "edit_corp_tag": edit_tag,
    E + "del_corp_tag": delete_tag,
    E + "mark_tag": mark,
    E + "add_contact_way": add_way,
    E + "get_contact_way": get_way,
    E + "list_contact_way": list_ways,
    E + "update_contact_way": update_way,
    E + "del_contact_way": delete_way,
    E + "close_temp_chat": close_chat,
}
