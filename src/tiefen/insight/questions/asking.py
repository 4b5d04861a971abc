"""Asking questions of the facts behind a reading: each once, then out of memory until there is a newer reading."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from tiefen.insight.engine import opened
from tiefen.insight.past import as_it_was
from tiefen.insight.questions.cohorts import Cohorts
from tiefen.insight.questions.funnels import Funnel
from tiefen.insight.questions.paths import Paths
from tiefen.insight.questions.standard import COHORTS, FUNNELS
from tiefen.insight.readings import Reading, is_past
from tiefen.kit.settings import Settings
from tiefen.ledger.snapshot import Snapshot

Question = Cohorts | Funnel | Paths
MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as of a reading's day, and how long it took to find them."""

    rows: pa.Table
    seconds: float


class Asking:
    """Answers questions, one at a time: a question uses every core there is. Safe to ask from many threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept: OrderedDict[tuple[str, str, Question], Answer] = OrderedDict()
        self._lock = threading.Lock()
        self._one = threading.Lock()

    def ask(self, question: Question, reading: Reading, snapshot: Callable[[], Snapshot]) -> Answer:
        """The answer as of the day of a reading. Standard questions are in the reading already."""
        ready = _ready(question, reading)
        if ready is not None:
            return ready
        key = (reading.corp_id, reading.reading_id, question)
        found = self._known(key)
        if found is not None:
            return found
        with self._one:
            found = self._known(key)
            if found is not None:  # somebody asked the same meanwhile
                return found
            began = time.monotonic()
            taken, until_us = snapshot(), None
            if is_past(reading.reading_id):
                taken = as_it_was(taken, reading.day)
                until_us = taken.taken_us + 1
            with opened(taken, self._settings, until_us=until_us) as tables:
                rows = tables.arrow(question.of(tables, reading.window))
            answer = Answer(rows, time.monotonic() - began)
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return answer

    def _known(self, key: tuple[str, str, Question]) -> Answer | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)


def _ready(question: Question, reading: Reading) -> Answer | None:
    for name, known in (*COHORTS.items(), *FUNNELS.items()):
        if known == question:
            table = "cohorts" if isinstance(question, Cohorts) else "funnels"
            if not (reading.folder / f"{table}.parquet").exists():  # made before there was such a table
                return None
            return Answer(reading.sql(f"SELECT * EXCLUDE question FROM {table} WHERE question = ?", [name]), 0.0)
    return None
