"""裂变森林 — who brought whom: trees, how far they reach, and how many people a newcomer brings in the end.

People who came lately have not brought yet whom they will bring, so that children ÷ people is too low as long as a brand
grows. Children ÷ Σ F(age) is not: F is the share of somebody's invitations that are over after so long. It is learned from
the delays of those that happened, each of which could only be seen because it was shorter than the inviter's age (truncated
likelihood). Children scatter more than chance, so the interval is that of a negative binomial with the doubt in F added.

Structural virality is the mean distance of two members of a tree (Goel et al. 2016): Σ s(n−s) over the people under each
link, in one pass. 2(n−1)/n for a star, (n+1)/3 for a chain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import gammaln, log_ndtr, ndtri

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
KBy = Literal["weibull", "lognormal", "seen", "unknown"]
WhyNot = Literal["", "nobody", "nobody_brought", "too_few", "unsure"]

NOBODY = -1
LEAST_DELAYS = 30
"""With fewer invitations no law of delays can be told."""
UNSURE = 0.35
"""A standard error of ln K above this, and the correction is too unsure to be told."""
_LOOKED_AT = 40_000
"""Of more delays, every so manyth is looked at for the law."""
_INSTANT = 1 / 1440
"""Days: shorter delays are taken for so long."""
_LEVEL = 0.95


# ---- trees ----


@dataclass(frozen=True, slots=True)
class Forest:
    """People by position, those who came first in front; `parent`, `root` are positions, `NOBODY` where there is none."""

    person: Ints
    arrived_us: Ints
    parent: Ints
    depth: Ints
    """0 for a root."""
    root: Ints
    children: Ints
    below: Ints
    """How many are in the branch that begins with somebody, themselves included."""

    def __len__(self) -> int:
        return len(self.person)


def forest(person: Ints, inviter: Ints, arrived_us: Ints) -> Forest:
    """Of people, each once, with who brought them (any number that is nobody's where nobody did).

    Whoever came no earlier than whom they brought did not bring them: so there are no circles. Of those who came at the same
    instant the smaller number came first.
    """
    order = np.lexsort((person, arrived_us))
    person, inviter, arrived_us = person[order], inviter[order], arrived_us[order]
    n = len(person)
    sorting = np.argsort(person, kind="stable")
    found = np.minimum(np.searchsorted(person, inviter, sorter=sorting), max(n - 1, 0))
    parent = np.full(n, NOBODY, np.int64)
    if n:
        at = sorting[found]
        parent = np.where((person[at] == inviter) & (at < np.arange(n)), at, NOBODY)
    return _measured(person, arrived_us, parent)


def forest_of(people: pa.Table) -> Forest:
    """From the table `forest_people` of a reading."""
    parent = people["parent"].fill_null(NOBODY).to_numpy()
    return forest(people["person"].to_numpy(), parent, people["came_us"].to_numpy())


def _measured(person: Ints, arrived_us: Ints, parent: Ints) -> Forest:
    n = len(parent)
    brought = parent >= 0
    children = np.bincount(parent[brought], minlength=n).astype(np.int64)
    starts = np.concatenate(([0], np.cumsum(children)))
    kids = np.flatnonzero(brought)
    kids = kids[np.argsort(parent[kids], kind="stable")]
    depth, root, below = np.zeros(n, np.int64), np.arange(n), np.ones(n, np.int64)
    level = np.flatnonzero(~brought & (children > 0))
    levels = []
    while len(level):
        many = children[level]
        first = np.repeat(starts[level] - np.cumsum(many) + many, many)
        level = kids[first + np.arange(many.sum())]
        depth[level] = depth[parent[level]] + 1
        root[level] = root[parent[level]]
        levels.append(level)
    for level in reversed(levels):
        np.add.at(below, parent[level], below[level])
    return Forest(person, arrived_us, parent, depth, root, children, below)


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees in which somebody was brought, the largest first; `root` is a position in the forest."""

    root: Ints
    size: Ints
    depth: Ints
    """How many generations were brought."""
    widest: Ints
    """The largest generation."""
    bringers: Ints
    """How many brought somebody."""
    virality: Floats
    """The mean distance of two members."""


def trees(f: Forest) -> Trees:
    """Measure every tree of more than one."""
    n = len(f)
    roots = np.flatnonzero((f.parent < 0) & (f.children > 0))
    size = f.below[roots]
    brought = f.parent >= 0
    home = f.root[brought]
    paths = np.bincount(home, (f.below[brought] * (f.below[home] - f.below[brought])).astype(np.float64), minlength=n)
    virality = 2 * paths[roots] / (size * (size - 1.0))
    deepest = np.zeros(n, np.int64)
    np.maximum.at(deepest, f.root, f.depth)
    bringers = np.bincount(f.root[f.children > 0], minlength=n)[roots]
    inside = f.below[f.root] > 1
    deep = int(f.depth.max(initial=0)) + 1
    layer, many = np.unique(f.root[inside] * deep + f.depth[inside], return_counts=True)
    widest = np.zeros(n, np.int64)
    np.maximum.at(widest, layer // deep, many)
    best = np.lexsort((roots, -size))
    return Trees(
        roots[best], size[best], deepest[roots][best], widest[roots][best], bringers[best].astype(np.int64), virality[best]
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alike:
    """Of the links of each root's tree where both ends are known: how many join like to like, and how many would by
    chance, were those who brought and those who were brought in it paired at random."""

    links: Ints
    same: Ints
    chance: Floats


def alike_by_tree(f: Forest, label: Ints) -> Alike:
    """`label` is −1 where it is not known. By position of the root."""
    n = len(f)
    child = np.flatnonzero(f.parent >= 0)
    up = f.parent[child]
    known = (label[child] >= 0) & (label[up] >= 0)
    child, up = child[known], up[known]
    home = f.root[child]
    links = np.bincount(home, minlength=n)
    same = np.bincount(home[label[child] == label[up]], minlength=n)
    labels = int(label.max(initial=0)) + 1
    below, below_many = np.unique(home * labels + label[child], return_counts=True)
    above, above_many = np.unique(home * labels + label[up], return_counts=True)
    _, at, of = np.intersect1d(below, above, assume_unique=True, return_indices=True)
    pairs = np.bincount(below[at] // labels, (below_many[at] * above_many[of]).astype(np.float64), minlength=n)
    return Alike(links, same, pairs / np.maximum(links, 1))


# ---- how many somebody brings ----


@dataclass(frozen=True, slots=True)
class Delays:
    """The law of the time from somebody's arrival to an arrival they brought, in days."""

    law: Literal["weibull", "lognormal"]
    place: float
    """ln of the scale (Weibull) or of the median (log-normal)."""
    shape: float
    """ln of the shape (Weibull) or of the spread (log-normal)."""
    covariance: tuple[tuple[float, float], tuple[float, float]]
    """Of the two."""

    def over(self, days: Floats) -> Floats:
        """The share that is over after so many days."""
        return np.exp(_LAWS[self.law](np.array([self.place, self.shape]), _log(days))[1])

    def quantile(self, share: float) -> float:
        """After how many days that share is over."""
        if self.law == "weibull":
            return float(np.exp(self.place) * (-np.log1p(-share)) ** np.exp(-self.shape))
        return float(np.exp(self.place + np.exp(self.shape) * ndtri(share)))


@dataclass(frozen=True, slots=True)
class KFactor:
    """How many people somebody brings in the end."""

    k: float | None
    low: float | None
    high: float | None
    by: KBy
    """The law of delays; `seen` where no law stands, so that this is what was seen so far and a lower bound."""
    why: WhyNot
    people: int
    brought: int
    exposure: float
    """Σ F(age): so many people's invitations are over."""
    dispersion: float | None
    """r of the negative binomial; small where few bring many."""
    delays: Delays | None
    within: float | None
    """Brought within `within_days` of arriving, each delay over those who have been here so long: it needs no law."""
    within_days: int

    @property
    def naive(self) -> float | None:
        return self.brought / self.people if self.people else None


def k_factor(f: Forest, as_of_us: int, within_days: int = 90) -> KFactor:
    """Of everybody in a forest who had come by `as_of_us`."""
    day = 86_400_000_000
    here = f.arrived_us <= as_of_us
    age = (as_of_us - f.arrived_us[here]) / day
    brought = np.flatnonzero((f.parent >= 0) & here)
    delay = (f.arrived_us[brought] - f.arrived_us[f.parent[brought]]) / day
    inviters_age = (as_of_us - f.arrived_us[f.parent[brought]]) / day
    children = np.bincount(f.parent[brought], minlength=len(f))[here].astype(np.int64)
    return k_of(children, age, delay, inviters_age, within_days)


def k_of(children: Ints, age: Floats, delay: Floats, inviters_age: Floats, within_days: int = 90) -> KFactor:
    """From the children and age of everybody, and the delay and the inviter's age of every arrival that was brought; days."""
    people, brought = len(age), len(delay)
    within = _within(age, delay, within_days)
    if not people or not brought:
        why: WhyNot = "nobody_brought" if people else "nobody"
        high = 3.0 / people if people else None  # the rule of three
        return KFactor(0.0 if people else None, 0.0 if people else None, high, "seen" if people else "unknown", why,
                       people, brought, float(people), None, None, within, within_days)  # fmt: skip
    seen = _seen(children, why="too_few", within=within, within_days=within_days)
    if brought < LEAST_DELAYS:
        return seen
    fits = [law for law in (_law(name, delay, inviters_age) for name in _LAWS) if law is not None]
    if not fits:
        return _seen(children, why="unsure", within=within, within_days=within_days)
    delays = min(fits, key=lambda fit: fit[1])[0]
    over = delays.over(age)
    exposure = float(over.sum())
    k = brought / exposure
    r = _dispersion(children, k * over)
    variance = float((k * over).sum() + ((k * over) ** 2).sum() / r) / exposure**2
    slope = _slope(delays, age)
    doubt = float(slope @ np.array(delays.covariance) @ slope)
    error = float(np.sqrt(variance / k**2 + doubt))
    if not error <= UNSURE:
        return _seen(children, why="unsure", within=within, within_days=within_days)
    reach = float(np.exp(ndtri((1 + _LEVEL) / 2) * error))
    return KFactor(
        k, k / reach, k * reach, delays.law, "", people, brought, exposure, r, delays, within, within_days
    )  # fmt: skip


def _seen(children: Ints, *, why: WhyNot, within: float | None, within_days: int) -> KFactor:
    """What was brought so far ÷ people, with the scatter that children have."""
    people, brought = len(children), int(children.sum())
    k = brought / people
    r = _dispersion(children, np.full(people, k))
    error = float(np.sqrt((1 / k + 1 / r) / people))
    reach = float(np.exp(ndtri((1 + _LEVEL) / 2) * error))
    return KFactor(
        k, k / reach, k * reach, "seen", why, people, brought, float(people), r, None, within, within_days
    )  # fmt: skip


def _within(age: Floats, delay: Floats, days: int) -> float | None:
    """The mean cumulative function (Nelson 1995): Σ over delays d ≤ days of 1 ÷ people of age ≥ d."""
    ages = np.sort(age)
    if not len(ages) or ages[-1] < days:
        return None
    some = delay[delay <= days]
    return float((1 / (len(ages) - np.searchsorted(ages, some, "left"))).sum())


def _log(days: Floats) -> Floats:
    return np.log(np.maximum(days, _INSTANT))


def _weibull(p: Floats, logs: Floats) -> tuple[Floats, Floats]:
    """(ln density in ln days, ln share over)."""
    shape = np.exp(p[1])
    z = np.clip(shape * (logs - p[0]), -700, 700)
    hazard = np.exp(z)
    return p[1] + z - hazard, np.log(np.maximum(-np.expm1(-hazard), 1e-300))


def _lognormal(p: Floats, logs: Floats) -> tuple[Floats, Floats]:
    z = (logs - p[0]) / np.exp(p[1])
    return -0.5 * z**2 - p[1] - 0.5 * np.log(2 * np.pi), log_ndtr(z)


_LAWS: dict[Literal["weibull", "lognormal"], Callable[[Floats, Floats], tuple[Floats, Floats]]] = {
    "weibull": _weibull,
    "lognormal": _lognormal,
}


def _law(
    name: Literal["weibull", "lognormal"], delay: Floats, inviters_age: Floats
) -> tuple[Delays, float] | None:  # fmt: skip
    """The law with its AIC, or None where no parameters can be stood by."""
    stride = -(-len(delay) // _LOOKED_AT)
    logs, until = _log(delay[::stride]), _log(np.maximum(inviters_age, delay)[::stride])
    law = _LAWS[name]

    def cost(p: Floats) -> float:
        return -float((law(p, logs)[0] - law(p, until)[1]).sum()) / len(logs)

    spread = max(float(logs.std()), 0.05)
    start = np.array([float(np.mean(logs)) + 0.3, np.log(1 / spread) if name == "weibull" else np.log(spread)])
    bounds = [(logs.min() - 3, until.max() + 3), (-3.0, 3.0)]
    found = minimize(cost, start, method="L-BFGS-B", bounds=bounds)
    p = np.asarray(found.x, np.float64)
    if any(not low + 1e-3 < value < high - 1e-3 for value, (low, high) in zip(p, bounds, strict=True)):
        return None
    information = _curvature(cost, p) * len(logs) * stride
    try:
        covariance = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(covariance).all() or min(np.linalg.eigvalsh(covariance)) <= 0:
        return None
    (a, b), (c, d) = covariance.tolist()
    return Delays(name, float(p[0]), float(p[1]), ((a, b), (c, d))), float(found.fun)


def _curvature(cost: Callable[[Floats], float], p: Floats, step: float = 1e-3) -> Floats:
    """Second differences in two parameters."""
    one, two = np.array([step, 0.0]), np.array([0.0, step])
    middle = cost(p)
    first = cost(p + one) - 2 * middle + cost(p - one)
    second = cost(p + two) - 2 * middle + cost(p - two)
    mixed = (cost(p + one + two) - cost(p + one - two) - cost(p - one + two) + cost(p - one - two)) / 4
    return np.array([[first, mixed], [mixed, second]]) / step**2


def _slope(delays: Delays, age: Floats, step: float = 1e-3) -> Floats:
    """How ln Σ F(age) moves with the parameters of F."""
    logs = _log(age)
    law, p = _LAWS[delays.law], np.array([delays.place, delays.shape])

    def total(q: Floats) -> float:
        return float(np.log(np.exp(law(q, logs)[1]).sum()))

    return np.array([(total(p + d) - total(p - d)) / (2 * step) for d in (np.array([step, 0]), np.array([0, step]))])


def _dispersion(children: Ints, mean: Floats) -> float:
    """The most likely r of a negative binomial with these means; large where children scatter as by pure chance."""
    kinds, many = np.unique(children, return_counts=True)
    mean = np.maximum(mean, 1e-12)

    def cost(log_r: float) -> float:
        r = np.exp(log_r)
        counts = float(many @ (gammaln(kinds + r) - gammaln(r)))
        ends = np.log1p(mean / r)
        return -(counts - float(r * ends.sum()) - float(children @ (ends + np.log(r))))

    found = minimize_scalar(cost, bounds=(-6.0, 8.0), method="bounded")
    return float(np.exp(found.x))
