"""A small brand that has lived for two months, and the browsers and machines that ask about it."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import msgspec
import sqlalchemy as sa
from starlette.testclient import TestClient

from benchmarks.brand import calls, costs, make_world
from tests.stores import empty_store
from tiefen.insight.reading import read_everything
from tiefen.insight.readings import Readings
from tiefen.intake.files import importer
from tiefen.intake.track import routes as track_routes
from tiefen.kit.ids import digest
from tiefen.kit.settings import Settings
from tiefen.ledger.keys import add_write_key
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import accounts, api_tokens, groups
from tiefen.web.app import create_app
from tiefen.web.auth import set_up

HERE = "http://127.0.0.1:8000"
EMAIL, PASSWORD, TOKEN = "baochai@example.com", "蘅芜苑里的冷香丸十二两", "a-token-for-tests"
END = datetime.now(UTC).replace(microsecond=0)


class FakeWorker:
    """What goes on behind the server, but when a test says so: readings are asked for, imports run at once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.asked: list[str] = []
        self.waiting = False
        self.jobs: dict[str, Any] = {}

    def request_reading(self, corp_id: str, day: date | None = None) -> None:
        self.asked.append(corp_id if day is None else f"{corp_id} {day}")

    def start_import(self, import_id: str) -> None:
        if not self.waiting:
            importer.run(self._ledger, import_id)

    def status(self) -> dict[str, Any]:
        return self.jobs


@dataclass
class Brand:
    """An open data folder and the application on it."""

    ledger: Ledger
    settings: Settings
    worker: FakeWorker
    app: Any
    _clients: list[TestClient] = field(default_factory=list)

    def client(self, **headers: str) -> TestClient:
        """Somebody nobody knows yet. What breaks is answered with 500, as on a real server."""
        client = TestClient(
            self.app, base_url=HERE, headers=headers, raise_server_exceptions=False, follow_redirects=False
        )
        self._clients.append(client)
        return client

    def machine(self, token: str = TOKEN) -> TestClient:
        """A machine with a token; by default that of the brand."""
        return self.client(Authorization=f"Bearer {token}")

    def browser(self, email: str = EMAIL, password: str = PASSWORD) -> TestClient:
        """Somebody signed in, who sends the CSRF token as the console does."""
        client = self.client()
        assert client.post("/api/login", json={"email": email, "password": password}).status_code == 200
        client.headers["X-CSRF-Token"] = client.get("/api/me").json()["csrf"]
        return client

    def read(self, corp_id: str = "main") -> None:
        """Read everything anew, as the worker would."""
        self.ledger.flush()
        read_everything(self.ledger.snapshot(corp_id), self.settings)

    def track(self, *events: dict[str, Any], corp_id: str = "main") -> None:
        """Events come in from a system of the brand."""
        key = add_write_key(self.ledger, corp_id, "shop")
        answer = self.client().post("/v1/batch", json={"batch": list(events)}, auth=(key, ""))
        assert answer.status_code == 200, answer.text


@contextmanager
def opened(data: Path, **more: Any) -> Iterator[Brand]:
    settings = Settings(data=data, **more)
    if not settings.database_url and not data.exists():
        shutil.copytree(empty_store(), data)
    with Ledger.open(settings) as ledger:
        ledger.ensure_corp("main")
        worker = FakeWorker(ledger)
        app = create_app(ledger, settings, Readings(settings), worker, extra_routes=track_routes(ledger))
        yield Brand(ledger, settings, worker, app)


DAIYU, PHONE = "绛珠仙草林黛玉", "13912345678"
"""Somebody with a name, a phone, a city, a group, words and an order; in the brand from the beginning."""


def _daiyu() -> list[dict[str, Any]]:
    return [
        {
            "type": "identify", "userId": "daiyu-1", "messageId": "i1", "timestamp": "2026-11-01T08:00:00Z",
            "traits": {"name": DAIYU, "phone": PHONE, "city": "姑苏"},
        },
        {"type": "identify", "userId": "daiyu-2", "messageId": "i2", "traits": {"name": "颦儿"}},
        {"type": "group", "userId": "daiyu-1", "groupId": "poets", "messageId": "g1", "traits": {"name": "海棠诗社"}},
        said("poets", "daiyu-1", f"我是{DAIYU}，电话 {PHONE}", "2026-11-02T08:00:00Z", "m1"),
        {
            "type": "track", "event": "Order Completed", "userId": "daiyu-1", "messageId": "o1",
            "timestamp": "2026-11-03T08:00:00Z", "properties": {"order_id": "A1", "total": 12.5, "currency": "CNY"},
        },
    ]  # fmt: skip


def live(data: Path) -> None:
    """A brand of a dozen groups lives in `data` for two months, is read, and has an owner and a token."""
    world = make_world(seed=11, groups=13, people=300, days=60)
    with opened(data) as brand:
        key = add_write_key(brand.ledger, "main", "shop")
        client = brand.client()
        happened = calls(world, END)
        while batch := list(islice(happened, 500)):
            packed = gzip.compress(msgspec.json.encode({"batch": batch}), compresslevel=1)
            answer = client.post("/v1/batch", content=packed, headers={"Content-Encoding": "gzip"}, auth=(key, ""))
            assert answer.status_code == 200, answer.text
        brand.track(*_daiyu())
        sheet = data / "costs.csv"
        with sheet.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("日期", "渠道", "花费"), *costs(world, END)])
        importer.run(brand.ledger, importer.create(brand.ledger, "main", sheet, "costs", None))
        set_up(brand.ledger, "main", "宝钗", EMAIL, PASSWORD, "zh")
        give_token(brand.ledger, "main", TOKEN)
        brand.read()


def give_token(ledger: Ledger, corp_id: str, secret: str) -> None:
    with ledger.write() as connection:
        connection.execute(
            sa.insert(api_tokens).values(digest=digest(secret), corp_id=corp_id, name="tests", created_us=1)
        )


def demote(ledger: Ledger, email: str = EMAIL) -> None:
    """Make an account one that may look, and not change what cannot be taken back."""
    with ledger.write() as connection:
        connection.execute(sa.update(accounts).where(accounts.c.email == email).values(role="operator"))


def another_company(ledger: Ledger, token: str = "another-token") -> str:
    """A second company with a token of its own."""
    ledger.ensure_corp("other", name="别家")
    give_token(ledger, "other", token)
    return token


def copied(data: Path, to: Path) -> Path:
    shutil.copytree(data, to)
    return to


def said(group: str, member: str, text: str, at: str, id: str) -> dict[str, Any]:
    """Somebody says something in a group, as an event."""
    return {
        "type": "track", "event": "Message Posted", "userId": member, "messageId": id, "timestamp": at,
        "properties": {"group_id": group, "text": text},
    }  # fmt: skip


def number_of(ledger: Ledger, outer_id: str) -> int:
    """The number of a group by the id its platform gave it."""
    with ledger.read() as connection:
        return int(connection.execute(sa.select(groups.c.group_id).where(groups.c.outer_id == outer_id)).scalar_one())


def all_pages(client: TestClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """Every row of a list, page by page."""
    rows: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = got(client.get(httpx.URL(path).copy_merge_params(query | ({"after": after} if after else {}))))
        rows += page["items"]
        after = page["next"]
        if after is None:
            return rows


def got(answer: httpx.Response, status: int = 200) -> Any:
    """The JSON of an answer that went as it should."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:500]}"
    return answer.json()


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The facts of an answer that says no."""
    said_no = got(answer, status)
    assert said_no["code"] == code, said_no
    assert said_no["message"]
    facts: dict[str, Any] = said_no["facts"]
    return facts


def sheet(answer: httpx.Response) -> list[list[str]]:
    """The rows of a CSV answer, its heading first."""
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
