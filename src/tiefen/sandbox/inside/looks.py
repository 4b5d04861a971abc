"""What the page shows: reads only, each a few indexed queries, so that a large world opens as quickly as a small one."""

from __future__ import annotations

import re
from typing import Any

from tiefen.sandbox.inside.asked import Asked, BadRequest, Unknown, page
from tiefen.sandbox.state import dump, load

_LIKE = str.maketrans({"%": "\\%", "_": "\\_", "\\": "\\\\"})
_PEOPLE = (
    "SELECT p.person, p.name, p.gender, p.type, p.corp_name, e.external_userid, "
    "(SELECT count(*) FROM follows f WHERE f.external_userid = e.external_userid AND f.left_by_staff IS NULL"
    " AND f.left_by_person IS NULL AND f.owner_left IS NULL) AS staff, "
    "(SELECT count(*) FROM stays s WHERE s.member_id = e.external_userid AND s.left_at IS NULL) AS groups "
)
_GROUPS = (
    "SELECT g.chat_id, g.name, g.owner, g.created, g.dismissed, g.notice, g.members,"
    " (SELECT max(m.at) FROM messages m WHERE m.roomid = g.chat_id) AS spoke "
)
_FIELD = re.compile(r"<(\w+)>(?:<!\[CDATA\[)?([^<\]]*)")
_ITEM = re.compile(r"<Item>([^<]*)</Item>")
_ABOUT = ("UserID", "ExternalUserID", "ChatId", "Id", "State", "LinkId")
_TOKEN = re.compile(r'("(?:access_token|ticket)"\s*:\s*"[^"]{4})[^"]*')
_MESSAGES = (
    "SELECT m.seq, m.msgid, m.sender, m.at, m.msgtype, m.content, m.reply_to, coalesce(u.name, p.name) AS name,"
    " u.userid IS NOT NULL AS staff FROM messages m"
    " LEFT JOIN users u ON u.corpid = m.corpid AND u.userid = m.sender"
    " LEFT JOIN externals e ON e.external_userid = m.sender LEFT JOIN persons p ON p.person = e.person"
)


def like(words: str) -> str:
    return f"%{words.translate(_LIKE)}%"


# ---- companies ----------------------------------------------------------------------------------


def overview(asked: Asked) -> dict[str, Any]:
    """The clock, the companies, what the sandbox was opened with."""
    box = asked.box
    return {
        "clock": clock(asked),
        "seed": box.seed,
        "strict": box.strict,
        "limits": box.limits,
        "corps": [
            {
                "corpid": keys.corpid,
                "name": box.corp(keys.corpid).name,
                "callback_url": box.corp(keys.corpid).callback_url,
            }
            for keys in box.corps()
        ],
    }


def clock(asked: Asked) -> dict[str, Any]:
    return {"now": asked.box.clock.now(), "speed": asked.box.clock.speed, "next_due": asked.box.next_due()}


def corp(asked: Asked) -> dict[str, Any]:
    """A company with its keys and apps, and how much there is of everything."""
    box, corpid = asked.box, asked.corpid
    found, keys, store = box.corp(corpid), box.keys(corpid), box.store
    apps = store.all("SELECT * FROM apps WHERE corpid = ? ORDER BY agentid", corpid)
    return {
        "corpid": corpid,
        "name": found.name,
        "keys": {
            "corpid": corpid, "agentid": keys.agentid, "secret": keys.secret, "archive_secret": keys.archive_secret,
            "token": keys.token, "aes_key": keys.aes_key,
        },
        "callback_url": found.callback_url,
        "shop_url": found.shop_url,
        "apps": [
            {
                "agentid": app["agentid"], "kind": app["kind"], "name": app["name"], "secret": app["secret"],
                "permissions": load(app["permissions"]), "trusted_ips": load(app["trusted_ips"]),
                "visible": load(app["visible"]), "disabled": bool(app["disabled"]),
            }
            for app in apps
        ],
        "counts": {
            "staff": store.value("SELECT count(*) FROM users WHERE corpid = ? AND left_at IS NULL", corpid),
            "people": store.value("SELECT count(*) FROM externals WHERE corpid = ?", corpid),
            "groups": store.value("SELECT count(*) FROM groups WHERE corpid = ? AND dismissed IS NULL", corpid),
            "tags": store.value("SELECT count(*) FROM tags WHERE corpid = ? AND deleted = 0", corpid),
        },
    }  # fmt: skip


# ---- staff --------------------------------------------------------------------------------------


def staff(asked: Asked) -> dict[str, Any]:
    """Staff, with how many customers they have and how much waits for them to confirm."""
    limit, after = asked.limit(100), asked.after() or ""
    words = asked.text("q", "", most=100)
    rows = asked.box.store.all(
        "SELECT u.userid, u.name, u.department, u.hired, u.left_at,"
        " (SELECT count(*) FROM follows f WHERE f.corpid = u.corpid AND f.userid = u.userid AND f.left_by_staff IS NULL"
        "  AND f.half = 0 AND f.owner_left IS NULL) AS customers,"
        " (SELECT count(*) FROM group_message_tasks t JOIN group_messages g USING (msgid) WHERE g.corpid = u.corpid"
        "  AND t.userid = u.userid AND t.status = 0 AND g.cancelled IS NULL)"
        " + (SELECT count(*) FROM moment_tasks t JOIN moments m USING (moment_id) WHERE m.corpid = u.corpid"
        "  AND t.userid = u.userid AND t.status = 0 AND m.cancelled IS NULL) AS waiting"
        " FROM users u WHERE u.corpid = ? AND u.userid > ? AND (u.name LIKE ? ESCAPE '\\' OR u.userid LIKE ? ESCAPE '\\')"
        " ORDER BY u.userid LIMIT ?",
        asked.corpid, after, like(words), like(words), limit + 1,
    )  # fmt: skip
    return page(rows, limit, "userid")


def one_staff(asked: Asked) -> dict[str, Any]:
    """A staff phone: groups and customers by who was heard of last, and what waits to be confirmed."""
    corpid, store = asked.corpid, asked.box.store
    found = store.one("SELECT * FROM users WHERE corpid = ? AND userid = ?", corpid, asked.path["userid"])
    if found is None:
        raise Unknown("staff", asked.path["userid"][:80])
    userid = found["userid"]
    groups = store.all(
        _GROUPS + "FROM stays me JOIN groups g ON g.chat_id = me.chat_id WHERE me.member_id = ? AND me.corpid = ?"
        " AND me.left_at IS NULL AND g.dismissed IS NULL ORDER BY spoke DESC LIMIT 100",
        userid, corpid,
    )  # fmt: skip
    return {
        "userid": userid, "name": found["name"], "left_at": found["left_at"], "hired": found["hired"],
        "groups": [dict(row) | {"last": _last_word(asked, row["chat_id"])} for row in groups],
        "tasks": tasks(asked, userid),
        "messages": [_app_message(row) for row in store.all(
            "SELECT * FROM staff_messages WHERE corpid = ? AND ('|' || lower(touser) || '|' LIKE ? ESCAPE '\\' OR touser = '@all')"
            " ORDER BY at DESC LIMIT 20", corpid, f"%|{userid.lower().translate(_LIKE)}|%")],
    }  # fmt: skip


def customers(asked: Asked) -> dict[str, Any]:
    """The customers of one member of staff, the newest first."""
    limit, before = asked.limit(30), asked.after_number() or 2**62
    words = asked.text("q", "", most=100)
    rows = asked.box.store.all(
        "SELECT f.id, f.external_userid, f.created, f.add_way, f.state, f.remark, f.description, f.half, f.spoke,"
        " f.left_by_person, p.person, p.name, p.gender, p.type,"
        " (SELECT group_concat(t.name, ' ') FROM follow_tags ft JOIN tags t USING (tag_id) WHERE ft.follow = f.id) AS tags"
        " FROM follows f JOIN externals e USING (external_userid) JOIN persons p USING (person)"
        " WHERE f.corpid = ? AND f.userid = ? AND f.left_by_staff IS NULL AND f.owner_left IS NULL AND f.id < ?"
        " AND (p.name LIKE ? ESCAPE '\\' OR f.remark LIKE ? ESCAPE '\\') ORDER BY f.id DESC LIMIT ?",
        asked.corpid, asked.path["userid"], before, like(words), like(words), limit + 1,
    )  # fmt: skip
    return page(rows, limit, "id")


def tasks(asked: Asked, userid: str) -> list[dict[str, Any]]:
    """What somebody was given to confirm, the newest first."""
    store, corpid = asked.box.store, asked.corpid
    messages = store.all(
        "SELECT g.msgid AS id, g.chat_type AS kind, g.content, g.created, g.cancelled, t.status, t.sent, "
        "(SELECT count(*) FROM group_message_results r WHERE r.msgid = g.msgid AND r.userid = t.userid) AS targets"
        " FROM group_message_tasks t JOIN group_messages g USING (msgid) WHERE g.corpid = ? AND t.userid = ?"
        " ORDER BY g.created DESC LIMIT 50",
        corpid, userid,
    )  # fmt: skip
    moments = store.all(
        "SELECT m.moment_id AS id, 'moment' AS kind, m.content, m.created, m.cancelled, t.status, t.published AS sent,"
        " (SELECT count(*) FROM moment_targets r WHERE r.moment_id = m.moment_id AND r.userid = t.userid) AS targets"
        " FROM moment_tasks t JOIN moments m USING (moment_id) WHERE m.corpid = ? AND t.userid = ?"
        " ORDER BY m.created DESC LIMIT 50",
        corpid, userid,
    )  # fmt: skip
    found = [dict(row) | {"content": load(row["content"])} for row in (*messages, *moments)]
    return sorted(found, key=lambda task: -task["created"])


def _app_message(row: Any) -> dict[str, Any]:
    return {"msgid": row["msgid"], "msgtype": row["msgtype"], "content": load(row["content"]), "at": row["at"],
            "recalled": row["recalled"]}  # fmt: skip


# ---- customers ----------------------------------------------------------------------------------


def people(asked: Asked) -> dict[str, Any]:
    """Everybody with a phone, searched by name or id; with `known` only those whom the company has met."""
    limit, after = asked.limit(30), asked.after() or ""
    words = asked.text("q", "", most=100)
    joined = "JOIN" if asked.flag("known") else "LEFT JOIN"
    rows = asked.box.store.all(
        f"{_PEOPLE} FROM persons p {joined} externals e ON e.corpid = ? AND e.person = p.person"
        " WHERE p.person > ? AND (p.name LIKE ? ESCAPE '\\' OR p.person = ? OR e.external_userid = ?)"
        " ORDER BY p.person LIMIT ?",
        asked.corpid, after, like(words), words, words, limit + 1,
    )  # fmt: skip
    return page(rows, limit, "person")


def one_person(asked: Asked) -> dict[str, Any]:
    """A customer's phone: staff they know, groups they are in, Moments they see, what they bought."""
    corpid, store, person = asked.corpid, asked.box.store, asked.path["person"]
    found = store.one("SELECT * FROM persons WHERE person = ?", person)
    if found is None:
        raise Unknown("person", person[:80])
    external = (
        store.value("SELECT external_userid FROM externals WHERE corpid = ? AND person = ?", corpid, person) or ""
    )
    staff_known = store.all(
        "SELECT f.userid, u.name, f.created, f.half, f.left_by_staff, f.left_by_person, f.spoke,"
        " EXISTS (SELECT 1 FROM mutes m WHERE m.person = ? AND m.corpid = f.corpid AND m.target = f.userid) AS muted"
        " FROM follows f JOIN users u ON u.corpid = f.corpid AND u.userid = f.userid"
        " WHERE f.external_userid = ? AND f.left_by_person IS NULL ORDER BY f.created DESC",
        person, external,
    )  # fmt: skip
    groups = store.all(
        _GROUPS + ", EXISTS (SELECT 1 FROM mutes x WHERE x.person = ? AND x.corpid = g.corpid AND x.target = g.chat_id)"
        " AS muted FROM stays me JOIN groups g ON g.chat_id = me.chat_id WHERE me.member_id = ? AND me.corpid = ?"
        " AND me.left_at IS NULL AND g.dismissed IS NULL ORDER BY spoke DESC LIMIT 100",
        person, external, corpid,
    )  # fmt: skip
    moments = store.all(
        "SELECT m.moment_id, m.content, t.userid, u.name AS staff, t.sent,"
        " EXISTS (SELECT 1 FROM moment_reactions r WHERE r.moment_id = m.moment_id AND r.external_userid = ?"
        " AND r.kind = 'like') AS liked"
        " FROM moment_targets t JOIN moments m USING (moment_id) JOIN users u ON u.corpid = m.corpid AND u.userid = t.userid"
        " WHERE t.external_userid = ? AND m.corpid = ? AND t.sent IS NOT NULL ORDER BY t.sent DESC LIMIT 20",
        external, external, corpid,
    ) if external else []  # fmt: skip
    orders = store.all(
        "SELECT order_id, lines, fen, refunded, at FROM orders WHERE person = ? AND corpid = ? ORDER BY at DESC LIMIT 30",
        person, corpid,
    )  # fmt: skip
    return {
        "person": person, "name": found["name"], "gender": found["gender"], "type": found["type"],
        "unionid": found["unionid"], "external_userid": external,
        "staff": [
            dict(row) | {"last": _last_between(asked, row["userid"], external) if row["spoke"] else None}
            for row in staff_known
        ],
        "groups": [dict(row) | {"last": _last_word(asked, row["chat_id"])} for row in groups],
        "moments": [dict(row) | {"content": load(row["content"])} for row in moments],
        "orders": [dict(row) | {"lines": load(row["lines"])} for row in orders],
    }  # fmt: skip


def codes(asked: Asked) -> dict[str, Any]:
    """What can be scanned or tapped: contact-me codes, group codes, acquisition links."""
    corpid, store = asked.corpid, asked.box.store
    ways = store.all(
        "SELECT config_id, remark, state, users, skip_verify FROM ways WHERE corpid = ? AND scene = 2"
        " ORDER BY created DESC LIMIT 200", corpid,
    )  # fmt: skip
    join_ways = store.all(
        "SELECT config_id, remark, state, chat_ids FROM join_ways WHERE corpid = ? ORDER BY created DESC LIMIT 200",
        corpid,
    )
    links = store.all(
        "SELECT link_id, name, url FROM links WHERE corpid = ? AND deleted IS NULL ORDER BY created DESC LIMIT 200",
        corpid,
    )
    return {
        "ways": [dict(row) | {"users": load(row["users"])} for row in ways],
        "join_ways": [dict(row) | {"chat_ids": load(row["chat_ids"])} for row in join_ways],
        "links": [dict(row) for row in links],
    }


# ---- groups and talk ----------------------------------------------------------------------------


def groups(asked: Asked) -> dict[str, Any]:
    """Groups, the newest first; `q` searches names, `after` is `next` of the page before."""
    limit, words = asked.limit(40), asked.text("q", "", most=100)
    after = asked.after_number() or 0
    rows = asked.box.store.all(
        f"{_GROUPS} FROM groups g WHERE g.corpid = ? AND g.name LIKE ? ESCAPE '\\'"
        " ORDER BY g.dismissed IS NOT NULL, g.created DESC, g.chat_id LIMIT ? OFFSET ?",
        asked.corpid, like(words), limit + 1, after,
    )  # fmt: skip
    return {"items": [dict(row) for row in rows[:limit]], "next": after + limit if len(rows) > limit else None}


def one_group(asked: Asked) -> dict[str, Any]:
    """A group with everybody in it."""
    row = _group(asked)
    members = asked.box.store.all(
        "SELECT s.member_id, s.type, s.joined, s.scene, s.state, s.invitor, coalesce(u.name, p.name) AS name, p.person,"
        " EXISTS (SELECT 1 FROM mutes m WHERE m.corpid = s.corpid AND m.person = p.person AND m.target = s.chat_id) AS muted"
        " FROM stays s LEFT JOIN users u ON s.type = 1 AND u.corpid = s.corpid AND u.userid = s.member_id"
        " LEFT JOIN externals e ON s.type = 2 AND e.external_userid = s.member_id LEFT JOIN persons p ON p.person = e.person"
        " WHERE s.chat_id = ? AND s.left_at IS NULL ORDER BY s.type, s.joined, s.member_id",
        row["chat_id"],
    )  # fmt: skip
    return dict(row) | {"admins": load(row["admins"]), "members": [dict(one) for one in members]}


def group_talk(asked: Asked) -> dict[str, Any]:
    """What was said in a group, and what reached it: the newest last; `before` pages back, `since` goes on from a message."""
    row = _group(asked)
    return _talk(asked, [("m.roomid = ?", [row["chat_id"]])], row["chat_id"], ("group",))


def talk(asked: Asked) -> dict[str, Any]:
    """What two said to one another, and what the company sent."""
    corpid, store = asked.corpid, asked.box.store
    userid, external = asked.path["userid"], asked.text("with", most=80)
    if store.one("SELECT 1 FROM externals WHERE external_userid = ? AND corpid = ?", external, corpid) is None:
        raise Unknown("customer", external)
    either = [
        ("m.roomid = '' AND m.corpid = ? AND m.sender = ? AND m.tolist = ?", [corpid, one, dump([other])])
        for one, other in ((userid, external), (external, userid))
    ]
    return _talk(asked, either, external, ("single", "welcome"), userid)


def _talk(
    asked: Asked, wheres: list[tuple[str, list[Any]]], target: str, kinds: tuple[str, ...], userid: str = ""
) -> dict[str, Any]:  # fmt: skip
    limit = asked.limit(60)
    rows = sorted((row for where, values in wheres for row in _said(asked, where, values, limit + 1)), key=_order)
    shown = [dict(row) | {"content": load(row["content"]), "staff": bool(row["staff"])} for row in rows[-limit:]]
    more = len(rows) > limit
    return {
        "items": shown,
        "delivered": _delivered(asked, target, kinds, userid, shown[0]["at"] if more else 0.0),
        "before": "{at!r}:{seq}".format(**shown[0]) if more else None,
    }


def _said(asked: Asked, where: str, values: list[Any], limit: int) -> list[Any]:
    """The last words of a conversation, before a place in it or after one."""
    if asked.has("before"):
        where, values = f"{where} AND (m.at, m.seq) < (?, ?)", [*values, *_place(asked, "before")]
    if asked.has("since"):
        where, values = f"{where} AND (m.at, m.seq) > (?, ?)", [*values, *_place(asked, "since")]
    return asked.box.store.all(
        f"{_MESSAGES} WHERE NOT m.by_company AND {where} ORDER BY m.at DESC, m.seq DESC LIMIT ?", *values, limit
    )


def _place(asked: Asked, name: str) -> tuple[float, int]:
    at, _, seq = asked.text(name, most=60).partition(":")
    try:
        return float(at), int(seq)
    except ValueError:
        raise BadRequest(name, "is no place in a conversation") from None


def _order(row: Any) -> tuple[float, int]:
    return row["at"], row["seq"]


def _delivered(asked: Asked, target: str, kinds: tuple[str, ...], userid: str, since: float) -> list[dict[str, Any]]:
    rows = asked.box.store.all(
        "SELECT d.id, d.kind, d.userid, d.at, coalesce(d.content, g.content) AS content, u.name FROM deliveries d"
        " LEFT JOIN group_messages g ON g.msgid = d.msgid LEFT JOIN users u ON u.corpid = d.corpid AND u.userid = d.userid"
        " WHERE d.target = ? AND d.corpid = ? AND d.at >= ? ORDER BY d.at DESC, d.id DESC LIMIT 60",
        target, asked.corpid, since,
    )  # fmt: skip
    return [
        dict(row) | {"content": load(row["content"])}
        for row in reversed(rows)
        if row["kind"] in kinds and (not userid or row["userid"].lower() == userid.lower())
    ]


def _group(asked: Asked) -> Any:
    row = asked.box.store.one(
        "SELECT * FROM groups WHERE corpid = ? AND chat_id = ?", asked.corpid, asked.path["chat_id"]
    )
    if row is None:
        raise Unknown("group", asked.path["chat_id"][:80])
    return row


def _last_word(asked: Asked, chat_id: str) -> dict[str, Any] | None:
    row = asked.box.store.one(f"{_MESSAGES} WHERE m.roomid = ? ORDER BY m.at DESC, m.seq DESC LIMIT 1", chat_id)
    return None if row is None else dict(row) | {"content": load(row["content"])}


def _last_between(asked: Asked, userid: str, external: str) -> dict[str, Any] | None:
    where = "m.roomid = '' AND m.corpid = ? AND m.sender = ? AND m.tolist = ?"
    said = _said(asked, where, [asked.corpid, userid, dump([external])], 1)
    said += _said(asked, where, [asked.corpid, external, dump([userid])], 1)
    if not said:
        return None
    last = max(said, key=_order)
    return dict(last) | {"content": load(last["content"])}


# ---- calls, callbacks, faults -------------------------------------------------------------------


def calls(asked: Asked) -> dict[str, Any]:
    """The log of API calls, the newest first: `endpoint` (a part of its path), `errcode`, `failed`, `corpid`."""
    where, values = ["c.id < ?"], [asked.after_number() or 2**62]
    if asked.has("corpid"):
        where.append("c.corpid = ?")
        values.append(asked.text("corpid", most=80))  # type: ignore[arg-type]
    if asked.has("endpoint"):
        where.append("c.path LIKE ? ESCAPE '\\'")
        values.append(like(asked.text("endpoint", most=100)))  # type: ignore[arg-type]
    if asked.has("errcode"):
        where.append("c.errcode = ?")
        values.append(int(asked.number("errcode", least=-1)))
    if asked.flag("failed"):
        where.append("(c.errcode <> 0 OR c.status >= 300 OR c.status = 0)")
    limit = asked.limit()
    rows = asked.box.store.all(
        f"SELECT c.* FROM calls c WHERE {' AND '.join(where)} ORDER BY c.id DESC LIMIT ?", *values, limit + 1
    )
    masked = [dict(row) | {"answer": _TOKEN.sub(r"\1…", row["answer"])} for row in rows]
    return page(masked, limit, "id")


def endpoints(asked: Asked) -> dict[str, Any]:
    """Which endpoints were called of late and how that went."""
    rows = asked.box.store.all(
        "SELECT path, count(*) AS calls, sum(errcode <> 0 OR status >= 300 OR status = 0) AS failed FROM calls"
        " GROUP BY path ORDER BY calls DESC, path"
    )
    return {"items": [dict(row) for row in rows]}


def callbacks(asked: Asked) -> dict[str, Any]:
    """What happened in a company as its callbacks say it, the newest first: `event`, `fate`."""
    where, values = ["corpid = ?", "id < ?"], [asked.corpid, asked.after_number() or 2**62]
    if asked.has("event"):
        where.append("xml LIKE ? ESCAPE '\\'")
        values.append(f"%<Event><![CDATA[{asked.text('event', most=80).translate(_LIKE)}]]>%")
    if asked.has("fate"):
        where.append("fate = ?")
        values.append(asked.one_of("fate", ("made", "queued", "lost", "delivered", "failed")))
    limit = asked.limit()
    rows = asked.box.store.all(
        f"SELECT * FROM callbacks WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?", *values, limit + 1
    )
    return page([dict(row) | _told(row["xml"]) for row in rows], limit, "id")


def _told(xml: str) -> dict[str, Any]:
    """What an event is about, for a line: its kinds, and the ids in it."""
    fields = dict(_FIELD.findall(xml))
    about = [value for name, value in fields.items() if name in _ABOUT and value]
    return {
        "event": fields.get("Event", ""), "change": fields.get("ChangeType", ""), "detail": fields.get("UpdateDetail", ""),
        "about": about + _ITEM.findall(xml)[:3],
    }  # fmt: skip


def tags(asked: Asked) -> dict[str, Any]:
    """The company's tags."""
    rows = asked.box.store.all(
        "SELECT t.tag_id, t.name, g.name AS group_name FROM tags t JOIN tag_groups g USING (group_id)"
        " WHERE t.corpid = ? AND t.deleted = 0 ORDER BY g.ord DESC, g.name, t.ord DESC, t.name LIMIT 500",
        asked.corpid,
    )  # fmt: skip
    return {"items": [dict(row) for row in rows]}


def faults(asked: Asked) -> dict[str, Any]:
    """The fault switches, those of single endpoints, and the numbers nobody publishes."""
    box = asked.box
    return {
        "faults": {name: getattr(box.faults, name) for name in (*SHARES, *SWITCHES, "slow")},
        "by_endpoint": box.faults.by_endpoint,
        "limits": box.limits,
        "settings": box.settings(),
    }


SHARES = ("http_5xx", "dropped", "busy", "storm", "callback_lost", "callback_doubled", "callback_reordered")
SWITCHES = ("token_rotates", "retry_on_status")
