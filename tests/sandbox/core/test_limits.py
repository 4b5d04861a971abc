"""Who calls too often is shut out for as long as WeCom says, on the sandbox's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.sandbox.core.asking import MONDAY, Caller, mansion
from tiefen.sandbox import Sandbox
from tiefen.sandbox.limits import Limit, Limiter, block_end


@pytest.fixture
def limiter() -> Iterator[Limiter]:
    with mansion() as (box, _), box.store.unit():
        yield box.limiter


NOON = MONDAY.timestamp()


def _admitted(limiter: Limiter, limit: Limit, times: int, at: float) -> int:
    return sum(limiter.admit([("me", limit)], at) for _ in range(times))


@pytest.mark.parametrize(
    ("window", "until"),
    [
        ("minute", MONDAY + timedelta(seconds=60)),
        ("hour", MONDAY + timedelta(hours=1)),
        ("day", datetime(2026, 11, 23, 16, tzinfo=UTC)),
        ("month", MONDAY + timedelta(days=30)),
    ],
)
def test_the_block_ends_when_wecom_says(limiter: Limiter, window: str, until: datetime) -> None:
    limit = Limit("corp", window, 3)  # type: ignore[arg-type]

    assert _admitted(limiter, limit, 10, NOON) == 3
    assert not limiter.admit([("me", limit)], until.timestamp() - 0.01)
    assert limiter.admit([("me", limit)], until.timestamp())


def test_a_count_begins_anew_with_its_window(limiter: Limiter) -> None:
    limit = Limit("corp", "minute", 3)

    assert _admitted(limiter, limit, 3, NOON + 59) == 3
    assert _admitted(limiter, limit, 3, NOON + 60) == 3


def test_who_is_blocked_does_not_count_on(limiter: Limiter) -> None:
    limits = [("me", Limit("corp", "minute", 3)), ("me too", Limit("corp", "hour", 8))]

    for minute in range(3):
        for _ in range(5):
            limiter.admit(limits, NOON + 120 * minute)

    assert limiter.blocked("me too", NOON + 240)
    assert limiter.blocks(NOON + 240) == {"me too": NOON + 240 + 3_600}


def test_ten_thousand_calls_of_one_endpoint_a_minute_and_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tiefen.sandbox.answering.COMMON",
        (Limit("corp", "minute", 10), Limit("corp", "hour", 25), Limit("ip", "minute", 20)),
    )
    with mansion() as (box, keys):
        caller = Caller(box, keys)
        assert caller.codes("getcallbackip", 12) == [0] * 10 + [45009] * 2
        assert caller.codes("user/get", 1, userid="daiyu") == [0]

        box.clock.step(59)
        assert caller.codes("getcallbackip", 1) == [45009]
        box.clock.step(1)
        assert caller.codes("getcallbackip", 1) == [0]


def test_one_address_counts_over_all_companies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiefen.sandbox.answering.COMMON", (Limit("corp", "minute", 10), Limit("ip", "minute", 15)))
    with mansion() as (box, keys):
        other = Caller(box, box.add_corp("水浒"))

        assert Caller(box, keys).codes("getcallbackip", 10) == [0] * 10
        assert other.codes("getcallbackip", 6) == [0] * 5 + [45009]


def test_a_block_survives_a_restart(tmp_path: Path) -> None:
    with mansion(data=tmp_path) as (box, keys), box.store.unit():
        box.limiter.block(f"corp:{keys.corpid}:getcallbackip", NOON + 60)
    with Sandbox.open(tmp_path, speed=None) as box:
        assert Caller(box, keys).get("getcallbackip")["errcode"] == 45009


def test_without_limits_nobody_is_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiefen.sandbox.answering.COMMON", (Limit("corp", "minute", 3),))
    with mansion() as (box, keys):
        box.limits = False

        assert set(Caller(box, keys).codes("getcallbackip", 9)) == {0}


def test_the_length_of_a_days_block_is_the_rest_of_the_day_in_china() -> None:
    before_midnight = datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC).timestamp()

    assert block_end("day", before_midnight) == before_midnight + 1
    assert block_end("day", before_midnight + 1) == before_midnight + 1 + 86_400
