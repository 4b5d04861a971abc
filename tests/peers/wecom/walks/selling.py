"""Acquisition links, product albums and blocked words."""

from __future__ import annotations

from typing import Any

from tests.peers.wecom.walks.scene import Scene, coded, picture

E = "externalcontact/"
A = E + "customer_acquisition/"


def _link(s: Scene) -> tuple[str, str]:
    """(link, staff)"""
    userid = s.staff()
    made = s.set_up(A + "create_link", link_name=s.name("海报"), range={"user_list": [userid]})["link"]
    return made["link_id"], userid


def create_link(s: Scene) -> None:
    userid = s.staff()
    link = s.call(A + "create_link", link_name="东门 🏮", range={"user_list": [userid]}, skip_verify=True)["link"]
    assert (link["link_name"], link["create_time"]) == ("东门 🏮", s.now)
    assert link["url"].startswith("https://work.weixin.qq.com/ca/")
    s.refuses(A + "create_link", 40058, link_name="x" * 31, range={"user_list": [userid]})


def update_link(s: Scene) -> None:
    link_id, _ = _link(s)
    assert s.call(A + "update_link", link_id=link_id, link_name="西门") == {}
    assert s.set_up(A + "get", link_id=link_id)["link"]["link_name"] == "西门"
    s.refuses(A + "update_link", 40058, link_id="none", link_name="西门")


def delete_link(s: Scene) -> None:
    link_id, _ = _link(s)
    assert s.call(A + "delete_link", link_id=link_id) == {}
    s.refuses(A + "delete_link", 40058, link_id=link_id)


def get_link(s: Scene) -> None:
    link_id, userid = _link(s)
    said = s.call(A + "get", link_id=link_id)
    assert (said["link"]["link_id"], said["range"]["user_list"]) == (link_id, [userid])
    s.refuses(A + "get", 40058, link_id="none")


def list_links(s: Scene) -> None:
    (link_id, _), (other, _) = _link(s), _link(s)
    found, cursor = set(), ""
    while True:
        said = s.call(A + "list_link", limit=1, cursor=cursor)
        found |= set(said["link_id_list"])
        cursor = said["next_cursor"]
        if not cursor:
            break
    assert {link_id, other} <= found


def link_customers(s: Scene) -> None:
    link_id, userid = _link(s)
    person = s.person()
    external = s.phones.scan_link(person, link_id, channel="抖音🎵")
    (one,) = s.call(A + "customer", link_id=link_id, limit=1_000)["customer_list"]
    assert (one["external_userid"], one["userid"], one["state"]) == (external, userid, "抖音🎵")
    s.phones.open_chat(person, userid)
    (after,) = s.call(A + "customer", link_id=link_id, limit=1_000)["customer_list"]
    assert (one["chat_status"], after["chat_status"]) == (0, 1)
    s.refuses(A + "customer", 40058, link_id="none")


def quota(s: Scene) -> None:
    before = s.call(E + "customer_acquisition_quota")
    assert 0 < before["balance"] <= before["total"]


def link_statistic(s: Scene) -> None:
    link_id, _ = _link(s)
    s.phones.scan_link(s.person(), link_id)
    said = s.call(A + "statistic", link_id=link_id, start_time=s.now, end_time=s.now)
    assert said == {"click_link_customer_cnt": 1, "new_customer_cnt": 1}
    s.refuses(A + "statistic", 40058, link_id=link_id, start_time=s.now - 60 * 86_400, end_time=s.now)


def chat_info(s: Scene) -> None:
    link_id, userid = _link(s)
    person = s.person()
    external = s.phones.scan_link(person, link_id, channel="抖音")
    s.phones.open_chat(person, userid)
    with s.called_back():
        for _ in range(10):
            s.phones.say_to(person, userid, "在吗")
    said = s.call(A + "get_chat_info", chat_key=s.told_of(external, "ChatKey"))
    assert (said["userid"], said["external_userid"]) == (userid, external)
    assert (said["chat_info"]["link_id"], said["chat_info"]["state"]) == (link_id, "抖音")
    s.refuses(A + "get_chat_info", 40058, chat_key="none")


def _photo(s: Scene) -> list[dict[str, Any]]:
    file = {"media_type": "image", "attachment_type": 2, "filename": "a.png", "content": coded(picture())}
    return [{"type": "image", "image": {"media_id": s.set_up("media/upload_attachment", **file)["media_id"]}}]


def _product(s: Scene) -> str:
    made = s.set_up(E + "add_product_album", description="团扇", price=9_900, attachments=_photo(s))
    return str(made["product_id"])


def add_product(s: Scene) -> None:
    given = {"description": "团扇 🪭", "price": 9_900, "product_sn": "A1", "attachments": _photo(s)}
    product_id = s.call(E + "add_product_album", **given)["product_id"]
    product = s.set_up(E + "get_product_album", product_id=product_id)["product"]
    assert {name: product[name] for name in given} == given
    s.refuses(E + "add_product_album", 41086, **given | {"price": 5_000_001})


def get_product(s: Scene) -> None:
    product_id = _product(s)
    product = s.call(E + "get_product_album", product_id=product_id)["product"]
    assert (product["product_id"], product["description"], product["price"]) == (product_id, "团扇", 9_900)
    s.refuses(E + "get_product_album", 41073, product_id="none")


def list_products(s: Scene) -> None:
    product_id = _product(s)
    said = s.call(E + "get_product_album_list", limit=100)
    assert product_id in {one["product_id"] for one in said["product_list"]}


def update_product(s: Scene) -> None:
    product_id = _product(s)
    assert s.call(E + "update_product_album", product_id=product_id, price=8_800) == {}
    assert s.set_up(E + "get_product_album", product_id=product_id)["product"]["price"] == 8_800
    s.refuses(E + "update_product_album", 41073, product_id="none", price=1)


def delete_product(s: Scene) -> None:
    product_id = _product(s)
    assert s.call(E + "delete_product_album", product_id=product_id) == {}
    s.refuses(E + "delete_product_album", 41073, product_id=product_id)


def _rule(s: Scene) -> tuple[str, str]:
    """(rule, staff)"""
    userid = s.staff()
    made = s.set_up(
        E + "add_intercept_rule", rule_name="抄检", word_list=["绣春囊"], intercept_type=1,
        applicable_range={"user_list": [userid]},
    )  # fmt: skip
    return made["rule_id"], userid


def add_rule(s: Scene) -> None:
    userid = s.staff()
    given = {
        "rule_name": "抄检", "word_list": ["绣春囊"], "semantics_list": [1, 3], "intercept_type": 2,
        "applicable_range": {"user_list": [userid]},
    }  # fmt: skip
    rule_id = s.call(E + "add_intercept_rule", **given)["rule_id"]
    rule = s.set_up(E + "get_intercept_rule", rule_id=rule_id)["rule"]
    assert (rule["word_list"], rule["semantics_list"], rule["intercept_type"]) == (["绣春囊"], [1, 3], 2)
    s.refuses(E + "add_intercept_rule", 40058, **given | {"word_list": ["x" * 33]})


def list_rules(s: Scene) -> None:
    rule_id, _ = _rule(s)
    assert rule_id in {str(one["rule_id"]) for one in s.call(E + "get_intercept_rule_list")["rule_list"]}


def get_rule(s: Scene) -> None:
    rule_id, userid = _rule(s)
    rule = s.call(E + "get_intercept_rule", rule_id=rule_id)["rule"]
    assert (rule["rule_name"], rule["applicable_range"]["user_list"]) == ("抄检", [userid])
    s.refuses(E + "get_intercept_rule", 40058, rule_id="none")


def update_rule(s: Scene) -> None:
    rule_id, userid = _rule(s)
    other = s.staff()
    given = {"extra_rule": {"semantics_list": [2]}, "add_applicable_range": {"user_list": [other]}}
    assert s.call(E + "update_intercept_rule", rule_id=rule_id, **given) == {}
    rule = s.set_up(E + "get_intercept_rule", rule_id=rule_id)["rule"]
    assert (rule["semantics_list"], rule["applicable_range"]["user_list"]) == ([2], [userid, other])
    s.refuses(E + "update_intercept_rule", 40058, rule_id="none", rule_name="x")


def delete_rule(s: Scene) -> None:
    rule_id, _ = _rule(s)
    assert s.call(E + "del_intercept_rule", rule_id=rule_id) == {}
    s.refuses(E + "del_intercept_rule", 40058, rule_id=rule_id)


STEPS = {
    A + "create_link": create_link,
    A + "update_link": update_link,
    A + "delete_link": delete_link,
    A + "get": get_link,
    A + "list_link": list_links,
    A + "customer": link_customers,
    E + "customer_acquisition_quota": quota,
    A + "statistic": link_statistic,
    A + "get_chat_info": chat_info,
    E + "add_product_album": add_product,
    E + "get_product_album": get_product,
    E + "get_product_album_list": list_products,
    E + "update_product_album": update_product,
    E + "delete_product_album": delete_product,
    E + "add_intercept_rule": add_rule,
    E + "get_intercept_rule_list": list_rules,
    E + "get_intercept_rule": get_rule,
    E + "update_intercept_rule": update_rule,
    E + "del_intercept_rule": delete_rule,
}
