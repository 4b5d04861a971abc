"""Moments tasks (客户朋友圈): a job makes the task, staff post one by one, and contacts find it in their Moments.

One touch stands for the post as a whole (tasked when the job is done, sent when the first of the staff has posted), one
for each of the staff, and one for each contact in whose Moments it is; the parts are named after the whole.
https://developer.work.weixin.qq.com/document/path/95094, 97612, 93333
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import msgspec

from tiefen.kit.clock import SECOND_US
from tiefen.kit.errors import TiefenError
from tiefen.wecom.channel.desk import Desk, maybe_done
from tiefen.wecom.channel.message import Message
from tiefen.wecom.channel.tasks import Task
from tiefen.wecom.channel.touches import MOMENT, Move, Recipient, State, contact, part_of, staff
from tiefen.wecom.client.codes import reason_of
from tiefen.wecom.client.errors import AlreadySo, UnknownThing, WeComError

_DONE = 3
_JOB_LIFE_US = 24 * 3_600 * SECOND_US


class Moment(msgspec.Struct, kw_only=True):
    """What is noted of a Moments task."""

    touch: str
    campaign: str | None = None
    text: str = ""
    jobid: str = ""
    published: bool = False
    settled: list[str] = []
    """Staff who have posted, and of whose viewers it is told."""


def ask(
    desk: Desk, touch: str, message: Message, *, staff_ids: Sequence[str], departments: Sequence[int],
    tags: Sequence[str], campaign: str | None,
) -> str:  # fmt: skip
    """Begin the job; returns the task's id here. When nothing was done the error is raised."""
    now = desk.now_us()
    note = Moment(touch=touch, campaign=campaign, text=message.text or "")
    whole = Recipient(touch=touch, to="", campaign=campaign)
    task_id = desk.tasks.begin(
        "moment", note, [whole], now, look_us=now + desk.settings.first_look_us,
        ends_us=now + desk.settings.moment_ends_us,
    )  # fmt: skip
    try:
        note.jobid = desk.api.moments.add_moment_task(
            text=message.text, attachments=message.attachments, userids=staff_ids, departments=departments, tags=tags
        )
    except TiefenError as error:
        if maybe_done(error):
            return task_id
        desk.tasks.drop(task_id)
        raise
    desk.tasks.keep(task_id, note, next_look_us=desk.now_us() + desk.settings.first_look_us)
    return task_id


def look(desk: Desk, task: Task) -> None:
    """See how far job, staff and contacts have come, tell it in facts, and note when to look again."""
    now, note = desk.now_us(), task.told(Moment)
    moment_id = task.outer_id or _made(desk, task, note, now)
    if not moment_id:
        return
    told = [row for page, _ in desk.api.moments.every_publishing(moment_id) for row in page.task_list]
    new = [row.userid for row in told if row.userid not in note.settled]
    moves = [_part(note, row.userid, "tasked", now) for row in told] if not task.outer_id else []
    for userid in new:
        if any(row.userid == userid and row.publish_status == 1 for row in told):
            moves += [_part(note, userid, "sent", now), _part(note, userid, "delivered", now)]
            moves += _viewers(desk, note, moment_id, userid, now)
            note.settled.append(userid)
    if note.settled and not note.published:
        note.published = True
        moves.append(_whole(note, "sent", now))
    over = now >= task.ends_us or task.state == "cancelling"
    left = [row.userid for row in told if row.userid not in note.settled]
    if over:
        reason = "cancelled" if task.state == "cancelling" else "not_posted"
        moves += [_part(note, userid, "failed", now, reason) for userid in left]
    if over or not left:
        moves.append(_whole(note, "delivered", now) if note.published else _whole(note, "failed", now, "not_posted"))
        desk.record(MOMENT, moves)
        desk.tasks.finish(task.task_id, "done")
        return
    desk.record(MOMENT, moves)
    fresh = desk.tasks.get(task.task_id)
    again = min(now + desk.settings.pause_us(task.looks), task.ends_us)
    cancelled = fresh.state == "cancelling"
    desk.tasks.keep(
        task.task_id, note, outer_id=moment_id, state=fresh.state if cancelled else "open",
        next_look_us=fresh.next_look_us if cancelled else again, error=None,
    )  # fmt: skip


def cancel(desk: Desk, task_id: str) -> bool:
    """Stop what is not posted yet; who has posted is learned by one more look."""
    task = desk.tasks.get(task_id)
    if task.state != "open":
        return False
    with suppress(AlreadySo):
        desk.api.moments.cancel_moment_task(task.outer_id)
    desk.tasks.keep(task_id, state="cancelling", next_look_us=desk.now_us() + desk.settings.first_look_us)
    return True


def give_up(desk: Desk, task: Task, error: WeComError) -> None:
    _fail(desk, task, task.told(Moment), reason_of(error.errcode))


def _made(desk: Desk, task: Task, note: Moment, now: int) -> str:
    """The id of the post once the job is done; "" while it is under way or when it has failed."""
    if not note.jobid:
        return _find(desk, task, note, now)
    try:
        job = desk.api.moments.get_moment_task_result(note.jobid)
    except UnknownThing:
        return _find(desk, task, note, now)
    if job.status != _DONE or job.result is None:
        if now > task.asked_us + _JOB_LIFE_US:
            _fail(desk, task, note, "job_never_done")
        else:
            desk.tasks.keep(task.task_id, next_look_us=now + desk.settings.first_look_us)
        return ""
    if job.result.errcode != 0:
        _fail(desk, task, note, reason_of(job.result.errcode))
        return ""
    refused = job.result.invalid_sender_list
    moves = [_part(note, userid, "failed", now, "not_a_sender") for userid in (refused.user_list if refused else ())]
    desk.moved(MOMENT, [_whole(note, "tasked", now), *moves])
    return job.result.moment_id


def _find(desk: Desk, task: Task, note: Moment, now: int) -> str:
    """A post whose job was lost sight of: the one of the corp that says the same and nobody else claims."""
    known = desk.tasks.outer_ids(("moment",))
    start, end = task.asked_us // SECOND_US - 60, now // SECOND_US + 60
    for page, _ in desk.api.moments.every_moment(start, end):
        for made in page.moment_list:
            said = made.text.content if made.text is not None else ""
            if made.create_type == 0 and made.moment_id not in known and said.strip() == note.text.strip():
                desk.moved(MOMENT, [_whole(note, "tasked", made.create_time * SECOND_US or now)])
                return made.moment_id
    if now >= task.asked_us + desk.settings.find_for_us:
        _fail(desk, task, note, "unanswered")
    else:
        desk.tasks.keep(task.task_id, next_look_us=now + desk.settings.first_look_us)
    return ""


def _viewers(desk: Desk, note: Moment, moment_id: str, userid: str, now: int) -> list[Move]:
    return [
        Move(
            touch=part_of(note.touch, row.external_userid), state="delivered", at_us=now,
            person=contact(row.external_userid), campaign=note.campaign,
        )
        for page, _ in desk.api.moments.every_viewer(moment_id, userid)
        for row in page.customer_list
    ]  # fmt: skip


def _fail(desk: Desk, task: Task, note: Moment, reason: str) -> None:
    desk.record(MOMENT, [_whole(note, "failed", desk.now_us(), reason)])
    desk.tasks.finish(task.task_id, "failed")


def _whole(note: Moment, state: State, at_us: int, reason: str | None = None) -> Move:
    return Move(touch=note.touch, state=state, at_us=at_us, campaign=note.campaign, reason=reason)


def _part(note: Moment, userid: str, state: State, at_us: int, reason: str | None = None) -> Move:
    return Move(
        touch=part_of(note.touch, userid), state=state, at_us=at_us, person=staff(userid), campaign=note.campaign,
        reason=reason,
    )  # fmt: skip
