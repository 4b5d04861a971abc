"""The lists of groups, people, sources and facts: pages, order, filters, CSV, and the browser's own copy."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.scenes import Brand, all_pages, got, refused, said, sheet
from tiefen.insight.catalogue import metrics_per

GROUP_ORDERS = ["sickness", "last_spoke_on", *(m.key for m in metrics_per("group"))]
PERSON_ORDERS = ["rung", "last_seen_at", *(m.key for m in metrics_per("person"))]


def value(row: dict[str, Any], key: str) -> float | None:
    """What a list is sorted by: a metric's value, None where nobody knows."""
    number = row["metrics"][key]
    return number["part"] / number["whole"] if number["whole"] and number["part"] is not None else None


# ---- pages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", GROUP_ORDERS)
def test_pages_of_groups_show_every_group_once_in_every_order(looking: TestClient, sort: str, order: str) -> None:
    rows = all_pages(looking, "/api/groups", sort=sort, order=order, limit=5)

    shown = [row["group"] for row in rows]
    assert len(shown) == len(set(shown)) == got(looking.get("/api/groups"))["total"]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", PERSON_ORDERS)
def test_pages_of_people_show_everybody_once_in_every_order(looking: TestClient, sort: str, order: str) -> None:
    rows = all_pages(looking, "/api/persons", sort=sort, order=order, limit=130)

    shown = [row["person"] for row in rows]
    assert len(shown) == len(set(shown)) == got(looking.get("/api/persons"))["total"]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", [m.key for m in metrics_per("person")])
def test_people_come_in_order_and_who_is_unknown_comes_last(looking: TestClient, sort: str, order: str) -> None:
    rows = all_pages(looking, "/api/persons", sort=sort, order=order, limit=200)

    values = [value(row, sort) for row in rows]
    known = [number for number in values if number is not None]
    assert known == sorted(known, reverse=order == "desc")
    assert values == known + [None] * (len(values) - len(known))


def test_pages_of_facts_show_every_fact_once_newest_first(looking: TestClient) -> None:
    first = got(looking.get("/api/facts", params={"kind": "order.paid"}))

    rows = all_pages(looking, "/api/facts", kind="order.paid", limit=37)

    assert len({row["seq"] for row in rows}) == len(rows) == first["total"]
    assert [row["happened_at"] for row in rows] == sorted((row["happened_at"] for row in rows), reverse=True)


def test_a_page_begins_where_the_last_one_ended_however_much_came_in_between(brand: Brand) -> None:
    client = brand.machine()
    group = got(client.get("/api/groups?limit=1"))["items"][0]["group"]
    before = [row["seq"] for row in all_pages(client, f"/api/groups/{group}/messages", limit=200)]
    outer = got(client.get(f"/api/groups/{group}"))["group"]["outer_id"]

    shown, after = [], None
    while True:
        page = got(
            client.get(f"/api/groups/{group}/messages", params={"limit": 40} | ({"after": after} if after else {}))
        )
        shown += [row["seq"] for row in page["items"]]
        after = page["next"]
        if after is None:
            break
        brand.track(*(said(outer, "黛玉", "又来了", "2026-11-26T11:00:00Z", f"{after}-{n}") for n in range(3)))

    assert [seq for seq in shown if seq in set(before)] == before


@pytest.mark.slow
def test_pages_stay_whole_while_everything_is_read_anew(brand: Brand) -> None:
    client = brand.machine()
    answer = client.get("/api/persons?sort=money&limit=100")
    first = got(answer)
    brand.track({"type": "identify", "userId": "妙玉", "traits": {"name": "妙玉"}, "messageId": "n1"})
    brand.read()

    rest = all_pages(client, "/api/persons", sort="money", limit=100, after=first["next"])

    assert not {row["person"] for row in first["items"]} & {row["person"] for row in rest}
    again = client.get("/api/persons?sort=money&limit=100", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 200  # what the browser kept is of the reading before


BAD = ["x", "%%%", "null", base64.b64encode(b"[1,2]").decode(), base64.b64encode(b"nothing").decode(), "A" * 1999, "错",
       base64.urlsafe_b64encode(b'["audit",9e99]').decode(), base64.urlsafe_b64encode(b"[" * 900).decode()]  # fmt: skip


@pytest.mark.parametrize("after", BAD)
@pytest.mark.parametrize("path", ["groups", "persons", "facts", "audit", "rejected-events"])
def test_a_cursor_that_no_list_gave_out_is_refused(looking: TestClient, path: str, after: str) -> None:
    refused(looking.get(f"/api/{path}", params={"after": after}), 400, "bad_cursor")


def test_a_cursor_of_one_order_is_no_cursor_of_another(looking: TestClient) -> None:
    cursor = got(looking.get("/api/groups?sort=members&limit=2"))["next"]

    for elsewhere in (
        "groups?sort=messages",
        "groups?sort=members&order=asc",
        "persons?sort=money",
        "facts?",
        "audit?",
    ):
        refused(looking.get(f"/api/{elsewhere}&after={cursor}"), 400, "bad_cursor")


@pytest.mark.parametrize(
    "wrong", ["after=", "limit=0", "limit=201", "limit=x", "limit=-1", "order=up", "sort=" + "x" * 201]
)
def test_a_page_that_cannot_be_is_not_understood(looking: TestClient, wrong: str) -> None:
    refused(looking.get(f"/api/groups?{wrong}"), 422, "not_understood")


# ---- filters ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["groups", "persons"])
@pytest.mark.parametrize("wrong", ["sort=price", "sort=1;DROP TABLE groups", "sort=members_part"])
def test_an_unknown_order_is_refused_by_name(looking: TestClient, path: str, wrong: str) -> None:
    facts = refused(looking.get(f"/api/{path}?{wrong}"), 400, "unknown_key")

    assert facts["key"] == wrong.removeprefix("sort=")


@pytest.mark.parametrize(
    "wrong", ["groups?stage=old", "groups?health='", "groups?finding=x", "persons?rung=x", "persons?role=x",
              "findings?detector=x", "facts?kind=x", "facts?metric=x"]
)  # fmt: skip
def test_an_unknown_filter_is_refused(looking: TestClient, wrong: str) -> None:
    refused(looking.get(f"/api/{wrong}"), 400, "unknown_key")


@pytest.mark.parametrize("column", ["stage", "health"])
def test_groups_can_be_narrowed_and_the_parts_add_up(looking: TestClient, column: str) -> None:
    everything = all_pages(looking, "/api/groups")

    for one in {row[column] for row in everything}:
        narrowed = got(looking.get("/api/groups", params={column: one, "limit": 200}))

        assert narrowed["total"] == len(narrowed["items"]) == sum(row[column] == one for row in everything)
        assert {row[column] for row in narrowed["items"]} == {one}


@pytest.mark.parametrize("column", ["rung", "role", "source"])
def test_people_can_be_narrowed_and_the_parts_add_up(looking: TestClient, column: str) -> None:
    everything = all_pages(looking, "/api/persons", limit=200)

    for one in {row[column] for row in everything} - {None}:
        narrowed = all_pages(looking, "/api/persons", limit=200, **{column: one})

        assert len(narrowed) == sum(row[column] == one for row in everything) > 0


def test_groups_can_be_narrowed_to_those_that_something_was_found_about(looking: TestClient) -> None:
    for count in got(looking.get("/api/findings"))["counts"]:
        found = got(looking.get("/api/findings", params={"detector": count["detector"]}))["items"]
        groups = {f["entity_id"] for f in found if f["entity"] == "group"} | {
            f["other"]["id"] for f in found if f["other"]
        }

        narrowed = all_pages(looking, "/api/groups", finding=count["detector"])

        assert {row["group"] for row in narrowed} == groups


def test_people_are_found_by_name_and_by_id(looking: TestClient) -> None:
    somebody = got(looking.get("/api/persons?limit=1"))["items"][0]
    ids = got(looking.get(f"/api/persons/{somebody['person']}"))["person"]["ids"]

    for words in (somebody["name"], somebody["name"][1:3], ids[0]["value"]):
        assert somebody["person"] in {row["person"] for row in all_pages(looking, "/api/persons", q=words, limit=200)}


@pytest.mark.parametrize("words", ["%", "__", "没有这个人", "'; DROP TABLE people; --", "\\"])
def test_words_that_are_in_no_name_find_nobody(looking: TestClient, words: str) -> None:
    assert got(looking.get("/api/persons", params={"q": words}))["items"] == []
    assert got(looking.get("/api/groups", params={"q": words}))["items"] == []


def test_text_that_no_store_can_keep_is_not_understood(looking: TestClient) -> None:
    refused(looking.get("/api/persons", params={"q": "a\0b"}), 422, "not_understood")


# ---- CSV --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "sort=members&order=asc", "health=fading", "q=茶&sort=messages"])
def test_the_csv_of_groups_has_the_rows_of_the_list_in_its_order(looking: TestClient, query: str) -> None:
    listed = all_pages(looking, f"/api/groups?{query}")

    heading, *rows = sheet(looking.get(f"/api/groups.csv?{query}"))

    assert [row[:2] for row in rows] == [[str(row["group"]), row["name"]] for row in listed]
    at = heading.index("messages_part")
    assert [float(row[at]) for row in rows] == [row["metrics"]["messages"]["part"] for row in listed]


@pytest.mark.parametrize("query", ["", "sort=messages&order=asc", "rung=fan", "q=团", "source=2"])
def test_the_csv_of_people_has_the_rows_of_the_list_in_its_order(looking: TestClient, query: str) -> None:
    listed = all_pages(looking, f"/api/persons?{query}")

    _, *rows = sheet(looking.get(f"/api/persons.csv?{query}"))

    assert [row[:2] for row in rows] == [[str(row["person"]), row["name"]] for row in listed]


def test_the_csv_of_sources_has_the_rows_of_the_list(looking: TestClient) -> None:
    listed = got(looking.get("/api/sources"))["items"]

    _, *rows = sheet(looking.get("/api/sources.csv"))

    assert [row[:2] for row in rows] == [[str(row["source"]), row["name"]] for row in listed]


def test_a_csv_opens_in_a_spreadsheet_and_is_kept_by_nobody(looking: TestClient) -> None:
    answer = looking.get("/api/persons.csv")

    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "no-store" in answer.headers["cache-control"]


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "＝1+1", '=HYPERLINK("http://evil")', "-2+3"]


def test_a_name_that_would_be_a_formula_is_none_in_the_csv(brand: Brand) -> None:
    brand.track(
        *(
            {"type": "identify", "userId": f"u{n}", "traits": {"name": name}, "messageId": f"n{n}"}
            for n, name in enumerate(FORMULAS)
        )
    )
    brand.read()

    names = {row[1] for row in sheet(brand.machine().get("/api/persons.csv"))}

    assert {name for name in names if name.startswith("'")} >= {f"'{name.strip()}" for name in FORMULAS[:4]}
    assert not any(name.lstrip(" ")[:1] in "=+-@＝" for name in names)


# ---- the browser's copy -----------------------------------------------------------------------------

KEPT = ["overview", "groups", "groups?sort=members", "persons", "sources", "findings", "overlap", "catalogue"]


@pytest.mark.parametrize("path", KEPT)
def test_an_answer_that_has_not_changed_is_not_sent_again(looking: TestClient, path: str) -> None:
    first = looking.get(f"/api/{path}")

    again = looking.get(f"/api/{path}", headers={"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert "private" in first.headers["cache-control"]
