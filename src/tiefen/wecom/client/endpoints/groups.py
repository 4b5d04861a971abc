"""Groups with external contacts (https://developer.work.weixin.qq.com/document/path/92120, 92122, 94822)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.checks import at_most, between, one_of
from tiefen.wecom.client.paging import every_page
from tiefen.wecom.client.wire import Page, Reply


class GroupStatus(msgspec.Struct, frozen=True, kw_only=True):
    chat_id: str
    status: int = 0
    """0 as it should be, 1 owner left, 2 being handed over, 3 handed over."""


class GroupList(Page, frozen=True, kw_only=True):
    group_chat_list: tuple[GroupStatus, ...] = ()


class WeComId(msgspec.Struct, frozen=True, kw_only=True):
    userid: str = ""


class GroupMember(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a group; `userid` is an external id for type 2. Times are seconds since 1970."""

    userid: str
    type: int = 0
    """1 staff, 2 external."""
    unionid: str | None = None
    join_time: int = 0
    join_scene: int = 0
    """1 invited, 2 invite link, 3 QR code (callbacks count otherwise)."""
    invitor: WeComId | None = None
    group_nickname: str = ""
    name: str | None = None
    state: str | None = None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    chat_id: str
    name: str = ""
    owner: str = ""
    create_time: int = 0
    notice: str | None = None
    member_list: tuple[GroupMember, ...] = ()
    admin_list: tuple[WeComId, ...] = ()
    member_version: str = ""


class GroupReply(Reply, frozen=True, kw_only=True):
    group_chat: Group


class GroupId(Reply, frozen=True, kw_only=True):
    chat_id: str = ""


class Groups:
    """Groups of the staff the app can see. Details lag some two seconds behind what happened."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(
        self, cursor: str = "", limit: int = 1_000, *, status_filter: int = 0, owners: Sequence[str] = ()
    ) -> GroupList:
        """Groups by the state of their ownership. Beyond 1,000 visible staff (`ReplyTooBig`) owners must be named, ≤ 100;
        an owner who has left always must be."""
        endpoint = "externalcontact/groupchat/list"
        at_most(endpoint, "owner_filter.userid_list", owners, 100)
        between(endpoint, "limit", limit, 1, 1_000)
        one_of(endpoint, "status_filter", status_filter, (0, 1, 2, 3))
        body: dict[str, object] = {"status_filter": status_filter, "cursor": cursor, "limit": limit}
        if owners:
            body["owner_filter"] = {"userid_list": [*owners]}
        return self._api.ask(endpoint, GroupList, body)

    def every_group(
        self, cursor: str = "", limit: int = 1_000, *, status_filter: int = 0, owners: Sequence[str] = ()
    ) -> Iterator[tuple[GroupList, str]]:
        return every_page(
            "externalcontact/groupchat/list",
            lambda at: self.list(at, limit, status_filter=status_filter, owners=owners),
            cursor,
        )

    def get(self, chat_id: str, *, need_name: int = 1) -> Group:
        """A group with everybody in it."""
        body = {"chat_id": chat_id, "need_name": need_name}
        return self._api.ask("externalcontact/groupchat/get", GroupReply, body).group_chat

    def opengid_to_chatid(self, opengid: str) -> str:
        """The group a mini-program was opened in."""
        return self._api.ask("externalcontact/opengid_to_chatid", GroupId, {"opengid": opengid}).chat_id
