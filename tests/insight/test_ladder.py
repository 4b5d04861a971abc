"""顾客→用户→粉丝→铁粉: who stands where, and why."""

from __future__ import annotations

import json
from typing import Any

import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tiefen.insight.ladder import LADDER, NUMBERS, RUNGS, standing, with_rungs

NOBODY: dict[str, int | None] = dict.fromkeys(NUMBERS, 0)
BAJIE = NOBODY | {"groups_in": 2, "days_known": 400, "silent_days": 300}
SHASENG = NOBODY | {"groups_in": 1, "orders": 1, "days_known": 90, "silent_days": 20}
WUKONG = NOBODY | {
    "groups_in": 3,
    "active_days_90d": 12,
    "influence": 6,
    "people_brought": 1,
    "days_known": 200,
    "silent_days": 2,
}
DAIYU = WUKONG | {"orders": 5, "active_days_90d": 30}


def test_somebody_seen_only_on_a_page_stands_on_no_rung() -> None:
    assert standing(NOBODY | {"silent_days": 1}).rung == "none"


def test_a_lurker_in_a_group_is_a_customer_and_no_more() -> None:
    assert standing(BAJIE).rung == "customer"


def test_one_order_of_late_makes_a_user() -> None:
    assert standing(SHASENG).rung == "user"


def test_somebody_who_speaks_and_is_answered_is_a_fan_without_ever_buying() -> None:
    assert standing(WUKONG).rung == "fan"


def test_buying_again_speaking_and_staying_make_a_superfan() -> None:
    daiyu = standing(DAIYU)

    assert daiyu.rung == "superfan"
    assert daiyu.missing == []
    assert {"zh": "买过 5 单", "en": "5 orders", "met": True} in daiyu.reasons


def test_a_superfan_who_fell_silent_is_one_no_more() -> None:
    assert standing(DAIYU | {"silent_days": 45}).rung == "fan"
    assert standing(DAIYU | {"silent_days": 200}).rung == "customer"


def test_what_is_missing_is_said_with_numbers() -> None:
    missing = standing(WUKONG).missing

    assert missing[0] == {"zh": "以下再满足 2 项：", "en": "and 2 of these:"}
    assert {"zh": "买过 0 单（要 ≥ 3）", "en": "0 orders (wanted ≥ 3)"} in missing
    assert not any("带来 2" in m["zh"] for m in missing)


def test_unknown_is_not_met_and_not_called_zero() -> None:
    standing_there = standing(SHASENG | {"active_days_90d": None})

    assert {
        "zh": "近 90 天有 ？ 天发言（要 ≥ 8）",
        "en": "spoke on ? of the last 90 days (wanted ≥ 8)",
    } in standing_there.missing


def test_every_rung_has_a_name_in_both_languages_and_rules_about_known_numbers() -> None:
    assert RUNGS == ("none", "customer", "user", "fan", "superfan")
    for rung in LADDER:
        assert rung.zh and rung.en
        assert {c.number for c in (*rung.all_of, *rung.some_of)} <= set(NUMBERS)
        assert 1 <= rung.enough <= len(rung.some_of)


_numbers = st.one_of(st.none(), st.sampled_from([0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 30, 31, 60, 61, 180, 181, 400]))


@settings(max_examples=6, deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(NUMBERS, _numbers)), min_size=20, max_size=120))
def test_python_for_one_and_ibis_for_all_agree_on_rung_and_reasons(people: list[dict[str, int | None]]) -> None:
    table = pa.Table.from_pylist(
        [{"person": i, **person} for i, person in enumerate(people)],
        schema=pa.schema([("person", pa.int64()), *((n, pa.int64()) for n in NUMBERS)]),
    )

    rows: list[dict[str, Any]] = with_rungs(ibis.memtable(table)).order_by("person").to_pyarrow().to_pylist()

    for person, row in zip(people, rows, strict=True):
        alone = standing(person)
        assert row["rung"] == alone.rung
        assert json.loads(row["rung_reasons"]) == alone.reasons
        assert json.loads(row["next_rung_missing"]) == alone.missing
