"""How fast the sandbox is: 100,000 customers and 2,000 groups of 200 made, and told over HTTP."""

from __future__ import annotations

import http.client
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tiefen.sandbox import CorpKeys, Sandbox
from tiefen.sandbox.phones import Phones

MEMBERS, STAFF = 200, 40
_Figures = dict[str, Any]


def run(quick: bool = False) -> dict[str, Any]:
    """Of each: how many a second, and µs of the processor each (the client's included where it asks over HTTP)."""
    contacts, groups, told = (4_000, 50, 200) if quick else (100_000, 2_000, 5_000)
    with tempfile.TemporaryDirectory(dir=".") as folder:
        return _measured(Path(folder), contacts, groups, told)


@contextmanager
def timed(figures: _Figures, what: str, count: int) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    figures |= {f"{what}, a second": count / wall, f"{what}, µs of the processor": cpu / count * 1e6}


def _measured(folder: Path, contacts: int, groups: int, told: int) -> _Figures:
    figures: _Figures = {"customers": contacts, "groups": groups, "members each": MEMBERS}
    box = Sandbox.open(folder, speed=None)
    box.limits = False
    staff = [f"staff{number}" for number in range(STAFF)]
    keys = box.add_corp("快", staff=staff)
    phones = box.phones(keys.corpid)
    with box.bulk():
        with timed(figures, "people", contacts):
            people = [phones.person(f"p{number}") for number in range(contacts)]
        with timed(figures, "customers", contacts):
            for number, person in enumerate(people):
                phones.add_contact(person, staff[number % STAFF])
        with timed(figures, "groups' members", groups * MEMBERS):
            chats = [phones.create_group(staff[number % STAFF], f"群{number}") for number in range(groups)]
            for number, chat in enumerate(chats):
                for member in range(MEMBERS - 1):
                    phones.join(people[(number * 53 + member * 7) % contacts], chat, scene=1)
        with timed(figures, "messages", contacts):
            for number in range(contacts):
                group = number % groups
                phones.say(people[(group * 53) % contacts], chats[group], "早上好")
    box.clock.step(10)
    with box.serve() as url:
        ask = asker(url, keys.corpid, keys.secret)
        calls = min(1_000, contacts // 100)
        with timed(figures, "batch/get_by_user, 100 a page", calls):
            cursor = ""
            for _ in range(calls):
                body = {"userid_list": staff, "limit": 100, "cursor": cursor}
                reply = ask("externalcontact/batch/get_by_user", body)
                assert len(reply["external_contact_list"]) == 100
                cursor = reply["next_cursor"]
        with timed(figures, "groupchat/get, 200 members", calls):
            for number in range(calls):
                chat = chats[number % groups]
                group = ask("externalcontact/groupchat/get", {"chat_id": chat, "need_name": 1})["group_chat"]
                assert len(group["member_list"]) == MEMBERS
        with timed(figures, "groupchat/list, 1,000 a page", 20):
            for _ in range(20):
                ask("externalcontact/groupchat/list", {"limit": 1_000})
    _tell(figures, box, keys, phones, people[:told])
    box.close()
    return figures


def _tell(figures: _Figures, box: Sandbox, keys: CorpKeys, phones: Phones, people: list[str]) -> None:
    """Callbacks to an address that takes them at once."""

    class Taker(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with box.store.unit():
        box.corps_kept.change(keys.corpid, callback_url=f"http://127.0.0.1:{server.server_port}/")
    with box.bulk():
        for person in people:
            phones.delete_staff(person, phones.staff_of(person)[0])
    with timed(figures, "callbacks sent", len(people)), box.running():
        box.outbox.settle(120)
    server.shutdown()


Ask = Callable[[str, dict[str, Any]], dict[str, Any]]


def asker(url: str, corpid: str, secret: str) -> Ask:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)

    def ask(path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        method = "GET" if body is None else "POST"
        connection.request(method, f"/cgi-bin/{path}", None if body is None else json.dumps(body))
        reply: dict[str, Any] = json.loads(connection.getresponse().read())
        assert reply["errcode"] == 0, reply
        return reply

    token = ask(f"gettoken?corpid={corpid}&corpsecret={secret}")["access_token"]
    return lambda path, body: ask(f"{path}?access_token={token}", body)
