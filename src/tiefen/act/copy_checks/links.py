"""链接 — whether addresses in a text and its cards can be opened at all. Nothing is asked of the network."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from tiefen.act.copy_checks.check import Check, Copy, Finding, Place
from tiefen.act.message import Link

_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]{1,20}):/{1,2}[^\s，。；！？、（）“”<>\"]*", re.IGNORECASE)
_HOST = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{2,59})", re.IGNORECASE
)
_BRACES = re.compile(r"\{\{.*?\}\}")


def _find(copy: Copy) -> Iterator[Finding]:
    for found in _ADDRESS.finditer(copy.message.text):
        yield from _judge("text", found.start(), found[0])
    for number, attachment in enumerate(copy.message.attachments):
        if isinstance(attachment, Link):
            yield from _judge(f"attachments.{number}.url", 0, attachment.url)
            if attachment.picture_url:
                yield from _judge(f"attachments.{number}.picture_url", 0, attachment.picture_url)


def _judge(where: str, start: int, address: str) -> Iterator[Finding]:
    at: Place = {"where": where, "start": start, "end": start + len(address), "quote": address[:120]}
    why = broken(_BRACES.sub("x", address))
    if why is not None:
        zh, en = why
        yield Finding(
            severity="stop", **at, zh=f"链接打不开：{zh}。", en=f"The link cannot be opened: {en}.",
            todo_zh="从浏览器地址栏重新复制。", todo_en="Copy it anew from a browser's address bar.",
        )  # fmt: skip
    elif address.lower().startswith("http://"):
        yield Finding(
            severity="warn", **at, zh="不是 https 链接，微信里会提示不安全，小程序和卡片里打不开。",
            en="It is not https: WeChat warns of it, and cards do not open it.",
            todo_zh="换成 https://。", todo_en="Use https://.",
        )  # fmt: skip


def broken(address: str) -> tuple[str, str] | None:
    """Why an address leads nowhere, in Chinese and in English; None where it may lead somewhere."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "写法不对", "it is no address"
    host = parts.hostname or ""
    if parts.scheme.lower() not in {"http", "https", "weixin"}:
        return f"“{parts.scheme}:” 不是网页", f"“{parts.scheme}:” is no page"
    if any(letter.isspace() for letter in address):
        return "中间有空格", "there is a blank in it"
    if parts.scheme.lower() == "weixin":
        return None
    if not host or port == 0:
        return "没有域名", "there is no host in it"
    try:
        if not ipaddress.ip_address(host).is_global:
            return f"{host} 只在内网", f"{host} is not on the internet"
        return None
    except ValueError:
        pass
    try:
        plain = host.encode("idna").decode()
    except UnicodeError:
        return f"“{host[:60]}” 不是域名", f"“{host[:60]}” is no host"
    return None if _HOST.fullmatch(plain) else (f"“{host[:60]}” 不是域名", f"“{host[:60]}” is no host")


CHECK = Check("links", "链接", "Links", "RFC 3986；微信卡片只认 https", _find)
