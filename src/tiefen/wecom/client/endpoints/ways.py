"""Contact ways 「联系我」: entry codes that lead to a member of staff (https://developer.work.weixin.qq.com/document/path/92228)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.attachments import Image, Link, MiniProgram, Text
from tiefen.wecom.client.checks import at_most, at_most_bytes, between, one_of, some
from tiefen.wecom.client.paging import every_page
from tiefen.wecom.client.wire import Page, Reply, given

_DAY = 86_400


class Conclusions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is said when a temporary conversation ends; of several the image wins, then the link."""

    text: Text | None = None
    image: Image | None = None
    link: Link | None = None
    miniprogram: MiniProgram | None = None


class ContactWay(msgspec.Struct, frozen=True, kw_only=True):
    config_id: str = ""
    type: int = 0
    """1 one member of staff, 2 several."""
    scene: int = 0
    """1 mini-program, 2 QR code."""
    style: int = 0
    remark: str = ""
    skip_verify: bool = True
    state: str = ""
    qr_code: str = ""
    user: tuple[str, ...] = ()
    party: tuple[int, ...] = ()
    is_temp: bool = False
    expires_in: int = 0
    chat_expires_in: int = 0
    unionid: str | None = None
    is_exclusive: bool = False
    mark_source: bool = True
    conclusions: Conclusions | None = None


class NewContactWay(Reply, frozen=True, kw_only=True):
    config_id: str
    qr_code: str | None = None
    """Only for codes (scene 2)."""


class ContactWayReply(Reply, frozen=True, kw_only=True):
    contact_way: ContactWay


class ConfigId(msgspec.Struct, frozen=True, kw_only=True):
    config_id: str


class ContactWayIds(Page, frozen=True, kw_only=True):
    contact_way: tuple[ConfigId, ...] = ()


class Ways:
    """500,000 a corp together with join ways; not shown in WeCom's console, so the `config_id` must be kept."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def add_contact_way(
        self, userids: Sequence[str] = (), *, departments: Sequence[int] = (), type: int = 1, scene: int = 2,
        style: int | None = None, remark: str | None = None, state: str | None = None, skip_verify: bool = True,
        is_temp: bool | None = None, expires_in: int | None = None, chat_expires_in: int | None = None,
        unionid: str | None = None, is_exclusive: bool | None = None, mark_source: bool | None = None,
        conclusions: Conclusions | None = None,
    ) -> NewContactWay:  # fmt: skip
        """Make a way to one member of staff (type 1) or to whichever of several is free (type 2, ≤ 100)."""
        endpoint = "externalcontact/add_contact_way"
        one_of(endpoint, "type", type, (1, 2))
        one_of(endpoint, "scene", scene, (1, 2))
        some(endpoint, "user, party", [*userids, *departments])
        at_most(endpoint, "user", userids, 1 if type == 1 else 100)
        if type == 1:
            at_most(endpoint, "party", departments, 0)
        _check(endpoint, remark, state, conclusions)
        for name, seconds in (("expires_in", expires_in), ("chat_expires_in", chat_expires_in)):
            if seconds is not None:
                between(endpoint, name, seconds, 1, 14 * _DAY)
        body = given(
            type=type, scene=scene, style=style, remark=remark, state=state, skip_verify=skip_verify,
            user=list(userids) or None, party=list(departments) or None, is_temp=is_temp, expires_in=expires_in,
            chat_expires_in=chat_expires_in, unionid=unionid, is_exclusive=is_exclusive, mark_source=mark_source,
            conclusions=conclusions,
        )  # fmt: skip
        return self._api.do(endpoint, NewContactWay, body)

    def get_contact_way(self, config_id: str) -> ContactWay:
        body = {"config_id": config_id}
        return self._api.ask("externalcontact/get_contact_way", ContactWayReply, body).contact_way

    def list_contact_way(
        self, cursor: str = "", limit: int = 1_000, *, start_time: int | None = None, end_time: int | None = None
    ) -> ContactWayIds:
        """Ids of those made in a stretch of time (by default the last 90 days); never temporary ones."""
        endpoint = "externalcontact/list_contact_way"
        between(endpoint, "limit", limit, 1, 1_000)
        body = given(start_time=start_time, end_time=end_time, cursor=cursor, limit=limit)
        return self._api.ask(endpoint, ContactWayIds, body)

    def every_contact_way(
        self, cursor: str = "", *, start_time: int | None = None, end_time: int | None = None
    ) -> Iterator[tuple[ContactWayIds, str]]:
        return every_page(
            "externalcontact/list_contact_way",
            lambda at: self.list_contact_way(at, start_time=start_time, end_time=end_time),
            cursor,
        )

    def update_contact_way(
        self, config_id: str, *, userids: Sequence[str] | None = None, departments: Sequence[int] | None = None,
        remark: str | None = None, state: str | None = None, skip_verify: bool | None = None,
        style: int | None = None, expires_in: int | None = None, chat_expires_in: int | None = None,
        unionid: str | None = None, mark_source: bool | None = None, conclusions: Conclusions | None = None,
    ) -> None:  # fmt: skip
        """Change a way; staff, departments and remark are overwritten."""
        endpoint = "externalcontact/update_contact_way"
        at_most(endpoint, "user", userids, 100)
        _check(endpoint, remark, state, conclusions)
        body = given(
            config_id=config_id, remark=remark, state=state, skip_verify=skip_verify, style=style,
            user=None if userids is None else list(userids),
            party=None if departments is None else list(departments), expires_in=expires_in,
            chat_expires_in=chat_expires_in, unionid=unionid, mark_source=mark_source, conclusions=conclusions,
        )  # fmt: skip
        self._api.do(endpoint, Reply, body, ("way", config_id))

    def del_contact_way(self, config_id: str) -> None:
        self._api.do("externalcontact/del_contact_way", Reply, {"config_id": config_id}, ("way", config_id))

    def close_temp_chat(self, userid: str, external_userid: str) -> None:
        """End a temporary conversation; its conclusion is sent."""
        body = {"userid": userid, "external_userid": external_userid}
        self._api.do("externalcontact/close_temp_chat", Reply, body, (userid.lower(), external_userid))


def _check(endpoint: str, remark: str | None, state: str | None, conclusions: Conclusions | None) -> None:
    at_most(endpoint, "remark", remark, 30)
    at_most(endpoint, "state", state, 30)
    if conclusions is not None and conclusions.text is not None:
        at_most_bytes(endpoint, "conclusions.text.content", conclusions.text.content, 4_000)
