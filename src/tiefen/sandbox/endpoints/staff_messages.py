"""Messages to staff 应用消息 (https://developer.work.weixin.qq.com/document/path/90236, 94867, 90312).

What one of the staff would get beyond 30 a minute or 1,000 an hour is dropped without a word.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from tiefen.sandbox.endpoints.base import Call, Endpoint, Limit, Refused, china_day
from tiefen.sandbox.endpoints.content import of
from tiefen.sandbox.state import dump

_TEXT_BYTES = 2_048
_PER_MINUTE, _PER_HOUR = 30, 1_000
_TIMES_ACCOUNTS = 200
_ACCOUNTS = 1_000
"""The most staff a company may have where its setting `accounts` says nothing else."""
_RECALL = 86_400.0
_INVALID = ("invaliduser", "invalidparty", "invalidtag", "unlicenseduser")


def _send(call: Call) -> dict[str, Any]:
    if call.number("agentid") != call.app.agentid:
        raise Refused(40056)
    msgtype = call.text("msgtype", missing=40008)
    if msgtype not in _CONTENT:
        raise Refused(40008)
    if not call.has(msgtype):
        raise Refused(40008, f"missing `{msgtype}`.")
    content = _CONTENT[msgtype](call.within(msgtype))
    reached, invalid = _receivers(call)
    if not reached:
        raise Refused(81013)
    again = _sent_before(call, msgtype, content)
    msgid = again or _deliver(call, msgtype, content, reached)
    answer = {**invalid, "msgid": msgid}
    if msgtype == "template_card" and content.get("card_type", "").endswith("_interaction"):
        answer["response_code"] = call.box.seeds.text("response code", call.corpid, msgid, length=43)
    return answer


def _receivers(call: Call) -> tuple[list[str], dict[str, str]]:
    """Who gets it, and what of the named there is not; nobody has member tags here."""
    users, parties, tags = _named(call, "touser", 1_000), _named(call, "toparty", 100), _named(call, "totag", 100)
    if not users and not parties and not tags:
        raise Refused(40058, "`touser`, `toparty` and `totag` are all empty.")
    staff = {userid.lower(): userid for userid in call.visible_staff()}
    if users == ["@all"]:
        return list(staff.values()), dict.fromkeys(_INVALID, "")
    known = [staff[one.lower()] for one in users if one.lower() in staff]
    bad_users = [one.lower() for one in users if one.lower() not in staff]
    below, bad_parties = _departments(call, parties)
    among = call.box.store.column(
        "SELECT userid FROM users WHERE corpid = ? AND left_at IS NULL AND department IN (SELECT value FROM json_each(?))",
        call.corpid, dump(below),
    )  # fmt: skip
    reached = list(dict.fromkeys([*known, *(one for one in among if one.lower() in staff)]))
    bad = zip(_INVALID, (bad_users, bad_parties, tags, []), strict=True)
    return reached, {name: "|".join(items) for name, items in bad}


def _departments(call: Call, parties: list[str]) -> tuple[list[int], list[str]]:
    numbers = {party: int(party) if party.isdecimal() else 0 for party in parties}
    below = call.box.corps_kept.departments_below(call.corpid, [number for number in numbers.values() if number])
    return below, [party for party, number in numbers.items() if number not in below]


def _named(call: Call, name: str, most: int) -> list[str]:
    items = list(dict.fromkeys(one for one in call.text(name).split("|") if one))
    if len(items) > most:
        raise Refused(40058, f"`{name}` exceed max size {most}.")
    return items


def _sent_before(call: Call, msgtype: str, content: dict[str, Any]) -> str | None:
    """The message that said the same to the same lately, where the caller asks for that to be looked at."""
    if not call.flag("enable_duplicate_check"):
        return None
    span = call.number("duplicate_check_interval", 1_800, least=1, most=14_400)
    found: str | None = call.box.store.value(
        "SELECT msgid FROM staff_messages WHERE corpid = ? AND agentid = ? AND digest = ? AND at > ? ORDER BY at DESC LIMIT 1",
        call.corpid, call.app.agentid, _digest(call, msgtype, content), call.now - span,
    )  # fmt: skip
    return found


def _deliver(call: Call, msgtype: str, content: dict[str, Any], reached: list[str]) -> str:
    if call.box.limits:
        reached = _within_limits(call, reached)
    msgid = call.new_id("staff_message", "", 64)
    call.box.store.run(
        "INSERT INTO staff_messages (msgid, corpid, agentid, touser, msgtype, content, digest, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            msgid, call.corpid, call.app.agentid, "|".join(reached), msgtype, dump(content), _digest(call, msgtype, content),
            call.now,
        ),
    )  # fmt: skip
    return msgid


def _within_limits(call: Call, reached: list[str]) -> list[str]:
    accounts = call.corp.settings.get("accounts", _ACCOUNTS)
    today = call.box.store.value(
        "SELECT coalesce(sum(length(touser) - length(replace(touser, '|', '')) + (touser != '')), 0) FROM staff_messages"
        " WHERE corpid = ? AND agentid = ? AND at >= ?",
        call.corpid, call.app.agentid, china_day(call.now),
    )  # fmt: skip
    if today + len(reached) > accounts * _TIMES_ACCOUNTS:
        raise Refused(45009)
    for seconds, most in ((60.0, _PER_MINUTE), (3_600.0, _PER_HOUR)):
        had = _had(call, seconds, most)
        reached = [one for one in reached if had[one] < most]
    return reached


def _had(call: Call, seconds: float, most: int) -> Counter[str]:
    """How many messages each got lately; nobody can have too many while there are few in all."""
    rows = call.box.store.column(
        "SELECT touser FROM staff_messages WHERE corpid = ? AND agentid = ? AND at > ?",
        call.corpid, call.app.agentid, call.now - seconds,
    )  # fmt: skip
    return Counter() if len(rows) < most else Counter(one for row in rows for one in row.split("|"))


def _digest(call: Call, msgtype: str, content: dict[str, Any]) -> str:
    whole = [call.text("touser"), call.text("toparty"), call.text("totag"), msgtype, content]
    return hashlib.blake2b(msgspec.json.encode(whole), digest_size=12).hexdigest()


def _recall(call: Call) -> dict[str, Any]:
    row = call.box.store.one(
        "SELECT * FROM staff_messages WHERE msgid = ? AND corpid = ? AND agentid = ?",
        call.text("msgid", missing=41046), call.corpid, call.app.agentid,
    )  # fmt: skip
    if row is None or call.now >= row["at"] + _RECALL:
        raise Refused(41047)
    call.box.store.run(
        "UPDATE staff_messages SET recalled = coalesce(recalled, ?) WHERE msgid = ?", (call.now, row["msgid"])
    )
    return {}


# ---- what stands under the name of a type ----


def _text(call: Call) -> dict[str, Any]:
    """Cut without a word when it is too long."""
    words = call.text("content", missing=40058)
    return {"content": words.encode()[:_TEXT_BYTES].decode(errors="ignore")}


def _file_of(kind: str) -> Callable[[Call], dict[str, Any]]:
    def read(call: Call) -> dict[str, Any]:
        media_id = call.text("media_id", missing=40007)
        if call.media(media_id)["type"] != kind:
            raise Refused(40007)
        return dict(call.given)

    return read


def _textcard(call: Call) -> dict[str, Any]:
    for name in ("title", "description", "url"):
        call.text(name, missing=40058)
    return dict(call.given)


def _news(call: Call) -> dict[str, Any]:
    for article in _articles(call):
        article.text("title", missing=40058)
        if not article.has("url") and not article.has("appid"):
            raise Refused(40058, "missing `url`.")
    return dict(call.given)


def _mpnews(call: Call) -> dict[str, Any]:
    for article in _articles(call):
        article.text("title", missing=40058)
        article.text("content", missing=40058)
        article.media(article.text("thumb_media_id", missing=40007))
    return dict(call.given)


def _articles(call: Call) -> list[Call]:
    articles = call.objects("articles", most=8)
    if not articles:
        raise Refused(40058, "missing `articles`.")
    return [of(call, article) for article in articles]


def _mini_program(call: Call) -> dict[str, Any]:
    for name in ("appid", "title"):
        call.text(name, missing=40058)
    return dict(call.given)


def _card(call: Call) -> dict[str, Any]:
    call.text("card_type", missing=40058)
    return dict(call.given)


_CONTENT: dict[str, Callable[[Call], dict[str, Any]]] = {
    "text": _text, "image": _file_of("image"), "voice": _file_of("voice"), "video": _file_of("video"),
    "file": _file_of("file"), "textcard": _textcard, "news": _news, "mpnews": _mpnews, "markdown": _text,
    "miniprogram_notice": _mini_program, "template_card": _card,
}  # fmt: skip

# Not counted among the calls every endpoint is allowed.
_UNCOUNTED = (Limit("corp", "minute", 10**9), Limit("corp", "hour", 10**9))
ENDPOINTS = (
    Endpoint("message/send", "POST", _send, limits=_UNCOUNTED),
    Endpoint("message/recall", "POST", _recall),
)
