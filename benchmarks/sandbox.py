"""How fast the sandbox is: 100,000 customers and 2,000 groups of 200 made, and told over HTTP.

python benchmarks/sandbox.py [FOLDER]
"""

from __future__ import annotations

import http.client
import json
import sys
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

CONTACTS, GROUPS, MEMBERS, STAFF, TOLD = 100_000, 2_000, 200, 40, 5_000


@contextmanager
def timed(what: str, count: int) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{what}: {wall:.1f} s ({cpu:.1f} s of CPU), {count / wall:,.0f}/s, {cpu / count * 1e6:.0f} µs of CPU each")


def main(folder: Path) -> None:
    box = Sandbox.open(folder, speed=None)
    box.limits = False
    staff = [f"staff{number}" for number in range(STAFF)]
    keys = box.add_corp("快", staff=staff)
    phones = box.phones(keys.corpid)
    with box.bulk():
        with timed("people", CONTACTS):
            people = [phones.person(f"p{number}") for number in range(CONTACTS)]
        with timed("customers", CONTACTS):
            for number, person in enumerate(people):
                phones.add_contact(person, staff[number % STAFF])
        with timed("groups' members", GROUPS * MEMBERS):
            chats = [phones.create_group(staff[number % STAFF], f"群{number}") for number in range(GROUPS)]
            for number, chat in enumerate(chats):
                for member in range(MEMBERS - 1):
                    phones.join(people[(number * 53 + member * 7) % CONTACTS], chat, scene=1)
        with timed("messages", CONTACTS):
            for number in range(CONTACTS):
                group = number % GROUPS
                phones.say(people[(group * 53) % CONTACTS], chats[group], "早上好")
    box.clock.step(10)
    with box.serve() as url:
        ask = asker(url, keys.corpid, keys.secret)
        calls = 1_000
        with timed("batch/get_by_user, 100 a page", calls):
            cursor = ""
            for _ in range(calls):
                body = {"userid_list": staff, "limit": 100, "cursor": cursor}
                reply = ask("externalcontact/batch/get_by_user", body)
                assert len(reply["external_contact_list"]) == 100
                cursor = reply["next_cursor"]
        with timed("groupchat/get, 200 members", calls):
            for number in range(calls):
                told = ask("externalcontact/groupchat/get", {"chat_id": chats[number], "need_name": 1})["group_chat"]
                assert len(told["member_list"]) == MEMBERS
        with timed("groupchat/list, 1,000 a page", 20):
            for _ in range(20):
                ask("externalcontact/groupchat/list", {"limit": 1_000})
    tell(box, keys, phones, people)
    box.close()


def tell(box: Sandbox, keys: CorpKeys, phones: Phones, people: list[str]) -> None:
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
        for person in people[:TOLD]:
            phones.delete_staff(person, phones.staff_of(person)[0])
    with timed("callbacks sent", TOLD), box.running():
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


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder))
