"""IRC logs: joins and leaves, and who answers whom, guessed from the words alone and scored against what people annotated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import pandas as pd
import pytest

from tests.real.talk import Talk
from tests.real.world import Brought, brought, file_of, frame_of, is_same, last_days
from tiefen.insight.engine import Tables
from tiefen.intake.files import importer
from tiefen.kit.clock import to_us

NAME = "chat_irc_replies"
GIVEN = ("reply_to_member", "reply_to_message", "mentions")
"""What a log does not say; this file does, so that guesses can be scored."""
DAY = 86_400_000_000
Stay = tuple[int, int | None, bool, bool]
"""From, until, and whether the coming and the going were told."""


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brought]:
    """The logs without their columns of replies and mentions, as any other log is."""
    columns = importer.inspect(file_of(NAME)).mapping
    mapping = {"columns": {field: column for field, column in columns.items() if field not in GIVEN}}
    with brought(tmp_path_factory.mktemp("irc"), NAME, mapping=mapping) as some:
        yield some


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return frame_of(NAME)


@pytest.fixture(scope="module")
def tables(logs: Brought) -> Iterator[Tables]:
    with logs.tables() as some:
        yield some


@pytest.fixture(scope="module")
def stays(rows: pd.DataFrame) -> dict[str, dict[str, list[Stay]]]:
    """group → member → stays, followed line by line: joins, leaves, and the first word of whoever was not seen joining."""
    known = rows[rows.member_id.notna()]
    spoke = known[known.event == "message"].groupby(["group_id", "member_id"], as_index=False).us.min()
    moves = known[known.event.isin(["join", "leave", "kick"])]
    told: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for group, member, us, event in zip(moves.group_id, moves.member_id, moves.us, moves.event, strict=True):
        told[group, member].append((us, 0 if event == "join" else 2))
    for group, member, us in zip(spoke.group_id, spoke.member_id, spoke.us, strict=True):
        told[group, member].append((us, 1))
    found: dict[str, dict[str, list[Stay]]] = defaultdict(dict)
    for (group, member), marks in told.items():
        found[group][member] = _followed(sorted(marks))
    return found


def _followed(marks: list[tuple[int, int]]) -> list[Stay]:
    done: list[Stay] = []
    since: tuple[int, bool] | None = None
    for us, what in marks:
        if what == 2:
            begun, known = since or (us, False)
            done.append((begun, us, known, True))
            since = None
        elif since is None and (what == 0 or not done):
            since = (us, what == 0)
    return done if since is None else [*done, (since[0], None, since[1], False)]


def test_the_totals_are_those_of_the_data_set(logs: Brought, rows: pd.DataFrame) -> None:
    kept, events = logs.kept(), rows[rows.member_id.notna()].event.value_counts()

    assert len(rows) == 183_211
    assert kept["message.posted"] == events["message"] == 163_884
    assert kept["member.joined"] == events["join"] == 13_027
    assert kept["member.left"] == events["leave"] + events["kick"]
    assert kept["groups"] == rows.group_id.nunique() == 129
    assert logs.result.accepted == kept["message.posted"] + kept["member.joined"] + kept["member.left"]


def test_new_nicknames_and_other_notes_of_the_server_are_no_messages(logs: Brought, rows: pd.DataFrame) -> None:
    other = rows.event.isin(["nick", "other"])

    assert logs.rejected() == {
        "no_member": int(rows.member_id.isna().sum()),
        "unknown_event": int((other & rows.member_id.notna()).sum()),
    }
    assert logs.result.accepted + logs.result.rejected == len(rows)


def test_the_columns_of_replies_are_recognised_where_a_file_has_them(logs: Brought) -> None:
    mapping = importer.inspect(logs.path).mapping

    assert [mapping[field] for field in GIVEN] == ["reply_to_member", "reply_to_ids", "mentions"]


def test_who_is_answered_is_guessed_well_where_it_is_guessed(logs: Brought, tables: Tables, rows: pd.DataFrame) -> None:
    """Scored on the annotated messages. A guess is right where one of the messages it was annotated to answer is by that
    person. Replies to oneself are turns going on, and not looked for."""
    said = tables.arrow(tables["message_posted"].select("source_id", "reply_to")).to_pydict()
    guesses = {
        message: logs.people[person]
        for message, person in zip(said["source_id"], said["reply_to"], strict=True)
        if person is not None
    }
    author = dict(zip(rows.message_id, rows.member_id, strict=True))
    gold: dict[str, set[str]] = {}
    asked = rows[rows.annotated & (rows.event == "message")]
    for message, member, ids, to in zip(
        asked.message_id, asked.member_id, asked.reply_to_ids, asked.reply_to_member, strict=True
    ):
        gold[message] = {one for one in (*(author.get(i) for i in ids), to) if isinstance(one, str)} - {member}

    guessed = {message: to for message, to in guesses.items() if message in gold}
    right = sum(to in gold[message] for message, to in guessed.items())
    precision, recall = right / len(guessed), right / sum(bool(some) for some in gold.values())

    f1 = 2 * precision * recall / (precision + recall)
    print(f"reply targets: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}, of {len(gold)} messages")  # noqa: T201
    assert precision >= 0.885
    assert recall >= 0.505


def test_nobody_is_guessed_to_answer_themselves_or_somebody_never_heard_of(tables: Tables) -> None:
    said = tables["message_posted"]
    people = tables["person"]

    assert tables.arrow(said.filter(said.reply_to == said.member)).num_rows == 0
    assert (
        tables.arrow(said.filter(said.reply_to.notnull()).anti_join(people, said.reply_to == people.person)).num_rows
        == 0
    )


def test_stays_are_those_that_the_lines_tell(
    logs: Brought, tables: Tables, stays: dict[str, dict[str, list[Stay]]]
) -> None:
    found: dict[str, dict[str, list[Stay]]] = defaultdict(lambda: defaultdict(list))
    for row in tables.snapshot.rows["stay"].to_pylist():
        since, until = (None if row[name] is None else to_us(row[name]) for name in ("joined_at", "left_at"))
        assert since is not None
        stay = (since, until, row["join_known"], row["left_known"])
        found[logs.groups[row["group"]]][logs.people[row["member"]]].append(stay)

    assert _ordered(found) == _ordered(stays)


def _ordered(stays: Mapping[str, Mapping[str, list[Stay]]]) -> dict[tuple[str, str], list[Stay]]:
    return {(group, one): sorted(each, key=str) for group, some in stays.items() for one, each in some.items()}


def _last_days(rows: pd.DataFrame) -> list[date]:
    """The days on which three logs with many leaves end."""
    leaves = rows[rows.event == "leave"].groupby("group_id").size().nlargest(3)
    return [rows[rows.group_id == group].day.max() for group in leaves.index]


@pytest.mark.parametrize("nth", [0, 1, 2])
@pytest.mark.parametrize("after", [0, 8, 31])
def test_comings_goings_and_who_stayed_are_those_of_the_lines(
    logs: Brought, tables: Tables, rows: pd.DataFrame, stays: dict[str, dict[str, list[Stay]]], nth: int, after: int
) -> None:
    end = _last_days(rows)[nth] + timedelta(days=after)
    until = int(pd.Timestamp(end + timedelta(days=1), tz="UTC").timestamp()) * 1_000_000
    ours = logs.numbers(tables, "group", last_days(end))

    each = {group: [stay for some in of.values() for stay in some if stay[0] < until] for group, of in stays.items()}
    begun = {group: some for group, some in each.items() if some}
    watched = {group: some for group, some in begun.items() if any(join or left for _, _, join, left in some)}

    present = {g: float(sum(left is None or left >= until for _, left, _, _ in some)) for g, some in begun.items()}
    assert is_same(ours["members"], {group: (count, 1.0) for group, count in present.items()}) == []
    lately = until - 30 * DAY
    joined = {g: float(sum(join and since >= lately for since, _, join, _ in some)) for g, some in watched.items()}
    assert is_same(ours["joined"], {group: (count, 1.0) for group, count in joined.items()}) == []
    left = {
        g: float(sum(told and at is not None and lately <= at < until for _, at, _, told in some))
        for g, some in watched.items()
    }
    assert is_same(ours["left"], {group: (count, 1.0) for group, count in left.items()}) == []
    for days in (7, 30):
        theirs = {}
        for group, some in watched.items():
            judged = [
                (since, at) for since, at, join, _ in some if join and until - 90 * DAY <= since < until - days * DAY
            ]
            if judged:
                kept = sum(at is None or at >= since + days * DAY for since, at in judged)
                theirs[group] = (float(kept), float(len(judged)))
        assert is_same(ours[f"newcomer_retention_{days}d"], theirs) == []


@pytest.mark.parametrize("nth", [0, 1, 2])
def test_talk_is_counted_as_pandas_counts_it(logs: Brought, tables: Tables, rows: pd.DataFrame, nth: int) -> None:
    end = _last_days(rows)[nth]
    talk = Talk(rows[(rows.event == "message") & rows.member_id.notna()].assign(is_bot=False), end)

    ours = logs.numbers(tables, "group", last_days(end))

    assert is_same(ours["messages"], talk.messages()) == []
    assert is_same(ours["messages_per_speaker"], talk.messages_per_speaker()) == []
    assert is_same(ours["reply_time"], talk.reply_time()) == []
    for days in (1, 7, 30):
        assert is_same(ours[f"active_{days}d"], talk.active(days)) == []


def test_the_same_file_again_changes_nothing(logs: Brought) -> None:
    before = logs.kept()

    again = logs.again()

    assert (again.accepted, again.duplicates) == (0, logs.result.accepted)
    assert again.rejected == logs.result.rejected
    assert logs.kept() == before
