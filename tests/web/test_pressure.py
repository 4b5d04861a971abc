"""What a browser is told of pressure, refusals, the calendar and the rules for sending."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from tests.web.scenes import Brand
from tiefen.act import outbox
from tiefen.act.admitting import admit_due
from tiefen.act.proposal import Proposal
from tiefen.kit.clock import DAY_US, now_us
from tiefen.ledger.schema import groups as group_rows
from tiefen.ledger.schema import handles, stays, wecom_contacts
from tiefen.ledger.schema.touches import campaigns


@pytest.fixture
def browser(brand: Brand) -> TestClient:
    return brand.browser()


def corp_of(brand: Brand) -> str:
    (corp,) = [corp.corp_id for corp in brand.ledger.corps() if brand.ledger.facts(corp.corp_id)]
    return corp


def contacts(brand: Brand, many: int) -> list[int]:
    """Some members of a group, as contacts of a member of staff."""
    corp_id, now = corp_of(brand), now_us()
    with brand.ledger.write() as connection:
        asked = (
            sa.select(handles.c.person_id)
            .join(stays, stays.c.member == handles.c.handle)
            .where(stays.c.left_us.is_(None), handles.c.corp_id == corp_id)
            .distinct()
            .order_by(handles.c.person_id)
            .limit(many)
        )
        persons = list(connection.scalars(asked))
        used = connection.execute(sa.select(sa.func.max(handles.c.handle))).scalar_one()
        for n, person in enumerate(persons, 1):
            connection.execute(
                sa.insert(handles).values(
                    handle=used + n, corp_id=corp_id, id_type="external_userid", id_value=f"wm{person}",
                    person_id=person, created_us=now,
                )
            )  # fmt: skip
            connection.execute(
                sa.insert(wecom_contacts).values(
                    corp_id=corp_id, userid="xifeng", external_userid=f"wm{person}", added_us=now - DAY_US
                )
            )
    return persons


def propose(brand: Brand, persons: list[int], id: str, *, due_us: int = 0, group: bool = False) -> None:
    corp_id, now = corp_of(brand), now_us()
    with brand.ledger.write() as connection:
        some = [
            Proposal(
                proposal_id=f"{id}:{one}", campaign_id=id, person=None if group else one, group=one if group else None,
                channel="group" if group else "contact", purpose="service", content_id=id, due_us=due_us or now,
                expires_us=now + 30 * DAY_US,
            )
            for one in persons
        ]  # fmt: skip
        outbox.propose(connection, corp_id, some, now)
        connection.execute(
            sa.insert(campaigns).values(
                corp_id=corp_id, campaign_id=id, kind="broadcast", name=f"活动{id}", purpose="service", state="running",
                body="{}", created_us=now, changed_us=now,
            )
        )  # fmt: skip


def gate(brand: Brand) -> None:
    while admit_due(brand.ledger, brand.settings, corp_of(brand), now_us()):
        pass


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_before_anything_was_sent_nobody_is_pressed(looking: TestClient) -> None:
    told = looking.get("/api/messages/pressure").json()

    assert (told["persons"], told["told"], told["refused"], told["over"]) == ([], [], [], 0)
    assert looking.get("/api/messages/calendar").json() == {"days": []}


def test_what_was_sent_and_refused_stand_beside_each_other_with_reasons(brand: Brand, browser: TestClient) -> None:
    known, stranger = contacts(brand, 3), 999_999
    propose(brand, [*known, stranger], "a")
    gate(brand)

    told = browser.get("/api/messages/pressure").json()

    assert told["states"] == {"admitted": 3, "refused": 1}
    assert [(one["reason"], one["times"], bool(one["zh"])) for one in told["refused"]] == [("erased", 1, True)]
    assert told["told"] == [{"messages": 1, "persons": 3}]
    assert [(one["purpose"], one["cost"], one["told"]) for one in told["costs"]][:2] == [
        ("sell", 1.0, 0),
        ("give", 0.5, 0),
    ]
    assert {(one["person"], one["last_7d"], one["left"]) for one in told["persons"]} == {(n, 1, 2.75) for n in known}


def test_a_person_is_explained(brand: Brand, browser: TestClient) -> None:
    (person, *_) = contacts(brand, 1)
    propose(brand, [person], "a")
    gate(brand)

    told = browser.get(f"/api/persons/{person}/pressure").json()

    assert (told["last_7d"], told["spent"], told["budget"], told["why"]) == (1, 0.25, 3.0, None)
    assert told["senders"] == ["xifeng"]
    assert [(one["purpose"], one["cost"]) for one in told["costs"]] == [("sell", 1.0), ("give", 0.5), ("care", 0.25)]
    # Told a quarter of a message just now, of three a week: worth 5,000 × ½ × (1.25 / 3)².
    assert (told["value_fen"], told["costs"][0]["fen"]) == (5_000, 434)
    assert [(one["name"], one["state"]) for one in told["lately"]] == [("活动a", "admitted")]
    assert code(browser.get("/api/persons/999999/pressure")) == (404, "not_found")


def test_the_calendar_shows_who_would_be_told_twice_a_day(brand: Brand, browser: TestClient) -> None:
    persons, later = contacts(brand, 5), now_us() + 2 * DAY_US
    propose(brand, persons[:4], "a", due_us=later)
    propose(brand, persons[3:], "b", due_us=later + 1)
    with brand.ledger.read() as connection:
        group = connection.execute(sa.select(group_rows.c.group_id).order_by(group_rows.c.group_id)).scalars().first()
    propose(brand, [group], "c", due_us=later + 5 * DAY_US, group=True)  # type: ignore[list-item]

    first, second = browser.get("/api/messages/calendar").json()["days"]

    assert [(one["name"], one["persons"], one["groups"]) for one in first["campaigns"]] == [
        ("活动a", 4, 0),
        ("活动b", 2, 0),
    ]
    assert (first["collisions"], second["collisions"]) == (1, 0)
    assert [one["groups"] for one in second["campaigns"]] == [1]


def test_rules_are_kept_whole_and_hold_at_once(brand: Brand, browser: TestClient) -> None:
    shown = browser.get("/api/policy").json()
    assert shown["policy"] == shown["defaults"]

    changed = browser.put("/api/policy", json={**shown["policy"], "quiet_from": "20:00", "person": {"day": 1}})

    assert changed.status_code == 200, changed.text
    assert browser.get("/api/policy").json()["policy"]["quiet_from"] == "20:00"
    assert brand.ledger.corp(corp_of(brand)).settings["policy"]["person"]["day"] == 1


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"quiet_from": "8pm"}, (422, "bad_policy")),
        ({"holdout": 0.9}, (422, "bad_policy")),
        ({"person": {"day": -1}}, (422, "not_understood")),
        ({"consent_needed": ["spam"]}, (422, "bad_policy")),
        ({"quite_from": "20:00"}, (422, "not_understood")),
    ],
)
def test_rules_that_make_no_sense_change_nothing(
    brand: Brand, browser: TestClient, given: dict[str, Any], answer: tuple[int, str]
) -> None:
    refused = browser.put("/api/policy", json=given)

    assert code(refused) == answer
    assert "policy" not in brand.ledger.corp(corp_of(brand)).settings


def test_a_rule_that_went_bad_is_shown_and_not_guessed_at(brand: Brand, browser: TestClient) -> None:
    brand.ledger.update_settings(corp_of(brand), {"policy": {"budget": -1}})

    assert browser.get("/api/policy").json()["broken"]["field"] == "budget"
    assert code(browser.get("/api/messages/pressure")) == (422, "bad_policy")
