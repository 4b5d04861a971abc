"""Contact ways 「联系我」 (https://developer.work.weixin.qq.com/document/path/92228)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused
from tiefen.sandbox.limits import Limit
from tiefen.sandbox.state import dump, load

_DAY = 86_400
_MEMBERS = 100
_TEMPORARY = Limit("corp", "day", 100_000)


def _add(call: Call) -> dict[str, Any]:
    fields = _fields(call, None)
    count_ways(call, +1)
    if fields["is_temp"]:
        _count_temporary(call)
    config_id = call.box.seeds.hex("way", call.corpid, call.box.store.number("way"))
    columns = {
        "config_id": config_id,
        "corpid": call.corpid,
        "agentid": call.app.agentid,
        "created": call.now,
        **fields,
    }
    call.box.store.run(
        f"INSERT INTO ways ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", list(columns.values())
    )
    return {"config_id": config_id, **({"qr_code": qr_code(config_id)} if fields["scene"] == 2 else {})}


def _get(call: Call) -> dict[str, Any]:
    row = _own(call)
    way: dict[str, Any] = {
        "config_id": row["config_id"], "type": row["type"], "scene": row["scene"], "style": row["style"],
        "remark": row["remark"], "skip_verify": bool(row["skip_verify"]), "state": row["state"],
        "user": load(row["users"]), "party": load(row["parties"]), "is_temp": bool(row["is_temp"]),
        "expires_in": row["expires_in"], "chat_expires_in": row["chat_expires_in"], "unionid": row["unionid"],
        "is_exclusive": bool(row["is_exclusive"]), "mark_source": bool(row["mark_source"]),
    }  # fmt: skip
    if row["scene"] == 2:
        way["qr_code"] = qr_code(row["config_id"])
    if row["conclusions"] is not None:
        way["conclusions"] = load(row["conclusions"])
    return {"contact_way": way}


def _list(call: Call) -> dict[str, Any]:
    begin = call.number("start_time", int(call.now) - 90 * _DAY)
    end = call.number("end_time", int(call.now) + 1)
    if begin > end:
        raise Refused(40058, "`start_time` after `end_time`.")
    limit = call.number("limit", 100, least=1, most=1_000)
    filters = [call.given.get("start_time"), call.given.get("end_time")]
    created, after = call.cursor(filters) or [float(begin), ""]
    rows = call.box.store.all(
        "SELECT config_id, created FROM ways WHERE corpid = ? AND agentid = ? AND NOT is_temp"
        " AND (created, config_id) > (?, ?) AND created <= ? ORDER BY created, config_id LIMIT ?",
        call.corpid, call.app.agentid, created, after, end, limit + 1,
    )  # fmt: skip
    page = rows[:limit]
    following = ""
    if len(rows) > limit:
        following = call.next_cursor(page[-1]["created"], page[-1]["config_id"], filters=filters)
    return {"contact_way": [{"config_id": row["config_id"]} for row in page], "next_cursor": following}


def _update(call: Call) -> dict[str, Any]:
    """What is given is overwritten; type, scene and whether it is temporary stay."""
    row = _own(call)
    if row["is_temp"] and row["created"] + row["expires_in"] <= call.now:
        raise Refused(41044)
    for name, value in _fields(call, row).items():
        call.box.store.run(f"UPDATE ways SET {name} = ? WHERE config_id = ?", (value, row["config_id"]))
    return {}


def _delete(call: Call) -> dict[str, Any]:
    row = _own(call)
    call.box.store.run("DELETE FROM ways WHERE config_id = ?", (row["config_id"],))
    count_ways(call, -1)
    return {}


def _close(call: Call) -> dict[str, Any]:
    staff = call.staff(call.text("userid", missing=40003))
    external = call.text("external_userid", missing=41035)
    call.external(external)
    ended = call.box.store.run(
        "UPDATE temp_chats SET closed = ? WHERE corpid = ? AND userid = ? AND external_userid = ? AND closed IS NULL AND ends > ?",
        (call.now, call.corpid, staff["userid"], external, call.now),
    )
    if not ended.rowcount:
        raise Refused(84061)
    return {}


def _count_temporary(call: Call) -> None:
    if call.box.limits and not call.box.limiter.admit([(f"temporary:{call.corpid}", _TEMPORARY)], call.now):
        raise Refused(45009)


def qr_code(config_id: str) -> str:
    return f"https://open.work.weixin.qq.com/wwopen/userQRCode?vcode={config_id}"


def count_ways(call: Call, change: int) -> None:
    """Contact ways and join ways of a company count together; 41045 beyond 500,000."""
    settings = call.box.corps_kept.corp(call.corpid).settings
    count = settings.get("ways", 0) + change
    if count > call.box.setting("ways_most"):
        raise Refused(41045)
    call.box.corps_kept.configure(call.corpid, ways=count)


def _own(call: Call) -> sqlite3.Row:
    row = call.box.store.one(
        "SELECT * FROM ways WHERE config_id = ? AND corpid = ? AND agentid = ?",
        call.text("config_id", missing=41040), call.corpid, call.app.agentid,
    )  # fmt: skip
    if row is None:
        raise Refused(41040)
    return row


def _fields(call: Call, row: sqlite3.Row | None) -> dict[str, Any]:
    """Columns as asked for: all of a new way, or those given for `row`."""
    type = row["type"] if row else _one_of(call, "type", (1, 2), 41037)
    scene = row["scene"] if row else _one_of(call, "scene", (1, 2), 41038)
    is_temp = bool(row["is_temp"]) if row else call.flag("is_temp")
    if is_temp and type != 1:
        raise Refused(41037)
    fields: dict[str, Any] = {}
    if row is None:
        fields |= {
            "type": type,
            "scene": scene,
            "is_temp": int(is_temp),
            "is_exclusive": int(call.flag("is_exclusive")),
        }
    if row is None or call.has("user") or call.has("party"):
        users, parties = _behind(call, type, row)
        fields |= {"users": dump(users), "parties": dump(parties)}
    readers: Mapping[str, Any] = {
        "style": lambda: _style(call, scene),
        "remark": lambda: call.text("remark", most=30),
        "state": lambda: call.text("state", most=30),
        "skip_verify": lambda: int(call.flag("skip_verify", True)),
        "expires_in": lambda: call.number("expires_in", 7 * _DAY, least=1, most=14 * _DAY),
        "chat_expires_in": lambda: call.number("chat_expires_in", _DAY, least=1, most=14 * _DAY),
        "unionid": lambda: call.text("unionid"),
        "mark_source": lambda: int(call.flag("mark_source", True)),
        "conclusions": lambda: _conclusions(call, is_temp),
    }
    return fields | {name: read() for name, read in readers.items() if row is None or call.has(name)}


def _one_of(call: Call, name: str, values: tuple[int, ...], errcode: int) -> int:
    value = call.number(name, 0)
    if value not in values:
        raise Refused(errcode)
    return value


def _style(call: Call, scene: int) -> int:
    style = call.number("style", 1 if scene == 1 else 0)
    if style not in ((1, 2, 3) if scene == 1 else (0, 1, 2, 3)):
        raise Refused(41039)
    return style


def _behind(call: Call, type: int, row: sqlite3.Row | None) -> tuple[list[str], list[int]]:
    users = call.texts("user") if row is None or call.has("user") else load(row["users"])
    parties = call.numbers("party") if row is None or call.has("party") else load(row["parties"])
    if type == 1 and parties:
        raise Refused(41043)
    if (type == 1 and len(users) != 1) or not (users or parties):
        raise Refused(41042)
    staff = [_able(call, userid) for userid in users]
    for party in parties:
        if call.box.store.one("SELECT 1 FROM departments WHERE corpid = ? AND id = ?", call.corpid, party) is None:
            raise Refused(60123)
    within = call.box.corps_kept.departments_below(call.corpid, parties)
    members = call.box.store.column(
        "SELECT userid FROM users WHERE corpid = ? AND left_at IS NULL AND department IN (SELECT value FROM json_each(?))",
        call.corpid, dump(within),
    )  # fmt: skip
    if len({userid.lower() for userid in (*staff, *members)}) > _MEMBERS:
        raise Refused(41041)
    return staff, parties


def _able(call: Call, userid: str) -> str:
    row = call.box.store.one(
        "SELECT * FROM users WHERE corpid = ? AND userid = ? AND left_at IS NULL", call.corpid, userid
    )
    if row is None:
        raise Refused(60111)
    if not call.app.sees(row["userid"]):
        raise Refused(84074)
    if row["status"] != 1 or not row["follows"]:
        raise Refused(41054)
    return str(row["userid"])


def _conclusions(call: Call, is_temp: bool) -> str | None:
    """What ends a temporary conversation: of several the image wins, then the link."""
    if not call.has("conclusions"):
        return None
    if not is_temp:
        raise Refused(40058, "`conclusions` without `is_temp`.")
    given = call.within("conclusions")
    kept: dict[str, Any] = {}
    if given.has("text"):
        kept["text"] = {"content": given.within("text").text("content", most_bytes=4_000)}
    if given.has("image"):
        image = given.within("image")
        url = image.text("pic_url") or f"https://wework.qpic.cn/{call.media(image.text('media_id'))['media_id']}/0"
        return dump(kept | {"image": {"pic_url": url}})
    if given.has("link"):
        link = given.within("link")
        link.text("title", most_bytes=128, missing=40058), link.text("desc", most_bytes=512)
        link.text("url", missing=40058)
        return dump(kept | {"link": dict(link.given)})
    if given.has("miniprogram"):
        program = given.within("miniprogram")
        program.text("title", most_bytes=64, missing=40058), program.text("appid", missing=40058)
        call.media(program.text("pic_media_id", missing=40007))
        return dump(kept | {"miniprogram": dict(program.given)})
    return dump(kept)


ENDPOINTS = (
    Endpoint("externalcontact/add_contact_way", "POST", _add, empty={"config_id": ""}),
    Endpoint("externalcontact/get_contact_way", "POST", _get, empty={"contact_way": {}}),
    Endpoint("externalcontact/list_contact_way", "POST", _list, empty={"contact_way": []}),
    Endpoint("externalcontact/update_contact_way", "POST", _update),
    Endpoint("externalcontact/del_contact_way", "POST", _delete),
    Endpoint("externalcontact/close_temp_chat", "POST", _close),
)
