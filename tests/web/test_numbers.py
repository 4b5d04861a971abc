"""One number wherever it is shown, and the facts that it is made of."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from starlette.testclient import TestClient

from tests.web.scenes import Brand, all_pages, got, number_of, refused, said
from tiefen.insight.catalogue import METRICS, Metric
from tiefen.ledger.facts import BY_KIND


def a_group(client: TestClient) -> int:
    """The group in which most is said."""
    number: int = got(client.get("/api/groups?sort=messages&limit=1"))["items"][0]["group"]
    return number


# ---- the catalogue ----------------------------------------------------------------------------------


def test_the_catalogue_names_everything_in_two_languages(looking: TestClient) -> None:
    catalogue = got(looking.get("/api/catalogue"))

    for part in ("metrics", "detectors", "kinds", "formats", "rungs"):
        assert catalogue[part]
        assert all(one["zh"] and one["en"] for one in catalogue[part])


def test_the_lists_show_the_metrics_of_the_catalogue_and_no_others(looking: TestClient) -> None:
    metrics = got(looking.get("/api/catalogue"))["metrics"]

    for per, path in (("group", "groups"), ("person", "persons"), ("source", "sources")):
        known = {m["key"]: m["unit"] for m in metrics if m["per"] == per}
        for row in got(looking.get(f"/api/{path}"))["items"]:
            assert {key: number["unit"] for key, number in row["metrics"].items()} == known


# ---- groups -----------------------------------------------------------------------------------------


def test_a_groups_page_shows_the_numbers_of_the_list(looking: TestClient) -> None:
    for row in all_pages(looking, "/api/groups"):
        page = got(looking.get(f"/api/groups/{row['group']}"))

        assert page["metrics"] == row["metrics"]
        assert {key: page["group"][key] for key in ("name", "stage", "health")} == {
            key: row[key] for key in ("name", "stage", "health")
        }


def test_a_groups_page_holds_together(looking: TestClient) -> None:
    page = got(looking.get(f"/api/groups/{a_group(looking)}"))
    people = {person["person"]: person for person in page["people"]}

    assert sum(person["here"] for person in people.values()) == page["metrics"]["members"]["part"]
    assert sum(person["messages"] for person in people.values()) == page["metrics"]["messages"]["part"]
    assert all(edge["a"] in people and edge["b"] in people for edge in page["edges"])
    assert {leader["person"] for leader in page["leaders"]} <= set(people)
    assert sum(circle["size"] for circle in page["circles"]) == sum(p["circle"] is not None for p in people.values())


def test_the_usual_window_said_aloud_gives_the_usual_numbers(looking: TestClient) -> None:
    group = a_group(looking)
    usual = got(looking.get(f"/api/groups/{group}"))

    same = got(looking.get(f"/api/groups/{group}", params={"as_of": usual["window"]["end"], "days": 30}))

    assert same["metrics"] == usual["metrics"]


def test_other_days_have_other_numbers_that_add_up(looking: TestClient) -> None:
    group = a_group(looking)
    whole = got(looking.get(f"/api/groups/{group}"))
    end = date.fromisoformat(whole["window"]["end"])

    halves = [
        got(looking.get(f"/api/groups/{group}", params={"as_of": str(day), "days": 15}))
        for day in (end, end - timedelta(days=15))
    ]

    assert halves[0]["window"] == {"start": str(end - timedelta(days=14)), "end": str(end)}
    for key in ("messages", "joined", "left"):
        assert sum(half["metrics"][key]["part"] for half in halves) == whole["metrics"][key]["part"]


def test_days_before_the_group_began_have_no_numbers_rather_than_zeros(looking: TestClient) -> None:
    group = a_group(looking)

    metrics = got(looking.get(f"/api/groups/{group}?as_of=2001-01-01&days=7"))["metrics"]

    assert not metrics["speaker_share"]["whole"]
    assert not metrics["members"]["part"]


@pytest.mark.parametrize("days", ["as_of=2199-01-01", "as_of=2199-01-01&days=1"])
def test_days_that_are_still_to_come_are_no_window(looking: TestClient, days: str) -> None:
    refused(looking.get(f"/api/groups/{a_group(looking)}?{days}"), 400, "bad_window")


@pytest.mark.parametrize("days", ["days=0", "days=367", "as_of=yesterday", "as_of=1900-01-01", "as_of=2026-02-30"])
def test_days_that_are_in_no_calendar_are_not_understood(looking: TestClient, days: str) -> None:
    refused(looking.get(f"/api/groups/{a_group(looking)}?{days}"), 422, "not_understood")


@pytest.mark.parametrize("group", ["0", "-1", "x", str(2**63), "1.5"])
def test_what_is_no_number_is_no_group(looking: TestClient, group: str) -> None:
    refused(looking.get(f"/api/groups/{group}"), 422, "not_understood")


def test_a_group_of_which_nothing_has_been_read_yet_has_a_page(brand: Brand) -> None:
    brand.track(said("new-group", "黛玉", "这里有人吗", "2026-11-26T11:00:00Z", "n1"))

    page = got(brand.machine().get(f"/api/groups/{number_of(brand.ledger, 'new-group')}"))

    assert page["group"]["outer_id"] == "new-group"
    assert page["metrics"] == {}


def test_overlap_agrees_with_the_groups_own_pages(looking: TestClient) -> None:
    overlap = got(looking.get("/api/overlap?least=1"))
    pair = overlap["pairs"][0]

    page = got(looking.get(f"/api/groups/{pair['a']}"))

    neighbour = next(other for other in page["overlap"] if other["group"] == pair["b"])
    assert neighbour["shared"] == pair["shared"]
    assert neighbour["jaccard"] == pair["jaccard"]
    assert {g["group"] for g in overlap["groups"]} == {p[side] for p in overlap["pairs"] for side in "ab"}


def test_overlap_can_be_narrowed_and_turned(looking: TestClient) -> None:
    everything = got(looking.get("/api/overlap?least=1"))["pairs"]

    some = got(looking.get("/api/overlap?least=4&sort=jaccard"))["pairs"]

    assert len(some) == sum(pair["shared"] >= 4 for pair in everything)
    likeness = [pair["jaccard"]["part"] / pair["jaccard"]["whole"] for pair in some]
    assert likeness == sorted(likeness, reverse=True)


# ---- down to the facts ------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: f"{m.per}-{m.key}")
def test_every_metric_says_which_facts_it_is_made_of(looking: TestClient, metric: Metric) -> None:
    assert metric.kinds
    assert set(metric.kinds) <= set(BY_KIND)
    path = {"group": "groups", "person": "persons", "source": "sources"}[metric.per]
    somebody = got(looking.get(f"/api/{path}?limit=1"))["items"][0][metric.per]

    behind = got(looking.get("/api/facts", params={"metric": metric.key, metric.per: somebody}))

    assert {fact["kind"] for fact in behind["items"]} <= set(metric.kinds)
    assert behind["definition"]["zh"] == metric.definition_zh
    assert behind["definition"]["source"]
    assert behind["total"] >= len(behind["items"])


def test_a_number_of_messages_is_as_many_facts(looking: TestClient) -> None:
    for row in all_pages(looking, "/api/groups"):
        behind = got(looking.get("/api/facts", params={"metric": "messages", "group": row["group"]}))

        assert behind["total"] == row["metrics"]["messages"]["part"]


def test_what_a_source_cost_is_the_sum_of_its_facts(looking: TestClient) -> None:
    for row in got(looking.get("/api/sources"))["items"]:
        facts = all_pages(looking, "/api/facts", metric="cost", source=row["source"], limit=200)

        if row["metrics"]["cost"]["part"] is not None:
            assert sum(fact["body"]["amount_fen"] for fact in facts) == row["metrics"]["cost"]["part"]


def test_what_somebody_paid_is_the_sum_of_their_facts(looking: TestClient) -> None:
    for row in got(looking.get("/api/persons?sort=money&limit=10"))["items"]:
        facts = all_pages(looking, "/api/facts", metric="money", person=row["person"], limit=200)

        paid = sum(fact["body"]["amount_fen"] for fact in facts if fact["kind"] == "order.paid")
        back = sum(fact["body"]["amount_fen"] for fact in facts if fact["kind"] == "order.refunded")
        assert paid - back == row["metrics"]["money"]["part"]


def test_facts_say_whom_they_are_about_by_name(looking: TestClient) -> None:
    fact = got(looking.get("/api/facts?kind=message.posted&limit=1"))["items"][0]

    assert fact["names"]["group"]
    assert not fact["names"]["member"].startswith("#")


def test_facts_of_some_days_are_of_those_days_in_the_companys_zone(looking: TestClient) -> None:
    group = a_group(looking)
    day = got(looking.get(f"/api/groups/{group}"))["curve"][-3]

    behind = got(
        looking.get(
            "/api/facts", params={"kind": "message.posted", "group": group, "first": day["day"], "last": day["day"]}
        )
    )

    assert behind["total"] == (day["messages"] or 0)


# ---- the first page ---------------------------------------------------------------------------------


def test_the_first_page_adds_up(looking: TestClient) -> None:
    page = got(looking.get("/api/overview"))

    groups, people = all_pages(looking, "/api/groups"), got(looking.get("/api/persons"))["total"]
    assert page["totals"]["groups"]["part"] == len(groups) == sum(stage["groups"] for stage in page["stages"])
    assert page["totals"]["persons"]["part"] == people == sum(rung["persons"] for rung in page["ladder"])
    assert page["totals"]["messages_30d"]["part"] == sum(row["metrics"]["messages"]["part"] for row in groups)
    assert page["facts"] == got(looking.get("/healthz"))["facts"]


def test_findings_come_the_most_urgent_first_and_are_counted(looking: TestClient) -> None:
    found = got(looking.get("/api/findings"))

    urgency = [finding["severity"] for finding in found["items"]]
    assert urgency == sorted(urgency, reverse=True)
    assert sum(count["findings"] for count in found["counts"]) == len(found["items"]) > 0
    assert all(finding["name"] and finding["evidence"] and finding["todo_zh"] for finding in found["items"])


def test_findings_of_one_kind_of_thing_are_about_that(looking: TestClient) -> None:
    for entity in ("group", "person", "source"):
        found = got(looking.get("/api/findings", params={"entity": entity}))["items"]

        assert {finding["entity"] for finding in found} <= {entity}


def test_before_anything_was_read_every_page_says_that_nobody_knows(empty: Brand) -> None:
    client = empty.client()
    client.post("/api/setup", json={"name": "宝钗", "email": "b@example.com", "password": "蘅芜苑里的冷香丸十二两"})

    assert got(client.get("/api/overview"))["reading"] is None
    for path in ("groups", "persons", "sources", "findings", "facts"):
        assert got(client.get(f"/api/{path}"))["items"] == []
    for path in ("groups", "persons", "sources"):
        assert client.get(f"/api/{path}.csv").status_code == 200


def test_facts_that_came_since_the_reading_make_it_stale(brand: Brand) -> None:
    client = brand.machine()
    assert got(client.get("/api/overview"))["reading"]["stale"] is False

    brand.track(said("new-group", "黛玉", "这里有人吗", "2026-11-26T11:00:00Z", "n1"))

    assert got(client.get("/api/overview"))["reading"]["stale"] is True
