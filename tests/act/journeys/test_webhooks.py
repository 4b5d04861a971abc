"""Webhooks of journeys: another system is told of each, signed, once it takes it; and never what stands behind the server."""

from __future__ import annotations

import hmac
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

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

    def __init__(self, at: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
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

        self.server = HTTPServer((at, port), Taker)
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        self.url = f"http://{at}:{self.port}/"

    def __enter__(self) -> Other:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def other() -> Iterator[Other]:
    with Other() as system:
        yield system


class Names:
    """Whoever is asked where names lead: an answer after the other, the last one for ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
        self.asked = list[str]()
        known = socket.getaddrinfo

        def told(host: str, port: int, *some: Any, **more: Any) -> Any:
            if not host.endswith(".example"):
                return known(host, port, *some, **more)
            self.asked.append(host)
            return known(answers[min(len(self.asked), len(answers)) - 1], port, *some, **more)

        monkeypatch.setattr(socket, "getaddrinfo", told)


def a_certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server shows as `name`, and what somebody checks it with."""
    key, called, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(called, called, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, secret = folder / "shown.pem", folder / "secret.pem"
    shown.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(shown, secret)
    return server, ssl.create_default_context(cafile=str(shown))


def waiting(url: str) -> Waiting:
    return Waiting("o", "j", "s", 1, {"url": url}, 0)


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
    monkeypatch.setattr(webhooks, "_public", lambda address: True)


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
    "url",
    [
        "https://127.0.0.1/x", "https://localhost/x", "https://169.254.169.254/", "https://[::1]/", "https://[::ffff:10.0.0.1]/",
        "https://[2002:7f00:1::]/", "https://[64:ff9b::a00:1]/", "https://0.0.0.0/", "https://2130706433/", "https://224.0.0.1/",
    ],
)  # fmt: skip
def test_what_stands_behind_the_server_is_never_spoken_with(url: str) -> None:
    with webhooks.outward() as client:
        tried = webhooks.send(client, waiting(url), b"secret", NOW)

    assert (tried.state, tried.reason) == ("failed", "not_public")


def test_a_name_that_leads_elsewhere_a_moment_later_is_followed_to_where_it_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhooks, "_public", lambda address: address == "127.0.0.2")
    names = Names(monkeypatch, "127.0.0.2", "127.0.0.1")
    with Other("127.0.0.2") as outside, Other("127.0.0.1", outside.port) as inside, webhooks.outward() as client:
        url = f"http://crm.example:{outside.port}/hook"

        first = webhooks.send(client, waiting(url), b"secret", NOW)
        asked = list(names.asked)
        second = webhooks.send(client, waiting(url), b"secret", NOW)

    assert (first.state, asked) == ("done", ["crm.example"])
    assert [headers["Host"] for headers, _ in outside.got] == [f"crm.example:{outside.port}"]
    assert (second.state, second.reason) == ("failed", "not_public")
    assert inside.got == []


@pytest.mark.usefixtures("anywhere")
@pytest.mark.parametrize(("shown", "became"), [("crm.example", "done"), ("127.0.0.1", "again"), ("b.example", "again")])
def test_the_certificate_must_be_that_of_the_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shown: str, became: str
) -> None:
    server, check = a_certificate(tmp_path, shown)
    Names(monkeypatch, "127.0.0.1")
    with Other(tls=server) as other, webhooks.outward(verify=check) as client:
        tried = webhooks.send(client, waiting(f"https://crm.example:{other.port}/"), b"secret", NOW)

    assert tried.state == became
    assert len(other.got) == (became == "done")


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
