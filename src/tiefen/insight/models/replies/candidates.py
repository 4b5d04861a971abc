"""Which of the hundred messages before a message it may answer, and what speaks for each: plain numbers.

Everything is reckoned for all messages at once, by their distance: column k of a matrix is about the message k before, and
column 0 about beginning something new. Which of them are candidates at all is a rule: the nearest, the last message of everybody
not far off, their last but one if it is near; further off only the last message of whoever is named, or names the speaker.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tiefen.insight.models.replies.talk import MOST_NAMED, Flags, Floats, Ints, Talk

REACH = 100
"""So many messages before a message are looked at."""
NEAR, LAST, SECOND = 10, 40, 20
"""So far back anything is a candidate; the last message of somebody; their last but one."""
_FAR = 10_000
Numbers = NDArray[np.float64]

PLAIN = (
    "begins", "back", "wait", "same_author", "last_of_author", "second_of_author", "authors_between", "asks", "asked",
    "length", "their_length", "shared", "shared_part", "rarest", "own_gap", "own_wait", "speaks_first", "their_first",
    "since_own", "turns_before", "turns_back", "thanks", "hello", "their_hello", "reacts", "calls", "they_call",
    "own_last_asked", "next_wait", "pause", "their_thanks", "links", "overlap_max", "turn_ago", "turn_back_ago",
)  # fmt: skip
NAMED = (
    "names_them", "names_them_first", "names_other", "they_name_me", "they_name_other", "both_name_one", "names_many",
    "i_named_them_ago", "they_named_me_ago", "named_since", "my_last_named", "named_is_here", "last_namer",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidates:
    """One row for each candidate of each message, ordered by message."""

    message: Ints
    back: Ints
    """How many messages before; 0 for beginning something new."""
    numbers: Floats
    """(row, feature)."""


def candidates_of(talk: Talk, *, named: bool, start: int = 0, end: int | None = None) -> Candidates:
    """Of the messages from position `start` up to `end`; those before only serve as candidates."""
    end = len(talk) if end is None else end
    at = np.arange(start, end)
    back = np.arange(REACH + 1)
    before = at[:, None] - back[None, :]
    there = before >= 0
    there[:, 0] = True
    them = np.maximum(before, 0)
    author, i = talk.author, at[:, None]
    following = following_of(author)
    after_next = np.append(following, _FAR + len(talk))[np.minimum(following, len(talk))]
    last = following[them] >= i
    second = ~last & (after_next[them] >= i)
    last[:, 0] = False
    far = back[None, :]
    chosen = there & ((far <= NEAR) | (last & (far <= LAST)) | (second & (far <= SECOND)))
    if named:
        chosen |= there & last & _naming_each_other(talk, i, them)
    row, column = np.nonzero(chosen)
    i, j = at[row], them[row, column]
    begins = column == 0
    # Of messages still being candidates, how many different people spoke since.
    people = np.cumsum(last & there, axis=1)
    n = _numbers(talk, i, j, column, begins, last[row, column], second[row, column], people[row, column], following)
    columns = [n[name] for name in PLAIN]
    if named:
        m = _naming(talk, i, j, begins)
        columns += [m[name] for name in NAMED]
    return Candidates(i, column.astype(np.int64), np.column_stack(columns).astype(np.float32))


def _naming_each_other(talk: Talk, i: Ints, them: Ints) -> Flags:
    found = np.zeros(them.shape, np.bool_)
    for column in range(MOST_NAMED):
        found |= talk.named[:, column][i] == talk.author[them]
        found |= talk.named[:, column][them] == talk.author[i]
    return found


def _numbers(
    talk: Talk, i: Ints, j: Ints, back: Ints, begins: Flags, last: Flags, second: Flags, people: Ints, following: Ints
) -> dict[str, NDArray[np.generic]]:
    us, author, count = talk.us, talk.author, len(talk)
    own = previous_of(author)
    pause = np.diff(us, prepend=us[:1]) / 1e6
    shared, rarest, best = _shared(talk, i, j, begins)
    weight = np.asarray(talk.words.sum(axis=1)).ravel()
    turned, turned_back, turn_ago, turn_back_ago = _turns(author, i, j)
    own_at = own[i]
    own_wait = np.where(own_at >= 0, (us[i] - us[np.maximum(own_at, 0)]) / 1e6, np.nan)
    following_us = us[np.minimum(j + 1, count - 1)]
    return {
        "begins": begins,
        "back": back,
        "wait": _log(np.where(begins, np.nan, (us[i] - us[j]) / 1e6)),
        "same_author": not_for_beginning(begins, author[i] == author[j]),
        "last_of_author": not_for_beginning(begins, last),
        "second_of_author": not_for_beginning(begins, second),
        "authors_between": not_for_beginning(begins, people),
        "asks": talk.asks[i],
        "asked": not_for_beginning(begins, talk.asks[j]),
        "length": talk.length[i],
        "their_length": not_for_beginning(begins, talk.length[j]),
        "shared": shared,
        "shared_part": shared / np.maximum(np.minimum(weight[i], weight[j]), 1e-3),
        "rarest": rarest,
        "overlap_max": best,
        "own_gap": np.where(own_at >= 0, np.minimum(i - own_at, _FAR), np.nan),
        "own_wait": _log(own_wait),
        "speaks_first": own_at < 0,
        "their_first": not_for_beginning(begins, own[j] < 0),
        "since_own": not_for_beginning(begins, np.where(own_at >= 0, j - own_at, np.nan)),
        "turns_before": turned,
        "turns_back": turned_back,
        "turn_ago": not_for_beginning(begins, turn_ago),
        "turn_back_ago": not_for_beginning(begins, turn_back_ago),
        "thanks": talk.thanks[i],
        "their_thanks": not_for_beginning(begins, talk.thanks[j]),
        "hello": talk.hello[i],
        "their_hello": not_for_beginning(begins, talk.hello[j]),
        "reacts": talk.reacts[i],
        "calls": talk.calls[i],
        "they_call": not_for_beginning(begins, talk.calls[j]),
        "own_last_asked": np.where(own_at >= 0, talk.asks[np.maximum(own_at, 0)], np.nan),
        "next_wait": _log(not_for_beginning(begins, (following_us - us[j]) / 1e6)),
        "pause": _log(pause[i]),
        "links": not_for_beginning(begins, talk.link[j]),
    }


def _naming(talk: Talk, i: Ints, j: Ints, begins: Flags) -> dict[str, NDArray[np.generic]]:
    author, named, count = talk.author, talk.named, len(talk)
    mine, theirs = named[i], named[j]
    any_mine, any_theirs = mine[:, 0] >= 0, theirs[:, 0] >= 0
    names_them = (mine == author[j][:, None]).any(axis=1)
    names_me = (theirs == author[i][:, None]).any(axis=1)
    one = np.zeros(len(i), np.bool_)
    for a in range(MOST_NAMED):
        for b in range(MOST_NAMED):
            one |= (mine[:, a] >= 0) & (mine[:, a] == theirs[:, b])
    message, column = np.nonzero(named >= 0)
    people = int(author.max(initial=0)) + 1
    pairs = np.sort((author[message] * people + named[message, column]) * count + message)
    heard = np.sort(named[message, column] * count + message)
    named_since = next_named(heard, author[j] * count + j, count) < i
    first = np.full(count, -1, np.int64)
    first[:] = named[:, 0]
    own_named = _carried(author, first)
    namer = _last_namer(author, named)
    return {
        "names_them": not_for_beginning(begins, names_them),
        "names_them_first": not_for_beginning(begins, mine[:, 0] == author[j]),
        "names_other": np.where(begins, any_mine, any_mine & ~names_them),
        "they_name_me": not_for_beginning(begins, names_me),
        "they_name_other": not_for_beginning(begins, any_theirs & ~names_me),
        "both_name_one": not_for_beginning(begins, one),
        "names_many": (mine >= 0).sum(axis=1),
        "i_named_them_ago": not_for_beginning(begins, ago(pairs, author[i] * people + author[j], i, count)),
        "they_named_me_ago": not_for_beginning(begins, ago(pairs, author[j] * people + author[i], i, count)),
        "named_since": not_for_beginning(begins, named_since),
        "my_last_named": np.where(own_named[i] >= 0, own_named[i] == author[j], np.nan),
        "named_is_here": np.where(any_mine, _ago_any(author, mine[:, 0], i), np.nan),
        "last_namer": np.where(namer[i] >= 0, namer[i] == author[j], np.nan),
    }


def not_for_beginning(begins: Flags, some: NDArray[np.generic]) -> NDArray[np.float32]:
    """What has no meaning for beginning something new."""
    return np.where(begins, np.float32(np.nan), some.astype(np.float32))


def _log(seconds: NDArray[np.float64] | NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(np.log1p(np.maximum(seconds, 0.0)), np.float64)


def following_of(author: Ints) -> Ints:
    """The position of the next message by the same person; beyond the end where there is none."""
    order = np.lexsort((np.arange(len(author)), author))
    found = np.full(len(author), len(author) + _FAR, np.int64)
    same = author[order[1:]] == author[order[:-1]]
    found[order[:-1][same]] = order[1:][same]
    return found


def previous_of(author: Ints) -> Ints:
    order = np.lexsort((np.arange(len(author)), author))
    found = np.full(len(author), -1, np.int64)
    same = author[order[1:]] == author[order[:-1]]
    found[order[1:][same]] = order[:-1][same]
    return found


def _shared(talk: Talk, i: Ints, j: Ints, begins: Flags) -> tuple[Floats, Floats, Floats]:
    """The rarity of words in both; that of the rarest; and the most that the message shares with any candidate."""
    shared, rarest = np.zeros(len(i), np.float32), np.zeros(len(i), np.float32)
    words = talk.words
    if words.nnz:
        size = 50_000
        for start in range(0, len(i), size):
            some = slice(start, start + size)
            both = words[i[some]].astype(np.bool_).astype(np.float32).multiply(words[j[some]]).tocsr()
            shared[some] = np.asarray(both.sum(axis=1)).ravel()
            rarest[some] = np.asarray(both.max(axis=1).todense()).ravel()
    shared[begins], rarest[begins] = 0.0, 0.0
    starts = np.flatnonzero(np.r_[True, i[1:] != i[:-1]]) if len(i) else np.zeros(0, np.int64)
    most = np.maximum.reduceat(shared, starts) if len(i) else shared
    best = np.repeat(most, np.diff(np.r_[starts, len(i)])) if len(i) else shared
    return shared, rarest, np.asarray(best, np.float32)


def _turns(author: Ints, i: Ints, j: Ints) -> tuple[Ints, Ints, Numbers, Numbers]:
    """How often i's author spoke next after j's author before i, and the other way round; and how many messages ago."""
    count, people = len(author), int(author.max(initial=0)) + 1
    turn = np.flatnonzero(author[1:] != author[:-1]) + 1
    codes = np.sort((author[turn - 1] * people + author[turn]) * count + turn)

    def often(first: Ints, then: Ints) -> Ints:
        code = (first * people + then) * count
        return np.searchsorted(codes, code + i) - np.searchsorted(codes, code)

    there, back = author[j] * people + author[i], author[i] * people + author[j]
    return (
        often(author[j], author[i]), often(author[i], author[j]), ago(codes, there, i, count), ago(codes, back, i, count)
    )  # fmt: skip


def ago(pairs: Ints, code: Ints, i: Ints, count: int) -> NDArray[np.float64]:
    """How many messages ago such a pair was last, or nan."""
    if not len(pairs):
        return np.full(len(i), np.nan)
    at = np.searchsorted(pairs, code * count + i) - 1
    found = pairs[np.maximum(at, 0)]
    return np.where((at >= 0) & (found // count == code), np.minimum(i - found % count, _FAR), np.nan)


def _ago_any(author: Ints, whom: Ints, i: Ints) -> NDArray[np.float64]:
    """How many messages ago somebody last spoke."""
    count = len(author)
    codes = np.sort(author * count + np.arange(count))
    return ago(codes, np.maximum(whom, 0), i, count)


def next_named(codes: Ints, code: Ints, count: int) -> Ints:
    """The position after which a person is next named."""
    if not len(codes):
        return np.full(len(code), count + _FAR, np.int64)
    at = np.searchsorted(codes, code, side="right")
    found = codes[np.minimum(at, len(codes) - 1)]
    return np.where((at < len(codes)) & (found // count == code // count), found % count, count + _FAR)


def _carried(author: Ints, first: Ints) -> Ints:
    """Whom the author of each message named last in an earlier message; −1 where nobody."""
    found = np.full(len(author), -1, np.int64)
    latest: dict[int, int] = {}
    for at, (who, whom) in enumerate(zip(author.tolist(), first.tolist(), strict=True)):
        found[at] = latest.get(who, -1)
        if whom >= 0:
            latest[who] = whom
    return found


def _last_namer(author: Ints, named: Ints) -> Ints:
    """Who named the author of each message last, before it; −1 where nobody did."""
    found = np.full(len(author), -1, np.int64)
    latest: dict[int, int] = {}
    for at, (who, those) in enumerate(zip(author.tolist(), named.tolist(), strict=True)):
        found[at] = latest.get(who, -1)
        for one in those:
            if one >= 0:
                latest[one] = who
    return found
