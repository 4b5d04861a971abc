"""Messages to staff (https://developer.work.weixin.qq.com/document/path/90236, 94867)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.checks import anything, at_most, at_most_bytes, between, one_of
from tiefen.wecom.client.wire import Reply, given

KINDS = (
    "text", "image", "voice", "video", "file", "textcard", "news", "mpnews", "markdown", "miniprogram_notice",
    "template_card",
)  # fmt: skip


class StaffMessage(Reply, frozen=True, kw_only=True):
    """What became of it. Lists are `a|b|c` with ids in lower case; a part may have failed although errcode is 0."""

    msgid: str = ""
    invaliduser: str = ""
    invalidparty: str = ""
    invalidtag: str = ""
    unlicenseduser: str = ""
    response_code: str | None = None

    @property
    def not_reached(self) -> frozenset[str]:
        """Staff it did not reach, in lower case."""
        both = f"{self.invaliduser}|{self.unlicenseduser}".lower().split("|")
        return frozenset(userid for userid in both if userid)


class StaffMessages:
    """What the app itself tells staff. Beyond 30 a minute or 1,000 an hour to one of them WeCom drops it silently."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def send(
        self, msgtype: str, content: Mapping[str, Any], *, to: Sequence[str] = (), departments: Sequence[int] = (),
        tags: Sequence[int] = (), everybody: bool = False, safe: int | None = None,
        enable_id_trans: int | None = None, enable_duplicate_check: int | None = None,
        duplicate_check_interval: int | None = None,
    ) -> StaffMessage:  # fmt: skip
        """Send one message; `content` is what stands under the name of its type. Avoid the full and the half hour."""
        endpoint = "message/send"
        one_of(endpoint, "msgtype", msgtype, KINDS)
        anything(endpoint, "touser, toparty, totag", to, departments, tags, everybody)
        at_most(endpoint, "touser", to, 1_000)
        at_most(endpoint, "toparty", departments, 100)
        at_most(endpoint, "totag", tags, 100)
        if msgtype in {"text", "markdown"}:
            # WeCom would cut it without a word.
            at_most_bytes(endpoint, f"{msgtype}.content", str(content.get("content", "")), 2_048)
        if msgtype == "news":
            between(endpoint, "news.articles", len(content.get("articles", ())), 1, 8)
        if duplicate_check_interval is not None:
            between(endpoint, "duplicate_check_interval", duplicate_check_interval, 1, 14_400)
        body = given(
            touser="@all" if everybody else "|".join(to) or None,
            toparty="|".join(map(str, departments)) or None, totag="|".join(map(str, tags)) or None,
            msgtype=msgtype, agentid=self._api.agentid, safe=safe, enable_id_trans=enable_id_trans,
            enable_duplicate_check=enable_duplicate_check, duplicate_check_interval=duplicate_check_interval,
        )  # fmt: skip
        return self._api.do(endpoint, StaffMessage, {**body, msgtype: dict(content)})

    def recall(self, msgid: str) -> None:
        """Take a message back, within 24 hours."""
        self._api.do("message/recall", Reply, {"msgid": msgid}, ("message", msgid))
