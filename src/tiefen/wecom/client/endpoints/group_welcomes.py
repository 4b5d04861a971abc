"""Welcomes of groups 入群欢迎语 (https://developer.work.weixin.qq.com/document/path/92366)."""

from __future__ import annotations

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.attachments import Attachment, File, Image, Link, MiniProgram, Text, check_message
from tiefen.wecom.client.wire import Reply, given


class GroupWelcome(Reply, frozen=True, kw_only=True):
    """What somebody who joins is told: a text and at most one thing with it."""

    text: Text | None = None
    image: Image | None = None
    link: Link | None = None
    miniprogram: MiniProgram | None = None
    file: File | None = None
    video: File | None = None


class NewTemplate(Reply, frozen=True, kw_only=True):
    template_id: str


class GroupWelcomes:
    """100 a corp; only the app that made one changes or deletes it."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def add(self, text: str | None = None, attachment: Attachment | None = None, *, notify: bool = True) -> str:
        """Make a template; `%NICKNAME%` in its text becomes the newcomer's name. `notify` tells the staff who own groups."""
        endpoint = "externalcontact/group_welcome_template/add"
        body = _body(endpoint, text, attachment)
        return self._api.do(endpoint, NewTemplate, {**body, "notify": int(notify)}).template_id

    def edit(self, template_id: str, text: str | None = None, attachment: Attachment | None = None) -> None:
        endpoint = "externalcontact/group_welcome_template/edit"
        body = _body(endpoint, text, attachment)
        self._api.do(endpoint, Reply, {"template_id": template_id, **body}, ("welcome", template_id))

    def get(self, template_id: str) -> GroupWelcome:
        endpoint = "externalcontact/group_welcome_template/get"
        return self._api.ask(endpoint, GroupWelcome, {"template_id": template_id})

    def delete(self, template_id: str) -> None:
        endpoint = "externalcontact/group_welcome_template/del"
        self._api.do(endpoint, Reply, {"template_id": template_id}, ("welcome", template_id))


def _body(endpoint: str, text: str | None, attachment: Attachment | None) -> dict[str, object]:
    attached = [] if attachment is None else [attachment]
    check_message(endpoint, text, attached, bytes_most=3_000, many=1)
    body = given(text=Text(content=text) if text else None)
    if attachment is not None:
        body[attachment.msgtype] = getattr(attachment, attachment.msgtype)
    return body
