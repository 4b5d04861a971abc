"""The integral over the moment of stopping that Pareto/NBD is made of, from the last order to the end:
∫ (α+τ)^−(r+x) (β+τ)^−(s+1) dτ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tiefen.insight.models.purchases.integrals import legendre
from tiefen.insight.models.purchases.records import Floats

_POINTS, _BEND = 24, 4
_AT_ONCE = 1 << 14
"""Rows integrated at once: what they take stays near the processor."""


@dataclass(frozen=True, slots=True)
class Stopping:
    """The integral, and means under it: what its derivatives are made of."""

    log_area: Floats
    """Its logarithm; −∞ where no time has passed."""
    means: tuple[Floats, Floats, Floats, Floats]
    """Of ln(α+τ), 1/(α+τ), ln(β+τ), 1/(β+τ)."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Where the integrand is looked at, on the last axis, and how much there is of it."""

    since_alpha: Floats
    since_beta: Floats
    """α+τ and β+τ; alike for all frequencies where the first axis is of one place."""
    mass: Floats
    """In parts of exp(`scale`)."""
    scale: Floats


def stopping(
    values: Floats, frequency: Floats, start: Floats, end: Floats, points: int = _POINTS, bend: int = _BEND
) -> Stopping:
    """Integrate each row from `start` to `end`."""
    if len(start) > _AT_ONCE:
        return _joined(
            stopping(values, frequency[part], start[part], end[part], points, bend)
            for part in (slice(at, at + _AT_ONCE) for at in range(0, len(start), _AT_ONCE))
        )
    found = moments(values, frequency, start, end, points, bend)
    area = found.mass.sum(axis=1)
    means = (
        np.einsum("ij,ij->i", found.mass, np.log(found.since_alpha)) / area,
        np.einsum("ij,ij->i", found.mass, 1 / found.since_alpha) / area,
        np.einsum("ij,ij->i", found.mass, np.log(found.since_beta)) / area,
        np.einsum("ij,ij->i", found.mass, 1 / found.since_beta) / area,
    )
    return Stopping(np.where(end > start, found.scale + np.log(area), -np.inf), means)


def moments(values: Floats, frequency: Floats, start: Floats, end: Floats, points: int, bend: int) -> Moments:
    """In the measure of one power law that falls at both ends as fast as the integrand does: where α = β that is the
    integrand itself, and one point would do. Where no time passes, those of some stretch.

    `bend` crowds the points towards the end, where that measure has a logarithm in it: needed over long stretches.
    """
    r, alpha, s, beta = values
    places, weights = legendre(points)
    weights = bend * (1 - places) ** (bend - 1) * weights
    to_end = (1 - places) ** bend
    span = end - start
    fall = (r + frequency) / (alpha + start) + (s + 1) / (beta + start)
    ease = np.log(fall) - np.log((r + frequency) / (alpha + end) + (s + 1) / (beta + end))
    ease = np.maximum(ease, 1e-12)
    base = np.where(span > 0, span, 1.0) / np.expm1(ease)
    power = fall * base - 1
    power = np.where(np.abs(power) < 1e-6, 1e-6, power)
    kept = np.exp(-power * ease)[:, None]
    waits = -np.log(kept + (1 - kept) * to_end) / power[:, None]
    past = base[:, None] * np.expm1(waits)
    since_alpha, since_beta = (alpha + start)[:, None] + past, (beta + start)[:, None] + past
    tilt = (power + 1)[:, None] * waits - (r + frequency)[:, None] * np.log(since_alpha) - (s + 1) * np.log(since_beta)
    most = tilt.max(axis=1)
    mass = weights * np.exp(tilt - most[:, None])
    scale = most + np.log(base) + np.log(-np.expm1(-power * ease) / power)
    return Moments(since_alpha, since_beta, mass, scale)


def _joined(parts: Iterable[Stopping]) -> Stopping:
    some = list(parts)
    means = [np.concatenate(columns) for columns in zip(*(part.means for part in some), strict=True)]
    return Stopping(np.concatenate([part.log_area for part in some]), (means[0], means[1], means[2], means[3]))
