"""What can be done at WeCom for a corp, each to its end: the one door for whoever decides what to send."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import structlog

from tiefen.kit.clock import DAY_US, SECOND_US, now_us
from tiefen.kit.errors import TiefenError
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.channel import broadcasts, entry_codes, group_handovers, handovers, moments, staff_messages, welcomes
from tiefen.wecom.channel.broadcasts import Nudged
from tiefen.wecom.channel.desk import Desk
from tiefen.wecom.channel.entry_codes import EntryCode
from tiefen.wecom.channel.handovers import Why
from tiefen.wecom.channel.media import MediaShelf
from tiefen.wecom.channel.message import Message
from tiefen.wecom.channel.settings import ChannelSettings
from tiefen.wecom.channel.staff_messages import StaffPacing
from tiefen.wecom.channel.tasks import Task, Tasks
from tiefen.wecom.channel.touches import Recipient
from tiefen.wecom.channel.welcomes import Welcomed
from tiefen.wecom.client import NotYet, WeCom, WeComError

log = structlog.get_logger()


class _Kind(NamedTuple):
    """How one kind of task is looked at, and ended when WeCom will never tell."""

    look: Callable[[Desk, Task], None]
    give_up: Callable[[Desk, Task, WeComError], None]


_KINDS = {
    "broadcast": _Kind(broadcasts.look, broadcasts.give_up),
    "group_broadcast": _Kind(broadcasts.look, broadcasts.give_up),
    "moment": _Kind(moments.look, moments.give_up),
    "handover": _Kind(handovers.look, handovers.give_up),
    "group_handover": _Kind(group_handovers.look, group_handovers.give_up),
}


@dataclass(frozen=True, slots=True)
class Looked:
    """How many tasks were looked at, and how many of those could not be."""

    tasks: int
    failed: int


class Channel:
    """The channel of one corp. Everything tasked is written down first, so that nothing is lost sight of by a crash.

    `clock` gives microseconds since 1970 as WeCom counts them; a sandbox that lives faster brings its own. `look` is to be
    called every minute or so.
    """

    def __init__(
        self, ledger: Ledger, corp_id: str, api: WeCom, *, settings: ChannelSettings | None = None,
        clock: Callable[[], int] = now_us, pause: Callable[[float], None] | None = None,
    ) -> None:  # fmt: skip
        settings = settings or ChannelSettings()
        tasks = Tasks(ledger, corp_id)
        self._desk = Desk(ledger, corp_id, api, tasks, settings, clock, pause or api.clock.wait)
        self._pacing, self._pruned_us = StaffPacing(settings), 0
        self.media = MediaShelf(self._desk)

    # ---- entry codes ----

    def open_contact_code(
        self, userids: Sequence[str] = (), *, departments: Sequence[int] = (), state: str = "", remark: str = "",
        skip_verify: bool = True,
    ) -> EntryCode:  # fmt: skip
        """A code that leads to staff."""
        return entry_codes.open_contact_code(
            self._desk, userids, departments, state=state, remark=remark, skip_verify=skip_verify
        )

    def open_group_code(
        self, chat_ids: Sequence[str], *, state: str = "", remark: str = "", seed_groups: bool = True,
        base_name: str | None = None,
    ) -> EntryCode:  # fmt: skip
        """A code that leads into groups, new ones of which are seeded when they are full."""
        return entry_codes.open_group_code(
            self._desk, chat_ids, state=state, remark=remark, seed_groups=seed_groups, base_name=base_name
        )

    def close_code(self, code_id: str) -> None:
        """Delete a code."""
        entry_codes.close(self._desk, code_id)

    def codes(self) -> list[EntryCode]:
        """The codes made here that are not deleted."""
        return entry_codes.codes(self._desk)

    # ---- messages ----

    def welcome(self, recipient: Recipient, welcome_code: str, message: Message, *, happened_us: int) -> Welcomed:
        """Welcome a newcomer within twenty seconds of the callback, which came in at `happened_us`."""
        return welcomes.welcome(self._desk, recipient, welcome_code, message, happened_us=happened_us)

    def broadcast(
        self, recipients: Sequence[Recipient], message: Message, *, sender: str | None = None,
        allow_select: bool = False,
    ) -> str:  # fmt: skip
        """Make a message task for ≤ 10,000 contacts, which staff confirm; returns its id."""
        return broadcasts.ask(
            self._desk, recipients, message, to_groups=False, sender=sender, allow_select=allow_select
        )

    def broadcast_to_groups(self, recipients: Sequence[Recipient], message: Message, *, sender: str) -> str:
        """Make a message task for ≤ 2,000 groups of one owner, who confirms it; returns its id."""
        return broadcasts.ask(self._desk, recipients, message, to_groups=True, sender=sender, allow_select=False)

    def post_moment(
        self, touch: str, message: Message, *, staff_ids: Sequence[str] = (), departments: Sequence[int] = (),
        tags: Sequence[str] = (), campaign: str | None = None,
    ) -> str:  # fmt: skip
        """Have staff (none named: all) post in Moments, for contacts with these tags (none: all); returns the task's id."""
        return moments.ask(
            self._desk, touch, message, staff_ids=staff_ids, departments=departments, tags=tags, campaign=campaign
        )

    def nudge_staff(self, task_id: str) -> Nudged:
        """Remind staff who have not confirmed a message task: three times in 24 hours at most."""
        return broadcasts.nudge(self._desk, task_id)

    def cancel(self, task_id: str) -> bool:
        """Stop what of a message task or Moments task is not sent yet; False for one that is over or not known to be made."""
        stop = moments.cancel if self._desk.tasks.get(task_id).kind == "moment" else broadcasts.cancel
        return stop(self._desk, task_id)

    def message_staff(
        self, recipients: Sequence[Recipient], msgtype: str, content: Mapping[str, Any]
    ) -> dict[str, str | None]:
        """Tell staff something at once; by touch None, or why it was not delivered."""
        return staff_messages.tell(self._desk, self._pacing, recipients, msgtype, content)

    # ---- handover ----

    def hand_over(
        self, giver: str, taker: str, recipients: Sequence[Recipient], *, why: Why, farewell: str | None = None
    ) -> list[str]:
        """Hand contacts of staff who moved or left to somebody else; takes a day. Returns the tasks' ids."""
        return handovers.ask(self._desk, giver, taker, recipients, why=why, farewell=farewell)

    def hand_over_groups(self, new_owner: str, recipients: Sequence[Recipient], *, why: Why) -> list[str]:
        """Give groups of staff who moved or left another owner. Returns the tasks' ids."""
        return group_handovers.ask(self._desk, new_owner, recipients, why=why)

    # ---- what became of it ----

    def task(self, task_id: str) -> Task:
        """What is noted of a task."""
        return self._desk.tasks.get(task_id)

    def look(self, most: int = 100) -> Looked:
        """Look at what is due. Several workers may: each task is one's alone while they look."""
        now = self._desk.now_us()
        tasks = failed = 0
        while tasks < most and (task := self._desk.tasks.claim(now)) is not None:
            tasks += 1
            failed += not self._look_at(task)
        if now - self._pruned_us >= DAY_US:
            self._desk.tasks.prune("handover", now - self._desk.settings.handover_kept_us)
            self._pruned_us = now
        return Looked(tasks, failed)

    def _look_at(self, task: Task) -> bool:
        desk, kind = self._desk, _KINDS[task.kind]
        now = desk.now_us()
        try:
            kind.look(desk, task)
            return True
        except NotYet:
            desk.tasks.keep(task.task_id, next_look_us=now + desk.settings.first_look_us)
            return True
        except WeComError as error:
            if error.final and now >= task.ends_us:
                kind.give_up(desk, task, error)
                return False
            wait = int((error.retry_after or 0) * SECOND_US)
            said: TiefenError = error
        except TiefenError as error:
            wait, said = 0, error
        log.warning("a task could not be looked at", task=task.task_id, kind=task.kind, error=str(said))
        again = now + max(wait, desk.settings.pause_us(task.looks))
        desk.tasks.keep(task.task_id, next_look_us=again, error=str(said))
        return False
