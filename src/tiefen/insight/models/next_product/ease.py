"""EASE: goods explained by other goods, in closed form (Steck 2019). For some thousand goods; the matrix is dense.

`X ≈ X B` with no good explaining itself: B = I − P ÷ diag(P), P = (XᵀX + λ I)⁻¹.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from tiefen.insight.models.next_product.baskets import Floats, Matrix

MOST_ITEMS = 8_000
PENALTY = 300.0
FOR_PEOPLE = 1_000
"""The penalty is that of so many people with baskets as in the film ratings it was found on; it grows with their number's root."""


def ease(bought: Matrix, penalty: float = PENALTY) -> Floats:
    """B, goods × goods; the scores of people are `bought @ B`."""
    grown = (bought.T @ bought).toarray().astype(np.float64)
    places = np.diag_indices_from(grown)
    grown[places] += penalty
    inverse = cho_solve(cho_factor(grown, overwrite_a=True, check_finite=False), np.eye(len(grown)), overwrite_b=True)
    weights = -inverse / np.diag(inverse)
    weights[places] = 0
    return np.asarray(weights)
