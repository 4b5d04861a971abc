"""Customers (https://developer.work.weixin.qq.com/document/path/92113, 92114, 92994, 99434, 92115)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused
from tiefen.sandbox.presence import customers
from tiefen.sandbox.state import dump, load

_FOLLOWERS = 500
_BATCH, _BATCH_DEFAULT = 100, 50
_SWEEP = 4 * 3_600.0
ALIVE = "NOT f.half AND f.left_by_staff IS NULL AND f.owner_left IS NULL"
"""What of `follows f` the API tells of: a customer who deleted the staff is still told."""
_PERSON = "p.name AS person_name, p.avatar, p.type, p.gender, p.unionid, p.corp_name"


def _list(call: Call) -> dict[str, Any]:
    _within_scale(call)
    staff = call.staff(call.text("userid", missing=40003))
    found = call.box.store.column(
        f"SELECT f.external_userid FROM follows f WHERE f.corpid = ? AND f.userid = ? AND {ALIVE} ORDER BY f.created, f.id",
        call.corpid, staff["userid"],
    )  # fmt: skip
    if not found:
        raise Refused(84061)
    return {"external_userid": found}


def _get(call: Call) -> dict[str, Any]:
    external = call.text("external_userid", missing=41035)
    person = call.external(external)
    after = (call.cursor(external) or [0])[0]
    rows = [
        row for row in call.box.store.all(
            f"SELECT f.* FROM follows f WHERE f.external_userid = ? AND {ALIVE} AND f.id > ? ORDER BY f.id", external, after
        ) if call.app.sees(row["userid"])
    ]  # fmt: skip
    if not rows and not after:
        raise Refused(84061 if _unfollowed(call, external) else 40096)
    page = rows[:_FOLLOWERS]
    tags = _tags_of(call, [row["id"] for row in page])
    who = call.box.store.one(f"SELECT external_userid, {_PERSON} FROM externals e JOIN persons p ON p.person = e.person"
                             " WHERE e.corpid = ? AND e.person = ?", call.corpid, person)  # fmt: skip
    assert who is not None
    follows = [{**_follow(row, who["type"]), "tags": tags.get(row["id"], [])} for row in page]
    more = {"next_cursor": call.next_cursor(page[-1]["id"], filters=external)} if len(rows) > _FOLLOWERS else {}
    return {"external_contact": _contact(call, who), "follow_user": follows, **more}


def _unfollowed(call: Call, external: str) -> bool:
    """Whether nobody in the whole company has the customer; otherwise it is somebody the app may not see."""
    return (
        call.box.store.one(f"SELECT 1 FROM follows f WHERE f.external_userid = ? AND {ALIVE} LIMIT 1", external) is None
    )


def _within_scale(call: Call) -> None:
    """Paid scale of customers, since 2025: 610024 without the papers for it, 610023 with more customers than paid for."""
    if not call.corp.settings.get("customers_qualified", True):
        raise Refused(610024)
    most = call.corp.settings.get("customers_most")
    if most is not None and len(customers(call.box.store, call.corpid)) > most:
        raise Refused(610023)


def _of_staff(call: Call) -> dict[str, Any]:
    _within_scale(call)
    if not call.box.strict and not call.has("userid_list") and call.has("userid"):
        users = [call.text("userid")]
    else:
        users = call.texts("userid_list", most=100, missing=40058)
    staff = sorted({call.staff(userid)["userid"].lower() for userid in users})
    # More than the most is taken for the most, unlike elsewhere.
    limit = min(call.number("limit", _BATCH_DEFAULT, least=1), _BATCH)
    at, after = call.cursor(staff) or [0, ""]
    rows = _pairs(call, staff, at, after, limit + 1)
    page = rows[:limit]
    more = len(rows) > limit
    last = [staff.index(page[-1]["userid"].lower()), page[-1]["external_userid"]] if more else []
    tags = _tag_ids(call, [row["id"] for row in page])
    return {
        "external_contact_list": [
            {
                "external_contact": _contact(call, row),
                "follow_info": {**_follow(row, row["type"]), "tag_id": tags.get(row["id"], [])},
            }
            for row in page
        ],
        "next_cursor": call.next_cursor(*last, filters=staff) if more else "",
        "fail_info": {"unlicensed_userid_list": []},
    }


def _pairs(call: Call, staff: Sequence[str], at: int, after: str, limit: int) -> list[sqlite3.Row]:
    """The next pairs by staff and external id, in the order of an index."""
    found: list[sqlite3.Row] = []
    for number in range(at, len(staff)):
        found += call.box.store.all(
            f"SELECT f.*, {_PERSON} FROM follows f JOIN externals e ON e.external_userid = f.external_userid"
            f" JOIN persons p ON p.person = e.person WHERE f.corpid = ? AND f.userid = ? AND f.external_userid > ?"
            f" AND {ALIVE} ORDER BY f.external_userid LIMIT ?",
            call.corpid, staff[number], after if number == at else "", limit - len(found),
        )  # fmt: skip
        if len(found) >= limit:
            break
    return found


def _contact_list(call: Call) -> dict[str, Any]:
    """Everybody served: customers first, then those met in groups only. Ids hold for one sweep of four hours."""
    limit = call.number("limit", 1_000, least=1, most=1_000)
    phase, after, sweep, began = call.cursor() or ["customers", 0, call.box.store.number("sweep"), call.now]
    rows: list[tuple[str, sqlite3.Row]] = []
    if phase == "customers":
        rows += [("customers", row) for row in _customers(call, after, limit + 1)]
        after = 0
    if len(rows) <= limit:
        rows += [("groups", row) for row in _met_in_groups(call, after, limit + 1 - len(rows))]
    page = rows[:limit]
    following = ""
    if len(rows) > limit:
        last = page[-1]
        following = call.next_cursor(last[0], last[1]["id"], sweep, began, lives=began + _SWEEP - call.now)
    return {"info_list": [_served(call, kind, row, sweep) for kind, row in page], "next_cursor": following}


def _customers(call: Call, after: int, limit: int) -> list[sqlite3.Row]:
    rows = call.box.store.all(
        f"SELECT f.id, f.userid, f.external_userid, f.created, e.person, p.name FROM follows f"
        f" JOIN externals e ON e.external_userid = f.external_userid JOIN persons p ON p.person = e.person"
        f" WHERE f.corpid = ? AND f.id > ? AND {ALIVE} ORDER BY f.id LIMIT ?",
        call.corpid, after, limit,
    )  # fmt: skip
    return [row for row in rows if call.app.sees(row["userid"])]


def _met_in_groups(call: Call, after: int, limit: int) -> list[sqlite3.Row]:
    rows = call.box.store.all(
        f"SELECT s.id, s.chat_id, s.joined, g.name AS chat_name, g.owner AS userid, e.person, p.name FROM stays s"
        f" JOIN groups g ON g.chat_id = s.chat_id JOIN externals e ON e.external_userid = s.member_id"
        f" JOIN persons p ON p.person = e.person WHERE s.corpid = ? AND s.id > ? AND s.type = 2 AND s.left_at IS NULL"
        f" AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.external_userid = s.member_id AND {ALIVE})"
        f" ORDER BY s.id LIMIT ?",
        call.corpid, after, limit,
    )  # fmt: skip
    return [row for row in rows if call.app.sees(row["userid"])]


def _served(call: Call, kind: str, row: sqlite3.Row, sweep: int) -> dict[str, Any]:
    tmp_openid = "op" + call.box.seeds.text("tmp_openid", call.corpid, row["person"], sweep, length=30)
    if kind == "customers":
        return {
            "is_customer": True, "tmp_openid": tmp_openid, "external_userid": row["external_userid"],
            "name": _masked(row["name"]), "follow_userid": row["userid"], "add_time": int(row["created"]),
        }  # fmt: skip
    return {
        "is_customer": False, "tmp_openid": tmp_openid, "name": _masked(row["name"]), "follow_userid": row["userid"],
        "chat_id": row["chat_id"], "chat_name": row["chat_name"], "add_time": int(row["joined"]),
    }  # fmt: skip


def _masked(name: str) -> str:
    return f"{name[:1]}**"


def _remark(call: Call) -> dict[str, Any]:
    external = call.text("external_userid", missing=41035)
    row = call.relation(call.text("userid", missing=40003), external)
    fields = ("remark", "description", "remark_company", "remark_mobiles", "remark_pic_mediaid")
    if not any(call.has(name) for name in fields):
        raise Refused(40058, "at least one of remark fields is required.")
    changes: dict[str, str] = {}
    for name, most in (("remark", 20), ("description", 150), ("remark_company", 20)):
        if call.has(name):
            changes[name] = call.text(name, most=most)
    if external.startswith("wo"):
        changes.pop("remark_company", None)
    if call.has("remark_mobiles"):
        # One empty number clears them.
        changes["mobiles"] = dump([number for number in call.texts("remark_mobiles") if number])
    if call.text("remark_pic_mediaid"):
        call.media(call.text("remark_pic_mediaid"))
    for name, value in changes.items():
        call.box.store.run(f"UPDATE follows SET {name} = ? WHERE id = ?", (value, row["id"]))
    return {}


def _contact(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    contact: dict[str, Any] = {
        "external_userid": row["external_userid"], "name": row["person_name"], "avatar": row["avatar"],
        "type": row["type"], "gender": row["gender"],
    }  # fmt: skip
    if row["type"] == 2:
        contact |= {"corp_name": row["corp_name"], "corp_full_name": row["corp_name"], "position": ""}
    if union := unionid(call, row):
        contact["unionid"] = union
    return contact


def unionid(call: Call, row: sqlite3.Row) -> str:
    """A person's unionid, "" unless the company has bound a WeChat developer id (the setting `unionid_bound`)."""
    return str(row["unionid"]) if call.corp.settings.get("unionid_bound", True) else ""


def _follow(row: sqlite3.Row, type: int) -> dict[str, Any]:
    follow: dict[str, Any] = {
        "userid": row["userid"], "remark": row["remark"], "description": row["description"],
        "createtime": int(row["created"]), "remark_corp_name": row["remark_company"] if type == 1 else "",
        "remark_mobiles": [] if row["mobiles"] == "[]" else load(row["mobiles"]), "oper_userid": row["oper_userid"], "add_way": row["add_way"],
    }  # fmt: skip
    return follow | ({"state": row["state"]} if row["state"] else {})


def _tags_of(call: Call, follows: Sequence[int]) -> Mapping[int, list[dict[str, Any]]]:
    """Tags by name; those staff keep for themselves have no id."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in call.box.store.all(
        "SELECT ft.follow, ft.tag_id, t.name, g.name AS group_name FROM follow_tags ft JOIN tags t ON t.tag_id = ft.tag_id"
        " JOIN tag_groups g ON g.group_id = t.group_id WHERE ft.follow IN (SELECT value FROM json_each(?))",
        dump(list(follows)),
    ):
        tag = {"group_name": row["group_name"], "tag_name": row["name"], "tag_id": row["tag_id"], "type": 1}
        found.setdefault(row["follow"], []).append(tag)
    for row in call.box.store.all(
        "SELECT * FROM personal_tags WHERE follow IN (SELECT value FROM json_each(?))", dump(list(follows))
    ):
        personal = {"group_name": row["group_name"], "tag_name": row["name"], "type": 2}
        found.setdefault(row["follow"], []).append(personal)
    return found


def _tag_ids(call: Call, follows: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in call.box.store.all(
        "SELECT follow, tag_id FROM follow_tags WHERE follow IN (SELECT value FROM json_each(?))", dump(list(follows))
    ):
        found.setdefault(row["follow"], []).append(row["tag_id"])
    return found


def pair_of(body: Mapping[str, Any]) -> str:
    """The pair a call writes to, for 45035."""
    return f"{str(body.get('userid')).lower()}|{body.get('external_userid')}"


ENDPOINTS = (
    Endpoint("externalcontact/list", "GET", _list, empty={"external_userid": []}),
    Endpoint("externalcontact/get", "GET", _get, empty={"external_contact": {}, "follow_user": []}),
    Endpoint(
        "externalcontact/batch/get_by_user", "POST", _of_staff,
        empty={"external_contact_list": [], "fail_info": {"unlicensed_userid_list": []}},
    ),
    Endpoint("externalcontact/contact_list", "POST", _contact_list, empty={"info_list": []}),
    Endpoint("externalcontact/remark", "POST", _remark, record=pair_of),
)  # fmt: skip
