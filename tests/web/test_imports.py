"""Importing in the console: upload, look, map, start, watch, repair, read again, stop."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from tests.web.scenes import Brand, all_pages, got, refused, sheet
from tiefen.intake.files import importer

ORDERS = "订单号,手机号,实付金额,付款时间\nT1,13800000001,12.50,2026-11-01 10:00\nT2,13800000002,贵,2026-11-02 10:00\nT3,13800000003,9.90,2026-11-03 10:00\n"  # fmt: skip
CHAT = "time,sender,text\n2026-11-01 09:00:00,阿福,早上好\n2026-11-01 09:01:00,小满,早\n"


def upload(client: TestClient, text: str | bytes, name: str = "orders.csv", format: str = "orders") -> httpx.Response:
    content = text.encode() if isinstance(text, str) else text
    return client.post("/api/imports", files={"file": (name, content)}, data={"format": format} if format else {})


def uploaded(client: TestClient, text: str | bytes = ORDERS, **more: str) -> str:
    number: str = got(upload(client, text, **more))["import_id"]
    return number


def finished(client: TestClient, text: str = ORDERS) -> str:
    """An import that ran to its end."""
    import_id = uploaded(client, text)
    got(client.post(f"/api/imports/{import_id}/start"))
    assert got(client.get(f"/api/imports/{import_id}"))["state"] == "finished"
    return import_id


# ---- looking and mapping ----------------------------------------------------------------------------


def test_an_upload_shows_what_was_understood_and_keeps_nothing_yet(brand: Brand) -> None:
    before = brand.ledger.facts()

    shown = got(upload(brand.browser(), ORDERS))

    assert shown["state"] == "mapping"
    assert shown["preview"]["format"] == "orders"
    assert shown["preview"]["mapping"]["amount"] == "实付金额"
    assert shown["preview"]["will_reject"] == 1
    assert brand.ledger.facts() == before


def test_the_format_is_guessed_where_nobody_says_it(brand: Brand) -> None:
    assert got(upload(brand.browser(), CHAT, "talk.csv", ""))["format"] == "chat"


def test_a_column_can_be_mapped_by_hand_and_the_preview_follows(brand: Brand) -> None:
    client = brand.browser()
    import_id = uploaded(client, ORDERS.replace("实付金额", "某数"))

    preview = got(
        client.put(
            f"/api/imports/{import_id}/mapping",
            json={
                "format": "orders",
                "columns": {"order_id": "订单号", "amount": "某数", "ts": "付款时间", "phone": "手机号"},
            },
        )
    )["preview"]

    assert preview["mapping"]["amount"] == "某数"
    assert got(client.get(f"/api/imports/{import_id}"))["preview"] == preview


def test_a_mapping_to_a_column_that_is_not_there_is_refused(brand: Brand) -> None:
    client = brand.browser()
    import_id = uploaded(client)

    answer = client.put(f"/api/imports/{import_id}/mapping", json={"format": "orders", "columns": {"amount": "价钱"}})

    assert answer.status_code in {400, 422}
    assert "价钱" in answer.text


@pytest.mark.parametrize(
    "wrong", [{"format": "x"}, {"format": "orders", "options": {"time_zone": "Moon/Base"}}, {}, {"format": "orders", "columns": {"no_such_field": "订单号"}},
              {"format": "orders", "encoding": "klingon"}, {"format": "orders", "delimiter": "abc"}]
)  # fmt: skip
def test_a_mapping_that_cannot_be_is_refused_in_words(brand: Brand, wrong: dict[str, Any]) -> None:
    client = brand.browser()
    import_id = uploaded(client)

    answer = client.put(f"/api/imports/{import_id}/mapping", json=wrong)

    assert answer.status_code in {400, 404, 422}
    assert answer.json()["message"]


def test_a_mapping_is_remembered_for_the_next_file_of_this_shape(brand: Brand) -> None:
    client = brand.browser()
    text = ORDERS.replace("实付金额", "某数").replace("T2,13800000002,贵", "T2,13800000002,8")
    first = uploaded(client, text)
    columns = {"order_id": "订单号", "amount": "某数", "ts": "付款时间", "phone": "手机号"}
    got(client.put(f"/api/imports/{first}/mapping", json={"format": "orders", "columns": columns}))
    got(client.post(f"/api/imports/{first}/start"))

    again = got(upload(client, text.replace("T1", "T9")))

    assert again["preview"]["mapping"]["amount"] == "某数"


# ---- running ----------------------------------------------------------------------------------------


def test_an_import_keeps_what_it_can_and_says_how_much(brand: Brand) -> None:
    client = brand.browser()

    import_id = finished(client)

    told = got(client.get(f"/api/imports/{import_id}"))
    assert (told["accepted"] > 0, told["rejected"], told["progress"]) == (True, 1, 1.0)
    assert got(client.get("/api/imports"))["items"][0]["import_id"] == import_id
    assert [entry["did"] for entry in got(client.get("/api/audit"))["items"][:2]] == [
        "started an import",
        "uploaded a file",
    ]


def test_the_same_file_again_changes_nothing(brand: Brand) -> None:
    client = brand.browser()
    finished(client)
    before = brand.ledger.facts()

    again = got(client.get(f"/api/imports/{finished(client)}"))

    assert again["accepted"] == 0
    assert again["duplicates"] > 0
    assert brand.ledger.facts() == before


def test_an_import_under_way_says_how_far_it_is(brand: Brand) -> None:
    client = brand.browser()
    brand.worker.waiting = True
    import_id = uploaded(client)
    got(client.post(f"/api/imports/{import_id}/start"))
    brand.worker.jobs[f"import:{import_id}"] = {"fraction": 0.25, "zh": "导入中", "en": "Importing", "seconds": 1.0}

    told = got(client.get(f"/api/imports/{import_id}"))

    assert told["state"] == "queued"
    assert told["progress"] == 0.25
    assert got(client.get("/api/work"))["jobs"][f"import:{import_id}"]["en"] == "Importing"


def test_an_import_that_began_cannot_begin_again_or_be_mapped_differently(brand: Brand) -> None:
    client = brand.browser()
    import_id = finished(client)

    for answer in (
        client.post(f"/api/imports/{import_id}/start"),
        client.put(f"/api/imports/{import_id}/mapping", json={"format": "orders"}),
    ):
        refused(answer, 409, "import_state")


def test_an_import_that_was_stopped_while_it_waited_keeps_nothing(brand: Brand) -> None:
    client = brand.browser()
    brand.worker.waiting = True
    import_id = uploaded(client)
    got(client.post(f"/api/imports/{import_id}/start"))
    before = brand.ledger.facts()

    stopped = got(client.post(f"/api/imports/{import_id}/cancel"))
    importer.run(brand.ledger, import_id)  # the worker comes to it in its queue

    assert stopped["state"] == got(client.get(f"/api/imports/{import_id}"))["state"] == "cancelled"
    assert brand.ledger.facts() == before


def test_an_import_that_was_stopped_can_be_started_again(brand: Brand) -> None:
    client = brand.browser()
    import_id = uploaded(client)
    got(client.post(f"/api/imports/{import_id}/cancel"))

    got(client.post(f"/api/imports/{import_id}/start"))

    assert got(client.get(f"/api/imports/{import_id}"))["state"] == "finished"


def test_a_finished_import_cannot_be_stopped(brand: Brand) -> None:
    client = brand.browser()

    assert got(client.post(f"/api/imports/{finished(client)}/cancel"))["state"] == "finished"


# ---- rejects ----------------------------------------------------------------------------------------


def test_a_refused_row_is_shown_as_it_came_with_its_place_and_why(brand: Brand) -> None:
    client = brand.browser()
    import_id = finished(client)

    [row] = got(client.get(f"/api/imports/{import_id}/rejects"))["items"]

    assert row["raw"]["实付金额"] == "贵"
    assert row["code"]
    assert row["position"] == 2


def test_a_refused_row_is_mended_and_kept(brand: Brand) -> None:
    client = brand.browser()
    import_id = finished(client)
    [row] = got(client.get(f"/api/imports/{import_id}/rejects"))["items"]
    before = brand.ledger.facts()
    where = f"/api/imports/{import_id}/rejects/{row['reject_id']}"

    assert got(client.post(where, json={"raw": row["raw"]}))["kept"] is False
    assert got(client.post(where, json={"raw": row["raw"] | {"实付金额": "88"}}))["kept"] is True

    assert brand.ledger.facts() > before
    told = got(client.get(f"/api/imports/{import_id}"))
    assert told["rejected"] == 0
    refused(client.post(where, json={"raw": row["raw"]}), 404, "not_found")


def test_refused_rows_are_read_again_as_they_are(brand: Brand) -> None:
    client = brand.browser()
    import_id = finished(client)

    assert got(client.post(f"/api/imports/{import_id}/replay"))["rejected"] == 1
    assert len(got(client.get(f"/api/imports/{import_id}/rejects"))["items"]) == 1


def test_many_refused_rows_come_page_by_page_and_all_in_the_csv(brand: Brand) -> None:
    client = brand.browser()
    rows = "".join(f"R{n},13800000001,贵,2026-11-01 10:00\n" for n in range(120))
    import_id = finished(client, "订单号,手机号,实付金额,付款时间\n" + rows)

    shown = all_pages(client, f"/api/imports/{import_id}/rejects", limit=50)
    heading, *lines = sheet(client.get(f"/api/imports/{import_id}/rejects.csv"))

    assert [row["raw"]["订单号"] for row in shown] == [f"R{n}" for n in range(120)] == [line[0] for line in lines]
    assert heading[-3:] == ["_row", "_why", "_facts"]


def test_refused_rows_in_a_csv_are_no_formulas(brand: Brand) -> None:
    client = brand.browser()
    import_id = finished(client, "订单号,手机号,实付金额,付款时间\n=cmd(),13800000001,贵,2026-11-01 10:00\n")

    _, [order, *_] = sheet(client.get(f"/api/imports/{import_id}/rejects.csv"))

    assert order == "'=cmd()"


def test_events_that_were_refused_are_shown_with_why(brand: Brand) -> None:
    brand.track(
        {"type": "track", "event": "Order Completed", "userId": "u1", "messageId": "bad", "properties": {"total": "贵"}}
    )

    rows = got(brand.machine().get("/api/rejected-events"))["items"]

    assert rows[0]["raw"]["messageId"] == "bad"
    assert rows[0]["code"]
    assert all(row["origin"].startswith("key:") for row in rows)


# ---- files that are none ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", b""), ("a.csv", b"\n\n\n"), ("a.xlsx", b"not a workbook"), ("a.zip", b"PK\x03\x04broken"), ("a.parquet", b"PAR1"),
     ("a.csv", b"\x00\x01\x02\xff" * 50), ("a.jsonl", b"{broken"), ("a.json", b"[" * 5000), ("a.gz", b"\x1f\x8b\x08")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_in_words_and_not_kept(brand: Brand, name: str, content: bytes) -> None:
    client = brand.browser()
    before = len(got(client.get("/api/imports"))["items"])

    answer = upload(client, content, name, "")

    if answer.status_code == 200:
        assert got(answer)["preview"]["missing"] or got(answer)["preview"]["will_reject"]
    else:
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.json()["message"]
        assert len(got(client.get("/api/imports"))["items"]) == before
        assert not [
            path for path in (brand.settings.data / "uploads").rglob("*") if path.is_file() and path.suffix != ".csv"
        ]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.csv", "..\\..\\boot.csv", "a/b\0c.csv", "名" * 300 + ".csv", "<script>.csv"]
)
def test_the_name_of_a_file_leads_nowhere(brand: Brand, name: str) -> None:
    import_id = uploaded(brand.browser(), ORDERS, name=name)

    kept = [path for path in (brand.settings.data / "uploads" / "main" / import_id).rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert ".." not in kept[0].name


def test_an_upload_without_a_file_is_not_understood(brand: Brand) -> None:
    refused(brand.browser().post("/api/imports", data={"format": "orders"}), 422, "not_understood")


def test_an_import_that_never_was_is_not_there(seen: Brand) -> None:
    refused(seen.machine().get("/api/imports/nothing"), 404, "not_found")
