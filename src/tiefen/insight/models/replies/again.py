"""A second look at candidates, when for every message a first guess is known: which conversation each belongs to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tiefen.insight.models.replies.candidates import Candidates, ago, next_named, not_for_beginning, previous_of
from tiefen.insight.models.replies.talk import Floats, Ints, Talk

AGAIN = (
    "first_chance", "first_rank", "behind_best", "with_own", "mine_ago", "last_of_talk", "answered_since", "answers_me",
    "answers_my_last", "opens", "same_as_last", "talk_size",
)  # fmt: skip


def best_of(found: Candidates, chances: NDArray[np.float64]) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """(message, how far back, chance) of the most likely candidate of each message; of equals the nearest."""
    order = np.lexsort((found.back, -chances, found.message))
    message = found.message[order]
    best = order[np.flatnonzero(np.r_[True, message[1:] != message[:-1]])] if len(order) else order
    return found.message[best], found.back[best], chances[best]


def roots_of(parent: Ints) -> Ints:
    """The message with which the conversation of each began; parents come before their children."""
    root = parent.copy()
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further


def second_look(talk: Talk, found: Candidates, chances: NDArray[np.float64], parent: Ints) -> Floats:
    """What a first guess adds to the numbers of each candidate. `parent` is the message that each message was first guessed
    to answer, itself where none."""
    i, back = found.message, found.back
    j, begins, count = i - back, back == 0, len(talk)
    author = talk.author
    logit = np.log(np.clip(chances, 1e-6, 1 - 1e-6) / (1 - np.clip(chances, 1e-6, 1 - 1e-6)))
    order = np.lexsort((back, -chances, i))
    starts = np.flatnonzero(np.r_[True, i[1:] != i[:-1]]) if len(i) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[starts, len(i)])
    rank = np.empty(len(i), np.int64)
    rank[order] = np.arange(len(i)) - np.repeat(starts, sizes)
    best = np.repeat(np.maximum.reduceat(logit, starts), sizes) if len(i) else logit
    root = roots_of(parent)
    own = previous_of(author)
    own_at, known = np.maximum(own[i], 0), own[i] >= 0
    at = np.arange(count)
    people = int(author.max(initial=0)) + 1
    spoken = np.sort((root * people + author) * count + at)
    in_talk = np.sort(root * count + at)
    children = np.sort(np.where(parent != at, parent, -1) * count + at)
    children = children[children >= 0]
    size = np.searchsorted(in_talk, root[j] * count + i) - np.searchsorted(in_talk, root[j] * count)
    answered = np.searchsorted(children, j * count + i) - np.searchsorted(children, j * count)
    answers = parent[j] != j
    columns = {
        "first_chance": logit,
        "first_rank": rank,
        "behind_best": best - logit,
        "with_own": not_for_beginning(begins, np.where(known, root[j] == root[own_at], np.nan)),
        "mine_ago": not_for_beginning(begins, ago(spoken, root[j] * people + author[i], i, count)),
        "last_of_talk": not_for_beginning(begins, next_named(in_talk, root[j] * count + j, count) >= i),
        "answered_since": not_for_beginning(begins, answered),
        "answers_me": not_for_beginning(begins, answers & (author[parent[j]] == author[i])),
        "answers_my_last": not_for_beginning(begins, known & (parent[j] == own_at) & answers),
        "opens": not_for_beginning(begins, ~answers),
        "same_as_last": not_for_beginning(begins, np.where(known, parent[own_at] == j, np.nan)),
        "talk_size": not_for_beginning(begins, np.log1p(size)),
    }
    return np.column_stack([columns[name] for name in AGAIN]).astype(np.float32)
