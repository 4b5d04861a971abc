"""Repeat goods: what somebody buys often, what everybody buys, and what goes with what they buy.

Counting what people bought, with what is popular filled in, competes with deep models of the next basket (Li et al. 2023); here the
popular counts from the beginning, older baskets fade, and the cosine to what else is in their baskets is added.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from tiefen.insight.models.next_product.baskets import Baskets, Floats, Ints, Matrix

POPULAR, ALONG = 2.5, 3.0
"""How much the best-selling good counts, in purchases of one's own; and a good that is always bought together."""
NEIGHBOURS = 100


@dataclass(frozen=True, slots=True)
class Again:
    """Scores of goods for people, in purchases."""

    often: Matrix
    bought: Matrix
    popular: Floats
    along: Matrix
    """Goods × goods: the cosine of who bought them; of each good's nearest only."""

    def everything(self, people: Ints) -> Floats:
        """Scores of all goods for some people: people × goods, dense."""
        scores = (self.bought[people] @ self.along).toarray() * (ALONG / self._size(people))[:, None]
        scores += self.often[people].toarray()
        scores += POPULAR * self.popular
        return np.asarray(scores)

    def own(self, people: Ints) -> Matrix:
        """The same of the goods they bought only."""
        bought, often = self.bought[people], self.often[people]
        along = sp.diags(ALONG / self._size(people)) @ (bought @ self.along).multiply(bought)
        popular = bought @ sp.diags(POPULAR * self.popular)
        return sp.csr_matrix(often + popular + along)

    def _size(self, people: Ints) -> Floats:
        return np.maximum(np.asarray(self.bought[people].sum(axis=1)).ravel(), 1.0)


def again(some: Baskets, neighbours: int = NEIGHBOURS) -> Again:
    """Learned of everybody's baskets."""
    bought, sales = some.bought(), some.sales()
    most = max(float(sales.max()), 1.0) if some.items else 1.0
    return Again(some.often(), bought, sales / most, nearest(together(bought), some.buyers(), neighbours))


def together(bought: Matrix) -> Matrix:
    """Goods × goods: how many people bought both; nothing on the diagonal."""
    both = sp.csr_matrix(bought.T @ bought)
    both.setdiag(0)
    both.eliminate_zeros()
    both.sort_indices()
    return both


def nearest(both: Matrix, buyers: Floats, most: int) -> Matrix:
    """The cosine of each good to those nearest to it, of a matrix `together`; kept in the rows of the good itself."""
    scale = sp.diags(1 / np.sqrt(np.maximum(buyers, 1)))
    cosine = sp.csr_matrix(scale @ both @ scale)
    row = np.repeat(np.arange(cosine.shape[0]), np.diff(cosine.indptr))
    order = np.lexsort((cosine.indices, -cosine.data, row))
    place = np.arange(len(order)) - np.repeat(cosine.indptr[:-1], np.diff(cosine.indptr))
    kept = order[place < most]
    return sp.csr_matrix((cosine.data[kept], (row[kept], cosine.indices[kept])), shape=cosine.shape)
