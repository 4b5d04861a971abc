"""A program that calls the sandbox's API in process, and an address that takes its callbacks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

import msgspec

from tiefen.kit.callback_crypto import CallbackCrypto, Envelope
from tiefen.sandbox import CorpKeys, Sandbox
from tiefen.sandbox.answering import Answer, Request, answer

MONDAY = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""Noon in China."""


class Caller:
    """One app of one company, from one address."""

    def __init__(self, box: Sandbox, keys: CorpKeys, *, secret: str | None = None, ip: str = "10.0.0.1") -> None:
        self.box, self.keys, self.secret, self.ip = box, keys, secret or keys.secret, ip
        self.access_token = ""

    def token(self) -> str:
        reply = self.gettoken()
        self.access_token = reply.get("access_token", "")
        return self.access_token

    def lets_pass(self, seconds: float) -> None:
        """Time goes by, and a fresh token is fetched as a good client would."""
        self.box.clock.step(seconds)
        self.token()

    def gettoken(self, secret: str | None = None, corpid: str | None = None) -> dict[str, Any]:
        query = urlencode({"corpid": corpid or self.keys.corpid, "corpsecret": secret or self.secret})
        return read(self._send(Request("GET", "gettoken", query, ip=self.ip)))

    def get(self, path: str, **params: object) -> dict[str, Any]:
        return read(self.raw("GET", path, params=params))

    def post(self, path: str, body: dict[str, Any] | None = None, **fields: object) -> dict[str, Any]:
        return read(self.raw("POST", path, msgspec.json.encode({**(body or {}), **fields})))

    def raw(self, method: str, path: str, body: bytes = b"", params: Mapping[str, object] | None = None) -> Answer:
        query = {"access_token": self.access_token or self.token(), **(params or {})}
        return self._send(Request(method, path, urlencode(query), body, self.ip))

    def codes(self, path: str, times: int, **fields: object) -> list[int]:
        """The errcodes of the same GET again and again."""
        return [self.get(path, **fields)["errcode"] for _ in range(times)]

    def _send(self, request: Request) -> Answer:
        found = answer(self.box, request)
        if found.held is not None:
            self.box.traffic.leave(found.held)
        return found


def read(found: Answer) -> dict[str, Any]:
    reply: dict[str, Any] = msgspec.json.decode(found.body)
    return reply


@contextmanager
def mansion(*staff: str, **options: Any) -> Iterator[tuple[Sandbox, CorpKeys]]:
    """A stepped sandbox with one company, at noon on a Monday."""
    options = {"speed": None, "start": MONDAY, **options}
    with Sandbox.open(**options) as box:
        yield box, box.add_corp("红楼", staff=staff or ("daiyu:黛玉", "baochai:宝钗"))


def fields_of(xml: str) -> dict[str, Any]:
    """An event's elements in order; lists as lists."""
    root = ElementTree.fromstring(xml)
    return {child.tag: [item.text for item in child] if len(child) else (child.text or "") for child in root}


def told(box: Sandbox, keys: CorpKeys) -> list[str]:
    """What every event so far was: its change, or for a changed group what of it."""
    events = map(fields_of, box.truth(keys.corpid).callbacks())
    return [event.get("UpdateDetail") or event["ChangeType"] for event in events if event["Event"] != "change_contact"]


class Receiver:
    """An address for callbacks that opens what it gets; `behave` decides the status by the number of the request."""

    def __init__(self, keys: CorpKeys) -> None:
        self.crypto = CallbackCrypto(keys.token, keys.aes_key, keys.corpid)
        self.taken: list[str] = []
        self.requests = 0
        self.connections = 0
        self.behave: Callable[[int], int] = lambda number: 200
        self.echo: Callable[[str], str] = lambda message: message
        self.url = ""


@contextmanager
def receiver(keys: CorpKeys) -> Iterator[Receiver]:
    to = Receiver(keys)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            to.connections += 1
            super().setup()

        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            sealed = Envelope(asked["echostr"], asked["msg_signature"], asked["timestamp"], asked["nonce"])
            self._reply(200, to.echo(to.crypto.open(sealed)).encode())

        def do_POST(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            body = ElementTree.fromstring(self.rfile.read(int(self.headers["Content-Length"])))
            to.requests += 1
            status = to.behave(to.requests)
            if status == 0:
                self.close_connection = True
                self.connection.close()
                return
            if status == 200:
                encrypted = body.findtext("Encrypt") or ""
                sealed = Envelope(encrypted, asked["msg_signature"], asked["timestamp"], asked["nonce"])
                to.taken.append(to.crypto.open(sealed))
            self._reply(status, b"success")

        def _reply(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    to.url = f"http://127.0.0.1:{server.server_port}/wecom?corp=honglou"
    try:
        yield to
    finally:
        server.shutdown()
        server.server_close()


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True
