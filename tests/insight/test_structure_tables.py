"""Leaders who fall silent and what follows, and people who stand between circles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.insight.scenes import BAKERS, BOOKS, DAIYU, POETS, WUKONG, Scene, tables_of, window_of
from tiefen.insight.kernels.leaders import SILENCES, WEEKS, Course, followed, pooled
from tiefen.insight.tables import TABLES

NOON = datetime(2026, 11, 26, 12)


def read(scene: Scene, tmp_path: Path, *names: str) -> Mapping[str, pa.Table]:
    """Some tables of a reading of a scene, and those before them that they are made from."""
    snapshot = scene.snapshot()
    made: dict[str, pa.Table] = {}
    with tables_of(snapshot, tmp_path, keeping=True) as tables:
        for table in TABLES:
            if table.name in {"group_edges", "group_people", *names}:
                answer = table.of(tables, window_of(snapshot), made)
                made[table.name] = answer if isinstance(answer, pa.Table) else tables.arrow(answer)
    return made


def _half_a_year(silent_group: int, silent_weeks: int) -> Scene:
    """Nine groups alike, in each of which person 1 of it is answered by seven others; in one of them they fall silent."""
    scene = Scene()
    for group in range(9):
        people = [100 * group + n for n in range(1, 9)]
        scene.stays(people[0], "2026-01-01", group=group)
        if group == silent_group:
            gone = NOON - timedelta(days=7 * silent_weeks - 10)
            scene.stays(people[4], "2026-01-01", gone, group=group)
        for week in range(WEEKS):
            monday = NOON - timedelta(days=7 * week + 2)
            talks = not (group == silent_group and week < silent_weeks)
            for n, other in enumerate(people[1:]):
                if talks:
                    scene.says(people[0], monday + timedelta(minutes=10 * n), group)
                    scene.says(other, monday + timedelta(minutes=10 * n + 5), group, reply_to=people[0])
                elif n < 3:
                    scene.says(other, monday + timedelta(minutes=10 * n + 5), group)
    return scene


def test_a_leader_who_falls_silent_is_found_with_what_followed_against_groups_like_theirs(tmp_path: Path) -> None:
    made = read(_half_a_year(silent_group=4, silent_weeks=6), tmp_path, "leader_events", "leaders")

    (event,) = made["leader_events"].to_pylist()
    assert (event["group"], event["person"], event["silent_from"]) == (4, 401, date(2026, 10, 16))
    # Their own messages are counted neither before nor after; the group has seven others, of whom three go on.
    assert (event["messages_before"], event["messages_after"]) == (4 * 7, 4 * 3)
    assert event["messages_expected"] == pytest.approx(4 * 7)
    assert event["messages_high"] == pytest.approx(4 * 7)
    assert (event["speakers_before"], event["speakers_after"]) == (4 * 7, 4 * 3)
    assert (event["left_before"], event["left_after"]) == (0, 1)
    assert event["like_groups"] == 8
    assert not event["came_back"]
    assert made["leaders"].num_rows == 8
    assert made["leaders"]["heard_by_weeks"].to_pylist()[0] == [7] * WEEKS


def test_a_leader_who_only_missed_three_weeks_is_no_event(tmp_path: Path) -> None:
    made = read(_half_a_year(silent_group=4, silent_weeks=3), tmp_path, "leader_events")

    assert made["leader_events"].num_rows == 0


def _course(groups: int, rate: float = 40.0) -> Course:
    lots = np.random.default_rng(3)
    messages = lots.poisson(rate, (groups, WEEKS)).astype(np.float64)
    return Course(np.arange(groups), messages, messages / 4, np.full((groups, WEEKS), np.nan))


def _events(groups: list[int], week: int = 10) -> pa.Table:
    n = len(groups)
    zero = pa.array([0] * n, pa.int64())
    return pa.table(
        {
            "group": pa.array(groups, pa.int64()), "person": zero, "week": pa.array([week] * n, pa.int64()),
            "own_messages": zero, "own_weeks": zero, "own_left_before": zero, "own_left_after": zero,
        }
    )  # fmt: skip


def test_where_nothing_followed_the_bounds_hold_as_often_as_they_say() -> None:
    course = _course(200)

    told = followed(_events(list(range(60))), course)

    inside = (told["messages_low"] <= told["messages_after"]) & (told["messages_after"] <= told["messages_high"])
    assert 0.88 <= inside.mean() <= 1.0
    after = pooled(np.arange(60), told["messages_after"], told["messages_expected"])
    assert after.low is not None and after.high is not None and after.low < 1 < after.high


def test_half_the_talk_lost_is_told_as_half() -> None:
    course = _course(200)
    course.messages[:30, 7:11] /= 2

    told = followed(_events(list(range(30))), course)

    after = pooled(np.arange(30), told["messages_after"], told["messages_expected"])
    assert after.ratio == pytest.approx(0.5, abs=0.03)
    assert after.high is not None and after.high < 0.6
    assert (told["messages_after"] < told["messages_low"]).mean() > 0.9


def test_with_too_few_like_groups_nothing_is_expected_and_of_two_events_no_mean_is_told() -> None:
    told = followed(_events([0, 1]), _course(4))

    assert np.isnan(told["messages_expected"]).all()
    assert told["messages_after"].min() > 0
    assert pooled(np.arange(2), told["messages_after"], np.ones(2)).ratio is None


def test_no_one_leads_a_group_without_rows() -> None:
    assert SILENCES(SILENCES.takes.empty_table()).num_rows == 0


def test_who_alone_joins_circles_of_two_groups_is_a_broker_between_them(tmp_path: Path) -> None:
    scene = Scene()

    def circle(people: list[int], group: int) -> None:
        for a in people:
            for b in people:
                if a != b:
                    scene.says(a, "2026-11-20 10:00", group, reply_to=b)

    circle([DAIYU, 10, 11], BOOKS)
    circle([DAIYU, 20, 21], BAKERS)
    circle([WUKONG, 30, 31, 32], BOOKS)
    circle([WUKONG, 30, 40, 41], POETS)
    scene.says(DAIYU, "2026-11-21 10:00", BOOKS, reply_to=WUKONG)

    rows = {(row["group"], row["person"]): row for row in read(scene, tmp_path, "brokers")["brokers"].to_pylist()}

    assert rows[BAKERS, DAIYU]["sole_bridges"] == rows[BOOKS, DAIYU]["sole_bridges"] == 1
    assert (POETS, WUKONG) not in rows, "somebody else is in both of the circles too"
    assert rows[BOOKS, WUKONG]["circles"] == rows[BOOKS, DAIYU]["circles"] == 2
    assert rows[BOOKS, WUKONG]["betweenness"] == pytest.approx(2 * 3 * 3 / (6 * 5))
    assert (BOOKS, 10) not in rows


def test_groups_of_one_and_of_nobody_have_no_structure(tmp_path: Path) -> None:
    scene = Scene()
    scene.says(DAIYU, "2026-11-20 10:00")
    scene.group(BAKERS)

    made: Any = read(scene, tmp_path, "brokers", "leaders", "leader_events")

    assert [made[name].num_rows for name in ("group_edges", "brokers", "leaders", "leader_events")] == [0, 0, 0, 0]
    assert made["group_people"]["role"].to_pylist() == ["newcomer"]
