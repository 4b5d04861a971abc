"""The generated world: seeded, shaped as planned, and spoken in words that differ from day to day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from random import Random

import pytest

from tiefen.sandbox.population import World, calls, costs, make_world
from tiefen.sandbox.population.calls import Call
from tiefen.sandbox.population.talk import KINDS, say

END = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(seed=3, groups=40, people=1_500, days=200)


def messages_of(world: World, group_id: str) -> list[Call]:
    return [
        call
        for call in calls(world, END)
        if call.get("event") == "Message Posted" and call["properties"]["group_id"] == group_id
    ]


def test_the_same_seed_lives_the_same_year_to_the_last_message() -> None:
    def lived() -> list[Call]:
        return list(calls(make_world(seed=5, groups=6, people=200, days=40), END))

    assert lived() == lived()


def test_another_seed_lives_another_year() -> None:
    first, second = (list(calls(make_world(seed=s, groups=6, people=200, days=40), END)) for s in (1, 2))

    assert first != second


def test_nothing_is_said_twice_under_one_message_id_and_nothing_after_the_end(world: World) -> None:
    seen = Counter(call["messageId"] for call in calls(world, END))
    latest = max(call["timestamp"] for call in calls(world, END) if call["type"] == "track")

    assert seen.most_common(1)[0][1] == 1
    assert datetime.fromisoformat(latest) < END


def test_what_happened_comes_in_order_of_time(world: World) -> None:
    times = [call["timestamp"] for call in calls(world, END) if call["type"] == "track"]

    late = sum(1 for before, after in pairwise(times) if after < before)
    assert late < len(times) * 0.001  # a conversation may run past midnight


def test_only_members_speak_and_only_while_they_are_there(world: World) -> None:
    stays = {(group.id, stay.person.id): stay for group in world.groups for stay in group.stays}
    staff = {person.id for person in world.staff}
    strays = [
        call
        for call in islice(calls(world, END), 40_000)
        if call.get("event") == "Message Posted"
        and call["userId"] not in staff
        and (call["properties"]["group_id"], call["userId"]) not in stays
    ]

    assert strays == []


def test_the_dying_group_was_lively_and_now_is_not(world: World) -> None:
    dying = next(group for group in world.groups if group.kind == "dying")

    said = Counter(call["timestamp"][:7] for call in messages_of(world, dying.id))
    busiest = max(said.values())
    assert said[(END - timedelta(days=5)).isoformat()[:7]] < busiest / 5


def test_twins_share_most_of_their_members(world: World) -> None:
    one, other = ({s.person.id for s in g.stays} for g in world.groups if g.kind == "twin")

    assert len(one & other) / min(len(one), len(other)) >= 0.65


def test_adverts_rule_the_advert_ridden_group(world: World) -> None:
    ridden = next(group for group in world.groups if group.kind == "advert")
    recent = [c for c in messages_of(world, ridden.id) if c["timestamp"] > (END - timedelta(days=30)).isoformat()]

    pushed = [
        c for c in recent if any(w in c["properties"]["text"] for w in ("微信", "加V", "私聊", "链接", "扫码", "返利"))
    ]
    assert len(pushed) > 0.5 * len(recent)


def test_every_source_costs_something_on_the_days_it_brings_people(world: World) -> None:
    spent = list(costs(world, END))

    assert {source for _, source, _ in spent} == {p.source.name for p in world.people}
    assert all(float(yuan) > 0 for _, _, yuan in spent)


@pytest.mark.parametrize("kind", KINDS)
def test_no_slot_is_left_open_in_what_is_said(kind: str) -> None:
    said = {say(kind, Random(n), "杭州") for n in range(200)}

    assert not any("{" in text for text in said)
    assert len(said) >= 8
