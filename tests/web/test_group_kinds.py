"""Saying what kind groups are of over HTTP: kept as facts, told apart from a guess, taken back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.testclient import TestClient

from tests.web.scenes import Brand, all_pages, another_company, got, number_of, refused, sheet
from tiefen.ledger.facts import GroupKindSaid
from tiefen.ledger.paging import facts_page
from tiefen.ledger.schema import audit


def says(client: TestClient, kind: str | None, *groups: int) -> dict[str, Any]:
    answered: dict[str, Any] = got(client.post("/api/groups/kind", json={"groups": list(groups), "kind": kind}))
    return answered


def card(client: TestClient, group: int) -> tuple[str, bool]:
    told = got(client.get(f"/api/groups/{group}"))["group"]
    return told["kind"], told["kind_said"]


def test_what_was_said_counts_on_page_and_list_until_it_is_taken_back(brand: Brand) -> None:
    client, poets = brand.machine(), number_of(brand.ledger, "poets")
    found = [card(client, poets)]
    for kind in ("sharing", "growth", None):
        says(client, kind, poets)
        found.append(card(client, poets))

    assert found == [("custom", False), ("sharing", True), ("growth", True), ("custom", False)]
    kept = facts_page(brand.ledger, "main", kind=GroupKindSaid.kind).rows
    assert [row.body.get("group_kind") for row in kept] == [None, "growth", "sharing"]
    assert {row.body["group"] for row in kept} == {poets}


def test_several_are_said_at_once_and_the_list_is_narrowed_to_a_kind(brand: Brand) -> None:
    client = brand.machine()
    rows = all_pages(client, "/api/groups")
    some = [row["group"] for row in rows[:3]]

    told = says(client, "flash", *some, some[0])

    assert told["changed"] == 3
    assert [item["kind"] for item in told["items"]] == ["flash"] * 3
    listed = all_pages(client, "/api/groups", kind="flash", limit=2)
    assert {row["group"] for row in listed if row["kind_said"]} == set(some)
    assert {row["kind"] for row in listed} == {"flash"}
    heading, *lines = sheet(client.get("/api/groups.csv?kind=flash"))
    assert [line[0] for line in lines] == [str(row["group"]) for row in listed]
    assert {line[heading.index("kind")] for line in lines} == {"flash"}


def test_a_list_is_narrowed_by_guesses_too_and_every_row_says_which_it_is(looking: TestClient) -> None:
    rows = all_pages(looking, "/api/groups")

    for kind in {row["kind"] for row in rows}:
        listed = all_pages(looking, "/api/groups", kind=kind)
        assert [row["group"] for row in listed] == [row["group"] for row in rows if row["kind"] == kind]
    assert all(row["kind_said"] is False and row["kind"] == row["kind_guess"] for row in rows)


def test_what_is_said_already_is_no_news(brand: Brand) -> None:
    client, poets = brand.machine(), number_of(brand.ledger, "poets")

    changed = [says(client, kind, poets)["changed"] for kind in (None, "flash", "flash", None, None)]

    assert changed == [0, 1, 0, 1, 0]
    assert len(facts_page(brand.ledger, "main", kind=GroupKindSaid.kind).rows) == 2
    with brand.ledger.read() as connection:
        noted = connection.scalars(sa.select(audit.c.what).where(audit.c.did == "said what kind groups are of")).all()
    assert noted == ["flash: 1 groups", "as their names sound: 1 groups"]


def test_a_kind_or_group_there_is_not_is_refused_and_nothing_is_said(brand: Brand) -> None:
    client, poets = brand.machine(), number_of(brand.ledger, "poets")

    for given in (
        {"groups": [poets], "kind": "party"}, {"groups": [poets]}, {"groups": [], "kind": "flash"},
        {"groups": list(range(1, 502)), "kind": "flash"}, {"groups": [0], "kind": "flash"},
    ):  # fmt: skip
        refused(client.post("/api/groups/kind", json=given), 422, "not_understood")
    answered = client.post("/api/groups/kind", json={"groups": [poets, 999_999], "kind": "flash"})

    assert refused(answered, 404, "not_found") == {"what": "group", "key": "999999"}
    refused(client.get("/api/groups?kind=party"), 400, "unknown_key")
    assert card(client, poets) == ("custom", False)


def test_only_somebody_of_the_company_says_it(brand: Brand) -> None:
    poets = number_of(brand.ledger, "poets")
    given = {"groups": [poets], "kind": "flash"}
    other = brand.machine(another_company(brand.ledger))

    refused(other.post("/api/groups/kind", json=given), 404, "not_found")
    refused(brand.client().post("/api/groups/kind", json=given), 401, "not_signed_in")
    browser = brand.browser()
    del browser.headers["X-CSRF-Token"]
    refused(browser.post("/api/groups/kind", json=given), 403, "forged_request")

    assert card(brand.machine(), poets) == ("custom", False)
    assert got(brand.machine().get("/api/catalogue"))["group_kinds"][0] == {
        "key": "flash", "zh": "快闪群", "en": "Flash",
    }  # fmt: skip
