"""What was said in groups, from the conversation archive: each row once, by its number.

Rows are told for five days (https://developer.work.weixin.qq.com/document/path/91774): who does not ask for longer than that
has a gap, which is noted. Only groups with contacts in them are read; what staff write to one contact or among themselves is
passed over.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tiefen.insight.features import features
from tiefen.kit.clock import DAY_US
from tiefen.kit.errors import TiefenError
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import Fact, Id, MessagePosted
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.client import WeCom
from tiefen.wecom.client.endpoints.archive import ArchiveRow
from tiefen.wecom.client.endpoints.groups import Group
from tiefen.wecom.mirror import Mirror, rows
from tiefen.wecom.sync import troubles
from tiefen.wecom.sync.asking import ask_group, group_told
from tiefen.wecom.sync.run import passing
from tiefen.wecom.sync.state import ArchiveState, alone, load, save

ORIGIN = "wecom:archive"
_TOLD_FOR_US = 5 * DAY_US
_KINDS = {
    "text": "text", "image": "image", "voice": "voice", "video": "video", "file": "file", "link": "link",
    "weapp": "mini_program", "redpacket": "red_packet", "external_redpacket": "red_packet", "emotion": "sticker",
    "location": "location", "card": "card", "markdown": "text", "mixed": "text",
}  # fmt: skip
_REMEMBERED = 50_000


@dataclass(eq=False)
class ArchiveGap(TiefenError):
    """What was said between two instants is lost."""

    says = "The archive was not asked from {from_us} to {to_us}; it tells five days."

    from_us: int
    to_us: int


class ArchiveReader:
    """Reads the archive of one corp."""

    def __init__(
        self, ledger: Ledger, corp_id: str, archive: WeCom, api: WeCom, mirror: Mirror, clock: Callable[[], int]
    ) -> None:
        self._ledger, self._corp_id, self._archive, self._api = ledger, corp_id, archive, api
        self._mirror, self._clock = mirror, clock
        self._said_by: OrderedDict[str, Id] = OrderedDict()
        self._groups: dict[str, bool] = {}

    def pull(self, *, most_pages: int = 50) -> int:
        """Take what was said since; returns how many messages became facts."""
        with alone(self._ledger, self._corp_id, "archive"):
            with self._ledger.read() as connection:
                state = load(connection, self._corp_id, "archive", ArchiveState)
            asked_us, posted = self._clock(), 0
            if state.asked_us and asked_us - state.asked_us > _TOLD_FOR_US:
                gap = ArchiveGap(state.asked_us, asked_us - _TOLD_FOR_US)
                troubles.note(self._ledger, self._corp_id, "archive_gap", gap, asked_us)
            for pages, (page, seq) in enumerate(self._archive.archive.every_row(state.seq), 1):
                taken = self._take(page.rows)
                state.posted, state.passed = state.posted + taken, state.passed + len(page.rows) - taken
                state.seq, posted = seq, posted + taken
                self._save(state)
                if pages >= most_pages:
                    break
            state.asked_us = asked_us
            self._save(state)
            return posted

    def _save(self, state: ArchiveState) -> None:
        with self._ledger.write() as connection:
            save(connection, self._corp_id, "archive", state)

    def _take(self, page: Sequence[ArchiveRow]) -> int:
        said = [row for row in page if row.action == "send" and row.roomid and row.msgid and row.sender]
        said = [row for row in said if self._is_ours(row.roomid)]
        with self._ledger.read() as connection:
            our_own = rows.is_staff(connection, self._corp_id, {row.sender for row in said})
        facts: list[Fact] = []
        words: dict[int, str] = {}
        for row in said:
            member = _who(row.sender, our_own)
            text = _text(row)
            if text:
                words[len(facts)] = text[:20_000]
            facts.append(self._fact(row, member, text, by_staff=member.type == "staff_userid"))
            self._remember(row.msgid, member)
        if facts:
            self._ledger.append(Batch(self._corp_id, ORIGIN, facts, words))
        return len(facts)

    def _fact(self, row: ArchiveRow, member: Id, text: str, *, by_staff: bool) -> MessagePosted:
        counted = features(text[:20_000]) if text else None
        return MessagePosted(
            happened_us=row.msgtime * 1_000, source_id=row.msgid, group=row.roomid, member=member,
            message_kind=_KINDS.get(row.msgtype, "other"), reply_to_message=row.reply_to,
            reply_to=self._said_by.get(row.reply_to or ""), mentions=_mentions(row.content),
            length=counted.length if counted else None, is_question=counted.is_question if counted else False,
            has_link=counted.has_link if counted else row.msgtype == "link",
            text_hash=counted.text_hash if counted else None,
            advert_score=counted.advert_score if counted else None, by_staff=by_staff,
        )  # fmt: skip

    def _remember(self, msgid: str, member: Id) -> None:
        self._said_by[msgid] = member
        if len(self._said_by) > _REMEMBERED:
            self._said_by.popitem(last=False)

    def _is_ours(self, roomid: str) -> bool:
        """Whether it is a group with contacts in it; of one nobody has heard of, WeCom is asked."""
        if roomid not in self._groups:
            with self._ledger.read() as connection:
                row = rows.groups_of(connection, self._corp_id, [roomid]).get(roomid)
            if row is None:
                seen_us, answer = ask_group(self._api, roomid, self._clock)
                if isinstance(answer, TiefenError) and passing(answer):
                    raise answer
                group_told(self._mirror, roomid, answer, seen_us)
                self._groups[roomid] = isinstance(answer, Group)
            else:
                self._groups[roomid] = row.seen_us > 0 or row.created_us is not None or row.hidden is None
        return self._groups[roomid]


def _who(sender: str, our_own: set[str]) -> Id:
    return rows.contact(sender) if sender.startswith(("wm", "wo")) and sender not in our_own else rows.staff(sender)


def _text(row: ArchiveRow) -> str:
    if row.msgtype == "mixed":
        parts = [part for part in row.content.get("item", ()) if isinstance(part, dict) and part.get("type") == "text"]
        return "\n".join(str(part.get("content", "")) for part in parts)
    content = row.content.get("content")
    return content if isinstance(content, str) and row.msgtype in {"text", "markdown"} else ""


def _mentions(content: dict[str, Any]) -> tuple[Id, ...]:
    """Whom a message names, where the sidecar says so."""
    named = content.get("mentions")
    if not isinstance(named, list):
        return ()
    return tuple(_who(one, set()) for one in dict.fromkeys(named) if isinstance(one, str) and one)[:50]
