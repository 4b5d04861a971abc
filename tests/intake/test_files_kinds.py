"""The same rows in every kind of file, encoding and way of writing times and amounts."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.intake.scenes import facts_of, keep, refused_rows
from tiefen.intake.files import importer
from tiefen.kit.clock import from_us
from tiefen.ledger.ledger import Ledger

HEADER = ["时间", "昵称", "群名", "内容"]
ROWS = [
    ["2026-03-01 10:00:00", "黛玉", "诗社", "你好吗？"],
    ["2026-03-01 10:01:00", "悟空", "诗社", "俺老孙, 好\n“得很”"],
    ["2026-03-02 00:30:00", "八戒", "取经", "饿了 🍉"],
]
TEN = datetime(2026, 3, 1, 2, tzinfo=UTC)
"""Ten o'clock in Shanghai."""


def _csv(delimiter: str = ",", ending: str = "\n", encoding: str = "utf-8") -> bytes:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if set(text) & {delimiter, "\n", '"'} else text

    return "".join(delimiter.join(map(cell, row)) + ending for row in [HEADER, *ROWS]).encode(encoding)


def _objects() -> list[dict[str, Any]]:
    return [dict(zip(HEADER, row, strict=True)) for row in ROWS]


def _lines(encoding: str = "utf-8") -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in _objects()).encode(encoding)


def _list(encoding: str = "utf-8") -> bytes:
    return json.dumps(_objects(), ensure_ascii=False, indent=1).encode(encoding)


def _parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(_objects()), sink)
    return sink.getvalue()


def _excel() -> bytes:
    book = openpyxl.Workbook()
    for row in [HEADER, *ROWS]:
        book.active.append(row)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


KINDS = {
    "csv": _csv(), "csv with a mark": _csv(encoding="utf-8-sig"), "csv gb18030": _csv(encoding="gb18030"),
    "csv utf-16": _csv(encoding="utf-16"), "csv of windows": _csv(ending="\r\n"), "csv of an old mac": _csv(ending="\r"),
    "tsv": _csv("\t"), "semicolons": _csv(";"), "bars": _csv("|"), "csv.gz": gzip.compress(_csv()),
    "tsv.gz gb18030": gzip.compress(_csv("\t", encoding="gb18030")), "lines": _lines(), "lines with a mark": _lines("utf-8-sig"),
    "lines gb18030": _lines("gb18030"), "lines utf-16": _lines("utf-16"), "lines.gz": gzip.compress(_lines()),
    "list": _list(), "list with a mark": _list("utf-8-sig"), "list gb18030": _list("gb18030"), "list utf-16": _list("utf-16"),
    "list.gz": gzip.compress(_list()), "parquet": _parquet(), "xlsx": _excel(),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_rows_are_understood_whatever_holds_them(ledger: Ledger, tmp_path: Path, kind: str) -> None:
    done = keep(ledger, tmp_path / "聊天.bin", KINDS[kind])

    assert (done.accepted, done.rejected) == (3, 0)
    first, second, third = facts_of(ledger, "message.posted")
    assert from_us(first.happened_us) == TEN
    assert first.body["is_question"] is True
    assert (second.body["group"] == first.body["group"], third.body["group"] == first.body["group"]) == (True, False)


def test_one_file_in_every_kind_counts_once(ledger: Ledger, tmp_path: Path) -> None:
    done = [keep(ledger, tmp_path / f"{n}.bin", content) for n, content in enumerate(KINDS.values())]

    assert [one.accepted for one in done] == [3] + [0] * (len(KINDS) - 1)
    assert len(facts_of(ledger, "message.posted")) == 3


# ---- times ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    ["2026-03-01 10:00", "2026/3/1 10:00:00", "2026.3.1 10:00", "2026年3月1日 上午10点", "2026年3月1日 10:00", "20260301100000",
     "2026-03-01T02:00:00Z", "2026-03-01T10:00:00+08:00", "2026-02-28 21:00:00-05:00", "3/1/2026 10:00 AM", "1772330400",
     "1772330400000", "1772330400000000", "46082.4166666667"],
)  # fmt: skip
def test_one_instant_is_read_in_each_way_people_write_it(ledger: Ledger, tmp_path: Path, written: str) -> None:
    keep(ledger, tmp_path / "a.csv", f"time,sender,group,text\n{written},黛玉,诗社,好\n", format="chat")

    (fact,) = facts_of(ledger)
    assert abs((from_us(fact.happened_us) - TEN).total_seconds()) < 1


def test_rows_of_several_time_zones_stand_in_the_order_they_happened(ledger: Ledger, tmp_path: Path) -> None:
    rows = [
        "2026-03-01T10:00:00+08:00,a",
        "2026-03-01T03:00:00Z,b",
        "2026-02-28T23:00:00-05:00,c",
        "2026-03-01 13:00,d",
    ]
    keep(ledger, tmp_path / "a.csv", "time,sender,group,text\n" + "".join(f"{row},诗社,好\n" for row in rows))

    hours = [from_us(fact.happened_us).hour for fact in facts_of(ledger)]
    assert hours == [2, 3, 4, 5]


def test_times_without_a_zone_are_in_the_zone_that_is_said(ledger: Ledger, tmp_path: Path) -> None:
    text = "time,sender,group,text\n2026-07-01 10:00,a,g,好\n2026-01-01 10:00,b,g,好\n"
    keep(ledger, tmp_path / "a.csv", text, mapping={"options": {"time_zone": "America/New_York"}})

    assert [from_us(fact.happened_us).hour for fact in facts_of(ledger)] == [14, 15]


def test_a_day_comes_before_its_month_only_where_that_is_said_or_cannot_be_otherwise(
    ledger: Ledger, tmp_path: Path
) -> None:
    text = "time,sender,group,text\n03/04/2026 12:00,a,g,x\n25/12/2025 12:00,b,g,x\n"
    keep(ledger, tmp_path / "a.csv", text)
    keep(ledger, tmp_path / "b.csv", text.replace("x", "y"), mapping={"options": {"day_first": True}})

    days = [from_us(fact.happened_us).date().isoformat() for fact in facts_of(ledger)]
    assert days == ["2026-03-04", "2025-12-25", "2026-04-03", "2025-12-25"]


@pytest.mark.parametrize(
    "written",
    ["", "昨天", "²", "²²²²²²²²", "31/02/2026", "2026年13月1日", "2026-03-01 25:99", "1e400", "9" * 500, "0001-01-01", "9999-12-31",
     "2999-01-01", "1970-01-01", "2026-03-01T10:00:00+99:99", "-1", "nan", "=NOW()"],
)  # fmt: skip
def test_a_time_that_is_none_is_a_rejected_row_and_its_neighbours_are_kept(
    ledger: Ledger, tmp_path: Path, written: str
) -> None:
    text = f"time,sender,group,text\n2026-03-01,a,g,x\n{written},b,g,y\n2026-03-01,c,g,z\n"

    done = keep(ledger, tmp_path / "a.csv", text, format="chat")

    assert (done.accepted, done.rejected) == (2, 1)
    assert [(at, code, raw["sender"]) for at, code, raw in refused_rows(ledger)] == [(2, "bad_time", "b")]


def test_times_of_parquet_beyond_any_calendar_are_rejected_rows(ledger: Ledger, tmp_path: Path) -> None:
    for name, kind in {"us": pa.timestamp("us"), "zone": pa.timestamp("ns", "UTC"), "ms": pa.timestamp("ms")}.items():
        fits = 1_772_330_400 * {"us": 10**6, "zone": 10**9, "ms": 10**3}[name]
        at = pa.array([2**61, fits, None, -(2**61)], kind)
        table = pa.table({"time": at, "sender": list("abcd"), "group": ["g"] * 4, "text": [name] * 4})
        pq.write_table(table, tmp_path / name, version="2.6")

        done = importer.run(ledger, importer.create(ledger, "honglou", tmp_path / name))

        assert (name, done.accepted, done.rejected) == (name, 1, 3)


# ---- amounts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("12.5", 1250),
        ("¥1,299.00", 129_900),
        ("1.5万", 1_500_000),
        ("12元", 1200),
        ("0", 0),
        ("１２", 1200),
        ("1e2", 10_000),
    ],
)
def test_an_amount_is_read_in_each_way_people_write_it(ledger: Ledger, tmp_path: Path, written: str, fen: int) -> None:
    keep(ledger, tmp_path / "a.csv", f'订单号,手机号,实付金额,付款时间\nT1,13800000001,"{written}",2026-03-01\n')

    assert [fact.body["amount_fen"] for fact in facts_of(ledger, "order.paid")] == [fen]


@pytest.mark.parametrize(
    "written", ["贵", "NaN", "sNaN", "inf", "1e999999", "1e99999999999", "9" * 300, "²", "--", "=1+1"]
)
def test_an_amount_that_is_none_is_a_rejected_row(ledger: Ledger, tmp_path: Path, written: str) -> None:
    text = f"订单号,手机号,实付金额,付款时间\nT1,13800000001,1,2026-03-01\nT2,13800000002,{written},2026-03-01\n"

    done = keep(ledger, tmp_path / "a.csv", text, format="orders")

    assert (done.accepted, done.rejected) == (1, 1)
    assert refused_rows(ledger)[0][1:] == ("bad_amount", {"订单号": "T2", "手机号": "13800000002", "实付金额": written, "付款时间": "2026-03-01"})  # fmt: skip


def test_what_is_too_much_for_the_lake_is_rejected_and_the_rest_moves_there(ledger: Ledger, tmp_path: Path) -> None:
    text = "order_id,phone,time,qty,unit_price\n1,13800000001,2026-03-01,900000000,99999999999\n2,13800000001,2026-03-01,9e300,1\n3,13800000001,2026-03-01,2,1.5\n"

    done = keep(ledger, tmp_path / "orders.csv", text, format="orders")

    assert (done.accepted, done.rejected) == (1, 2)
    assert ledger.flush() >= 1


# ---- odd cells --------------------------------------------------------------------------------------


@pytest.mark.stores
def test_html_formulas_quotes_and_controls_are_text_like_any_other(ledger: Ledger, tmp_path: Path) -> None:
    names = [
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "'; DROP TABLE people; --",
        "\u202eevil",
        "a\u0007b",
        "👩‍👩‍👧",
    ]
    rows = "".join(f'2026-03-01 10:0{n},"{name}",诗社,好\n' for n, name in enumerate(names))

    done = keep(ledger, tmp_path / "a.csv", "时间,昵称,群名,内容\n" + rows)

    assert (done.accepted, done.rejected) == (len(names), 0)


@pytest.mark.stores
def test_zero_characters_deep_in_a_file_reach_no_store(ledger: Ledger, tmp_path: Path) -> None:
    usual = "".join(f"2026-03-01 10:00:{n % 60:02d},黛玉,诗社,第{n}句\n" for n in range(200))

    done = keep(
        ledger,
        tmp_path / "a.csv",
        f"时间,昵称,群名,内容\n{usual}2026-03-02,悟\0空,诗\0社,好\0\n2026-03-02,贵,诗社,\0\n",
    )

    assert done.accepted + done.rejected == 202


def test_lists_and_objects_where_a_text_is_expected_are_text(ledger: Ledger, tmp_path: Path) -> None:
    odd: list[Any] = [["a"], {"a": 1}, 7, 1.5, True, None]
    lines = [{"time": "2026-03-01", "sender": one, "group": one or "g", "text": one, "mentions": one, "message_id": f"m{n}"} for n, one in enumerate(odd)]  # fmt: skip

    done = keep(ledger, tmp_path / "a.jsonl", "".join(json.dumps(line) + "\n" for line in lines), format="chat")

    assert done.accepted + done.rejected == len(odd)
    assert done.accepted >= 4
