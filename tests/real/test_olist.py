"""A marketing funnel: leads from ten channels, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from tests.real.world import CORP, Brought, brought, frame_of, last_days, midnight
from tiefen.intake.files import importer

NAME, ZONE = "funnel_olist_leads", "America/Sao_Paulo"
"""A zone in which one midnight a year does not exist: the clocks went forward at 0:00 on the 15th of October 2017."""
ENDS = [date(2017, 10, 15), date(2018, 2, 28), date(2018, 11, 14)]


@pytest.fixture(scope="module")
def funnel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brought]:
    with brought(tmp_path_factory.mktemp("olist"), NAME, zone=ZONE) as some:
        yield some


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return frame_of(NAME)


def test_the_totals_are_those_of_the_data_set(funnel: Brought, rows: pd.DataFrame) -> None:
    kept, won = funnel.kept(), rows.won_at.notna()

    assert funnel.preview.format == "contacts"
    assert funnel.result.rejected == 0
    assert kept["contact.added"] == len(rows) == 5_570
    assert kept["event.tracked"] == int(won.sum()) == 576
    assert kept["sources"] == rows.channel.nunique() == 10
    assert kept["people"] == len(rows) + rows.sr_id.nunique()


def test_columns_of_no_other_use_become_attributes_of_the_lead(funnel: Brought, rows: pd.DataFrame) -> None:
    lead = rows[rows.business_segment.notna()].iloc[0]
    person = {name: number for number, name in funnel.people.items()}[lead.lead_id]

    attributes = funnel.ledger.export(CORP, person)

    assert lead.business_segment in str(attributes)


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_arrivals_by_channel_are_those_of_the_file_on_any_day(funnel: Brought, rows: pd.DataFrame, end: date) -> None:
    theirs = rows[rows.first_contact_date <= end].groupby("channel").size().reindex(rows.channel.unique(), fill_value=0)

    with funnel.tables() as tables:
        ours = funnel.numbers(tables, "source", last_days(end))

    assert {source: part for source, (part, _) in ours["arrivals"].items()} == theirs.to_dict()
    assert ours["cost"] == {}


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_only_people_who_had_time_are_judged_by_what_they_paid(funnel: Brought, rows: pd.DataFrame, end: date) -> None:
    """Nobody paid anything in this file; the wholes are those who arrived so many times 24 hours ago."""
    came = rows.first_contact_date.map(lambda day: midnight(day, ZONE))
    ends = midnight(end + timedelta(days=1), ZONE)

    with funnel.tables() as tables:
        ours = funnel.numbers(tables, "source", last_days(end))

    for days in (30, 90, 180):
        theirs = rows[came <= ends - pd.Timedelta(days=days)].groupby("channel").size().to_dict()
        assert {source: whole for source, (_, whole) in ours[f"revenue_{days}d"].items()} == theirs
        assert not any(part for part, _ in ours[f"revenue_{days}d"].values())


def test_channels_win_the_deals_that_the_file_says(funnel: Brought, rows: pd.DataFrame) -> None:
    people = funnel.named(funnel.reading.table("persons"))
    with funnel.tables() as tables:
        won = funnel.named(tables.arrow(tables["event_tracked"].filter(tables["event_tracked"].name == "won")))

    source = people.set_index("person").source.map(funnel.sources)
    ours = source.loc[won.person].value_counts().to_dict()

    assert ours == rows[rows.won_at.notna()].channel.value_counts().to_dict()


def test_sales_people_are_staff_and_no_leads(funnel: Brought, rows: pd.DataFrame) -> None:
    people = funnel.named(funnel.reading.table("persons"))

    assert set(people.person) == set(rows.lead_id)


def test_what_a_channel_cost_is_told_by_a_second_file(funnel: Brought, rows: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "costs.csv"
    path.write_text("渠道,日期,金额\norganic_search,2018-01-01,500\npaid_search,2018-01-01,1000.50\n", "utf-8")
    import_id = importer.create(funnel.ledger, CORP, path)
    importer.queue(funnel.ledger, import_id)

    importer.run(funnel.ledger, import_id)

    came = rows.groupby("channel").size()
    funnel.__dict__.pop("snapshot")
    with funnel.tables() as tables:
        cac = funnel.numbers(tables, "source", last_days(ENDS[-1]))["cac"]
    assert cac == {
        "organic_search": (50_000, came["organic_search"]),
        "paid_search": (100_050, came["paid_search"]),
    }


def test_the_same_file_again_changes_nothing(funnel: Brought) -> None:
    before = funnel.kept()

    again = funnel.again()

    assert (again.accepted, again.duplicates, again.rejected) == (0, 5_570 + 576, 0)
    assert funnel.kept() == before
