"""A rehearsal tells what would have happened, by the code that makes it happen."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa

from tests.act.journeys.scenes import DAY_US, HOUR_US, PAID, Garden, journey, say, wait
from tests.conftest import CORP
from tiefen.act.journeys import rehearsal
from tiefen.act.journeys.definition import Goal, Journey
from tiefen.act.journeys.errors import JourneyWrong, TooMuchToRehearse
from tiefen.act.journeys.steps import AskStaff, BranchBySegment, WaitFor, WaitUntilTime
from tiefen.act.journeys.triggers import OnSchedule, OnSegment
from tiefen.ledger.schema import wecom_contacts, wecom_staff
from tiefen.ledger.schema.touches import proposals

pytestmark = pytest.mark.stores
DRAWN = journey(
    say("hello", '{{ name | or_else("你") }}好', "f"),
    WaitFor(id="f", happening=PAID, minutes=3 * 1440, yes="thanks", no="hours"),
    say("thanks", "谢谢"),
    WaitUntilTime(id="hours", start="10:00", end="18:00", next="nudge"), say("nudge", "还在吗", "t"),
    AskStaff(id="t", what="打个电话"),
    goal=Goal(happening=PAID), exit="only_at_end", holdout=0.2,
)  # fmt: skip


def rehearse(garden: Garden, drawn: Journey, of: str = rehearsal.REHEARSED, days: int = 30) -> rehearsal.Rehearsal:
    return rehearsal.rehearse(garden.ledger, garden.ledger.settings, CORP, drawn, garden.now, days=days, journey_id=of)


def a_month(garden: Garden) -> str:
    """Forty people come over the days, half of them order, while the journey runs."""
    garden.crowd(40)
    of = garden.runs(DRAWN)
    for n in range(40):
        garden.added(f"p{n}")
        if n >= 10 and n % 2:
            garden.paid(f"p{n - 10}")
        garden.turn(minutes=420)
    for _ in range(18):
        garden.turn(minutes=420)
    return of


def test_it_is_what_really_happened(garden: Garden) -> None:
    of = a_month(garden)

    done = rehearse(garden, DRAWN, of)

    counts = garden.counts(of)
    really = {key: n for key, n in counts.items() if not key[1].startswith(("day:", "dwell_s"))}
    assert {key: n for key, n in done.counts.items() if not key[1].startswith(("day:", "dwell_s"))} == really
    assert done.inside == Counter(garden.at().values())
    assert really["thanks", "in"] > 5
    assert really["nudge", "in"] > 5


def test_it_is_the_same_from_the_lake(garden: Garden) -> None:
    of = a_month(garden)
    before = rehearse(garden, DRAWN, of)
    garden.ledger.flush()

    assert rehearse(garden, DRAWN, of).counts == before.counts


def test_nothing_of_it_is_left_behind(garden: Garden) -> None:
    a_month(garden)
    with garden.ledger.read() as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(proposals)).scalar()
    entries = len(garden.entries())

    rehearse(garden, DRAWN)

    with garden.ledger.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(proposals)).scalar() == before
    assert len(garden.entries()) == entries


def test_the_gate_says_why_not_and_staff_see_their_load(garden: Garden) -> None:
    people = garden.crowd(4)
    with garden.ledger.write() as connection:
        connection.execute(
            sa.insert(wecom_staff).values(corp_id=CORP, userid="pinger", name="平儿", serves=True, seen_us=1)
        )
        from tiefen.ledger.schema import handles

        connection.execute(
            sa.update(handles).where(handles.c.person_id.in_(people[:3])).values(id_type="external_userid")
        )
        connection.execute(
            sa.insert(wecom_contacts),
            [{"corp_id": CORP, "userid": "pinger", "external_userid": f"p{n}", "added_us": 1} for n in range(3)],
        )
    from tiefen.ledger.batch import Batch
    from tiefen.ledger.facts import ContactAdded
    from tiefen.ledger.identity import numbered

    garden.ledger.append(
        Batch(
            CORP, "scene",
            [ContactAdded(happened_us=garden.now, source_id=f"x{n}", person=numbered(one)) for n, one in enumerate(people)],
        )
    )  # fmt: skip
    garden.now += 2 * DAY_US

    done = rehearse(garden, journey(say("hello", "你好", purpose="service"), holdout=0.0), days=7)

    assert done.messages == {("hello", "admitted", ""): 3, ("hello", "refused", "lost_contact"): 1}
    assert [load["messages"] for load in done.load.values()] == [3]
    assert [load["confirmations"] for load in done.load.values()] == [1]
    assert {one.outcome for one in done.shown} == {"admitted", "refused"}
    assert [message.text for message in done.texts.values()] == ["你好"]


def test_segments_are_as_they_were_then(garden: Garden) -> None:
    garden.segment("fans")
    for name in ("黛玉", "宝玉"):
        garden.person(name)
    garden.enters("黛玉", "fans")
    garden.now += DAY_US
    garden.added("黛玉")
    garden.added("宝玉")
    garden.now += DAY_US
    garden.leaves("黛玉", "fans")
    garden.enters("宝玉", "fans")
    garden.now += DAY_US

    asked = rehearse(garden, journey(BranchBySegment(id="b", segment="fans", yes="s"), say("s")))
    entered = rehearse(garden, journey(say("s"), triggers=(OnSegment(segment="fans"),)))

    assert (asked.counts["b", "way:yes"], asked.counts["b", "way:no"]) == (1, 1)
    assert entered.entered == 2


def test_the_calendar_is_rehearsed_too(garden: Garden) -> None:
    garden.segment("fans")
    garden.person("黛玉")
    garden.enters("黛玉", "fans")
    garden.now += 15 * DAY_US

    done = rehearse(
        garden,
        journey(
            wait("w", "s", minutes=30), say("s"), triggers=(OnSchedule(rule="FREQ=DAILY;BYHOUR=9;BYMINUTE=0", segment="fans"),),
        ),
        days=20,
    )  # fmt: skip

    assert (done.entered, done.counts["", "turned_away:again"]) == (1, 14)


def test_what_cannot_run_cannot_be_rehearsed(garden: Garden) -> None:
    with pytest.raises(JourneyWrong):
        rehearse(garden, Journey())
    with pytest.raises(TooMuchToRehearse):
        rehearse(garden, journey(say("s")), days=400)


def test_one_person_s_way_is_told_step_by_step(garden: Garden) -> None:
    person = garden.person("黛玉")
    settings = garden.ledger.settings

    lingers = rehearsal.try_with(garden.ledger, settings, CORP, DRAWN, person, garden.now)
    buys = rehearsal.try_with(garden.ledger, settings, CORP, DRAWN, person, garden.now, happens=["f"])

    assert [(one.step, one.way) for one in lingers.passed] == [
        ("hello", "next"), ("f", "timeout"), ("hours", "next"), ("nudge", "next"), ("t", "next"),
    ]  # fmt: skip
    assert lingers.passed[0].says == "黛玉好"
    assert (lingers.passed[0].outcome, lingers.passed[0].reason) == ("refusal", "lost_contact")
    assert lingers.passed[3].at_us >= garden.now + 72 * HOUR_US
    assert [(one.step, one.way) for one in buys.passed][1:] == [("f", "happened"), ("thanks", "next")]
    assert (lingers.how, buys.how) == ("end", "end")


def test_who_may_not_enter_is_told_why(garden: Garden) -> None:
    tried = rehearsal.try_with(garden.ledger, garden.ledger.settings, CORP, DRAWN, 4_242, garden.now)

    assert (tried.passed, tried.turned_away) == ([], "not_there")
