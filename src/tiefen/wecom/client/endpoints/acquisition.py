"""Acquisition links 获客助手 (https://developer.work.weixin.qq.com/document/path/97297, 97298, 97375, 100130)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.checks import at_most, between, one_of, some, span
from tiefen.wecom.client.paging import every_page
from tiefen.wecom.client.wire import Page, Reply, given

_PATH = "externalcontact/customer_acquisition"


class AcquisitionLink(msgspec.Struct, frozen=True, kw_only=True):
    link_id: str = ""
    link_name: str = ""
    url: str = ""
    create_time: int = 0
    skip_verify: bool = True
    mark_source: bool = True


class LinkRange(msgspec.Struct, frozen=True, kw_only=True):
    user_list: tuple[str, ...] = ()
    department_list: tuple[int, ...] = ()


class Priority(msgspec.Struct, frozen=True, kw_only=True):
    priority_type: int = 0
    priority_userid_list: tuple[str, ...] = ()


class NewLink(Reply, frozen=True, kw_only=True):
    link: AcquisitionLink


class LinkReply(Reply, frozen=True, kw_only=True):
    link: AcquisitionLink
    range: LinkRange = msgspec.field(default_factory=LinkRange)
    priority_option: Priority | None = None


class LinkIds(Page, frozen=True, kw_only=True):
    link_id_list: tuple[str, ...] = ()


class LinkContact(msgspec.Struct, frozen=True, kw_only=True):
    external_userid: str
    userid: str = ""
    chat_status: int = 0
    """0 has not spoken, 1 has spoken, 2 unknown."""
    state: str = ""


class LinkContacts(Page, frozen=True, kw_only=True):
    customer_list: tuple[LinkContact, ...] = ()


class QuotaPart(msgspec.Struct, frozen=True, kw_only=True):
    expire_date: int = 0
    balance: int = 0


class Quota(Reply, frozen=True, kw_only=True):
    total: int = 0
    balance: int = 0
    quota_list: tuple[QuotaPart, ...] = ()


class LinkCounts(Reply, frozen=True, kw_only=True):
    click_link_customer_cnt: int = 0
    new_customer_cnt: int = 0


class ChatInfoDetail(msgspec.Struct, frozen=True, kw_only=True):
    recv_msg_cnt: int = 0
    link_id: str = ""
    state: str = ""


class ChatInfo(Reply, frozen=True, kw_only=True):
    userid: str = ""
    external_userid: str = ""
    chat_info: ChatInfoDetail = msgspec.field(default_factory=ChatInfoDetail)


class Acquisition:
    """Links of this app; each person who comes by one uses up a paid quota."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def create_link(
        self, link_name: str, *, userids: Sequence[str] = (), departments: Sequence[int] = (),
        skip_verify: bool = True, priority: Priority | None = None, mark_source: bool | None = None,
    ) -> AcquisitionLink:  # fmt: skip
        """Make a link to ≤ 500 people. Where they came from is appended as `?customer_channel=` (≤ 64 bytes)."""
        endpoint = f"{_PATH}/create_link"
        some(endpoint, "range", [*userids, *departments])
        _check(endpoint, link_name, userids, priority)
        body = given(
            link_name=link_name, range=_range(userids, departments), skip_verify=skip_verify,
            priority_option=priority, mark_source=mark_source,
        )  # fmt: skip
        return self._api.do(endpoint, NewLink, body).link

    def update_link(
        self, link_id: str, *, link_name: str | None = None, userids: Sequence[str] | None = None,
        departments: Sequence[int] | None = None, skip_verify: bool | None = None, priority: Priority | None = None,
        mark_source: bool | None = None,
    ) -> None:  # fmt: skip
        """Change a link; range and priority are overwritten."""
        endpoint = f"{_PATH}/update_link"
        _check(endpoint, link_name, userids or (), priority)
        whom = None if userids is None and departments is None else _range(userids or (), departments or ())
        body = given(
            link_id=link_id, link_name=link_name, range=whom, skip_verify=skip_verify, priority_option=priority,
            mark_source=mark_source,
        )  # fmt: skip
        self._api.do(endpoint, Reply, body, ("link", link_id))

    def delete_link(self, link_id: str) -> None:
        self._api.do(f"{_PATH}/delete_link", Reply, {"link_id": link_id}, ("link", link_id))

    def get(self, link_id: str) -> LinkReply:
        return self._api.ask(f"{_PATH}/get", LinkReply, {"link_id": link_id})

    def list_link(self, cursor: str = "", limit: int = 100) -> LinkIds:
        """Ids of the links that still work."""
        between(f"{_PATH}/list_link", "limit", limit, 1, 100)
        return self._api.ask(f"{_PATH}/list_link", LinkIds, {"limit": limit, "cursor": cursor})

    def every_link(self, cursor: str = "") -> Iterator[tuple[LinkIds, str]]:
        return every_page(f"{_PATH}/list_link", self.list_link, cursor)

    def customer(self, link_id: str, cursor: str = "", limit: int = 1_000) -> LinkContacts:
        """Who came by a link, and by which channel of it."""
        between(f"{_PATH}/customer", "limit", limit, 1, 1_000)
        body = {"link_id": link_id, "limit": limit, "cursor": cursor}
        return self._api.ask(f"{_PATH}/customer", LinkContacts, body)

    def every_contact(self, link_id: str, cursor: str = "") -> Iterator[tuple[LinkContacts, str]]:
        return every_page(f"{_PATH}/customer", lambda at: self.customer(link_id, at), cursor)

    def customer_acquisition_quota(self) -> Quota:
        """What is left of the paid quota."""
        return self._api.get("externalcontact/customer_acquisition_quota", Quota)

    def statistic(self, link_id: str, start_time: int, end_time: int) -> LinkCounts:
        """Clicks and newcomers of ≤ 30 days within the last 180."""
        endpoint = f"{_PATH}/statistic"
        span(endpoint, start_time, end_time, 30)
        body = {"link_id": link_id, "start_time": start_time, "end_time": end_time}
        return self._api.ask(endpoint, LinkCounts, body)

    def get_chat_info(self, chat_key: str) -> ChatInfo:
        """Who began to speak; the key of the callback is good for 30 minutes."""
        return self._api.ask(f"{_PATH}/get_chat_info", ChatInfo, {"chat_key": chat_key})


def _range(userids: Sequence[str], departments: Sequence[int]) -> dict[str, object]:
    return given(user_list=list(userids) or None, department_list=list(departments) or None)


def _check(endpoint: str, link_name: str | None, userids: Sequence[str], priority: Priority | None) -> None:
    at_most(endpoint, "link_name", link_name, 30)
    at_most(endpoint, "range.user_list", userids, 500)
    if priority is not None:
        one_of(endpoint, "priority_option.priority_type", priority.priority_type, (1, 2))
        at_most(endpoint, "priority_option.priority_userid_list", priority.priority_userid_list, 1_000)
