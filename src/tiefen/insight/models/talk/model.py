"""学到的模型 — learns from the messages that operators marked, class by class, on top of the rules that ship.

Single characters and pairs, weighted by rarity, and for each class a linear support vector machine that gives rare classes
their due (`zh_spam_fbs`, 14 classes in ten folds: accuracy .973, macro-F1 .911). A piece that is much commoner in a class than
outside it costs its machine less to use, as with the log-count ratios of Wang and Manning (2012). What the rules say of a class
and of those beside it is there for its machine to lean on, so that a few dozen marks already do better than either alone.
What a model learned elsewhere says is one more thing to lean on (`before`), so that a brand's second company begins with what its
first was taught: 44,900 reviews of shops and hotels bring accuracy on take-away meals from .900 to .9035 (docs/science.md).
Characters are hashed, and a saved model is arrays of numbers: nothing of what anybody said can be read out of it, and loading
one runs no code.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tiefen.insight.models.talk.grams import FEATURES, counts

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]

LEAST_MARKS = 50
"""So many marks for a class and so many against it are needed before its machine is asked."""
YES, NO, UNTOLD = 1, 0, -1
_STEEPNESS, _LEAN, _SHYER = 2.0, 0.25, 0.1
"""A margin of one, where a machine itself is sure, becomes about .9. It leans to yes, because with few marks a machine is too
shy, and the shyer the more classes share the weight (times their logarithm): then precision is a little above recall,
whether there are two classes or fourteen (`zh_qq_group_ads`, five folds)."""
_COST = 0.5
_TRUST = 0.35
"""How much what the rules say weighs beside the words when learning begins."""
_AT_ONCE = 20_000
_BEFORE = "before."


@dataclass(frozen=True, slots=True)
class TalkModel:
    """Weights of one corp: a machine for each class of which enough was marked."""

    classes: tuple[str, ...]
    rarity: NDArray[np.float32]
    weights: NDArray[np.float32]
    """(class × hashed piece)."""
    trust: Floats
    """(class × hint): the weight of what the rules say; a class with fewer hints than others has zeros for the rest."""
    bias: Floats
    marks: int
    """How many marks it was trained on."""
    before: TalkModel | None = None
    """One from elsewhere that it leans on."""

    @classmethod
    def train(
        cls, texts: Sequence[str], told: Mapping[str, Labels], hints: Mapping[str, Floats] | None = None,
        least: int = LEAST_MARKS, before: TalkModel | None = None,
    ) -> TalkModel | None:  # fmt: skip
        """A model of these marks: for each class, which texts are of it (`YES`), are not (`NO`), or are not said to be either
        (`UNTOLD`). `hints` are log-odds of the rules by class, one a text or (text × hint): praise speaks against a complaint,
        too. `before` is leaned on like they are. None while there is too little of everything."""
        if not len(texts):
            return None
        pieces = counts(texts)
        held = pieces.copy()
        held.data[:] = 1
        seen = np.asarray(held.sum(axis=0)).ravel()
        rarity = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
        words = _weighted(pieces, rarity)
        enough = {
            talk: labels
            for talk, labels in told.items()
            if min(int((labels == YES).sum()), int((labels == NO).sum())) >= least
        }
        if not enough:
            return None
        elsewhere = _elsewhere(before, texts)
        machines = {
            talk: _machine(words, labels, _said(hints, talk, elsewhere), _shared_by(len(enough)))
            for talk, labels in enough.items()
        }
        weights, trusts, bias = zip(*machines.values(), strict=True)
        trust = np.zeros((len(trusts), max(map(len, trusts))))
        for row, one in zip(trust, trusts, strict=True):
            row[: len(one)] = one
        return cls(tuple(machines), rarity, np.array(weights, np.float32), trust, np.array(bias), len(texts), before)

    def margins(self, texts: Sequence[str], hints: Mapping[str, Floats] | None = None) -> Floats:
        """(text × class): how far on the side of the class; 0 is undecided."""
        found = np.empty((len(texts), len(self.classes)))
        for start in range(0, len(texts), _AT_ONCE):
            words = _weighted(counts(texts[start : start + _AT_ONCE]), self.rarity)
            found[start : start + _AT_ONCE] = words @ self.weights.T
        found += self.bias
        elsewhere = _elsewhere(self.before, texts)
        for number, talk in enumerate(self.classes):
            said = _said(hints, talk, elsewhere)
            found[:, number] += said @ self.trust[number, : said.shape[1]]
        return found

    def odds(self, texts: Sequence[str], hints: Mapping[str, Floats] | None = None) -> Floats:
        """(text × class): log-odds; from 0 on a text is taken to be of the class."""
        return _STEEPNESS * (self.margins(texts, hints) + _LEAN + _SHYER * np.log(_shared_by(len(self.classes))))

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(partial, **self._arrays())
        partial.replace(path)

    def _arrays(self, of: str = "") -> dict[str, Any]:
        own = {
            "classes": np.array(self.classes), "rarity": self.rarity, "weights": self.weights, "trust": self.trust,
            "bias": self.bias, "marks": np.array([self.marks]),
        }  # fmt: skip
        more = {} if self.before is None else self.before._arrays(f"{of}{_BEFORE}")
        return {f"{of}{name}": array for name, array in own.items()} | more

    @classmethod
    def load(cls, path: Path) -> TalkModel | None:
        """The model kept at `path`; None where there is none, or one that was written by a version that learned otherwise.
        ValueError where the file is something else."""
        if not path.exists():
            return None
        try:
            with np.load(path, allow_pickle=False) as kept:
                return cls._of(kept)
        except (zipfile.BadZipFile, KeyError, EOFError, AttributeError, ValueError) as error:
            raise ValueError(f"{path.name} is not a model of talk") from error

    @classmethod
    def _of(cls, kept: Mapping[str, Any], of: str = "") -> TalkModel | None:
        if kept[f"{of}trust"].ndim != 2 or kept[f"{of}weights"].shape[1] != FEATURES:
            return None  # The next reading learns anew.
        before = cls._of(kept, f"{of}{_BEFORE}") if f"{of}{_BEFORE}classes" in kept else None
        return cls(
            tuple(str(one) for one in kept[f"{of}classes"]), kept[f"{of}rarity"], kept[f"{of}weights"], kept[f"{of}trust"],
            kept[f"{of}bias"], int(kept[f"{of}marks"][0]), before,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known of a kept model without asking it."""

    classes: tuple[str, ...] = ()
    marks: int = 0


def learned_at(path: Path) -> Learned:
    """Which classes the model kept at `path` judges, and from how many marks; nothing where there is none."""
    if not path.exists():
        return Learned()
    with np.load(path, allow_pickle=False) as kept:
        return Learned(tuple(str(one) for one in kept["classes"]), int(kept["marks"][0]))


def models_of(data: Path, corp_id: str) -> Path:
    """Where what was learned of a corp is kept."""
    return data / "models" / corp_id


def model_path(data: Path, corp_id: str) -> Path:
    """Where a corp's model of talk is kept."""
    return models_of(data, corp_id) / "talk.npz"


def before_path(model: Path) -> Path:
    """Beside a corp's model of talk: the one from elsewhere that it begins with."""
    return model.with_name("talk_before.npz")


def _weighted(pieces: csr_matrix, rarity: NDArray[np.float32]) -> csr_matrix:
    """Counts, damped and weighted by rarity; every text of length one."""
    words = pieces.astype(np.float32)
    words.data = (1.0 + np.log(words.data)) * rarity[words.indices]
    row = np.repeat(np.arange(words.shape[0]), np.diff(words.indptr))
    lengths = np.sqrt(np.bincount(row, words.data.astype(np.float64) ** 2, minlength=words.shape[0]))
    words.data /= lengths[row].astype(np.float32)
    return words


def _shared_by(machines: int) -> int:
    """How many classes there are: one that is told alone is told from the rest."""
    return max(machines, 2)


def _machine(words: csr_matrix, labels: Labels, said: Floats, classes: int) -> tuple[Any, Floats, float]:
    """(weights, trust, bias) of one of so many classes; all that is of a class weighs as much as all that is of another."""
    # Imported here, because scikit-learn takes seconds, and only a reading with marks needs it.
    from scipy.sparse import csr_matrix, hstack
    from sklearn.svm import LinearSVC

    told = labels != UNTOLD
    yes = labels[told] == YES
    given = words[told]
    scale = _ease(given, yes)
    given.data *= scale[given.indices]
    length = float(np.sqrt(np.square(given.data, dtype=np.float64).sum() / len(yes))) or 1.0
    given.data /= np.float32(length)
    weight = {YES: len(yes) / (classes * yes.sum()), NO: 1.0}
    machine = LinearSVC(C=_COST, class_weight=weight, random_state=0)
    machine.fit(hstack([given, csr_matrix(_TRUST * said[told])], format="csr"), labels[told])
    # The scale is in the weights from here on: asking a model costs no more for it.
    weights = machine.coef_[0, : len(scale)] * scale / length
    return weights, machine.coef_[0, len(scale) :] * _TRUST, float(machine.intercept_[0])


def _ease(words: csr_matrix, yes: NDArray[np.bool_]) -> NDArray[np.float32]:
    """By piece: one and the size of its log ratio, in how many texts of the class against how many others. A piece hardly ever
    seen is taken to be as common on either side."""
    row = np.repeat(np.arange(words.shape[0]), np.diff(words.indptr))
    of, other = (np.bincount(words.indices[side[row]], minlength=words.shape[1]) for side in (yes, ~yes))
    once = (len(yes) + 1) / (of + other + 1)
    ratio = np.log((of + 1) / (yes.sum() + once)) - np.log((other + 1) / ((~yes).sum() + once))
    return (1.0 + np.abs(ratio)).astype(np.float32)


def _elsewhere(before: TalkModel | None, texts: Sequence[str]) -> Floats:
    """(text × class of `before`): its margins by the words alone; what the rules say is leaned on already."""
    return np.zeros((len(texts), 0)) if before is None else before.margins(texts)


def _said(hints: Mapping[str, Floats] | None, talk: str, elsewhere: Floats) -> Floats:
    """(text × hint), −1…1: what was learned elsewhere, and what the rules say that bears on a class."""
    ruled = hints[talk] if hints is not None and talk in hints else elsewhere[:, :0]
    return np.tanh(np.column_stack((elsewhere, ruled)) / 4)
