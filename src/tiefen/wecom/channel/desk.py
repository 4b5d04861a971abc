"""What every kind of task works with: the rows, the facts, the client, the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tiefen.kit.errors import TiefenError
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.redacting import REDACTED
from tiefen.wecom.channel.settings import ChannelSettings
from tiefen.wecom.channel.tasks import Tasks, Waiting
from tiefen.wecom.channel.touches import Move, record
from tiefen.wecom.client import MalformedReply, Unanswered, WeCom


@dataclass(frozen=True, slots=True)
class Desk:
    """One corp's."""

    ledger: Ledger
    corp_id: str
    api: WeCom
    tasks: Tasks
    settings: ChannelSettings
    now_us: Callable[[], int]
    pause: Callable[[float], None]

    def record(self, channel: str, moves: Sequence[Move]) -> None:
        record(self.ledger, self.corp_id, channel, moves)

    def waiting(self, channel: str, task_id: str) -> list[Waiting]:
        """Recipients still waited for. The touches of those who were erased end here, without saying whose they were."""
        waiting = self.tasks.waiting(task_id)
        now = self.now_us()
        self.moved(
            channel,
            [
                Move(touch=one.touch, state="failed", at_us=now, campaign=one.campaign, reason="erased")
                for one in waiting
                if one.to == REDACTED
            ],
        )
        return [one for one in waiting if one.to != REDACTED]

    def moved(self, channel: str, moves: Sequence[Move]) -> None:
        """Facts first: should the rows not be written, the next look tells the same facts again."""
        record(self.ledger, self.corp_id, channel, moves)
        self.tasks.moved({move.touch: move.state for move in moves}.items(), self.now_us())


def maybe_done(error: TiefenError) -> bool:
    """Whether what was asked for may have been done although no good answer came."""
    match error:
        case Unanswered():
            return error.maybe_done
        case MalformedReply():
            return True
        case _:
            return False
