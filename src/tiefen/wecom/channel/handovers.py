"""Handover of contacts and groups, on the job and after leaving.

A transfer that began takes effect by itself after 24 hours unless the contact refuses, so its end is looked up.
On the job a contact is handed over twice in 90 days at most, which is checked here before WeCom has to say so.
https://developer.work.weixin.qq.com/document/path/92125, 94088, 95703, 94081, 94082, 92127
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from tiefen.kit.clock import SECOND_US
from tiefen.kit.errors import TiefenError
from tiefen.wecom.channel.desk import Desk, maybe_done
from tiefen.wecom.channel.settings import HOUR_US
from tiefen.wecom.channel.tasks import Task, Waiting
from tiefen.wecom.channel.touches import HANDOVER, Move, Recipient, State, contact
from tiefen.wecom.client.codes import reason_of
from tiefen.wecom.client.endpoints.handover import Transferred
from tiefen.wecom.client.errors import WeComError

Why = Literal["moved", "left"]
_AT_ONCE = 100
_TWICE = "transferred_twice_in_90_days"
_DONE, _WAITING = 1, 2
_FAILED = {3: "refused", 4: "taker_full"}


class Handover(msgspec.Struct, kw_only=True):
    """What is noted of a handover: from whom to whom, and why."""

    giver: str
    taker: str
    why: Why


def ask(
    desk: Desk, giver: str, taker: str, recipients: Sequence[Recipient], *, why: Why, farewell: str | None
) -> list[str]:
    """Hand contacts over, a hundred at a time; returns the tasks' ids here.

    Whom WeCom refuses fails with the reason. Where nothing was done (a limit, no connection) the error is raised; what
    came before it stands.
    """
    return [
        _ask(desk, Handover(giver=giver, taker=taker, why=why), recipients[start : start + _AT_ONCE], farewell)
        for start in range(0, len(recipients), _AT_ONCE)
    ]


def _ask(desk: Desk, note: Handover, recipients: Sequence[Recipient], farewell: str | None) -> str:
    now = desk.now_us()
    ids = [recipient.to for recipient in recipients]
    before: dict[str, int] = {}
    if note.why == "moved":
        before = desk.tasks.times_in("handover", ids, now - desk.settings.handover_kept_us)
    task_id = desk.tasks.begin(
        "handover", note, recipients, now, look_us=now + desk.settings.first_look_us,
        ends_us=now + desk.settings.handover_ends_us,
    )  # fmt: skip
    left = desk.waiting(HANDOVER, task_id)
    desk.moved(HANDOVER, [_move(one, "failed", now, _TWICE) for one in left if before.get(one.to, 0) >= 2])
    left = [one for one in left if before.get(one.to, 0) < 2]
    if not left:
        desk.tasks.finish(task_id, "done", keep_recipients=True)
        return task_id
    handing = desk.api.handover
    whom = [one.to for one in left]
    try:
        if note.why == "left":
            begun = handing.resigned_transfer_customer(note.giver, note.taker, whom)
        else:
            begun = handing.transfer_customer(note.giver, note.taker, whom, transfer_success_msg=farewell)
    except TiefenError as error:
        if maybe_done(error):
            return task_id
        desk.tasks.drop(task_id)
        raise
    codes = {row.external_userid: row.errcode for row in begun}
    # Whom the answer does not name is looked up like everybody else.
    refused = {to: code for to, code in codes.items() if code != 0}
    desk.moved(
        HANDOVER,
        [
            _move(one, "failed", now, reason_of(refused[one.to])) if one.to in refused else _move(one, "tasked", now)
            for one in left
        ],
    )
    if len(refused) == len(left):
        desk.tasks.finish(task_id, "done", keep_recipients=True)
    else:
        desk.tasks.keep(task_id, state="open", next_look_us=now + HOUR_US)
    return task_id


def look(desk: Desk, task: Task) -> None:
    """See who has been taken over, tell it in facts, and look again when the next one is due."""
    now, note = desk.now_us(), task.told(Handover)
    left = {one.to: one for one in desk.waiting(HANDOVER, task.task_id)}
    due: list[int] = []
    moves: list[Move] = []
    for row in _results(desk, note):
        one = left.get(row.external_userid)
        if one is None or _earlier(row, task):
            continue
        if one.state == "asking":
            # Its transfer began although no answer came.
            moves.append(_move(one, "tasked", task.asked_us))
        if row.status == _WAITING:
            due.append(row.takeover_time * SECOND_US)
            continue
        if row.status == _DONE:
            moves.append(_move(one, "delivered", row.takeover_time * SECOND_US or now))
        else:
            moves.append(_move(one, "failed", now, _FAILED.get(row.status, "unknown")))
        del left[row.external_userid]
    if task.state == "asking" and now >= task.asked_us + desk.settings.find_for_us:
        started = {move.touch for move in moves}
        lost = [one for one in left.values() if one.state == "asking" and one.touch not in started]
        moves += [_move(one, "failed", now, "unanswered") for one in lost]
        left = {to: one for to, one in left.items() if one not in lost}
    if now >= task.ends_us:
        moves += [_move(one, "failed", now, "no_result") for one in left.values()]
        left = {}
    desk.moved(HANDOVER, moves)
    if not left:
        desk.tasks.finish(task.task_id, "done", keep_recipients=True)
        return
    soon = now + (desk.settings.first_look_us if task.state == "asking" else 6 * HOUR_US)
    # A minute after the first of them is due, for it is WeCom that does it.
    coming = [at + desk.settings.first_look_us for at in due if at > now]
    found = "open" if task.state == "asking" and due else task.state
    again = min(soon, task.ends_us, *coming)
    desk.tasks.keep(task.task_id, state=found, next_look_us=max(again, now + desk.settings.first_look_us), error=None)


def give_up(desk: Desk, task: Task, error: WeComError) -> None:
    now = desk.now_us()
    left = desk.waiting(HANDOVER, task.task_id)
    desk.moved(HANDOVER, [_move(one, "failed", now, reason_of(error.errcode)) for one in left])
    desk.tasks.finish(task.task_id, "failed", keep_recipients=True)


def _earlier(row: Transferred, task: Task) -> bool:
    """Whether a row tells of an earlier handover between the same two; an hour is left for clocks that differ."""
    return row.status == _DONE and 0 < row.takeover_time * SECOND_US < task.asked_us - HOUR_US


def _results(desk: Desk, note: Handover) -> Iterator[Transferred]:
    handing = desk.api.handover
    every = handing.every_resigned_transfer if note.why == "left" else handing.every_transfer
    for page, _ in every(note.giver, note.taker):
        yield from page.customer


def _move(one: Waiting, state: State, at_us: int, reason: str | None = None) -> Move:
    return Move(touch=one.touch, state=state, at_us=at_us, person=contact(one.to), campaign=one.campaign, reason=reason)
