"""Streams over eight years, without their words: how lives ran, told on days in the past as somebody then would have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import networkx as nx
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.real.talk import Talk
from tests.real.world import Brought, Number, brought, file_of, is_same, last_days, with_days
from tiefen.insight.catalogue import metrics_per
from tiefen.insight.engine import Tables, opened
from tiefen.insight.numbers import group_numbers
from tiefen.insight.tables import group_days, group_people, groups

NAME, ZONE = "chat_lean_timeline", "Europe/Berlin"
DAYS = [
    date(2018, 11, 30),
    date(2020, 5, 18),
    date(2021, 10, 31),
    date(2023, 6, 28),
    date(2024, 5, 16),
    date(2025, 10, 14),
    date(2026, 2, 28),
]
"""Days on which some streams were at their best; a day of 25 hours, as the clocks went back; and the last one."""
LEFT_OUT = 3
"""The largest streams are 521,835 of the 723,032 messages; without them a test run has time for the rest."""
ENDS = [date(2020, 3, 31), date(2023, 10, 31)]
YOUNG = 42
"""So many days a stream is new, and that is all that is said of it."""


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brought]:
    folder = tmp_path_factory.mktemp("lean")
    whole = pq.read_table(file_of(NAME))
    counts = whole["group_id"].value_counts().to_pylist()
    assert (whole.num_rows, len(counts)) == (723_032, 65)
    largest = sorted(counts, key=lambda one: -one["counts"])[:LEFT_OUT]
    smaller = whole.filter(pc.invert(pc.is_in(whole["group_id"], pa.array([one["values"] for one in largest]))))
    pq.write_table(smaller, folder / "streams.parquet")
    with brought(folder / "data", folder / "streams.parquet", zone=ZONE) as some:
        yield some


@pytest.fixture(scope="module")
def rows(streams: Brought) -> pd.DataFrame:
    return with_days(pd.read_parquet(streams.path), ZONE)


@pytest.fixture(scope="module")
def tables(streams: Brought) -> Iterator[Tables]:
    with streams.tables() as some:
        yield some


@pytest.fixture(scope="module")
def stages(streams: Brought, tables: Tables) -> dict[date, dict[str, str]]:
    """day → stream → the stage it was in as of that day."""
    told = {}
    for day in DAYS:
        window = last_days(day)
        curve = tables.arrow(group_days.TABLE.of(tables, window, {}))
        made = {
            "group_days": curve.sort_by([("group", "ascending"), ("day", "ascending")]),
            "group_people": tables.arrow(group_people.TABLE.of(tables, window, {})),
        }
        some = groups.TABLE.of(tables, window, made).to_pylist()
        told[day] = {streams.groups[row["group"]]: str(row["stage"]) for row in some}
    return told


@pytest.fixture(scope="module")
def lives(rows: pd.DataFrame) -> dict[date, pd.DataFrame]:
    """day → for each stream that had begun: its age, how long it had been silent, its last 28 days and its best ones."""
    told: dict[date, list[dict[str, object]]] = {end: [] for end in DAYS}
    for group, counts in rows[~rows.is_bot].groupby(["group_id", "day"]).size().groupby(level=0):
        each = counts.droplevel(0)
        monthly = (
            each.reindex(pd.date_range(each.index[0], DAYS[-1]).date, fill_value=0).rolling(28, min_periods=1).sum()
        )
        for end in DAYS:
            if each.index[0] <= end:
                last = each.index[each.index <= end][-1]
                told[end].append(
                    {
                        "group": group, "age": (end - each.index[0]).days, "silent": (end - last).days,
                        "recent": monthly[end], "best": monthly[:end].max(),
                    }
                )  # fmt: skip
    return {end: pd.DataFrame(some).set_index("group") for end, some in told.items()}


every_day = pytest.mark.parametrize("day", DAYS, ids=str)
every_end = pytest.mark.parametrize("end", ENDS, ids=str)


def test_the_totals_are_those_of_the_data_set(streams: Brought, rows: pd.DataFrame) -> None:
    kept = streams.kept()
    named = {one for some in rows.mentions for one in some} | set(rows.reply_to_member.dropna())

    assert (streams.result.accepted, streams.result.rejected) == (len(rows), 0)
    assert kept["message.posted"] == len(rows) == 723_032 - 521_835
    assert kept["groups"] == rows.group_id.nunique() == 65 - LEFT_OUT
    assert kept["people"] == len(set(rows.member_id) | named)


@every_day
def test_streams_silent_for_half_a_year_are_dormant(
    stages: dict[date, dict[str, str]], lives: dict[date, pd.DataFrame], day: date
) -> None:
    silent = lives[day].index[lives[day].silent >= 180]

    assert {group: stages[day][group] for group in silent} == dict.fromkeys(silent, "dormant")


@every_day
def test_streams_at_their_peak_are_neither_dormant_nor_declining(
    stages: dict[date, dict[str, str]], lives: dict[date, pd.DataFrame], day: date
) -> None:
    life = lives[day]
    peaking = life.index[(life.recent >= 0.95 * life.best) & (life.silent <= 7)]

    assert len(peaking) or day == date(2021, 10, 31)
    assert not {stages[day][group] for group in peaking} & {"dormant", "decline"}


@every_day
def test_streams_far_below_their_best_month_are_declining_dormant_or_have_just_woken(
    stages: dict[date, dict[str, str]], lives: dict[date, pd.DataFrame], day: date
) -> None:
    life = lives[day]
    fallen = life.index[(life.recent <= 0.25 * life.best) & (life.age >= YOUNG)]

    assert {stages[day][group] for group in fallen} <= {"decline", "dormant", "revived"}


@every_day
def test_nobody_calls_a_stream_dormant_that_still_talks_at_a_tenth_of_its_best(
    stages: dict[date, dict[str, str]], lives: dict[date, pd.DataFrame], day: date
) -> None:
    life = lives[day]
    talking = life.index[(life.recent >= 0.1 * life.best) & (life.silent < 30)]

    assert "dormant" not in {stages[day][group] for group in talking}


@every_day
def test_streams_are_new_for_six_weeks_unless_they_fell_silent(
    stages: dict[date, dict[str, str]], lives: dict[date, pd.DataFrame], day: date
) -> None:
    young = set(lives[day].index[lives[day].age < YOUNG])

    new = {group for group, stage in stages[day].items() if stage == "introduction" and group in lives[day].index}

    assert new == young


def test_stages_agree_with_a_plain_reading_of_the_lives(
    stages: dict[date, dict[str, str]], lives: dict[date, pd.DataFrame]
) -> None:
    """The plain reading: silent for 60 days, or at 2 % of the best month and a word every other day, is dormant; below 35 % is decline,
    new is new. Whoever has woken lately is told so, whatever they are otherwise, but not of one that sleeps."""
    agreed = judged = 0
    for day in DAYS:
        for group, life in lives[day].iterrows():
            level = life.recent / life.best
            dormant = life.silent >= 60 or (level <= 0.02 and life.recent <= 16 and life.age >= 2 * YOUNG)
            plain = (
                "dormant" if dormant else "introduction" if life.age < YOUNG else "decline" if level < 0.35 else "alive"
            )
            stage = stages[day][str(group)]
            judged += 1
            awake = stage == "revived" and plain != "dormant"
            agreed += awake or plain == ("alive" if stage in {"growth", "maturity"} else stage)

    print(f"stages: {agreed} of {judged} agree")  # noqa: T201
    assert judged > 150
    assert agreed / judged >= 0.98


@pytest.fixture(scope="module")
def found(streams: Brought, tables: Tables) -> dict[date, dict[str, dict[str, Number]]]:
    return {end: streams.numbers(tables, "group", last_days(end)) for end in ENDS}


_talks: dict[date, Talk] = {}


@pytest.fixture
def talk(rows: pd.DataFrame, end: date) -> Talk:
    if end not in _talks:
        _talks[end] = Talk(rows, end)
    return _talks[end]


@every_end
@pytest.mark.parametrize(
    "metric",
    [
        "messages", "messages_per_speaker", "reply_time", "first_reply_time", "questions_answered", "reciprocity",
        "strangers", "overlap", "speaker_share",
    ],
)  # fmt: skip
def test_a_number_of_every_stream_is_what_pandas_says(
    found: dict[date, dict[str, dict[str, Number]]], talk: Talk, end: date, metric: str
) -> None:
    assert is_same(found[end][metric], getattr(talk, metric)()) == []


@every_end
def test_active_speakers_and_members_are_as_many(
    found: dict[date, dict[str, dict[str, Number]]], talk: Talk, end: date
) -> None:
    for days in (1, 7, 30):
        assert is_same(found[end][f"active_{days}d"], talk.active(days)) == []
    assert is_same(found[end]["members"], {g: (float(len(some)), 1.0) for g, some in talk.members().items()}) == []


@every_end
def test_standings_are_those_of_networkx(streams: Brought, tables: Tables, talk: Talk, end: date) -> None:
    ours = streams.named(tables.arrow(group_people.TABLE.of(tables, last_days(end), {})))

    for group, graph in talk.graphs().items():
        mine = ours[ours.group == group].set_index("person")
        ranks = nx.pagerank(graph, 0.85, weight="weight", tol=1e-12, max_iter=1_000)
        cores = nx.core_number(nx.Graph(graph.to_undirected()))
        present = [one for one in graph if one in mine.index]
        assert mine.pagerank.loc[present].to_dict() == pytest.approx({p: ranks[p] for p in present}, abs=1e-6)
        assert mine.core.loc[present].to_dict() == {p: cores[p] for p in present}


@every_end
def test_a_number_asked_for_alone_is_the_one_of_the_whole_reading(
    streams: Brought, found: dict[date, dict[str, dict[str, Number]]], end: date
) -> None:
    """Streams in which only bots ever spoke among them: of the talk of people there, nothing is known either way."""
    with opened(streams.snapshot, streams.ledger.settings) as alone:
        for metric in metrics_per("group"):
            if metric.key in {"messages", "active_7d", "speaker_share", "members"}:
                some = alone.arrow(metric.of(alone, last_days(end))).to_pylist()
                ours = {streams.groups[row["group"]]: (row["part"], row["whole"]) for row in some}
                assert is_same(ours, found[end][metric.key]) == []


def test_numbers_of_one_stream_over_any_days_are_those_of_all(
    streams: Brought, found: dict[date, dict[str, dict[str, Number]]]
) -> None:
    end = ENDS[1]
    group = max(found[end]["messages"], key=lambda one: found[end]["messages"][one])
    number = {name: number for number, name in streams.groups.items()}[group]

    ours = group_numbers(streams.snapshot, streams.ledger.settings, number, last_days(end))

    for key, some in found[end].items():
        if group in some:
            assert (ours[key].part, ours[key].whole) == pytest.approx(some[group]), key


def test_the_reading_is_as_of_the_last_thing_heard_and_every_stream_is_in_it(
    streams: Brought, rows: pd.DataFrame
) -> None:
    spoken = rows[~rows.is_bot]
    days = streams.reading.table("group_days").to_pandas()

    assert streams.reading.day == rows.day.max()
    assert len(streams.reading.table("groups")) == 65 - LEFT_OUT
    assert days.messages.sum() == len(spoken)
    assert days.speakers.sum() == len(spoken.groupby(["group_id", "day", "member_id"]).size())


def test_the_same_file_again_changes_nothing(streams: Brought) -> None:
    before = streams.kept()

    again = streams.again()

    assert (again.accepted, again.duplicates, again.rejected) == (0, streams.result.accepted, 0)
    assert streams.kept() == before
