"""Moments 客户朋友圈 (https://developer.work.weixin.qq.com/document/path/95094, 97612, 93333)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.attachments import Attachment, Image, Link, Text, check_message
from tiefen.wecom.client.checks import at_most, between, one_of, span
from tiefen.wecom.client.errors import LimitExceeded
from tiefen.wecom.client.paging import every_page
from tiefen.wecom.client.wire import Page, Reply, given


class Job(Reply, frozen=True, kw_only=True):
    jobid: str


class InvalidSenders(msgspec.Struct, frozen=True, kw_only=True):
    user_list: tuple[str, ...] = ()
    department_list: tuple[int, ...] = ()


class InvalidTags(msgspec.Struct, frozen=True, kw_only=True):
    tag_list: tuple[str, ...] = ()


class JobDone(msgspec.Struct, frozen=True, kw_only=True):
    """What the job came to; `errcode` is that of the job, not of the question."""

    errcode: int = 0
    errmsg: str = ""
    moment_id: str = ""
    invalid_sender_list: InvalidSenders | None = None
    invalid_external_contact_list: InvalidTags | None = None


class JobResult(Reply, frozen=True, kw_only=True):
    status: int = 0
    """1 begun, 2 under way, 3 done."""
    type: str = ""
    result: JobDone | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    latitude: str = ""
    longitude: str = ""
    name: str = ""


class MomentVideo(msgspec.Struct, frozen=True, kw_only=True):
    media_id: str = ""
    thumb_media_id: str = ""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    moment_id: str
    creator: str = ""
    create_time: int = 0
    create_type: int = 0
    """0 by the corp, 1 by a member of staff."""
    visible_type: int = 0
    """0 part of the contacts, 1 all."""
    text: Text | None = None
    image: tuple[Image, ...] = ()
    video: MomentVideo | None = None
    link: Link | None = None
    location: Place | None = None


class MomentsPage(Page, frozen=True, kw_only=True):
    moment_list: tuple[Moment, ...] = ()


class Publishing(msgspec.Struct, frozen=True, kw_only=True):
    userid: str
    publish_status: int = 0
    """0 not posted, 1 posted."""


class Publishings(Page, frozen=True, kw_only=True):
    task_list: tuple[Publishing, ...] = ()


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    external_userid: str
    userid: str = ""


class ChosenViewers(Page, frozen=True, kw_only=True):
    customer_list: tuple[Viewer, ...] = ()


class Viewers(Page, frozen=True, kw_only=True):
    customer_list: tuple[Viewer, ...] = ()


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """A like or a comment (whose words are not told), by a contact or by staff."""

    external_userid: str | None = None
    userid: str | None = None
    create_time: int = 0


class Reactions(Reply, frozen=True, kw_only=True):
    comment_list: tuple[Reaction, ...] = ()
    like_list: tuple[Reaction, ...] = ()


class Moments:
    """Each member of staff posts by hand; 100,000 tasks a month and corp, 10 a minute."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def add_moment_task(
        self, *, text: str | None = None, attachments: Sequence[Attachment] = (), userids: Sequence[str] = (),
        departments: Sequence[int] = (), tags: Sequence[str] = (),
    ) -> str:  # fmt: skip
        """Begin a job that makes the task; its id is good for 24 hours. Nine images, or one video, or one link."""
        endpoint = "externalcontact/add_moment_task"
        check_message(endpoint, text, attachments)
        at_most(endpoint, "text.content", text, 2_000)
        at_most(endpoint, "visible_range.sender_list.user_list", userids, 100_000)
        kinds = {attached.msgtype for attached in attachments}
        if kinds - {"image"} and (len(attachments) > 1 or kinds - {"video", "link"}):
            raise LimitExceeded(endpoint, "attachments", "9 images, or 1 video, or 1 link", ", ".join(sorted(kinds)))
        senders = given(user_list=list(userids) or None, department_list=list(departments) or None)
        whom = given(sender_list=senders or None, external_contact_list={"tag_list": list(tags)} if tags else None)
        body = given(
            text=Text(content=text) if text else None, attachments=list(attachments) or None,
            visible_range=whom or None,
        )  # fmt: skip
        return self._api.do(endpoint, Job, body).jobid

    def get_moment_task_result(self, jobid: str) -> JobResult:
        return self._api.get("externalcontact/get_moment_task_result", JobResult, jobid=jobid)

    def cancel_moment_task(self, moment_id: str) -> None:
        """Stop what is not posted yet."""
        endpoint = "externalcontact/cancel_moment_task"
        self._api.do(endpoint, Reply, {"moment_id": moment_id}, ("moment", moment_id))

    def get_moment_list(
        self, start_time: int, end_time: int, cursor: str = "", limit: int = 20, *, creator: str | None = None,
        filter_type: int = 2,
    ) -> MomentsPage:  # fmt: skip
        """Posts of ≤ 30 days, by the corp (0), by staff (1) or both (2)."""
        endpoint = "externalcontact/get_moment_list"
        span(endpoint, start_time, end_time, 30)
        between(endpoint, "limit", limit, 1, 20)
        one_of(endpoint, "filter_type", filter_type, (0, 1, 2))
        body = given(
            start_time=start_time, end_time=end_time, creator=creator, filter_type=filter_type, cursor=cursor,
            limit=limit,
        )  # fmt: skip
        return self._api.ask(endpoint, MomentsPage, body)

    def every_moment(self, start_time: int, end_time: int, cursor: str = "") -> Iterator[tuple[MomentsPage, str]]:
        endpoint = "externalcontact/get_moment_list"
        return every_page(endpoint, lambda at: self.get_moment_list(start_time, end_time, at), cursor)

    def get_moment_task(self, moment_id: str, cursor: str = "", limit: int = 1_000) -> Publishings:
        """Which staff have posted."""
        endpoint = "externalcontact/get_moment_task"
        between(endpoint, "limit", limit, 1, 1_000)
        return self._api.ask(endpoint, Publishings, {"moment_id": moment_id, "cursor": cursor, "limit": limit})

    def every_publishing(self, moment_id: str, cursor: str = "") -> Iterator[tuple[Publishings, str]]:
        endpoint = "externalcontact/get_moment_task"
        return every_page(endpoint, lambda at: self.get_moment_task(moment_id, at), cursor)

    def get_moment_customer_list(
        self, moment_id: str, userid: str, cursor: str = "", limit: int = 1_000
    ) -> ChosenViewers:
        """Whom one member of staff's post was meant for."""
        endpoint = "externalcontact/get_moment_customer_list"
        between(endpoint, "limit", limit, 1, 1_000)
        body = {"moment_id": moment_id, "userid": userid, "cursor": cursor, "limit": limit}
        return self._api.ask(endpoint, ChosenViewers, body)

    def every_chosen_viewer(self, moment_id: str, userid: str, cursor: str = "") -> Iterator[tuple[ChosenViewers, str]]:
        endpoint = "externalcontact/get_moment_customer_list"
        return every_page(endpoint, lambda at: self.get_moment_customer_list(moment_id, userid, at), cursor)

    def get_moment_send_result(self, moment_id: str, userid: str, cursor: str = "", limit: int = 3_000) -> Viewers:
        """In whose Moments one member of staff's post is."""
        endpoint = "externalcontact/get_moment_send_result"
        between(endpoint, "limit", limit, 1, 5_000)
        body = {"moment_id": moment_id, "userid": userid, "cursor": cursor, "limit": limit}
        return self._api.ask(endpoint, Viewers, body)

    def every_viewer(self, moment_id: str, userid: str, cursor: str = "") -> Iterator[tuple[Viewers, str]]:
        endpoint = "externalcontact/get_moment_send_result"
        return every_page(endpoint, lambda at: self.get_moment_send_result(moment_id, userid, at), cursor)

    def get_moment_comments(self, moment_id: str, userid: str) -> Reactions:
        body = {"moment_id": moment_id, "userid": userid}
        return self._api.ask("externalcontact/get_moment_comments", Reactions, body)
