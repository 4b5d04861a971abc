"""The page about what is said: kinds of talk, themes, floods, and marking from examples."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.web.scenes import Brand, another_company, give_token, got, number_of, opened, refused, said, sheet

WORDS = {
    "question": "请问海棠诗社周末几点集合？", "complaint": "笺纸还没送到，太慢了", "praise": "这次的笺纸很不错，会回购",
    "advert": "兼职日结，在家可做，加微信详聊 ab12388",
}  # fmt: skip


@pytest.fixture(scope="module")
def poets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brand]:
    """A group in which somebody asks, complains, praises and advertises, and somebody floods it."""
    with opened(tmp_path_factory.mktemp("talk")) as brand:
        give_token(brand.ledger, "main", "a-token-for-tests")
        told = [
            said("poets", f"p{n}", text, f"2026-11-20T08:{n:02}:00Z", f"m{n}") for n, text in enumerate(WORDS.values())
        ]
        told += [
            said(
                "poets",
                f"c{n}",
                ("快递太慢了，物流没动", "包装破了，茶壶碎了")[n % 2] + "！" * n,
                f"2026-11-{n % 20 + 1:02}T09:00:00Z",
                f"c{n}",
            )
            for n in range(24)
        ]
        told += [said("poets", "bajie", f"馒头 {n}", f"2026-11-21T08:00:{n:02}Z", f"f{n}") for n in range(15)]
        brand.track(*told)
        brand.read()
        yield brand


@pytest.fixture
def client(poets: Brand) -> TestClient:
    return poets.machine()


def test_kinds_of_talk_add_up_in_every_group_and_over_all(client: TestClient) -> None:
    page = got(client.get("/api/talk"))

    (group,) = page["groups"]
    assert group["name"] == "poets"
    assert sum(one["share"]["part"] for one in group["classes"].values()) == 43
    assert group["classes"]["advert"]["share"]["part"] == group["metrics"]["advert_share"]["part"] == 1
    assert page["total"]["complaint"]["share"]["part"] == 25
    assert {one["key"] for one in page["classes"]} >= set(group["classes"])
    assert all(one["definition_zh"] and one["definition_en"] for one in page["classes"])


def test_themes_have_words_and_floods_have_reasons(client: TestClient) -> None:
    page = got(client.get("/api/talk"))

    assert {"快递", "物流"} & {word for topic in page["topics"] for word in topic["words"]}
    assert all(len(topic["weeks"]) == len(page["weeks"]) == 8 for topic in page["topics"])
    (flood,) = (flood for flood in page["floods"] if flood["kind"] == "one_person")
    assert (flood["messages"], flood["peak"], flood["person"]["name"]) == (15, 15, "bajie")
    assert all(reason["zh"] and reason["en"] for reason in flood["reasons"])


def test_messages_of_a_kind_a_theme_and_a_flood_are_shown_with_reasons_and_looking_is_noted(
    client: TestClient, poets: Brand
) -> None:
    asked = {"talk": "complaint", "pick": "unsure"}
    items = got(client.get("/api/talk/examples", params=asked))["items"]
    topic = got(client.get("/api/talk/topics/0/messages"))["items"]
    began = next(f["began_us"] for f in got(client.get("/api/talk"))["floods"] if f["kind"] == "one_person")
    flood = got(
        client.get("/api/talk/floods/messages", params={"group": number_of(poets.ledger, "poets"), "began_us": began})
    )["items"]

    assert items
    assert all(item["reasons"] and item["text"] for item in items)
    assert topic
    assert [item["text"] for item in flood] == ["馒头 0", "馒头 1", "馒头 2"]
    assert [row["did"] for row in got(client.get("/api/audit"))["items"][:3]] == ["read words"] * 3


def test_a_message_is_marked_with_its_kind_from_the_examples_and_unmarked(client: TestClient) -> None:
    def marked() -> object:
        (item,) = got(client.get("/api/talk/examples", params={"talk": "praise"}))["items"]
        return item["source_id"], item["marked"], got(client.get("/api/talk"))["marks"]["marked"]

    for talk, counted in (("sharing", {"sharing": 1}), ("advert", {"advert": 1}), (None, {})):
        answered = got(client.post("/api/messages/m2/mark", json={"talk": talk}))

        assert answered == {"source_id": "m2", "advert": None if talk is None else talk == "advert", "talk": talk}
        assert marked() == ("m2", talk, counted)
    refused(client.post("/api/messages/m2/mark", json={"talk": "gossip"}), 422, "not_understood")


def test_the_sheets_hold_what_the_page_shows(client: TestClient) -> None:
    talk, topics, floods = (
        sheet(client.get(f"/api/{path}")) for path in ("talk.csv", "talk/topics.csv", "talk/floods.csv")
    )

    assert talk[0][:3] == ["group", "name", "talk"]
    assert sum(int(row[3]) for row in talk[1:]) == 43
    assert len(topics) == 1 + len(got(client.get("/api/talk"))["topics"])
    assert any(row[2] == "one_person" for row in floods[1:])


def test_what_is_not_there_is_said(client: TestClient, poets: Brand) -> None:
    refused(client.get("/api/talk/topics/77/messages"), 404, "not_found")
    refused(client.get("/api/talk/floods/messages", params={"group": 1, "began_us": 1}), 404, "not_found")
    refused(client.get("/api/talk/examples", params={"talk": "gossip"}), 422, "not_understood")
    stranger = poets.machine(another_company(poets.ledger))
    assert got(stranger.get("/api/talk"))["groups"] == []
    assert got(stranger.get("/api/talk/examples", params={"talk": "complaint"}))["items"] == []


def test_what_was_erased_is_not_among_the_examples_and_no_reading_held_it(client: TestClient, poets: Brand) -> None:
    files = [file.read_bytes() for file in (poets.settings.data / "readings").rglob("*") if file.is_file()]
    told = got(client.get("/api/talk/examples", params={"talk": "complaint"}))["items"]
    (mine,) = (item for item in told if item["text"] == WORDS["complaint"])

    poets.ledger.erase("main", mine["person"], by="tests")

    left = got(client.get("/api/talk/examples", params={"talk": "complaint"}))["items"]
    assert [item["text"] for item in left] == [item["text"] for item in told if item is not mine]
    assert not any("笺纸".encode() in file or "快递".encode() in file for file in files)
