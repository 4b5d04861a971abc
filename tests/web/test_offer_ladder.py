"""The ladder of offers over HTTP: what is shown, what may be set up, what is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.scenes import TOKEN, Brand, give_token, got, opened, refused, sheet

DAYS = [("黛玉", "trial", 990, "2026-06-01"), ("黛玉", "course", 19900, "2026-06-20"), ("悟空", "trial", 990, "2026-06-02"),
        ("沙僧", "camp", 199900, "2026-06-03")]  # fmt: skip


@pytest.fixture(scope="module")
def brand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brand]:
    with opened(tmp_path_factory.mktemp("offers") / "data") as brand:
        give_token(brand.ledger, "main", TOKEN)
        brand.track(
            {"type": "page", "name": "home", "userId": "八戒", "messageId": "now", "timestamp": "2026-11-28T04:00:00Z"},
            *(
                {
                    "type": "track", "event": "Order Completed", "userId": who, "messageId": f"{who}{sku}",
                    "timestamp": f"{day}T04:00:00Z",
                    "properties": {
                        "order_id": f"{who}{sku}", "total": fen / 100,
                        "products": [{"sku": sku, "quantity": 1, "price": fen / 100}],
                    },
                }
                for who, sku, fen, day in DAYS
            )
        )  # fmt: skip
        brand.read()
        yield brand


def test_prices_make_rungs_until_somebody_says_otherwise(brand: Brand) -> None:
    shown = got(brand.machine().get("/api/offer-ladder"))

    assert [(r["zh"], r["buyers"], r["standing"], r["moved"]["part"], r["moved"]["whole"]) for r in shown["items"]] == [
        ("引流品", 2, 1, 1, 2),
        ("利润品", 1, 1, 0, 1),
        ("高端", 1, 1, None, None),
    ]
    assert shown["leak"] is None  # two people are too few to say so
    assert sheet(brand.machine().get("/api/offer-ladder.csv"))[1] == ["trial", "1", "990", "2", "1980", "1", "2"]


def test_a_person_stands_on_a_rung(brand: Brand) -> None:
    client = brand.machine()
    shown = {p["name"]: p["person"] for p in got(client.get("/api/persons"))["items"]}
    number = next(person for name, person in shown.items() if "黛玉" in name)

    assert got(client.get(f"/api/persons/{number}"))["person"]["offer_rung"] == {
        "rung": 2,
        "zh": "利润品",
        "en": "Core",
    }


def test_the_company_names_its_rungs(brand: Brand) -> None:
    client = brand.machine()
    rungs = [{"name": "体验", "skus": ["trial"]}, {"name": "课程", "from_fen": 10_000}]

    asked_before = len(brand.worker.asked)
    said = got(client.put("/api/offer-ladder", json={"rungs": rungs}))
    shown = got(client.get("/api/offer-ladder"))

    assert [rung["name"] for rung in said["set_up"]] == ["体验", "课程"]
    assert [rung["zh"] for rung in shown["items"]][:2] == ["体验", "课程"]
    assert brand.worker.asked[asked_before:] == ["main"]  # everything is read anew
    got(client.put("/api/offer-ladder", json={"rungs": []}))


@pytest.mark.parametrize(
    "rungs",
    [
        [{"name": "空"}],
        [{"name": "反", "from_fen": 5, "to_fen": 4}],
        [{"name": "一", "skus": ["a"]}, {"name": "二", "skus": ["a"]}],
        [{"name": " ", "skus": ["a"]}],
        [{"name": str(n), "skus": [str(n)]} for n in range(7)],
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused(brand: Brand, rungs: list[dict[str, object]]) -> None:
    refused(brand.machine().put("/api/offer-ladder", json={"rungs": rungs}), 422, "not_understood")
