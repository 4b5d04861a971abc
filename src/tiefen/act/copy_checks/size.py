"""大小 — what WeCom takes in one message: 4,000 bytes of text, nine things attached, and something at all."""

from __future__ import annotations

from collections.abc import Iterator

from tiefen.act.copy_checks.check import Check, Copy, Finding
from tiefen.act.message import File, Image, MiniProgram, Video
from tiefen.act.templates import MOST_BYTES, MOST_CHARACTERS

MOST_ATTACHED = 9
_TITLE_BYTES = {"link": 128, "mini_program": 64}


def _find(copy: Copy) -> Iterator[Finding]:
    message = copy.message
    length = len(message.text.encode())
    if not message.text.strip() and not message.attachments:
        yield _stop(
            "这条消息是空的。",
            "There is nothing in the message.",
            "写点什么，或附上图片、链接。",
            "Write something, or attach something.",
        )
    if length > MOST_BYTES or len(message.text) > MOST_CHARACTERS:
        yield _stop(
            f"文字有 {length} 字节，企业微信最多 {MOST_BYTES}（约 {MOST_BYTES // 3} 个汉字）。",
            f"The text has {length} bytes; WeCom takes {MOST_BYTES}.", "删短，或把长文放进链接。", "Shorten it, or put it behind a link.",
            start=len(message.text.encode()[:MOST_BYTES].decode("utf-8", "ignore")), end=len(message.text),
        )  # fmt: skip
    if len(message.attachments) > MOST_ATTACHED:
        yield _stop(
            f"附件有 {len(message.attachments)} 个，最多 {MOST_ATTACHED} 个。",
            f"{len(message.attachments)} things are attached; {MOST_ATTACHED} are possible.", "去掉几个。", "Take some away.",
            where="attachments",
        )  # fmt: skip
    for number, attachment in enumerate(message.attachments):
        where = f"attachments.{number}"
        match attachment:
            case Image(file="") | File(file="") | Video(file=""):
                yield _stop(
                    "附件没有选文件。",
                    "An attachment has no file.",
                    "从素材库选一个。",
                    "Pick one from the library.",
                    where=where,
                )
            case MiniProgram(appid=appid, page=page, cover=cover) if not (appid and page and cover):
                yield _stop(
                    "小程序卡片要有 AppID、页面和封面。", "A mini program needs an AppID, a page and a cover.", "补齐。", "Fill them in.",
                    where=where,
                )  # fmt: skip
        title, kind = getattr(attachment, "title", None), type(attachment).__struct_config__.tag
        most = _TITLE_BYTES.get(str(kind))
        if title is not None and most is not None and not 0 < len(title.encode()) <= most:
            yield _stop(
                f"卡片标题要有，且不超过 {most} 字节（约 {most // 3} 个汉字）。", f"A card needs a title of at most {most} bytes.",
                "改短标题。", "Shorten the title.", where=f"{where}.title", end=len(title),
            )  # fmt: skip


def _stop(
    zh: str, en: str, todo_zh: str, todo_en: str, *, where: str = "text", start: int = 0, end: int = 0
) -> Finding:  # fmt: skip
    return Finding(severity="stop", where=where, start=start, end=end, zh=zh, en=en, todo_zh=todo_zh, todo_en=todo_en)


CHECK = Check("size", "大小", "Size", "https://developer.work.weixin.qq.com/document/path/92135", _find)
