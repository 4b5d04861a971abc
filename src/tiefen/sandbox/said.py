"""What is said, kept for the archive: by people, and by the company's messages once they have arrived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tiefen.sandbox.state import dump

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

_NOTIFY_EVERY = 15.0
_AS_ARCHIVED = {"miniprogram": "weapp"}


def keep(
    box: Sandbox, corpid: str, sender: str, to: Sequence[str], chat_id: str, msgtype: str, content: Mapping[str, Any],
    reply_to: str | None = None, *, by_company: bool = False,
) -> str:  # fmt: skip
    """Keep one message, to persons or in a group; returns its msgid. `by_company` where it is among the deliveries too."""
    msgid = box.seeds.text("message", corpid, box.store.number("message"), length=28) + "_external"
    box.store.run(
        "INSERT INTO messages (corpid, msgid, sender, tolist, roomid, at, msgtype, content, reply_to,"
        " by_company) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            corpid, msgid, sender, dump(list(to)), chat_id, box.clock.now(), msgtype, dump(dict(content)), reply_to,
            int(by_company),
        ),
    )  # fmt: skip
    _tell_archive(box, corpid)
    return msgid


def keep_delivered(box: Sandbox, corpid: str, sender: str, to: Sequence[str], chat_id: str, said: Any) -> None:
    """Keep a message of the company's as the archive tells it: its text, and each attachment, a row of its own."""
    for msgtype, content in _pieces(said):
        keep(box, corpid, sender, to, chat_id, msgtype, content, by_company=True)


def _pieces(said: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    text = said.get("text")
    if isinstance(text, dict) and text.get("content"):
        yield "text", text
    for one in said.get("attachments", ()):
        kind = one.get("msgtype", "")
        yield _AS_ARCHIVED.get(kind, kind), one.get(kind, {})
    for kind in ("image", "link", "miniprogram", "file", "video"):
        if isinstance(said.get(kind), dict):
            yield _AS_ARCHIVED.get(kind, kind), said[kind]


def _tell_archive(box: Sandbox, corpid: str) -> None:
    """That there is something new in the archive, every fifteen seconds at most, where the company has that set up
    (`admin_configure(archive_notify=True)`; https://developer.work.weixin.qq.com/document/path/95039)."""
    if not box.corps_kept.corp(corpid).settings.get("archive_notify", False):
        return
    key, now = f"archive told:{corpid}", box.clock.now()
    last: float = box.store.setting(key, 0.0)
    if last <= now:
        at = max(now, last + _NOTIFY_EVERY)
        box.store.set(key, at)
        box.schedule(at, "archive told", corpid)
