"""A send step with names in it: each their own words as long as staff need not tap too often, and the same in a rehearsal."""

from __future__ import annotations

from typing import Literal

import pytest
import sqlalchemy as sa

from tests.act.journeys.scenes import DAY_US, NOON, Garden, journey, say, wait
from tests.conftest import CORP
from tiefen.act.admitting import admit_due
from tiefen.act.journeys import rehearsal
from tiefen.act.journeys.definition import wrongs
from tiefen.act.journeys.rehearsal import Rehearsal
from tiefen.act.journeys.steps import Send
from tiefen.ledger.batch import Batch, Profile
from tiefen.ledger.facts import ContactAdded, Id
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_contacts, wecom_staff
from tiefen.ledger.schema.touches import proposals

pytestmark = pytest.mark.stores
TEXT = '{{ name | or_else("朋友") }}好'


@pytest.fixture
def garden(ledger: Ledger) -> Garden:
    """Two on staff; people get words of their own up to three taps a day."""
    ledger.update_settings(CORP, {"policy": {"holdout": 0.0, "personal_taps": 3}})
    with ledger.write() as connection:
        connection.execute(
            sa.insert(wecom_staff),
            [{"corp_id": CORP, "userid": userid, "name": userid, "serves": True, "seen_us": 1} for userid in ("pinger", "xiren")],
        )  # fmt: skip
    return Garden(ledger)


def come(garden: Garden, *names: str, staff: str = "pinger") -> None:
    """They become contacts of a member of staff."""
    ids = {name: Id("external_userid", name) for name in names}
    with garden.ledger.write() as connection:
        connection.execute(
            sa.insert(wecom_contacts),
            [{"corp_id": CORP, "userid": staff, "external_userid": name, "added_us": garden.now} for name in names],
        )
    garden.ledger.append(
        Batch(
            CORP, "scene",
            [ContactAdded(happened_us=garden.now, source_id=garden.source(), person=ids[name], staff=Id("staff_userid", staff)) for name in names],
            profiles=[Profile(ids[name], name) for name in names],
        )
    )  # fmt: skip


def hello(words: Literal["auto", "personal", "one"] = "auto", to: str | None = None, text: str = TEXT) -> Send:
    return say("hello", text, to, purpose="service", words=words)


def admitted(garden: Garden) -> dict[str, int]:
    """Everything meets the gate; by member of staff the different contents that went out, each a task."""
    while admit_due(garden.ledger, garden.ledger.settings, CORP, garden.now):
        pass
    with garden.ledger.read() as connection:
        asked = sa.select(proposals.c.sender, proposals.c.content_id).where(proposals.c.state == "admitted").distinct()
        rows = connection.execute(asked).all()
    return {userid: sum(row.sender == userid for row in rows) for userid in {row.sender for row in rows}}


def rehearse(garden: Garden, step: Send) -> Rehearsal:
    return rehearsal.rehearse(garden.ledger, garden.ledger.settings, CORP, journey(step), garden.now, days=3)


def texts(garden: Garden) -> set[str]:
    return {text for _, text in garden.said()}


def test_who_comes_with_many_others_is_told_the_same_and_who_comes_with_few_by_name(garden: Garden) -> None:
    of = garden.runs(journey(hello()))
    come(garden, "黛玉", "宝钗", "探春", "湘云")
    come(garden, "悟空", "八戒", staff="xiren")

    garden.turn()

    assert texts(garden) == {"朋友好", "悟空好", "八戒好"}
    assert admitted(garden) == {"pinger": 1, "xiren": 2}
    assert garden.counts(of)["hello", "plain"] == 4


@pytest.mark.parametrize(("words", "said"), [("personal", 4), ("one", 1)])
def test_a_step_may_leave_no_choice(garden: Garden, words: Literal["personal", "one"], said: int) -> None:
    garden.runs(journey(hello(words)))
    come(garden, "黛玉", "宝钗", "探春", "湘云")

    garden.turn()

    assert len(texts(garden)) == said


def test_once_the_days_taps_are_used_the_rest_of_the_day_is_plain_and_the_next_is_not(garden: Garden) -> None:
    garden.runs(journey(hello()))
    for name in ("黛玉", "宝钗", "探春", "湘云"):
        come(garden, name)
        garden.turn(minutes=5)
        admitted(garden)
    garden.turn(days=1)
    come(garden, "迎春")
    garden.turn()

    assert [text for _, text in garden.said()] == ["黛玉好", "宝钗好", "探春好", "朋友好", "迎春好"]


def test_two_steps_of_one_turn_are_counted_together(garden: Garden) -> None:
    garden.runs(journey(hello(to="more"), say("more", '{{ name | or_else("朋友") }}，这是茶单')))
    come(garden, "黛玉", "宝钗")

    garden.turn()

    assert texts(garden) == {"黛玉好", "宝钗好", "朋友，这是茶单"}


def test_who_goes_round_again_is_not_told_the_same_in_the_other_form(garden: Garden) -> None:
    garden.runs(journey(hello("personal", to="w"), wait("w", "again", days=1), say("again", TEXT, words="one")))
    come(garden, "黛玉")
    garden.turn()
    admitted(garden)
    garden.turn(days=1, minutes=1)
    admitted(garden)

    with garden.ledger.read() as connection:
        rows = connection.execute(sa.select(proposals).order_by(proposals.c.due_us)).all()
    assert [(row.step, row.state, row.reason) for row in rows] == [
        ("hello", "admitted", None), ("again", "refused", "same_words"),
    ]  # fmt: skip


def test_the_same_for_all_needs_a_fallback_for_what_is_known_of_each(garden: Garden) -> None:
    none = [one.en for one in wrongs(journey(hello("one", text="{{ name }}好")))]
    ours = wrongs(journey(hello("one", text="我是{{ staff_name }}")))

    assert none == ["The same words for all need a fallback for name"]
    assert ours == []


def test_a_rehearsal_says_how_often_staff_would_tap(garden: Garden) -> None:
    come(garden, *(f"客{n}" for n in range(9)))
    come(garden, "悟空", staff="xiren")
    garden.now += DAY_US

    done = {words: rehearse(garden, hello(words)) for words in ("auto", "personal", "one")}

    taps = {words: sum(load["confirmations"] for load in one.load.values()) for words, one in done.items()}
    assert taps == {"auto": 2, "personal": 10, "one": 2}
    assert {words: one.counts["hello", "plain"] for words, one in done.items()} == {"auto": 9, "personal": 0, "one": 10}


def test_a_rehearsal_counts_what_waits_for_the_morning_like_the_gate_does(garden: Garden) -> None:
    garden.now = NOON + DAY_US // 2  # midnight, when it is quiet
    for n in range(6):
        come(garden, f"客{n}")
        garden.now += 3_600_000_000
    garden.now += DAY_US

    done = rehearse(garden, say("hello", TEXT, purpose="care", words="auto", expires_hours=48))

    assert sum(load["confirmations"] for load in done.load.values()) == 4
    assert done.counts["hello", "plain"] == 3
