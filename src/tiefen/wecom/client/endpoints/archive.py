"""The conversation archive 会话存档: who is archived, who agreed, and plain rows of what was said.

WeCom gives archived messages only through a native library; the rows are read from whatever serves that library's
decrypted messages by HTTP (`GET …?corpid=&secret=&seq=&limit=`): a sidecar of the corp, or the sandbox.
https://developer.work.weixin.qq.com/document/path/91774, 91614, 91782
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.checks import at_most, between, some
from tiefen.wecom.client.errors import CursorRepeated, MalformedReply
from tiefen.wecom.client.wire import Reply, decode, given, outcome, scrub


class PermittedStaff(Reply, frozen=True, kw_only=True):
    ids: tuple[str, ...] = ()


class SingleAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a contact agreed to be archived in conversation with one member of staff."""

    userid: str = ""
    exteranalopenid: str = ""
    agree_status: str = ""
    """`Agree`, `Disagree` or `Default_Agree`."""
    status_change_time: int = 0


class SingleAgreements(Reply, frozen=True, kw_only=True):
    agreeinfo: tuple[SingleAgreement, ...] = ()


class GroupAgreement(msgspec.Struct, frozen=True, kw_only=True):
    exteranalopenid: str = ""
    agree_status: str = ""
    status_change_time: int = 0


class GroupAgreements(Reply, frozen=True, kw_only=True):
    agreeinfo: tuple[GroupAgreement, ...] = ()


class ArchiveRow(msgspec.Struct, frozen=True, kw_only=True):
    """One archived message; `msgtime` is in milliseconds since 1970."""

    seq: int
    msgid: str = ""
    action: str = "send"
    """`send`, `recall` or `switch`."""
    sender: str = msgspec.field(default="", name="from")
    tolist: tuple[str, ...] = ()
    roomid: str = ""
    msgtime: int = 0
    msgtype: str = ""
    reply_to: str | None = None
    content: dict[str, Any] = msgspec.field(default_factory=dict)
    """What stands under the name of its type."""


class ArchiveRows(Reply, frozen=True, kw_only=True):
    rows: tuple[ArchiveRow, ...] = ()

    @property
    def next_seq(self) -> int:
        """The number to go on from; 0 for no rows."""
        return max((row.seq for row in self.rows), default=0)


class _RawRows(Reply, frozen=True, kw_only=True):
    rows: tuple[dict[str, Any], ...] = ()


class Archive:
    """Answers to the archive's own secret only."""

    def __init__(self, api: Api, url: str) -> None:
        self._api, self._url = api, url

    def get_permit_user_list(self, type: int | None = None) -> tuple[str, ...]:
        """Staff whose conversations are archived; of one edition (1 office, 2 service, 3 enterprise) or of all."""
        return self._api.ask("msgaudit/get_permit_user_list", PermittedStaff, given(type=type)).ids

    def check_single_agree(self, pairs: Sequence[tuple[str, str]]) -> tuple[SingleAgreement, ...]:
        """Who of ≤ 100 pairs (staff, external id) agreed."""
        endpoint = "msgaudit/check_single_agree"
        some(endpoint, "info", pairs)
        at_most(endpoint, "info", pairs, 100)
        # The field is really spelt so.
        info = [{"userid": userid, "exteranalopenid": external} for userid, external in pairs]
        return self._api.ask(endpoint, SingleAgreements, {"info": info}).agreeinfo

    def check_room_agree(self, roomid: str) -> tuple[GroupAgreement, ...]:
        """Who in a group agreed."""
        return self._api.ask("msgaudit/check_room_agree", GroupAgreements, {"roomid": roomid}).agreeinfo

    def rows(self, seq: int = 0, limit: int = 1_000) -> ArchiveRows:
        """Messages after number `seq`, in order."""
        endpoint = "archive rows"
        between(endpoint, "limit", limit, 1, 1_000)
        transport = self._api.transport
        params: dict[str, str | int] = {
            "corpid": transport.corpid, "secret": transport.secret, "seq": seq, "limit": limit,
        }  # fmt: skip
        answer = transport.fetch(self._url or f"{transport.base_url}/_sandbox/archive", endpoint, params)
        if answer.status_code >= 300:
            raise MalformedReply(endpoint, f"HTTP {answer.status_code}: {scrub(answer.text[:200])}")
        if b'"errcode"' in answer.content[:200] and (error := outcome(answer.content, endpoint)) is not None:
            raise error
        found = decode(answer.content, _RawRows, endpoint)
        return ArchiveRows(rows=tuple(sorted((_row(row, endpoint) for row in found.rows), key=lambda row: row.seq)))

    def every_row(self, seq: int = 0, limit: int = 1_000) -> Iterator[tuple[ArchiveRows, int]]:
        """All messages after `seq` there are now, a page at a time, each with the number to go on from later."""
        pages = 0
        while (page := self.rows(seq, limit)).rows:
            pages += 1
            if page.next_seq <= seq:
                raise CursorRepeated("archive rows", pages)
            seq = page.next_seq
            yield page, seq


def _row(raw: dict[str, Any], endpoint: str) -> ArchiveRow:
    # A message of an unknown kind is kept with whatever it holds.
    content = raw.get(str(raw.get("msgtype")))
    shape = raw | {"content": content if isinstance(content, dict) else {}}
    try:
        return msgspec.convert(
            {key: value for key, value in shape.items() if value is not None}, ArchiveRow, strict=False
        )
    except msgspec.ValidationError as error:
        raise MalformedReply(endpoint, str(error)) from None
