"""A gift shop's invoices line by line: cancellations, corrections of the stock, and a quarter of the lines without a buyer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from tests.real.money import buyers_of, cells, curve
from tests.real.world import CORP, Brought, brought, frame_of, last_days
from tiefen.intake.files import importer
from tiefen.ledger.ledger import Ledger

NAME, ZONE = "tx_online_retail", "Europe/London"
ENDS = [date(2011, 3, 28), date(2011, 8, 31), date(2011, 12, 9)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brought]:
    with brought(tmp_path_factory.mktemp("retail"), NAME, zone=ZONE) as some:
        yield some


@pytest.fixture(scope="module")
def invoices() -> pd.DataFrame:
    """One row an invoice: its buyer (or none), day, worth in fen, lines, and whether it went back.

    What went back: the cancellations (C…), the two corrections of bad debt below zero (A…), and 908 corrections of the stock:
    pieces below zero without a price.
    """
    rows = frame_of(NAME, ZONE)
    rows["fen"] = (rows.unit_price.astype("float64") * 100).round().astype("int64") * rows.qty
    each = rows.groupby("order_id", sort=False).agg(
        who=("customer_id", "first"), us=("us", "first"), day=("day", "first"), fen=("fen", "sum"), lines=("sku", "size"),
        pieces=("qty", "sum"), cancelled=("is_cancel", "any"),
    )  # fmt: skip
    each["back"] = each.cancelled | (each.fen < 0) | ((each.fen == 0) & (each.pieces < 0))
    each["order"] = each.index
    each["fen"] = each.fen.where(~each.back, -each.fen.abs())
    return each


def test_the_totals_are_those_of_the_data_set(shop: Brought, invoices: pd.DataFrame) -> None:
    kept, rows = shop.kept(), frame_of(NAME)

    assert len(rows) == 364_066
    assert (shop.result.accepted, shop.result.rejected) == (rows.order_id.nunique(), 0)
    assert kept["people"] == rows.customer_id.nunique() == 3_080
    assert kept["order.refunded"] == int(invoices.back.sum())
    assert kept["order.paid"] == int((~invoices.back).sum())


def test_cancellations_are_counted_apart_from_corrections(shop: Brought, invoices: pd.DataFrame) -> None:
    with shop.tables() as tables:
        back = tables.arrow(tables["order_refunded"].select("order", "amount_fen")).to_pandas()

    of_kind = back.groupby(back.order.str[0]).size().to_dict()
    free = back[back.order.str[0] == "5"]

    assert of_kind == {"C": 2_622, "A": 2, "5": 908}
    assert not free.amount_fen.any()
    assert back[back.order.str[0] == "C"].amount_fen.sum() == -invoices[invoices.cancelled].fen.sum()


def test_every_line_of_every_invoice_is_kept(shop: Brought) -> None:
    with shop.tables() as tables:
        lines = [
            tables.arrow(table.agg(lines=table.lines.length().sum())).to_pylist()[0]["lines"]
            for table in (tables["order_paid"], tables["order_refunded"])
        ]

    assert sum(lines) == 364_066


@pytest.mark.long
def test_every_day_has_the_revenue_and_the_orders_of_the_file(shop: Brought, invoices: pd.DataFrame) -> None:
    days = shop.reading.table("corp_days").to_pandas()
    paid = invoices[~invoices.back]

    assert dict(zip(days.day, days.revenue_fen, strict=True)) == curve(invoices.day, invoices.fen)
    assert {d: n for d, n in zip(days.day, days.orders, strict=True) if n} == paid.groupby("day").size().to_dict()
    print(f"revenue less cancellations: {days.revenue_fen.sum() / 100:,.2f}")  # noqa: T201


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_recency_frequency_and_money_count_what_was_cancelled_and_leave_out_nobodys_invoices(
    shop: Brought, invoices: pd.DataFrame, end: date
) -> None:
    known = invoices[invoices.who.notna()]
    theirs = buyers_of(known[~known.back], known, end)

    with shop.tables() as tables:
        ours = shop.numbers(tables, "person", last_days(end))

    mine = {metric: {who: part for who, (part, _) in some.items()} for metric, some in ours.items()}
    assert mine["recency_days"] == theirs.recency.to_dict()
    assert {who: value for who, value in mine["frequency"].items() if value} == theirs.frequency.to_dict()
    money = known[known.day <= end].groupby("who").fen.sum()
    assert {who: value for who, value in mine["money"].items() if value} == money[money != 0].to_dict()


def test_every_buyer_stands_in_the_cell_that_pandas_finds(shop: Brought, invoices: pd.DataFrame) -> None:
    known = invoices[invoices.who.notna()]
    people = shop.named(shop.reading.table("persons"))
    bought = people[people.rfm_cell.notna()]

    ours = dict(zip(bought.person, bought.rfm_cell, strict=True))

    assert ours == cells(buyers_of(known[~known.back], known, date(2011, 12, 9)))


def test_the_same_file_again_changes_nothing(shop: Brought) -> None:
    before = shop.kept()

    again = shop.again()

    assert (again.accepted, again.duplicates, again.rejected) == (0, 17_938, 0)
    assert shop.kept() == before


def test_a_discount_among_the_lines_of_an_order_costs_it_nothing_else(ledger: Ledger, tmp_path: Path) -> None:
    """Not of this shop, but of most: an order whose lines go up and down is one order, and what went back is kept apart."""
    ledger.ensure_corp(CORP)
    path = tmp_path / "orders.csv"
    path.write_text(
        "订单号,客户ID,下单时间,商品,数量,单价,是否退款\n"
        "o1,黛玉,2026-03-01 10:00,书,1,100,\no1,黛玉,2026-03-01 10:00,满减,1,-10,\n"
        "o1,黛玉,2026-03-01 10:00,笔,1,30,是\no1,黛玉,2026-03-01 10:00,纸,2,25,\n",
        "utf-8",
    )

    result = importer.run(ledger, importer.create(ledger, CORP, path, "orders"))

    snapshot = ledger.snapshot(CORP)
    assert (result.accepted, result.duplicates, result.rejected) == (2, 0, 0)
    assert snapshot.tail["order_paid"]["amount_fen"].to_pylist() == [14_000]
    assert snapshot.tail["order_refunded"]["amount_fen"].to_pylist() == [3_000]
