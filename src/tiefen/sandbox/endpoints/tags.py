"""Corp tags (https://developer.work.weixin.qq.com/document/path/92117, 92118)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused
from tiefen.sandbox.endpoints.contacts import pair_of
from tiefen.sandbox.phones.admin import remove_tags
from tiefen.sandbox.state import dump

_NAME = 30
_ORDER = 2**32 - 1
_A_PAIR = 3_000


def _list(call: Call) -> dict[str, Any]:
    groups, tags = call.texts("group_id"), call.texts("tag_id")
    asked = bool(groups or tags)
    rows = _groups_of(call, groups, tags)
    # With both given only the groups count.
    only = set() if groups else set(tags)
    return {"tag_group": [_group(call, row, only, told_deleted=asked) for row in rows]}


def _groups_of(call: Call, groups: Sequence[str], tags: Sequence[str]) -> list[sqlite3.Row]:
    if groups:
        which, ids = "group_id IN (SELECT value FROM json_each(?))", groups
    elif tags:
        which, ids = "group_id IN (SELECT group_id FROM tags WHERE tag_id IN (SELECT value FROM json_each(?)))", tags
    else:
        which, ids = "NOT deleted AND ? = '[]'", []
    return call.box.store.all(
        f"SELECT * FROM tag_groups WHERE corpid = ? AND {which} ORDER BY ord DESC, created, rowid",
        call.corpid, dump(list(ids)),
    )  # fmt: skip


def _group(call: Call, row: sqlite3.Row, only: set[str], *, told_deleted: bool) -> dict[str, Any]:
    tags = call.box.store.all(
        "SELECT * FROM tags WHERE group_id = ? AND (NOT deleted OR ?) ORDER BY ord DESC, created, rowid",
        row["group_id"], int(told_deleted),
    )  # fmt: skip
    shown = [_tag(tag, told_deleted=told_deleted) for tag in tags if not only or tag["tag_id"] in only]
    group: dict[str, Any] = {
        "group_id": row["group_id"], "group_name": row["name"], "create_time": int(row["created"]), "order": row["ord"],
    }  # fmt: skip
    return group | ({"deleted": bool(row["deleted"])} if told_deleted else {}) | {"tag": shown}


def _tag(row: sqlite3.Row, *, told_deleted: bool = False) -> dict[str, Any]:
    tag: dict[str, Any] = {
        "id": row["tag_id"], "name": row["name"], "create_time": int(row["created"]), "order": row["ord"],
    }  # fmt: skip
    return tag | ({"deleted": bool(row["deleted"])} if told_deleted else {})


def _add(call: Call) -> dict[str, Any]:
    call.needs("tag")
    wanted = _wanted(call)
    group = _group_for(call)
    have = call.box.store.value("SELECT count(*) FROM tags WHERE corpid = ? AND NOT deleted", call.corpid)
    if have + len(wanted) > call.box.setting("tags_most"):
        raise Refused(40126)
    made = [_make_tag(call, group["group_id"], name, order) for name, order in wanted.items()]
    answer = {
        "group_id": group["group_id"], "group_name": group["name"], "create_time": int(group["created"]),
        "order": group["ord"], "tag": [_tag(row) for row in made],
    }  # fmt: skip
    return {"tag_group": answer}


def _wanted(call: Call) -> dict[str, int]:
    """Name → order; a name given twice is made once."""
    wanted: dict[str, int] = {}
    for one in call.objects("tag"):
        name, order = one.get("name"), one.get("order", 0)
        if not isinstance(name, str) or not name:
            raise Refused(40058, "`tag.name` exceed min utf8 words 1.")
        if len(name) > _NAME:
            raise Refused(40058, f"`tag.name` exceed max utf8 words {_NAME}.")
        if isinstance(order, bool) or not isinstance(order, int) or not 0 <= order <= _ORDER:
            raise Refused(40058, "`tag.order` out of range.")
        wanted.setdefault(name, order)
    if not wanted:
        raise Refused(40058, "missing `tag`.")
    return wanted


def _group_for(call: Call) -> sqlite3.Row:
    """The group meant by id, or by name, which makes one there is not; beside an id name and order are ignored."""
    store, group_id = call.box.store, call.text("group_id")
    if group_id:
        found = store.one(
            "SELECT * FROM tag_groups WHERE group_id = ? AND corpid = ? AND NOT deleted", group_id, call.corpid
        )
        if found is None:
            raise Refused(40068)
        return found
    name, order = call.text("group_name", most=_NAME, missing=40058), call.number("order", 0, least=0, most=_ORDER)
    found = store.one("SELECT * FROM tag_groups WHERE corpid = ? AND name = ? AND NOT deleted", call.corpid, name)
    if found is not None:
        return found
    new = call.new_id("tag group", "et", 32)
    store.run(
        "INSERT INTO tag_groups VALUES (?, ?, ?, ?, ?, ?, 0)",
        (new, call.corpid, call.app.agentid, name, call.now, order),
    )
    made = store.one("SELECT * FROM tag_groups WHERE group_id = ?", new)
    assert made is not None
    return made


def _make_tag(call: Call, group_id: str, name: str, order: int) -> sqlite3.Row:
    store = call.box.store
    if store.one("SELECT 1 FROM tags WHERE group_id = ? AND name = ? AND NOT deleted", group_id, name) is not None:
        raise Refused(40071)
    new = call.new_id("tag", "et", 32)
    store.run(
        "INSERT INTO tags VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
        (new, call.corpid, group_id, call.app.agentid, name, call.now, order),
    )
    made = store.one("SELECT * FROM tags WHERE tag_id = ?", new)
    assert made is not None
    return made


def _edit(call: Call) -> dict[str, Any]:
    call.needs("tag")
    id = call.text("id", missing=40068)
    table, key, row = _own(call, id)
    name = call.text("name", most=_NAME)
    if name and _name_taken(call, table, row, name):
        raise Refused(40071)
    if name:
        call.box.store.run(f"UPDATE {table} SET name = ? WHERE {key} = ?", (name, id))
    if call.has("order"):
        order = call.number("order", least=0, most=_ORDER)
        call.box.store.run(f"UPDATE {table} SET ord = ? WHERE {key} = ?", (order, id))
    return {}


def _name_taken(call: Call, table: str, row: sqlite3.Row, name: str) -> bool:
    if table == "tags":
        found = call.box.store.value(
            "SELECT tag_id FROM tags WHERE group_id = ? AND name = ? AND NOT deleted", row["group_id"], name
        )
        return found is not None and found != row["tag_id"]
    found = call.box.store.value(
        "SELECT group_id FROM tag_groups WHERE corpid = ? AND name = ? AND NOT deleted", call.corpid, name
    )
    return found is not None and found != row["group_id"]


def _delete(call: Call) -> dict[str, Any]:
    call.needs("tag")
    tags, groups = call.texts("tag_id"), call.texts("group_id")
    if not tags and not groups:
        raise Refused(40058, "`tag_id` and `group_id` are both empty.")
    for id in (*tags, *groups):
        _own(call, id)
    for group in groups:
        tags += call.box.store.column("SELECT tag_id FROM tags WHERE group_id = ? AND NOT deleted", group)
    remove_tags(call.box.store, tags)
    call.box.store.many("UPDATE tag_groups SET deleted = 1 WHERE group_id = ?", [(group,) for group in groups])
    return {}


def _own(call: Call, id: str) -> tuple[str, str, sqlite3.Row]:
    """(table, key, row) of a tag or group: 40068 for none, 81011 for one another app or a person made."""
    for table, key in (("tags", "tag_id"), ("tag_groups", "group_id")):
        row = call.box.store.one(
            f"SELECT * FROM {table} WHERE {key} = ? AND corpid = ? AND NOT deleted", id, call.corpid
        )
        if row is not None:
            if row["agentid"] != call.app.agentid:
                raise Refused(81011)
            return table, key, row
    raise Refused(40068)


def _mark(call: Call) -> dict[str, Any]:
    add, remove = call.texts("add_tag"), call.texts("remove_tag")
    row = call.relation(call.text("userid", missing=40003), call.text("external_userid", missing=41035))
    if not add and not remove:
        raise Refused(40058, "`add_tag` and `remove_tag` are both empty.")
    store = call.box.store
    for tag in (*add, *remove):
        if store.one("SELECT 1 FROM tags WHERE tag_id = ? AND corpid = ? AND NOT deleted", tag, call.corpid) is None:
            raise Refused(40068)
    store.many("DELETE FROM follow_tags WHERE follow = ? AND tag_id = ?", [(row["id"], tag) for tag in remove])
    store.many("INSERT OR IGNORE INTO follow_tags VALUES (?, ?)", [(row["id"], tag) for tag in add])
    if store.value("SELECT count(*) FROM follow_tags WHERE follow = ?", row["id"]) > _A_PAIR:
        raise Refused(40144)
    return {}


ENDPOINTS = (
    Endpoint("externalcontact/get_corp_tag_list", "POST", _list, empty={"tag_group": []}),
    Endpoint("externalcontact/add_corp_tag", "POST", _add, empty={"tag_group": {}}),
    Endpoint("externalcontact/edit_corp_tag", "POST", _edit, record=lambda body: str(body.get("id"))),
    Endpoint("externalcontact/del_corp_tag", "POST", _delete),
    Endpoint("externalcontact/mark_tag", "POST", _mark, record=pair_of),
)
