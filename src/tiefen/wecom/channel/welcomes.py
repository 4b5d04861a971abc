"""Welcomes of newcomers (欢迎语): one try that counts, within twenty seconds of the callback.

https://developer.work.weixin.qq.com/document/path/92137
"""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.kit.clock import SECOND_US
from tiefen.wecom.channel.desk import Desk
from tiefen.wecom.channel.message import Message
from tiefen.wecom.channel.touches import WELCOME, Move, Recipient, State, contact
from tiefen.wecom.client.codes import reason_of
from tiefen.wecom.client.errors import Unanswered, WeComError, WelcomeDelivered, WelcomeUnderWay


@dataclass(frozen=True, slots=True)
class Welcomed:
    """What became of a welcome."""

    delivered: bool
    reason: str | None = None


def welcome(desk: Desk, recipient: Recipient, welcome_code: str, message: Message, *, happened_us: int) -> Welcomed:
    """Send it. `happened_us` is when the callback came in, on the same clock as the desk's.

    Where another app is sending with the code it is tried again within the window; that somebody was welcomed already
    is as good as done; past the window nothing is sent any more.
    """
    ends = happened_us + int((desk.settings.welcome_seconds - desk.settings.welcome_margin) * SECOND_US)
    outcome = _try(desk, welcome_code, message, ends)
    now = desk.now_us()
    if outcome.delivered:
        moves = [_move(recipient, "sent", now, None), _move(recipient, "delivered", now, outcome.reason)]
    else:
        moves = [_move(recipient, "failed", now, outcome.reason)]
    desk.record(WELCOME, moves)
    return outcome


def _try(desk: Desk, welcome_code: str, message: Message, ends_us: int) -> Welcomed:
    # Nobody may wait for a budget here: what comes too late is not wanted.
    api = desk.api.patient(0.0)
    while desk.now_us() < ends_us:
        try:
            api.messages.send_welcome_msg(welcome_code, text=message.text, attachments=message.attachments)
            return Welcomed(True)
        except WelcomeDelivered as error:
            return Welcomed(True, reason_of(error.errcode))
        except WelcomeUnderWay as error:
            if desk.now_us() + error.wait * SECOND_US >= ends_us:
                return Welcomed(False, reason_of(error.errcode))
            desk.pause(error.wait)
        except Unanswered as error:
            # The code is good for one try, so asking again cannot welcome anybody twice.
            if desk.now_us() + SECOND_US >= ends_us:
                return Welcomed(False, "unanswered")
            desk.pause(0.5 if error.maybe_done else 0.2)
        except WeComError as error:
            return Welcomed(False, reason_of(error.errcode))
    return Welcomed(False, "too_late")


def _move(recipient: Recipient, state: State, at_us: int, reason: str | None) -> Move:
    return Move(
        touch=recipient.touch, state=state, at_us=at_us, person=contact(recipient.to), campaign=recipient.campaign,
        reason=reason,
    )  # fmt: skip
