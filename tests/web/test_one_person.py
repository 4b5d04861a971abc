"""Same person? Records are compared behind, somebody decides, and what was decided is a fact."""

from __future__ import annotations

import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.scenes import Brand, another_company, demote, got, refused
from tiefen.ledger.paging import facts_page

NAMES = ("林黛玉", "薛宝钗", "史湘云", "贾探春", "妙玉师", "王熙凤", "李宫裁", "秦可卿", "邢岫烟", "尤三姐")
CITIES = ("姑苏", "金陵", "扬州", "长安")


def _known(brand: Brand) -> None:
    """120 people with e-mail and city, and second records of ten, from a file that had masked numbers."""
    events: list[dict[str, Any]] = []
    for n in range(120):
        name, city = f"{NAMES[n % 10]}{chr(0x4E00 + n)}", CITIES[n % 4]
        traits = {
            "name": name,
            "city": city,
            "birthday": f"199{n % 10}-0{1 + n % 9}-1{n % 7}",
            "phone": f"139{n:04}{n * 37 % 10000:04}",
        }
        events.append({"type": "identify", "userId": f"w{n}", "messageId": f"w{n}", "traits": traits})
        if n < 10:
            masked = {**traits, "phone": None, "手机": f"139****{n * 37 % 10000:04}"}
            events.append({"type": "identify", "anonymousId": f"sheet-{n}", "messageId": f"s{n}", "traits": masked})
    brand.track(*events)


@pytest.fixture
def town(empty: Brand) -> tuple[Brand, TestClient]:
    from tests.web.scenes import EMAIL, PASSWORD
    from tiefen.web.auth import set_up

    _known(empty)
    set_up(empty.ledger, "main", "宝钗", EMAIL, PASSWORD, "zh")
    return empty, empty.browser()


def look(client: TestClient) -> Any:
    got(client.post("/api/same-person/look"), 202)
    for _ in range(600):
        page = got(client.get("/api/same-person"))
        if not page["looking"]:
            return page
        time.sleep(0.1)
    raise AssertionError("still looking")


def links(brand: Brand) -> list[Any]:
    return [fact.body for fact in facts_page(brand.ledger, "main", kind="identity.linked", limit=200).rows]


def test_two_records_are_shown_side_by_side_and_what_is_decided_is_a_fact(town: tuple[Brand, TestClient]) -> None:
    brand, browser = town

    page = look(browser)

    assert page["total"] >= 9
    first, second, third = page["items"][:3]
    assert {row["field"] for row in first["evidence"]} >= {"name", "city", "phone_tail"}
    assert first["a"]["name"] == first["b"]["name"]

    for pair, same in ((first, True), (second, False), (third, None)):
        asked = {"a": pair["a"]["person"], "b": pair["b"]["person"], "same": same}
        got(browser.post("/api/same-person/decide", json=asked))

    told = {(body["person"], body["also"]): body.get("refused") for body in links(brand)}
    kept, gone = sorted((first["a"]["person"], first["b"]["person"]))
    assert told[kept, gone] is None
    assert told[tuple(sorted((second["a"]["person"], second["b"]["person"])))] == "operator"
    assert refused(browser.get(f"/api/persons/{gone}"), 404, "merged_into")["into"] == kept
    after = got(browser.get("/api/same-person"))
    assert after["total"] == page["total"] - 2
    assert brand.worker.asked == ["main"]

    again = look(browser)

    pairs = [{pair["a"]["person"], pair["b"]["person"]} for pair in again["items"]]
    assert {second["a"]["person"], second["b"]["person"]} not in pairs
    assert {third["a"]["person"], third["b"]["person"]} in pairs


def test_what_is_surely_one_is_linked_only_where_the_setting_says_so(town: tuple[Brand, TestClient]) -> None:
    brand, browser = town
    before = len(links(brand))

    got(browser.put("/api/same-person/setting", json={"link": True}))
    page = look(browser)

    assert page["linked"] == len(links(brand)) - before > 0
    assert all(pair["probability"] < page["upper"] for pair in page["items"])


def test_of_a_company_without_people_nothing_is_said(empty: Brand) -> None:
    client = empty.machine(another_company(empty.ledger))

    assert look(client)["why"] == "too_few_records"


def test_only_an_owner_decides_and_only_about_the_company_s_own(town: tuple[Brand, TestClient]) -> None:
    brand, browser = town
    pair = {"a": 1, "b": 2, "same": True}

    other = brand.machine(another_company(brand.ledger))
    demote(brand.ledger)
    before = links(brand)

    refused(browser.post("/api/same-person/decide", json=pair), 403, "not_allowed")
    assert other.post("/api/same-person/decide", json=pair).status_code in (403, 404)
    assert links(brand) == before
