"""Who answers whom in IRC logs: the annotated lines, how guesses of them are scored, and how the models that are shipped grew.

    OMP_NUM_THREADS=1 python -m benchmarks._replies ../shared/data/chat_irc_replies.parquet src/tiefen/insight/models/replies

A line and the lines that it answers (itself where it begins something), as Kummerfeld et al. 2019 annotated them. Whole log
files are kept for testing: those of which the sha256 of `replies|<file>` is a multiple of five.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tiefen.insight.models.replies.again import best_of, second_look
from tiefen.insight.models.replies.candidates import Candidates, candidates_of
from tiefen.insight.models.replies.talk import Talk, talk_of
from tiefen.insight.models.replies.trees import Trees

ROUNDS, RATE, KEPT = 200, 0.08, 0.35
"""Trees, how much each counts, and the share of wrong candidates they see."""
BEFORE = 300
"""So many messages before the annotated ones are guessed at too, so that conversations are under way."""


def for_test(name: str) -> bool:
    """Whether a log is kept for testing."""
    return int(hashlib.sha256(f"replies|{name}".encode()).hexdigest(), 16) % 5 == 0


@dataclass(frozen=True)
class Log:
    """One log file: its messages, and what people said about some of them."""

    name: str
    talk: Talk
    first: int
    end: int
    answers: dict[int, tuple[frozenset[int], int]]
    """Of each annotated message how far back the messages are that it answers, and how many lines these are; 0 lines where
    it begins something."""
    other_lines: tuple[int, int, int]
    """Annotated lines that are no messages (joins, leaves): how many, how many begin something, how many links they have."""

    @property
    def for_test(self) -> bool:
        return for_test(self.name)

    def right(self, found: Candidates) -> np.ndarray:
        """Which candidates people agreed to."""
        asked = zip(found.message.tolist(), found.back.tolist(), strict=True)
        none: tuple[frozenset[int], int] = (frozenset(), 1)
        answers = ((self.answers.get(message, none), back) for message, back in asked)
        return np.fromiter((back in those if lines else back == 0 for (those, lines), back in answers), np.bool_)


def logs(path: Path, *, only_test: bool = False) -> Iterator[Log]:
    rows = pq.read_table(path)
    is_message = pc.and_(pc.equal(rows["event"], "message"), pc.is_valid(rows["member_id"]))
    for name in sorted(pc.unique(rows["group_id"]).to_pylist()):
        if only_test and not for_test(name):
            continue
        mine = pc.equal(rows["group_id"], name)
        yield _log(name, rows.filter(pc.and_(mine, is_message)), rows.filter(pc.and_(mine, pc.invert(is_message))))


def _log(name: str, said: pa.Table, other: pa.Table) -> Log:
    members = said["member_id"].to_pylist()
    number = {member: at for at, member in enumerate(dict.fromkeys(members))}
    named = [[number[one] for one in some or [] if one in number] for some in said["mentions"].to_pylist()]
    us = said["ts"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
    talk = talk_of([number[one] for one in members], us, said["text"].to_pylist(), named=named)
    place = {message: at for at, message in enumerate(said["message_id"].to_pylist())}
    replies = said["reply_to_ids"].to_pylist()
    annotated = np.flatnonzero(said["annotated"].to_numpy())
    answers = {
        at: (frozenset(at - place[one] for one in replies[at] or [] if one in place), len(replies[at] or []))
        for at in annotated.tolist()
    }
    rest = [row or [] for row in other.filter(other["annotated"])["reply_to_ids"].to_pylist()]
    counted = len(rest), sum(not row for row in rest), sum(len(row) for row in rest)
    return Log(name, talk, int(annotated[0]), int(annotated[-1]) + 1, answers, counted)


@dataclass(frozen=True)
class Score:
    """As in the paper's table 3: over all annotated lines, those that begin something linked to themselves."""

    right: int
    guessed: int
    true: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.guessed)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.true)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, self.guessed + self.true)

    def __str__(self) -> str:
        return f"P {100 * self.precision:.1f} R {100 * self.recall:.1f} F {100 * self.f1:.1f}"


def scored(guesses: Iterable[tuple[Log, dict[int, int]]]) -> Score:
    """Of guesses `message → how far back`; lines that are no messages are taken to begin something."""
    right = guessed = true = 0
    for log, backs in guesses:
        lines, begin, links = log.other_lines
        right, guessed, true = right + begin, guessed + lines, true + begin + links
        for message, (those, linked) in log.answers.items():
            back = backs[message]
            right += back in those if linked else back == 0
            guessed, true = guessed + 1, true + max(1, linked)
    return Score(right, guessed, true)


def chosen(found: Candidates, chances: np.ndarray) -> dict[int, int]:
    """The most likely candidate of each message."""
    message, back, _ = best_of(found, chances)
    return dict(zip(message.tolist(), back.tolist(), strict=True))


@dataclass(frozen=True)
class Given:
    """A log with its candidates."""

    log: Log
    found: Candidates
    right: np.ndarray
    judged: np.ndarray
    """Candidates of annotated messages."""

    @classmethod
    def of(cls, log: Log, *, named: bool) -> Given:
        found = candidates_of(log.talk, named=named, start=max(0, log.first - BEFORE), end=log.end)
        return cls(log, found, log.right(found), np.isin(found.message, list(log.answers)))

    def again(self, first: Trees) -> np.ndarray:
        """The numbers of a second look, after a first guess."""
        chances = first.chances(self.found.numbers)
        parent = np.arange(len(self.log.talk))
        message, back, _ = best_of(self.found, chances)
        parent[message] -= back
        return np.hstack([self.found.numbers, second_look(self.log.talk, self.found, chances, parent)])


def grown(some: list[tuple[Given, np.ndarray]]) -> Trees:
    """Trees that tell right candidates from wrong ones by these numbers."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    lots = np.random.default_rng(7)
    numbers, right = [], []
    for given, rows in some:
        seen = given.judged & (given.right | (lots.random(len(rows)) < KEPT))
        numbers.append(rows[seen])
        right.append(given.right[seen])
    forest = HistGradientBoostingClassifier(
        max_iter=ROUNDS, learning_rate=RATE, max_leaf_nodes=31, min_samples_leaf=60, l2_regularization=1.0,
        early_stopping=False, random_state=7,
    )  # fmt: skip
    return Trees.of(forest.fit(np.vstack(numbers), np.concatenate(right)))


def main(path: Path, folder: Path) -> None:
    every = list(logs(path))
    for named, name in ((True, "named"), (False, "plain")):
        began = time.monotonic()
        learn = [Given.of(log, named=named) for log in every if not log.for_test]
        test = [Given.of(log, named=named) for log in every if log.for_test]
        # A first guess at logs that it has not learned from, as it will be when it is asked.
        halves = learn[::2], learn[1::2]
        seconds = []
        for mine, others in (halves, halves[::-1]):
            half = grown([(one, one.found.numbers) for one in others])
            seconds += [(one, one.again(half)) for one in mine]
        again = grown(seconds)
        first = grown([(one, one.found.numbers) for one in learn])
        first.save(folder / f"{name}.npz")
        again.save(folder / f"{name}_again.npz")
        for what, guesses in (
            ("first", [(one.log, chosen(one.found, first.chances(one.found.numbers))) for one in test]),
            ("again", [(one.log, chosen(one.found, again.chances(one.again(first)))) for one in test]),
        ):
            print(f"{name}, {what}: {scored(guesses)}; {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
