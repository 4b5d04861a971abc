"""What leaves the sandbox: callbacks to the companies' addresses, orders to the endpoint of their shops.

A lane (one company's callbacks, or its shop) has a thread and a connection of its own and keeps its order; with the
setting `callbacks_at_once` above 1, those of one customer or group keep theirs when many are waiting. A callback
unanswered within five seconds is tried three times and then dropped; what a shop posts is tried until it is taken
(https://developer.work.weixin.qq.com/document/path/90930, 90238, 90968).
"""

from __future__ import annotations

import base64
import http.client
import re
import secrets
import sqlite3
import threading
import time
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import structlog

from tiefen.kit.callback_crypto import CallbackCrypto
from tiefen.sandbox.corps import Corp, CorpKeys

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

log = structlog.get_logger()
_TIMEOUT = 5.0
_TRIES = 3
_AT_A_TIME = 200
_WRITTEN_EVERY = 25
_SHOP_BATCH = 100
_POLL = 0.1
_FEW = 20
_SUBJECT = re.compile(r"<(?:ChatId|ExternalUserID)><!\[CDATA\[([^\]]+)")


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether an address proved itself, and if not, why."""

    ok: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Sent:
    """What came of a callback: whether it was taken, after how many tries, what the last one was answered."""

    taken: bool
    tries: int = 0
    told: str = ""


class Line:
    """A connection to one address that is kept open."""

    def __init__(self, url: str, timeout: float = _TIMEOUT) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        self.target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._used = False

    def ask(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        """(status, body). OSError or HTTPException without an answer; one that was merely kept too long is dialled anew."""
        try:
            return self._once(method, target, body, headers)
        except (ConnectionError, http.client.RemoteDisconnected):
            self.close()
            if not self._used:
                raise
            self._used = False
            return self._once(method, target, body, headers)
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def close(self) -> None:
        self._connection.close()

    def _once(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        self._connection.request(method, target, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        self._used = True
        return answer.status, content


class Outbox:
    """Rows waiting to be sent, and the threads that send them while the sandbox is running."""

    def __init__(self, box: Sandbox) -> None:
        self._box, self._store = box, box.store
        self._stop = threading.Event()
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._running = False
        self.retry_gap = 0.2
        """Real seconds between two tries of a callback."""

    def put(
        self, corpid: str, lane: str, body: str, *, rank: int = 0, ready: float = 0.0, callback: int | None = None
    ) -> None:  # fmt: skip
        """Have something sent. Inside a unit; it leaves when that is kept."""
        self._store.run(
            "INSERT INTO outbox (corpid, lane, rank, ready, callback, body) VALUES (?, ?, ?, ?, ?, ?)",
            (corpid, lane, rank, ready, callback, body),
        )
        if self._running:
            self._lane(corpid, lane).news.set()

    def waiting(self) -> int:
        """How much has not been sent."""
        with self._store.lock:
            return int(self._store.value("SELECT count(*) FROM outbox"))

    def settle(self, timeout: float = 10.0) -> bool:
        """Wait until everything has been sent or given up; False if that takes too long. Only while it is running."""
        until = time.monotonic() + timeout
        while self.waiting():
            if time.monotonic() > until:
                return False
            time.sleep(0.005)
        return True

    def deliver(self) -> None:
        """Send what is waiting on this thread, for who has nothing running."""
        for corpid, lane in self._keys():
            sender = _Lane(self._box, corpid, lane, self._stop)
            while sender.send_some():
                pass
            sender.close()

    def start(self) -> None:
        """Send in the background, beginning with what is waiting."""
        self._stop.clear()
        self._running = True
        for key in self._keys():
            self._lane(*key)

    def stop(self) -> None:
        """Stop sending; what was under way is sent again by the next one."""
        self._running = False
        self._stop.set()
        for lane in self._lanes.values():
            lane.end()
        self._lanes.clear()
        self._stop.clear()

    def set_callback(self, corpid: str, url: str | None) -> Verified:
        """Try an address and keep it if it proves itself. None: no callbacks any more."""
        verified = Verified(True) if url is None else _verify(self._box.keys(corpid), url)
        if verified.ok:
            with self._box.act():
                self._box.corps_kept.change(corpid, callback_url=url)
        return verified

    def _keys(self) -> list[tuple[str, str]]:
        with self._store.lock:
            return [(row[0], row[1]) for row in self._store.all("SELECT DISTINCT corpid, lane FROM outbox")]

    def _lane(self, corpid: str, lane: str) -> _Lane:
        found = self._lanes.get((corpid, lane))
        if found is None:
            found = self._lanes[corpid, lane] = _Lane(self._box, corpid, lane, self._stop)
            found.begin()
        return found


class _Lane:
    """Sends one company's callbacks, or what its shop posts, one after the other."""

    def __init__(self, box: Sandbox, corpid: str, lane: str, stop: threading.Event) -> None:
        self._box, self._store, self._corpid, self._name, self._stop = box, box.store, corpid, lane, stop
        self.news = threading.Event()
        self._lines: dict[int, tuple[str, Line]] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._thread = threading.Thread(target=self._run, name=f"sandbox-{lane}", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self.news.set()
        self._thread.join(_TIMEOUT + 1)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
        for _, line in self._lines.values():
            line.close()
        self._lines = {}

    def send_some(self) -> bool:
        """Send what may leave now; False if there was nothing."""
        corp, rows = self._next()
        if not rows:
            return False
        if self._name == "shop":
            self._send_orders(corp, rows)
        else:
            self._send_callbacks(corp, rows)
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            self.news.clear()
            try:
                sent = self.send_some()
            except Exception:
                log.exception("sending failed")
                sent = False
            if not sent:
                self.news.wait(_POLL)
        self.close()

    def _next(self) -> tuple[Corp, list[sqlite3.Row]]:
        """A reordered callback leaves when the one it waits for has been made, or when it has waited long enough."""
        with self._store.lock:
            corp = self._box.corps_kept.corp(self._corpid)
            latest = self._store.value("SELECT max(id) FROM callbacks WHERE corpid = ?", self._corpid) or 0
            rows = self._store.all(
                "SELECT * FROM outbox WHERE corpid = ? AND lane = ? AND (ready <= ? OR rank <= ?)"
                " ORDER BY rank, id LIMIT ?",
                self._corpid, self._name, time.time(), latest, _AT_A_TIME,
            )  # fmt: skip
        return corp, rows

    # ---- callbacks ----

    def _send_callbacks(self, corp: Corp, rows: Sequence[sqlite3.Row]) -> None:
        crypto = CallbackCrypto(corp.keys.token, corp.keys.aes_key, corp.corpid)
        strands = _strands(rows, self._box.setting("callbacks_at_once"))
        if len(strands) == 1:
            self._send_strand(corp, crypto, 0, strands[0])
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(len(strands), f"sandbox-{self._name}")
        sending = [self._pool.submit(self._send_strand, corp, crypto, *one) for one in enumerate(strands)]
        for one in sending:
            one.result()

    def _send_strand(self, corp: Corp, crypto: CallbackCrypto, line: int, rows: Sequence[sqlite3.Row]) -> None:
        done: list[tuple[sqlite3.Row, _Sent]] = []
        for row in rows:
            sent = self._try_callback(corp, crypto, line, row)
            if sent is None:
                break
            done.append((row, sent))
            if len(done) >= _WRITTEN_EVERY:
                self._write_down(done)
                done = []
        self._write_down(done)

    def _try_callback(self, corp: Corp, crypto: CallbackCrypto, line: int, row: sqlite3.Row) -> _Sent | None:
        """What came of it; None if the sandbox stops before that is known."""
        if corp.callback_url is None:
            return _Sent(False)
        told = ""
        for turn in range(_TRIES):
            if self._stop.is_set() or (turn and self._stop.wait(self._box.outbox.retry_gap)):
                return None
            status, told = self._post(line, corp.callback_url, *_sealed(corp.keys, crypto, row["body"]))
            if status == 200 or (status is not None and not self._box.faults.retry_on_status):
                return _Sent(status == 200, turn + 1, told)
        return _Sent(False, _TRIES, told)

    def _post(self, number: int, url: str, query: str, body: bytes) -> tuple[int | None, str]:
        """(status, what is to be said of it); no status without an answer."""
        line = self._to(number, url)
        try:
            status, _ = line.ask("POST", _joined(line.target, query), body, {"Content-Type": "text/xml"})
        except (OSError, http.client.HTTPException) as error:
            return None, f"no answer: {error or type(error).__name__}"[:200]
        return status, f"HTTP {status}"

    def _write_down(self, done: Sequence[tuple[sqlite3.Row, _Sent]]) -> None:
        if not done:
            return
        with self._store.unit():
            self._store.many("DELETE FROM outbox WHERE id = ?", [(row["id"],) for row, _ in done])
            self._store.many(
                "UPDATE callbacks SET tries = tries + ?, told = ?, fate = iif(fate = 'delivered', fate, ?) WHERE id = ?",
                [
                    (sent.tries, sent.told, "delivered" if sent.taken else "failed", row["callback"])
                    for row, sent in done
                ],
            )

    # ---- the shop ----

    def _send_orders(self, corp: Corp, rows: Sequence[sqlite3.Row]) -> None:
        rows, pause = rows[:_SHOP_BATCH], self._box.outbox.retry_gap
        while corp.shop_url is not None and not self._take_orders(corp, rows):
            if self._stop.wait(pause):
                return
            pause = min(5.0, pause * 2)
            with self._store.lock:
                corp = self._box.corps_kept.corp(self._corpid)
        with self._store.unit():
            self._store.many("DELETE FROM outbox WHERE id = ?", [(row["id"],) for row in rows])

    def _take_orders(self, corp: Corp, rows: Sequence[sqlite3.Row]) -> bool:
        line = self._to(0, corp.shop_url or "")
        body = f'{{"batch":[{",".join(row["body"] for row in rows)}]}}'.encode()
        key = base64.b64encode(f"{corp.shop_key}:".encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {key}"}
        try:
            status, _ = line.ask("POST", line.target.rstrip("/") + "/v1/batch", body, headers)
        except (OSError, http.client.HTTPException):
            return False
        return status == 200

    def _to(self, number: int, url: str) -> Line:
        kept = self._lines.get(number)
        if kept is None or kept[0] != url:
            if kept is not None:
                kept[1].close()
            kept = self._lines[number] = url, Line(url)
        return kept[1]


def _strands(rows: Sequence[sqlite3.Row], most: int) -> list[Sequence[sqlite3.Row]]:
    """Callbacks that may be under way at the same time: those of one customer or group stay one after the other."""
    if most <= 1 or len(rows) < _FEW:
        return [rows]
    strands: list[list[sqlite3.Row]] = [[] for _ in range(most)]
    for row in rows:
        found = _SUBJECT.search(row["body"])
        strands[zlib.crc32(found[1].encode()) % most if found else 0].append(row)
    return [strand for strand in strands if strand]


def _verify(keys: CorpKeys, url: str) -> Verified:
    """Ask an address to open what only the owner of the key can, as WeCom does before it takes a callback address."""
    message = str(secrets.randbelow(9 * 10**18) + 10**18)
    crypto = CallbackCrypto(keys.token, keys.aes_key, keys.corpid)
    timestamp, nonce = _stamp()
    sealed = crypto.seal(message, timestamp=timestamp, nonce=nonce)
    query = f"msg_signature={sealed.signature}&timestamp={timestamp}&nonce={nonce}&echostr={quote(sealed.encrypted, safe='')}"
    line = Line(url)
    try:
        status, body = line.ask("GET", _joined(line.target, query), None, {})
    except (OSError, http.client.HTTPException) as error:
        return Verified(False, f"no answer: {error}")
    finally:
        line.close()
    if status != 200:
        return Verified(False, f"HTTP {status}")
    return Verified(True) if body == message.encode() else Verified(False, "the answer is not what was sealed")


def _sealed(keys: CorpKeys, crypto: CallbackCrypto, xml: str) -> tuple[str, bytes]:
    """(query, body) of one callback; every try is sealed anew."""
    timestamp, nonce = _stamp()
    sealed = crypto.seal(xml, timestamp=timestamp, nonce=nonce)
    body = (
        f"<xml><ToUserName><![CDATA[{keys.corpid}]]></ToUserName><Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt>"
        f"<AgentID><![CDATA[{keys.agentid}]]></AgentID></xml>"
    )
    return f"msg_signature={sealed.signature}&timestamp={timestamp}&nonce={nonce}", body.encode()


def _stamp() -> tuple[str, str]:
    """Time and nonce of a request. The time is the wall's, whatever the sandbox's clock says: a receiver compares it with
    its own."""
    return str(int(time.time())), str(secrets.randbelow(9 * 10**8) + 10**8)


def _joined(target: str, query: str) -> str:
    return f"{target}{'&' if '?' in target else '?'}{query}"
