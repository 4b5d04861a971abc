"""Mass messages 群发: whom a task is for, and what happens when staff confirm their part of it.

Making a task sends nothing. A customer or group gets as many a month as it has days, or what the administrator chose
(`Sandbox.configure(mass_messages=…)`: `month`, `week` for seven, `day` for one), which is looked at when it is sent.
https://developer.work.weixin.qq.com/document/path/92135
"""

from __future__ import annotations

import calendar
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tiefen.sandbox.errors import NotPossible
from tiefen.sandbox.limits import CHINA
from tiefen.sandbox.presence import seen
from tiefen.sandbox.state import dump, load

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox
    from tiefen.sandbox.corps import App

UNSENT, SENT, NO_FRIEND, HAD_ENOUGH = 0, 1, 2, 3
_CONFIRMED = 2


@dataclass(frozen=True, slots=True)
class Audience:
    """Who sends to whom; `failed` are those named to whom nothing can be sent."""

    parts: list[tuple[str, str]]
    failed: list[str]


def of_customers(
    box: Sandbox, app: App, named: Sequence[str], sender: str | None, tags: Sequence[Sequence[str]]
) -> Audience:
    """Each customer by the member of staff they talked to last. Without names: all with tags of every list, or all."""
    sql, values = _friends_sql(app.corpid, named, sender, tags)
    chosen: dict[str, str] = {}
    for row in box.store.run(sql, values):
        if row["external_userid"] not in chosen and app.sees(row["userid"]):
            chosen[row["external_userid"]] = row["userid"]
    failed = [external for external in dict.fromkeys(named) if external not in chosen]
    return Audience([(userid, external) for external, userid in chosen.items()], failed)


def of_groups(box: Sandbox, app: App, named: Sequence[str], owner: str) -> Audience:
    """Groups of one owner: those named, or all."""
    own = box.store.column(
        "SELECT chat_id FROM groups WHERE corpid = ? AND owner = ? AND dismissed IS NULL ORDER BY created, chat_id",
        app.corpid, owner,
    )  # fmt: skip
    wanted = list(dict.fromkeys(named)) or own
    mine = set(own)
    return Audience([(owner, one) for one in wanted if one in mine], [one for one in wanted if one not in mine])


def confirm(box: Sandbox, corpid: str, userid: str, msgid: str, only: Collection[str] | None = None) -> None:
    """Staff send their part; `only` some of it, where the task lets them choose or goes to groups."""
    with box.act():
        task = _task(box, corpid, userid, msgid)
        rows = box.store.all(
            "SELECT target FROM group_message_results WHERE msgid = ? AND userid = ? AND status = 0 ORDER BY target",
            msgid, userid,
        )  # fmt: skip
        if not rows:
            raise NotPossible(f"{userid} has sent {msgid} already")
        if only is not None and task["chat_type"] == "single" and not task["allow_select"]:
            raise NotPossible("this task does not let staff choose")
        content = load(task["content"])
        for row in rows:
            if only is None or row["target"] in only:
                _send(box, task, task["userid"], row["target"], content)
        box.store.run(
            "UPDATE group_message_tasks SET status = ?, sent = coalesce(sent, ?) WHERE msgid = ? AND userid = ?",
            (_CONFIRMED, box.clock.now(), msgid, userid),
        )
        seen(box, corpid, userid)


def _friends_sql(
    corpid: str, named: Sequence[str], sender: str | None, tags: Sequence[Sequence[str]]
) -> tuple[str, list[Any]]:
    sql = (
        "SELECT f.userid, f.external_userid FROM follows f JOIN users u ON u.corpid = f.corpid AND u.userid = f.userid"
        " WHERE f.corpid = ? AND NOT f.half AND f.left_by_staff IS NULL AND f.owner_left IS NULL AND u.left_at IS NULL"
    )
    values: list[Any] = [corpid]
    if sender is not None:
        sql += " AND f.userid = ?"
        values.append(sender)
    if named:
        sql += " AND f.external_userid IN (SELECT value FROM json_each(?))"
        values.append(dump(list(named)))
    for some in () if named else tags:
        sql += " AND EXISTS (SELECT 1 FROM follow_tags t WHERE t.follow = f.id AND t.tag_id IN (SELECT value FROM json_each(?)))"
        values.append(dump(list(some)))
    return sql + " ORDER BY f.left_by_person IS NOT NULL, coalesce(f.spoke, f.created) DESC, f.id", values


def _task(box: Sandbox, corpid: str, userid: str, msgid: str) -> sqlite3.Row:
    row = box.store.one(
        "SELECT m.*, u.userid, u.left_at FROM group_messages m JOIN group_message_tasks t ON t.msgid = m.msgid"
        " JOIN users u ON u.corpid = m.corpid AND u.userid = t.userid WHERE m.msgid = ? AND m.corpid = ? AND t.userid = ?",
        msgid, corpid, userid,
    )  # fmt: skip
    if row is None or row["left_at"] is not None:
        raise NotPossible(f"{userid} was not asked to send {msgid}")
    if row["cancelled"] is not None:
        raise NotPossible(f"{msgid} was cancelled")
    return row


def _send(box: Sandbox, task: sqlite3.Row, userid: str, target: str, content: dict[str, Any]) -> None:
    now, to_group = box.clock.now(), task["chat_type"] == "group"
    if to_group and not _owns(box, userid, target):
        return
    if not to_group and not _in_touch(box, task["corpid"], userid, target):
        status = NO_FRIEND
    else:
        status = HAD_ENOUGH if _had_enough(box, target, now) else SENT
    box.store.run(
        "UPDATE group_message_results SET status = ?, sent = ? WHERE msgid = ? AND userid = ? AND target = ?",
        (status, now, task["msgid"], userid, target),
    )
    if status == SENT:
        box.tell_delivered(task["corpid"], task["chat_type"], userid, target, content, task["msgid"])


def _in_touch(box: Sandbox, corpid: str, userid: str, external: str) -> bool:
    row = box.store.one(
        "SELECT 1 FROM follows WHERE corpid = ? AND userid = ? AND external_userid = ? AND NOT half"
        " AND left_by_staff IS NULL AND left_by_person IS NULL AND owner_left IS NULL",
        corpid, userid, external,
    )  # fmt: skip
    return row is not None


def _owns(box: Sandbox, userid: str, chat_id: str) -> bool:
    row = box.store.one("SELECT 1 FROM groups WHERE chat_id = ? AND owner = ? AND dismissed IS NULL", chat_id, userid)
    return row is not None


def _had_enough(box: Sandbox, target: str, now: float) -> bool:
    since, most = share(box.setting("mass_messages"), now)
    had = box.store.value(
        "SELECT count(*) FROM group_message_results r JOIN group_messages m ON m.msgid = r.msgid"
        " WHERE r.target = ? AND r.sent >= ? AND r.status = 1 AND m.create_type = 0",
        target, since,
    )  # fmt: skip
    return bool(had >= most)


def share(per: str, now: float) -> tuple[float, int]:
    """Since when a receiver's mass messages count at a time, and how many they may get."""
    midnight = datetime.fromtimestamp(now, UTC).astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    match per:
        case "day":
            return midnight.timestamp(), 1
        case "week":
            return (midnight - timedelta(days=midnight.weekday())).timestamp(), 7
        case _:
            return midnight.replace(day=1).timestamp(), calendar.monthrange(midnight.year, midnight.month)[1]
