"""Boosted trees as plain arrays of numbers: kept in a small file that runs no code, and asked row by row.

Grown by scikit-learn's HistGradientBoosting; asked through its compiled walk where that is as it was, and by numpy otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FIELDS = ("value", "feature_idx", "num_threshold", "missing_go_to_left", "left", "right", "is_leaf")
_KEPT: dict[str, Any] = {
    "value": np.float32, "feature_idx": np.uint8, "num_threshold": np.float32, "missing_go_to_left": np.bool_,
    "left": np.uint8, "right": np.uint8, "is_leaf": np.bool_,
}  # fmt: skip


@dataclass(frozen=True)
class Trees:
    """One after the other; `starts` says where each begins, and what is left and right of a node is counted from there."""

    nodes: dict[str, NDArray[Any]]
    starts: NDArray[np.int64]
    baseline: float

    @classmethod
    def of(cls, grown: Any) -> Trees:
        """Those of a fitted HistGradientBoostingClassifier of two classes."""
        nodes = [stage[0].nodes for stage in grown._predictors]
        kept = {name: np.concatenate([one[name] for one in nodes]).astype(_KEPT[name]) for name in _FIELDS}
        starts = np.cumsum([0, *(len(one) for one in nodes)])
        return cls(kept, starts, float(grown._baseline_prediction[0, 0]))

    def chances(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """0 … 1 of each row."""
        try:
            total = self._compiled(rows)
        except (
            ImportError,
            AttributeError,
            TypeError,
            ValueError,
        ):  # another scikit-learn than the one it was made for
            total = self.walked(rows)
        return np.asarray(1.0 / (1.0 + np.exp(-total)))

    def _compiled(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
        from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

        given = np.ascontiguousarray(rows, np.float64)
        none, features = np.zeros((0, 8), np.uint32), np.zeros(rows.shape[1], np.uint32)
        total = np.full(len(rows), self.baseline)
        for start, end in zip(self.starts[:-1], self.starts[1:], strict=True):
            nodes = np.zeros(end - start, PREDICTOR_RECORD_DTYPE)
            for name in _FIELDS:
                nodes[name] = self.nodes[name][start:end]
            total += TreePredictor(nodes, none, none).predict(given, none, features, 1)
        return total

    def walked(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """The sum over the trees, before it is made a chance; by numpy alone."""
        total = np.full(len(rows), self.baseline)
        each = np.arange(len(rows))
        for start, end in zip(self.starts[:-1], self.starts[1:], strict=True):
            node = {name: self.nodes[name][start:end] for name in _FIELDS}
            at = np.zeros(len(rows), np.int64)
            while not node["is_leaf"][at].all():
                value = rows[each, node["feature_idx"][at]]
                goes_left = np.where(
                    np.isnan(value), node["missing_go_to_left"][at], value <= node["num_threshold"][at]
                )
                following = np.where(goes_left, node["left"][at], node["right"][at])
                at = np.where(node["is_leaf"][at], at, following)
            total += node["value"][at]
        return total

    def save(self, path: Path) -> None:
        """Write the numbers."""
        arrays: dict[str, Any] = {"starts": self.starts, "baseline": np.array([self.baseline]), **self.nodes}
        np.savez_compressed(path, **arrays)

    @classmethod
    def load(cls, path: Path) -> Trees:
        """What was written there."""
        with np.load(path, allow_pickle=False) as kept:
            return cls({name: kept[name] for name in _FIELDS}, kept["starts"], float(kept["baseline"][0]))
