"""External contacts (https://developer.work.weixin.qq.com/document/path/92113, 92114, 92994, 99434, 92115)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.checks import anything, at_most, between, some
from tiefen.wecom.client.paging import every_page
from tiefen.wecom.client.wire import Page, Reply, given


class ExternalContact(msgspec.Struct, frozen=True, kw_only=True):
    """A person outside the corp, as this caller may see them."""

    external_userid: str
    name: str = ""
    avatar: str = ""
    type: int = 0
    """1 WeChat, 2 WeCom."""
    gender: int = 0
    """0 unknown, 1 male, 2 female."""
    unionid: str | None = None
    """Only of WeChat contacts, and only if the corp has bound a WeChat developer id."""
    position: str | None = None
    corp_name: str | None = None
    corp_full_name: str | None = None


class FollowTag(msgspec.Struct, frozen=True, kw_only=True):
    group_name: str = ""
    tag_name: str = ""
    tag_id: str | None = None
    """Absent for personal tags."""
    type: int = 0
    """1 corp, 2 personal, 3 strategy."""


class VideoAccount(msgspec.Struct, frozen=True, kw_only=True):
    nickname: str = ""
    source: int = 0


class Follow(msgspec.Struct, frozen=True, kw_only=True):
    """What one member of staff has noted about a contact. `createtime` is in seconds since 1970."""

    userid: str
    remark: str = ""
    description: str = ""
    createtime: int = 0
    tags: tuple[FollowTag, ...] = ()
    remark_corp_name: str | None = None
    remark_mobiles: tuple[str, ...] = ()
    oper_userid: str = ""
    add_way: int = 0
    state: str | None = None
    wechat_channels: VideoAccount | None = None


class FollowInfo(Follow, frozen=True, kw_only=True):
    """The same in `batch/get_by_user`, where tags are ids only."""

    tag_id: tuple[str, ...] = ()


class ContactReply(Page, frozen=True, kw_only=True):
    external_contact: ExternalContact
    follow_user: tuple[Follow, ...] = ()


class ContactIds(Reply, frozen=True, kw_only=True):
    external_userid: tuple[str, ...] = ()


class ContactOfStaff(msgspec.Struct, frozen=True, kw_only=True):
    external_contact: ExternalContact
    follow_info: FollowInfo


class FailInfo(msgspec.Struct, frozen=True, kw_only=True):
    unlicensed_userid_list: tuple[str, ...] = ()


class ContactsOfStaff(Page, frozen=True, kw_only=True):
    external_contact_list: tuple[ContactOfStaff, ...] = ()
    fail_info: FailInfo = msgspec.field(default_factory=FailInfo)


class ServedContact(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the count of all served people; `tmp_openid` lives four hours."""

    is_customer: bool = False
    tmp_openid: str = ""
    external_userid: str | None = None
    name: str | None = None
    follow_userid: str = ""
    chat_id: str | None = None
    chat_name: str | None = None
    add_time: int = 0


class ServedContacts(Page, frozen=True, kw_only=True):
    info_list: tuple[ServedContact, ...] = ()


class Contacts:
    """People outside the corp and who is in touch with them."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, userid: str) -> tuple[str, ...]:
        """External ids of one member of staff; no paging. `NoRelation` for somebody without contacts."""
        return self._api.get("externalcontact/list", ContactIds, userid=userid).external_userid

    def get(self, external_userid: str, cursor: str = "") -> ContactReply:
        """One contact with up to 500 of the staff in touch; `next_cursor` leads to the others."""
        params = {"external_userid": external_userid} | ({"cursor": cursor} if cursor else {})
        return self._api.get("externalcontact/get", ContactReply, **params)

    def every_follow(self, external_userid: str, cursor: str = "") -> Iterator[tuple[ContactReply, str]]:
        return every_page("externalcontact/get", lambda at: self.get(external_userid, at), cursor)

    def batch_get_by_user(self, userids: Sequence[str], cursor: str = "", limit: int = 100) -> ContactsOfStaff:
        """Contacts of ≤ 100 staff with details; a contact of two of them comes twice."""
        endpoint = "externalcontact/batch/get_by_user"
        some(endpoint, "userid_list", userids)
        at_most(endpoint, "userid_list", userids, 100)
        between(endpoint, "limit", limit, 1, 100)
        body = {"userid_list": [*userids], "cursor": cursor, "limit": limit}
        return self._api.ask(endpoint, ContactsOfStaff, body)

    def every_of_staff(
        self, userids: Sequence[str], cursor: str = "", limit: int = 100
    ) -> Iterator[tuple[ContactsOfStaff, str]]:
        endpoint = "externalcontact/batch/get_by_user"
        return every_page(endpoint, lambda at: self.batch_get_by_user(userids, at, limit), cursor)

    def contact_list(self, cursor: str = "", limit: int = 1_000) -> ServedContacts:
        """Everybody served, contacts or only in groups: for counting distinct people in one sweep of ≤ 4 h."""
        between("externalcontact/contact_list", "limit", limit, 1, 1_000)
        return self._api.ask("externalcontact/contact_list", ServedContacts, {"cursor": cursor, "limit": limit})

    def every_served(self, cursor: str = "") -> Iterator[tuple[ServedContacts, str]]:
        return every_page("externalcontact/contact_list", self.contact_list, cursor)

    def remark(
        self, userid: str, external_userid: str, *, remark: str | None = None, description: str | None = None,
        remark_company: str | None = None, remark_mobiles: Sequence[str] | None = None,
        remark_pic_mediaid: str | None = None,
    ) -> None:  # fmt: skip
        """Change what one member of staff notes about a contact. Mobiles are overwritten; an empty list clears them."""
        endpoint = "externalcontact/remark"
        at_most(endpoint, "remark", remark, 20)
        at_most(endpoint, "description", description, 150)
        at_most(endpoint, "remark_company", remark_company, 20)
        # WeCom clears them by one empty number, not by an empty list.
        mobiles = None if remark_mobiles is None else [*remark_mobiles] or [""]
        fields = given(
            remark=remark, description=description, remark_company=remark_company, remark_mobiles=mobiles,
            remark_pic_mediaid=remark_pic_mediaid,
        )  # fmt: skip
        anything(endpoint, "remark, description, remark_company, remark_mobiles, remark_pic_mediaid", fields)
        body = {"userid": userid, "external_userid": external_userid, **fields}
        self._api.do(endpoint, Reply, body, (userid.lower(), external_userid))
