"""A playbook at work: begun in groups, opened in time, exactly once, and never late all at once."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from tests.act.staffed import HOUR, MONDAY, QINGWEN, XIREN, employ, found_group, leave
from tests.conftest import CORP
from tiefen.act import outbox, tasks
from tiefen.act.playbooks import keeping, turning
from tiefen.act.playbooks.blocks import CheckIn, Launch, Note, Vote, WelcomeRitual
from tiefen.act.playbooks.playbook import (
    BadPlaybook,
    BlockNotPlanned,
    EveryWeek,
    GroupsNotHere,
    OnDay,
    Placed,
    Playbook,
    PlaybookEnded,
    PlaybookNotFound,
    PlaybookOutdated,
    Rule,
)
from tiefen.act.playbooks.ready import READY
from tiefen.act.tasks import StaffNotHere
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import GroupDismissed, GroupKindSaid, TouchMoved
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups
from tiefen.ledger.schema.playbooks import playbook_openings, playbook_runs
from tiefen.ledger.schema.playbooks import tasks as task_rows
from tiefen.ledger.schema.touches import proposals

pytestmark = pytest.mark.stores
TEN = MONDAY + 10 * HOUR


def placed(key: str, block: Any, day: int = 1, at: str = "10:00", **more: Any) -> Placed:
    return Placed(key=key, when=OnDay(day=day), at=at, block=block, **more)


def book(*blocks: Placed, **more: Any) -> Playbook:
    return Playbook(name="诗社日历", blocks=blocks, **({"holdout": 0.0} | more))


def begun(ledger: Ledger, playbook: Playbook, *some: int, now_us: int = MONDAY, **more: Any) -> str:
    """A playbook that runs in these groups."""
    with ledger.together() as together:
        one = keeping.make(together.connection, CORP, playbook, now_us)
        keeping.assign(together.connection, CORP, one, some, now_us, **more)
        keeping.set_state(together, CORP, one, "running", now_us)
    return one


def turn(ledger: Ledger, settings: Settings, now_us: int) -> None:
    for _ in range(60):
        if not turning.turn(ledger, settings, CORP, now_us):
            return
    raise AssertionError("it never comes to an end")


def openings(ledger: Ledger) -> list[tuple[str, str, str, str | None]]:
    """(block, day, state, reason), in order of time."""
    with ledger.read() as connection:
        asked = sa.select(playbook_openings).order_by(playbook_openings.c.begins_us, playbook_openings.c.group)
        return [(r.block, r.day[5:], r.state, r.reason) for r in connection.execute(asked)]


def asked_for(ledger: Ledger) -> list[Any]:
    with ledger.read() as connection:
        return list(connection.execute(sa.select(task_rows).order_by(task_rows.c.due_us, task_rows.c.task_id)))


def finish(ledger: Ledger, *ids: str, state: Any = "done", now_us: int = TEN) -> None:
    with ledger.together() as together:
        tasks.finish(together, CORP, ids, state, now_us)


def test_a_block_becomes_tasks_for_who_is_which_persona(ledger: Ledger, settings: Settings) -> None:
    employ(ledger, XIREN, QINGWEN)
    poets = found_group(ledger, "poets", XIREN, name="海棠诗社")
    words = {"greet": ("欢迎来到{{ group }}，今天{{ weekday }}",)}
    one = begun(ledger, book(placed("hello", WelcomeRitual(), words=words)), poets, staff={"assistant": QINGWEN})

    turn(ledger, settings, TEN - HOUR)

    greet, rules, follow = asked_for(ledger)
    assert (greet.staff, rules.staff, follow.staff) == (XIREN, QINGWEN, QINGWEN)
    assert (greet.role, greet.due_us, follow.due_us) == ("host", TEN, TEN + 4 * HOUR)
    assert "欢迎来到海棠诗社，今天周一" in greet.say
    assert follow.kind == "service"
    assert {row.campaign_id for row in (greet, rules, follow)} == {one}
    assert openings(ledger) == [("hello", "12-01", "open", None)]


def test_nothing_is_opened_before_its_time_nor_twice(ledger: Ledger, settings: Settings) -> None:
    poets = found_group(ledger, "poets", XIREN)
    begun(ledger, book(placed("hello", WelcomeRitual()), placed("vote", Vote(), day=2)), poets)

    turn(ledger, settings, MONDAY + 7 * HOUR)
    early = len(asked_for(ledger))
    for _ in range(3):
        turn(ledger, settings, TEN - HOUR)

    assert early == 0
    assert len(asked_for(ledger)) == 3
    assert openings(ledger) == [("hello", "12-01", "open", None), ("vote", "12-02", "planned", None)]


def test_a_clock_that_goes_back_opens_nothing_twice(ledger: Ledger, settings: Settings) -> None:
    poets = found_group(ledger, "poets", XIREN)
    begun(ledger, book(placed("hello", WelcomeRitual()), placed("vote", Vote(), day=2)), poets)
    turn(ledger, settings, TEN)
    before = [row.task_id for row in asked_for(ledger)]

    for at in (TEN - 5 * DAY_US, TEN - HOUR, TEN):
        turn(ledger, settings, at)
    back = [row.task_id for row in asked_for(ledger)]
    turn(ledger, settings, TEN + DAY_US)

    assert before == back
    assert [state for _, _, state, _ in openings(ledger)] == ["open", "open"]
    assert len(asked_for(ledger)) > len(before)


def test_an_opening_that_fails_halfway_is_not_half_done(
    ledger: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    poets = found_group(ledger, "poets", XIREN)
    begun(ledger, book(placed("hello", WelcomeRitual())), poets)
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "propose", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            turn(ledger, settings, TEN)
    before = len(asked_for(ledger)), openings(ledger)[0][2], ledger.facts(CORP, "task.moved")

    turn(ledger, settings, TEN)

    assert before == (0, "planned", 0)
    assert (len(asked_for(ledger)), ledger.facts(CORP, "task.moved")) == (3, 3)


def test_after_downtime_what_is_past_its_window_is_skipped_and_not_fired_all_at_once(
    ledger: Ledger, settings: Settings
) -> None:
    poets = found_group(ledger, "poets", XIREN)
    daily = Placed(key="daily", when=EveryWeek(weekdays=(1, 2, 3, 4, 5, 6, 7)), at="10:00", block=CheckIn())
    begun(ledger, book(daily), poets)
    turn(ledger, settings, MONDAY)

    turn(ledger, settings, TEN + 5 * DAY_US)

    states = [(day, state, reason) for _, day, state, reason in openings(ledger)][:7]
    assert states[:5] == [(f"12-0{n}", "skipped", "missed") for n in range(1, 6)]
    assert states[5:] == [("12-06", "open", None), ("12-07", "planned", None)]
    assert {row.step for row in asked_for(ledger)} == {"daily@2025-12-06"}


def test_an_opening_is_late_and_done_as_its_tasks_are(ledger: Ledger, settings: Settings) -> None:
    poets = found_group(ledger, "poets", XIREN)
    begun(ledger, book(placed("vote", Vote())), poets)
    turn(ledger, settings, TEN)
    ask, count = (row.task_id for row in asked_for(ledger))

    seen = []
    for now, doing in ((TEN + HOUR, None), (TEN + HOUR, ask), (TEN + 2 * HOUR, count)):
        if doing:
            finish(ledger, doing, now_us=now)
        tasks.turn(ledger, settings, CORP, now)
        turn(ledger, settings, now)
        seen.append(openings(ledger)[0][2])

    assert seen == ["late", "open", "done"]


def test_an_opening_whose_tasks_were_all_skipped_is_skipped_with_their_reason(
    ledger: Ledger, settings: Settings
) -> None:
    poets = found_group(ledger, "poets", XIREN)
    begun(ledger, book(placed("note", Note(what="问好"))), poets)
    turn(ledger, settings, TEN)

    tasks.turn(ledger, settings, CORP, TEN + 9 * DAY_US)
    turn(ledger, settings, TEN + 9 * DAY_US)

    assert openings(ledger) == [("note", "12-01", "skipped", "expired")]


def test_a_message_to_the_group_is_proposed_once_and_the_block_follows_it(ledger: Ledger, settings: Settings) -> None:
    poets = found_group(ledger, "poets", XIREN)
    how = {"answer": "task", "after": "task"}
    one = begun(ledger, book(placed("sale", Launch(), how=how, words={"answer": (), "after": ()})), poets)
    turn(ledger, settings, TEN)
    turn(ledger, settings, TEN)
    with ledger.read() as connection:
        (sent,) = connection.execute(sa.select(proposals)).all()
    finish(ledger, *(row.task_id for row in asked_for(ledger)))

    moved = TouchMoved(
        happened_us=TEN, source_id="s", touch=sent.proposal_id, state="sent", group="poets", campaign=one
    )
    with ledger.together() as together:
        together.connection.execute(sa.update(proposals).values(state="sent"))
        together.append(Batch(CORP, "channel", [moved]))
    turn(ledger, settings, TEN)

    assert (sent.channel, sent.group, sent.purpose, sent.due_us) == ("group", poets, "sell", TEN)
    assert openings(ledger) == [("sale", "12-01", "done", None)]


def test_a_share_of_groups_goes_without_a_block_and_always_the_same(ledger: Ledger, settings: Settings) -> None:
    some = [found_group(ledger, f"g{n}", None) for n in range(60)]
    begun(ledger, book(placed("vote", Vote()), placed("hello", WelcomeRitual(), at="11:00"), holdout=0.5), *some)

    turn(ledger, settings, TEN)

    found = openings(ledger)
    held = [one for one in found if one[3] == "held_out"]
    assert 15 <= len(held) <= 45
    assert {block for block, *_ in held} == {"vote"}
    assert len(asked_for(ledger)) == (60 - len(held)) * 2 + 60 * 3


def test_a_block_is_moved_and_skipped_in_one_group_alone(ledger: Ledger, settings: Settings) -> None:
    poets, bakers = found_group(ledger, "poets", XIREN), found_group(ledger, "bakers", XIREN)
    one = begun(ledger, book(placed("vote", Vote(), day=2), placed("note", Note(), day=3)), poets, bakers)
    turn(ledger, settings, MONDAY)
    second, third = date(2025, 12, 2), date(2025, 12, 3)

    with ledger.write() as connection:
        keeping.move(connection, CORP, one, [poets], "vote", second, TEN + 5 * DAY_US, MONDAY)
        keeping.skip(connection, CORP, one, [bakers], "note", third, "当天停电", MONDAY)
        keeping.save(
            connection, CORP, one, book(placed("vote", Vote(), day=2), placed("note", Note(), day=3), days=9), 1, MONDAY
        )
    turn(ledger, settings, TEN + DAY_US)

    with ledger.read() as connection:
        rows = {(r.group, r.block): r for r in connection.execute(sa.select(playbook_openings))}
    assert (rows[poets, "vote"].state, rows[poets, "vote"].begins_us) == ("planned", TEN + 5 * DAY_US)
    assert rows[bakers, "vote"].state == "open"
    assert (rows[bakers, "note"].state, rows[bakers, "note"].reason) == ("skipped", "当天停电")
    for wrong in (lambda c: keeping.skip(c, CORP, one, [bakers], "vote", second, "", MONDAY),
                  lambda c: keeping.skip(c, CORP, one, [bakers], "vote", third, "", MONDAY)):  # fmt: skip
        with pytest.raises(BlockNotPlanned), ledger.write() as connection:
            wrong(connection)
    with pytest.raises(BadPlaybook), ledger.write() as connection:
        keeping.move(connection, CORP, one, [poets], "vote", second, MONDAY, TEN)


def test_an_edited_playbook_is_planned_anew_and_what_is_open_stays(ledger: Ledger, settings: Settings) -> None:
    poets = found_group(ledger, "poets", XIREN)
    one = begun(ledger, book(placed("hello", WelcomeRitual()), placed("vote", Vote(), day=3)), poets)
    turn(ledger, settings, TEN)

    changed = book(placed("vote", Vote(), day=5), placed("note", Note(), day=2))
    with ledger.write() as connection:
        keeping.save(connection, CORP, one, changed, 1, TEN)
    turn(ledger, settings, TEN + HOUR)

    assert openings(ledger) == [
        ("hello", "12-01", "open", None), ("note", "12-02", "planned", None), ("vote", "12-05", "planned", None),
    ]  # fmt: skip


def test_of_two_who_edit_at_once_the_second_is_told(ledger: Ledger) -> None:
    one = begun(ledger, book(placed("vote", Vote())))

    with ledger.write() as connection:
        keeping.save(connection, CORP, one, book(placed("note", Note())), 1, TEN)
    with pytest.raises(PlaybookOutdated), ledger.write() as connection:
        keeping.save(connection, CORP, one, book(placed("hello", WelcomeRitual())), 1, TEN)

    with ledger.read() as connection:
        assert [p.key for p in keeping.load(connection, CORP, one).playbook.blocks] == ["note"]


def test_what_was_due_during_a_pause_is_not_made_up_for(ledger: Ledger, settings: Settings) -> None:
    poets, bakers = found_group(ledger, "poets", XIREN), found_group(ledger, "bakers", XIREN)
    one = begun(ledger, book(placed("vote", Vote()), placed("note", Note(), day=2)), poets, bakers)
    turn(ledger, settings, MONDAY)
    with ledger.write() as connection:
        keeping.pause(connection, CORP, one, [poets], paused=True)
    turn(ledger, settings, TEN)

    with ledger.write() as connection:
        keeping.pause(connection, CORP, one, [poets], paused=False)
    turn(ledger, settings, TEN + DAY_US)

    found = openings(ledger)
    assert found[0][2:] == ("skipped", "missed")
    assert found[1][2] == "open"
    assert [state for block, _, state, _ in found if block == "note"] == ["open", "open"]


def test_ending_skips_what_is_planned_and_what_is_open_with_its_tasks(ledger: Ledger, settings: Settings) -> None:
    poets = found_group(ledger, "poets", XIREN)
    one = begun(ledger, book(placed("vote", Vote()), placed("note", Note(), day=2)), poets)
    turn(ledger, settings, TEN)

    with ledger.together() as together:
        keeping.set_state(together, CORP, one, "stopped", TEN)
    turn(ledger, settings, TEN + DAY_US)

    assert {state for _, _, state, _ in openings(ledger)} == {"skipped"}
    assert {(row.state, row.reason) for row in asked_for(ledger)} == {("skipped", "playbook_stopped")}
    with pytest.raises(PlaybookEnded), ledger.write() as connection:
        keeping.assign(connection, CORP, one, [poets], TEN)
    with pytest.raises(PlaybookEnded), ledger.write() as connection:
        keeping.save(connection, CORP, one, book(placed("note", Note())), 1, TEN)


def test_a_dismissed_group_is_left_alone(ledger: Ledger, settings: Settings) -> None:
    poets = found_group(ledger, "poets", XIREN)
    begun(ledger, book(placed("vote", Vote(), day=2)), poets)
    turn(ledger, settings, MONDAY)

    ledger.append(Batch(CORP, "scene", [GroupDismissed(happened_us=TEN, source_id="d", group="poets")]))
    turn(ledger, settings, TEN + DAY_US)

    assert openings(ledger) == [("vote", "12-02", "skipped", "group_dismissed")]
    assert asked_for(ledger) == []


def test_new_groups_begin_by_their_name(ledger: Ledger, settings: Settings) -> None:
    found_group(ledger, "old", XIREN, at_us=MONDAY - DAY_US, name="快闪 1 群")
    one = begun(ledger, book(placed("hello", WelcomeRitual()), anchor="birth", rules=(Rule(name_has="快闪"),)))
    new = found_group(ledger, "new", XIREN, at_us=MONDAY + HOUR, name="快闪 2 群")
    found_group(ledger, "other", XIREN, at_us=MONDAY + HOUR, name="福利群")

    turn(ledger, settings, TEN)

    with ledger.read() as connection:
        runs = connection.execute(sa.select(playbook_runs)).all()
    assert [(run.campaign_id, run.group, run.how) for run in runs] == [(one, new, "rule")]
    assert openings(ledger) == [("hello", "12-01", "open", None)]


def test_new_groups_begin_by_their_kind_said_before_guessed(ledger: Ledger, settings: Settings) -> None:
    rule = Rule(group_kind="flash")
    one = begun(ledger, book(placed("hello", WelcomeRitual()), anchor="birth", rules=(rule,)))
    sounds = found_group(ledger, "sounds", XIREN, at_us=MONDAY + HOUR, name="快闪 1 群")
    said = found_group(ledger, "said", XIREN, at_us=MONDAY + HOUR, name="海棠诗社")
    found_group(ledger, "other", XIREN, at_us=MONDAY + HOUR, name="快闪 2 群")
    old = found_group(ledger, "old", XIREN, at_us=MONDAY - DAY_US, name="快闪 0 群")
    kinds = {"said": "flash", "other": "welfare"}
    ledger.append(Batch(CORP, "x", [
        GroupKindSaid(happened_us=MONDAY + HOUR, source_id=group, group=group, group_kind=kind)
        for group, kind in kinds.items()
    ]))  # fmt: skip

    turn(ledger, settings, TEN)

    with ledger.read() as connection:
        runs = connection.execute(sa.select(playbook_runs).order_by(playbook_runs.c.group)).all()
    assert [(run.campaign_id, run.group, run.how) for run in runs] == [(one, sounds, "rule"), (one, said, "rule")]
    assert old not in {run.group for run in runs}


def test_a_rule_for_custom_groups_takes_only_those_of_which_that_was_said(ledger: Ledger, settings: Settings) -> None:
    begun(ledger, book(placed("hello", WelcomeRitual()), anchor="birth", rules=(Rule(group_kind="custom"),)))
    found_group(ledger, "nothing", XIREN, at_us=MONDAY + HOUR, name="海棠诗社")
    said = found_group(ledger, "said", XIREN, at_us=MONDAY + HOUR, name="快闪 1 群")
    fact = GroupKindSaid(happened_us=MONDAY + HOUR, source_id="k", group="said", group_kind="custom")
    ledger.append(Batch(CORP, "x", [fact]))

    turn(ledger, settings, TEN)

    with ledger.read() as connection:
        assert connection.scalars(sa.select(playbook_runs.c.group)).all() == [said]


def test_the_day_of_birth_counts_where_the_playbook_says_so(ledger: Ledger, settings: Settings) -> None:
    poets = found_group(ledger, "poets", XIREN, at_us=MONDAY - 3 * DAY_US)
    begun(ledger, book(placed("past", Vote(), day=2), placed("next", Note(), day=5), anchor="birth"), poets)

    turn(ledger, settings, MONDAY)

    assert openings(ledger) == [("next", "12-02", "planned", None)]


def test_who_left_gets_no_task_of_a_playbook(ledger: Ledger, settings: Settings) -> None:
    employ(ledger, XIREN, QINGWEN)
    poets = found_group(ledger, "poets", QINGWEN)
    begun(ledger, book(placed("note", Note())), poets, staff={"host": XIREN})
    leave(ledger, XIREN)

    turn(ledger, settings, TEN)

    assert [row.staff for row in asked_for(ledger)] == [QINGWEN]


def test_what_cannot_begin_is_refused(ledger: Ledger) -> None:
    poets = found_group(ledger, "poets", XIREN)
    gone = found_group(ledger, "gone", XIREN)
    with ledger.write() as connection:
        connection.execute(sa.update(groups).where(groups.c.group_id == gone).values(dismissed_us=MONDAY))
        one = keeping.make(connection, CORP, book(), MONDAY)

    for wrong, error in (
        (lambda t: keeping.assign(t.connection, CORP, one, [poets, 999], MONDAY), GroupsNotHere),
        (lambda t: keeping.assign(t.connection, CORP, one, [gone], MONDAY), GroupsNotHere),
        (lambda t: keeping.assign(t.connection, CORP, one, [poets], MONDAY, staff={"host": "nobody"}), StaffNotHere),
        (lambda t: keeping.set_state(t, CORP, one, "running", MONDAY), BadPlaybook),
        (lambda t: keeping.load(t.connection, "xiyou", one), PlaybookNotFound),
    ):
        with pytest.raises(error), ledger.together() as together:
            wrong(together)


def test_the_preview_tells_tasks_staff_and_collisions(ledger: Ledger, settings: Settings) -> None:
    employ(ledger, XIREN, QINGWEN)
    poets, bakers = found_group(ledger, "poets", XIREN), found_group(ledger, "bakers", None)
    begun(ledger, book(placed("note", Note(), day=2, at="10:30")), poets)
    turn(ledger, settings, MONDAY)
    with ledger.write() as connection:
        two = keeping.make(connection, CORP, book(placed("vote", Vote(), day=2)), MONDAY)
        seen = keeping.preview(connection, CORP, two, [poets, bakers], MONDAY, staff={"assistant": QINGWEN})

    assert (seen.groups, seen.blocks, seen.tasks, seen.messages) == (2, 2, 4, 0)
    assert seen.by_staff == {XIREN: 1, QINGWEN: 2, "": 1}
    assert [(c["group"], c["block"], c["other"]) for c in seen.collisions] == [(poets, "vote", "note")]


def test_a_finished_playbook_ends_by_itself(ledger: Ledger, settings: Settings) -> None:
    poets = found_group(ledger, "poets", XIREN)
    begun(ledger, book(placed("note", Note()), days=2), poets)
    turn(ledger, settings, TEN)
    finish(ledger, *(row.task_id for row in asked_for(ledger)))

    for day in (1, 12, 20, 30):
        turn(ledger, settings, TEN + day * DAY_US)

    with ledger.read() as connection:
        assert connection.execute(sa.select(playbook_runs.c.state)).scalar_one() == "ended"


@pytest.mark.slow
def test_a_thousand_groups_with_a_month_of_blocks_are_planned_and_opened_quickly(
    ledger: Ledger, settings: Settings
) -> None:
    with ledger.write() as connection:
        connection.execute(sa.insert(groups), [
            {"group_id": n, "corp_id": CORP, "outer_id": f"g{n}", "name": f"成长 {n} 群", "created_us": MONDAY}
            for n in range(10_001, 11_001)
        ])  # fmt: skip
    begun(ledger, READY["growth"], *range(10_001, 11_001))

    began = time.monotonic()
    turn(ledger, settings, MONDAY)
    turn(ledger, settings, TEN)
    took = time.monotonic() - began

    with ledger.read() as connection:
        rows = connection.execute(sa.select(sa.func.count()).select_from(playbook_openings)).scalar_one()
    assert rows >= 30_000
    assert len(asked_for(ledger)) == 3_000
    assert took < 30
