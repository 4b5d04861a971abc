"""Handover of groups: another owner, at once for those who still work here, in a while for those who left.

https://developer.work.weixin.qq.com/document/path/95703, 92127
"""

from __future__ import annotations

from collections.abc import Sequence

from tiefen.kit.errors import TiefenError
from tiefen.wecom.channel.desk import Desk, maybe_done
from tiefen.wecom.channel.handovers import Handover, Why
from tiefen.wecom.channel.settings import HOUR_US
from tiefen.wecom.channel.tasks import Task, Waiting
from tiefen.wecom.channel.touches import GROUP_HANDOVER, Move, Recipient, State
from tiefen.wecom.client.codes import reason_of
from tiefen.wecom.client.errors import GroupDismissed, UnknownGroup, WeComError

_AT_ONCE = 100


def ask(desk: Desk, new_owner: str, recipients: Sequence[Recipient], *, why: Why) -> list[str]:
    """Give groups another owner, a hundred at a time; returns the tasks' ids here."""
    return [
        _ask(desk, Handover(giver="", taker=new_owner, why=why), recipients[start : start + _AT_ONCE])
        for start in range(0, len(recipients), _AT_ONCE)
    ]


def _ask(desk: Desk, note: Handover, recipients: Sequence[Recipient]) -> str:
    now = desk.now_us()
    task_id = desk.tasks.begin(
        "group_handover", note, recipients, now, look_us=now + desk.settings.first_look_us,
        ends_us=now + desk.settings.handover_ends_us,
    )  # fmt: skip
    ids = [recipient.to for recipient in recipients]
    try:
        handing = desk.api.handover
        failed = handing.transfer(ids, note.taker) if note.why == "left" else handing.onjob_transfer(ids, note.taker)
    except TiefenError as error:
        if maybe_done(error):
            return task_id
        desk.tasks.drop(task_id)
        raise
    codes = {row.chat_id: row.errcode for row in failed}
    desk.moved(
        GROUP_HANDOVER,
        [
            _move(one, "failed", now, reason_of(codes[one.to])) if one.to in codes else _move(one, "tasked", now)
            for one in desk.waiting(GROUP_HANDOVER, task_id)
        ],
    )
    desk.tasks.keep(task_id, state="open")
    return task_id


def look(desk: Desk, task: Task) -> None:
    """See whose groups they are now."""
    now, note = desk.now_us(), task.told(Handover)
    moves: list[Move] = []
    left = 0
    for one in desk.waiting(GROUP_HANDOVER, task.task_id):
        try:
            owner = desk.api.groups.get(one.to, need_name=0).owner
        except (GroupDismissed, UnknownGroup) as error:
            moves.append(_move(one, "failed", now, reason_of(error.errcode)))
            continue
        if owner.lower() == note.taker.lower():
            moves.append(_move(one, "delivered", now))
        elif now >= task.ends_us:
            moves.append(_move(one, "failed", now, "no_result"))
        else:
            left += 1
    desk.moved(GROUP_HANDOVER, moves)
    if not left:
        desk.tasks.finish(task.task_id, "done")
        return
    desk.tasks.keep(task.task_id, next_look_us=min(now + HOUR_US, task.ends_us), error=None)


def give_up(desk: Desk, task: Task, error: WeComError) -> None:
    now = desk.now_us()
    left = desk.waiting(GROUP_HANDOVER, task.task_id)
    desk.moved(GROUP_HANDOVER, [_move(one, "failed", now, reason_of(error.errcode)) for one in left])
    desk.tasks.finish(task.task_id, "failed")


def _move(one: Waiting, state: State, at_us: int, reason: str | None = None) -> Move:
    return Move(touch=one.touch, state=state, at_us=at_us, group=one.to, campaign=one.campaign, reason=reason)
