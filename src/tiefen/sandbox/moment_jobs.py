"""What a Moments job comes to: who posts, for whom, and who was named in vain.

https://developer.work.weixin.qq.com/document/path/95094
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tiefen.sandbox.corps import App
from tiefen.sandbox.state import dump, load

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

MADE = 3
"""The status of a job that is done."""


def finish(box: Sandbox, jobid: str) -> None:
    """The job is done: staff have something to post, unless nobody may."""
    row = box.store.one("SELECT * FROM moments WHERE jobid = ?", jobid)
    if row is None:
        return
    app, chosen = box.corps_kept.app(row["corpid"], row["agentid"]), load(row["visible_range"])
    senders, bad_users, bad_departments = _senders(box, app, chosen["users"], chosen["departments"])
    tags, bad_tags = _tags(box, app, chosen["tags"])
    targets = [] if chosen["tags"] and not tags else _targets(box, app, senders, tags)
    code = 0 if senders and targets else 41062 if not senders else 41048
    result = {
        "errcode": code, "moment_id": row["moment_id"] if code == 0 else "",
        "invalid_sender_list": {"user_list": bad_users, "department_list": bad_departments},
        "invalid_external_contact_list": {"tag_list": bad_tags},
    }  # fmt: skip
    box.store.run(
        "UPDATE moments SET status = ?, result = ?, made = ? WHERE jobid = ?",
        (MADE, dump(result), box.clock.now(), jobid),
    )
    if code == 0:
        _hand_out(box, row, targets)


def _hand_out(box: Sandbox, row: sqlite3.Row, targets: Sequence[tuple[str, str]]) -> None:
    staff = list(dict.fromkeys(userid for userid, _ in targets))
    moment_id = row["moment_id"]
    box.store.many("INSERT INTO moment_tasks (moment_id, userid) VALUES (?, ?)", [(moment_id, one) for one in staff])
    box.store.many(
        "INSERT INTO moment_targets (moment_id, userid, external_userid) VALUES (?, ?, ?)",
        [(moment_id, userid, external) for userid, external in targets],
    )
    for userid in staff:
        box.tell_tasked(row["corpid"], userid, moment_id, "moment")


def _senders(
    box: Sandbox, app: App, users: Sequence[str], departments: Sequence[int]
) -> tuple[list[str], list[str], list[int]]:
    """Who posts, and those named who cannot."""
    rows = box.store.all(
        "SELECT userid, department FROM users WHERE corpid = ? AND left_at IS NULL AND follows AND status = 1"
        " ORDER BY hired, userid",
        app.corpid,
    )  # fmt: skip
    able = {row["userid"].lower(): row for row in rows if app.sees(row["userid"])}
    if not users and not departments:
        return [row["userid"] for row in able.values()], [], []
    known = set(box.store.column("SELECT id FROM departments WHERE corpid = ?", app.corpid))
    below = set(box.corps_kept.departments_below(app.corpid, [one for one in departments if one in known]))
    named = {userid.lower() for userid in users}
    chosen = [row["userid"] for lower, row in able.items() if lower in named or row["department"] in below]
    bad = [userid for userid in dict.fromkeys(users) if userid.lower() not in able]
    return chosen, bad, [one for one in departments if one not in known]


def _tags(box: Sandbox, app: App, tags: Sequence[str]) -> tuple[list[str], list[str]]:
    """Those that are the company's, and the others."""
    known = set(
        box.store.column(
            "SELECT tag_id FROM tags WHERE corpid = ? AND NOT deleted AND tag_id IN (SELECT value FROM json_each(?))",
            app.corpid, dump(list(tags)),
        )
    )  # fmt: skip
    return [tag for tag in tags if tag in known], [tag for tag in tags if tag not in known]


def _targets(box: Sandbox, app: App, senders: Sequence[str], tags: Sequence[str]) -> list[tuple[str, str]]:
    rows = box.store.run(
        "SELECT DISTINCT f.userid, f.external_userid FROM follows f WHERE f.corpid = ? AND NOT f.half"
        " AND f.left_by_staff IS NULL AND f.owner_left IS NULL AND (? OR EXISTS (SELECT 1 FROM follow_tags t"
        " WHERE t.follow = f.id AND t.tag_id IN (SELECT value FROM json_each(?)))) ORDER BY 1, 2",
        (app.corpid, not tags, dump(list(tags))),
    )
    among = {userid.lower() for userid in senders}
    return [(row[0], row[1]) for row in rows if row[0].lower() in among]
