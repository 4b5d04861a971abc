"""The same over real connections: cut, slow, refused, and many at once."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.wecom.client.every_call import JPG, E
from tiefen.wecom.client import Limits, Shared, Unanswered, WeCom


class Server(ThreadingHTTPServer):
    """Answers every endpoint; `cut` and `slow` say how many of its next answers are lost or late."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: Counter[str] = Counter()
        self.cut: Counter[str] = Counter()
        self.slow: Counter[str] = Counter()
        self.bodies: list[bytes] = []
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def _answer(self) -> None:
        endpoint = urlsplit(self.path).path.removeprefix("/cgi-bin/")
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        with self.server.lock:
            self.server.asked[endpoint] += 1
            self.server.bodies.append(body)
            cut, slow = self.server.cut[endpoint] > 0, self.server.slow[endpoint] > 0
            self.server.cut[endpoint] -= cut
            self.server.slow[endpoint] -= slow
        if slow:
            time.sleep(0.6)
        if cut:
            self.close_connection = True
            return
        given = {"errcode": 0, "errmsg": "ok", "access_token": "t", "expires_in": 7200, "media_id": "m1"}
        raw = json.dumps(given).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    serving = Server()
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield serving
    serving.shutdown()
    serving.server_close()


@pytest.fixture
def api(server: Server) -> Iterator[WeCom]:
    with WeCom(server.address, "wwcorp", "secret", shared=Shared(), limits=Limits(timeout=0.3)) as opened:
        opened.account.gettoken()
        yield opened


def test_a_read_is_asked_again_when_the_connection_is_cut(server: Server, api: WeCom) -> None:
    server.cut["getcallbackip"] = 2

    assert api.account.getcallbackip() == ()
    assert server.asked["getcallbackip"] == 3


@pytest.mark.parametrize("fault", ["cut", "slow"])
def test_a_write_without_an_answer_is_not_asked_again(server: Server, api: WeCom, fault: str) -> None:
    getattr(server, fault)[E + "mark_tag"] = 1

    with pytest.raises(Unanswered) as caught:
        api.tags.mark_tag("xifeng", "wm1", add_tag=["et1"])

    assert caught.value.maybe_done
    assert server.asked[E + "mark_tag"] == 1
    assert "secret" not in str(caught.value) and "access_token" not in str(caught.value)


def test_a_server_that_is_not_there_has_certainly_done_nothing(server: Server) -> None:
    api = WeCom("http://127.0.0.1:9", "wwcorp", "secret", shared=Shared())

    with pytest.raises(Unanswered) as caught:
        api.account.getcallbackip()

    assert not caught.value.maybe_done


def test_files_and_chinese_travel_whole(server: Server, api: WeCom) -> None:
    api.media.upload("image", "海棠.jpg", JPG)
    assert JPG in server.bodies[-1] and "海棠.jpg".encode() in server.bodies[-1]

    api.contacts.remark("xifeng", "wm1", remark="潇湘妃子")
    assert "潇湘妃子".encode() in server.bodies[-1]


def test_sixteen_threads_share_connections_and_one_token(server: Server, api: WeCom) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: api.tags.mark_tag("xifeng", f"wm{n % 40}", add_tag=["et1"]), range(320)))

    assert server.asked[E + "mark_tag"] == 320
    assert server.asked["gettoken"] == 1


def test_the_address_may_be_given_with_its_path(server: Server) -> None:
    with WeCom(server.address + "/cgi-bin/", "wwcorp", "secret", shared=Shared()) as api:
        assert api.account.getcallbackip() == ()
