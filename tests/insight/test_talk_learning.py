"""What operators mark is learned: from the next reading on, messages nobody marked are judged by it."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa

from tests.conftest import CORP
from tests.ledger.scenes import BAJIE, DAIYU, SECOND, said
from tiefen.insight.engine import opened
from tiefen.insight.features import features
from tiefen.insight.metrics.groups import advert_share
from tiefen.insight.models.learning import learn_talk
from tiefen.insight.models.talk.classifying import hints
from tiefen.insight.models.talk.model import NO, YES, Floats, TalkModel, before_path, learned_at, model_path
from tiefen.insight.tables import group_talk
from tiefen.insight.window import Window
from tiefen.kit.clock import day_of, now_us
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


def told(ledger: Ledger, settings: Settings) -> dict[str, int]:
    """How many messages are of which kind, after learning as a reading does."""
    snapshot = ledger.snapshot(CORP)
    with opened(snapshot, settings, keeping=True) as t:
        learn_talk(t)
        rows = t.arrow(group_talk.TABLE.of(t, Window.ending(day_of(now_us(), snapshot.time_zone)), {})).to_pylist()
    return {row["talk"]: row["messages"] for row in rows}


def test_messages_like_the_marked_ones_are_adverts_from_then_on(house: Ledger, settings: Settings) -> None:
    before = told(house, settings)
    mark(house, len(JARGON), len(TALK))

    after = told(house, settings)

    assert "advert" not in before
    assert after["advert"] == len(JARGON) + len(NEW)


def test_a_number_asked_for_later_is_judged_by_the_same_model(house: Ledger, settings: Settings) -> None:
    mark(house, len(JARGON), len(TALK))
    told(house, settings)
    snapshot = house.snapshot(CORP)

    with opened(snapshot, settings) as t:
        metric = advert_share.METRIC.of(t, Window.ending(day_of(now_us(), snapshot.time_zone)))
        (row,) = t.arrow(metric).to_pylist()

    assert (row["part"], row["whole"]) == (len(JARGON) + len(NEW), len(JARGON) + len(TALK) + len(NEW))


def test_too_few_marks_teach_nothing_and_marks_taken_back_are_forgotten(house: Ledger, settings: Settings) -> None:
    mark(house, 49, len(TALK))
    few = told(house, settings)
    forget(house)
    mark(house, len(JARGON), len(TALK))
    told(house, settings)
    forget(house)

    assert few["advert"] == 49
    assert "advert" not in told(house, settings)
    assert learned_at(model_path(settings.data, CORP)).classes == ()


def forget(ledger: Ledger) -> None:
    with ledger.write() as connection:
        connection.execute(sa.delete(advert_marks))


def test_marks_of_another_kind_are_learned_from_too(house: Ledger, settings: Settings) -> None:
    """Jargon that was marked as praise teaches what praise is, and nothing of adverts."""
    rows = [{"message": f"m{n}", "talk": "praise"} for n in range(len(JARGON))]
    rows += [{"message": f"m{len(JARGON) + n}", "talk": "small_talk"} for n in range(len(TALK))]
    with house.write() as connection:
        connection.execute(
            sa.insert(advert_marks),
            [{**row, "advert": False, "corp_id": CORP, "account_id": None, "marked_us": 0} for row in rows],
        )

    counted = told(house, settings)

    assert counted == {"praise": len(JARGON) + len(NEW), "small_talk": len(TALK)}
    kept = learned_at(model_path(settings.data, CORP))
    assert (set(kept.classes), kept.marks) == ({"praise", "small_talk"}, len(rows))


def test_what_was_learned_holds_no_words(house: Ledger, settings: Settings) -> None:
    mark(house, len(JARGON), len(TALK))
    told(house, settings)

    kept = model_path(settings.data, CORP).read_bytes()

    assert not any(text[:3].encode() in kept for text in JARGON)


# ---- what a machine leans on ----------------------------------------------------------------------------

GLAD = [f"{a}{b}" for a, b in product(("茶汤", "点心", "包装", "杯子", "掌柜", "送货"), ("很不错", "非常满意", "真好", "特别喜欢", "五星", "下次还来", "值得推荐", "超值", "很贴心"))]  # fmt: skip


def learned_of(texts: list[str], complaints: int) -> TalkModel:
    told = np.where(np.arange(len(texts)) < complaints, YES, NO).astype(np.int8)
    model = TalkModel.train(texts, {"complaint": told}, hinted(texts))
    assert model is not None
    return model


def hinted(texts: list[str]) -> dict[str, Floats]:
    return hints(pa.array(texts), pa.nulls(len(texts), pa.float64()))


def test_praise_speaks_against_a_complaint_in_words_that_nobody_marked() -> None:
    model = learned_of([*JARGON, *GLAD], len(JARGON))
    asked = ["一路顺风", "确实完美"]

    neither, praise = model.margins(asked, hinted(asked))[:, 0] - model.margins(asked)[:, 0]

    assert praise < neither


def test_a_model_kept_from_when_a_class_had_one_hint_alone_is_not_asked(tmp_path: Path) -> None:
    learned_of([*JARGON, *GLAD], len(JARGON)).save(tmp_path / "talk.npz")
    with np.load(tmp_path / "talk.npz") as kept:
        arrays = dict(kept)
    np.savez_compressed(tmp_path / "old.npz", **(arrays | {"trust": arrays["trust"][:, 0]}))

    assert TalkModel.load(tmp_path / "talk.npz") is not None
    assert TalkModel.load(tmp_path / "old.npz") is None


# ---- what was learned elsewhere ---------------------------------------------------------------------------


def test_a_company_without_marks_begins_with_what_another_learned(house: Ledger, settings: Settings) -> None:
    path = model_path(settings.data, CORP)
    mark(house, len(JARGON), len(TALK))
    told(house, settings)
    path.rename(before_path(path))
    forget(house)

    assert told(house, settings)["advert"] == len(JARGON) + len(NEW)
    before_path(path).unlink()
    assert "advert" not in told(house, settings)


def test_few_marks_lean_on_what_was_learned_elsewhere() -> None:
    """Jargon of three goods is marked here; of the others only the company before knew."""
    elsewhere = learned_of([*JARGON, *GLAD], len(JARGON))
    mine = [text for text in JARGON if text.startswith("白首乌")]
    labels = {"complaint": np.array([YES] * len(mine) + [NO] * len(TALK), np.int8)}
    asked = ["野参片压仓走手慢无", "今天的诗真好"]

    alone, leaning = (TalkModel.train([*mine, *TALK], labels, least=1, before=one) for one in (None, elsewhere))

    assert alone is not None
    assert leaning is not None
    (advert_alone, talk_alone), (advert, talk) = alone.margins(asked)[:, 0], leaning.margins(asked)[:, 0]
    assert advert - talk > advert_alone - talk_alone


def test_a_model_that_leans_on_another_judges_the_same_when_it_was_kept(tmp_path: Path) -> None:
    elsewhere = learned_of([*JARGON, *GLAD], len(JARGON))
    texts = [*JARGON[:9], *TALK[:9]]
    labels = {"advert": np.array([YES] * 9 + [NO] * 9, np.int8)}
    model = TalkModel.train(texts, labels, hinted(texts), least=1, before=elsewhere)
    assert model is not None

    model.save(tmp_path / "talk.npz")
    kept = TalkModel.load(tmp_path / "talk.npz")

    assert kept is not None
    assert kept.before is not None
    assert np.array_equal(kept.margins(NEW, hinted(NEW)), model.margins(NEW, hinted(NEW)))


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "talk.npz").write_bytes(content)

    with pytest.raises(ValueError, match=r"talk\.npz is not a model of talk"):
        TalkModel.load(tmp_path / "talk.npz")


def test_arrays_of_something_else_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "talk.npz", prices=np.zeros(3))

    with pytest.raises(ValueError, match=r"talk\.npz is not a model of talk"):
        TalkModel.load(tmp_path / "talk.npz")
