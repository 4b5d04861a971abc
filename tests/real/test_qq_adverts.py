"""Adverts in Chinese group chats: how well the shipped rules and the model that learns from marks find them; and a file
without times, which is refused before anything is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from tests.real.world import CORP, file_of, frame_of
from tiefen.insight.models.adverts import ADVERT, explain, score
from tiefen.insight.models.talk.model import LEAST_MARKS, TalkModel
from tiefen.intake.files import importer
from tiefen.intake.files.errors import FieldUnmapped
from tiefen.ledger.ledger import Ledger

NAME = "zh_qq_group_ads"
FOLDS = 5
ALIKE = 0.5
"""Texts that share half of their pairs of characters are one advert said twice."""


@dataclass(frozen=True)
class Scored:
    """How well adverts were found."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    @classmethod
    def of(cls, truth: pd.Series, found: pd.Series) -> Scored:
        right = int((truth & found).sum())
        return cls(right / int(found.sum()), right / int(truth.sum()))

    def __str__(self) -> str:
        return f"precision {self.precision:.3f}, recall {self.recall:.3f}, F1 {self.f1:.3f}"


@pytest.fixture(scope="module")
def messages() -> pd.DataFrame:
    frame = frame_of(NAME)
    frame["advert"] = frame.is_ad == 1
    frame["rules"] = frame.text.map(score)
    frame["by_rules"] = frame.rules >= ADVERT
    frame["fold"] = [int(hashlib.sha256(doc.encode()).hexdigest()[:8], 16) % FOLDS for doc in frame.doc_id]
    return frame


def _by_model(training: pd.DataFrame, asked: pd.DataFrame) -> pd.Series:
    odds = _odds(_trained(training), asked)
    return pd.Series(odds >= 0, asked.index)


def _trained(some: pd.DataFrame) -> TalkModel:
    model = _train(some)
    assert model is not None
    return model


def _train(some: pd.DataFrame) -> TalkModel | None:
    return TalkModel.train(some.text.tolist(), {"advert": some.advert.to_numpy(np.int8)}, _hints(some))


def _odds(model: TalkModel, asked: pd.DataFrame) -> np.ndarray:
    return model.odds(asked.text.tolist(), _hints(asked))[:, 0]


def _hints(some: pd.DataFrame) -> dict[str, np.ndarray]:
    p = some.rules.to_numpy()
    return {"advert": np.log(p / (1 - p))}


def test_the_totals_are_those_of_the_data_set(messages: pd.DataFrame) -> None:
    assert (len(messages), int(messages.advert.sum())) == (1_855, 329)


@pytest.mark.parametrize(
    ("split", "precision", "recall"),
    [("mc_qq_group.txt", 0.98, 0.42), ("train.txt", 0.99, 0.55), ("test.txt", 0.93, 0.68)],
)
def test_the_rules_are_right_when_they_speak(
    messages: pd.DataFrame, split: str, precision: float, recall: float
) -> None:
    some = messages[messages.src_file == split]

    scored = Scored.of(some.advert, some.by_rules)

    print(f"rules on {split}: {scored}")  # noqa: T201
    assert scored.precision >= precision
    assert scored.recall >= recall


def test_the_rules_over_all_splits(messages: pd.DataFrame) -> None:
    scored = Scored.of(messages.advert, messages.by_rules)

    print(f"rules: {scored}")  # noqa: T201
    assert scored.precision >= 0.98
    assert scored.recall >= 0.47
    assert scored.f1 >= 0.64


def test_what_the_rules_call_an_advert_has_reasons(messages: pd.DataFrame) -> None:
    reasons = messages[messages.by_rules].text.map(explain)

    assert all(reasons)


@pytest.mark.parametrize(
    ("split", "precision", "recall"),
    [("mc_qq_group.txt", 0.89, 0.70), ("train.txt", 0.95, 0.92), ("test.txt", 0.95, 0.99)],
)
def test_the_model_finds_in_one_split_what_it_learned_from_the_others(
    messages: pd.DataFrame, split: str, precision: float, recall: float
) -> None:
    some = messages[messages.src_file == split]

    scored = Scored.of(some.advert, _by_model(messages[messages.src_file != split], some))

    print(f"model on {split}, learned from the others: {scored}")  # noqa: T201
    assert scored.precision >= precision
    assert scored.recall >= recall


def test_the_model_finds_nearly_twice_as_many_as_the_rules_in_five_folds(messages: pd.DataFrame) -> None:
    found = pd.concat(
        [_by_model(messages[messages.fold != n], messages[messages.fold == n]) for n in range(FOLDS)]
    ).reindex(messages.index)

    scored = Scored.of(messages.advert, found)

    print(f"model, {FOLDS} folds: {scored}")  # noqa: T201
    assert scored.precision >= 0.89
    assert scored.recall >= 0.87
    assert scored.f1 >= 0.88


def test_the_model_knows_adverts_that_it_never_saw_the_like_of(messages: pd.DataFrame) -> None:
    """Five folds once more, asked only about messages unlike all that it learned from."""
    pairs = CountVectorizer(analyzer="char", ngram_range=(1, 2), binary=True).fit_transform(messages.text)
    sizes = np.asarray(pairs.sum(axis=1)).ravel()
    shared = (pairs @ pairs.T).toarray()
    alike = shared / (sizes[:, None] + sizes[None, :] - shared) >= ALIKE
    fold = messages.fold.to_numpy()
    new = ~(alike & (fold[:, None] != fold[None, :])).any(axis=1)
    asked = [messages[(fold == n) & new] for n in range(FOLDS)]

    found = pd.concat([_by_model(messages[fold != n], asked[n]) for n in range(FOLDS)])

    unlike = messages.loc[found.index]
    scored = Scored.of(unlike.advert, found)
    print(f"model, {FOLDS} folds, {len(unlike)} messages unlike those learned from: {scored}")  # noqa: T201
    assert scored.precision >= 0.84
    assert scored.recall >= 0.78


def test_there_is_no_model_before_there_are_enough_marks(messages: pd.DataFrame) -> None:
    adverts, talk = messages[messages.advert], messages[~messages.advert]
    few = pd.concat([adverts.head(LEAST_MARKS - 1), talk])

    assert _train(few) is None


def test_a_saved_model_scores_as_before_and_holds_no_words(messages: pd.DataFrame, tmp_path: Path) -> None:
    model = _trained(messages)
    model.save(tmp_path / "talk.npz")

    loaded = TalkModel.load(tmp_path / "talk.npz")

    assert loaded is not None
    assert np.array_equal(_odds(loaded, messages), _odds(model, messages))
    longest = max(messages.text, key=len)[:20].encode()
    assert longest not in (tmp_path / "talk.npz").read_bytes()


# ---- a file without times -----------------------------------------------------------------------------


@pytest.fixture
def nothing(ledger: Ledger) -> Iterator[Ledger]:
    """A ledger in which there is still nothing once the test is over."""
    ledger.ensure_corp(CORP)
    yield ledger
    assert ledger.facts(CORP) == 0
    assert all(not table.num_rows for table in ledger.snapshot(CORP).rows.values())


def test_a_file_without_times_is_answered_with_what_is_missing(nothing: Ledger) -> None:
    import_id = importer.create(nothing, CORP, file_of(NAME))

    preview = importer.preview(nothing, import_id)

    assert preview.format == "chat"
    assert preview.mapping == {"text": "text"}
    assert preview.missing == ["ts"]
    assert preview.will_accept == 0
    with pytest.raises(FieldUnmapped, match="No column was found for: ts"):
        importer.queue(nothing, import_id)


def test_running_it_all_the_same_keeps_nothing(nothing: Ledger) -> None:
    import_id = importer.create(nothing, CORP, file_of(NAME))

    with pytest.raises(FieldUnmapped):
        importer.run(nothing, import_id)


def test_a_column_that_holds_no_times_does_not_pass_for_one(nothing: Ledger) -> None:
    mapping = {"columns": {"ts": "doc_id", "text": "text"}}
    import_id = importer.create(nothing, CORP, file_of(NAME), "chat", mapping)
    importer.queue(nothing, import_id)

    result = importer.run(nothing, import_id)

    assert (result.accepted, result.rejected) == (0, 1_855)
