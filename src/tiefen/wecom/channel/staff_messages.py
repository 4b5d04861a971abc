"""Messages to staff. What is sent beyond 30 a minute or 1,000 an hour to one of them WeCom drops without a word, so it is
not sent. https://developer.work.weixin.qq.com/document/path/90236, 90312
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from tiefen.kit.clock import SECOND_US
from tiefen.wecom.channel.desk import Desk
from tiefen.wecom.channel.settings import ChannelSettings
from tiefen.wecom.channel.touches import STAFF_MESSAGE, Move, Recipient, State, staff
from tiefen.wecom.client.codes import reason_of
from tiefen.wecom.client.errors import MalformedReply, Unanswered, WeComError
from tiefen.wecom.client.pacing import Window

_AT_ONCE = 1_000


class StaffPacing:
    """How much each of the staff was sent lately, by this process."""

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings, self._lock = settings, threading.Lock()
        self._windows: dict[str, tuple[Window, Window]] = {}

    def admit(self, userid: str, now_us: int) -> bool:
        """Count one message to somebody, if it would not be dropped."""
        now = now_us / SECOND_US
        with self._lock:
            fresh = Window(self._settings.staff_per_minute, 60.0), Window(self._settings.staff_per_hour, 3_600.0)
            minute, hour = self._windows.setdefault(userid.lower(), fresh)
            if minute.wait(now) > 0 or hour.wait(now) > 0:
                return False
            minute.take(now)
            hour.take(now)
            return True


def tell(
    desk: Desk, pacing: StaffPacing, recipients: Sequence[Recipient], msgtype: str, content: Mapping[str, Any]
) -> dict[str, str | None]:
    """Send one message to staff; by touch None, or why it was not delivered (`unanswered`: nobody knows)."""
    outcome: dict[str, str | None] = {}
    admitted = []
    for recipient in recipients:
        if pacing.admit(recipient.to, desk.now_us()):
            admitted.append(recipient)
        else:
            outcome[recipient.touch] = "staff_limit"
    for start in range(0, len(admitted), _AT_ONCE):
        some = admitted[start : start + _AT_ONCE]
        try:
            told = desk.api.staff_messages.send(msgtype, content, to=[one.to for one in some])
            # Ids come back in lower case.
            missed = told.not_reached
            outcome |= {one.touch: "unknown_staff" if one.to.lower() in missed else None for one in some}
        except WeComError as error:
            outcome |= {one.touch: reason_of(error.errcode) for one in some}
        except (Unanswered, MalformedReply):
            outcome |= {one.touch: "unanswered" for one in some}
    now = desk.now_us()
    moves: list[Move] = []
    for one in recipients:
        if (why := outcome[one.touch]) is None:
            moves += [_move(one, "sent", now, None), _move(one, "delivered", now, None)]
        else:
            moves.append(_move(one, "failed", now, why))
    desk.record(STAFF_MESSAGE, moves)
    return outcome


def _move(one: Recipient, state: State, at_us: int, reason: str | None) -> Move:
    return Move(touch=one.touch, state=state, at_us=at_us, person=staff(one.to), campaign=one.campaign, reason=reason)
