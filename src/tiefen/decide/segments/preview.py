"""Looking at a rule before it is kept: how many each condition holds, how many are left at each step, who they are, and why
somebody is in or out."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import sqlalchemy as sa

from tiefen.decide.segments import store
from tiefen.decide.segments.naming import Called
from tiefen.decide.segments.person import seen_by
from tiefen.decide.segments.predicates import Predicate
from tiefen.decide.segments.predicates.base import NEVER, Verdict
from tiefen.decide.segments.rule import AllOf, Rule, held, judge, kinds_of, needs_of, parts, said
from tiefen.decide.segments.scene import Beside, Scene, Told, beside
from tiefen.insight.engine import Tables, opened
from tiefen.insight.readings import Reading
from tiefen.kit.clock import SECOND_US
from tiefen.kit.settings import Settings
from tiefen.ledger.errors import PersonNotFound
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import handles, people

SAMPLE = 10
_YOUNG_S, _TIMES_AS_LONG = 20.0, 30
"""Tables stay open for so long, or for so many times as long as it takes to open them; and for ever where nothing came since."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule comes to. Counts are by the place of a part in the rule."""

    size: int
    everybody: int
    counts: dict[str, int]
    steps: dict[str, int]
    """Of a rule that is all of several: how many are left after each, by its place."""
    sample: list[int]
    seconds: float
    taken_us: int
    """The moment that it tells of."""


@dataclass
class _Open:
    """Tables of one corp that are kept open."""

    tables: Tables
    stack: ExitStack
    opened_s: float
    took_s: float
    seq: int
    reading_id: str
    known: Beside = field(default_factory=Beside)
    needs: frozenset[str] = frozenset()
    at_us: int = 0
    told: Told = field(default_factory=Told)
    """What was asked of them at that moment."""

    @property
    def lasts_s(self) -> float:
        return max(_YOUNG_S, _TIMES_AS_LONG * self.took_s)

    def moment(self, now_us: int) -> int:
        """The moment that is asked about: for as long as the tables are young the same, so that a condition is asked once."""
        if not 0 <= now_us - self.at_us < self.lasts_s * SECOND_US:
            self.at_us, self.told = now_us, Told()
        return self.at_us


class Warm:
    """Keeps the tables of the corps that are being looked at open, so that a count need not begin by opening them. One question at
    a time: each uses every core there is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._one = threading.Lock()
        self._open: dict[str, _Open] = {}

    @contextmanager
    def scene(
        self, ledger: Ledger, corp_id: str, reading: Reading | None, needs: Collection[str], now_us: int
    ) -> Iterator[Scene]:
        """Everybody's facts and what a rule needs beside them."""
        with self._one:
            here = self._opened(ledger, corp_id, reading)
            missing = frozenset(needs) - here.needs
            if missing:
                with ledger.read() as connection:
                    more = beside(connection, corp_id, reading, here.needs | missing if _numbers(missing) else missing)
                here.known = _joined(here.known, more)
                here.needs |= missing
            yield Scene(here.tables, here.moment(now_us), here.known, here.told)

    def _opened(self, ledger: Ledger, corp_id: str, reading: Reading | None) -> _Open:
        reading_id = "" if reading is None else reading.reading_id
        found = self._open.get(corp_id)
        if found is not None:
            young = time.monotonic() - found.opened_s < found.lasts_s
            if found.reading_id == reading_id and (young or found.seq == ledger.last_seq()):
                return found
            del self._open[corp_id]
            found.stack.close()
        began = time.monotonic()
        seq = ledger.last_seq()
        stack = ExitStack()
        tables = stack.enter_context(opened(ledger.snapshot(corp_id), self._settings))
        with ledger.read() as connection:
            known = beside(connection, corp_id, None, ())
        made = _Open(tables, stack, time.monotonic(), time.monotonic() - began, seq, reading_id, known)
        self._open[corp_id] = made
        return made

    def close(self) -> None:
        """Let go of everything."""
        with self._one:
            for one in self._open.values():
                one.stack.close()
            self._open.clear()


def _numbers(needs: Collection[str]) -> bool:
    return any(need.startswith("number:") for need in needs)


def _joined(before: Beside, more: Beside) -> Beside:
    return replace(
        before,
        attributes={**before.attributes, **more.attributes},
        numbers=before.numbers if more.numbers is None else more.numbers,
        stages=before.stages if more.stages is None else more.stages,
        kinds=before.kinds if more.kinds is None else more.kinds,
        roles=before.roles if more.roles is None else more.roles,
        complaints=before.complaints if more.complaints is None else more.complaints,
        audiences={**before.audiences, **more.audiences},
    )


def preview(
    warm: Warm, ledger: Ledger, corp_id: str, rule: Rule, reading: Reading | None, now_us: int, within: tuple[str, ...] = ()
) -> Preview:  # fmt: skip
    """Count a rule and every part of it, in one question."""
    with ledger.read() as connection:
        full = store.whole(connection, corp_id, rule, within)
    began = time.monotonic()
    with warm.scene(ledger, corp_id, reading, needs_of(full), now_us) as scene:
        everybody, holds = held(full, scene)
        taken = scene.t.snapshot.taken_us
    person = everybody[holds["$"]]
    steps: dict[str, int] = {}
    if isinstance(rule, AllOf):
        left = np.ones(len(everybody), dtype=bool)
        for number in range(len(rule.rules)):
            left = left & holds[f"$.rules[{number}]"]
            steps[f"$.rules[{number}]"] = int(left.sum())
    spread = person[np.linspace(0, max(len(person) - 1, 0), min(SAMPLE, len(person))).astype(np.int64)]
    mine = {place for place, _ in parts(rule)}
    return Preview(
        len(person), len(everybody), {place: int(some.sum()) for place, some in holds.items() if place in mine}, steps,
        spread.tolist(), time.monotonic() - began, taken,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """What one part of a rule says of somebody."""

    place: str
    zh: str
    en: str
    holds: bool
    until_us: int | None
    """When time alone may change that; None for never."""
    evidence: list[dict[str, Any]]


def why(
    ledger: Ledger, settings: Settings, corp_id: str, rule: Rule, person: int, reading: Reading | None, now_us: int,
    within: tuple[str, ...] = (),
) -> tuple[bool, list[Reason]]:  # fmt: skip
    """Whether somebody may be in segments at all, and what every part of a rule says of them and by which facts. The first is the
    whole rule."""
    with ledger.read() as connection:
        full = store.whole(connection, corp_id, rule, within)
        owner = sa.select(handles.c.person_id).where(handles.c.corp_id == corp_id, handles.c.handle == person)
        number = connection.execute(owner).scalar()
        if number is None:
            raise PersonNotFound(person)
        known = beside(connection, corp_id, reading, needs_of(full), [number])
        there = sa.select(people.c.staff).where(people.c.person_id == number)
        assert connection.execute(there).first() is not None
    snapshot = ledger.snapshot(corp_id, people=[number], kinds=kinds_of(full))
    with opened(snapshot, settings) as t:
        one = seen_by(t, known, kinds_of(full), [number])[number]
    inner = dict(parts(full))
    reasons = []
    with ledger.read() as connection:
        called = Called(connection, corp_id)
        for place, part in parts(rule):
            verdict = judge(inner[place], one, now_us) if one.counts else Verdict(False, NEVER)
            zh, en = said(part, called)
            shown = inner[place]
            evidence = shown.evidence(one, now_us) if isinstance(shown, Predicate) else []
            until = None if verdict.until >= NEVER else verdict.until
            reasons.append(Reason(place, zh, en, verdict.holds, until, evidence))
    return one.counts, reasons
