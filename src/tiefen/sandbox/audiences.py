"""Whom a mass message 群发 goes to, and through whom (https://developer.work.weixin.qq.com/document/path/92135)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tiefen.sandbox.state import dump

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox
    from tiefen.sandbox.corps import App


@dataclass(frozen=True, slots=True)
class Audience:
    """(staff, receiver) of everybody it goes to; `failed` are those named to whom nothing can be sent."""

    parts: list[tuple[str, str]]
    failed: list[str]


def of_customers(
    box: Sandbox, app: App, named: Sequence[str], sender: str | None, tags: Sequence[Sequence[str]]
) -> Audience:
    """Each customer by the member of staff they talked to last. Without names: all with a tag of every list, or all."""
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
    wanted, mine = list(dict.fromkeys(named)) or own, set(own)
    return Audience([(owner, one) for one in wanted if one in mine], [one for one in wanted if one not in mine])


def _friends_sql(
    corpid: str, named: Sequence[str], sender: str | None, tags: Sequence[Sequence[str]]
) -> tuple[str, list[Any]]:
    """Pairs the API knows, best first: not deleted by the customer, talked last."""
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
