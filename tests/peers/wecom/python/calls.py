"""Run with a wechatpy installed: calls the API as it is told, by its own methods. Argument: `wechatpy`.

What is asked for stands under WeCom's path and parameter names; here it is put into the method the library has for that
path.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import requests
from lines import answer  # type: ignore[import-not-found]
from requests.adapters import HTTPAdapter

try:
    from wechatpy.enterprise import WeChatClient  # type: ignore[import-not-found]  # 1.x

    NEWER = False
except ImportError:
    from wechatpy.work import WeChatClient  # type: ignore[import-not-found]  # 2.x

    NEWER = True
from wechatpy.exceptions import WeChatClientException  # type: ignore[import-not-found]

OFFICIAL = "https://qyapi.weixin.qq.com"
Given = dict[str, Any]
E = "externalcontact/"


class ToSandbox(HTTPAdapter):
    """The library as it is, with the wire alone led elsewhere."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        assert request.url
        request.url = request.url.replace(OFFICIAL, self._base, 1)
        return super().send(request, *args, **more)


def _file(given: Given) -> tuple[str, bytes]:
    return given["filename"], base64.b64decode(given["content"])


def _content(response: Any) -> Any:
    """A file as a document."""
    if isinstance(response, requests.Response):
        return {"content": base64.b64encode(response.content).decode()}
    return response


BOTH: dict[str, Callable[[Any, Given], Any]] = {
    "gettoken": lambda c, g: c.fetch_access_token(),
    "getcallbackip": lambda c, g: {"ip_list": c.misc.get_wechat_ips()},
    "user/get": lambda c, g: c.user.get(g["userid"]),
    "user/list": lambda c, g: {"userlist": c.user.list(g["department_id"])},
    "user/simplelist": lambda c, g: {"userlist": c.user.list(g["department_id"], simple=True)},
    E + "get_follow_user_list": lambda c, g: c.external_contact.get_follow_user_list(),
    E + "list": lambda c, g: c.external_contact.list(g["userid"]),
    E + "get": lambda c, g: c.external_contact.get(g["external_userid"]),
    E + "get_corp_tag_list": lambda c, g: c.external_contact.get_corp_tag_list(g.get("tag_id")),
    E + "add_corp_tag": lambda c, g: c.external_contact.add_corp_tag(
        g.get("group_id"), g.get("group_name"), g.get("order"), g["tag"]
    ),
    E + "edit_corp_tag": lambda c, g: c.external_contact.edit_corp_tag(g["id"], g.get("name"), g.get("order")),
    E + "del_corp_tag": lambda c, g: c.external_contact.del_corp_tag(g.get("tag_id"), g.get("group_id")),
    E + "mark_tag": lambda c, g: c.external_contact.mark_tag(
        g["userid"], g["external_userid"], g.get("add_tag"), g.get("remove_tag")
    ),
    E + "groupchat/list": lambda c, g: c.external_contact_group_chat.list(
        g.get("status_filter", 0), g.get("owner_filter", {}).get("userid_list"), g.get("cursor"), g["limit"]
    ),
    E + "groupchat/get": lambda c, g: c.external_contact_group_chat.get(g["chat_id"]),
    E + "groupchat/statistic": lambda c, g: c.external_contact_group_chat.statistic(
        g["day_begin_time"], g.get("day_end_time"), g["owner_filter"]["userid_list"]
    ),
    E + "get_user_behavior_data": lambda c, g: c.external_contact.get_user_behavior_data(
        g["userid"], g["start_time"], g["end_time"]
    ),
    E + "add_contact_way": lambda c, g: c.external_contact.add_contact_way(**g),
    E + "get_contact_way": lambda c, g: c.external_contact.get_contact_way(g["config_id"]),
    E + "update_contact_way": lambda c, g: c.external_contact.update_contact_way(**g),
    E + "del_contact_way": lambda c, g: c.external_contact.del_contact_way(g["config_id"]),
    E + "send_welcome_msg": lambda c, g: c.external_contact.send_welcome_msg(g),
    E + "add_msg_template": lambda c, g: c.external_contact.add_msg_template(g),
    E + "get_groupmsg_send_result": lambda c, g: c.external_contact.get_group_msg_result(g["msgid"]),
    E + "transfer_customer": lambda c, g: c.external_contact.transfer(
        g["external_userid"][0], g["handover_userid"], g["takeover_userid"]
    ),
    E + "get_unassigned_list": lambda c, g: c.external_contact.get_unassigned_list(0, g["page_size"]),
    "get_jsapi_ticket": lambda c, g: c.jsapi.get_ticket(),
    "ticket/get": lambda c, g: c.jsapi.get_agent_ticket(),
    "message/send": lambda c, g: c.message.send_text(
        g["agentid"], g["touser"], g["text"]["content"], g.get("toparty", ""), g.get("totag", "")
    ),
    "media/upload": lambda c, g: c.media.upload(g["type"], _file(g)),
    "media/uploadimg": lambda c, g: c.media.upload_img(_file(g)),
    "media/get": lambda c, g: _content(c.media.download(g["media_id"])),
}
OLDER: dict[str, Callable[[Any, Given], Any]] = {
    "department/list": lambda c, g: {"department": c.department.get(g.get("id"))},
}
NEW: dict[str, Callable[[Any, Given], Any]] = {
    "department/list": lambda c, g: {"department": c.department.list(g.get("id"))},
    "department/simplelist": lambda c, g: {"department_id": c.department.simple_list(g.get("id"))},
    "department/get": lambda c, g: {"department": c.department.get(g["id"])},
    E + "batch/get_by_user": lambda c, g: c.external_contact.batch_get_by_user(
        g["userid_list"][0], g.get("cursor", ""), g.get("limit", 50)
    ),
    E + "get_unassigned_list": lambda c, g: c.external_contact.get_unassigned_list(page_size=g["page_size"]),
    E + "group_welcome_template/add": lambda c, g: c.external_contact.add_group_welcome_template(g),
    E + "group_welcome_template/edit": lambda c, g: c.external_contact.update_group_welcome_template(
        {k: v for k, v in g.items() if k != "template_id"}, g["template_id"]
    ),
    E + "group_welcome_template/get": lambda c, g: c.external_contact.get_group_welcome_template(g["template_id"]),
    E + "group_welcome_template/del": lambda c, g: c.external_contact.del_group_welcome_template(g["template_id"]),
}
METHODS = BOTH | (NEW if NEWER else OLDER)


_client: list[Any] = []


def start(base: str, corpid: str, secret: str) -> dict[str, Any]:
    # Every session of `requests` begins with this adapter; `media.download` has one of its own.
    requests.sessions.HTTPAdapter = lambda: ToSandbox(base)  # type: ignore[misc,assignment,attr-defined]
    _client[:] = [WeChatClient(corpid, secret, timeout=20)]
    return {}


def call(path: str, given: Given, method: str) -> dict[str, Any]:
    """`method` is GET or POST, which the library knows by itself."""
    try:
        return {"answer": METHODS[path](_client[0], given)}
    except WeChatClientException as error:
        if error.errcode is None:
            return {"status": error.response.status_code}
        return {"errcode": error.errcode, "errmsg": error.errmsg}


def has(path: str) -> dict[str, Any]:
    return {"has": path in METHODS}


answer({"start": start, "call": call, "has": has})
