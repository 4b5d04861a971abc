"""The thread that looks after connections: what it does by itself, and that nothing ends it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from tests.wecom.sync.world import CORP, Living, Place, contacts_told, place
from tiefen.kit.clock import to_us
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_pulls
from tiefen.wecom.connections import connect, disconnect
from tiefen.wecom.mirror.pulls import Pull, wish
from tiefen.wecom.sync import Tending, progress, troubles
from tiefen.wecom.sync.state import alone


@pytest.fixture
def here(ledger: Ledger) -> Iterator[Place]:
    with place(ledger) as made:
        living = Living(made, 5)
        living.begin(people=6, groups=1)
        living.phones.say(living.people[0], living.chats[0], "今天的茶好喝吗？")
        made.box.clock.step(60)
        yield made


@pytest.fixture
def tending(here: Place, ledger: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Tending:
    """With clients that reach the sandbox without a network."""
    connect(
        ledger, CORP, corpid=here.keys.corpid, secret=here.keys.secret, archive_secret=here.keys.archive_secret,
        base_url="http://box",
    )  # fmt: skip
    monkeypatch.setattr("tiefen.wecom.sync.tending.api", lambda of: here.client(of.secret))
    monkeypatch.setattr("tiefen.wecom.sync.tending.archive_api", lambda of: here.client(of.archive_secret))
    monkeypatch.setattr("tiefen.wecom.sync.tending.clock_of", lambda of: here.sync.clock)
    return Tending(ledger, settings)


def again(tending: Tending) -> None:
    """A turn in which everything is due."""
    for corp in tending._corps.values():
        corp.next.clear()
    tending.turn()


def test_what_is_connected_is_read_and_listened_to(here: Place, ledger: Ledger, tending: Tending) -> None:
    tending.turn()

    assert progress(ledger, CORP).last is not None
    assert ledger.facts(CORP, "message.posted") == 1
    assert troubles(ledger, CORP) == []


def test_what_events_left_to_be_asked_for_is_asked_for(here: Place, ledger: Ledger, tending: Tending) -> None:
    tending.turn()
    phones = here.box.phones(here.keys.corpid)
    here.callbacks()
    phones.add_contact(phones.person("迎春"), "xifeng", state="poster")
    here.take(here.callbacks())
    here.box.clock.step(30)

    again(tending)

    assert contacts_told(ledger) == here.box.truth(here.keys.corpid).contacts()
    with ledger.read() as connection:
        assert connection.execute(sa.select(wecom_pulls)).all() == []


def test_everything_is_read_again_after_the_hour_for_it_and_when_somebody_asks(
    here: Place, ledger: Ledger, tending: Tending
) -> None:
    tending.turn()
    first = progress(ledger, CORP).last
    again(tending)
    assert progress(ledger, CORP).last == first

    here.box.clock.step_to(to_us(datetime(2026, 3, 2, 19, 30, tzinfo=UTC)) / 1e6)  # 03:30 in Shanghai
    again(tending)
    by_night = progress(ledger, CORP).last
    with ledger.write() as connection:
        wish(connection, CORP, [Pull("everything", "", here.sync.clock())], here.sync.clock())
    here.box.clock.step(5)
    again(tending)

    assert first is not None and by_night is not None
    assert by_night.began_us > first.began_us
    assert progress(ledger, CORP).last.began_us > by_night.began_us  # type: ignore[union-attr]


def test_a_failure_is_kept_where_it_is_seen_tried_again_later_and_forgotten_when_it_goes_well(
    here: Place, ledger: Ledger, tending: Tending
) -> None:
    here.box.faults.http_5xx = 1.0
    tending.turn()
    found = {trouble.what: trouble for trouble in troubles(ledger, CORP)}
    assert {"everything", "archive"} <= found.keys()
    waits = {what: due for corp in tending._corps.values() for what, due in corp.next.items()}
    assert waits["everything"] > waits["lists"]

    here.box.faults.http_5xx = 0.0
    again(tending)

    assert troubles(ledger, CORP) == []
    assert progress(ledger, CORP).last is not None


def test_who_disconnects_is_left_alone(here: Place, ledger: Ledger, tending: Tending) -> None:
    tending.turn()
    disconnect(ledger, CORP)
    tending._looked = float("-inf")
    calls = len(here.wire.calls)

    again(tending)

    assert len(here.wire.calls) == calls


def test_what_a_list_has_told_of_is_not_asked_for_once_more(here: Place, ledger: Ledger, tending: Tending) -> None:
    phones = here.box.phones(here.keys.corpid)
    here.callbacks()
    phones.add_contact(phones.person("迎春"), "xifeng", state="poster")
    here.take(here.callbacks())
    here.box.clock.step(30)

    here.sync.read_everything()

    assert contacts_told(ledger) == here.box.truth(here.keys.corpid).contacts()
    with ledger.read() as connection:
        assert connection.execute(sa.select(wecom_pulls)).all() == []
    asked = [call["path"] for call in here.box.truth(here.keys.corpid).calls()]
    assert "externalcontact/batch/get_by_user" in asked
    assert "externalcontact/get" not in asked


def test_while_somebody_else_asks_the_thread_waits(here: Place, ledger: Ledger, tending: Tending) -> None:
    tending.turn()
    with ledger.write() as connection:
        wish(connection, CORP, [Pull("contact", "wm_nobody", 0)], 0)

    with alone(ledger, CORP, "pulls"):
        again(tending)
        with ledger.read() as connection:
            assert connection.execute(sa.select(wecom_pulls)).all()

    assert troubles(ledger, CORP) == []
    again(tending)
    with ledger.read() as connection:
        assert not connection.execute(sa.select(wecom_pulls)).all()
