"""Experiments are found, measured when there is news, and kept; and whoever comes is drawn for the holdout of all."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa

from tests.conftest import CORP
from tiefen.decide.experiments import HOLDOUT, Experiment, assigned, begin, end, held_out
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.ledger.batch import Batch, Profile
from tiefen.ledger.facts import Id, LinkClicked, OrderPaid
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import people
from tiefen.ledger.schema.experiments import experiment_results, experiments
from tiefen.ledger.schema.journeys import journey_versions
from tiefen.ledger.schema.touches import campaigns
from tiefen.outcome import keeping
from tiefen.outcome.designs import ExperimentNotFound, design_of, listed
from tiefen.outcome.keeping import draw_holdout, kept, measured, turn

NOW = 1_790_000_000_000_000
SPRING = Experiment(experiment_id="spring", holdout=0.5)


@pytest.fixture(autouse=True)
def nothing_measured_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_measured", keeping._Measured())


def persons(ledger: Ledger, many: int, first: int = 0) -> list[int]:
    """So many people who clicked something long ago; their numbers."""
    clicked = [
        LinkClicked(happened_us=NOW - 200 * DAY_US, source_id=f"c{n}", person=Id("unionid", f"u{n}"), link="l")
        for n in range(first, first + many)
    ]
    ledger.append(Batch(CORP, "test", clicked))
    with ledger.read() as connection:
        return sorted(connection.scalars(sa.select(people.c.person_id).where(people.c.corp_id == CORP)))


def drawn(ledger: Ledger, numbers: list[int], at_us: int = NOW) -> None:
    with ledger.together() as together:
        begin(together.connection, CORP, SPRING, at_us, window_days=7, name="春", kind="broadcast")
        together.append(Batch(CORP, "act", assigned(SPRING, numbers, at_us)))


def paid(ledger: Ledger, at_us: int, name: str = "o1") -> None:
    order = OrderPaid(happened_us=at_us, source_id=name, person=Id("unionid", "u1"), order=name, amount_fen=700)
    ledger.append(Batch(CORP, "test", [order]))


@pytest.mark.stores
def test_what_was_measured_is_kept_and_found_again(ledger: Ledger, settings: Settings) -> None:
    drawn(ledger, persons(ledger, 40))
    paid(ledger, NOW + DAY_US)
    with ledger.read() as connection:
        one = design_of(connection, CORP, "spring")

    result = measured(ledger, settings, CORP, one, NOW + 2 * DAY_US)

    with ledger.read() as connection:
        assert kept(connection, CORP, "spring") == result
        assert kept(connection, CORP, "autumn") is None
    assert sum(arm.people for arm in result.arms) == 40
    assert sum(figure.sum for figure in result.measures[0].arms) == 700
    assert (one.name, one.kind, one.running) == ("春", "broadcast", True)


def test_it_is_measured_again_once_there_is_news_and_not_all_the_time(ledger: Ledger, settings: Settings) -> None:
    drawn(ledger, persons(ledger, 10))

    turn(ledger, settings, CORP, NOW + DAY_US)
    paid(ledger, NOW + DAY_US)
    turn(ledger, settings, CORP, NOW + 2 * DAY_US)
    with ledger.read() as connection:
        at_once = kept(connection, CORP, "spring")
    keeping._measured.at.clear()
    turn(ledger, settings, CORP, NOW + 2 * DAY_US)
    keeping._measured.at.clear()
    turn(ledger, settings, CORP, NOW + 3 * DAY_US)

    with ledger.read() as connection:
        later = kept(connection, CORP, "spring")
    assert at_once is not None and later is not None
    assert (at_once.as_of_us, later.as_of_us) == (NOW + DAY_US, NOW + 2 * DAY_US)


def test_long_after_it_ended_it_is_left_alone(ledger: Ledger, settings: Settings) -> None:
    drawn(ledger, persons(ledger, 10))
    with ledger.write() as connection:
        end(connection, CORP, "spring", NOW + DAY_US)

    turn(ledger, settings, CORP, NOW + 30 * DAY_US)

    with ledger.read() as connection:
        assert kept(connection, CORP, "spring") is None
        assert not design_of(connection, CORP, "spring").running


def test_what_an_older_version_kept_otherwise_is_as_good_as_nothing(ledger: Ledger) -> None:
    row = {"corp_id": CORP, "experiment_id": "x", "as_of_us": 1, "through": 1, "seconds": 0.1, "body": "{}"}
    with ledger.write() as connection:
        connection.execute(sa.insert(experiment_results).values(row))

    with ledger.read() as connection:
        assert kept(connection, CORP, "x") is None


def sends(ledger: Ledger, state: str) -> None:
    """A broadcast in that state."""
    with ledger.write() as connection:
        connection.execute(
            sa.insert(campaigns).values(
                corp_id=CORP, campaign_id="b", kind="broadcast", name="春", purpose="sell", state=state, body="{}", version=1,
                created_us=NOW, changed_us=NOW,
            )
        )  # fmt: skip


@pytest.mark.stores
def test_whoever_comes_is_drawn_for_the_holdout_of_all_once(ledger: Ledger, settings: Settings) -> None:
    ledger.update_settings(CORP, {"policy": {"holdout": 0.2}})
    persons(ledger, 300)
    ledger.append(Batch(CORP, "test", profiles=[Profile(Id("staff_userid", "s1"), "员工", staff=True)]))
    sends(ledger, "approved")

    draw_holdout(ledger, settings, CORP, NOW)
    draw_holdout(ledger, settings, CORP, NOW + 1)
    later = persons(ledger, 10, first=300)
    draw_holdout(ledger, settings, CORP, NOW + 2)

    with ledger.read() as connection:
        staff = set(connection.scalars(sa.select(people.c.person_id).where(people.c.staff)))
    customers = [number for number in later if number not in staff]
    assert ledger.facts(CORP, "arm.assigned") == len(customers) == 310
    with ledger.read() as connection:
        one = design_of(connection, CORP, HOLDOUT)
        assert connection.execute(sa.select(experiments.c.drawn_through)).scalar() == later[-1]
    result = measured(ledger, settings, CORP, one, NOW + 3)
    out = int(held_out(HOLDOUT, np.array(customers), 0.2).sum())
    assert {arm.arm: arm.people for arm in result.arms} == {"reached": 310 - out, HOLDOUT: out}


def test_nobody_is_drawn_where_nobody_is_to_be_held_out(ledger: Ledger, settings: Settings) -> None:
    ledger.update_settings(CORP, {"policy": {"holdout": 0}})
    persons(ledger, 3)
    sends(ledger, "approved")

    draw_holdout(ledger, settings, CORP, NOW)

    assert ledger.facts(CORP, "arm.assigned") == 0


def test_nobody_is_drawn_before_anything_is_to_be_sent(ledger: Ledger, settings: Settings) -> None:
    persons(ledger, 3)
    sends(ledger, "draft")

    draw_holdout(ledger, settings, CORP, NOW)

    assert ledger.facts(CORP, "arm.assigned") == 0


def test_a_journey_is_an_experiment_from_when_it_is_published(ledger: Ledger) -> None:
    journey = {
        "corp_id": CORP, "kind": "journey", "purpose": "care", "state": "live", "body": "{}", "version": 1, "created_us": NOW,
        "changed_us": NOW,
    }  # fmt: skip
    with ledger.write() as connection:
        for name in ("a", "b", "c"):
            connection.execute(sa.insert(campaigns).values(campaign_id=name, name=name, **journey))
        for of, version, body in (
            ("a", 1, {"holdout": 0.1, "goal": {"days": 12}}), ("b", 1, {"holdout": 0.1}), ("b", 2, {"holdout": 0.2})
        ):  # fmt: skip
            row = {"corp_id": CORP, "journey_id": of, "version": version, "published_us": NOW}
            connection.execute(sa.insert(journey_versions).values(body=msgspec.json.encode(body).decode(), **row))

    with ledger.read() as connection:
        found = {one.design.experiment_id: one.design for one in listed(connection, CORP)}
        with pytest.raises(ExperimentNotFound, match="no experiment c"):
            design_of(connection, CORP, "c")

    assert set(found) == {"a", "b"}
    assert (found["a"].shares, found["a"].window_days, found["a"].ongoing) == ({"journey": 0.9, HOLDOUT: 0.1}, 12, True)
    assert found["b"].shares == {}
