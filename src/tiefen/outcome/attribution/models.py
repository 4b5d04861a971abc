"""Rules by which orders are shared among the touches before them. None of them knows what would have happened without.

Last and first touch; Shapley's value of the game in which a set of touches wins the orders whose whole path lies within it, which
is an equal share among the different touches of a path (Zhao, Mahboobi and Bagheri 2018, "Shapley value methods for attribution
modeling in online advertising", https://arxiv.org/abs/1804.05327); removal in a Markov chain of order one (Anderl, Becker, von
Wangenheim and Schumann 2016, "Mapping the customer journey", IJRM 33(3)): how many orders are lost when a touch leads nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Paths:
    """Touches in the order they came, path after path: `label` of each, the `path` it is on (rising), and of each path what it
    ended in: `worth` of its order, and whether there was one."""

    label: Ints
    path: Ints
    worth: Numbers
    bought: npt.NDArray[np.bool_]
    labels: int

    def __post_init__(self) -> None:
        if len(self.path) and (np.diff(self.path) < 0).any():
            raise ValueError("touches come path after path")


@dataclass(frozen=True, slots=True)
class Credit:
    """What each label is given: orders and their worth."""

    orders: Numbers
    worth: Numbers


def last(paths: Paths) -> Credit:
    """All to the last touch before the order."""
    return _single(paths, np.append(np.diff(paths.path) > 0, [True] if len(paths.path) else []).astype(bool))


def first(paths: Paths) -> Credit:
    """All to the first touch of the path."""
    return _single(paths, np.insert((np.diff(paths.path) > 0).astype(bool), 0, [True] if len(paths.path) else []))


def shapley(paths: Paths) -> Credit:
    """An equal share to every different touch of the path."""
    pairs = (
        np.unique(np.stack([paths.path, paths.label], axis=1), axis=0)
        if len(paths.path)
        else np.zeros((0, 2), np.int64)
    )
    path, label = pairs[:, 0], pairs[:, 1]
    different = np.bincount(path, minlength=len(paths.worth))
    part = paths.bought[path] / np.maximum(different[path], 1)
    return Credit(
        _given(label, part, paths.labels),
        _given(label, part * paths.worth[path], paths.labels),
    )


def markov(paths: Paths) -> Credit:
    """Orders and worth shared by removal effects; nothing to anybody where nothing was bought."""
    effects = removal(paths)
    whole = effects.sum()
    weights = effects / whole if whole > 0 else effects
    touched = np.unique(paths.path)
    bought = touched[paths.bought[touched]] if len(touched) else touched
    return Credit(weights * len(bought), weights * float(paths.worth[bought].sum()))


def removal(paths: Paths) -> Numbers:
    """Of each label, the share of all orders that would be lost if it led nowhere."""
    moves, base = _chain(paths), 0.0
    base = _reach(moves, None)
    if base <= 0:
        return np.zeros(paths.labels)
    return np.array([1 - _reach(moves, gone) / base for gone in range(paths.labels)])


def _given(label: Ints, weights: Numbers, minlength: int) -> Numbers:
    return np.bincount(label, weights=weights, minlength=minlength).astype(np.float64)


def _single(paths: Paths, chosen: npt.NDArray[np.bool_]) -> Credit:
    path, label = paths.path[chosen], paths.label[chosen]
    bought = paths.bought[path].astype(np.float64)
    return Credit(
        _given(label, bought, paths.labels),
        _given(label, bought * paths.worth[path], paths.labels),
    )


def _chain(paths: Paths) -> Numbers:
    """Chances to go from each label (the last row: from the start) to each label (the last column: to an order)."""
    n = paths.labels
    counts = np.zeros((n + 1, n + 2))
    label, path = paths.label, paths.path
    if len(label):
        same = path[1:] == path[:-1]
        np.add.at(counts, (label[:-1][same], label[1:][same]), 1)
        begins, ends = np.insert(~same, 0, True), np.append(~same, True)
        np.add.at(counts, (np.full(int(begins.sum()), n), label[begins]), 1)
        bought = paths.bought[path[ends]]
        np.add.at(counts, (label[ends], np.where(bought, n, n + 1)), 1)
    whole = counts.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(counts, whole, out=np.zeros_like(counts), where=whole > 0)[:, : n + 1])


def _reach(moves: Numbers, gone: int | None) -> float:
    """The chance to come to an order from the start; what goes to the label that is gone is lost."""
    n = len(moves) - 1
    among, done = moves[:n, :n].copy(), moves[:n, n].copy()
    begins = moves[n, :n].copy()
    if gone is not None:
        among[:, gone] = 0
        begins[gone] = 0
        done[gone] = 0
    return float(begins @ np.linalg.solve(np.eye(n) - among, done)) if n else 0.0
