"""Plans over HTTP: everybody of the groups has a part, CSV and page agree, and what cannot be is said."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.scenes import Brand, another_company, got, refused, sheet


@pytest.fixture(scope="module")
def largest(looking: TestClient) -> list[int]:
    """The groups, those with most members first."""
    items = got(looking.get("/api/groups?sort=members&order=desc"))["items"]
    return [row["group"] for row in items]


@pytest.fixture(scope="module")
def split(looking: TestClient, largest: list[int]) -> Any:
    return got(looking.get(f"/api/split?groups={largest[0]}&parts=3&near=city:1"))


def test_everybody_of_the_group_has_a_part_and_a_reason(split: Any) -> None:
    plan = split["plan"]

    assert len(plan["people"]) == split["people"] == sum(part["size"] for part in plan["parts"])
    assert all(person["reasons"] for person in plan["people"])
    assert max(part["size"] for part in plan["parts"]) <= plan["cap"]
    assert [sum(p["part"] == part["part"] for p in plan["people"]) for part in plan["parts"]] == [
        part["size"] for part in plan["parts"]
    ]


def test_what_people_are_drawn_to_may_bring_them_together(looking: TestClient, largest: list[int]) -> None:
    plan = got(looking.get(f"/api/split?groups={largest[0]}&parts=2&near=interest:3"))

    offered = {attribute["key"]: attribute for attribute in plan["attributes"]}
    assert 2 <= len(offered["interest"]["values"]) <= 12
    assert offered["interest"]["known"] > plan["people"] / 4


def test_a_plan_cuts_less_than_lots(split: Any) -> None:
    plan = split["plan"]

    assert plan["cut"]["part"] < plan["cut_by_lot"]["part"] < plan["cut"]["whole"]
    assert plan["cut"]["part"] == pytest.approx(sum(map(sum, plan["between"])))


def test_the_sheet_tells_what_the_page_tells(looking: TestClient, largest: list[int], split: Any) -> None:
    heading, *rows = sheet(looking.get(f"/api/split.csv?groups={largest[0]}&parts=3&near=city:1"))

    assert [(int(r[heading.index("person")]), int(r[heading.index("part")]) - 1) for r in rows] == [
        (person["person"], person["part"]) for person in split["plan"]["people"]
    ]


def test_people_of_two_groups_are_placed_once(looking: TestClient, largest: list[int]) -> None:
    both = f"{largest[0]},{largest[1]}"
    plan = got(looking.get(f"/api/split?groups={both}&cap=40"))["plan"]
    merged = got(looking.get(f"/api/merge?groups={both}"))["merge"]

    people = [person["person"] for person in plan["people"]]
    assert len(people) == len(set(people)) == merged["people"]
    assert merged["keeper"] in largest[:2]
    assert sum(row["people"] for row in merged["invited"]) < merged["people"]


def test_a_merge_as_a_sheet_names_whoever_must_be_asked_over(looking: TestClient, largest: list[int]) -> None:
    both = f"{largest[0]},{largest[1]}"
    merged = got(looking.get(f"/api/merge?groups={both}"))["merge"]

    heading, *rows = sheet(looking.get(f"/api/merge.csv?groups={both}"))

    assert len(rows) == merged["people"]
    assert sum(bool(row[heading.index("asked_over_from")]) for row in rows) == sum(
        r["people"] for r in merged["invited"]
    )


def test_what_cannot_be_is_an_answer(looking: TestClient, largest: list[int]) -> None:
    answer = got(looking.get(f"/api/split?groups={largest[0]}&parts=2&cap=3"))

    assert answer["plan"] is None
    assert answer["impossible"]["code"] == "no_room"
    assert answer["impossible"]["needed"] * 3 >= answer["people"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("split?groups=dream", "bad_groups"), ("split?groups=1,1,", "bad_groups"), ("merge?groups={0}", "bad_groups"),
        ("split?groups={0}&near=city", "bad_wish"), ("split?groups={0}&near=city:9", "bad_wish"),
        ("split?groups={0}&contrast=sex:nan", "bad_wish"), ("split?groups={0}&ties=inf", "not_understood"),
    ],
)  # fmt: skip
def test_wishes_that_are_none_are_refused(looking: TestClient, largest: list[int], path: str, code: str) -> None:
    refused(looking.get(f"/api/{path.format(largest[0])}"), 422, code)


def test_another_company_has_no_such_group(seen: Brand, largest: list[int]) -> None:
    other = seen.machine(another_company(seen.ledger))

    refused(other.get(f"/api/split?groups={largest[0]}"), 404, "not_found")
    refused(other.get(f"/api/merge.csv?groups={largest[0]},{largest[1]}"), 404, "not_found")
