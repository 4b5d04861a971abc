"""What happens to kept events: handed on in their order, once; kept with a reason where nobody can say what they mean."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from tests.conftest import CORP
from tests.wecom.callbacks.scenes import Called, Telling, added, called, joined, until, xml
from tests.wecom.callbacks.test_the_door import rows
from tiefen.kit.clock import DAY_US, now_us
from tiefen.ledger.batch import Batch
from tiefen.ledger.errors import LedgerClosed
from tiefen.ledger.facts import ContactAdded, Id
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.redacting import REDACTED
from tiefen.ledger.schema import handles, wecom_events
from tiefen.wecom.callbacks import Health, health, replay
from tiefen.wecom.callbacks.handing_on import HandingOn
from tiefen.wecom.events import Event


def told(app: Called) -> list[str]:
    return [event.get("ExternalUserID") for event in app.telling.told]


def quiet(app: Called) -> bool:
    return health(app.ledger, CORP).waiting == 0


def settled(app: Called) -> Health:
    """How things are once nothing waits and what was counted is written."""
    until(lambda: quiet(app))
    time.sleep(1.1)
    return health(app.ledger, CORP)


@pytest.mark.stores
def test_events_are_handed_on_in_the_order_of_their_arrival_and_once(app: Called) -> None:
    people, now = [f"wm_{n}" for n in range(30)], int(time.time())

    for whom in people:
        app.call(added(whom, at=now))
        app.call(added(people[0], at=now))

    until(lambda: quiet(app))
    assert told(app) == people
    assert {row.state for row in rows(app.ledger)} == {"done"}


def test_what_happened_earlier_and_comes_later_is_handed_on_as_it_came(app: Called) -> None:
    now = int(time.time())

    app.call(joined("wr_poetry", "wm_2", at=now))
    app.call(joined("wr_poetry", "wm_1", at=now - 60))

    until(lambda: quiet(app))
    assert [event.members for event in app.telling.told] == [("wm_2",), ("wm_1",)]
    assert app.telling.told[0].at_us > app.telling.told[1].at_us


@pytest.mark.stores
def test_an_event_that_cannot_be_translated_holds_up_nobody_and_is_shown_with_why(ledger: Ledger) -> None:
    telling = Telling()
    telling.cannot = lambda event: KeyError("no such group") if event.get("ExternalUserID") == "wm_3" else None
    with called(ledger, telling=telling) as app:
        for n in range(7):
            app.call(added(f"wm_{n}"))
        until(lambda: quiet(app))

        assert sorted(told(app)) == sorted({f"wm_{n}" for n in range(7)} - {"wm_3"})
        (failure,) = health(ledger, CORP).failures
        assert (failure.event, failure.state) == ("change_external_contact", "failed")
        assert failure.reason == "KeyError: 'no such group'"


@pytest.mark.stores
def test_what_failed_is_handed_on_again_when_it_is_replayed(ledger: Ledger) -> None:
    telling = Telling()
    telling.cannot = lambda _: ValueError("not yet")
    with called(ledger, telling=telling) as app:
        app.call(added("wm_daiyu"))
        until(lambda: health(ledger, CORP).failed == 1)
        telling.cannot = lambda _: None

        assert replay(ledger, CORP) == 1

        until(lambda: quiet(app))
        assert told(app) == ["wm_daiyu"]
        assert health(ledger, CORP).failed == 0


def test_everything_since_a_moment_can_be_replayed(app: Called) -> None:
    app.call(added("wm_daiyu"))
    until(lambda: quiet(app))
    since = now_us()
    app.call(added("wm_baochai"))
    until(lambda: quiet(app))

    assert replay(app.ledger, CORP, since_us=since) == 1

    until(lambda: quiet(app))
    assert told(app) == ["wm_daiyu", "wm_baochai", "wm_baochai"]


def test_an_event_nobody_has_described_is_kept_as_unknown_and_not_handed_on(app: Called) -> None:
    app.call(xml("kf_msg_or_event", Token="t"))
    app.call(xml("change_external_chat", "frozen", ChatId="wr_poetry"))

    until(lambda: health(app.ledger, CORP).unknown == 2)
    assert app.telling.told == []
    assert {one.state for one in health(app.ledger, CORP).failures} == {"unknown"}


@pytest.mark.parametrize("error", [LedgerClosed(), sa.exc.OperationalError("x", {}, Exception("locked"))])
def test_where_it_is_the_store_that_fails_events_wait_and_are_tried_again(ledger: Ledger, error: Exception) -> None:
    telling, fails = Telling(), [True]
    telling.cannot = lambda _: error if fails[0] else None
    with called(ledger, telling=telling) as app:
        app.call(added("wm_daiyu"))
        time.sleep(0.2)
        assert (health(ledger, CORP).waiting, health(ledger, CORP).failed) == (1, 0)

        fails[0] = False

        until(lambda: quiet(app))
        assert told(app) == ["wm_daiyu"]


@pytest.mark.stores
def test_events_that_were_kept_and_not_handed_on_are_handed_on_after_a_restart(ledger: Ledger) -> None:
    with called(ledger, work=False) as app:
        app.call(added("wm_daiyu"))
        app.call(added("wm_baochai"))
        assert health(ledger, CORP).waiting == 2

    with called(ledger) as again:
        until(lambda: quiet(again))

        assert told(again) == ["wm_daiyu", "wm_baochai"]


def test_events_taken_but_not_marked_before_a_crash_are_taken_once_more(ledger: Ledger) -> None:
    class Dies(Telling):
        def take(self, events: Sequence[Event]) -> None:
            super().take(events)
            raise KeyboardInterrupt

    with called(ledger, work=False) as app:
        app.call(added("wm_daiyu"))
    first, second = Dies(), Telling()
    with pytest.raises(KeyboardInterrupt):
        HandingOn(ledger, lambda _: first).turn()

    HandingOn(ledger, lambda _: second).turn()

    assert first.told == second.told
    assert health(ledger, CORP).waiting == 0


def fill(ledger: Ledger, count: int) -> None:
    """So many events that wait."""
    with called(ledger, work=False) as app:
        app.call(added("wm_0"))
    with ledger.write() as connection:
        row = dict(connection.execute(sa.select(wecom_events)).mappings().one())
        del row["seq"]
        connection.execute(
            sa.insert(wecom_events), [row | {"key": str(n), "raw": added(f"wm_{n}")} for n in range(1, count)]
        )


def test_a_thousand_events_are_handed_on_in_few_batches(ledger: Ledger) -> None:
    telling = Telling()
    fill(ledger, 1_200)
    handing_on = HandingOn(ledger, lambda _: telling)

    while handing_on.turn():
        pass

    assert [event.get("ExternalUserID") for event in telling.told] == [f"wm_{n}" for n in range(1_200)]
    assert len(telling.batches) <= 12
    assert max(telling.batches) > 400


class Slow(Telling):
    """Takes a millisecond of the processor for each event."""

    def take(self, events: Sequence[Event]) -> None:
        began = time.thread_time()
        while time.thread_time() - began < 0.001 * len(events):
            pass
        super().take(events)


def test_batches_that_take_long_become_small_so_that_callbacks_need_not_wait_for_them(ledger: Ledger) -> None:
    telling = Slow()
    fill(ledger, 200)
    handing_on = HandingOn(ledger, lambda _: telling)
    handing_on.wake()

    while handing_on.turn():
        pass

    assert len(telling.told) == 200
    assert max(telling.batches) <= 50


def test_while_nothing_comes_batches_are_larger(ledger: Ledger) -> None:
    telling = Slow()
    fill(ledger, 400)
    handing_on = HandingOn(ledger, lambda _: telling)

    while handing_on.turn():
        pass

    assert len(telling.told) == 400
    assert max(telling.batches) > 50


# ---- health -------------------------------------------------------------------------------------


@pytest.mark.stores
def test_health_tells_what_came_how_late_and_what_was_refused(app: Called) -> None:
    before = now_us()
    now = int(time.time())
    app.call(added("wm_daiyu", at=now - 10))
    app.call(joined("wr_poetry", "wm_daiyu", at=now - 20))
    app.call(joined("wr_poetry", "wm_baochai", at=now - 30))
    app.client.post(app.path, content=b"x")

    found = settled(app)

    assert found.connected
    assert found.last_us is not None and before <= found.last_us <= now_us()
    assert found.events == {"change_external_contact/add_external_contact": 1, "change_external_chat/update": 2}
    assert found.refused == {"bad_address": 1}
    assert found.late.whole == 3
    assert found.late.value is not None and 20e6 <= found.late.value <= 25e6
    assert (found.waiting, found.waiting_since_us, found.failed, found.unknown) == (0, None, 0, 0)


def test_nothing_heard_is_not_the_same_as_nothing_wrong(ledger: Ledger) -> None:
    found = health(ledger, CORP)

    assert not found.connected
    assert (found.last_us, found.verified_us, found.late.value) == (None, None, None)


def test_health_tells_since_when_events_wait(ledger: Ledger) -> None:
    with called(ledger, work=False) as app:
        before = now_us()
        app.call(added("wm_daiyu"))
        between = now_us()
        app.call(added("wm_baochai"))

        found = health(ledger, CORP)

    assert found.waiting == 2
    assert found.waiting_since_us is not None and before <= found.waiting_since_us <= between


def test_that_the_address_was_proved_is_known(app: Called) -> None:
    envelope = app.seal("123")
    from tests.wecom.callbacks.scenes import address

    app.client.get(app.path, params=address(envelope, echostr=envelope.encrypted))

    until(lambda: health(app.ledger, CORP).verified_us is not None)


# ---- how long, and whose ------------------------------------------------------------------------


@pytest.mark.stores
def test_callbacks_are_dropped_when_they_are_older_than_they_are_kept(app: Called) -> None:
    app.call(added("wm_old"))
    app.call(added("wm_new"))
    until(lambda: quiet(app))
    with app.ledger.write() as connection:
        first = sa.select(sa.func.min(wecom_events.c.seq)).scalar_subquery()
        connection.execute(
            sa.update(wecom_events).where(wecom_events.c.seq == first).values(received_us=now_us() - 31 * DAY_US)
        )

    gone = HandingOn(app.ledger, lambda _: app.telling).tidy(now_us())

    assert gone == 1
    assert ["wm_new" in row.raw for row in rows(app.ledger)] == [True]


def _person(ledger: Ledger, external: str) -> int:
    ledger.append(
        Batch(
            CORP, "test",
            [ContactAdded(happened_us=1, source_id=external, person=Id("external_userid", external), staff=Id("staff_userid", "xifeng"))],
        )
    )  # fmt: skip
    with ledger.read() as connection:
        return int(
            connection.execute(sa.select(handles.c.person_id).where(handles.c.id_value == external)).scalar_one()
        )


@pytest.mark.stores
def test_of_somebody_erased_no_callback_tells_and_none_is_handed_on_any_more(ledger: Ledger) -> None:
    whom, other = "wmDaiyu00000000000000000000000001", "wmBaochai000000000000000000000002"
    telling = Telling()
    telling.cannot = lambda _: ValueError("not yet")
    with called(ledger, telling=telling) as app:
        person = _person(ledger, whom)
        app.call(added(whom))
        app.call(joined("wr_poetry", whom, other))
        app.call(joined("wr_poetry", whom))
        until(lambda: health(ledger, CORP).failed == 3)

        ledger.erase(CORP, person, "test")
        telling.cannot = lambda _: None
        replay(ledger, CORP)

        until(lambda: quiet(app))
        assert whom not in "".join(row.raw for row in rows(ledger))
        assert [event.members for event in telling.told] == [(other,)]
        assert REDACTED in rows(ledger)[0].raw


def test_a_removed_company_leaves_no_callback_behind(app: Called) -> None:
    app.ledger.ensure_corp("other")
    app.call(added("wm_daiyu"))
    until(lambda: quiet(app))

    app.ledger.remove_corp(CORP)

    assert rows(app.ledger) == []
    assert app.call(added("wm_baochai")).status_code == 404
    assert rows(app.ledger) == []


def test_while_callbacks_crowd_at_the_door_events_are_handed_on_all_the_same(ledger: Ledger) -> None:
    telling = Telling()
    fill(ledger, 300)
    handing_on = HandingOn(ledger, lambda _: telling, lambda: 100)
    handing_on.start()

    until(lambda: len(telling.told) == 300, 20)

    handing_on.close()
