"""Many callbacks at once: quicker, and in order for each group."""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

from tests.sandbox.core.asking import mansion
from tiefen.kit.callback_crypto import CallbackCrypto, Envelope


def test_several_may_be_under_way_and_each_group_hears_in_order() -> None:
    heard: dict[str, list[tuple[str, str]]] = defaultdict(list)
    inside, most, lock = 0, 0, threading.Lock()
    with mansion() as (box, keys):
        crypto = CallbackCrypto(keys.token, keys.aes_key, keys.corpid)

        class Receiver(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                nonlocal inside, most
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                with lock:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.005)
                asked = dict(part.split("=", 1) for part in self.path.split("?")[1].split("&"))
                sealed = re.findall(r"<Encrypt><!\[CDATA\[(.+?)\]\]", body)[0]
                xml = crypto.open(Envelope(sealed, asked["msg_signature"], asked["timestamp"], asked["nonce"]))
                with lock:
                    inside -= 1
                    if found := re.search(r"<LastMemVer>(\w+)</LastMemVer><CurMemVer>(\w+)<", xml):
                        heard[re.findall(r"ChatId><!\[CDATA\[(.+?)\]", xml)[0]].append((found[1], found[2]))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        box.configure(callbacks_at_once=4)
        box.corps_kept.change(keys.corpid, callback_url=f"http://127.0.0.1:{server.server_port}/")
        phones = box.phones(keys.corpid)
        groups = [phones.create_group("daiyu", f"诗社{number}") for number in range(8)]
        for number in range(10):
            for group in groups:
                phones.join(phones.person(f"{group}{number}"), group)
        with box.running():
            assert box.outbox.settle()
        server.shutdown()
        server.server_close()

    assert set(heard) == set(groups)
    for versions in heard.values():
        assert len(versions) == 10
        assert all(before[1] == after[0] for before, after in pairwise(versions))
    assert most > 1
