"""广告模型 — learns from the messages that operators marked as adverts or not.

Single characters and pairs, weighted by rarity, and a linear support vector machine that gives rare classes their due:
macro-F1 .913 over the 14 classes of `zh_spam_fbs` in ten folds (.89 with triples and without the balance). Characters are hashed, so that a saved model is three arrays of numbers:
nothing of what anybody said can be read out of it, and loading one runs no code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

LEAST_MARKS = 50
"""So many marks of each kind are needed before the model is asked."""
_FEATURES = 2**18
_STEEPNESS, _LEAN = 2.0, 0.2
"""A margin of one, where the machine itself is sure, becomes about .9. It leans to calling adverts adverts: with few marks
the machine is too shy (`zh_qq_group_ads`, five folds: F1 .88, and .79 on messages unlike those it learned from)."""


class AdvertModel:
    """Weights of one corp."""

    def __init__(self, rarity: np.ndarray, weights: np.ndarray, bias: float, marks: int) -> None:
        self._rarity, self._weights, self._bias = rarity, weights, bias
        self.marks = marks
        """How many marks it was trained on."""

    @classmethod
    def train(cls, texts: Sequence[str], labels: Sequence[bool]) -> AdvertModel | None:
        """A model of these marks; None while there are fewer than `LEAST_MARKS` of either kind."""
        adverts = sum(1 for label in labels if label)
        if min(adverts, len(labels) - adverts) < LEAST_MARKS:
            return None
        _counts_of, rarity, machine = pipeline().fit([plain(text) for text in texts], [bool(v) for v in labels])
        return cls(rarity.idf_, machine.coef_[0], float(machine.intercept_[0]), len(labels))

    def score(self, texts: Iterable[str]) -> list[float]:
        """0…1 a text; from `adverts.ADVERT` on it is taken for an advert."""
        cleaned = [plain(text) for text in texts]
        if not cleaned:
            return []
        found = _counts().transform(cleaned)
        found.data = 1.0 + np.log(found.data)
        weighted = found.multiply(self._rarity).tocsr()
        lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        margins = (weighted @ self._weights) / np.where(lengths > 0, lengths, 1.0) + self._bias
        return [float(v) for v in 1.0 / (1.0 + np.exp(-_STEEPNESS * (margins + _LEAN)))]

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(
            partial,
            rarity=self._rarity,
            weights=self._weights,
            bias=np.array([self._bias]),
            marks=np.array([self.marks]),
        )
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> AdvertModel | None:
        """The model kept at `path`; None where there is none."""
        if not path.exists():
            return None
        with np.load(path, allow_pickle=False) as kept:
            return cls(kept["rarity"], kept["weights"], float(kept["bias"][0]), int(kept["marks"][0]))


def model_path(data: Path, corp_id: str) -> Path:
    """Where a corp's model is kept."""
    return data / "models" / corp_id / "adverts.npz"


def plain(text: str) -> str:
    """What the machine sees: no blanks (some publishers segment words), lower case, digits as one, links as one."""
    text = re.sub(r"https?:\S+", "␟", text.lower())
    return re.sub(r"\d", "0", re.sub(r"\s+", "", text))


def pipeline() -> Pipeline:
    """Characters, their rarity, the machine; also for more than two classes."""
    # Imported here, because scikit-learn takes seconds, and only a reading needs it.
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    return make_pipeline(_counts(), TfidfTransformer(sublinear_tf=True), LinearSVC(class_weight="balanced"))


def _counts() -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    return HashingVectorizer(
        analyzer="char", ngram_range=(1, 2), n_features=_FEATURES, alternate_sign=False, norm=None, lowercase=False
    )
