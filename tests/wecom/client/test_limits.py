"""Budgets, blocks, crowds and pairs."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wecom.client.every_call import E
from tests.wecom.client.scenes import OK, FakeClock, FakeWeCom, client, refusing
from tiefen.wecom.client import Budget, FrequencyLimited, Limits, Shared, WallClock
from tiefen.wecom.client.errors import Busy, ClientClosed, EditedAtOnce, TooManyAtOnce
from tiefen.wecom.client.gates import Gate, KeyedLocks
from tiefen.wecom.client.pacing import Window


@settings(max_examples=150, deadline=None)
@given(
    limit=st.integers(1, 30),
    start=st.floats(0, 2e9),
    pauses=st.lists(st.floats(0, 40).filter(lambda pause: pause == 0 or pause > 1e-3), min_size=1, max_size=150),
)
def test_no_window_of_a_minute_holds_more_than_the_limit(limit: int, start: float, pauses: list[float]) -> None:
    window, now, taken = Window(limit, 60.0), start, []
    for pause in pauses:
        now += pause
        while (wait := window.wait(now)) > 0:
            now += wait
        window.take(now)
        taken.append(now)

    for first in range(len(taken)):
        inside = [at for at in taken if taken[first] <= at < taken[first] + 60.0]
        assert len(inside) <= limit


@settings(max_examples=50, deadline=None)
@given(limit=st.integers(1, 20), calls=st.integers(1, 80))
def test_waiting_wastes_little_more_than_a_slot_a_window(limit: int, calls: int) -> None:
    window, now = Window(limit, 60.0), 1000.0
    for _ in range(calls):
        while (wait := window.wait(now)) > 0:
            now += wait
        window.take(now)

    assert now - 1000.0 <= (calls - 1) // limit * 61.2


def test_a_patient_caller_waits_for_the_budget_and_an_impatient_one_is_told() -> None:
    fake, clock = FakeWeCom(), FakeClock()
    limits = Limits(share=1.0, budgets={"getcallbackip": Budget(per_minute=5)})
    api = client(fake, clock=clock, limits=limits, patience=0)
    for _ in range(5):
        api.account.getcallbackip()

    with pytest.raises(FrequencyLimited) as caught:
        api.account.getcallbackip()
    assert 55 < caught.value.blocked_until - clock.now() <= 61.1
    assert fake.asked("getcallbackip") == 5

    api.patient(600).account.getcallbackip()
    assert fake.asked("getcallbackip") == 6


def test_only_a_share_of_the_budget_is_used() -> None:
    fake, clock = FakeWeCom(), FakeClock()
    api = client(fake, clock=clock, limits=Limits(share=0.5, budgets={"getcallbackip": Budget(per_minute=10)}))

    with pytest.raises(FrequencyLimited):
        for _ in range(10):
            api.account.getcallbackip()

    assert fake.asked("getcallbackip") == 5


def test_one_endpoint_at_its_limit_does_not_hold_another() -> None:
    fake = FakeWeCom()
    api = client(fake, limits=Limits(share=1.0, budgets={"getcallbackip": Budget(per_minute=1)}), patience=0)
    api.account.getcallbackip()

    assert api.account.get_api_domain_ip() == ()


def test_two_secrets_of_one_corp_share_its_budget() -> None:
    fake, shared, clock = FakeWeCom(), Shared(), FakeClock()
    limits = Limits(share=1.0, budgets={"getcallbackip": Budget(per_minute=1)})
    client(fake, shared=shared, limits=limits, clock=clock).account.getcallbackip()
    fake.secret = "another"

    with pytest.raises(FrequencyLimited):
        client(fake, shared=shared, limits=limits, clock=clock, patience=0).account.getcallbackip()


def test_a_block_lasts_a_minute_then_an_hour() -> None:
    clock, fake = FakeClock(), FakeWeCom(refusing(45009))
    api = client(fake, clock=clock, patience=0)

    with pytest.raises(FrequencyLimited) as first:
        api.account.getcallbackip()
    assert (first.value.window, first.value.blocked_until) == ("minute", clock.now() + 60)
    with pytest.raises(FrequencyLimited):
        api.account.getcallbackip()
    assert fake.asked("getcallbackip") == 1

    clock.advance(60.5)
    with pytest.raises(FrequencyLimited) as second:
        api.account.getcallbackip()
    assert (second.value.window, second.value.blocked_until) == ("hour", clock.now() + 3600)


def test_a_block_of_a_day_ends_at_midnight_in_beijing_and_of_a_month_after_thirty_days() -> None:
    start = datetime(2026, 6, 1, 15, 30, tzinfo=UTC)
    clock, fake = FakeClock(start.timestamp()), FakeWeCom(refusing(45009))
    limits = Limits(budgets={"getcallbackip": Budget(windows=("day", "month"))})
    api = client(fake, clock=clock, patience=0, limits=limits)

    with pytest.raises(FrequencyLimited) as day:
        api.account.getcallbackip()
    assert datetime.fromtimestamp(day.value.blocked_until, UTC) == datetime(2026, 6, 1, 16, tzinfo=UTC)

    clock.advance(1_801)
    with pytest.raises(FrequencyLimited) as month:
        api.account.getcallbackip()
    assert month.value.blocked_until - clock.now() == timedelta(days=30).total_seconds()


def test_a_patient_caller_outlasts_a_block() -> None:
    clock, fake = FakeClock(), FakeWeCom(refusing(45009, times=2))
    begun = clock.now()

    client(fake, clock=clock, patience=7200).account.getcallbackip()

    assert 3660 <= clock.now() - begun < 3700


def test_busy_is_tried_three_times() -> None:
    fake = FakeWeCom(refusing(-1))

    with pytest.raises(Busy):
        client(fake).tags.mark_tag("xifeng", "wm1", add_tag=["et1"])

    assert fake.asked(E + "mark_tag") == 3


def test_a_crowded_endpoint_is_asked_again_with_fewer_at_once() -> None:
    fake, shared = FakeWeCom(refusing(45033, times=2)), Shared()
    api = client(fake, shared=shared)

    api.account.getcallbackip()

    assert next(lane.at_once for lane in api.usage() if lane.endpoint == "getcallbackip") == 2


def test_crowds_and_edits_for_ever_end_in_an_error() -> None:
    for code, kind in ((45033, TooManyAtOnce), (45035, EditedAtOnce)):
        with pytest.raises(kind):
            client(FakeWeCom(refusing(code))).tags.mark_tag("xifeng", "wm1", add_tag=["et1"])


def test_a_gate_falls_by_half_and_rises_by_one_a_round() -> None:
    gate = Gate(8, 16)
    gate.crowded()
    gate.crowded()
    assert gate.allowed == 2

    for _ in range(100):
        gate.went_well()

    assert 12 <= gate.allowed <= 16


def test_no_more_than_allowed_are_inside_a_gate() -> None:
    gate, inside, most = Gate(3, 3), [0], [0]
    lock = threading.Lock()

    def go(_: int) -> None:
        with gate.inside():
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            time.sleep(0.002)
            with lock:
                inside[0] -= 1

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(go, range(60)))

    assert most[0] == 3


def test_one_pair_is_changed_by_one_call_at_a_time_and_pairs_do_not_wait_for_each_other() -> None:
    under_way: dict[str, int] = {}
    clashes, together = [0], [0]
    lock = threading.Lock()

    def answer(endpoint: str, body: dict[str, object]) -> object:
        pair = str(body["external_userid"])
        with lock:
            under_way[pair] = under_way.get(pair, 0) + 1
            clashes[0] += under_way[pair] > 1
            together[0] = max(together[0], sum(under_way.values()))
        time.sleep(0.003)
        with lock:
            under_way[pair] -= 1
        return OK

    api = client(FakeWeCom(answer), clock=WallClock())
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda n: api.tags.mark_tag("xifeng", f"wm{n % 3}", add_tag=["et1"]), range(36)))

    assert clashes[0] == 0
    assert together[0] > 1


def test_several_records_are_locked_in_one_order_and_forgotten_afterwards() -> None:
    locks = KeyedLocks()

    def go(n: int) -> None:
        keys = ("a", "b", "c") if n % 2 else ("c", "b", "a")
        with locks.holding(keys):
            time.sleep(0.0005)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(go, range(80)))

    assert len(locks) == 0


def test_closing_wakes_whoever_waits() -> None:
    limits = Limits(share=1.0, budgets={"getcallbackip": Budget(per_minute=1)})
    api = client(FakeWeCom(), clock=WallClock(), limits=limits, patience=3600)
    api.account.getcallbackip()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(api.account.getcallbackip)
        time.sleep(0.05)

        api.close()

        with pytest.raises(ClientClosed):
            waiting.result(timeout=5)


def test_what_was_used_can_be_read() -> None:
    fake, clock = FakeWeCom(), FakeClock()
    api = client(fake, clock=clock, patience=0)
    for _ in range(3):
        api.account.getcallbackip()
    clock.advance(120)
    api.account.getcallbackip()
    fake.answer = refusing(45009)
    with pytest.raises(FrequencyLimited):
        api.account.getcallbackip()

    used = next(lane for lane in api.usage() if lane.endpoint == "getcallbackip")

    assert (used.this_minute, used.this_hour, used.calls, used.failed) == (2, 5, 5, 1)
    assert (used.last_error, used.blocked_until, used.per_minute) == (45009, clock.now() + 60, 8_000)
