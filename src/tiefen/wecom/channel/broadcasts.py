"""Message tasks for contacts and for groups (企业群发): made, confirmed by staff one by one, looked at until every recipient's end.

Making a task sends nothing. What became of it is asked for: first which staff confirmed, then of each of those what became
of their part. https://developer.work.weixin.qq.com/document/path/92135, 93338, 97610, 97611
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from tiefen.kit.clock import SECOND_US
from tiefen.kit.errors import TiefenError
from tiefen.wecom.channel.desk import Desk, maybe_done
from tiefen.wecom.channel.message import Message
from tiefen.wecom.channel.tasks import Task, Waiting
from tiefen.wecom.channel.touches import BROADCAST, GROUP_BROADCAST, Move, Recipient, State, contact
from tiefen.wecom.client.codes import reason_of
from tiefen.wecom.client.endpoints.messages import MessageTask, Sent
from tiefen.wecom.client.errors import (
    AlreadySo,
    ContentRefused,
    EmptyAudience,
    NoRelation,
    QuotaUsedUp,
    WeComError,
)

KINDS = ("broadcast", "group_broadcast")
_FAILED = {2: "no_relation", 3: "quota_used_up"}


class Broadcast(msgspec.Struct, kw_only=True):
    """What is noted of a broadcast."""

    content: str
    """A digest of what it says, by which a task that was made unseen is found."""
    settled: list[str] = []
    """Staff of whose part nothing more is to be learned."""
    nudged_us: list[int] = []


@dataclass(frozen=True, slots=True)
class Nudged:
    """Whether staff were reminded; if not, when they may be again."""

    done: bool
    again_us: int | None = None


def ask(
    desk: Desk, recipients: Sequence[Recipient], message: Message, *, to_groups: bool, sender: str | None,
    allow_select: bool,
) -> str:  # fmt: skip
    """Make the task; returns its id here. What WeCom refuses as a whole fails every touch with the reason.

    When nothing was done (a limit, no connection) the error is raised and the same touches may be handed over again.
    """
    now = desk.now_us()
    kind = "group_broadcast" if to_groups else "broadcast"
    note = Broadcast(content=_digest(message.text, len(message.attachments)))
    task_id = desk.tasks.begin(
        kind, note, recipients, now, look_us=now + desk.settings.first_look_us,
        ends_us=now + desk.settings.broadcast_ends_us,
    )  # fmt: skip
    ids = [recipient.to for recipient in recipients]
    try:
        made = desk.api.messages.add_msg_template(
            chat_type="group" if to_groups else "single", sender=sender, external_userids=() if to_groups else ids,
            chat_ids=ids if to_groups else (), allow_select=allow_select, text=message.text,
            attachments=message.attachments,
        )  # fmt: skip
    except (EmptyAudience, NoRelation, ContentRefused) as error:
        _fail_all(desk, desk.tasks.get(task_id), reason_of(error.errcode))
        return task_id
    except TiefenError as error:
        if maybe_done(error):
            return task_id
        desk.tasks.drop(task_id)
        raise
    _tasked(desk, desk.tasks.get(task_id), made.msgid, frozenset(made.fail_list))
    return task_id


def look(desk: Desk, task: Task) -> None:
    """See how far it has come, tell it in facts, and note when to look again."""
    now = desk.now_us()
    if not task.outer_id:
        task = _find(desk, task, now)
        if not task.outer_id:
            return
    note = task.told(Broadcast)
    left = {waiting.to: waiting for waiting in desk.waiting(_channel(task), task.task_id)}
    told = [row for page, _ in desk.api.messages.every_staff_task(task.outer_id) for row in page.task_list]
    sent = {row.userid for row in told if row.status == 2}
    for userid in sorted(sent - set(note.settled)):
        if _collect(desk, task, userid, left, now):
            note.settled.append(userid)
    over = now >= task.ends_us or task.state == "cancelling"
    if left and over:
        reason = "cancelled" if task.state == "cancelling" else "not_confirmed"
        desk.moved(_channel(task), [_move(task, waiting, "failed", now, reason) for waiting in left.values()])
    if not left or over:
        desk.tasks.finish(task.task_id, "done")
        return
    fresh = desk.tasks.get(task.task_id)
    note.nudged_us = fresh.told(Broadcast).nudged_us
    # Somebody who cancelled it meanwhile has said himself when to look.
    again = min(now + desk.settings.pause_us(task.looks), task.ends_us)
    desk.tasks.keep(
        task.task_id, note, next_look_us=again if fresh.state == task.state else fresh.next_look_us, error=None
    )


def nudge(desk: Desk, task_id: str) -> Nudged:
    """Remind staff who have not confirmed; at most three times in 24 hours."""
    task, now = desk.tasks.get(task_id), desk.now_us()
    note = task.told(Broadcast)
    recent = [at for at in note.nudged_us if at > now - desk.settings.nudge_window_us]
    if task.state != "open":
        return Nudged(False)
    if len(recent) >= desk.settings.nudges:
        return Nudged(False, min(recent) + desk.settings.nudge_window_us)
    try:
        desk.api.messages.remind_groupmsg_send(task.outer_id)
    except QuotaUsedUp:
        return Nudged(False, now + desk.settings.nudge_window_us)
    note = desk.tasks.get(task_id).told(Broadcast)
    note.nudged_us = [*recent, now]
    desk.tasks.keep(task_id, note)
    return Nudged(True)


def cancel(desk: Desk, task_id: str) -> bool:
    """Stop what is not sent yet. What was sent meanwhile is learned by one more look, shortly after."""
    task = desk.tasks.get(task_id)
    if task.state != "open":
        return False
    with suppress(AlreadySo):
        desk.api.messages.cancel_groupmsg_send(task.outer_id)
    desk.tasks.keep(task_id, state="cancelling", next_look_us=desk.now_us() + desk.settings.first_look_us)
    return True


def give_up(desk: Desk, task: Task, error: WeComError) -> None:
    """End what can never be learned, because WeCom will not tell."""
    _fail_all(desk, task, reason_of(error.errcode))


def _tasked(desk: Desk, task: Task, msgid: str, refused: frozenset[str]) -> None:
    now = desk.now_us()
    left = desk.waiting(_channel(task), task.task_id)
    desk.moved(
        _channel(task),
        [
            _move(task, one, "failed", now, "not_sendable") if one.to in refused else _move(task, one, "tasked", now)
            for one in left
        ],
    )
    desk.tasks.keep(task.task_id, outer_id=msgid, state="open", next_look_us=now + desk.settings.first_look_us)


def _find(desk: Desk, task: Task, now: int) -> Task:
    """A task that may have been made before the answer was lost: the one that says the same to the same."""
    note, known = task.told(Broadcast), desk.tasks.outer_ids(KINDS)
    chat_type = "group" if task.kind == "group_broadcast" else "single"
    start, end = task.asked_us // SECOND_US - 60, now // SECOND_US + 60
    for page, _ in desk.api.messages.every_task(start, end, chat_type=chat_type, filter_type=0):
        for made in page.group_msg_list:
            if made.msgid not in known and _same(made, note) and _is_for(desk, task, made.msgid):
                _tasked(desk, task, made.msgid, frozenset())
                return desk.tasks.get(task.task_id)
    if now >= task.asked_us + desk.settings.find_for_us:
        _fail_all(desk, task, "unanswered")
    else:
        desk.tasks.keep(task.task_id, next_look_us=now + desk.settings.first_look_us)
    return task


def _is_for(desk: Desk, task: Task, msgid: str) -> bool:
    """Whether a task that says the same is for somebody this one is for: many may say the same at the same time.

    Of groups only those sent to are told, so there saying the same has to do.
    """
    if task.kind == "group_broadcast":
        return True
    wanted = {waiting.to for waiting in desk.waiting(_channel(task), task.task_id)}
    messages = desk.api.messages
    staff = (row.userid for page, _ in messages.every_staff_task(msgid) for row in page.task_list)
    parts = (page for userid in staff for page, _ in messages.every_result(msgid, userid))
    return any(row.external_userid in wanted for page in parts for row in page.send_list)


def _collect(desk: Desk, task: Task, userid: str, left: dict[str, Waiting], now: int) -> bool:
    """Tell what became of one member of staff's part; whether all of it has ended."""
    settled = True
    for page, _ in desk.api.messages.every_result(task.outer_id, userid):
        moves: list[Move] = []
        for row in page.send_list:
            to = row.chat_id or row.external_userid or ""
            if to not in left:
                continue
            if row.status == 0:
                settled = False
                continue
            moves += _moves(task, left.pop(to), row, now)
        desk.moved(_channel(task), moves)
    # Of groups only those sent to are told, so what is missing may still come.
    return settled and task.kind == "broadcast"


def _moves(task: Task, one: Waiting, row: Sent, now: int) -> list[Move]:
    at = (row.send_time or 0) * SECOND_US or now
    match row.status:
        case 1:
            return [_move(task, one, "sent", at), _move(task, one, "delivered", at)]
        case status:
            return [_move(task, one, "failed", at, _FAILED.get(status, "unknown"))]


def _move(task: Task, one: Waiting, state: State, at_us: int, reason: str | None = None) -> Move:
    to_group = task.kind == "group_broadcast"
    return Move(
        touch=one.touch, state=state, at_us=at_us, person=None if to_group else contact(one.to),
        group=one.to if to_group else None, campaign=one.campaign, reason=reason,
    )  # fmt: skip


def _fail_all(desk: Desk, task: Task, reason: str) -> None:
    now = desk.now_us()
    left = desk.waiting(_channel(task), task.task_id)
    desk.moved(_channel(task), [_move(task, one, "failed", now, reason) for one in left])
    desk.tasks.finish(task.task_id, "failed")


def _channel(task: Task) -> str:
    return GROUP_BROADCAST if task.kind == "group_broadcast" else BROADCAST


def _same(made: MessageTask, note: Broadcast) -> bool:
    return _digest(made.text.content if made.text is not None else None, len(made.attachments)) == note.content


def _digest(text: str | None, attached: int) -> str:
    return hashlib.sha256(f"{attached} {(text or '').strip()}".encode()).hexdigest()[:32]
