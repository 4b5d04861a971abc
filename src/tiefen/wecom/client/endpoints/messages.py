"""Welcomes and message tasks (https://developer.work.weixin.qq.com/document/path/92137, 92135, 93338, 97610, 97611)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.attachments import Attachment, Text, check_message
from tiefen.wecom.client.checks import anything, at_most, between, one_of, some, span
from tiefen.wecom.client.paging import every_page
from tiefen.wecom.client.wire import Page, Reply, given


class NewTask(Reply, frozen=True, kw_only=True):
    """A task was made; of those in `fail_list` nothing will be sent to."""

    msgid: str = ""
    fail_list: tuple[str, ...] = ()


class MessageTask(msgspec.Struct, frozen=True, kw_only=True):
    msgid: str
    creator: str | None = None
    """Absent for tasks made through the API."""
    create_time: int = 0
    create_type: int = 0
    """0 by the corp, 1 by a member of staff."""
    text: Text | None = None
    attachments: tuple[Attachment, ...] = ()


class MessageTasks(Page, frozen=True, kw_only=True):
    group_msg_list: tuple[MessageTask, ...] = ()


class StaffTask(msgspec.Struct, frozen=True, kw_only=True):
    userid: str
    status: int = 0
    """0 not sent, 2 sent."""
    send_time: int | None = None


class StaffTasks(Page, frozen=True, kw_only=True):
    task_list: tuple[StaffTask, ...] = ()


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    external_userid: str | None = None
    chat_id: str | None = None
    userid: str = ""
    status: int = 0
    """0 not sent, 1 sent, 2 failed: not in touch any more, 3 failed: has had their share of mass messages."""
    send_time: int | None = None


class SendResult(Page, frozen=True, kw_only=True):
    send_list: tuple[Sent, ...] = ()


class Messages:
    """Nothing is sent by making a task: each member of staff confirms it in their client."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def send_welcome_msg(
        self, welcome_code: str, *, text: str | None = None, attachments: Sequence[Attachment] = ()
    ) -> None:
        """Welcome a newcomer: once, within 20 s of the callback. `WelcomeDelivered` is as good as done."""
        endpoint = "externalcontact/send_welcome_msg"
        check_message(endpoint, text, attachments)
        body = given(welcome_code=welcome_code, text=_text(text), attachments=list(attachments) or None)
        self._api.do(endpoint, Reply, body)

    def add_msg_template(
        self, *, chat_type: str = "single", sender: str | None = None, external_userids: Sequence[str] = (),
        chat_ids: Sequence[str] = (), tag_filter: Sequence[Sequence[str]] = (), allow_select: bool = False,
        text: str | None = None, attachments: Sequence[Attachment] = (),
    ) -> NewTask:  # fmt: skip
        """Make a task for contacts (`single`) or groups (`group`). Tags within one list are or-ed, the lists and-ed.

        `allow_select` lets staff choose anew whom of their contacts to send to.
        """
        endpoint = "externalcontact/add_msg_template"
        one_of(endpoint, "chat_type", chat_type, ("single", "group"))
        at_most(endpoint, "external_userid", external_userids, 10_000)
        at_most(endpoint, "chat_id_list", chat_ids, 2_000)
        for tags in tag_filter:
            at_most(endpoint, "tag_filter.group_list.tag_list", tags, 100)
        if chat_type == "group":
            some(endpoint, "sender", sender)
            at_most(endpoint, "external_userid", external_userids, 0)
        else:
            anything(endpoint, "sender, external_userid, tag_filter", sender, external_userids, tag_filter)
        check_message(endpoint, text, attachments)
        groups = [{"tag_list": list(tags)} for tags in tag_filter]
        body = given(
            chat_type=chat_type, sender=sender, external_userid=list(external_userids) or None,
            chat_id_list=list(chat_ids) or None, tag_filter={"group_list": groups} if groups else None,
            allow_select=True if allow_select else None, text=_text(text), attachments=list(attachments) or None,
        )  # fmt: skip
        return self._api.do(endpoint, NewTask, body)

    def get_groupmsg_list_v2(
        self, start_time: int, end_time: int, cursor: str = "", limit: int = 100, *, chat_type: str = "single",
        filter_type: int = 2, creator: str | None = None,
    ) -> MessageTasks:  # fmt: skip
        """Tasks of ≤ one month, made by the corp (0), by staff (1) or both (2)."""
        endpoint = "externalcontact/get_groupmsg_list_v2"
        span(endpoint, start_time, end_time, 31)
        # Beyond the most, WeCom silently takes its default instead.
        between(endpoint, "limit", limit, 1, 100)
        one_of(endpoint, "chat_type", chat_type, ("single", "group"))
        one_of(endpoint, "filter_type", filter_type, (0, 1, 2))
        body = given(
            chat_type=chat_type, start_time=start_time, end_time=end_time, creator=creator, filter_type=filter_type,
            limit=limit, cursor=cursor,
        )  # fmt: skip
        return self._api.ask(endpoint, MessageTasks, body)

    def every_task(
        self, start_time: int, end_time: int, cursor: str = "", *, chat_type: str = "single", filter_type: int = 2
    ) -> Iterator[tuple[MessageTasks, str]]:
        def ask(at: str) -> MessageTasks:
            return self.get_groupmsg_list_v2(start_time, end_time, at, chat_type=chat_type, filter_type=filter_type)

        return every_page("externalcontact/get_groupmsg_list_v2", ask, cursor)

    def get_groupmsg_task(self, msgid: str, cursor: str = "", limit: int = 1_000) -> StaffTasks:
        """Which staff have confirmed. `NotYet` right after the task was made."""
        endpoint = "externalcontact/get_groupmsg_task"
        between(endpoint, "limit", limit, 1, 1_000)
        return self._api.ask(endpoint, StaffTasks, {"msgid": msgid, "limit": limit, "cursor": cursor})

    def every_staff_task(self, msgid: str, cursor: str = "") -> Iterator[tuple[StaffTasks, str]]:
        return every_page("externalcontact/get_groupmsg_task", lambda at: self.get_groupmsg_task(msgid, at), cursor)

    def get_groupmsg_send_result(self, msgid: str, userid: str, cursor: str = "", limit: int = 1_000) -> SendResult:
        """What became of one member of staff's part; of groups only those sent to."""
        endpoint = "externalcontact/get_groupmsg_send_result"
        between(endpoint, "limit", limit, 1, 1_000)
        body = {"msgid": msgid, "userid": userid, "limit": limit, "cursor": cursor}
        return self._api.ask(endpoint, SendResult, body)

    def every_result(self, msgid: str, userid: str, cursor: str = "") -> Iterator[tuple[SendResult, str]]:
        def ask(at: str) -> SendResult:
            return self.get_groupmsg_send_result(msgid, userid, at)

        return every_page("externalcontact/get_groupmsg_send_result", ask, cursor)

    def remind_groupmsg_send(self, msgid: str) -> None:
        """Remind staff who have not confirmed: three times a task in 24 hours."""
        self._api.do("externalcontact/remind_groupmsg_send", Reply, {"msgid": msgid}, ("task", msgid))

    def cancel_groupmsg_send(self, msgid: str) -> None:
        """Stop what is not sent yet; what is sent cannot be called back."""
        self._api.do("externalcontact/cancel_groupmsg_send", Reply, {"msgid": msgid}, ("task", msgid))


def _text(text: str | None) -> Text | None:
    return Text(content=text) if text else None
