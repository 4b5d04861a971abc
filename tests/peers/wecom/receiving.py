"""An address of somebody else's making: a web server that hands what it is sent to their software."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.peers.wecom.others import Running
from tests.peers.wecom.sealing import Secrets
from tiefen.kit.callback_crypto import CallbackCrypto, Envelope

Answering = Callable[[str, str, bytes], tuple[int, bytes]]
"""(method, address, body) → (status, body)."""


class Opening:
    """Opens what arrives with a `seals` process, answers echostr, and remembers the texts."""

    def __init__(self, process: Running, secrets: Secrets) -> None:
        self._process, self._secrets = process, secrets
        self.texts: list[str] = []
        self.refused: list[str] = []

    def __call__(self, method: str, address: str, body: bytes) -> tuple[int, bytes]:
        query = dict(parse_qsl(urlsplit(address).query))
        sealed = {"echostr": query["echostr"]} if method == "GET" else {"body": body.decode()}
        said = self._process.ask(
            "verify" if method == "GET" else "receive", secrets=self._secrets.as_list(),
            signature=query["msg_signature"], timestamp=query["timestamp"], nonce=query["nonce"], **sealed,
        )  # fmt: skip
        if "text" not in said:
            self.refused.append(said["refused"])
            return 403, b""
        if method == "GET":
            return 200, said["text"].encode()
        self.texts.append(said["text"])
        return 200, b"success"


class Serving:
    """The whole of node-easywechat's server: its own reading of requests, echostr and XML. Remembers fields."""

    def __init__(self, process: Running, secrets: Secrets) -> None:
        self._process, self._secrets = process, secrets
        self.fields: list[dict[str, Any]] = []

    def __call__(self, method: str, address: str, body: bytes) -> tuple[int, bytes]:
        said = self._process.ask(
            "serve", secrets=self._secrets.as_list(), method=method, url=address, body=body.decode()
        )
        if "refused" in said:
            return 403, said["why"].encode()
        if method == "POST":
            self.fields.append(said["fields"])
        return said["status"], said["body"].encode()


class Accepting:
    """Takes everything, with our own crypto for the trial."""

    def __init__(self, crypto: CallbackCrypto) -> None:
        self._crypto = crypto

    def __call__(self, method: str, address: str, body: bytes) -> tuple[int, bytes]:
        if method == "POST":
            return 200, b""
        query = dict(parse_qsl(urlsplit(address).query))
        sealed = Envelope(query["echostr"], query["msg_signature"], query["timestamp"], query["nonce"])
        return 200, self._crypto.open(sealed).encode()


@contextmanager
def address_of(answering: Answering) -> Iterator[str]:
    """A base URL whose requests are answered so, one after the other."""
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            with one_at_a_time:
                status, said = answering(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/callback"
        finally:
            server.shutdown()
            thread.join()
