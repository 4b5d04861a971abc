"""抱怨的主题 — complaints grouped by what they are about: words weighted by rarity, taken apart into a few themes (NMF).

A reading keeps no words. A theme keeps the digests of its distinctive words, of those only that three people or more have
used, and the numbers of some messages; it gets its name from the words of those messages when somebody looks (`named`). What
was erased can then name nothing.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

LEAST, LEAST_PEOPLE = 20, 3
"""Fewer complaints than that are read one by one; a word of fewer people may be somebody's own."""
PER_TOPIC, MOST_TOPICS, MOST_READ = 12, 10, 20_000
TERMS, EXAMPLES = 6, 12
_WORD = re.compile(r"^(?:[\u4e00-\u9fff]{2,}|[a-z]{3,})$")
_PLAIN = frozenset(
    [
        "这个",
        "那个",
        "一个",
        "什么",
        "怎么",
        "没有",
        "不是",
        "还是",
        "就是",
        "可以",
        "但是",
        "因为",
        "所以",
        "如果",
        "我们",
        "你们",
        "他们",
        "自己",
        "现在",
        "时候",
        "已经",
        "真的",
        "感觉",
        "有点",
        "非常",
        "不错",
        "一下",
        "一次",
        "一点",
        "今天",
        "昨天",
        "上次",
        "这次",
        "还有",
        "而且",
        "不过",
        "知道",
        "觉得",
        "起来",
        "出来",
        "这么",
        "那么",
        "这样",
        "那样",
        "以后",
        "之前",
        "只有",
        "都是",
        "也是",
        "不能",
        "不会",
        "不要",
        "居然",
        "竟然",
        "根本",
        "完全",
        "比较",
        "特别",
        "the",
        "and",
        "for",
        "that",
        "this",
        "with",
        "you",
        "was",
        "have",
        "are",
        "not",
        "but",
        "all",
        "can",
        "they",
        "had",
        "has",
        "just",
        "very",
        "from",
        "your",
        "when",
        "what",
        "out",
        "get",
        "will",
        "would",
        "there",
    ]
)


@dataclass(frozen=True, slots=True)
class Topics:
    """Themes of some texts."""

    of: NDArray[np.int64]
    """Which theme each text is about; −1 where it is about none of them."""
    weight: NDArray[np.float64]
    """How much it is about it."""
    terms: tuple[tuple[int, ...], ...]
    """By theme: digests of its most distinctive words, the first one first."""
    settled: bool
    """Whether taking apart came to an end; if not, the themes are rough."""


def topics_of(texts: Sequence[str], people: NDArray[np.int64]) -> Topics:
    """The themes of complaints and by whom they are; none where there are too few or too little in common."""
    n = len(texts)
    none = Topics(np.full(n, -1), np.zeros(n), (), True)
    if n < LEAST:
        return none
    cut = [words(text) for text in texts]
    known = _common(cut, people)
    if len(known) < 2:
        return none
    from scipy.sparse import csr_matrix
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfTransformer

    column = {word: number for number, word in enumerate(known)}
    found = [[column[word] for word in some if word in column] for some in cut]
    ends = np.r_[0, np.cumsum([len(some) for some in found])]
    flat = np.fromiter((one for some in found for one in some), np.int64, int(ends[-1]))
    counts = csr_matrix((np.ones(len(flat)), flat, ends), shape=(n, len(known)))
    counts.sum_duplicates()
    weighted = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
    themes = int(min(max(2, n // PER_TOPIC), MOST_TOPICS, len(known)))
    # So many are enough to see what it is about; which ones is settled by lot, the same lot each time.
    read = np.sort(np.random.default_rng(0).permutation(n)[:MOST_READ])
    model = NMF(themes, init="nndsvda", random_state=0, max_iter=400, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(weighted[read])
        share = model.transform(weighted)
    of = np.where(share.max(axis=1) > 1e-9, share.argmax(axis=1), -1)
    names = np.array(known, object)
    # Distinctive is what weighs much here and little elsewhere.
    parts = model.components_ / np.maximum(model.components_.sum(axis=1, keepdims=True), 1e-12)
    apart = parts * np.log1p(parts / np.maximum(parts.mean(axis=0), 1e-12))
    terms = tuple(
        tuple(digest(str(names[word])) for word in np.argsort(-row, kind="stable")[:TERMS] if row[word] > 0)
        for row in apart
    )
    return Topics(of, share.max(axis=1), terms, bool(model.n_iter_ < model.max_iter))


def named(terms: Sequence[int], texts: Iterable[str]) -> list[str]:
    """The words of a theme that still stand in these texts, the most distinctive first."""
    found = {digest(word): word for text in texts for word in words(text)}
    return [found[term] for term in terms if term in found]


def words(text: str) -> list[str]:
    """The words of a text that can be what it is about."""
    import rjieba

    return [word for word in rjieba.cut(text[:400].lower()) if _WORD.match(word) and word not in _PLAIN]


def digest(word: str) -> int:
    """63 bits that stand for a word."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big") >> 1


def _common(cut: Sequence[Sequence[str]], people: NDArray[np.int64]) -> list[str]:
    """Words of three people or more, and not of nearly every complaint."""
    users: dict[str, set[int]] = {}
    heard: dict[str, int] = {}
    for some, person in zip(cut, people.tolist(), strict=True):
        for word in set(some):
            users.setdefault(word, set()).add(person)
            heard[word] = heard.get(word, 0) + 1
    return sorted(w for w, who in users.items() if len(who) >= LEAST_PEOPLE and heard[w] <= 0.8 * len(cut))
