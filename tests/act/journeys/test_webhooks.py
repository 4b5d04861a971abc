"""Webhooks of journeys: another system is told of each, signed, once it takes it; and never what stands behind the server."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
import sqlalchemy as sa

from tests.ledger.scenes import CORP, said
from tiefen.act.journeys import orders, webhooks
from tiefen.act.journeys.effects import Effects, Order, carry_out
from tiefen.act.journeys.orders import TRIES, Waiting, later
from tiefen.kit.clock import SECOND_US
from tiefen.kit.settings import Settings
from tiefen.ledger.batch import Batch
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema.journeys import journey_orders

NOW = 1_795_000_000_000_000


class Other:
    """Another system that takes what it is told, or not."""

    def __init__(self) -> None:
        self.status, self.got = 200, list[tuple[dict[str, str], bytes]]()
        other = self

        class Taker(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                other.got.append((dict(self.headers), body))
                self.send_response(other.status)
                if other.status == 302:
                    self.send_header("Location", other.url + "elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Taker)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def other() -> Iterator[Other]:
    system = Other()
    yield system
    system.server.shutdown()
    system.server.server_close()


def ordered(ledger: Ledger, url: str, *names: str) -> None:
    ledger.append(Batch(CORP, "x", [said(1)]))
    some = [Order(f"j:{name}", "tell", "webhook", 1, {"url": url}) for name in names]
    with ledger.together() as together:
        carry_out(together, CORP, "j", Effects(orders=some), NOW)


def states(ledger: Ledger) -> dict[str, tuple[str, str | None, int]]:
    with ledger.read() as connection:
        rows = connection.execute(sa.select(journey_orders)).all()
    return {row.order_id: (row.state, row.reason, row.tries) for row in rows}


@pytest.fixture
def anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other system of these tests stands on this machine."""
    monkeypatch.setattr(webhooks, "_public", lambda url: True)


@pytest.mark.usefixtures("anywhere")
def test_another_system_is_told_once_with_a_signature_that_holds(
    ledger: Ledger, settings: Settings, other: Other
) -> None:
    ordered(ledger, other.url, "a", "b")

    assert not webhooks.turn(ledger, settings, CORP, NOW)
    webhooks.turn(ledger, settings, CORP, NOW)

    assert {state for state, _, _ in states(ledger).values()} == {"done"}
    secret = webhooks.secret(ledger, CORP).encode()
    assert sorted(headers["Tiefen-Order"] for headers, _ in other.got) == ["j:a", "j:b"]
    for headers, body in other.got:
        assert headers["Tiefen-Signature"] == hmac.new(secret, body, "sha256").hexdigest()
        assert json.loads(body) == {
            "order": headers["Tiefen-Order"], "journey": "j", "step": "tell", "person": 1, "at_us": NOW,
        }  # fmt: skip


@pytest.mark.usefixtures("anywhere")
@pytest.mark.parametrize("status", [500, 404, 302])
def test_what_is_not_taken_is_tried_again_later_and_given_up_in_the_end(
    ledger: Ledger, settings: Settings, other: Other, status: int
) -> None:
    other.status = status
    ordered(ledger, other.url, "a")
    webhooks.turn(ledger, settings, CORP, NOW)
    webhooks.turn(ledger, settings, CORP, NOW + 59 * SECOND_US)
    assert states(ledger) == {"j:a": ("waiting", f"http_{status}", 1)}

    at = NOW
    for tries in range(1, TRIES + 3):
        at = later(at, tries)
        webhooks.turn(ledger, settings, CORP, at)

    assert states(ledger) == {"j:a": ("failed", f"http_{status}", TRIES)}
    assert len(other.got) == TRIES


@pytest.mark.usefixtures("anywhere")
def test_a_system_that_is_not_there_is_asked_again(ledger: Ledger, settings: Settings) -> None:
    ordered(ledger, "http://127.0.0.1:9/", "a")

    webhooks.turn(ledger, settings, CORP, NOW)

    assert states(ledger) == {"j:a": ("waiting", "ConnectError", 1)}


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/x", "https://localhost/x", "https://169.254.169.254/", "https://[::1]/"]
)
def test_what_stands_behind_the_server_is_never_spoken_with(url: str) -> None:
    with httpx.Client() as client:
        tried = webhooks.send(client, Waiting("o", "j", "s", 1, {"url": url}, 0), b"secret", NOW)

    assert (tried.state, tried.reason) == ("failed", "not_public")


def test_pauses_grow_from_a_minute_to_six_hours() -> None:
    pauses = [(later(0, tries)) // SECOND_US for tries in range(1, TRIES + 1)]

    assert pauses[:4] == [60, 120, 240, 480]
    assert pauses == sorted(pauses)
    assert max(pauses) == 6 * 3600


def test_what_is_not_due_waits(ledger: Ledger) -> None:
    ordered(ledger, "https://example.com/", "a")

    with ledger.read() as connection:
        assert orders.due(connection, CORP, "webhook", NOW - 1, 10) == []
        assert [one.order_id for one in orders.due(connection, CORP, "webhook", NOW, 10)] == ["j:a"]
