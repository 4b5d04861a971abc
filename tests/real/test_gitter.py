"""365 public chat rooms over two years: what is told of them is what pandas and networkx find in the same file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import networkx as nx
import pandas as pd
import pytest

from tests.real.talk import DAY, Talk
from tests.real.world import Brought, Number, brought, frame_of, is_same, last_days, midnight
from tiefen.insight.engine import Tables
from tiefen.insight.tables import group_overlap, group_people

NAME, ZONE = "chat_gitter", "America/New_York"
ENDS = [date(2015, 8, 31), date(2015, 11, 5), date(2016, 6, 15)]
"""In the boom, just after the clocks changed, and in the decline."""


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brought]:
    with brought(tmp_path_factory.mktemp("gitter"), NAME, zone=ZONE) as some:
        yield some


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """The rows that can be kept: four have nobody who said them."""
    frame = frame_of(NAME, ZONE)
    return frame[frame.member_id.notna()]


@pytest.fixture(scope="module")
def tables(rooms: Brought) -> Iterator[Tables]:
    with rooms.tables() as some:
        yield some


@pytest.fixture(scope="module")
def found(rooms: Brought, tables: Tables) -> dict[date, dict[str, dict[str, Number]]]:
    """Every metric of every room over the 30 days that end on each of `ENDS`."""
    return {end: rooms.numbers(tables, "group", last_days(end)) for end in ENDS}


_talks: dict[date, Talk] = {}


@pytest.fixture
def talk(rows: pd.DataFrame, end: date) -> Talk:
    if end not in _talks:
        _talks[end] = Talk(rows, end)
    return _talks[end]


every_end = pytest.mark.parametrize("end", ENDS, ids=str)


def test_the_totals_are_those_of_the_data_set(rooms: Brought, rows: pd.DataFrame) -> None:
    addressed = {one for named in rows.mentions for one in named} | set(rows.reply_to_member.dropna())

    kept = rooms.kept()

    assert rooms.preview.format == "chat"
    assert rooms.preview.missing == []
    assert rooms.result.accepted == kept["message.posted"] == len(rows) == 145_004
    assert kept["groups"] == rows.group_id.nunique() == 365
    assert rows.member_id.nunique() == 6_038
    assert kept["people"] == len(set(rows.member_id) | addressed)


def test_the_four_rows_that_nobody_said_are_rejected_with_the_reason(rooms: Brought) -> None:
    assert rooms.result.rejected == 4
    assert rooms.rejected() == {"no_member": 4}


@every_end
@pytest.mark.parametrize("days", [1, 7, 30])
def test_active_speakers_are_as_many(
    found: dict[date, dict[str, dict[str, Number]]], talk: Talk, end: date, days: int
) -> None:
    assert is_same(found[end][f"active_{days}d"], talk.active(days)) == []


@every_end
@pytest.mark.parametrize(
    "metric",
    [
        "messages", "messages_per_speaker", "reply_time", "first_reply_time", "reciprocity", "strangers", "overlap",
        "speaker_share",
    ],
)  # fmt: skip
def test_a_number_of_every_room_is_what_pandas_says(
    found: dict[date, dict[str, dict[str, Number]]], talk: Talk, end: date, metric: str
) -> None:
    assert is_same(found[end][metric], getattr(talk, metric)()) == []


@every_end
def test_members_are_those_who_ever_spoke(
    found: dict[date, dict[str, dict[str, Number]]], talk: Talk, end: date
) -> None:
    assert is_same(found[end]["members"], {g: (float(len(some)), 1.0) for g, some in talk.members().items()}) == []


@every_end
def test_talk_is_as_concentrated(found: dict[date, dict[str, dict[str, Number]]], talk: Talk, end: date) -> None:
    ours = {group: part / whole for group, (part, whole) in found[end]["participation_gini"].items()}

    assert ours == pytest.approx(talk.gini(), abs=1e-9)


@every_end
def test_where_joins_are_not_told_nobody_claims_to_know_them(
    found: dict[date, dict[str, dict[str, Number]]], end: date
) -> None:
    for metric in ("joined", "left", "newcomer_retention_7d", "newcomer_retention_30d"):
        assert found[end][metric] == {}


@every_end
def test_people_talk_as_much_and_are_answered_by_as_many(rooms: Brought, tables: Tables, talk: Talk, end: date) -> None:
    ours = rooms.numbers(tables, "person", last_days(end))

    for metric, theirs in talk.of_people().items():
        assert {who: ours[metric][who][0] for who in theirs} == theirs
    talkers = {who for who, (messages, _) in ours["messages"].items() if messages}
    assert talkers == set(talk.said.member_id)


@every_end
def test_people_are_known_since_their_first_word_and_silent_since_their_last(
    rooms: Brought, tables: Tables, talk: Talk, end: date
) -> None:
    ends = int(midnight(end + timedelta(days=1), ZONE).timestamp()) * 1_000_000
    words = talk.ever.groupby("member_id").us.agg(["min", "max"])

    ours = rooms.numbers(tables, "person", last_days(end))

    days = {name: {who: part for who, (part, _) in ours[name].items()} for name in ("days_known", "silent_days")}
    assert days["days_known"] == ((ends - words["min"]) // DAY).to_dict()
    assert days["silent_days"] == ((ends - words["max"]) // DAY).to_dict()


@every_end
def test_standings_are_those_of_networkx(rooms: Brought, tables: Tables, talk: Talk, end: date) -> None:
    ours = rooms.named(tables.arrow(group_people.TABLE.of(tables, last_days(end), {})))
    graphs = talk.graphs()
    largest = sorted(graphs, key=lambda group: (-len(graphs[group]), group))[:40]

    for group in largest:
        mine = ours[ours.group == group].set_index("person")
        graph = graphs[group]
        ranks = nx.pagerank(graph, 0.85, weight="weight", tol=1e-12, max_iter=1_000)
        cores = nx.core_number(nx.Graph(graph.to_undirected()))
        present = [one for one in graph if one in mine.index]
        assert len(present) > 0.5 * len(graph)
        assert mine.pagerank.loc[present].to_dict() == pytest.approx({p: ranks[p] for p in present}, abs=1e-6)
        assert mine.core.loc[present].to_dict() == {p: cores[p] for p in present}


@every_end
def test_rooms_share_the_members_that_sets_share(rooms: Brought, tables: Tables, talk: Talk, end: date) -> None:
    ours = rooms.named(tables.arrow(group_overlap.TABLE.of(tables, last_days(end), {})))
    members, theirs = talk.members(), talk.shared()

    pairs = {tuple(sorted((row.a, row.b))): row for row in ours.itertuples()}

    assert {pair: row.shared for pair, row in pairs.items()} == theirs
    for (a, b), row in pairs.items():
        jaccard = row.shared / (row.a_members + row.b_members - row.shared)
        assert jaccard == pytest.approx(len(members[a] & members[b]) / len(members[a] | members[b]))


def test_talk_among_learners_of_programming_is_hardly_ever_taken_for_adverts(
    rooms: Brought, found: dict[date, dict[str, dict[str, Number]]]
) -> None:
    """Nearly all that is: the same words over and over, as in the notice that a room will be closed."""
    with rooms.tables() as tables:
        said = tables["message_posted"]
        by_rules = tables.arrow(
            said.filter(~said.by_bot).agg(adverts=(said.advert_score >= 0.5).sum(), messages=said.advert_score.count())
        ).to_pylist()[0]

    adverts = sum(part for end in ENDS for part, _ in found[end]["advert_share"].values())
    messages = sum(whole for end in ENDS for _, whole in found[end]["advert_share"].values())

    print(f"adverts by the rules: {by_rules}; with repetitions: {adverts:.0f} of {messages:.0f}")  # noqa: T201
    assert by_rules["adverts"] / by_rules["messages"] < 0.001
    assert messages > 20_000
    assert adverts / messages < 0.02


def test_the_reading_is_as_of_the_last_thing_heard(rooms: Brought, rows: pd.DataFrame) -> None:
    assert rooms.reading.day == rows.day.max()
    assert len(rooms.reading.table("groups")) == 365


def test_the_days_of_the_company_add_up_to_the_file(rooms: Brought, rows: pd.DataFrame) -> None:
    spoken = rows[~rows.is_bot]
    days = rooms.reading.table("corp_days").to_pandas()

    ours = {row.day: (row.messages, row.speakers) for row in days.itertuples() if row.messages}

    by_day = spoken.groupby("day").agg(messages=("member_id", "size"), speakers=("member_id", "nunique"))
    assert ours == {day: (row.messages, row.speakers) for day, row in by_day.iterrows()}


def test_the_same_file_again_changes_nothing(rooms: Brought) -> None:
    before = rooms.kept()

    again = rooms.again()

    assert (again.accepted, again.duplicates, again.rejected) == (0, 145_004, 4)
    assert rooms.kept() == before
