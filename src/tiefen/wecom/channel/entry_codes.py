"""Entry codes (活码): ways to staff (联系我) and into groups (加入群聊).

WeCom's console does not show them: whoever loses the `config_id` can never change or delete the code. So it is kept.
https://developer.work.weixin.qq.com/document/path/92228, 92229
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from tiefen.kit.clock import SECOND_US
from tiefen.kit.errors import TiefenError
from tiefen.wecom.channel.desk import Desk, maybe_done
from tiefen.wecom.channel.tasks import Task
from tiefen.wecom.client.endpoints.ways import ContactWay
from tiefen.wecom.client.errors import UnknownThing

KINDS = ("contact_code", "group_code")


class Code(msgspec.Struct, kw_only=True):
    """What is noted of a code."""

    state: str = ""
    remark: str = ""
    qr_code: str = ""


@dataclass(frozen=True, slots=True)
class EntryCode:
    """A code people scan. `state` comes back with everybody who came by it; `qr_code` is the picture's address."""

    code_id: str
    kind: str
    config_id: str
    state: str
    remark: str
    qr_code: str


def open_contact_code(
    desk: Desk, userids: Sequence[str], departments: Sequence[int], *, state: str, remark: str, skip_verify: bool
) -> EntryCode:
    """A code that leads to one member of staff, or to whichever of several is free."""
    several = len(userids) != 1 or bool(departments)
    asked_us = desk.now_us()
    try:
        made = desk.api.ways.add_contact_way(
            userids, departments=departments, type=2 if several else 1, state=state or None, remark=remark or None,
            skip_verify=skip_verify,
        )  # fmt: skip
        config_id, qr_code = made.config_id, made.qr_code or ""
    except TiefenError as error:
        wanted = ContactWay(state=state, remark=remark, user=tuple(userids), party=tuple(departments))
        found = _find(desk, wanted, asked_us) if maybe_done(error) else None
        if found is None:
            raise
        config_id, qr_code = found.config_id, found.qr_code
    return _keep(desk, "contact_code", config_id, Code(state=state, remark=remark, qr_code=qr_code))


def open_group_code(
    desk: Desk, chat_ids: Sequence[str], *, state: str, remark: str, seed_groups: bool, base_name: str | None
) -> EntryCode:
    """A code that leads into the first of ≤ 5 groups with room; when all are full a new one is seeded."""
    config_id = desk.api.join_ways.add_join_way(
        chat_ids, state=state or None, remark=remark or None, seed_groups=seed_groups, base_name=base_name
    )
    # Kept before the picture is asked for: without its id the code could not even be deleted.
    kept = _keep(desk, "group_code", config_id, Code(state=state, remark=remark))
    qr_code = desk.api.join_ways.get_join_way(config_id).qr_code
    desk.tasks.keep(kept.code_id, Code(state=state, remark=remark, qr_code=qr_code))
    return _code(desk.tasks.get(kept.code_id))


def close(desk: Desk, code_id: str) -> None:
    """Delete a code at WeCom; one that is gone there already is gone."""
    task = desk.tasks.get(code_id)
    try:
        if task.kind == "contact_code":
            desk.api.ways.del_contact_way(task.outer_id)
        else:
            desk.api.join_ways.del_join_way(task.outer_id)
    except UnknownThing:
        pass
    desk.tasks.finish(code_id, "deleted")


def codes(desk: Desk) -> list[EntryCode]:
    """The codes made here that are not deleted."""
    return [_code(task) for task in desk.tasks.of_kind(*KINDS, state="kept")]


def _find(desk: Desk, wanted: ContactWay, asked_us: int) -> ContactWay | None:
    """A code that was made although its answer was lost: made since, the same in everything, and not kept here yet."""
    known = desk.tasks.outer_ids(KINDS)
    for page, _ in desk.api.ways.every_contact_way(start_time=asked_us // SECOND_US - 60):
        for one in page.contact_way:
            if one.config_id in known:
                continue
            way = desk.api.ways.get_contact_way(one.config_id)
            if _likeness(way) == _likeness(wanted):
                return msgspec.structs.replace(way, config_id=one.config_id)
    return None


def _likeness(way: ContactWay) -> tuple[object, ...]:
    return way.state, way.remark, frozenset(way.user), frozenset(way.party)


def _keep(desk: Desk, kind: str, config_id: str, code: Code) -> EntryCode:
    now = desk.now_us()
    code_id = desk.tasks.begin(kind, code, [], now, look_us=None, ends_us=now, outer_id=config_id, state="kept")
    return _code(desk.tasks.get(code_id))


def _code(task: Task) -> EntryCode:
    code = task.told(Code)
    return EntryCode(task.task_id, task.kind, task.outer_id, code.state, code.remark, code.qr_code)
