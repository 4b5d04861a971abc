"""WeCom's own counts (https://developer.work.weixin.qq.com/document/path/92132, 92133).

Days are those of China (UTC+8); yesterday and 179 before, thirty at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused, china_day
from tiefen.sandbox.endpoints.contacts import ALIVE
from tiefen.sandbox.state import dump, load

_DAY = 86_400.0
_BACK, _SPAN = 180, 30
_ORDERS = {1: "new_chat_cnt", 2: "chat_total", 3: "new_member_cnt", 4: "member_total"}


def _days(call: Call, begin_name: str, end_name: str, *, end_needed: bool = False) -> tuple[float, float]:
    """(first midnight, midnight after the last day) of a closed range: 40058 for one that is too long, old or fresh."""
    begin = china_day(call.number(begin_name))
    end = china_day(call.number(end_name, None if end_needed else int(begin)))
    today = china_day(call.now)
    if begin > end or end - begin > _SPAN * _DAY or end >= today or begin < today - _BACK * _DAY:
        raise Refused(40058, f"`{begin_name}` or `{end_name}` out of range.")
    return begin, end + _DAY


def _owners(call: Call) -> list[str]:
    return [call.staff(userid, left=True)["userid"] for userid in
            call.within("owner_filter").texts("userid_list", most=100, missing=40058)]  # fmt: skip


def _by_owner(call: Call) -> dict[str, Any]:
    begin, end = _days(call, "day_begin_time", "day_end_time")
    order, ascending = _ORDERS[call.number("order_by", 1, least=1, most=4)], call.flag("order_asc")
    offset, limit = call.number("offset", 0, least=0), call.number("limit", 500, least=1, most=1_000)
    counts = {owner: _counts(call, [owner], begin, end) for owner in _owners(call)}
    owners = sorted(counts, key=lambda owner: (counts[owner][order] * (1 if ascending else -1), owner))
    page = [{"owner": owner, "data": counts[owner]} for owner in owners[offset : offset + limit]]
    return {"total": len(owners), "next_offset": min(offset + limit, len(owners)), "items": page}


def _by_day(call: Call) -> dict[str, Any]:
    begin, end = _days(call, "day_begin_time", "day_end_time")
    owners = _owners(call)
    days = range(int(begin), int(end), int(_DAY))
    return {"items": [{"stat_time": day, "data": _counts(call, owners, day, day + _DAY)} for day in days]}


def _counts(call: Call, owners: Sequence[str], begin: float, end: float) -> dict[str, int]:
    """What happened in the groups of some owners in [begin, end), and what they were like at its end."""
    values = {
        "corp": call.corpid, "owners": dump([owner.lower() for owner in owners]), "begin": begin, "end": end,
    }  # fmt: skip
    row = call.box.store.run(
        """
        WITH mine AS (
            SELECT chat_id, created, dismissed FROM groups WHERE corpid = :corp
            AND lower(owner) IN (SELECT value FROM json_each(:owners)) AND created < :end
        ), talk AS (
            SELECT m.roomid, count(*) AS messages, count(DISTINCT m.sender) AS speakers
            FROM mine JOIN messages m ON m.roomid = mine.chat_id AND m.at >= :begin AND m.at < :end GROUP BY m.roomid
        ), people AS (
            SELECT coalesce(sum(s.joined >= :begin AND s.joined < :end), 0) AS newcomers,
            coalesce(sum(s.joined < :end AND (s.left_at IS NULL OR s.left_at >= :end)), 0) AS members
            FROM mine JOIN stays s ON s.chat_id = mine.chat_id
        )
        SELECT (SELECT count(*) FROM mine WHERE created >= :begin) AS new_chat_cnt,
        (SELECT count(*) FROM mine WHERE dismissed IS NULL OR dismissed >= :end) AS chat_total,
        (SELECT count(*) FROM talk) AS chat_has_msg, people.newcomers AS new_member_cnt, people.members AS member_total,
        (SELECT coalesce(sum(speakers), 0) FROM talk) AS member_has_msg,
        (SELECT coalesce(sum(messages), 0) FROM talk) AS msg_total, 0 AS migrate_trainee_chat_cnt FROM people
        """,
        values,
    ).fetchone()
    return dict(row)


def _behaviour(call: Call) -> dict[str, Any]:
    users, parties = call.texts("userid", most=100), call.numbers("partyid", most=100)
    if not users and not parties:
        raise Refused(40058, "`userid` and `partyid` are both empty.")
    begin, end = _days(call, "start_time", "end_time", end_needed=True)
    staff = {call.staff(userid)["userid"].lower() for userid in users} | _staff_of(call, parties)
    days = range(int(begin), int(end), int(_DAY))
    return {"behavior_data": [_behaviour_on(call, staff, day) for day in days]}


def _staff_of(call: Call, parties: Sequence[int]) -> set[str]:
    if not parties:
        return set()
    below = call.box.corps_kept.departments_below(call.corpid, parties)
    rows = call.box.store.column(
        "SELECT userid FROM users WHERE corpid = ? AND left_at IS NULL AND department IN (SELECT value FROM json_each(?))",
        call.corpid, dump(below),
    )  # fmt: skip
    return {userid.lower() for userid in rows if call.app.sees(userid)}


def _behaviour_on(call: Call, staff: set[str], day: float) -> dict[str, Any]:
    """One day of some staff together: their one-to-one conversations, who came and who was lost."""
    told: dict[str, Any] = {"stat_time": int(day), "chat_cnt": 0, "message_cnt": 0}
    begun: dict[tuple[str, str], float] = {}
    answered: dict[tuple[str, str], float] = {}
    written: set[tuple[str, str]] = set()
    for row in call.box.store.all(
        "SELECT sender, tolist, at FROM messages WHERE corpid = ? AND at >= ? AND at < ? AND roomid = '' ORDER BY seq",
        call.corpid, day, day + _DAY,
    ):  # fmt: skip
        sender, to = row["sender"], load(row["tolist"])[0]
        if sender.lower() in staff:
            pair = (sender.lower(), to)
            told["message_cnt"] += 1
            written.add(pair)
            if pair in begun:
                answered.setdefault(pair, row["at"] - begun[pair])
        elif to.lower() in staff and (to.lower(), sender) not in written:
            begun.setdefault((to.lower(), sender), row["at"])
    told["chat_cnt"] = len(written)
    if begun:
        told["reply_percentage"] = round(100 * len(answered) / len(begun), 2)
    if answered:
        told["avg_reply_time"] = int(sum(answered.values()) / len(answered) / 60)
    return told | _won_and_lost(call, staff, day)


def _won_and_lost(call: Call, staff: set[str], day: float) -> dict[str, int]:
    row = call.box.store.run(
        "SELECT coalesce(sum(f.left_by_person >= :day AND f.left_by_person < :end), 0) AS negative_feedback_cnt,"
        " coalesce(sum(f.created >= :day AND f.created < :end AND f.oper_userid = f.userid), 0) AS new_apply_cnt,"
        f" coalesce(sum(f.created >= :day AND f.created < :end AND {ALIVE}), 0) AS new_contact_cnt"
        " FROM json_each(:staff) j CROSS JOIN follows f ON f.corpid = :corp AND f.userid = j.value",
        {"corp": call.corpid, "staff": dump(sorted(staff)), "day": day, "end": day + _DAY},
    ).fetchone()
    return dict(row)


ENDPOINTS = (
    Endpoint("externalcontact/groupchat/statistic", "POST", _by_owner, empty={"items": []}),
    Endpoint("externalcontact/groupchat/statistic_group_by_day", "POST", _by_day, empty={"items": []}),
    Endpoint("externalcontact/get_user_behavior_data", "POST", _behaviour, empty={"behavior_data": []}),
)
