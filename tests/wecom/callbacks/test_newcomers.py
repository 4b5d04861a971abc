"""The fast path of newcomers: answered within two seconds whatever else waits, once, or not at all when it is too late."""

from __future__ import annotations

import time
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import CORP
from tests.wecom.callbacks.scenes import Called, Telling, Welcoming, added, called, until
from tests.wecom.callbacks.test_behind_the_door import fill
from tests.wecom.callbacks.test_the_door import rows
from tests.wecom.channel.pretend import PretendCorp
from tiefen.kit.clock import SECOND_US, now_us
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_events
from tiefen.wecom.callbacks import health
from tiefen.wecom.connections import set_welcome


def welcomed(app: Called, by: Welcoming) -> None:
    app.callbacks.register(lambda _: by)


def states(ledger: Ledger) -> list[str | None]:
    return [row.welcome for row in rows(ledger)]


@pytest.mark.stores
def test_a_newcomer_with_a_code_is_handed_to_whoever_answers_once(app: Called) -> None:
    by = Welcoming()
    welcomed(app, by)
    event = added("wm_daiyu", code="CODE1")

    app.call(event)
    app.call(event)

    until(lambda: len(by.welcomed) == 1)
    time.sleep(0.1)
    assert [one.get("WelcomeCode") for one in by.welcomed] == ["CODE1"]
    assert states(app.ledger) == ["taken"]
    until(lambda: health(app.ledger, CORP).welcomes == {"answered": 1})


def test_without_a_code_or_somebody_to_answer_nothing_is_due(app: Called) -> None:
    app.call(added("wm_daiyu", code="CODE1"))
    welcomed(app, Welcoming())
    app.call(added("wm_baochai"))

    assert states(app.ledger) == [None, None]


def test_newcomers_are_answered_within_two_seconds_while_thousands_of_events_wait(ledger: Ledger) -> None:
    class Slow(Telling):
        def take(self, events: Any) -> None:
            time.sleep(0.01 * len(events))
            super().take(events)

    by = Welcoming(takes=0.05)
    fill(ledger, 4_000)
    with called(ledger, telling=Slow()) as app:
        welcomed(app, by)
        for n in range(20):
            app.call(added(f"wm_new_{n}", code=f"CODE{n}"))
        until(lambda: len(by.welcomed) == 20, 2.0)

        assert health(ledger, CORP).waiting > 1_000
        assert max(by.after) < 2.0


def test_a_newcomer_who_waited_too_long_is_not_answered_any_more(ledger: Ledger) -> None:
    by = Welcoming()
    with called(ledger, work=False) as app:
        welcomed(app, by)
        app.call(added("wm_daiyu", code="CODE1"))
        assert states(ledger) == ["due"]
    with ledger.write() as connection:
        connection.execute(sa.update(wecom_events).values(received_us=now_us() - 16 * SECOND_US))

    with called(ledger, work=False) as app:
        welcomed(app, by)
        app.callbacks.start()

        until(lambda: states(ledger) == ["late"])
        assert by.welcomed == []
        until(lambda: health(ledger, CORP).welcomes == {"late": 1})


@pytest.mark.stores
def test_a_newcomer_who_waits_over_a_restart_is_answered_once(ledger: Ledger) -> None:
    by, event = Welcoming(), added("wm_daiyu", code="CODE1")
    for _ in range(3):
        with called(ledger, work=False) as app:
            welcomed(app, by)
            app.call(event)
    assert states(ledger) == ["due"]

    for _ in range(2):
        with called(ledger, work=False) as app:
            welcomed(app, by)
            app.callbacks.start()
            until(lambda: states(ledger) == ["taken"])

    assert len(by.welcomed) == 1


def test_a_crash_while_somebody_is_answered_does_not_answer_them_twice(ledger: Ledger) -> None:
    class Dies(Welcoming):
        def welcome(self, event: Any) -> None:
            super().welcome(event)
            raise RuntimeError("the wire broke")

    by, event = Dies(), added("wm_daiyu", code="CODE1")
    for _ in range(2):
        with called(ledger, work=False) as app:
            welcomed(app, by)
            app.callbacks.start()
            app.call(event)
            until(lambda: states(ledger) == ["taken"])

    assert len(by.welcomed) == 1
    until(lambda: health(ledger, CORP).welcomes.get("failed") == 1)


def test_the_text_set_with_the_connection_welcomes_at_wecom(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    corp = PretendCorp({"xifeng": ["wm_daiyu"]})
    corp.welcome_codes["CODE1"] = [0]
    monkeypatch.setattr("tiefen.wecom.callbacks.welcoming.api", lambda _: corp.client())
    with called(ledger, welcome="欢迎来大观园") as app:
        app.call(added("wm_daiyu", code="CODE1"))
        until(lambda: ledger.facts(CORP, "touch.moved") == 2)

    sent = [body for endpoint, _, body in corp.fake.calls if endpoint.endswith("send_welcome_msg")]
    assert [(one["welcome_code"], one["text"]["content"]) for one in sent] == [("CODE1", "欢迎来大观园")]


def test_the_welcome_text_can_be_changed_and_taken_away(app: Called) -> None:
    set_welcome(app.ledger, CORP, "你好")
    set_welcome(app.ledger, CORP, "")

    app.call(added("wm_daiyu", code="CODE1"))

    assert states(app.ledger) == [None]
