"""Points that journeys give: theirs once, the sum of facts, and told to the brand's own system where there is one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

import httpx
import pytest

from tests.act.journeys.scenes import NOON, Garden, journey, say, wait
from tests.conftest import CORP
from tiefen.act import points
from tiefen.act.journeys import orders, webhooks
from tiefen.act.journeys.steps import GivePoints, Jump
from tiefen.act.variables import of_persons
from tiefen.ledger.paging import facts_page

HOOK = "https://points.example/given"


def held(garden: Garden) -> dict[int, int]:
    everybody = range(1, 2_000)
    return points.held(garden.ledger, CORP, everybody)


def given(garden: Garden) -> list[Any]:
    return [row.body for row in facts_page(garden.ledger, CORP, kind="points.given", limit=200).rows]


def variable(garden: Garden, person: int) -> str | None:
    with garden.ledger.read() as connection:
        known = of_persons(
            garden.ledger, garden.ledger.settings, connection, CORP, [person], ["points"], {}, garden.now
        )
    return known[person].get("points")


@pytest.mark.stores
def test_points_are_a_fact_with_their_reason_and_journey_and_add_up(garden: Garden) -> None:
    daiyu, wukong = garden.person("黛玉"), garden.person("悟空")
    first = garden.runs(
        journey(GivePoints(id="p", points=10, because="加好友", next="q"), GivePoints(id="q", points=5))
    )
    garden.added("黛玉")
    garden.turn()
    garden.turn(minutes=5)

    assert held(garden) == {daiyu: 15}
    assert [
        (one["points"], one["because"], one["journey"]) for one in reversed(given(garden)) if one.get("because")
    ] == [(10, "加好友", first)]
    assert wukong not in held(garden)


def test_who_comes_by_twice_is_given_twice(garden: Garden) -> None:
    daiyu = garden.person("黛玉")
    garden.runs(journey(GivePoints(id="p", points=10, next="w"), wait("w", "j", days=1), Jump(id="j", to="p", times=2)))
    garden.added("黛玉")

    for _ in range(8):
        garden.turn(days=0.5)

    assert held(garden) == {daiyu: 30}


@pytest.mark.stores
def test_points_of_two_who_are_one_are_theirs_together_also_from_the_lake(garden: Garden) -> None:
    daiyu, wukong = garden.person("黛玉"), garden.person("悟空")
    garden.runs(journey(GivePoints(id="p", points=10)))
    garden.added("黛玉", "悟空")
    garden.turn()
    garden.ledger.flush()

    garden.ledger.merge(CORP, daiyu, wukong)

    assert held(garden) == {daiyu: 20}


def test_a_text_says_what_the_brands_own_system_told_before_what_was_given_here(garden: Garden) -> None:
    daiyu, wukong = garden.person("黛玉", points=360), garden.person("悟空")
    garden.runs(journey(GivePoints(id="p", points=10)))
    garden.added("黛玉", "悟空")
    garden.turn()

    assert (variable(garden, daiyu), variable(garden, wukong)) == ("360", "10")


_DIES = """
import os, signal, sys
from pathlib import Path
from tiefen.act.journeys import engine
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger

carried = engine.carry_out

def dies(*given):
    carried(*given)
    if given[3].orders:
        os.kill(os.getpid(), signal.SIGKILL)

engine.carry_out = dies
settings = Settings(data=Path(sys.argv[1]))
with Ledger.open(settings) as ledger:
    while engine.turn(ledger, settings, sys.argv[3], int(sys.argv[2])):
        pass
"""


@pytest.mark.slow
def test_a_kill_before_the_commit_gives_nothing_twice(garden: Garden) -> None:
    crowd = garden.crowd(60)
    garden.runs(journey(wait("w", "p", minutes=5), GivePoints(id="p", points=7, next="s"), say("s")))
    garden.added(*(f"p{n}" for n in range(60)))
    garden.turn()
    garden.now += 600_000_000

    command = [sys.executable, "-c", _DIES, str(garden.ledger.settings.data), str(garden.now), CORP]
    died = [subprocess.run(command, check=False).returncode for _ in range(2)]
    before = held(garden)
    garden.turn()
    garden.turn()

    assert died == [-signal.SIGKILL] * 2
    assert before == {}
    assert held(garden) == dict.fromkeys(crowd, 7)
    assert len(given(garden)) == len(garden.said()) == 60


# ---- the brand's own system ---------------------------------------------------------------------


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the brand's own system was told."""
    got: list[dict[str, Any]] = []

    def take(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == HOOK
        got.append(json.loads(request.content))
        return httpx.Response(204)

    client = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **_: client(transport=httpx.MockTransport(take)))
    return got


@pytest.mark.stores
def test_the_brands_own_system_is_told_of_each_gift_once(garden: Garden, taken: list[dict[str, Any]]) -> None:
    daiyu = garden.person("黛玉")
    garden.ledger.update_settings(CORP, {points.HOOK: HOOK})
    of = garden.runs(journey(GivePoints(id="p", points=10, because="加好友")))
    garden.added("黛玉")
    garden.turn()

    for _ in range(2):
        webhooks.turn(garden.ledger, garden.ledger.settings, CORP, garden.now)

    assert taken == [
        {
            "order": f"{of}:{daiyu}:1:p:0", "journey": of, "step": "p", "person": daiyu, "at_us": NOON, "points": 10,
            "because": "加好友",
        }
    ]  # fmt: skip
    assert held(garden) == {daiyu: 10}
    assert [order.state for order in garden.orders()] == ["done"]


def test_where_no_system_is_set_nobody_is_told_and_nothing_waits(garden: Garden, taken: list[dict[str, Any]]) -> None:
    garden.person("黛玉")
    garden.runs(journey(GivePoints(id="p", points=10)))
    garden.added("黛玉")
    garden.turn()

    garden.ledger.update_settings(CORP, {points.HOOK: HOOK})
    webhooks.turn(garden.ledger, garden.ledger.settings, CORP, garden.now)

    assert taken == []
    assert [order.state for order in garden.orders()] == ["done"]


def test_a_system_that_is_taken_away_meanwhile_leaves_what_waited_undelivered(
    garden: Garden, taken: list[dict[str, Any]]
) -> None:
    daiyu = garden.person("黛玉")
    garden.ledger.update_settings(CORP, {points.HOOK: HOOK})
    garden.runs(journey(GivePoints(id="p", points=10)))
    garden.added("黛玉")
    garden.turn()
    garden.ledger.update_settings(CORP, {points.HOOK: ""})

    webhooks.turn(garden.ledger, garden.ledger.settings, CORP, garden.now)

    with garden.ledger.read() as connection:
        assert orders.open_ones(connection, CORP, "points") == {"waiting": 0, "failed": 1}
    assert [order.reason for order in garden.orders()] == ["no_address"]
    assert held(garden) == {daiyu: 10}
    assert taken == []
