"""The rules for sending: what they may be, and when sending is open."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiefen.decide.policy import RULES, BadPolicy, Policy, is_rest_day, moment, next_open, policy_of
from tiefen.decide.policy.holidays import HOLIDAYS, WORKDAYS
from tiefen.kit.clock import DAY_US, from_us, to_us, zone

SHANGHAI = "Asia/Shanghai"


def us(local: str) -> int:
    return to_us(datetime.fromisoformat(f"{local}+08:00"))


def local(at_us: int) -> str:
    return from_us(at_us).astimezone(zone(SHANGHAI)).strftime("%Y-%m-%d %H:%M")


# ---- what it may be ----


def test_without_settings_it_is_a_sensible_one() -> None:
    assert policy_of({}) == Policy()
    assert Policy().holdout == 0.05


def test_it_is_read_from_the_settings_of_the_corp() -> None:
    assert policy_of({"policy": {"person": {"day": 1, "month": None}}}).person.month is None


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"quiet_from": "9:00"}, "quiet_from"),
        ({"quiet_until": "24:00"}, "quiet_until"),
        ({"holdout": 0.6}, "holdout"),
        ({"holdout": -0.1}, "holdout"),
        ({"budget": 9.0}, "budget"),
        ({"budget": float("nan")}, "budget"),
        ({"staff_tasks": 0}, "staff_tasks"),
        ({"staff_tasks": "many"}, "staff_tasks"),
        ({"person": {"day": -1}}, "person.day"),
        ({"person": {"month": "weeks"}}, "person.month"),
        ({"rest_also": ["1 May"]}, "rest_also"),
        ({"rest_also": ["2026-05-04"], "rest_never": ["2026-05-04"]}, "rest_never"),
        ({"consent_needed": ["spam"]}, "consent_needed"),
        ({"quite_from": "21:00"}, "policy"),
        ([], "policy"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(told: object, field: str) -> None:
    with pytest.raises(BadPolicy) as refused:
        policy_of({"policy": told})

    assert refused.value.field == field


# ---- holidays ----


@pytest.mark.parametrize(
    ("day", "rests"),
    [
        ("2026-02-17", True),
        ("2026-02-14", False),
        ("2026-03-14", True),
        ("2026-10-10", False),
        ("2026-10-08", False),
        ("2025-01-29", True),
    ],
)
def test_weekends_are_rest_days_but_for_make_up_workdays(day: str, rests: bool) -> None:
    assert is_rest_day(date.fromisoformat(day), "holidays_and_weekends") is rests


def test_make_up_workdays_are_weekends_and_no_holidays() -> None:
    assert all(day.weekday() >= 5 for day in WORKDAYS)
    assert not WORKDAYS & HOLIDAYS


_OFF = {
    2024: "01-01 01-01, 02-10 02-17, 04-04 04-06, 05-01 05-05, 06-08 06-10, 09-15 09-17, 10-01 10-07",
    2025: "01-01 01-01, 01-28 02-04, 04-04 04-06, 05-01 05-05, 05-31 06-02, 10-01 10-08",
    2026: "01-01 01-03, 02-15 02-23, 04-04 04-06, 05-01 05-05, 06-19 06-21, 09-25 09-27, 10-01 10-07",
}
_WORKED = {
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}
"""As the State Council published them: 国办发明电〔2023〕7号, 国办发明电〔2024〕12号 and the notice of 4 November 2025."""


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_is_what_the_state_council_published(year: int) -> None:
    days = [day for n in range(366) if (day := date(year, 1, 1) + timedelta(days=n)).year == year]
    off = [tuple(span.split()) for span in _OFF[year].split(", ")]

    def rests(day: date) -> bool:
        if any(first <= f"{day:%m-%d}" <= last for first, last in off):
            return True
        return day.weekday() >= 5 and f"{day:%m-%d}" not in _WORKED[year]

    assert {day for day in days if is_rest_day(day, "holidays_and_weekends")} == {day for day in days if rests(day)}


def test_as_many_days_are_off_as_were_published() -> None:
    assert len([day for day in HOLIDAYS if day.year == 2026]) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    assert len([day for day in HOLIDAYS if day.year == 2025]) == 1 + 8 + 3 + 5 + 3 + 8


def test_of_a_year_not_published_yet_the_fixed_days_are_known() -> None:
    assert is_rest_day(date(2031, 10, 2), "holidays")
    assert not is_rest_day(date(2031, 2, 10), "holidays")


def test_a_day_named_by_hand_wins() -> None:
    policy = Policy(rest_also=("2026-06-18",), rest_never=("2026-10-01",))

    assert local(next_open(policy, us("2026-06-18 12:00"), SHANGHAI)) == "2026-06-22 08:30"
    assert next_open(policy, us("2026-10-01 12:00"), SHANGHAI) == us("2026-10-01 12:00")


# ---- when it is open ----


@pytest.mark.parametrize(
    ("at", "opens", "why"),
    [
        ("2026-03-10 12:00", None, None),
        ("2026-03-10 21:29", None, None),
        ("2026-03-10 21:30", "2026-03-11 08:30", "quiet_hours"),
        ("2026-03-10 03:00", "2026-03-10 08:30", "quiet_hours"),
        ("2026-03-10 08:30", None, None),
        ("2026-02-20 12:00", "2026-02-24 08:30", "holiday"),
        ("2026-09-30 22:00", "2026-10-08 08:30", "quiet_hours"),
    ],
)
def test_what_is_sold_waits_for_the_end_of_night_and_holidays(at: str, opens: str | None, why: str | None) -> None:
    wait = moment(Policy(), us(at), SHANGHAI).wait(RULES["sell"])

    assert (None if wait is None else (local(wait[0]), wait[1])) == (None if opens is None else (opens, why))


def test_a_greeting_belongs_to_the_holiday_and_service_to_any_hour() -> None:
    new_year = moment(Policy(), us("2026-02-17 12:00"), SHANGHAI)

    assert new_year.wait(RULES["care"]) is None
    assert new_year.wait(RULES["sell"]) is not None
    assert moment(Policy(), us("2026-03-10 02:00"), SHANGHAI).wait(RULES["service"]) is None


def test_quiet_hours_may_lie_within_a_day_or_not_be_at_all() -> None:
    siesta = Policy(quiet_from="12:00", quiet_until="14:00")

    assert local(next_open(siesta, us("2026-03-10 13:00"), SHANGHAI)) == "2026-03-10 14:00"
    assert next_open(siesta, us("2026-03-10 23:00"), SHANGHAI) == us("2026-03-10 23:00")
    assert next_open(Policy(quiet_from="00:00", quiet_until="00:00"), us("2026-03-10 03:00"), SHANGHAI) == us(
        "2026-03-10 03:00"
    )


def test_the_calendar_is_the_corps() -> None:
    at = moment(Policy(), us("2026-03-11 00:30"), SHANGHAI)

    assert local(at.day_us) == "2026-03-11 00:00"
    assert local(at.week_us) == "2026-03-09 00:00"
    assert local(at.month_us) == "2026-03-01 00:00"
    assert (at.days_in_month, local(at.next_month_us)) == (31, "2026-04-01 00:00")


@given(
    st.integers(us("2025-01-01 00:00"), us("2027-06-01 00:00")), st.sampled_from([SHANGHAI, "America/New_York", "UTC"])
)
def test_where_sending_is_open_next_it_is_open(at_us: int, zone_name: str) -> None:
    policy = Policy(rest="holidays_and_weekends")

    opens = next_open(policy, at_us, zone_name)

    assert at_us <= opens <= at_us + 15 * DAY_US
    assert next_open(policy, opens, zone_name) == opens
    assert moment(policy, opens, zone_name).wait(RULES["sell"]) is None
