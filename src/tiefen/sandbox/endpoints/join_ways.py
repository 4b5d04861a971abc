"""Join ways 「加入群聊」 (https://developer.work.weixin.qq.com/document/path/92229)."""

from __future__ import annotations

import sqlite3
from typing import Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused
from tiefen.sandbox.endpoints.groups import group
from tiefen.sandbox.endpoints.ways import count_ways
from tiefen.sandbox.state import dump, load

_GROUPS = 5
_REMARK = 30


def _add(call: Call) -> dict[str, Any]:
    fields = _fields(call)
    count_ways(call, +1)
    config_id = call.box.seeds.hex("join way", call.corpid, call.box.store.number("join way"))
    columns = {
        "config_id": config_id,
        "corpid": call.corpid,
        "agentid": call.app.agentid,
        "created": call.now,
        **fields,
    }
    call.box.store.run(
        f"INSERT INTO join_ways ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", list(columns.values())
    )
    return {"config_id": config_id}


def _get(call: Call) -> dict[str, Any]:
    row = _own(call)
    way = {
        "config_id": row["config_id"], "scene": row["scene"], "remark": row["remark"],
        "auto_create_room": row["auto_create_room"], "room_base_name": row["room_base_name"],
        "room_base_id": row["room_base_id"], "chat_id_list": load(row["chat_ids"]),
        "qr_code": f"https://p.qpic.cn/wwhead/{row['config_id']}/0", "state": row["state"],
        "mark_source": bool(row["mark_source"]),
    }  # fmt: skip
    return {"join_way": way}


def _update(call: Call) -> dict[str, Any]:
    """The whole of it is overwritten: what is not given goes back to what a new one has."""
    row = _own(call)
    for name, value in _fields(call).items():
        call.box.store.run(f"UPDATE join_ways SET {name} = ? WHERE config_id = ?", (value, row["config_id"]))
    return {}


def _delete(call: Call) -> dict[str, Any]:
    row = _own(call)
    call.box.store.run("DELETE FROM join_ways WHERE config_id = ?", (row["config_id"],))
    count_ways(call, -1)
    return {}


def _fields(call: Call) -> dict[str, Any]:
    scene = call.number("scene", 0)
    if scene not in (1, 2):
        raise Refused(41038)
    chat_ids = list(dict.fromkeys(call.texts("chat_id_list", most=_GROUPS, errcode=41091, missing=40058)))
    for chat_id in chat_ids:
        group(call, chat_id)
    return {
        "scene": scene, "remark": call.text("remark")[:_REMARK],
        "auto_create_room": call.number("auto_create_room", 1, least=0, most=1),
        "room_base_name": call.text("room_base_name", most=40), "room_base_id": call.number("room_base_id", 1, least=0),
        "chat_ids": dump(chat_ids), "state": call.text("state", most=30), "mark_source": int(call.flag("mark_source", True)),
    }  # fmt: skip


def _own(call: Call) -> sqlite3.Row:
    row = call.box.store.one(
        "SELECT * FROM join_ways WHERE config_id = ? AND corpid = ? AND agentid = ?",
        call.text("config_id", missing=41040), call.corpid, call.app.agentid,
    )  # fmt: skip
    if row is None:
        raise Refused(41040)
    return row


ENDPOINTS = (
    Endpoint("externalcontact/groupchat/add_join_way", "POST", _add, empty={"config_id": ""}),
    Endpoint("externalcontact/groupchat/get_join_way", "POST", _get, empty={"join_way": {}}),
    Endpoint("externalcontact/groupchat/update_join_way", "POST", _update),
    Endpoint("externalcontact/groupchat/del_join_way", "POST", _delete),
)
