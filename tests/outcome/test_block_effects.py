"""The effect of a block: told where it is there, not told where it is not, and covered by its interval as often as promised."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa

from tests.conftest import CORP
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import Fact, GroupCreated, Id, MemberJoined, MemberLeft, MessagePosted, OrderPaid
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups
from tiefen.ledger.schema.playbooks import playbook_openings, playbook_records
from tiefen.outcome.blocks import OUTCOMES, Seen, effect, measure, turn

HOUR = DAY_US // 24
BLOCK = 1_764_590_400_000_000
"""2025-12-01 20:00 in Shanghai."""


def world(rng: np.random.Generator, lift: float, groups_: int = 40, windows: int = 6, share: float = 0.5) -> Seen:
    """Groups of different sizes that all have good and bad days, some of which had a block that added `lift`."""
    size = rng.gamma(2.0, 4.0, groups_)
    rows = [(w, g) for w in range(windows) for g in range(groups_)]
    window, group = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    day = rng.normal(0, 3, windows)
    stubborn = rng.normal(0, 2, groups_)
    had = rng.random(len(rows)) < share
    before = rng.poisson(size[group] * 4) / 4.0
    after = rng.poisson(size[group]) + day[window] + stubborn[group] + had * lift
    return Seen(window, group, had, after.astype(np.float64), before.astype(np.float64))


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)

    found = [effect(world(rng, 2.0)) for _ in range(400)]

    covered = np.mean([one.low is not None and one.high is not None and one.low <= 2.0 <= one.high for one in found])
    assert 0.925 <= covered <= 0.975
    assert abs(np.mean([one.difference or 0.0 for one in found]) - 2.0) < 0.1


def test_where_nothing_is_changed_it_is_rarely_said_so() -> None:
    rng = np.random.default_rng(8)

    said = [effect(world(rng, 0.0)).verdict != "cannot_tell" for _ in range(400)]

    assert np.mean(said) <= 0.075


def test_a_good_day_for_everybody_is_no_effect() -> None:
    rng = np.random.default_rng(9)
    seen = world(rng, 0.0, windows=1)
    lucky = Seen(seen.window, seen.group, seen.had, seen.after + 100.0, seen.before)

    assert effect(lucky).difference == pytest.approx(effect(seen).difference)


def test_too_few_groups_and_no_groups_to_compare_with_tell_nothing() -> None:
    rng = np.random.default_rng(10)
    few = effect(world(rng, 50.0, groups_=6, windows=1))
    alone = effect(world(rng, 50.0, share=1.1))
    nobody = effect(
        Seen(np.array([], np.int64), np.array([], np.int64), np.array([], bool), np.array([]), np.array([]))
    )

    assert (few.low, few.verdict) == (None, "cannot_tell")
    assert (alone.against, alone.controls, alone.verdict) == ("own_past", 0, "cannot_tell")
    assert alone.difference is not None
    assert alone.low is not None
    assert (nobody.times, nobody.difference, nobody.verdict) == (0, None, "cannot_tell")


def kept(ledger: Ledger, block: str) -> dict[str, dict[str, Any]]:
    with ledger.read() as connection:
        body = connection.execute(
            sa.select(playbook_records.c.body).where(playbook_records.c.block == block)
        ).scalar_one()  # fmt: skip
    return {one["key"]: one for one in msgspec.json.decode(body)["outcomes"]}


def lived(ledger: Ledger, with_it: int, without: int) -> None:
    """Groups in which one person says something each week at eight; where the block is, three do, one leaves, one buys."""
    facts: list[Fact] = []
    names = [f"g{n}" for n in range(with_it + without)]
    for n, name in enumerate(names):
        facts.append(GroupCreated(happened_us=BLOCK - 60 * DAY_US, source_id=f"c{name}", group=name))
        cast = [Id("user_id", f"{name}-{who}") for who in range(4)]
        facts += [
            MemberJoined(happened_us=BLOCK - 59 * DAY_US, source_id=f"j{name}{who}", group=name, member=one)
            for who, one in enumerate(cast)
        ]
        says = [(week, 0) for week in range(5)]
        if n < with_it:
            says += [(0, 1), (0, 2)]
            facts.append(MemberLeft(happened_us=BLOCK + DAY_US, source_id=f"l{name}", group=name, member=cast[3]))
            facts.append(
                OrderPaid(
                    happened_us=BLOCK + DAY_US, source_id=f"o{name}", person=cast[0], order=f"o{name}", amount_fen=100
                )
            )
        facts += [
            MessagePosted(
                happened_us=BLOCK - week * 7 * DAY_US + HOUR // 2 + who + n, source_id=f"m{name}{week}{who}", group=name,
                member=cast[who],
            )
            for week, who in says
        ]  # fmt: skip
    ledger.append(Batch(CORP, "scene", facts))
    with ledger.write() as connection:
        numbers = dict(connection.execute(sa.select(groups.c.outer_id, groups.c.group_id)).tuples().all())
        connection.execute(sa.insert(playbook_openings), [
            {
                "corp_id": CORP, "campaign_id": "p", "group": numbers[name], "block": "talk", "day": "2025-12-01",
                "kind": "vote", "state": "done", "by_hand": False, "due_us": BLOCK, "begins_us": BLOCK,
                "over_us": BLOCK + HOUR, "ends_us": BLOCK + HOUR, "opened_us": BLOCK, "moved_us": BLOCK,
            }
            for name in names[:with_it]
        ])  # fmt: skip


def test_blocks_are_measured_from_the_facts(ledger: Ledger, settings: Settings) -> None:
    lived(ledger, with_it=8, without=8)

    measured = measure(ledger, settings, CORP, BLOCK + 4 * DAY_US)

    found = kept(ledger, "talk")
    assert measured == 2
    assert {key: one["difference"] for key, one in found.items()} == {
        "messages": 2.0, "speakers": 2.0, "leavers": 1.0, "orders": 1.0,
    }  # fmt: skip
    assert {one["verdict"] for one in found.values()} == {"more"}
    assert [found["messages"][key] for key in ("times", "groups", "controls", "after", "before")] == [8, 8, 8, 3.0, 1.0]
    assert kept(ledger, "kind:vote") == found


def test_what_is_not_over_is_not_counted_and_measuring_is_daily(ledger: Ledger, settings: Settings) -> None:
    lived(ledger, with_it=8, without=8)

    turn(ledger, settings, CORP, BLOCK + 2 * HOUR)
    early = kept(ledger, "talk")
    turn(ledger, settings, CORP, BLOCK + 3 * HOUR)
    with ledger.read() as connection:
        measured = set(connection.scalars(sa.select(playbook_records.c.measured_us)))
    turn(ledger, settings, CORP, BLOCK + 4 * DAY_US)

    assert (early["messages"]["times"], early["orders"]["times"]) == (8, 0)
    assert measured == {BLOCK + 2 * HOUR}
    assert kept(ledger, "talk")["orders"]["times"] == 8


def test_young_groups_cannot_be_judged(ledger: Ledger, settings: Settings) -> None:
    lived(ledger, with_it=2, without=0)
    with ledger.write() as connection:
        connection.execute(
            sa.update(playbook_openings).values(begins_us=BLOCK - 58 * DAY_US, over_us=BLOCK - 57 * DAY_US)
        )

    measure(ledger, settings, CORP, BLOCK)

    assert all(one["times"] == 0 for one in kept(ledger, "talk").values())


def test_every_outcome_says_what_is_better() -> None:
    assert {one.key: one.better for one in OUTCOMES} == {
        "messages": "higher", "speakers": "higher", "leavers": "lower", "orders": "higher",
    }  # fmt: skip
