"""Any past day may be looked at: every page then tells of its end, once somebody asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.web.scenes import TOKEN, Brand, give_token, got, opened, refused
from tiefen.insight.reading import read_everything

NOW = datetime.now(UTC)
EARLIER, LATER = NOW - timedelta(days=40), NOW - timedelta(days=2)
DAY = (NOW - timedelta(days=20)).date()


@pytest.fixture(scope="module")
def brand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brand]:
    with opened(tmp_path_factory.mktemp("past") / "data") as brand:
        give_token(brand.ledger, "main", TOKEN)
        brand.track(*(order(who, at) for who, at in (("黛玉", EARLIER), ("悟空", LATER))))
        brand.read()
        yield brand


def order(who: str, at: datetime) -> dict[str, object]:
    return {
        "type": "track", "event": "Order Completed", "userId": who, "messageId": who, "timestamp": at.isoformat(),
        "properties": {"order_id": who, "total": 12.5, "currency": "CNY"},
    }  # fmt: skip


def buyers(brand: Brand, **query: str) -> object:
    return got(brand.machine().get("/api/overview", params=query))["totals"]["buyers"]["part"]


def test_a_day_nobody_asked_for_says_so_and_can_be_asked_for(brand: Brand) -> None:
    client = brand.machine()
    before = DAY - timedelta(days=1)

    refused(client.get("/api/overview", params={"day": str(before)}), 409, "day_not_read")
    assert not got(client.get("/api/work", params={"day": str(before)}))["day_read"]
    got(client.post("/api/reading", params={"day": str(before)}), 202)

    assert f"main {before}" in brand.worker.asked


def test_every_page_tells_of_the_day_that_is_looked_at(brand: Brand) -> None:
    read_everything(brand.ledger.snapshot("main"), brand.settings, as_of=DAY)
    client, day = brand.machine(), {"day": str(DAY)}

    assert (buyers(brand), buyers(brand, day=str(DAY))) == (2, 1)
    assert got(client.get("/api/work", params=day))["day_read"]
    assert len(got(client.get("/api/persons", params=day))["items"]) == 1
    steps = got(client.get("/api/funnels", params={**day, "step": "order.paid", "days": 31}))["steps"]
    assert [step["people"] for step in steps] == [1]


@pytest.mark.parametrize("day", ["2999-01-01", "yesterday", "2026-02-30"])
def test_a_day_that_cannot_be_is_refused(brand: Brand, day: str) -> None:
    assert brand.machine().post("/api/reading", params={"day": day}).status_code == 422


def test_a_day_to_come_is_refused(brand: Brand) -> None:
    day = str((NOW + timedelta(days=3)).date())

    refused(brand.machine().post("/api/reading", params={"day": day}), 400, "not_yet")
