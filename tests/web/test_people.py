"""One person: their page, merging and taking it back, export, and erasure that leaves no name in any answer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.scenes import DAIYU, PHONE, Brand, all_pages, got, number_of, refused


def person_called(client: TestClient, name: str) -> int:
    number: int = got(client.get("/api/persons", params={"q": name}))["items"][0]["person"]
    return number


@pytest.fixture
def daiyu(brand: Brand) -> int:
    return person_called(brand.machine(), DAIYU)


def test_a_persons_page_tells_who_what_where_and_why(brand: Brand, daiyu: int) -> None:
    page = got(brand.machine().get(f"/api/persons/{daiyu}"))

    assert page["person"]["name"] == DAIYU
    assert page["person"]["attributes"]["city"] == "姑苏"
    assert {id["value"] for id in page["person"]["ids"]} >= {"daiyu-1", PHONE}
    assert [group["name"] for group in page["groups"]] == ["海棠诗社"]
    assert page["orders"][0]["amount_fen"] == 1250
    assert page["timeline"][0]["zh"] and page["timeline"][0]["en"]
    assert page["person"]["rung"] != "none"
    assert page["person"]["rung_reasons"]


def test_what_happened_with_somebody_comes_page_by_page(looking: TestClient) -> None:
    busiest = got(looking.get("/api/persons?sort=messages&limit=1"))["items"][0]["person"]

    everything = all_pages(looking, f"/api/persons/{busiest}/timeline", limit=100)

    assert len({event["seq"] for event in everything}) == len(everything) > 100
    assert everything[:30] == got(looking.get(f"/api/persons/{busiest}"))["timeline"][:30]
    refused(looking.get(f"/api/persons/{busiest}/timeline?after=x"), 400, "bad_cursor")


def test_the_numbers_on_a_persons_page_are_those_of_the_list(looking: TestClient) -> None:
    for row in got(looking.get("/api/persons?limit=6"))["items"]:
        page = got(looking.get(f"/api/persons/{row['person']}"))

        assert page["metrics"] == row["metrics"]
        assert page["person"]["rung"] == row["rung"]
        assert page["person"]["name"] == row["name"]


def test_an_instant_says_its_zone(looking: TestClient) -> None:
    row = got(looking.get("/api/persons?limit=1"))["items"][0]

    assert row["first_seen_at"].endswith("Z")
    assert row["last_seen_at"].endswith("Z")


@pytest.mark.parametrize("person", [999_999_999, 2**62])
def test_nobody_has_a_number_that_was_not_given_out(looking: TestClient, person: int) -> None:
    refused(looking.get(f"/api/persons/{person}"), 404, "not_found")


# ---- merging ----------------------------------------------------------------------------------------


def test_people_are_called_by_name_in_the_order_asked_for(looking: TestClient, daiyu: int) -> None:
    other = next(one for one in got(looking.get("/api/persons"))["items"] if one["person"] != daiyu)

    told = got(looking.get("/api/person-names", params={"of": f"{daiyu},{2**53},{other['person']},{daiyu}"}))

    assert told["items"] == [
        {"person": daiyu, "name": DAIYU},
        {"person": other["person"], "name": other["name"]},
    ]
    refused(looking.get("/api/person-names", params={"of": "1,x"}), 422, "not_understood")


def test_two_people_become_one_and_can_be_taken_apart_again(brand: Brand, daiyu: int) -> None:
    client = brand.browser()
    pin_er = person_called(client, "颦儿")
    handles = [id["handle"] for id in got(client.get(f"/api/persons/{pin_er}"))["person"]["ids"]]

    got(client.post(f"/api/persons/{daiyu}/merge", json={"with": pin_er}))

    facts = refused(client.get(f"/api/persons/{pin_er}"), 404, "merged_into")
    assert facts["into"] == daiyu
    assert set(handles) <= {id["handle"] for id in got(client.get(f"/api/persons/{daiyu}"))["person"]["ids"]}
    assert brand.worker.asked == ["main"]

    new = got(client.post(f"/api/persons/{daiyu}/split", json={"handles": handles}))["person"]

    assert [id["handle"] for id in got(client.get(f"/api/persons/{new}"))["person"]["ids"]] == handles
    assert not set(handles) & {id["handle"] for id in got(client.get(f"/api/persons/{daiyu}"))["person"]["ids"]}


def test_somebody_cannot_be_merged_with_themselves_or_with_nobody(brand: Brand, daiyu: int) -> None:
    client = brand.machine()

    refused(client.post(f"/api/persons/{daiyu}/merge", json={"with": daiyu}), 409, "cannot_merge")
    refused(client.post(f"/api/persons/{daiyu}/merge", json={"with": 2**62}), 404, "not_found")
    refused(client.post(f"/api/persons/{daiyu}/merge", json={}), 422, "not_understood")


@pytest.mark.parametrize("handles", [[], [0], [-5], [2**63 - 1], [1]])
def test_ids_that_are_not_somebodys_cannot_be_split_off(brand: Brand, daiyu: int, handles: list[int]) -> None:
    answer = brand.machine().post(f"/api/persons/{daiyu}/split", json={"handles": handles})

    assert answer.status_code in {409, 422}, answer.text


def test_somebody_cannot_be_split_from_all_they_have(brand: Brand, daiyu: int) -> None:
    client = brand.machine()
    handles = [id["handle"] for id in got(client.get(f"/api/persons/{daiyu}"))["person"]["ids"]]

    refused(client.post(f"/api/persons/{daiyu}/split", json={"handles": handles}), 409, "cannot_split")


# ---- export and erasure -----------------------------------------------------------------------------


def test_an_export_holds_everything_about_somebody(brand: Brand, daiyu: int) -> None:
    answer = brand.machine().get(f"/api/persons/{daiyu}/export")

    assert answer.headers["content-disposition"].startswith("attachment")
    for held in (DAIYU, PHONE, "姑苏", "daiyu-1", "A1", "我是"):
        assert held in answer.text


def test_an_erasure_has_to_be_confirmed_with_the_name(brand: Brand, daiyu: int) -> None:
    client = brand.machine()

    for wrong in ("", "黛玉", DAIYU + "!"):
        refused(client.post(f"/api/persons/{daiyu}/erase", json={"confirm": wrong}), 409, "not_confirmed")

    assert got(client.get(f"/api/persons/{daiyu}"))["person"]["name"] == DAIYU


def test_an_erasure_gives_a_receipt_that_names_nobody(brand: Brand, daiyu: int) -> None:
    receipt = got(brand.browser().post(f"/api/persons/{daiyu}/erase", json={"confirm": f" {DAIYU} "}))

    assert receipt["receipt_id"]
    assert receipt["done_at"].endswith("Z")
    assert DAIYU not in str(receipt)


@pytest.mark.slow
def test_after_an_erasure_no_answer_of_the_api_tells_who_it_was(brand: Brand, daiyu: int) -> None:
    client = brand.browser()
    group = number_of(brand.ledger, "poets")
    got(client.get(f"/api/groups/{group}/messages"))
    got(client.post(f"/api/persons/{daiyu}/erase", json={"confirm": DAIYU}))
    brand.read()

    answers = {path: client.get(path) for path in everything_about(client, group, daiyu)}

    for path, answer in answers.items():
        assert answer.status_code < 500, path
        for held in (DAIYU, PHONE, "daiyu-1", "姑苏"):
            assert held not in answer.text, path
    assert got(answers[f"/api/persons/{daiyu}"])["person"]["erased"] is True


def everything_about(client: TestClient, group: int, person: int) -> list[str]:
    """Every address of the API that answers a GET, about this group and this person."""
    paths = got(client.get("/api/openapi.json"))["paths"]
    import_id = got(client.get("/api/imports"))["items"][0]["import_id"]
    known: dict[str, Any] = {"group": group, "person": person, "import_id": import_id, "name": "x", "source_id": "m1",
                             "topic": 0, "ring": 0}  # fmt: skip
    found = [
        path.format(**(dict.fromkeys(re.findall(r"{(\w+)}", path), "x") | known))
        for path, does in paths.items()
        if "get" in does
    ]
    return [*found, f"/api/facts?person={person}", f"/api/facts?group={group}", f"/api/persons?q={PHONE}"]


def test_who_was_erased_is_found_by_nobody(brand: Brand, daiyu: int) -> None:
    client = brand.machine()
    got(client.post(f"/api/persons/{daiyu}/erase", json={"confirm": DAIYU}))

    for words in (DAIYU, PHONE, "daiyu-1"):
        assert daiyu not in {row["person"] for row in all_pages(client, "/api/persons", q=words)}


# ---- words ------------------------------------------------------------------------------------------


def test_what_was_said_in_a_group_is_read_newest_first_and_looking_is_noted(brand: Brand, daiyu: int) -> None:
    client = brand.browser()

    page = got(client.get(f"/api/groups/{number_of(brand.ledger, 'poets')}/messages"))

    assert [(m["person"], m["name"], m["text"]) for m in page["items"]] == [
        (daiyu, DAIYU, f"我是{DAIYU}，电话 {PHONE}")
    ]
    assert got(client.get("/api/audit"))["items"][0]["did"] == "read words"


def test_a_message_is_marked_as_an_advert_and_unmarked(brand: Brand, daiyu: int) -> None:
    client = brand.browser()
    where = f"/api/groups/{number_of(brand.ledger, 'poets')}/messages"
    message = got(client.get(where))["items"][0]["source_id"]

    for said_of_it in (True, False, None):
        got(client.post(f"/api/messages/{message}/mark", json={"advert": said_of_it}))

        assert got(client.get(where))["items"][0]["marked"] is said_of_it
    assert brand.worker.asked == ["main"] * 3
