"""Chance that is the same every time it is asked: who is held out, which variant, a random share of people."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

_SPLITMIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def share_of(salt: str, number: int) -> float:
    """Where in [0, 1) somebody falls under this salt; independent from one salt to another."""
    return float(shares(salt, np.array([number]))[0])


def shares(salt: str, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The same for many at once: SplitMix64's finaliser (Steele, Lea and Flood 2014) over the number and a digest of the salt."""
    seed = int.from_bytes(blake2b(salt.encode(), digest_size=8).digest(), "little")
    with np.errstate(over="ignore"):
        z = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(_SPLITMIX[0]) ^ np.uint64(seed)
        for _ in range(2):
            z = (z ^ (z >> np.uint64(30))) * np.uint64(_SPLITMIX[1])
            z = (z ^ (z >> np.uint64(27))) * np.uint64(_SPLITMIX[2])
            z ^= z >> np.uint64(31)
    return np.asarray((z >> np.uint64(11)).astype(np.float64) / float(1 << 53))
