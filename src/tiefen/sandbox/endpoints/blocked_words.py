"""Blocked words 敏感词 (https://developer.work.weixin.qq.com/document/path/95097)."""

from __future__ import annotations

import sqlite3
from typing import Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused
from tiefen.sandbox.endpoints.content import record_of
from tiefen.sandbox.state import dump, load

_MOST = 100
_STAFF_MOST = 10_000


def _add(call: Call) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "rule_name": _name(call), "word_list": _words(call), "semantics_list": _semantics(call),
        "intercept_type": call.number("intercept_type", least=1, most=2), "applicable_range": _range(call, "applicable_range"),
    }  # fmt: skip
    _check_range(call, rule["applicable_range"])
    if call.box.store.value("SELECT count(*) FROM rules WHERE corpid = ?", call.corpid) >= _MOST:
        raise Refused(41069)
    rule_id = str(1_000 + call.box.store.number("rule"))
    call.box.store.run(
        "INSERT INTO rules (rule_id, corpid, agentid, content, created) VALUES (?, ?, ?, ?, ?)",
        (rule_id, call.corpid, call.app.agentid, dump(rule), call.now),
    )
    return {"rule_id": rule_id}


def _list(call: Call) -> dict[str, Any]:
    rows = call.box.store.all(
        "SELECT * FROM rules WHERE corpid = ? AND agentid = ? ORDER BY created, rule_id", call.corpid, call.app.agentid
    )
    return {
        "rule_list": [
            {
                "rule_id": row["rule_id"],
                "rule_name": load(row["content"])["rule_name"],
                "create_time": int(row["created"]),
            }
            for row in rows
        ]
    }


def _get(call: Call) -> dict[str, Any]:
    row = _rule(call)
    # Here the id is a number and the semantics stand on top, unlike in an update.
    return {"rule": {"rule_id": int(row["rule_id"]), **load(row["content"])}}


def _update(call: Call) -> dict[str, Any]:
    row = _rule(call)
    rule: dict[str, Any] = load(row["content"])
    if call.has("rule_name"):
        rule["rule_name"] = _name(call)
    if call.has("word_list"):
        rule["word_list"] = _words(call)
    if call.has("intercept_type"):
        rule["intercept_type"] = call.number("intercept_type", least=1, most=2)
    if call.has("extra_rule"):
        rule["semantics_list"] = _semantics(call.within("extra_rule"))
    rule["applicable_range"] = _changed(call, rule["applicable_range"])
    _check_range(call, rule["applicable_range"])
    call.box.store.run("UPDATE rules SET content = ? WHERE rule_id = ?", (dump(rule), row["rule_id"]))
    return {}


def _del(call: Call) -> dict[str, Any]:
    call.box.store.run("DELETE FROM rules WHERE rule_id = ?", (_rule(call)["rule_id"],))
    return {}


def _name(call: Call) -> str:
    return call.text("rule_name", most=20, missing=40058)


def _words(call: Call) -> list[str]:
    words = call.texts("word_list", most=300, missing=40058)
    if any(not 1 <= len(word) <= 32 for word in words):
        raise Refused(40058, "invalid param 'word_list'.")
    return words


def _semantics(call: Call) -> list[int]:
    numbers = call.numbers("semantics_list")
    if set(numbers) - {1, 2, 3}:
        raise Refused(40058, "invalid param 'semantics_list'.")
    return numbers


def _range(call: Call, name: str) -> dict[str, list[Any]]:
    whom = call.within(name)
    return {
        "user_list": whom.texts("user_list", most=1_000),
        "department_list": whom.numbers("department_list", most=1_000),
    }


def _changed(call: Call, before: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The range with what is added and without what is removed."""
    more, less = _range(call, "add_applicable_range"), _range(call, "remove_applicable_range")
    return {
        kind: [one for one in dict.fromkeys([*before[kind], *more[kind]]) if one not in less[kind]] for kind in before
    }


def _check_range(call: Call, whom: dict[str, list[Any]]) -> None:
    if not whom["user_list"] and not whom["department_list"]:
        raise Refused(40058, "missing `applicable_range`.")
    for userid in whom["user_list"]:
        call.staff(userid)
    below = call.box.corps_kept.departments_below(call.corpid, whom["department_list"])
    if not set(whom["department_list"]) <= set(below):
        raise Refused(60123)
    among = call.box.store.value(
        "SELECT count(*) FROM users WHERE corpid = ? AND left_at IS NULL AND (department IN (SELECT value FROM json_each(?))"
        " OR userid IN (SELECT value FROM json_each(?)))",
        call.corpid, dump(below), dump(whom["user_list"]),
    )  # fmt: skip
    if among > _STAFF_MOST:
        raise Refused(40058, "`applicable_range` exceed max size 10000.")


def _rule(call: Call) -> sqlite3.Row:
    """A rule of the app's own; an id may come as a number."""
    given = call.given.get("rule_id")
    rule_id = str(given) if isinstance(given, int) else call.text("rule_id", missing=40058)
    row = call.box.store.one(
        "SELECT * FROM rules WHERE rule_id = ? AND corpid = ? AND agentid = ?", rule_id, call.corpid, call.app.agentid
    )
    if row is None:
        raise Refused(40058, "invalid param 'rule_id'.")
    return row


_PATH = "externalcontact/"
ENDPOINTS = (
    Endpoint(f"{_PATH}add_intercept_rule", "POST", _add),
    Endpoint(f"{_PATH}get_intercept_rule_list", "GET", _list, empty={"rule_list": []}),
    Endpoint(f"{_PATH}get_intercept_rule", "POST", _get, empty={"rule": {}}),
    Endpoint(f"{_PATH}update_intercept_rule", "POST", _update, record=record_of("rule_id")),
    Endpoint(f"{_PATH}del_intercept_rule", "POST", _del, record=record_of("rule_id")),
)
