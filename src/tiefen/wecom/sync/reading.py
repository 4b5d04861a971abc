"""The steps of reading everything, each resumable, none of which takes for gone what it did not see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import sqlalchemy as sa

from tiefen.kit.clock import DAY_US, SECOND_US
from tiefen.kit.errors import TiefenError
from tiefen.ledger.schema import channel_tasks, wecom_entrances, wecom_numbers
from tiefen.wecom.client.endpoints.directory import StaffCard
from tiefen.wecom.client.endpoints.groups import Group
from tiefen.wecom.client.errors import (
    CursorLost,
    Forbidden,
    GroupDismissed,
    NoRelation,
    OutOfScope,
    ReplyTooBig,
    UnknownStaff,
    UnknownThing,
    WeComError,
)
from tiefen.wecom.sync.asking import ask_group, group_told
from tiefen.wecom.sync.run import Run
from tiefen.wecom.sync.state import Unit

_WAYS_SINCE = 1_625_846_400
"""2021-07-10 in UTC+8: ways made before are not listed."""
_BEIJING = timezone(timedelta(hours=8))
_STAFF_AT_ONCE = 100
_CURSORS_LOST = 3
"""How often a reading that takes longer than its cursor lives begins again."""


# ---- staff --------------------------------------------------------------------------------------


def staff(run: Run) -> None:
    """Who works here, by department, and who of them may have contacts."""
    seen_us, state = run.clock(), run.state
    serving = list(run.api.directory.get_follow_user_list())
    try:
        departments = run.api.directory.department_list()
    except WeComError as error:
        run.skipping("departments", error)
        run.mirror.staff([], serving, None, seen_us, whole=False, also=run.note)
        return
    state.of = len(departments)
    cards: dict[str, StaffCard] = {}
    whole = True
    for department in departments:
        try:
            for card in run.api.directory.user_simplelist(department.id):
                before = cards.get(card.userid)
                places = {*card.department, *(before.department if before else ())} or {department.id}
                cards[card.userid] = msgspec.structs.replace(card, department=tuple(sorted(places)))
        except WeComError as error:
            run.skipping(f"department {department.id}", error)
            whole = False
        state.done += 1
        run.breathe()
    state.read("staff", len(cards))
    run.mirror.staff(list(cards.values()), serving, departments, seen_us, whole=whole, also=run.note)


def tags(run: Run) -> None:
    """The corp's tags."""
    seen_us = run.clock()
    told = run.api.tags.get_corp_tag_list()
    run.state.read("tags", sum(len(group.tag) for group in told))
    run.made(run.mirror.tags(told, seen_us, also=run.note))


# ---- ways in ------------------------------------------------------------------------------------


def ways(run: Run) -> None:
    """Contact ways, and the join ways that were made here: WeCom lists none of those."""
    try:
        _contact_ways(run)
    except WeComError as error:
        run.skipping("contact ways", error)
    for config_id in _own_join_ways(run):
        try:
            way = run.api.join_ways.get_join_way(config_id)
        except WeComError as error:
            run.skipping(f"join way {config_id}", error)
            continue
        body = {"chat_ids": way.chat_id_list, "remark": way.remark}
        run.mirror.entrance("join_way", config_id, way.remark, way.state, body, run.began_us)
        run.state.read("join ways", 1)
    run.mirror.entrances_missing("join_way", run.began_us, also=run.note)


def _contact_ways(run: Run) -> None:
    listed: list[str] = []
    for page, _ in run.api.ways.every_contact_way(start_time=_WAYS_SINCE, end_time=run.clock() // SECOND_US):
        listed += [way.config_id for way in page.contact_way]
        run.breathe()
    known = _entrances(run, "contact_way")
    fresh = listed if len(listed) <= run.settings.ways_most else [one for one in listed if one not in known]
    run.state.of = len(fresh)
    for config_id in fresh:
        run.breathe()
        run.state.done += 1
        try:
            way = run.api.ways.get_contact_way(config_id)
        except UnknownThing:
            continue
        body = {"users": way.user, "departments": way.party, "remark": way.remark, "type": way.type}
        run.mirror.entrance("contact_way", config_id, way.remark, way.state, body, run.began_us)
        run.state.read("contact ways", 1)
    if len(fresh) == len(listed):
        run.mirror.entrances_missing("contact_way", run.began_us, also=run.note)


def _own_join_ways(run: Run) -> list[str]:
    asked = sa.select(channel_tasks.c.outer_id).where(
        channel_tasks.c.corp_id == run.corp_id, channel_tasks.c.kind == "group_code", channel_tasks.c.state == "kept"
    )
    with run.ledger.read() as connection:
        return [config_id for config_id in connection.scalars(asked) if config_id]


def _entrances(run: Run, kind: str) -> set[str]:
    asked = sa.select(wecom_entrances.c.entrance_id).where(
        wecom_entrances.c.corp_id == run.corp_id, wecom_entrances.c.kind == kind
    )
    with run.ledger.read() as connection:
        return set(connection.scalars(asked))


def links(run: Run) -> None:
    """Acquisition links and who came by them."""
    listed: list[str] = []
    for page, _ in run.api.acquisition.every_link():
        listed += page.link_id_list
        run.breathe()
    run.state.of = len(listed)
    for link_id in listed:
        link(run, link_id)
        run.state.done += 1
    run.mirror.entrances_missing("link", run.began_us, also=run.note)


def link(run: Run, link_id: str) -> None:
    """One link."""
    try:
        told = run.api.acquisition.get(link_id)
        name = told.link.link_name
        run.mirror.entrance(
            "link", link_id, name, "", {"url": told.link.url, "staff": told.range.user_list}, run.began_us
        )
        for page, _ in run.api.acquisition.every_contact(link_id):
            run.mirror.link_contacts(link_id, page.customer_list)
            run.state.read("link contacts", len(page.customer_list))
            run.breathe()
        run.state.read("links", 1)
    except WeComError as error:
        run.skipping(f"link {link_id}", error)


# ---- contacts -----------------------------------------------------------------------------------


def contacts(run: Run) -> None:
    """Contacts of all staff who have any, up to a hundred staff a question, several questions at once."""
    state = run.state
    if state.units is None:
        serving = run.mirror.serving()
        size = max(1, min(_STAFF_AT_ONCE, -(-len(serving) // run.settings.at_once)))
        state.units = [Unit(of=serving[at : at + size]) for at in range(0, len(serving), size)]
        state.of = len(serving)
        run.save()
    while waiting := [unit for unit in state.units if not unit.done]:
        for _ in run.at_once(lambda unit: _contacts_of(run, unit), waiting):
            run.breathe()


def _contacts_of(run: Run, unit: Unit) -> None:
    """The contacts of some staff, page after page."""
    if not unit.since_us:
        unit.since_us = run.clock()
    silent: set[str] = set()
    try:
        for page, cursor in run.api.contacts.every_of_staff(unit.of, unit.cursor):
            silent.update(page.fail_info.unlicensed_userid_list)

            def also(
                connection: sa.Connection, cursor: str = cursor, count: int = len(page.external_contact_list)
            ) -> None:
                unit.cursor = cursor
                run.state.read("contacts", count)
                run.note(connection)

            run.made(run.mirror.contacts_of(page, unit.since_us, also))
    except NoRelation:
        if len(unit.of) > 1:
            _halve(run, unit)
            return
    except CursorLost as error:
        unit.cursor, unit.since_us, unit.lost = "", 0, unit.lost + 1
        if unit.lost > _CURSORS_LOST:
            run.skipping(f"contacts of {len(unit.of)} staff", error)
            _over(run, unit)
        return
    except (UnknownStaff, OutOfScope) as error:
        if len(unit.of) > 1:
            _halve(run, unit)
        else:
            run.skipping(f"contacts of {unit.of[0]}", error)
            _over(run, unit)
        return
    except WeComError as error:
        run.skipping(f"contacts of {len(unit.of)} staff", error)
        _over(run, unit)
        return
    whole = [userid for userid in unit.of if userid not in silent]
    asked = run.mirror.contacts_missing(whole, unit.since_us)
    run.state.read("contacts asked for again", asked)
    _over(run, unit)


def _over(run: Run, unit: Unit) -> None:
    unit.done = True
    run.state.done += len(unit.of)
    run.save()


def _halve(run: Run, unit: Unit) -> None:
    """One of them spoils the answer for all: ask for fewer."""
    half = len(unit.of) // 2
    assert run.state.units is not None
    run.state.units.append(Unit(of=unit.of[half:]))
    unit.of, unit.cursor, unit.since_us = unit.of[:half], "", 0
    run.save()


# ---- groups -------------------------------------------------------------------------------------


def groups(run: Run) -> None:
    """Which groups there are."""
    state = run.state
    if state.units is None:
        state.units = [Unit(of=[])]
    for unit in list(state.units):
        if unit.done:
            continue
        try:
            _list_groups(run, unit)
        except ReplyTooBig:
            serving = run.mirror.serving()
            chunks = [serving[at : at + _STAFF_AT_ONCE] for at in range(0, len(serving), _STAFF_AT_ONCE)]
            state.units = [Unit(of=chunk) for chunk in chunks]
            run.save()
            return groups(run)
    asked = run.mirror.groups_missing(run.began_us, also=run.note)
    state.read("groups asked for again", asked)
    return None


def _list_groups(run: Run, unit: Unit) -> None:
    try:
        for page, cursor in run.api.groups.every_group(unit.cursor, owners=unit.of):

            def also(connection: sa.Connection, cursor: str = cursor, count: int = len(page.group_chat_list)) -> None:
                unit.cursor, unit.done = cursor, not cursor
                run.state.read("groups", count)
                run.note(connection)

            run.mirror.groups_listed(page.group_chat_list, run.began_us, also)
            run.breathe()
    except CursorLost:
        unit.cursor, unit.lost = "", unit.lost + 1
        if unit.lost > _CURSORS_LOST:
            raise
        _list_groups(run, unit)


def members(run: Run) -> None:
    """Everybody in every group."""
    waiting = run.mirror.groups_to_read(run.began_us)
    run.state.of = run.state.done + len(waiting)

    def ask(chat_id: str) -> tuple[int, Group | TiefenError]:
        return ask_group(run.api, chat_id, run.clock)

    for chat_id, (seen_us, answer) in run.at_once(ask, waiting):
        run.breathe()
        run.state.done += 1
        if isinstance(answer, Group):
            run.state.read("members", len(answer.member_list))
        elif isinstance(answer, Forbidden):
            raise answer  # as to all of them
        elif not isinstance(answer, GroupDismissed):
            run.skipping(f"group {chat_id}", answer)
        run.made(group_told(run.mirror, chat_id, answer, seen_us, also=run.note))


# ---- numbers ------------------------------------------------------------------------------------


def numbers(run: Run) -> None:
    """What WeCom itself counted up to yesterday, day by day: groups by owner, and what staff did."""
    today = datetime.fromtimestamp(run.clock() / SECOND_US, _BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    last = int(today.astimezone(UTC).timestamp()) - 86_400
    serving = run.mirror.serving()
    owners = [owner for owner in run.mirror.owners() if owner in set(serving)]
    run.state.of = len(serving) + 1
    try:
        _group_numbers(run, owners, last)
    except WeComError as error:
        run.skipping("counts of groups", error)
    run.state.done += 1
    known = _last_days(run, "behaviour")
    for userid in serving:
        run.breathe()
        run.state.done += 1
        first = max(known.get(userid, 0) // SECOND_US + 86_400, last - (run.settings.behaviour_days - 1) * 86_400)
        if first > last:
            continue
        try:
            told = run.api.statistics.get_user_behavior_data(first, last, userids=[userid])
        except Forbidden as error:
            run.skipping("counts of staff", error)
            break
        except WeComError as error:
            run.skipping(f"counts of {userid}", error)
            continue
        run.mirror.numbers("behaviour", [(userid, one.stat_time * SECOND_US, one) for one in told], also=run.note)
        run.state.read("days of staff", len(told))


def _group_numbers(run: Run, owners: Sequence[str], last: int) -> None:
    known = max(_last_days(run, "groups").values(), default=0) // SECOND_US
    day = max(known + 86_400, last - (run.settings.groups_days - 1) * 86_400)
    while day <= last:
        for at in range(0, len(owners), _STAFF_AT_ONCE):
            some = owners[at : at + _STAFF_AT_ONCE]
            for page, _ in run.api.statistics.every_owner(day, some, day_end_time=day):
                told = [(one.owner, day * SECOND_US, one.data) for one in page.items]
                run.mirror.numbers("groups", told, also=run.note)
                run.state.read("days of groups", len(told))
                run.breathe()
        day += DAY_US // SECOND_US


def _last_days(run: Run, what: str) -> dict[str, int]:
    table = wecom_numbers.c
    asked = (
        sa.select(table.of, sa.func.max(table.day_us))
        .where(table.corp_id == run.corp_id, table.what == what)
        .group_by(table.of)
    )
    with run.ledger.read() as connection:
        return {of: int(day) for of, day in connection.execute(asked)}


@dataclass(frozen=True, slots=True)
class Step:
    """One step, what the console calls it, and what it costs (see `forecast`)."""

    key: str
    zh: str
    en: str
    take: Callable[[Run], None]


STEPS: tuple[Step, ...] = (
    Step("staff", "员工与部门", "Staff and departments", staff),
    Step("tags", "标签", "Tags", tags),
    Step("ways", "活码", "Entry codes", ways),
    Step("links", "获客链接", "Acquisition links", links),
    Step("contacts", "客户", "Contacts", contacts),
    Step("groups", "客户群", "Groups", groups),
    Step("members", "群成员", "Members", members),
    Step("numbers", "统计", "WeCom's counts", numbers),
)
