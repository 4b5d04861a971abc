"""What weighs on whom, and what is planned, as the console shows it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.act.scenes import HOUR, NOON, Firm
from tests.conftest import CORP
from tiefen.act import pressure
from tiefen.decide.policy import Moment, Policy, moment, policy_of
from tiefen.kit.clock import DAY_US
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema.broadcasts import campaign_audience
from tiefen.ledger.schema.touches import campaigns

pytestmark = pytest.mark.stores


@pytest.fixture
def firm(ledger: Ledger) -> Firm:
    return Firm(ledger, budget=2.0)


def rules(firm: Firm, now_us: int = NOON) -> tuple[Policy, Moment]:
    corp = firm.ledger.corp(CORP)
    policy = policy_of(corp.settings)
    return policy, moment(policy, now_us, corp.time_zone)


def test_what_was_sent_refused_and_waits_adds_up(firm: Firm) -> None:
    daiyu, baochai = firm.people("黛玉", "宝钗")
    firm.proposes(
        firm.say(daiyu, id="a"), firm.say(daiyu, id="b"), firm.say(daiyu, id="c"), firm.say(baochai, id="d"),
        firm.say(baochai, id="e", expires=NOON), firm.say(baochai, id="f", due=NOON + HOUR),
    )  # fmt: skip
    firm.gate()
    policy, _ = rules(firm)

    with firm.ledger.read() as connection:
        found = pressure.summary(connection, CORP, policy, NOON + 1)

    assert found.states == {"admitted": 3, "refused": 1, "proposed": 2}
    assert found.refused == {"expired": 1}
    assert found.waiting == {"": 1, "person_quota": 1}
    assert found.told == {1: 1, 2: 1}
    assert (found.over, found.reached) == (1, 2)


def test_the_most_pressed_come_first_with_what_is_left(firm: Firm) -> None:
    daiyu, baochai = firm.people("黛玉", "宝钗")
    group, quiet = firm.group("诗社", "黛玉", "宝钗"), firm.group("厨房", "黛玉")
    firm.proposes(
        firm.say(daiyu), firm.say(daiyu), firm.say(baochai), firm.say(group, group=True),
    )  # fmt: skip
    firm.gate()
    policy, at = rules(firm, NOON + 1)

    with firm.ledger.read() as connection:
        persons = pressure.most_pressed(connection, CORP, policy, at)
        groups = pressure.of_groups(connection, CORP, policy, at)
        alone = pressure.of_person(connection, CORP, daiyu, policy, at)
        nobody = pressure.of_person(connection, CORP, 999_999, policy, at)

    assert [(one.number, one.last_7d) for one in persons] == [(daiyu, 2), (baochai, 1)]
    assert [(one.number, one.spent, one.left) for one in groups] == [(group, 1.0, 4.0), (quiet, 0.0, 5.0)]
    assert alone is not None
    assert (alone.pressed.spent, alone.in_groups, alone.pressed.left) == (2.2, 0.2, 0.0)
    assert [state for _, _, state, _, _ in alone.lately] == ["admitted", "admitted"]
    assert nobody is None


def test_who_saw_much_in_groups_runs_out_of_budget_too(firm: Firm) -> None:
    firm.follows(budget=2.0, group_cost=0.5)
    daiyu, baochai = firm.people("黛玉", "宝钗")
    group = firm.group("诗社", "黛玉")
    firm.proposes(
        firm.say(daiyu), firm.say(baochai), firm.say(group, group=True),
    )  # fmt: skip
    firm.gate()
    policy, _ = rules(firm)

    with firm.ledger.read() as connection:
        found = pressure.summary(connection, CORP, policy, NOON + 1)

    assert found.over == 1


def test_the_calendar_counts_whoever_would_be_told_twice_a_day(firm: Firm) -> None:
    daiyu, baochai, tanchun = firm.people("黛玉", "宝钗", "探春")
    group, tomorrow = firm.group("诗社", "黛玉"), NOON + DAY_US
    firm.proposes(
        firm.say(daiyu, due=tomorrow), firm.say(group, due=tomorrow + HOUR, group=True, campaign="opening"),
        firm.say(baochai, due=tomorrow), firm.say(baochai, due=tomorrow + DAY_US),
    )  # fmt: skip
    with firm.ledger.write() as connection:
        connection.execute(
            sa.insert(campaigns).values(
                corp_id=CORP, campaign_id="late", kind="broadcast", name="晚些", purpose="sell", state="scheduled",
                body="{}", created_us=NOON, changed_us=NOON,
            )
        )  # fmt: skip
        connection.execute(
            sa.insert(campaign_audience),
            [
                {"corp_id": CORP, "campaign_id": "late", "unit": unit, "due_us": tomorrow + DAY_US}
                for unit in (baochai, tanchun)
            ],
        )

    with firm.ledger.read() as connection:
        first, second = pressure.calendar(connection, CORP, NOON, "Asia/Shanghai")

    assert (str(first.day), first.collisions) == ("2026-03-11", 1)
    assert first.campaigns == {"spring": ("", "", 2, 0), "opening": ("", "", 0, 1)}
    assert (second.campaigns["late"], second.collisions) == (("broadcast", "晚些", 2, 0), 1)
