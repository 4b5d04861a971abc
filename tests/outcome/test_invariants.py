"""Every invariant sees its break, and says nothing where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import CORP
from tiefen.decide.experiments import HOLDOUT
from tiefen.kit.chance import share_of
from tiefen.kit.clock import DAY_US, SECOND_US, to_us
from tiefen.kit.settings import Settings
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import ArmAssigned, Id, MemberJoined, TouchMoved
from tiefen.ledger.identity import numbered
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups, people
from tiefen.ledger.schema.touches import attention, campaign_counts, consents, proposals
from tiefen.outcome.invariants import INVARIANTS, looking
from tiefen.outcome.invariants.looking import Run, kept, look

NOW = to_us(datetime.fromisoformat("2026-11-18T11:00:00+08:00"))
HOUR = 3600 * SECOND_US


class House:
    """A company with a few people in one group, and an outbox to be filled."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self.ledger, self.settings, self.sent = ledger, settings, 0
        joined = [
            MemberJoined(happened_us=NOW - 60 * DAY_US, source_id=f"j{n}", group="wr1", member=Id("unionid", f"u{n}"))
            for n in range(60)
        ]
        ledger.append(Batch(CORP, "test", joined))
        with ledger.read() as connection:
            every = sorted(connection.scalars(sa.select(people.c.person_id)))
            self.group: int = connection.execute(sa.select(groups.c.group_id)).scalar_one()
        self.people = [n for n in every if share_of(HOLDOUT, n) >= 0.05]
        self.outside = [n for n in every if share_of(HOLDOUT, n) < 0.05]
        ledger.update_settings(CORP, {"policy": {"holdout": 0.05 if share_of(HOLDOUT, self.group) >= 0.05 else 0.0}})

    def message(self, **told: Any) -> str:
        self.sent += 1
        row = {
            "corp_id": CORP, "proposal_id": f"p{self.sent}", "campaign_id": "c1", "step": "", "person": None, "group": None,
            "channel": "contact" if "person" in told else "group", "purpose": "sell", "content_id": f"w{self.sent}",
            "arm": "", "sender": "s1", "worth_fen": 0, "state": "delivered", "reason": None, "due_us": NOW - HOUR,
            "expires_us": NOW + DAY_US, "moved_us": NOW, "task_id": None, "admitted_us": NOW - HOUR, **told,
        }  # fmt: skip
        with self.ledger.write() as connection:
            connection.execute(sa.insert(proposals).values(row))
        return str(row["proposal_id"])

    def counts(self) -> None:
        """Keep count of the outbox as it stands."""
        key = proposals.c.campaign_id, proposals.c.step, proposals.c.state
        with self.ledger.write() as connection:
            connection.execute(sa.delete(campaign_counts))
            for row in connection.execute(sa.select(*key, sa.func.count()).group_by(*key)).all():
                values = dict(zip(("campaign_id", "step", "state", "times"), row, strict=True))
                connection.execute(sa.insert(campaign_counts).values(corp_id=CORP, reason="", **values))

    def found(self) -> dict[str, Run]:
        return {run.invariant: run for run in look(self.ledger, self.settings, CORP, NOW)}

    def broken(self) -> dict[str, int]:
        runs = self.found()
        assert {run.trouble for run in runs.values()} == {None}
        return {key: run.broken for key, run in runs.items() if run.broken}


@pytest.fixture
def house(ledger: Ledger, settings: Settings) -> Iterator[House]:
    yield House(ledger, settings)


@pytest.mark.stores
def test_a_house_in_order_breaks_none_and_all_are_looked_at(house: House) -> None:
    for person in house.people[:5]:
        house.message(person=person)
    house.message(group=house.group)
    house.counts()

    runs = house.found()

    assert list(runs) == [one.key for one in INVARIANTS]
    assert {key for key, run in runs.items() if run.broken or run.trouble} == set()
    assert runs["within_budget"].looked_at == 5
    assert runs["one_end"].looked_at == 6


@pytest.mark.stores
def test_greetings_are_no_offers_to_the_budget(house: House) -> None:
    ann, bob = house.people[:2]
    for hour in range(6):
        house.message(person=ann, purpose="care", admitted_us=NOW - hour * DAY_US // 8 - DAY_US)
        house.message(person=bob, purpose="sell", admitted_us=NOW - hour * DAY_US // 8 - DAY_US)

    broken = house.found()["within_budget"]

    assert [row["person"] for row in broken.rows] == [bob]


@pytest.mark.stores
def test_each_break_is_seen(house: House) -> None:
    ann, bob, cid, dan, eve = house.people[:5]
    with house.ledger.write() as connection:
        connection.execute(
            sa.insert(consents).values(
                corp_id=CORP, handle=ann, purpose="marketing", channel="all", given=False, at_us=NOW - 2 * HOUR
            )
        )
        connection.execute(
            sa.insert(attention).values(
                corp_id=CORP, person=bob, budget=1.0, weariness_fen=0, why="{}", changed_us=NOW - 30 * DAY_US
            )
        )
    opted_out = house.message(person=ann)
    house.message(person=ann, admitted_us=NOW - 2 * HOUR - HOUR // 4)
    house.message(person=ann, purpose="service")
    house.message(person=bob, admitted_us=NOW - 2 * DAY_US)
    house.message(person=bob, admitted_us=NOW - 4 * DAY_US)
    for _ in range(3):
        house.message(person=cid, purpose="service")
    house.message(person=dan, content_id="again", admitted_us=NOW - 9 * DAY_US)
    house.message(person=dan, content_id="again")
    house.message(group=house.group, content_id="in the group", admitted_us=NOW - 2 * HOUR - 1)
    house.message(person=eve, content_id="in the group")
    house.message(person=house.outside[0])
    at_night = house.message(person=house.people[6], admitted_us=NOW - 12 * HOUR)
    stuck = house.message(person=house.people[7], state="admitted", expires_us=NOW - 2 * DAY_US)
    house.message(person=house.people[8], state="tasked", expires_us=NOW - 2 * DAY_US)
    house.counts()
    with house.ledger.write() as connection:
        connection.execute(sa.update(campaign_counts).values(times=campaign_counts.c.times + 1).where(
            campaign_counts.c.state == "tasked"
        ))  # fmt: skip
    both = [
        TouchMoved(happened_us=NOW, source_id=f"x{state}", touch="x", state=state, person=numbered(cid), campaign="c1")
        for state in ("delivered", "failed")
    ]
    drawn = ArmAssigned(happened_us=NOW - DAY_US, source_id="a", experiment="c1", arm=HOLDOUT, person=numbered(cid))
    house.ledger.append(Batch(CORP, "test", [*both, drawn]))

    runs = house.found()

    assert {key: run.broken for key, run in runs.items() if run.broken} == {
        "no_touch_after_opt_out": 1, "within_budget": 1, "within_quota": 2, "quiet_hours_kept": 1, "no_same_words_twice": 2,
        "global_holdout_untouched": 1, "campaign_holdout_untouched": 1, "ends_in_time": 1, "one_end": 2,
    }  # fmt: skip
    assert [row["proposal"] for row in runs["no_touch_after_opt_out"].rows] == [opted_out]
    assert runs["within_budget"].rows[0]["person"] == bob
    assert {row.get("person") for row in runs["within_quota"].rows} == {cid, ann}
    assert {row["person"] for row in runs["no_same_words_twice"].rows} == {dan, eve}
    assert [row["proposal"] for row in runs["quiet_hours_kept"].rows] == [at_night]
    assert [row["proposal"] for row in runs["ends_in_time"].rows] == [stuck]


def test_whoever_two_ids_belong_to_is_one_person(house: House) -> None:
    ann, bob = house.people[:2]
    house.message(person=ann, content_id="same")
    house.message(person=bob, content_id="same")
    house.counts()
    assert house.broken() == {}

    house.ledger.merge(CORP, ann, bob)

    assert house.broken() == {"no_same_words_twice": 1}


def test_words_of_their_own_and_the_plain_ones_of_the_same_message_are_the_same_words(house: House) -> None:
    ann, bob, cid = house.people[:3]
    house.message(person=ann, content_id="dear Ann", plain_id="dear all")
    house.message(person=bob, content_id="dear Bob", plain_id="dear all")
    house.message(person=cid, content_id="dear all")
    house.counts()
    assert house.broken() == {}

    house.message(person=ann, content_id="dear all")
    house.counts()

    assert house.broken() == {"no_same_words_twice": 1}


def test_from_when_it_is_broken_is_remembered_until_it_is_mended(house: House) -> None:
    stuck = house.message(person=house.people[0], state="admitted", expires_us=NOW - 2 * DAY_US)
    house.counts()
    first = house.found()["ends_in_time"]
    later = {run.invariant: run for run in look(house.ledger, house.settings, CORP, NOW + HOUR)}["ends_in_time"]
    with house.ledger.write() as connection:
        connection.execute(sa.update(proposals).where(proposals.c.proposal_id == stuck).values(state="failed"))
    house.counts()
    mended = {run.invariant: run for run in look(house.ledger, house.settings, CORP, NOW + 2 * HOUR)}["ends_in_time"]

    assert (first.since_us, later.since_us, mended.since_us) == (NOW, NOW, None)
    assert (first.broken, mended.broken) == (1, 0)


def test_one_that_cannot_look_says_so_and_the_others_go_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(scene: object) -> Any:
        raise ZeroDivisionError("no such luck")

    bad = replace(INVARIANTS[0], look=fails)
    monkeypatch.setattr(looking, "INVARIANTS", [bad, *INVARIANTS[1:]])

    runs = house.found()

    assert runs[bad.key].trouble == "ZeroDivisionError: no such luck"
    assert sum(run.trouble is None for run in runs.values()) == len(INVARIANTS) - 1


def test_what_was_found_is_kept_by_company(house: House) -> None:
    look(house.ledger, house.settings, CORP, NOW)

    with house.ledger.read() as connection:
        assert {run.run_us for run in kept(connection, CORP)} == {NOW}
        assert kept(connection, "nobody") == []
