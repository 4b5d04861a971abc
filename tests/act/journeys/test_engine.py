"""People go through journeys: in by a trigger, from step to step in their time, every effect once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from tests.act.journeys.scenes import DAY_US, HOUR_US, MINUTE_US, NOON, PAID, Garden, journey, say, wait
from tests.conftest import CORP
from tiefen.act import points
from tiefen.act.journeys import engine, keeping
from tiefen.act.journeys.definition import Again, Goal
from tiefen.act.journeys.errors import JourneyNotInThisState
from tiefen.act.journeys.happening import Happening, Where
from tiefen.act.journeys.positions import MOST_TIMES
from tiefen.act.journeys.steps import (
    AskStaff,
    BranchByCondition,
    BranchBySegment,
    CallWebhook,
    GivePoints,
    Jump,
    Leave,
    PutTag,
    Split,
    WaitFor,
    WaitUntilDate,
    WaitUntilTime,
    Way,
)
from tiefen.act.journeys.triggers import ByHand, OnDate, OnEvent, OnSchedule, OnSegment
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import facts
from tiefen.ledger.schema.touches import campaign_counts, proposals

pytestmark = pytest.mark.stores


def test_somebody_is_welcomed_and_hears_more_after_the_wait(garden: Garden) -> None:
    garden.person("黛玉")
    of = garden.runs(
        journey(say("hello", '{{ name | or_else("你") }}好', "w"), wait("w", "more", days=2), say("more", "新茶"))
    )

    garden.added("黛玉")
    garden.turn(minutes=1)
    at_once = garden.said()
    garden.turn(days=1.9)
    too_early = garden.said()
    garden.turn(days=0.2)

    assert at_once == too_early == [("黛玉", "黛玉好")]
    assert garden.said() == [("黛玉", "黛玉好"), ("黛玉", "新茶")]
    assert garden.ways(of) == [("hello", "next"), ("w", "next"), ("more", "next")]
    counts = garden.counts(of)
    assert (counts["", "entered:journey"], counts["w", "in"], counts["w", "way:next"], counts["", "left:end"]) == (
        1,
        1,
        1,
        1,
    )
    assert counts["w", "dwell_s"] == pytest.approx(2.1 * 86_400, abs=3_600)


def test_what_is_waited_for_takes_them_on_and_otherwise_the_time_does(garden: Garden) -> None:
    garden.person("黛玉")
    garden.person("八戒")
    big = Happening(fact="order.paid", where=(Where(field="amount_fen", op="at_least", value=5_000),))
    garden.runs(
        journey(
            WaitFor(id="f", happening=big, minutes=3 * 1440, yes="thanks", no="nudge"), say("thanks", "谢谢"),
            say("nudge", "还在吗"),
        )
    )  # fmt: skip
    garden.added("黛玉")
    garden.added("八戒")
    garden.turn()
    garden.turn(days=1)

    garden.paid("黛玉", fen=9_900)
    garden.paid("八戒", fen=100)
    garden.turn(minutes=1)
    soon = garden.said()
    garden.turn(days=3)

    assert soon == [("黛玉", "谢谢")]
    assert garden.said() == [("黛玉", "谢谢"), ("八戒", "还在吗")]


def test_an_order_before_they_came_to_the_step_is_not_what_they_wait_for(garden: Garden) -> None:
    garden.person("黛玉")
    garden.runs(
        journey(wait("w", "f", days=1), WaitFor(id="f", happening=PAID, minutes=60, yes="thanks"), say("thanks"))
    )
    garden.added("黛玉")
    garden.turn()
    garden.paid("黛玉")
    garden.turn(days=1, minutes=1)

    garden.turn(minutes=61)

    assert garden.said() == []
    assert garden.at() == {}


def test_local_hours_and_weekdays_are_waited_for(garden: Garden) -> None:
    garden.person("黛玉")
    garden.now = NOON + 12 * HOUR_US  # Friday 00:00
    garden.runs(journey(WaitUntilTime(id="w", start="09:30", end="18:00", weekdays=(1, 2), next="s"), say("s")))
    garden.added("黛玉")
    garden.turn()

    garden.turn(days=3, minutes=9 * 60 + 29)  # Monday 09:29
    before = garden.said()
    garden.turn(minutes=1)

    assert before == []
    assert len(garden.said()) == 1


def test_a_date_is_waited_for_and_one_that_is_over_is_not(garden: Garden) -> None:
    garden.person("黛玉")
    garden.runs(
        journey(
            WaitUntilDate(id="past", day="2026-11-01", next="w"),
            WaitUntilDate(id="w", day="2026-11-28", next="s"),
            say("s"),
        )
    )
    garden.added("黛玉")
    garden.turn(days=1)
    before = garden.at()

    garden.turn(days=1)

    assert before == {"黛玉": "w"}
    assert len(garden.said()) == 1


def test_segments_and_what_is_known_part_the_ways(garden: Garden) -> None:
    garden.person("黛玉", city="苏州")
    garden.person("八戒", city="高老庄")
    garden.segment("fans")
    garden.runs(
        journey(
            BranchBySegment(id="fan", segment="fans", yes="hi", no="city"),
            BranchByCondition(id="city", of="attribute", key="city", op="is", value="高老庄", yes="local", no=None),
            say("hi", "铁粉好"), say("local", "老乡好"),
        )
    )  # fmt: skip
    garden.enters("黛玉", "fans")

    garden.added("黛玉")
    garden.added("八戒")
    garden.turn()

    assert sorted(garden.said()) == sorted([("八戒", "老乡好"), ("黛玉", "铁粉好")])


def test_chance_parts_people_in_the_shares_asked_for_and_always_the_same(garden: Garden) -> None:
    people = garden.crowd(1_000)
    of = garden.runs(
        journey(
            Split(id="x", arms=(Way(name="A", share=30, next="a"), Way(name="B", share=70))), say("a"),
            triggers=(ByHand(),), again=Again(rule="every_time"),
        )
    )  # fmt: skip

    for _ in range(2):
        engine.enter_by_hand(garden.ledger, garden.ledger.settings, CORP, of, people, garden.now)
        garden.turn()

    counts = garden.counts(of)
    assert counts["x", "way:A"] == pytest.approx(600, abs=90)
    with garden.ledger.read() as connection:
        assert (
            connection.execute(sa.select(sa.func.count(sa.distinct(proposals.c.person)))).scalar()
            == counts["x", "way:A"] // 2
        )


def test_a_loop_goes_round_as_often_as_it_says_and_each_lap_is_said_once(garden: Garden) -> None:
    garden.person("黛玉")
    garden.runs(
        journey(say("s", to="w"), wait("w", "j", days=1), Jump(id="j", to="s", times=2, next="end"), Leave(id="end"))
    )
    garden.added("黛玉")

    for _ in range(8):
        garden.turn(days=0.5)

    assert len(garden.said("s")) == 3
    assert garden.entries()[0].how == "left"


def test_two_loops_in_a_row_count_for_themselves(garden: Garden) -> None:
    garden.person("黛玉")
    garden.runs(
        journey(
            say("a", "甲", "wa"), wait("wa", "ja", days=1), Jump(id="ja", to="a", times=1, next="b"),
            say("b", "乙", "wb"), wait("wb", "jb", days=1), Jump(id="jb", to="b", times=2),
        )
    )  # fmt: skip
    garden.added("黛玉")

    for _ in range(14):
        garden.turn(days=0.5)

    assert (len(garden.said("a")), len(garden.said("b"))) == (2, 3)


def test_tags_points_tasks_and_webhooks_are_ordered_once_each(garden: Garden) -> None:
    garden.person("黛玉")
    of = garden.runs(
        journey(
            PutTag(id="t", tag="新朋友", next="p"), GivePoints(id="p", points=10, next="k"),
            AskStaff(id="k", what="打个招呼", next="h"), CallWebhook(id="h", url="https://crm.example/hook"),
        )
    )  # fmt: skip
    garden.added("黛玉")
    garden.turn()
    garden.turn(minutes=5)

    orders = {order.kind: order for order in garden.orders()}
    assert set(orders) == {"tag", "points", "task", "webhook"}
    assert orders["tag"].order_id == f"{of}:{garden.number('黛玉')}:1:t:0"
    with garden.ledger.read() as connection:
        kinds = list(connection.scalars(sa.select(facts.c.kind).where(facts.c.origin == "journeys")))
    assert sorted(kinds) == ["points.given", "tag.put"]


def test_a_tag_put_by_a_journey_is_seen_by_the_next(garden: Garden) -> None:
    garden.person("黛玉")
    garden.runs(
        journey(
            PutTag(id="t", tag="新朋友", next="w"), wait("w", "b", minutes=5),
            BranchByCondition(id="b", of="tag", key="新朋友", yes="s"), say("s"),
        )
    )  # fmt: skip
    garden.added("黛玉")
    garden.turn()
    garden.turn(minutes=6)

    assert len(garden.said()) == 1


# ---- who may enter ------------------------------------------------------------------------------


def test_journeys_that_set_each_other_off_come_to_an_end_and_it_is_seen(garden: Garden) -> None:
    daiyu = garden.person("黛玉")
    every = Again(rule="every_time")
    tagged = OnEvent(happening=Happening(fact="tag.put"))
    given = OnEvent(happening=Happening(fact="points.given"))
    garden.runs(journey(GivePoints(id="p", points=10)))
    gives = garden.runs(journey(GivePoints(id="p", points=10), triggers=(tagged,), again=every))
    tags = garden.runs(journey(PutTag(id="t", tag="有积分"), triggers=(given,), again=every))
    garden.added("黛玉")

    for _ in range(3 * MOST_TIMES):
        garden.turn(minutes=1)

    entered = Counter(row.journey_id for row in garden.entries())
    assert (entered[gives], entered[tags]) == (MOST_TIMES, MOST_TIMES)
    assert garden.counts(tags)["", "turned_away:too_often"] == 1
    assert points.held(garden.ledger, CORP, [daiyu]) == {daiyu: 10 + 10 * MOST_TIMES}


@pytest.mark.parametrize(
    ("again", "times"),
    [
        (Again(rule="once"), 1),
        (Again(rule="every_time"), 3),
        (Again(rule="cooldown", days=3), 2),
        (Again(rule="per_entity", field="state"), 2),
    ],
)
def test_how_often_somebody_enters(garden: Garden, again: Again, times: int) -> None:
    garden.person("黛玉")
    of = garden.runs(journey(say("s"), again=again))

    for state in ("poster", "poster", "shop"):
        garden.added("黛玉", state=state)
        garden.turn(days=2)

    assert garden.counts(of)["", "entered:journey"] == times


def test_who_is_inside_does_not_come_in_a_second_time(garden: Garden) -> None:
    garden.person("黛玉")
    of = garden.runs(journey(wait("w", days=5), again=Again(rule="every_time")))
    garden.added("黛玉")
    garden.turn()
    garden.added("黛玉")
    garden.turn(minutes=1)

    assert garden.counts(of)["", "turned_away:inside"] == 1


def test_limits_a_day_and_in_all_are_kept(garden: Garden) -> None:
    people = garden.crowd(30)
    of = garden.runs(journey(wait("w", days=9), triggers=(ByHand(),), most_a_day=10, most=15))

    told = []
    for start in (0, 10, 20):
        told.append(
            engine.enter_by_hand(
                garden.ledger, garden.ledger.settings, CORP, of, people[start : start + 10], garden.now
            )
        )
        garden.turn(days=1 if start else 0)

    assert [one.get("entered:journey", 0) for one in told] == [10, 0, 5]
    assert (told[1]["turned_away:limit"], told[1]["turned_away:day_limit"]) == (5, 5)
    assert told[2]["turned_away:limit"] == 5


def test_staff_and_the_erased_are_nobody_to_take_along(garden: Garden) -> None:
    from tiefen.ledger.batch import Batch, Profile
    from tiefen.ledger.facts import Id

    garden.ledger.append(Batch(CORP, "scene", profiles=[Profile(Id("user_id", "凤姐"), "凤姐", staff=True)]))
    garden.person("黛玉")
    of = garden.runs(journey(wait("w", "s", days=1), say("s")))
    garden.added("凤姐")
    garden.added("黛玉")
    garden.turn()
    garden.ledger.erase(CORP, garden.number("黛玉"), "owner")

    garden.turn(days=1)

    counts = garden.counts(of)
    assert (counts["", "turned_away:not_there"], counts["", "left:erased"]) == (1, 1)
    assert garden.said() == []


def test_nothing_is_done_with_those_held_out_and_their_goals_count(garden: Garden) -> None:
    people = garden.crowd(400)
    of = garden.runs(
        journey(say("s", to="w"), wait("w", days=3), triggers=(ByHand(),), holdout=0.25, goal=Goal(happening=PAID))
    )
    engine.enter_by_hand(garden.ledger, garden.ledger.settings, CORP, of, people, garden.now)
    garden.turn()
    garden.paid(*(f"p{n}" for n in range(400)))

    garden.turn(days=1)

    counts = garden.counts(of)
    held = counts["", "entered:holdout"]
    assert held == pytest.approx(100, abs=35)
    assert len(garden.said()) == 400 - held
    assert (counts["", "goal:holdout"], counts["", "goal:journey"]) == (held, 400 - held)
    with garden.ledger.read() as connection:
        arms = sa.select(sa.func.count()).where(facts.c.kind == "arm.assigned")
        assert connection.execute(arms).scalar() == 400


def test_old_news_brings_nobody_in(garden: Garden) -> None:
    garden.person("黛玉")
    of = garden.runs(journey(say("s")))
    garden.added("黛玉", at=garden.now - 30 * DAY_US)
    garden.turn()

    assert garden.counts(of)["", "entered:journey"] == 0


# ---- leaving before the end ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exit", "after_order", "after_loss"),
    [
        ("on_goal", "goal", None),
        ("on_trigger_gone", None, "trigger_gone"),
        ("on_both", "goal", "trigger_gone"),
        ("only_at_end", None, None),
    ],
)
def test_when_somebody_leaves_early(garden: Garden, exit: Any, after_order: str | None, after_loss: str | None) -> None:
    garden.person("黛玉")
    garden.person("八戒")
    of = garden.runs(journey(wait("w", "s", days=5), say("s"), exit=exit, goal=Goal(happening=PAID)))
    garden.added("黛玉")
    garden.added("八戒")
    garden.turn()

    garden.paid("黛玉")
    garden.lost("八戒")
    garden.turn(minutes=1)

    how = {row.person: row.how for row in garden.entries()}
    assert how == {garden.number("黛玉"): after_order, garden.number("八戒"): after_loss}
    assert garden.counts(of)["", "goal:journey"] == 1


def test_who_leaves_the_segment_leaves_only_the_journey_that_it_brought_them_into(garden: Garden) -> None:
    garden.person("黛玉")
    garden.segment("fans")
    garden.runs(journey(wait("w", days=5), triggers=(ByHand(), OnSegment(segment="fans")), exit="on_trigger_gone"))
    garden.enters("黛玉", "fans")
    garden.turn()
    inside = garden.at()

    garden.leaves("黛玉", "fans")
    garden.turn(minutes=1)

    assert (inside, garden.at()) == ({"黛玉": "w"}, {})


# ---- the clock ----------------------------------------------------------------------------------


def test_birthdays_are_met_at_their_hour_every_year(garden: Garden) -> None:
    garden.person("黛玉", birthday="2001-11-29")
    garden.person("宝玉", birthday="11-30")
    garden.person("八戒", birthday="someday")
    garden.runs(
        journey(
            say("s", "生日快乐"),
            triggers=(OnDate(attribute="birthday", days=-1, at="10:00"),),
            again=Again(rule="every_time"),
        )
    )

    seen = []
    for _ in range(5):
        garden.turn(days=1)
        seen.append(len(garden.said()))

    assert seen == [0, 1, 2, 2, 2]  # on the 28th at 10:00, and on the 29th


def test_a_rule_of_the_calendar_takes_the_whole_segment(garden: Garden) -> None:
    garden.segment("fans")
    for name in ("黛玉", "宝玉"):
        garden.person(name)
        garden.enters(name, "fans")
    garden.runs(
        journey(
            say("s"), triggers=(OnSchedule(rule="FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0", segment="fans"),),
            again=Again(rule="every_time"),
        )
    )  # fmt: skip

    seen = []
    for _ in range(12):
        garden.turn(days=1)
        seen.append(len(garden.said()))

    assert seen == [0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 4, 4]


def test_a_clock_that_goes_back_harms_nobody(garden: Garden) -> None:
    garden.person("黛玉")
    of = garden.runs(journey(say("a", to="w"), wait("w", "b", days=1), say("b")))
    garden.added("黛玉")
    garden.turn()
    garden.turn(days=-3)
    garden.turn(days=0)
    back = garden.said()

    garden.turn(days=4.5)

    assert len(back) == 1
    assert len(garden.said()) == 2
    assert all(n >= 0 for n in garden.counts(of).values())


# ---- merges, pauses, ends -----------------------------------------------------------------------


def test_who_turns_out_to_be_somebody_else_goes_on_once(garden: Garden) -> None:
    first, second = garden.person("黛玉"), garden.person("潇湘妃子")
    of = garden.runs(
        journey(wait("w", "s", days=1), say("s"), triggers=(OnEvent(happening=Happening(fact="contact.added")),))
    )
    garden.added("黛玉")
    garden.added("潇湘妃子")
    garden.turn()
    garden.ledger.merge(CORP, first, second)

    garden.turn(minutes=1)
    garden.turn(days=1)

    assert garden.said() == [("黛玉", "欢迎")]
    assert garden.counts(of)["", "left:merged"] == 1
    assert {row.person for row in garden.entries()} == {first}


def test_a_paused_journey_stands_still_and_an_ended_one_lets_everybody_go(garden: Garden) -> None:
    garden.person("黛玉")
    of = garden.runs(journey(wait("w", "s", days=1), say("s")))
    garden.added("黛玉")
    garden.turn()

    def change(verb: Any) -> None:
        with garden.ledger.write() as connection:
            verb(connection, CORP, of, keeping.get(connection, CORP, of).version, garden.now)

    change(keeping.pause)
    garden.turn(days=2)
    still = garden.at()
    change(keeping.go_on)
    change(keeping.end)

    assert still == {"黛玉": "w"}
    assert (garden.at(), garden.entries()[0].how) == ({}, "ended")
    with pytest.raises(JourneyNotInThisState):
        engine.enter_by_hand(garden.ledger, garden.ledger.settings, CORP, of, [1], garden.now)


def test_a_missing_name_is_counted_and_they_go_on(garden: Garden) -> None:
    person = garden.crowd(1, "nameless")[0]
    with garden.ledger.write() as connection:
        from tiefen.ledger.schema import people

        connection.execute(sa.update(people).where(people.c.person_id == person).values(name=None))
    of = garden.runs(journey(say("s", "{{ name }}，你好", "t"), say("t", "大家好"), triggers=(ByHand(),)))

    engine.enter_by_hand(garden.ledger, garden.ledger.settings, CORP, of, [person], garden.now)
    garden.turn()

    counts = garden.counts(of)
    assert (counts["s", "not_said:missing_variable"], counts["t", "in"]) == (1, 1)
    with garden.ledger.read() as connection:
        assert list(connection.scalars(sa.select(campaign_counts.c.step))) == ["t"]


def test_a_turn_that_is_cut_off_anywhere_is_only_repeated(garden: Garden, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the last statement before the crash was: afterwards everything is there once."""
    garden.crowd(40)
    of = garden.runs(journey(say("a", to="t"), PutTag(id="t", tag="x", next="w"), wait("w", "b", minutes=30), say("b")))
    garden.added(*(f"p{n}" for n in range(40)))
    statements = [0]
    limit = [3]

    class Cut(Exception):
        pass

    def count_down(*_: Any) -> None:
        statements[0] += 1
        if statements[0] >= limit[0]:
            raise Cut

    sa.event.listen(garden.ledger.engine, "before_cursor_execute", count_down)
    try:
        while True:
            statements[0] = 0
            try:
                garden.turn(minutes=7)
                if not garden.at() and statements[0] < limit[0] and len(garden.said()) == 80:
                    break
            except Cut:
                pass
            limit[0] += 5
            assert limit[0] < 2_000
    finally:
        sa.event.remove(garden.ledger.engine, "before_cursor_execute", count_down)

    assert (len(garden.said("a")), len(garden.said("b"))) == (40, 40)
    assert len(garden.orders()) == 40
    counts = garden.counts(of)
    assert (counts["a", "in"], counts["a", "way:next"], counts["", "left:end"]) == (40, 40, 40)


def test_journeys_of_nobody_follow_nothing(ledger: Ledger) -> None:
    assert engine.turn(ledger, ledger.settings, CORP, NOON) is False


def test_paths_are_forgotten_in_time(garden: Garden) -> None:
    garden.person("黛玉")
    of = garden.runs(journey(say("s")))
    garden.added("黛玉")
    garden.turn()

    assert engine.prune(garden.ledger, garden.ledger.settings, CORP, garden.now + MINUTE_US) == 0
    assert engine.prune(garden.ledger, garden.ledger.settings, CORP, garden.now + 200 * DAY_US) == 1
    assert garden.ways(of) == []
