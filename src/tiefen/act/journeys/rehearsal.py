"""Rehearsal (预演): a journey over the last days of real facts under a virtual clock, by the code that moves people in earnest.

Positions are on scratch tables in memory; what is known of people, and the gate, are the real ones. What the past did not hold is said
in `assumed`: attributes and friendships are those of today.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.pool import StaticPool

from tiefen.act.gate import LONGEST_US, WEEK_US, History, Postponed, Task, Touch, admit, task_of
from tiefen.act.journeys import engine, positions
from tiefen.act.journeys.definition import Journey, wrongs
from tiefen.act.journeys.engine import Live
from tiefen.act.journeys.errors import JourneyWrong, TooMuchToRehearse
from tiefen.act.journeys.happening import Signal
from tiefen.act.journeys.positions import HOLDOUT, TREATED, Candidate, Counts
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import NEVER
from tiefen.act.known import known
from tiefen.act.message import Message
from tiefen.act.proposal import Proposal
from tiefen.act.senders import contact_senders
from tiefen.decide.policy import Moment, Policy, moment, policy_of
from tiefen.kit.clock import DAY_US, SECOND_US
from tiefen.kit.settings import Settings
from tiefen.kit.slices import slices
from tiefen.ledger import dialect
from tiefen.ledger.facts import BY_KIND, columns
from tiefen.ledger.identity import owners
from tiefen.ledger.lake import rows_of, schema_of, table_name
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema.journeys import (
    journey_counts,
    journey_entries,
    journey_moves,
    journey_orders,
    journey_positions,
    journey_schedules,
)
from tiefen.ledger.schema.segments import segment_members

TICK_US = 30 * 60 * SECOND_US
"""How fine the virtual clock goes; ticks in which nothing is due are left out."""
HOUR_US = 3600 * SECOND_US
MOST_DAYS, MOST_FACTS, MOST_SHOWN = 90, 3_000_000, 300
REHEARSED = "rehearsal"
_TABLES = (
    journey_entries, journey_positions, journey_counts, journey_moves, journey_schedules, journey_orders, segment_members,
)  # fmt: skip
_ASSUMED = (
    ("客户资料、标签和好友关系按今天的算", "Profiles, tags and friendships are those of today"),
    (
        "别的活动当时占用的注意力和配额不算在内",
        "What other campaigns took of attention and quotas at the time is left out",
    ),
)


class Said(NamedTuple):
    """A message that would have been proposed, and what the gate would have said."""

    at_us: int
    person: int
    step: str
    content_id: str
    outcome: str
    """admitted, refused or waiting."""
    reason: str
    sender: str


@dataclass(slots=True)
class Rehearsal:
    """What would have happened."""

    from_us: int
    to_us: int
    counts: Counts = field(default_factory=Counter)
    """As `journey_counts` of a journey that runs."""
    inside: dict[str, int] = field(default_factory=dict)
    """How many would be at each step now."""
    messages: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By (step, outcome, reason)."""
    load: dict[int, dict[str, int]] = field(default_factory=dict)
    """By hour: messages let out, tasks that staff would confirm for them, and other tasks."""
    orders: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By (step, kind)."""
    shown: list[Said] = field(default_factory=list)
    """The first of them, in order of time."""
    texts: dict[str, Message] = field(default_factory=dict)
    facts: int = 0
    ticks: int = 0
    assumed: list[tuple[str, str]] = field(default_factory=lambda: list(_ASSUMED))

    @property
    def entered(self) -> int:
        return self.counts["", f"entered:{TREATED}"]

    @property
    def held_out(self) -> int:
        return self.counts["", f"entered:{HOLDOUT}"]

    def outcome(self, outcome: str) -> int:
        """How many messages came to this."""
        return sum(n for (_, came_to, _), n in self.messages.items() if came_to == outcome)


def rehearse(
    ledger: Ledger, settings: Settings, corp_id: str, journey: Journey, now_us: int, *, days: int = 30,
    journey_id: str = REHEARSED,
) -> Rehearsal:  # fmt: skip
    """The journey as if it had begun `days` ago. With the id of a journey that runs, chance falls as it does there."""
    if found := wrongs(journey):
        raise JourneyWrong(found[0].en, [msgspec.to_builtins(one) for one in found])
    if not 1 <= days <= MOST_DAYS:
        raise TooMuchToRehearse(f"{days} days", f"1 to {MOST_DAYS} days")
    from_us = (now_us - days * DAY_US) // TICK_US * TICK_US
    with ledger.read() as real, scratch() as connection:
        run = _Run(ledger, settings, corp_id, journey_id, journey, real, connection)
        signals = _signals(ledger, real, corp_id, journey, from_us, now_us)
        run.begin(signals, from_us)
        come = {signal.person for signal in signals if any(trigger.takes(signal) for trigger in journey.triggers)}
        run.gate.meet(sorted(come), from_us)
        run.go(signals, from_us, now_us)
        return run.told(from_us, now_us)


@contextmanager
def scratch() -> Iterator[Connection]:
    """Tables of the same make in memory."""
    made = sa.create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    for table in _TABLES:
        table.create(made)
    with made.connect() as connection:
        yield connection
    made.dispose()


# ---- the past -----------------------------------------------------------------------------------


def _signals(
    ledger: Ledger, connection: Connection, corp_id: str, journey: Journey, from_us: int, now_us: int
) -> list[Signal]:  # fmt: skip
    """The facts that the journey reacts to, in order of time."""
    snapshot = ledger.snapshot(corp_id, facts_only=True)
    found: list[Signal] = []
    kinds = journey.facts() | ({"segment.entered", "segment.left"} if journey.segments() else set())
    for kind in sorted(kinds):
        of = BY_KIND[kind]
        name = table_name(kind)
        whose = next(column.name for column in columns(of) if column.name in ("person", "member"))
        wanted = ["happened_at", *(column.name for column in columns(of) if not column.many)]
        first, last = (pa.scalar(us, pa.timestamp("us", tz="UTC")) for us in (from_us, now_us))
        within = (pc.field("happened_at") > first) & (pc.field("happened_at") <= last)
        parts = [snapshot.tail[name].filter(within).select(wanted)]
        if files := snapshot.files.get(name):
            schema = schema_of(name)
            own = (pc.field("corp_id") == corp_id) & within
            flat = schema.remove(schema.get_field_index("month")) if "month" in schema.names else schema
            parts.append(rows_of(files, schema=flat).to_table(columns=wanted, filter=own))
        for part in parts:
            if len(found) + part.num_rows > MOST_FACTS:
                raise TooMuchToRehearse(f"{len(found) + part.num_rows:,} facts", f"{MOST_FACTS:,} facts")
            held = [part["happened_at"].cast(pa.int64()).to_pylist(), *(part[one].to_pylist() for one in wanted[1:])]
            at, person = 0, wanted.index(whose)
            for row in zip(*held, strict=True):
                if row[person] is not None:
                    found.append(
                        Signal(row[person], row[at], kind, SimpleNamespace(**dict(zip(wanted, row, strict=True))))
                    )
    owner = owners(connection, {signal.person for signal in found})
    found = [signal._replace(person=owner.get(signal.person, signal.person)) for signal in found]
    found.sort(key=lambda signal: signal.at_us)
    return found


class _Run:
    """One rehearsal on its way."""

    def __init__(
        self, ledger: Ledger, settings: Settings, corp_id: str, journey_id: str, journey: Journey, real: Connection,
        connection: Connection,
    ) -> None:  # fmt: skip
        corp = ledger.corp(corp_id)
        self.corp_id, self.zone, self.journey = corp_id, corp.time_zone, journey
        self.real, self.connection = real, connection
        self.live = Live(journey_id, 1, journey)
        self.values = engine.known_of(ledger, settings, corp_id, real)
        self.gate = Gate(real, corp_id, policy_of(corp.settings), corp.time_zone)
        self.result = Rehearsal(0, 0)
        self.waiting: list[tuple[int, int, Proposal]] = []
        self._n = 0

    def scene(self, now_us: int) -> Scene:
        return Scene(
            self.connection, self.real, self.corp_id, self.live.journey_id, self.zone, self.journey.purpose, now_us,
            self.values, staff=self.gate,
        )  # fmt: skip

    def begin(self, signals: Sequence[Signal], from_us: int) -> None:
        """Put people into segments as they were then: as they are now, with what happened since taken back."""
        held = segment_members.c
        for segment in self.journey.segments():
            asked = sa.select(held.person).where(held.corp_id == self.corp_id, held.segment_id == segment)
            inside = set(self.real.scalars(asked))
            for signal in reversed(signals):
                match signal.kind:
                    case "segment.entered" if signal.body.segment == segment:
                        inside.discard(signal.person)
                    case "segment.left" if signal.body.segment == segment:
                        inside.add(signal.person)
            rows = [(self.corp_id, segment, person, from_us) for person in sorted(inside)]
            dialect.insert_many(
                self.connection, "segment_members", ("corp_id", "segment_id", "person", "entered_us"), rows
            )
        if any(getattr(one, "segment", None) for one in self.journey.steps) and not any(
            signal.kind.startswith("segment.") for signal in signals
        ):
            self.result.assumed.append(
                ("分群没有进出记录，按今天的成员算", "Segments have no history; their members are those of today")
            )

    def go(self, signals: Sequence[Signal], from_us: int, now_us: int) -> None:
        """Tick by tick, leaving out those in which nothing is due."""
        at, place, n = from_us, 0, len(signals)
        self.result.facts = n
        clocks = any(trigger.by_clock for trigger in self.journey.triggers)
        while True:
            coming = [signals[place].at_us] if place < n else []
            coming += [one for one in (self._next_due(clocks), self.waiting[0][0] if self.waiting else None) if one]
            if clocks and at == from_us:
                coming.append(at)
            if not coming or min(coming) > now_us:
                return
            at = min(max(-(-min(coming) // TICK_US) * TICK_US, at + (TICK_US if self.result.ticks else 0)), now_us)
            first = place
            while place < n and signals[place].at_us <= at:
                place += 1
            self.tick(signals[first:place], at, clocks)
            if at >= now_us:
                return

    def tick(self, signals: Sequence[Signal], at: int, clocks: bool) -> None:
        scene = self.scene(at)
        counts: Counts = Counter()
        self._segments(signals)
        if signals:
            counts += engine.react(scene, self.live, signals)
        if clocks:
            counts += engine.fire(scene, self.live)
        while engine.move_due(scene, self.live, engine.MOST_DUE, counts) == engine.MOST_DUE:
            pass
        counts += positions.not_said(scene.effects)
        positions.add_counts(self.connection, self.corp_id, self.live.journey_id, counts)
        self.result.ticks += 1
        effects = scene.effects
        for order in effects.orders:
            self.result.orders[order.step, order.kind] += 1
            if order.kind == "task":
                self._load(at, "tasks", 1)
        if effects.orders:
            self._keep_tags(effects.orders, at)
        if len(self.result.texts) < MOST_SHOWN:
            self.result.texts |= effects.contents
        self._judge(effects.proposals, at)

    def told(self, from_us: int, now_us: int) -> Rehearsal:
        done = self.result
        done.from_us, done.to_us = from_us, now_us
        of = self.live.journey_id
        done.counts = positions.counts_of(self.connection, self.corp_id, [of])[of]
        asked = sa.select(journey_positions.c.step, sa.func.count()).group_by(journey_positions.c.step)
        done.inside = dialect.pairs(self.connection.execute(asked))
        for _, _, proposal in self.waiting:
            self._came_to(proposal, proposal.due_us, "waiting", "", "")
        shown = {one.content_id for one in done.shown}
        done.texts = {key: message for key, message in done.texts.items() if key in shown}
        return done

    # ---- below ----

    def _next_due(self, clocks: bool) -> int | None:
        at, table = journey_positions.c, journey_schedules.c
        due = self.connection.execute(
            sa.select(sa.func.min(at.due_us)).where(at.corp_id == self.corp_id, at.journey_id == self.live.journey_id)
        ).scalar()
        look = self.connection.execute(sa.select(sa.func.min(table.due_us))).scalar() if clocks else None
        found = [one for one in (due, look) if one is not None and one < NEVER]
        return min(found) if found else None

    def _segments(self, signals: Sequence[Signal]) -> None:
        held = segment_members.c
        for signal in signals:
            if not signal.kind.startswith("segment."):
                continue
            mine = (held.corp_id == self.corp_id, held.segment_id == signal.body.segment, held.person == signal.person)
            self.connection.execute(sa.delete(segment_members).where(*mine))
            if signal.kind == "segment.entered":
                self.connection.execute(
                    sa.insert(segment_members).values(
                        corp_id=self.corp_id, segment_id=signal.body.segment, person=signal.person,
                        entered_us=signal.at_us,
                    )
                )  # fmt: skip

    def _keep_tags(self, orders: Sequence[Any], at: int) -> None:
        rows = [
            (
                self.corp_id, one.order_id, self.live.journey_id, one.step, one.kind, one.person,
                msgspec.json.encode(one.body).decode(), "done", at, at,
            )
            for one in orders
            if one.kind == "tag"
        ]  # fmt: skip
        names = ("corp_id", "order_id", "journey_id", "step", "kind", "person", "body", "state", "due_us", "made_us")
        dialect.insert_new(self.connection, "journey_orders", names, rows)

    def _judge(self, new: Sequence[Proposal], at: int) -> None:
        due = list(new)
        while self.waiting and self.waiting[0][0] <= at:
            due.append(heapq.heappop(self.waiting)[2])
        if not due:
            return
        for answer in self.gate.judge(due, at):
            match answer:
                case Touch(proposal, sender):
                    self._came_to(proposal, at, "admitted", "", sender)
                    self._load(at, "messages", 1)
                case Postponed(proposal, _, until_us):
                    self._n += 1
                    heapq.heappush(self.waiting, (until_us, self._n, replace(proposal, due_us=until_us)))
                case refusal:
                    self._came_to(refusal.proposal, at, "refused", refusal.reason.value, "")
        if self.gate.new_tasks:
            self._load(at, "confirmations", self.gate.new_tasks)

    def _came_to(self, proposal: Proposal, at: int, outcome: str, reason: str, sender: str) -> None:
        self.result.messages[proposal.step, outcome, reason] += 1
        if len(self.result.shown) < MOST_SHOWN:
            self.result.shown.append(
                Said(at, proposal.person or 0, proposal.step, proposal.content_id, outcome, reason, sender)
            )

    def _load(self, at: int, what: str, n: int) -> None:
        hour = self.result.load.setdefault(at // HOUR_US * HOUR_US, {"messages": 0, "confirmations": 0, "tasks": 0})
        hour[what] += n


class Gate:
    """The gate, under a virtual clock: `gate.admit` with what is known of people now and what this rehearsal has told them."""

    def __init__(self, connection: Connection, corp_id: str, policy: Policy, zone_name: str) -> None:
        self.connection, self.corp_id, self.policy, self.zone = connection, corp_id, policy, zone_name
        self.base: dict[int, History] = {}
        self.told: dict[int, list[tuple[int, tuple[str, ...], float]]] = defaultdict(list)
        self.tasks: dict[str, set[Any]] = defaultdict(set)
        self.held: dict[str, set[Any]] = defaultdict(set)
        """What waits in somebody's name."""
        self.day_us = self.new_tasks = 0

    def judge(self, some: Sequence[Proposal], now_us: int) -> list[Any]:
        at = moment(self.policy, now_us, self.zone)
        if at.day_us != self.day_us:
            self.day_us = at.day_us
            self.tasks.clear()
        self.meet([one.person for one in some if one.person is not None], now_us)
        self.new_tasks = 0
        answers: list[Any] = []
        for proposal in sorted(some, key=lambda one: (-one.worth_fen, one.due_us, one.proposal_id)):
            history = self._history(proposal.person or 0, at)
            answer = admit(proposal, history, self.policy, at, tasks=self.tasks)
            if proposal.sender is not None:
                held = self.held[proposal.sender]
                (held.add if isinstance(answer, Postponed) else held.discard)(task_of(proposal))
            if isinstance(answer, Touch):
                cost = history.wears.cost(proposal.purpose)
                self.told[proposal.person or 0].append((now_us, proposal.told_as, cost))
                task = task_of(proposal)
                if task not in self.tasks[answer.sender]:
                    self.tasks[answer.sender].add(task)
                    self.new_tasks += 1
            answers.append(answer)
        return answers

    # What words are chosen by, as the rehearsed day has it (`words.Staff`).

    def senders(self, persons: Sequence[int]) -> Mapping[int, str]:
        met = {person: self.base[person].senders[:1] for person in persons if person in self.base}
        found = {person: senders[0] for person, senders in met.items() if senders}
        return found | contact_senders(self.connection, self.corp_id, [one for one in persons if one not in met])

    def taps(self, now_us: int) -> Mapping[str, Collection[Task]]:
        today = self.tasks if moment(self.policy, now_us, self.zone).day_us == self.day_us else {}
        return {userid: {*today.get(userid, ()), *self.held.get(userid, ())} for userid in {*today, *self.held}}

    @property
    def most(self) -> int:
        return self.policy.taps_for_words

    def meet(self, persons: Sequence[int], now_us: int) -> None:
        """Look up who has not been met yet, many at once; what they were really told is left out."""
        new = sorted(set(persons) - self.base.keys())
        if not new:
            return
        at = moment(self.policy, now_us, self.zone)
        for few in slices(new, 20_000):
            found = known(self.connection, self.corp_id, [_anything(person, now_us) for person in few], self.policy, at)
            for person in few:
                history = found.persons.get(found.roots.get(person, -1))
                self.base[person] = (
                    _NOBODY if history is None else replace(history, day=0, week=0, month=0, spent=(), told={})
                )

    def _history(self, person: int, at: Moment) -> History:
        base, told = self.base.get(person, _NOBODY), self.told.get(person)
        if not told:
            return base
        since = at.now_us - max(LONGEST_US, WEEK_US)
        lately = [one for one in told if one[0] > since]
        times = np.array([when for when, _, _ in told])
        return replace(
            base, day=int((times >= at.day_us).sum()), week=int((times >= at.week_us).sum()),
            month=int((times >= at.month_us).sum()), spent=tuple((when, cost) for when, _, cost in lately),
            told={mark: 1.0 for when, marks, _ in told if when > at.now_us - 30 * DAY_US for mark in marks},
        )  # fmt: skip


_NOBODY = History(here=False)


def _anything(person: int, now_us: int) -> Proposal:
    """Something for somebody, to ask what is known of them."""
    return Proposal(
        proposal_id="", campaign_id=REHEARSED, person=person, channel="contact", purpose="care", content_id="", due_us=now_us,
        expires_us=now_us,
    )  # fmt: skip


# ---- one person ---------------------------------------------------------------------------------


class Passed(NamedTuple):
    """One step on somebody's way."""

    at_us: int
    step: str
    way: str
    says: str
    """What would be said there, filled in."""
    outcome: str
    reason: str


@dataclass(slots=True)
class Trial:
    """The way one person would take from now on."""

    passed: list[Passed]
    how: str
    """How it ends: as in entries, or `waits` where they wait for something without end."""
    turned_away: str
    """Why they could not even enter; the way is shown all the same."""
    at: str = ""


def try_with(
    ledger: Ledger, settings: Settings, corp_id: str, journey: Journey, person: int, now_us: int, *,
    happens: Sequence[str] = (), journey_id: str = REHEARSED,
) -> Trial:  # fmt: skip
    """What the journey would do with somebody who enters now. `happens`: steps at which what is waited for is taken to happen."""
    if found := wrongs(journey):
        raise JourneyWrong(found[0].en, [msgspec.to_builtins(one) for one in found])
    alone = msgspec.structs.replace(
        journey, holdout=0.0, most=None, most_a_day=None, begins=None, ends=None, triggers=journey.triggers[:1]
    )
    with ledger.read() as real, scratch() as connection:
        run = _Run(ledger, settings, corp_id, journey_id, alone, real, connection)
        run.begin((), now_us)
        at, passed, how = now_us, list[Passed](), ""
        scene = run.scene(at)
        counts = positions.enter(scene, alone, 1, [Candidate(person)])
        turned = next((what.partition(":")[2] for _, what in counts if what.startswith("turned_away:")), "")
        moves, seen = journey_moves.c, 0
        for _ in range(2_000):
            if turned:
                break
            scene = run.scene(at)
            place = connection.execute(sa.select(journey_positions.c.step, journey_positions.c.due_us)).one_or_none()
            if place is None:
                how = connection.execute(sa.select(journey_entries.c.how)).scalar() or ""
                break
            if place.step in happens and place.due_us > at:
                where = positions.waiting(scene, [place.step], [person])
                engine.advance_some(scene, run.live, where, np.ones(1, dtype=bool))
            elif place.due_us <= at:
                engine.move_due(scene, run.live, 1, Counter())
            elif place.due_us >= NEVER or place.due_us > now_us + 3 * 366 * DAY_US:
                how = "waits"
                break
            else:
                at = place.due_us
                continue
            said = {one.step: one for one in scene.effects.proposals}
            verdicts = {one.proposal.step: one for one in run.gate.judge(list(said.values()), at)} if said else {}
            rows = list(connection.execute(sa.select(moves.step, moves.way).order_by(moves.move_id).offset(seen)))
            seen += len(rows)
            for step, way in rows:
                verdict = verdicts.get(step)
                text = scene.effects.contents[said[step].content_id].text if step in said else ""
                outcome = "" if verdict is None else type(verdict).__name__.lower()
                reason = "" if verdict is None or isinstance(verdict, Touch) else verdict.reason.value
                passed.append(Passed(at, step, way, text, outcome, reason))
        place = connection.execute(sa.select(journey_positions.c.step)).scalar()
        return Trial(passed, how, turned, place or "")
