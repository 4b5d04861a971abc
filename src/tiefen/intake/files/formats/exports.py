"""Exports of other platforms, read into the columns of a chat log: Zulip, Slack, Discord, Telegram.

Each export has its own shape; what they share is a walk over its messages that yields the same flat rows.
"""

from __future__ import annotations

import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec

from tiefen.intake.files.errors import ArchiveUnsafe, FileEmpty, FileUnreadable
from tiefen.intake.files.formats import chat
from tiefen.intake.files.formats.base import Format
from tiefen.intake.files.readers import CHUNK, MOST_UNPACKED, Opened, Rows, check_archive, json_items

COLUMNS = (
    "message_id", "ts", "group_id", "group_name", "member_id", "member_name", "text", "reply_to_member",
    "reply_to_message", "mentions", "message_kind", "event", "is_bot", "topic",
)  # fmt: skip
_TAGS = re.compile(r"<[^>]{1,300}>")
_MOST_FILE = 512 << 20


def _export(
    key: str, zh: str, en: str, walk: Callable[[Path], Iterator[dict[str, Any]]], sign: Callable[[Path], bool]
) -> Format:
    """A format whose file is walked by `walk` and recognised by `sign`; everything else is a chat log's."""

    def open_export(path: Path, **_: Any) -> Opened:
        def rows() -> Iterator[Rows]:
            size, first = path.stat().st_size, 1
            messages = _safely(walk(path))
            while some := list(islice(messages, CHUNK)):
                columns = {name: [message.get(name) for message in some] for name in COLUMNS}
                yield Rows(first, columns, min(size, size * first // (first + CHUNK)))
                first += len(some)

        if next(_safely(walk(path)), None) is None:
            raise FileEmpty
        return Opened(key, list(COLUMNS), rows)

    return Format(key, zh, en, chat.FIELDS, chat.translate, open=open_export, recognise=sign)


def _safely(messages: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What libraries say of broken archives and JSON, in our words."""
    try:
        yield from messages
    except _BROKEN as error:
        raise FileUnreadable(f"the export is broken ({error})"[:200]) from error
    except _MISSHAPEN as error:
        raise FileUnreadable(f"the export is not shaped as expected ({error})"[:200]) from error


# An encrypted zip and one packed in an unknown way raise `RuntimeError`, as does JSON nested too deeply.
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, msgspec.DecodeError, EOFError, OSError, RuntimeError
)  # fmt: skip
_MISSHAPEN = (KeyError, TypeError, AttributeError, ValueError, IndexError)


def _read(message: Any, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """One message in our columns; one that is not shaped as expected is a row without a time, which is refused as it stands."""
    try:
        return read()
    except _MISSHAPEN:
        return {"text": msgspec.json.encode(message).decode()[:20_000]}


# ---- Slack: a zip with users.json, channels.json and a folder of days a channel -------------------


def _slack(path: Path) -> Iterator[dict[str, Any]]:
    check_archive(path)
    with zipfile.ZipFile(path) as archive:
        home = next((n.removesuffix("users.json") for n in archive.namelist() if n.endswith("users.json")), "")
        names = [n for n in archive.namelist() if n.startswith(home) and "/" in n.removeprefix(home)]
        users = {user["id"]: user for user in _json_in(archive, "users.json")}
        channels = {c["name"]: c["id"] for c in _json_in(archive, "channels.json")}
        for name in sorted(n for n in names if n.endswith(".json")):
            channel = name.rsplit("/", 2)[-2]
            for message in _json_in(archive, name):
                if not isinstance(message, dict) or message.get("type", "message") == "message":
                    group = channels.get(channel, channel)
                    yield _read(message, partial(_slack_message, message, channel, group, users))


def _slack_message(m: dict[str, Any], channel: str, channel_id: str, users: dict[str, Any]) -> dict[str, Any]:
    user = m.get("user") or m.get("bot_id") or ""
    known = users.get(user, {})
    subtype = m.get("subtype", "")
    text = str(m.get("text") or "")
    parent = m.get("thread_ts")
    return {
        "message_id": f"{channel_id}:{m['ts']}", "ts": str(m["ts"]), "group_id": channel_id, "group_name": channel,
        "member_id": user, "member_name": known.get("real_name") or known.get("name") or m.get("username"),
        "text": re.sub(r"<@(\w+)>", lambda found: "@" + str(users.get(found[1], {}).get("name", found[1])), text),
        "reply_to_member": m.get("parent_user_id"),
        "reply_to_message": f"{channel_id}:{parent}" if parent and parent != m["ts"] else None,
        "mentions": re.findall(r"<@(\w+)>", text), "topic": parent,
        "event": {"channel_join": "join", "channel_leave": "leave", "group_join": "join"}.get(subtype),
        "is_bot": subtype == "bot_message" or bool(known.get("is_bot")),
    }  # fmt: skip


# ---- Discord: the JSON of DiscordChatExporter, one channel a file ----------------------------------


def _discord(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        head = msgspec.json.decode(_head_object(_past_mark(file)))
    channel, guild = head.get("channel", {}), head.get("guild", {})
    name = " / ".join(part for part in (guild.get("name"), channel.get("name")) if part)
    with path.open("rb") as file:
        for m in json_items(_past_mark(file), "messages.item"):
            yield _read(m, partial(_discord_message, m, f"discord:{channel.get('id')}", name))


def _discord_message(m: dict[str, Any], group_id: str, name: str) -> dict[str, Any]:
    author = m["author"]
    reference = (m.get("reference") or {}).get("messageId")
    return {
        "message_id": f"discord:{m['id']}", "ts": m["timestamp"], "group_id": group_id,
        "group_name": name, "member_id": author["id"],
        "member_name": author.get("nickname") or author.get("name"), "text": m.get("content"),
        "reply_to_message": f"discord:{reference}" if reference else None,
        "mentions": [one["id"] for one in m.get("mentions", [])],
        "event": "join" if m.get("type") == "GuildMemberJoin" else None, "is_bot": author.get("isBot", False),
        "message_kind": "text" if m.get("content") else "image" if m.get("attachments") else "other",
    }  # fmt: skip


def _past_mark(file: IO[bytes]) -> IO[bytes]:
    """The file behind its UTF-8 mark, where it has one."""
    if file.read(3) != b"\xef\xbb\xbf":
        file.seek(0)
    return file


def _head_object(file: IO[bytes]) -> bytes:
    """The object as far as its messages, closed there."""
    head = file.read(64 << 10)
    at = head.find(b'"messages"')
    if at < 0:
        raise FileUnreadable("it holds no messages")
    return head[:at].rstrip().rstrip(b",") + b"}"


# ---- Telegram: result.json of Telegram Desktop, one chat or all of them ------------------------------


def _telegram(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        many = b'"chats"' in file.read(4 << 20)
    prefix = "chats.list.item" if many else ""
    with path.open("rb") as file:
        for group in json_items(_past_mark(file), prefix):
            group_id = f"telegram:{group.get('id')}"
            authors: dict[Any, Any] = {}
            for m in group.get("messages", ()):
                yield _read(m, partial(_telegram_message, m, group_id, group.get("name"), authors))


def _telegram_message(m: dict[str, Any], group_id: str, name: Any, authors: dict[Any, Any]) -> dict[str, Any]:
    who = m.get("from_id") or m.get("actor_id")
    authors[m.get("id")] = who
    said = m.get("text")
    pieces = said if isinstance(said, list) else [said or ""]
    text = "".join(str(piece.get("text", "")) if isinstance(piece, dict) else str(piece) for piece in pieces)
    action = str(m.get("action", ""))
    reply = m.get("reply_to_message_id")
    event = "leave" if "remove" in action else "join" if "join" in action or "invite" in action else None
    return {
        "message_id": f"{group_id}:{m.get('id')}",
        "ts": int(m["date_unixtime"]) if str(m.get("date_unixtime", "")).isdecimal() else m.get("date"),
        "group_id": group_id, "group_name": name, "member_id": who, "member_name": m.get("from") or m.get("actor"),
        "text": text or None, "reply_to_message": f"{group_id}:{reply}" if reply else None,
        "reply_to_member": authors.get(reply), "event": event,
        "message_kind": "image" if m.get("photo") else str(m.get("media_type") or "text"),
        "mentions": [p["text"].lstrip("@") for p in pieces if isinstance(p, dict) and p.get("type") == "mention"],
    }  # fmt: skip


# ---- Zulip: the archive of an organisation (tar.gz or zip) -------------------------------------------


def _zulip(path: Path) -> Iterator[dict[str, Any]]:
    """`realm.json` says who and where, `messages-*.json` what was said."""
    realm: dict[str, Any] = {}
    for name, content in _entries(path, lambda n: n.endswith("realm.json")):
        realm = msgspec.json.decode(content) or realm
        del name
    profiles = [*realm.get("zerver_userprofile", ()), *realm.get("zerver_userprofile_crossrealm", ())]
    users = {user["id"]: user for user in profiles}
    streams = {s["id"]: s["name"] for s in realm.get("zerver_stream", ())}
    recipients = {r["id"]: r["type_id"] for r in realm.get("zerver_recipient", ()) if r.get("type") == 2}
    for _, content in _entries(path, lambda n: re.search(r"messages-\d+\.json$", n) is not None):
        for m in msgspec.json.decode(content)["zerver_message"]:
            if isinstance(m, dict) and m.get("recipient") not in recipients:
                continue  # a private conversation is nobody's group
            yield _read(m, partial(_zulip_message, m, recipients, streams, users))


def _zulip_message(
    m: dict[str, Any], recipients: dict[int, int], streams: dict[int, str], users: dict[int, dict[str, Any]]
) -> dict[str, Any]:
    stream, user, text = recipients[m["recipient"]], users.get(m["sender"], {}), str(m.get("content") or "")
    return {
        "message_id": f"zulip:{m['id']}", "ts": m["date_sent"], "group_id": f"zulip:{stream}",
        "group_name": streams.get(stream), "member_id": m["sender"], "member_name": user.get("full_name"),
        "text": _TAGS.sub("", text), "mentions": re.findall(r"@\*\*([^*|]+)", text),
        "topic": m.get("subject") or m.get("topic_name"), "is_bot": bool(user.get("is_bot")),
    }  # fmt: skip


def _entries(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the wanted files of a zip or tar, in order of name; nothing is unpacked to disk."""
    left = MOST_UNPACKED
    if zipfile.is_zipfile(path):
        check_archive(path)
        with zipfile.ZipFile(path) as archive:
            for name in sorted(filter(wanted, archive.namelist())):
                yield name, archive.read(name)
        return
    with tarfile.open(path) as tar:
        for member in tar:
            left -= member.size
            if left < 0:
                raise ArchiveUnsafe("it unpacks into too much")
            if member.isfile() and wanted(member.name):
                if member.size > _MOST_FILE:
                    raise ArchiveUnsafe("it unpacks into too much")
                file = tar.extractfile(member)
                yield member.name, file.read() if file else b""


def _json_in(archive: zipfile.ZipFile, name: str) -> Any:
    found = next((n for n in archive.namelist() if n == name or n.endswith("/" + name)), None)
    if found is None:
        return []
    if archive.getinfo(found).file_size > _MOST_FILE:
        raise ArchiveUnsafe("it unpacks into too much")
    return msgspec.json.decode(archive.read(found))


# ---- what is what -------------------------------------------------------------------------------


def _zip_has(*ends: str) -> Callable[[Path], bool]:
    def has(path: Path) -> bool:
        try:
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    return _all_in(archive.namelist(), ends)
            if tarfile.is_tarfile(path):
                with tarfile.open(path) as tar:
                    return _all_in((member.name for member in islice(tar, 2_000)), ends)
        except _BROKEN:
            return False
        return False

    return has


def _all_in(names: Iterable[str], ends: tuple[str, ...]) -> bool:
    listed = list(names)
    return all(any(name.endswith(end) for name in listed) for end in ends)


def _json_says(*keys: str) -> Callable[[Path], bool]:
    def says(path: Path) -> bool:
        with path.open("rb") as file:
            head = file.read(64 << 10).lstrip(b"\xef\xbb\xbf \r\n\t")
        return head.startswith(b"{") and all(f'"{key}"'.encode() in head for key in keys)

    return says


SLACK = _export("slack", "Slack 导出", "Slack export", _slack, _zip_has("users.json", "channels.json"))
ZULIP = _export("zulip", "Zulip 导出", "Zulip export", _zulip, _zip_has("realm.json", ".json"))
DISCORD = _export("discord", "Discord 导出", "Discord export", _discord, _json_says("guild", "channel", "messages"))
TELEGRAM = _export("telegram", "Telegram 导出", "Telegram export", _telegram, _json_says("messages", "date_unixtime"))
