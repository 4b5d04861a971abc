"""The engine: facts of lake and store as one, people merged, days in the corp's zone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from tests.insight.scenes import BAJIE, BAKERS, BOOKS, DAIYU, WUKONG, Scene, tables_of, window_of
from tiefen.insight.engine import opened
from tiefen.insight.engines.duckdb import query
from tiefen.insight.engines.spark import as_seen
from tiefen.kit.settings import Settings


def test_a_message_at_seven_in_the_morning_belongs_to_the_day_it_has_in_china(tmp_path: Path) -> None:
    scene = Scene()
    scene.says(DAIYU, "2026-11-02 07:00")

    with tables_of(scene, tmp_path) as t:
        days = t.arrow(t["message_posted"].select("day"))["day"].to_pylist()

    assert days == [date(2026, 11, 2)]


def test_days_follow_the_clocks_when_they_go_back(tmp_path: Path) -> None:
    scene = Scene("Europe/Berlin")
    scene.says(DAIYU, "2026-10-24 23:30")
    scene.says(DAIYU, "2026-10-25 23:30")
    scene.says(DAIYU, "2026-07-01 00:30")

    with tables_of(scene, tmp_path) as t:
        days = t.arrow(t["message_posted"].order_by("seq").select("day"))["day"].to_pylist()

    assert days == [date(2026, 10, 24), date(2026, 10, 25), date(2026, 7, 1)]


def test_what_a_merged_handle_said_is_said_by_the_person(tmp_path: Path) -> None:
    scene = Scene()
    scene.says(77, "2026-11-02 09:00", reply_to=78)
    scene.merges(77, DAIYU)
    scene.merges(78, WUKONG)

    with tables_of(scene, tmp_path) as t:
        rows = t.arrow(t["message_posted"].select("member", "reply_to")).to_pylist()

    assert rows == [{"member": DAIYU, "reply_to": WUKONG}]


def test_a_window_takes_in_its_first_and_its_last_day(tmp_path: Path) -> None:
    scene = Scene()
    for at in ("2026-10-27 23:59", "2026-10-28 00:00", "2026-11-26 23:59", "2026-11-27 00:00"):
        scene.says(DAIYU, at)
    snapshot = scene.snapshot("2026-11-26 12:00")

    with tables_of(snapshot, tmp_path) as t:
        found = t.arrow(t.within(t["message_posted"], window_of(snapshot)).order_by("seq").select("seq"))

    assert found["seq"].to_pylist() == [2, 3]


def test_one_group_can_be_looked_at_alone(tmp_path: Path) -> None:
    scene = Scene()
    scene.says(DAIYU, "2026-11-02 09:00")
    scene.says(BAJIE, "2026-11-02 09:00", group=BAKERS)

    with opened(scene.snapshot(), Settings(data=tmp_path), group=BOOKS) as t:
        groups = t.arrow(t["message_posted"].select("group"))["group"].to_pylist()

    assert groups == [BOOKS]


def test_a_question_in_sql_is_answered(tmp_path: Path) -> None:
    scene = Scene()
    scene.says(DAIYU, "2026-11-02 09:00")

    answer = query(
        scene.snapshot(), Settings(data=tmp_path), 'SELECT "group", count(*) AS n FROM message_posted GROUP BY 1;'
    )

    assert answer.to_pylist() == [{"group": BOOKS, "n": 1}]


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE message_posted",
        "SELECT 1; SELECT 2",
        "SELECT nothing FROM message_posted",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "FROM 'https://example.org/x.parquet'",
        "WITH x AS (SELECT 1) INSERT INTO row_person SELECT 1, true",
    ],
)
def test_anything_but_a_question_over_the_tables_is_refused_in_words(tmp_path: Path, sql: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        query(Scene().snapshot(), Settings(data=tmp_path), sql)


def test_questions_may_be_asked_from_several_threads_at_once(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    scene = Scene()
    scene.says(DAIYU, "2026-11-02 09:00")
    snapshot = scene.snapshot()

    def ask(_: int) -> pa.Table:
        with tables_of(snapshot, tmp_path) as t:
            return t.arrow(t["message_posted"].count().as_table())

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(8)))

    assert [answer[0][0].as_py() for answer in answers] == [1] * 8


def test_a_cluster_finds_the_lake_where_its_copy_is(tmp_path: Path) -> None:
    file = f"file://{tmp_path.resolve()}/lake/message_posted/month=2026-11/part-1.parquet"
    copied = Settings(data=tmp_path, spark_lake="s3a://brand/lake/")

    assert as_seen(file, Settings(data=tmp_path)) == file
    assert as_seen(file, copied) == "s3a://brand/lake/message_posted/month=2026-11/part-1.parquet"
