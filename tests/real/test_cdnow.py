"""Eighteen months of a record shop: its published totals, and recency, frequency and money as pandas finds them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest

from tests.real.money import buyers_of, cells, curve
from tests.real.world import Brought, brought, frame_of, last_days

NAME, ZONE = "tx_cdnow", "America/New_York"
ENDS = [date(1997, 3, 31), date(1997, 10, 27), date(1998, 6, 30)]
"""Early, just after the clocks changed, and on the last day."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brought]:
    with brought(tmp_path_factory.mktemp("cdnow"), NAME, zone=ZONE) as some:
        yield some


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    frame = frame_of(NAME)
    return pd.DataFrame(
        {"who": frame.customer_id, "order": frame.index, "day": frame.order_date, "fen": frame.amount_cents}
    )


def test_the_totals_are_the_published_ones(shop: Brought) -> None:
    kept = shop.kept()
    days = shop.reading.table("corp_days").to_pandas()

    assert (shop.result.accepted, shop.result.rejected) == (69_659, 0)
    assert (kept["order.paid"], kept["people"]) == (69_659, 23_570)
    assert days.revenue_fen.sum() == 250_031_563
    assert days.orders.sum() == 69_659


def test_amounts_in_cents_are_recognised_by_the_name_of_their_column(shop: Brought) -> None:
    assert shop.preview.format == "orders"
    assert shop.preview.mapping["amount"] == "amount_cents"
    assert shop.preview.rows[0]["understood"][0]["amount_fen"] == shop.preview.rows[0]["raw"]["amount_cents"]


def test_every_day_has_the_orders_and_the_revenue_of_the_file(shop: Brought, rows: pd.DataFrame) -> None:
    days = shop.reading.table("corp_days").to_pandas()

    assert dict(zip(days.day, days.revenue_fen, strict=True)) == curve(rows.day, rows.fen)
    assert dict(zip(days.day, days.orders, strict=True)) == rows.groupby("day").size().to_dict()


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_recency_frequency_and_money_are_those_of_pandas_on_any_day(
    shop: Brought, rows: pd.DataFrame, end: date
) -> None:
    theirs = buyers_of(rows, rows, end)

    with shop.tables() as tables:
        ours = shop.numbers(tables, "person", last_days(end))

    assert {who: part for who, (part, _) in ours["recency_days"].items()} == theirs.recency.to_dict()
    for metric, column in (("frequency", theirs.frequency), ("money", theirs.money)):
        mine = {who: part for who, (part, _) in ours[metric].items()}
        assert {who: mine[who] for who in column.index} == column.to_dict()
        assert not any(value for who, value in mine.items() if who not in column.index)


def test_every_buyer_stands_in_the_cell_that_pandas_finds(shop: Brought, rows: pd.DataFrame) -> None:
    people = shop.named(shop.reading.table("persons"))

    ours = dict(zip(people.person, people.rfm_cell, strict=True))

    assert shop.reading.day == date(1998, 6, 30)
    assert ours == cells(buyers_of(rows, rows, date(1998, 6, 30)))


def test_the_better_cell_bought_more_in_the_half_year_after(shop: Brought, rows: pd.DataFrame) -> None:
    """What a cell is for: as of the end of 1997, those scored 5 for recency and frequency against those scored 1."""
    before = cells(buyers_of(rows, rows, date(1997, 12, 31)))
    after = rows[rows.day > date(1997, 12, 31)].groupby("who").size()
    again = pd.Series(before).str[:2].to_frame("cell")
    again["bought"] = [who in after.index for who in again.index]

    rate = again.groupby("cell").bought.mean()

    assert rate["55"] > 0.5
    assert rate["55"] > 5 * rate["11"]


def test_the_same_file_again_changes_nothing(shop: Brought) -> None:
    before = shop.kept()

    again = shop.again()

    assert (again.accepted, again.duplicates, again.rejected) == (0, 69_659, 0)
    assert shop.kept() == before
