"""A list of members with the day each joined: one group over nine years, told without a single message."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from tests.real.world import CORP, Brought, brought, frame_of, last_days, midnight
from tiefen.insight.kernels.life import STAGES
from tiefen.intake.files import importer

NAME, ZONE = "members_meetup_crug", "America/Chicago"
CLUB = "Chicago R users"
ENDS = [date(2011, 3, 31), date(2015, 11, 1), date(2019, 5, 29)]


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brought]:
    mapping = {"options": {"group_name": CLUB, "time_zone": ZONE}}
    with brought(tmp_path_factory.mktemp("meetup"), NAME, zone=ZONE, mapping=mapping) as some:
        yield some


@pytest.fixture(scope="module")
def joined() -> pd.Series:
    """The day each member joined."""
    return frame_of(NAME).joined_on


def test_a_list_that_names_no_group_is_rejected_row_by_row_until_somebody_names_it(club: Brought) -> None:
    unnamed = importer.inspect(club.path)

    assert unnamed.format == "members"
    assert unnamed.codes == {"no_group": 2_541}
    assert (club.preview.will_accept, club.preview.will_reject) == (2_541, 0)


def test_the_totals_are_those_of_the_data_set(club: Brought) -> None:
    kept = club.kept()

    assert (club.result.accepted, club.result.rejected) == (2_541, 0)
    assert kept["member.joined"] == kept["people"] == kept["stays"] == 2_541
    assert kept["groups"] == 1


def test_what_else_the_list_says_of_a_member_is_kept_with_them(club: Brought) -> None:
    row = frame_of(NAME).iloc[0]
    person = {name: number for number, name in club.people.items()}[row.member_id]

    exported = str(club.ledger.export(CORP, person))

    assert "mailing_list" in exported
    assert row.last_visited_on.isoformat() in exported


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_members_and_joins_are_those_of_the_list(club: Brought, joined: pd.Series, end: date) -> None:
    with club.tables() as tables:
        ours = club.numbers(tables, "group", last_days(end))

    lately = (joined <= end) & (joined > end - timedelta(days=30))
    assert ours["members"] == {CLUB: ((joined <= end).sum(), 1)}
    assert ours["joined"] == {CLUB: (lately.sum(), 1)}
    assert ours["left"] == {CLUB: (0, 1)}


@pytest.mark.parametrize("end", ENDS, ids=str)
@pytest.mark.parametrize("days", [7, 30])
def test_whoever_never_left_was_still_here(club: Brought, joined: pd.Series, end: date, days: int) -> None:
    """Joins count once they are so many times 24 hours old, back to the ninetieth; one of these ends on a day of 25 hours."""
    came, ends = joined.map(lambda day: midnight(day, ZONE)), midnight(end + timedelta(days=1), ZONE)
    judged = ((came >= ends - pd.Timedelta(days=90)) & (came < ends - pd.Timedelta(days=days))).sum()

    with club.tables() as tables:
        ours = club.numbers(tables, "group", last_days(end))

    assert ours[f"newcomer_retention_{days}d"] == {CLUB: (judged, judged)}


def test_nothing_is_claimed_of_talk_that_nobody_told_of(club: Brought) -> None:
    with club.tables() as tables:
        groups = club.numbers(tables, "group", last_days(ENDS[-1]))
        people = club.numbers(tables, "person", last_days(ENDS[-1]))

    assert all(groups[metric] == {} for metric in ("messages", "active_30d", "speaker_share", "strangers"))
    assert all(people[metric] == {} for metric in ("messages", "active_days_90d", "influence", "frequency"))


def test_the_curve_of_members_is_the_running_count_of_the_list(club: Brought, joined: pd.Series) -> None:
    days = club.reading.table("group_days").to_pandas()
    counted = joined.value_counts().sort_index()

    assert dict(zip(days.day, days.joined, strict=True)) == counted.to_dict()
    assert dict(zip(days.day, days.members, strict=True)) == counted.cumsum().to_dict()


def test_its_stage_is_told_from_its_members_and_says_so(club: Brought, joined: pd.Series) -> None:
    group = club.reading.table("groups").to_pylist()[0]
    month_ago = int((joined <= ENDS[-1] - timedelta(days=30)).sum())

    assert group["grade"] == "A"
    assert group["stage"] == ("growth" if len(joined) >= 1.05 * month_ago else "maturity")
    assert group["stage"] in STAGES
    assert str(month_ago) in group["stage_evidence"]


def test_days_known_are_days_since_joining(club: Brought, joined: pd.Series) -> None:
    people = club.named(club.reading.table("persons")).set_index("person")
    theirs = dict(zip(frame_of(NAME).member_id, joined, strict=True))

    ours = people.days_known_part.to_dict()

    assert club.reading.day == date(2019, 5, 29)
    off = np.array([ours[who] - (date(2019, 5, 29) - day).days for who, day in theirs.items()])
    # As of the end of the day, a join at midnight is a whole day old; an hour may be missing to a change of the clocks.
    assert set(off) <= {0.0, 1.0}


def test_the_same_file_again_changes_nothing(club: Brought) -> None:
    before = club.kept()

    again = club.again()

    assert (again.accepted, again.duplicates, again.rejected) == (0, 2_541, 0)
    assert club.kept() == before
