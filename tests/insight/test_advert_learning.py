"""What operators mark is learned: from the next reading on, messages nobody marked are judged by it."""

from __future__ import annotations

from itertools import product

import pytest
import sqlalchemy as sa

from tests.conftest import CORP
from tests.ledger.scenes import BAJIE, DAIYU, SECOND, said
from tiefen.insight.features import features
from tiefen.insight.numbers import group_numbers
from tiefen.insight.reading import read_everything
from tiefen.insight.readings import Reading
from tiefen.kit.clock import now_us
from tiefen.kit.settings import Settings
from tiefen.ledger.batch import Batch
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import advert_marks

JARGON = [f"{a}{b}{c}" for a, b, c in product(("白首乌", "野参片", "老山檀"), ("窜货出", "压仓走", "清底走"), ("懂的来", "手慢无", "留句话", "问价扣一", "只此一批", "顺手带走"))]  # fmt: skip
TALK = [f"{a}{b}{c}" for a, b, c in product(("今天的诗", "昨晚的月色", "园里的海棠"), ("写得真好", "看得人不想睡", "开得正盛"), ("呀", "呢", "，大家说说", "，谁也来看看", "，我记下了", "，改日再聚"))]  # fmt: skip
NEW = ["野参片清底走手慢无了", "老山檀压仓走懂的来呀"]


@pytest.fixture
def house(ledger: Ledger) -> Ledger:
    """A group with much jargon that the rules do not know, much talk, and two new messages of the first kind."""
    texts = [*JARGON, *TALK, *NEW]
    end = now_us() - 100_000 * SECOND
    facts = [
        said(n, by=BAJIE if text in JARGON or text in NEW else DAIYU, at=end + n * SECOND,
             length=len(text), text_hash=features(text).text_hash, advert_score=features(text).advert_score)
        for n, text in enumerate(texts)
    ]  # fmt: skip
    ledger.append(Batch(CORP, "test", facts, words=dict(enumerate(texts))))
    return ledger


def mark(ledger: Ledger, adverts: int, fine: int) -> None:
    rows = [{"message": f"m{n}", "advert": True} for n in range(adverts)]
    rows += [{"message": f"m{len(JARGON) + n}", "advert": False} for n in range(fine)]
    with ledger.write() as connection:
        connection.execute(
            sa.insert(advert_marks), [{**row, "corp_id": CORP, "account_id": None, "marked_us": 0} for row in rows]
        )


def adverts_in(reading: Reading) -> float:
    rows = reading.sql("SELECT advert_share_part AS part FROM groups").to_pylist()
    return float(rows[0]["part"])


def test_messages_like_the_marked_ones_are_counted_after_the_next_reading(house: Ledger, settings: Settings) -> None:
    before = adverts_in(read_everything(house.snapshot(CORP), settings))
    mark(house, len(JARGON), len(TALK))

    after = adverts_in(read_everything(house.snapshot(CORP), settings))

    assert before == 0
    assert after == len(JARGON) + len(NEW)


def test_a_number_asked_for_later_is_judged_by_the_same_model(house: Ledger, settings: Settings) -> None:
    mark(house, len(JARGON), len(TALK))
    reading = read_everything(house.snapshot(CORP), settings)
    (row,) = reading.sql(
        'SELECT "group", advert_share_part AS part, advert_share_whole AS whole FROM groups'
    ).to_pylist()

    later = group_numbers(house.snapshot(CORP), settings, row["group"], reading.window)["advert_share"]

    assert (later.part, later.whole) == (row["part"], row["whole"])


def test_too_few_marks_teach_nothing_and_marks_taken_back_are_forgotten(house: Ledger, settings: Settings) -> None:
    mark(house, 49, len(TALK))
    few = adverts_in(read_everything(house.snapshot(CORP), settings))
    with house.write() as connection:
        connection.execute(sa.delete(advert_marks))
    mark(house, len(JARGON), len(TALK))
    read_everything(house.snapshot(CORP), settings)
    with house.write() as connection:
        connection.execute(sa.delete(advert_marks))

    forgotten = adverts_in(read_everything(house.snapshot(CORP), settings))

    assert (few, forgotten) == (49, 0)
