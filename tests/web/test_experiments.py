"""Experiments, attribution and invariants over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.web.scenes import TOKEN, Brand, give_token, got, opened, refused
from tiefen.decide.experiments import HOLDOUT, Experiment, arm_of, assigned, begin
from tiefen.kit.clock import DAY_US, now_us
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import Id, LinkClicked, OrderPaid, TouchMoved
from tiefen.ledger.identity import numbered
from tiefen.ledger.schema import people
from tiefen.ledger.schema.touches import campaigns, proposals

NOW = now_us()
BEGAN = NOW - 10 * DAY_US
SPRING = Experiment(experiment_id="spring", holdout=0.3)


@pytest.fixture(scope="module")
def brand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brand]:
    """Three hundred people, of whom nearly all who were sent something bought and nearly nobody else."""
    with opened(tmp_path_factory.mktemp("experiments") / "data") as brand:
        give_token(brand.ledger, "main", TOKEN)
        seen = [
            LinkClicked(happened_us=NOW - 50 * DAY_US, source_id=f"c{n}", person=Id("user_id", f"u{n:03}"), link="l")
            for n in range(300)
        ]
        brand.ledger.append(Batch("main", "test", seen))
        with brand.ledger.write() as connection:
            numbers = sorted(connection.scalars(sa.select(people.c.person_id)))
            connection.execute(
                sa.insert(campaigns).values(
                    corp_id="main", campaign_id="spring", kind="broadcast", name="春茶", purpose="sell", state="sending",
                    body="{}", created_us=BEGAN, changed_us=BEGAN,
                )
            )  # fmt: skip
            stuck = {
                "corp_id": "main", "proposal_id": "stuck", "campaign_id": "spring", "channel": "contact", "purpose": "sell",
                "content_id": "w", "state": "admitted", "due_us": BEGAN, "expires_us": BEGAN, "moved_us": BEGAN,
                "person": numbers[0],
            }  # fmt: skip
            connection.execute(sa.insert(proposals).values(stuck))
        sent = [n for n in numbers if arm_of(SPRING, n) == "sent"]
        with brand.ledger.together() as together:
            begin(together.connection, "main", SPRING, BEGAN, window_days=14, name="春茶", kind="broadcast")
            together.append(Batch("main", "act", assigned(SPRING, numbers, BEGAN)))
        touched = [
            TouchMoved(
                happened_us=BEGAN + 60, source_id=f"t{n}", touch=f"t{n}", state="sent", person=numbered(n), campaign="spring"
            )
            for n in sent
        ]  # fmt: skip
        paid = [
            OrderPaid(
                happened_us=BEGAN + DAY_US, source_id=f"o{n}", person=numbered(n), order=f"o{n}", amount_fen=9_900
            )
            for n in (*sent[::2], *[n for n in numbers if n not in sent][::20])
        ]
        brand.ledger.append(Batch("main", "test", [*touched, *paid]))
        yield brand


def test_what_is_held_out_is_listed_before_it_was_measured(brand: Brand) -> None:
    shown = got(brand.machine().get("/api/experiments"))

    assert [(one["id"], one["name"], one["kind"], one["running"]) for one in shown["items"]] == [
        ("spring", "春茶", "broadcast", True)
    ]
    assert shown["items"][0]["shares"] == {"sent": 0.7, HOLDOUT: 0.3}
    assert {one["key"] for one in shown["measures"]} >= {"money", "buyers", "leavers", "opt_outs"}


def test_measured_now_it_says_what_it_changed_and_why_that_is_not_what_it_is_given(brand: Brand) -> None:
    client = brand.machine()

    told = got(client.post("/api/experiments/spring/measure"))
    again = got(client.get("/api/experiments/spring"))
    listed = got(client.get("/api/experiments"))["items"][0]

    money = next(one for one in told["result"]["measures"] if one["key"] == "money")["against"][0]
    assert money["verdict"] == "better"
    assert money["looks"][-1]["effect"] == money["effect"]
    assert told["result"]["ratio_alarm"] is False
    assert again["result"] == told["result"]
    assert listed["summary"]["money"]["verdict"] == "better"
    given = got(client.get("/api/experiments/spring/attributed"))["attributed"]
    assert given["orders"]["last"] > 50
    assert "每 10 元" in given["explained"]["zh"] or "差不多" in given["explained"]["zh"]


def test_orders_are_shared_by_every_rule_with_the_increment_beside(brand: Brand) -> None:
    client = brand.machine()
    got(client.post("/api/experiments/spring/measure"))

    shown = got(client.get("/api/attribution", params={"days": 30}))

    row = shown["by"]["campaign"][0]
    assert (row["name"], row["touches"]) == ("春茶", row["touches"])
    assert row["worth_fen"]["last"] == shown["touched_worth_fen"] < shown["worth_fen"]
    assert set(row["worth_fen"]) == {one["key"] for one in shown["rules"]}
    assert row["incremental"]["total"] > 0
    assert row["explained"]["en"]


def test_beforehand_it_is_told_what_could_be_found(brand: Brand) -> None:
    shown = got(brand.machine().get("/api/experiments/plan", params={"units": 2_000, "holdout": 0.1, "effect": 0.2}))

    plans = {one["key"]: one for one in shown["plans"]}
    assert shown["people"] == 300
    assert plans["buyers"]["mean"] == pytest.approx(0.36, abs=0.05)
    assert plans["buyers"]["least"] == pytest.approx(2.80 * (0.23 / 180 * 1.0) ** 0.5, rel=0.1)
    assert plans["money"]["needed"] > 300
    assert plans["activity"]["least"] is None


def test_what_broke_an_invariant_can_be_opened(brand: Brand) -> None:
    client = brand.machine()
    assert {one["run"] for one in got(client.get("/api/invariants"))["items"]} == {None}

    shown = got(client.post("/api/invariants/look"))

    broken = next(one for one in shown["items"] if one["key"] == "ends_in_time")
    assert (broken["run"]["broken"], broken["run"]["rows"][0]["proposal"]) == (1, "stuck")
    assert shown["people"][str(broken["run"]["rows"][0]["person"])]
    assert got(client.get("/api/invariants"))["items"] == shown["items"]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/api/experiments/plan", {"units": 1}),
        ("/api/experiments/plan", {"units": 100, "holdout": 1}),
        ("/api/experiments/plan", {"units": 100, "holdout": "nan"}),
        ("/api/experiments/plan", {"units": 100, "effect": "inf"}),
        ("/api/experiments/plan", {"units": 100, "days": 0}),
        ("/api/attribution", {"days": 9_999}),
        ("/api/attribution", {"days": "viele"}),
    ],
)
def test_what_cannot_be_asked_is_refused(brand: Brand, path: str, asked: dict[str, object]) -> None:
    assert brand.machine().get(path, params=asked).status_code == 422


def test_an_experiment_nobody_knows_is_not_found(brand: Brand) -> None:
    client = brand.machine()

    assert refused(client.get("/api/experiments/autumn"), 404, "experiment_not_found") == {"experiment_id": "autumn"}
    refused(client.post("/api/experiments/autumn/measure"), 404, "experiment_not_found")
    refused(client.get("/api/experiments/autumn/attributed"), 404, "experiment_not_found")


@pytest.mark.parametrize("path", ["/api/experiments", "/api/attribution", "/api/invariants"])
def test_nobody_unknown_may_look(brand: Brand, path: str) -> None:
    refused(brand.client().get(path), 401, "not_signed_in")
