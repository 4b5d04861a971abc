"""Any past day, told today: as it would have been told then, with what has been learned of it since."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

from tests.insight.scenes import BAJIE as BAJIE_
from tests.insight.scenes import BAKERS, BOOKS, Scene, us
from tests.insight.scenes import DAIYU as DAIYU_
from tests.insight.scenes import SHASENG as SHASENG_
from tests.insight.scenes import WUKONG as WUKONG_
from tests.ledger.scenes import CAST, CORP, DAIYU, WUKONG, person_of
from tests.stores import empty_store
from tiefen.insight.engine import opened
from tiefen.insight.past import NotYet, as_it_was
from tiefen.insight.reading import read_everything
from tiefen.insight.readings import Reading, Readings
from tiefen.insight.tables import TABLES
from tiefen.kit.settings import Settings
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import (
    ContactAdded,
    Fact,
    GroupDismissed,
    Id,
    MemberJoined,
    MemberLeft,
    MessagePosted,
    OrderPaid,
)
from tiefen.ledger.ledger import Ledger

FIRST, DAY, LAST = date(2026, 3, 1), date(2026, 4, 20), date(2026, 5, 10)
PEOPLE = (*CAST, *(Id("user_id", f"茶客{n}") for n in range(8)))


def _life(seed: int) -> list[Fact]:
    """Some weeks of four groups, drawn by lot, in order of time; one is founded and one dismissed on the way. Nobody speaks
    where comings are told: a coming told after somebody spoke completes what was guessed of it, also for the days before."""
    lots = Random(seed)
    facts: list[Fact] = []

    def at(first: date = FIRST, last: date = LAST) -> int:
        return us(f"{first}") + lots.randrange((last - first).days * 86_400) * 1_000_000

    for n in range(260):
        group = lots.choice(("诗社", "茶友", "新社"))
        when = at(DAY + timedelta(days=3) if group == "新社" else FIRST)
        someone = lots.choice(PEOPLE)
        facts.append(
            MessagePosted(
                happened_us=when, source_id=f"m{n}", group=group, member=someone, length=9, is_question=n % 7 == 0,
                reply_to=lots.choice(PEOPLE) if n % 3 == 0 else None, mentions=tuple(lots.sample(PEOPLE, 2)) if n % 9 == 0 else (),
            )
        )  # fmt: skip
    for n, member in enumerate(PEOPLE):
        came = at()
        facts.append(
            MemberJoined(
                happened_us=came, source_id=f"j{n}", group="书会", member=member, invited_by=lots.choice(PEOPLE)
            )
        )
        if n % 2:
            facts.append(
                MemberLeft(happened_us=came + 86_400_000_000 * (n + 1), source_id=f"l{n}", group="书会", member=member)
            )
        facts.append(
            ContactAdded(
                happened_us=at(), source_id=f"c{n}", person=member, staff=None, source=lots.choice(("门店", "抖音"))
            )
        )
    for n in range(25):
        facts.append(
            OrderPaid(
                happened_us=at(), source_id=f"o{n}", person=lots.choice(PEOPLE), order=f"o{n}", amount_fen=100 * n
            )
        )
    facts.append(GroupDismissed(happened_us=us(f"{LAST}"), source_id="d", group="茶友"))
    return sorted(facts, key=lambda fact: (fact.happened_us, fact.source_id))


@contextmanager
def _ledger(data: Path) -> Iterator[Ledger]:
    shutil.copytree(empty_store(), data)
    with Ledger.open(Settings(data=data)) as ledger:
        ledger.ensure_corp(CORP, name="红楼")
        yield ledger


def _tell(ledger: Ledger, facts: list[Fact]) -> None:
    ledger.append(Batch(CORP, "test", facts))
    ledger.flush()


def _whole(reading: Reading) -> dict[str, list[dict[str, object]]]:
    """Every table of a reading in plain values, in an order of its own."""
    return {table.name: sorted(reading.table(table.name).to_pylist(), key=repr) for table in TABLES}


@pytest.mark.slow
@pytest.mark.long
def test_a_past_day_is_told_today_as_it_was_told_then(tmp_path: Path) -> None:
    facts = _life(1)
    end = us(f"{DAY + timedelta(days=1)}")
    with _ledger(tmp_path / "data") as ledger:
        _tell(ledger, [fact for fact in facts if fact.happened_us < end])
        that_day = replace(ledger.snapshot(CORP), taken_us=end - 1)
        then = _whole(read_everything(that_day, ledger.settings))

        _tell(ledger, [fact for fact in facts if fact.happened_us >= end])
        today = _whole(read_everything(ledger.snapshot(CORP), ledger.settings, as_of=DAY))

    assert {name for name, rows in then.items() if rows != today[name]} == set()


@pytest.mark.slow
@pytest.mark.long
def test_a_merge_and_a_fact_that_came_late_repair_the_past_and_leave_the_present_alone(tmp_path: Path) -> None:
    with _ledger(tmp_path / "data") as ledger:
        _tell(ledger, _life(3))
        before = read_everything(ledger.snapshot(CORP), ledger.settings, as_of=DAY)
        late = MessagePosted(happened_us=us(f"{DAY} 10:00"), source_id="late", group="诗社", member=DAIYU, length=3)
        _tell(ledger, [late])
        gone, kept = person_of(ledger, WUKONG), person_of(ledger, DAIYU)
        ledger.merge(CORP, kept, gone)

        after = read_everything(ledger.snapshot(CORP), ledger.settings, as_of=DAY)

        said = "SELECT sum(messages) AS n FROM corp_days WHERE day = ?"
        assert _one(after, said, DAY) == _one(before, said, DAY) + 1
        assert _one(before, "SELECT count(*) AS n FROM persons WHERE person = ?", gone) == 1
        assert _one(after, "SELECT count(*) AS n FROM persons WHERE person = ?", gone) == 0
        readings = Readings(ledger.settings)
        found = readings.as_of(CORP, DAY)
        assert found is not None and (found.day, found.folder) == (DAY, after.folder)
        assert readings.current(CORP) is None
        assert readings.as_of(CORP, DAY - timedelta(days=1)) is None


@pytest.mark.slow
@pytest.mark.long
def test_before_anything_happened_there_is_nothing(tmp_path: Path) -> None:
    with _ledger(tmp_path / "data") as ledger:
        _tell(ledger, _life(5))

        long_ago = read_everything(ledger.snapshot(CORP), ledger.settings, as_of=date(2020, 1, 1))

    told = ("groups", "persons", "sources", "group_days", "corp_days", "group_people", "memberships")
    assert {name: long_ago.table(name).num_rows for name in told} == dict.fromkeys(told, 0)


def test_a_past_day_knows_only_what_had_happened_and_who_had_come_up(tmp_path: Path) -> None:
    scene = Scene()
    scene.says(DAIYU_, "2026-04-20 23:59", mentions=[WUKONG_])
    scene.says(BAJIE_, "2026-04-21 00:00", group=BAKERS)
    scene.rows["person"].append({"person": WUKONG_, "staff": False})
    scene.stays(SHASENG_, "2026-04-02 09:00", "2026-04-25 09:00")
    then = as_it_was(scene.snapshot("2026-05-10 12:00"), DAY)

    with opened(then, Settings(data=tmp_path), until_us=then.taken_us + 1) as t:
        people = sorted(t.arrow(t["person"])["person"].to_pylist())
        said, groups = t.arrow(t["message_posted"]).num_rows, t.arrow(t["group"])["group"].to_pylist()
        stays = t.arrow(t["stay"].select("left_at", "left_known")).to_pylist()

    assert (people, said, groups) == ([DAIYU_, WUKONG_, SHASENG_], 1, [BOOKS])
    assert stays == [{"left_at": None, "left_known": False}]


def test_nobody_tells_of_a_day_to_come() -> None:
    with pytest.raises(NotYet, match="2026-04-21 has not come yet; today is 2026-04-20"):
        as_it_was(Scene().snapshot("2026-04-20 23:59"), DAY + timedelta(days=1))


def _one(reading: Reading, sql: str, value: object) -> int:
    answer: pa.Table = reading.sql(sql, [value])
    return int(answer["n"][0].as_py())
