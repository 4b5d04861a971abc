"""Tasks are asked for once, move to their end, and are never left with somebody who left."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.act.staffed import HOUR, MONDAY, QINGWEN, XIREN, employ, found_group, leave
from tests.conftest import CORP
from tiefen.act import tasks
from tiefen.act.message import Message
from tiefen.act.tasks import BadSnooze, StaffNotHere, Task, TaskNotFound
from tiefen.kit.settings import Settings
from tiefen.ledger import kept
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import facts, people
from tiefen.ledger.schema.playbooks import task_counts, task_notes
from tiefen.ledger.schema.playbooks import tasks as rows

pytestmark = pytest.mark.stores
NOON = MONDAY + 12 * HOUR


def task(task_id: str = "t1", **more: Any) -> Task:
    values: dict[str, Any] = {
        "task_id": task_id, "kind": "marketing", "title": "发欢迎词", "staff": XIREN, "due_us": NOON,
        "expires_us": NOON + 24 * HOUR,
    }  # fmt: skip
    return Task(**(values | more))


def added(ledger: Ledger, *some: Task, now_us: int = MONDAY) -> int:
    with ledger.together() as together:
        return tasks.add(together, CORP, some, now_us)


def row(ledger: Ledger, task_id: str = "t1") -> Any:
    with ledger.read() as connection:
        return connection.execute(sa.select(rows).where(rows.c.task_id == task_id)).one()


def told(ledger: Ledger) -> list[tuple[str, str]]:
    """(task, state) of every fact about tasks, in order."""
    with ledger.read() as connection:
        asked = sa.select(facts.c.body).where(facts.c.kind == "task.moved").order_by(facts.c.seq)
        bodies = [kept.decode("task.moved", body) for body in connection.scalars(asked)]
    return [(body.task, body.state) for body in bodies]


def counts(ledger: Ledger) -> dict[tuple[str, str], int]:
    with ledger.read() as connection:
        asked = sa.select(task_counts).where(task_counts.c.times != 0)
        return {(r.staff, r.state): r.times for r in connection.execute(asked)}


def notes(ledger: Ledger, task_id: str = "t1") -> list[tuple[str, str, str]]:
    with ledger.read() as connection:
        asked = sa.select(task_notes).where(task_notes.c.task_id == task_id).order_by(task_notes.c.note_id)
        return [(r.what, r.text, r.who) for r in connection.execute(asked)]


def counted_again(ledger: Ledger) -> dict[tuple[str, str], int]:
    with ledger.read() as connection:
        asked = sa.select(rows.c.staff, rows.c.state, sa.func.count()).group_by(rows.c.staff, rows.c.state)
        return {(staff or "", state): n for staff, state, n in connection.execute(asked)}


def test_a_task_asked_for_twice_is_there_once_and_told_once(ledger: Ledger) -> None:
    first = added(ledger, task(), task("t2"))
    again = added(ledger, task(title="别的"), task("t3"))

    assert (first, again) == (2, 1)
    assert row(ledger).title == "发欢迎词"
    assert told(ledger) == [("t1", "opened"), ("t2", "opened"), ("t3", "opened")]
    assert counts(ledger) == {(XIREN, "opened"): 3}


def test_what_is_to_be_said_is_kept_with_the_task(ledger: Ledger) -> None:
    added(ledger, task(say=Message(text="欢迎 🌸"), detail="一个一个点名"))

    assert "欢迎 🌸" in row(ledger).say
    assert row(ledger).detail == "一个一个点名"


def test_of_two_who_do_a_task_at_once_the_second_hears_that_it_is_done(ledger: Ledger) -> None:
    added(ledger, task())

    with ledger.together() as together:
        first = tasks.finish(together, CORP, ["t1"], "done", NOON, who="袭人")
    with ledger.together() as together:
        second = tasks.finish(together, CORP, ["t1"], "skipped", NOON, who="晴雯")

    assert first == (["t1"], {})
    assert second == ([], {"t1": "done"})
    assert told(ledger) == [("t1", "opened"), ("t1", "done")]
    assert counts(ledger) == {(XIREN, "done"): 1}
    assert notes(ledger) == [("done", "", "袭人")]


def test_time_makes_tasks_late_and_then_pointless(ledger: Ledger, settings: Settings) -> None:
    added(ledger, task(), task("t2", due_us=NOON + 48 * HOUR, expires_us=NOON + 50 * HOUR))

    assert tasks.turn(ledger, settings, CORP, NOON + HOUR) is False
    assert (row(ledger).state, row(ledger, "t2").state) == ("late", "opened")
    tasks.turn(ledger, settings, CORP, NOON + 25 * HOUR)
    tasks.turn(ledger, settings, CORP, NOON + 25 * HOUR)

    assert (row(ledger).state, row(ledger).reason) == ("skipped", "expired")
    assert told(ledger)[2:] == [("t1", "late"), ("t1", "skipped")]
    assert counts(ledger) == counted_again(ledger)


def test_a_clock_that_goes_back_tells_nothing_of_a_task_twice(ledger: Ledger, settings: Settings) -> None:
    added(ledger, task())
    tasks.turn(ledger, settings, CORP, NOON + HOUR)

    tasks.turn(ledger, settings, CORP, NOON - 48 * HOUR)
    back = row(ledger).state
    tasks.turn(ledger, settings, CORP, NOON + HOUR)

    assert (back, row(ledger).state) == ("late", "late")
    assert told(ledger) == [("t1", "opened"), ("t1", "late")]
    assert counts(ledger) == counted_again(ledger)


def test_tasks_long_overdue_are_skipped_and_not_first_made_late(ledger: Ledger, settings: Settings) -> None:
    added(ledger, task())

    tasks.turn(ledger, settings, CORP, NOON + 100 * HOUR)

    assert told(ledger) == [("t1", "opened"), ("t1", "skipped")]


def test_a_late_task_that_is_put_off_is_late_no_more(ledger: Ledger, settings: Settings) -> None:
    added(ledger, task())
    tasks.turn(ledger, settings, CORP, NOON + HOUR)

    with ledger.together() as together:
        tasks.snooze(together, CORP, ["t1"], NOON + 72 * HOUR, NOON + HOUR, who="袭人")

    assert (row(ledger).state, row(ledger).due_us) == ("opened", NOON + 72 * HOUR)
    assert row(ledger).expires_us == NOON + 96 * HOUR
    assert counts(ledger) == {(XIREN, "opened"): 1}


def test_a_task_can_be_put_off_to_a_later_time_only(ledger: Ledger) -> None:
    added(ledger, task())

    for until in (NOON, NOON - 1, NOON + 91 * 24 * HOUR):
        with pytest.raises(BadSnooze), ledger.together() as together:
            tasks.snooze(together, CORP, ["t1"], until, NOON)


def test_the_task_of_who_left_goes_to_the_owner_of_the_group_or_to_nobody(ledger: Ledger, settings: Settings) -> None:
    employ(ledger, XIREN, QINGWEN)
    poets = found_group(ledger, "poets", QINGWEN)
    added(ledger, task(group=poets), task("t2"))
    leave(ledger, XIREN)

    tasks.turn(ledger, settings, CORP, MONDAY)

    assert (row(ledger).staff, row(ledger, "t2").staff) == (QINGWEN, None)
    assert notes(ledger) == [("handed", f"{XIREN} → {QINGWEN}", "")]
    assert notes(ledger, "t2") == [("handed", f"{XIREN} → ", "")]
    assert counts(ledger) == {(QINGWEN, "opened"): 1, ("", "opened"): 1}


def test_who_left_is_asked_for_nothing_new(ledger: Ledger) -> None:
    employ(ledger, XIREN, QINGWEN)
    poets = found_group(ledger, "poets", QINGWEN)
    leave(ledger, XIREN)

    added(ledger, task(group=poets), task("t2"), task("t3", group=poets, staff=None))

    assert [row(ledger, t).staff for t in ("t1", "t2", "t3")] == [QINGWEN, None, QINGWEN]
    assert notes(ledger) == [("handed", f"{XIREN} → {QINGWEN}", "")]


def test_tasks_are_handed_only_to_who_works_here(ledger: Ledger) -> None:
    employ(ledger, XIREN, QINGWEN)
    added(ledger, task())
    with ledger.together() as together:
        tasks.hand(together, CORP, ["t1"], QINGWEN, NOON, who="宝钗")
    leave(ledger, XIREN)

    for nobody in (XIREN, "nobody"):
        with pytest.raises(StaffNotHere), ledger.together() as together:
            tasks.hand(together, CORP, ["t1"], nobody, NOON)

    assert row(ledger).staff == QINGWEN
    assert counts(ledger) == {(QINGWEN, "opened"): 1}


def test_a_task_of_another_company_is_not_there(ledger: Ledger) -> None:
    ledger.ensure_corp("xiyou")
    added(ledger, task())

    with pytest.raises(TaskNotFound), ledger.together() as together:
        tasks.finish(together, "xiyou", ["t1"], "done", NOON)
    with pytest.raises(TaskNotFound), ledger.write() as connection:
        tasks.note(connection, "xiyou", "t1", "嗯", NOON)

    assert row(ledger).state == "opened"


def test_a_task_about_somebody_erased_is_skipped_when_its_time_comes(ledger: Ledger, settings: Settings) -> None:
    employ(ledger, XIREN)
    found_group(ledger, "poets", XIREN)
    with ledger.write() as connection:
        person = connection.execute(sa.select(people.c.person_id)).scalar_one()
        connection.execute(sa.update(people).values(erased_us=MONDAY))
    added(ledger, task(person=person))

    tasks.turn(ledger, settings, CORP, NOON + HOUR)

    assert (row(ledger).state, row(ledger).reason) == ("skipped", "erased")


def test_coverage_tells_groups_without_staff_and_what_everybody_has(ledger: Ledger) -> None:
    employ(ledger, XIREN, QINGWEN)
    found_group(ledger, "poets", QINGWEN)
    alone = found_group(ledger, "bakers", None)
    left_alone = found_group(ledger, "readers", XIREN)
    leave(ledger, XIREN)
    added(ledger, task(staff=QINGWEN), task("t2", staff=None))

    with ledger.read() as connection:
        found = tasks.coverage(connection, CORP)

    assert (found.groups, found.alone, found.unassigned) == (3, [alone, left_alone], 1)
    assert [(one.staff.userid, one.groups, one.waiting) for one in found.loads] == [(QINGWEN, 1, 1)]
