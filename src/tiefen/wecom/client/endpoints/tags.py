"""Corp tags (https://developer.work.weixin.qq.com/document/path/92117, 92118)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.checks import anything, at_most, between, some
from tiefen.wecom.client.wire import Reply, given

_ORDER_MOST = 2**32 - 1


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str = ""
    create_time: int = 0
    order: int = 0
    deleted: bool | None = None
    """Told only when ids were asked for."""


class TagGroup(msgspec.Struct, frozen=True, kw_only=True):
    group_id: str
    group_name: str = ""
    create_time: int = 0
    order: int = 0
    deleted: bool | None = None
    tag: tuple[Tag, ...] = ()


class TagGroups(Reply, frozen=True, kw_only=True):
    tag_group: tuple[TagGroup, ...] = ()


class TagGroupReply(Reply, frozen=True, kw_only=True):
    tag_group: TagGroup


class Tags:
    """The corp's tags, and which of them one member of staff has put on one contact."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def get_corp_tag_list(self, *, tag_ids: Sequence[str] = (), group_ids: Sequence[str] = ()) -> tuple[TagGroup, ...]:
        """All tags, or those asked for; with both given only the groups count."""
        body = {"tag_id": list(tag_ids), "group_id": list(group_ids)}
        return self._api.ask("externalcontact/get_corp_tag_list", TagGroups, body).tag_group

    def add_corp_tag(
        self, names: Sequence[str], *, group_id: str | None = None, group_name: str | None = None,
        order: int | None = None,
    ) -> TagGroup:  # fmt: skip
        """Add tags to a group, which a new name makes; the group comes back with the new tags. 10,000 tags a corp."""
        endpoint = "externalcontact/add_corp_tag"
        some(endpoint, "tag", names)
        anything(endpoint, "group_id, group_name", group_id, group_name)
        at_most(endpoint, "group_name", group_name, 30)
        for name in names:
            at_most(endpoint, "tag.name", name, 30)
        _check_order(endpoint, order)
        body = given(group_id=group_id, group_name=group_name, order=order)
        body["tag"] = [{"name": name} for name in names]
        return self._api.do(endpoint, TagGroupReply, body).tag_group

    def edit_corp_tag(self, id: str, *, name: str | None = None, order: int | None = None) -> None:
        """Rename or move a tag or a group; only what this app has made."""
        endpoint = "externalcontact/edit_corp_tag"
        at_most(endpoint, "name", name, 30)
        _check_order(endpoint, order)
        body = given(id=id, name=name, order=order)
        self._api.do(endpoint, Reply, body, ("tag", id))

    def del_corp_tag(self, *, tag_ids: Sequence[str] = (), group_ids: Sequence[str] = ()) -> None:
        """Delete tags or groups; with its last tag a group goes too."""
        endpoint = "externalcontact/del_corp_tag"
        anything(endpoint, "tag_id, group_id", tag_ids, group_ids)
        body = given(tag_id=list(tag_ids), group_id=list(group_ids))
        self._api.do(endpoint, Reply, body)

    def mark_tag(
        self, userid: str, external_userid: str, *, add_tag: Sequence[str] = (), remove_tag: Sequence[str] = ()
    ) -> None:
        """Put tags on a contact for one member of staff, or take them off; ≤ 3,000 a pair. `NoRelation` for strangers."""
        endpoint = "externalcontact/mark_tag"
        anything(endpoint, "add_tag, remove_tag", add_tag, remove_tag)
        body = {"userid": userid, "external_userid": external_userid}
        body |= given(add_tag=list(add_tag) or None, remove_tag=list(remove_tag) or None)
        self._api.do(endpoint, Reply, body, (userid.lower(), external_userid))


def _check_order(endpoint: str, order: int | None) -> None:
    if order is not None:
        between(endpoint, "order", order, 0, _ORDER_MOST)
