"""What is to be expected of people, as the console gets it: forecasts with their errors, offers, interests, roles, seed members."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.scenes import DAIYU, TOKEN, Brand, all_pages, give_token, got, refused, sheet
from tiefen.insight.readings import Readings
from tiefen.insight.roles import ROLES


def page_of(client: TestClient, **query: Any) -> dict[str, Any]:
    person = got(client.get("/api/persons", params=query))["items"][0]["person"]
    page: dict[str, Any] = got(client.get(f"/api/persons/{person}"))
    return page


def test_a_buyers_page_tells_what_to_expect_of_them_by_which_model_and_how_right_it_was(looking: TestClient) -> None:
    page = page_of(looking, sort="frequency")
    forecast = page["forecast"]

    assert [some["days"] for some in forecast["horizons"]] == [90, 365]
    assert 0 < forecast["horizons"][0]["orders"] < forecast["horizons"][1]["orders"]
    assert forecast["horizons"][0]["orders"] == page["metrics"]["expected_orders_90d"]["part"]
    assert forecast["orders_by"] in {test["model"] for test in forecast["tests"]}
    for test in forecast["tests"]:
        if test["came"]:
            assert test["increment_error"] == pytest.approx(test["predicted"] / test["came"] - 1)


def test_of_somebody_who_never_ordered_nothing_is_expected_and_nothing_offered(looking: TestClient) -> None:
    page = page_of(looking, sort="frequency", order="asc")

    assert page["metrics"]["frequency"]["part"] == 0
    assert page["forecast"] is None
    assert page["offers"] == []
    assert page["metrics"]["expected_money_365d"]["part"] is None


def test_the_list_of_who_is_slipping_away_is_that_of_the_forecasts(looking: TestClient) -> None:
    everybody = all_pages(looking, "/api/persons", limit=200)
    for given, wanted in (("true", True), ("false", False)):
        some = all_pages(looking, "/api/persons", slipping=given, limit=200)

        assert {row["person"] for row in some} == {row["person"] for row in everybody if row["slipping"] is wanted}
        rows = sheet(looking.get(f"/api/persons.csv?slipping={given}"))[1:]
        assert len(rows) == len(some)
    told = got(looking.get("/api/forecasts"))["slipping"]
    assert told["part"] == len(all_pages(looking, "/api/persons", slipping="true", limit=200))
    refused(looking.get("/api/persons?slipping=maybe"), 422, "not_understood")


def test_the_models_are_told_with_their_parameters_and_one_of_each_kind_speaks(looking: TestClient) -> None:
    models = got(looking.get("/api/forecasts"))["models"]

    assert {model["model"] for model in models} >= {"bg_nbd", "pooled_rate", "gamma_gamma", "pooled_mean"}
    assert sum(model["spoke"] for model in models if model["of"] == "orders") == 1
    assert all(model["spoke"] or model["of"] for model in models)
    for model in models:
        assert bool(model["parameters"]) == (model["log_likelihood"] is not None)
    assert len(sheet(looking.get("/api/forecast-models.csv"))) == 1 + len(models)


@pytest.mark.parametrize("name", ["forecasts", "offers", "interests"])
def test_everybodys_rows_come_as_csv_with_their_names(looking: TestClient, name: str) -> None:
    header, *rows = sheet(looking.get(f"/api/{name}.csv"))

    assert header[:2] == ["person", "name"]
    if name == "forecasts":
        assert len(rows) == got(looking.get("/api/forecasts"))["people"] > 0
        assert all(len(row) == len(header) for row in rows)


def test_people_are_narrowed_to_any_role_and_a_page_tells_the_numbers_behind_it(looking: TestClient) -> None:
    for role in ROLES:
        for row in got(looking.get("/api/persons", params={"role": role, "limit": 1}))["items"]:
            standing = got(looking.get(f"/api/persons/{row['person']}"))["standing"]

            assert standing["role"] == role == row["role"]
            assert standing["answered_by"] >= 0


def test_seed_members_are_shown_beside_the_rest_and_as_csv(looking: TestClient) -> None:
    items = got(looking.get("/api/seed-members"))["items"]

    assert [row["group"] for row in items[:2]] in ([], [None, None])
    for row in items:
        assert row["stayed"]["part"] <= row["stayed"]["whole"] == row["members"]
    assert len(sheet(looking.get("/api/seed-members.csv"))) == 1 + len(items)


def test_what_draws_somebody_is_on_their_page_with_its_signs(brand: Brand) -> None:
    brand.track(
        *(
            {
                "type": "page", "userId": "daiyu-1", "messageId": f"p{n}", "timestamp": f"2026-11-2{n}T08:00:00Z",
                "name": "诗笺", "properties": {"path": "/poems"},
            }
            for n in range(3)
        )
    )  # fmt: skip
    brand.read()

    interests = page_of(brand.machine(), q=DAIYU)["interests"]

    assert (interests[0]["looked"], interests[0]["need"]) == (3, True)


def test_before_the_first_reading_nothing_is_known_and_nothing_breaks(empty: Brand) -> None:
    give_token(empty.ledger, "main", TOKEN)
    client = empty.machine()

    for path in ("/api/forecasts", "/api/seed-members"):
        assert got(client.get(path))["reading"] is None
    for name in ("forecasts", "forecast-models", "offers", "interests", "seed-members"):
        assert len(sheet(client.get(f"/api/{name}.csv"))) == 1


def test_a_reading_of_an_earlier_version_without_these_tables_is_shown_without_them(brand: Brand) -> None:
    reading = Readings(brand.settings).current("main")
    assert reading is not None
    folder = reading.folder
    for name in (
        "person_forecasts",
        "person_models",
        "person_offers",
        "person_interests",
        "person_roles",
        "seed_members",
    ):
        (folder / f"{name}.parquet").unlink()

    page = page_of(brand.machine(), sort="frequency")

    assert (page["forecast"], page["offers"], page["interests"], page["standing"]) == (None, [], [], None)
    assert got(brand.machine().get("/api/persons?slipping=true"))["items"] == []
    assert got(brand.machine().get("/api/forecasts"))["models"] == []
