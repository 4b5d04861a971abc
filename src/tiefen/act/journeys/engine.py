"""A company's journeys, turn by turn: react to what happened, look at the clock, move whoever is due.

Each batch is one transaction of positions, counts and effects, so that a crash anywhere is a repetition and every effect happens once.
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act import variables, words
from tiefen.act.journeys import keeping, localtime, positions
from tiefen.act.journeys.definition import Journey
from tiefen.act.journeys.effects import carry_out
from tiefen.act.journeys.happening import Signal, look_up
from tiefen.act.journeys.moving import Places, advance
from tiefen.act.journeys.positions import Candidate, Counts
from tiefen.act.journeys.scene import Scene, Values
from tiefen.act.journeys.steps import WaitFor
from tiefen.act.journeys.triggers import OnDate, OnSchedule
from tiefen.act.senders import contact_senders
from tiefen.kit.clock import DAY_US, day_of
from tiefen.kit.settings import Settings
from tiefen.ledger import dialect, following
from tiefen.ledger.following import Kept
from tiefen.ledger.identity import owners
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import people
from tiefen.ledger.schema.journeys import journey_moves, journey_schedules
from tiefen.ledger.schema.segments import segment_members
from tiefen.ledger.writing import Together

FOLLOWER = "journeys"
MOST_DUE = 20_000
LATE_US = 2 * DAY_US
"""What became known later than this brings nobody in and takes nobody on: an import of last year greets no one."""
PATHS_US = 180 * DAY_US
"""For how long a person's path is kept."""
MERGED = "people.merged"


@dataclass(frozen=True, slots=True)
class Live:
    """A journey that runs, at its version."""

    journey_id: str
    version: int
    journey: Journey


def turn(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> bool:
    """Everything that is due for a corp now, a batch each; whether there is more to do at once."""
    corp = ledger.corp(corp_id)
    with ledger.read() as connection:
        live = running(connection, corp_id)
        follows = following.place(connection, corp_id, FOLLOWER) is not None
        news = following.behind(connection, corp_id, FOLLOWER)
    if not live:
        if follows:
            with ledger.write() as connection:
                following.stop(connection, corp_id, FOLLOWER)
        return False
    scenes = functools.partial(_scene, ledger, settings, corp_id, corp.time_zone, now_us)
    more = news and _react_to_news(ledger, corp_id, now_us, scenes)
    for one in live:
        if one.journey and any(trigger.by_clock for trigger in one.journey.triggers):
            _look_at_clock(ledger, corp_id, one.journey_id, now_us, scenes)
        more |= _move_due(ledger, corp_id, one.journey_id, scenes)
    return more


def _scene(
    ledger: Ledger, settings: Settings, corp_id: str, time_zone: str, now_us: int, connection: Connection, of: Live
) -> Scene:  # fmt: skip
    return Scene(
        connection, connection, corp_id, of.journey_id, time_zone, of.journey.purpose, now_us,
        known_of(ledger, settings, corp_id, connection), staff=words.AtWork(connection, corp_id),
    )  # fmt: skip


def known_of(ledger: Ledger, settings: Settings, corp_id: str, connection: Connection) -> Values:
    """What is known of people for the variables of a text."""

    def values(persons: Sequence[int], needed: frozenset[str], now_us: int) -> Mapping[int, Mapping[str, str]]:
        senders = contact_senders(connection, corp_id, persons) if "staff_name" in needed else {}
        return variables.of_persons(ledger, settings, connection, corp_id, persons, needed, senders, now_us)

    return values


Scenes = Callable[[Connection, Live], Scene]


def running(connection: Connection, corp_id: str, *, only: str | None = None) -> list[Live]:
    """The journeys that run at present, as of this transaction."""
    return [
        Live(row.campaign_id, row.live, row.journey)
        for row in keeping.live_rows(connection, corp_id, only=only)
    ]  # fmt: skip


# ---- what happened ------------------------------------------------------------------------------


def _react_to_news(ledger: Ledger, corp_id: str, now_us: int, scenes: Scenes) -> bool:
    with ledger.together() as t:
        live = running(t.connection, corp_id)
        kinds = {kind for one in live for kind in one.journey.facts()} | {MERGED}
        news = following.news(t.connection, corp_id, FOLLOWER, kinds)
        if news.facts:
            merged = [(fact.body.kept, fact.body.gone) for fact in news.facts if fact.kind == MERGED]
            if merged:
                _follow_merges(t.connection, corp_id, merged, now_us)
            signals = signals_of(t.connection, news.facts, now_us)
            for one in live:
                scene = scenes(t.connection, one)
                counts = react(scene, one, signals)
                settle(scene, one, counts, t)
        following.moved(t.connection, corp_id, FOLLOWER, news.through)
    return news.more


def signals_of(connection: Connection, facts: Sequence[Kept], now_us: int) -> list[Signal]:
    """The facts that are about somebody, by the person they are now; those that came too late are left out."""
    found: list[tuple[int, Kept]] = []
    for fact in facts:
        whose = getattr(fact.body, "person", None) or getattr(fact.body, "member", None)
        if whose is not None and fact.happened_us >= now_us - LATE_US:
            found.append((whose, fact))
    owner = owners(connection, {whose for whose, _ in found})
    return [Signal(owner.get(whose, whose), fact.happened_us, fact.kind, fact.body) for whose, fact in found]


def react(scene: Scene, of: Live, signals: Sequence[Signal]) -> Counts:
    """What happened, for one journey: goals, what brought somebody in and is no longer so, what was waited for, who comes in."""
    journey, counts = of.journey, Counter[tuple[str, str]]()
    kinds = journey.facts()
    signals = [signal for signal in signals if signal.kind in kinds]
    if not signals:
        return counts
    counts += _goals(scene, journey, signals)
    counts += _taken_back(scene, journey, signals)
    _waited_for(scene, of, signals, counts)
    for n, trigger in enumerate(journey.triggers):
        field = journey.again.field if journey.again.rule == "per_entity" else ""
        come = [Candidate(signal.person, _entity(signal, field), n) for signal in signals if trigger.takes(signal)]
        counts += positions.enter(scene, journey, of.version, come)
    return counts


def _entity(signal: Signal, field: str) -> str:
    found = look_up(signal.body, field) if field else None
    return "" if found is None else str(found)[:200]


def _goals(scene: Scene, journey: Journey, signals: Sequence[Signal]) -> Counts:
    if journey.goal is None:
        return Counter()
    when: dict[int, list[int]] = defaultdict(list)
    for signal in signals:
        if journey.goal.happening.matches(signal):
            when[signal.person].append(signal.at_us)
    inside, counts = positions.reached(scene, journey, when)
    if journey.exit in ("on_goal", "on_both"):
        counts += positions.take_out(scene, inside, "goal")
    return counts


def _taken_back(scene: Scene, journey: Journey, signals: Sequence[Signal]) -> Counts:
    counts: Counts = Counter()
    if journey.exit not in ("on_trigger_gone", "on_both"):
        return counts
    for n, trigger in enumerate(journey.triggers):
        persons = {signal.person for signal in signals if trigger.taken_back(signal)}
        counts += positions.take_out(scene, positions.at_any_step(scene, persons, n), "trigger_gone")
    return counts


def _waited_for(scene: Scene, of: Live, signals: Sequence[Signal], counts: Counts) -> None:
    """Whoever waited for something that has happened since they came to the step goes on."""
    when: dict[str, dict[int, int]] = {}
    for step in of.journey.steps:
        if not isinstance(step, WaitFor):
            continue
        latest: dict[int, int] = {}
        for signal in signals:
            if step.happening.matches(signal) if step.happening else _entered(signal, step.segment):
                latest[signal.person] = max(latest.get(signal.person, 0), signal.at_us)
        if latest:
            when[step.id] = latest
    if not when:
        return
    at = positions.waiting(scene, when, {person for latest in when.values() for person in latest})
    rows = zip(at.step.tolist(), at.person.tolist(), at.since_us.tolist(), strict=True)
    happened = np.array([when[step].get(person, -1) >= since for step, person, since in rows], dtype=bool)
    if happened.any():
        _advance(scene, of, positions.only(at, happened), counts, np.ones(int(happened.sum()), dtype=bool))


def _entered(signal: Signal, segment: str | None) -> bool:
    return signal.kind == "segment.entered" and signal.body.segment == segment


def _follow_merges(connection: Connection, corp_id: str, merged: Sequence[tuple[int, int]], now_us: int) -> None:
    """What was of one who is now part of another is the other's; who is inside the same journey twice goes on once."""
    keeping.follow_merges(connection, corp_id, merged, now_us)


# ---- the clock ----------------------------------------------------------------------------------


def _look_at_clock(ledger: Ledger, corp_id: str, journey_id: str, now_us: int, scenes: Scenes) -> None:
    with ledger.read() as connection:
        asked = sa.select(journey_schedules.c.trigger, journey_schedules.c.due_us).where(
            journey_schedules.c.corp_id == corp_id, journey_schedules.c.journey_id == journey_id
        )
        known: dict[int, int] = dialect.pairs(connection.execute(asked))
        live = running(connection, corp_id, only=journey_id)
    if not live:
        return
    clocks = [n for n, trigger in enumerate(live[0].journey.triggers) if trigger.by_clock]
    if all(known.get(n, 0) > now_us for n in clocks):
        return
    with ledger.together() as t:
        for one in running(t.connection, corp_id, only=journey_id):
            scene = scenes(t.connection, one)
            settle(scene, one, fire(scene, one), t)


def fire(scene: Scene, of: Live) -> Counts:
    """Let in whom the triggers that go by the clock bring now, and note when they look next."""
    counts: Counts = Counter()
    table = journey_schedules.c
    asked = sa.select(table.trigger, table.due_us).where(
        table.corp_id == scene.corp_id, table.journey_id == scene.journey_id
    )
    known: dict[int, int] = dialect.pairs(scene.connection.execute(asked))
    for n, trigger in enumerate(of.journey.triggers):
        due_us = known.get(n)
        if not trigger.by_clock or (due_us is not None and due_us > scene.now_us):
            continue
        if due_us is not None and due_us > scene.now_us - LATE_US:
            come = _brought(scene, trigger, due_us)
            counts += positions.enter(scene, of.journey, of.version, [Candidate(person, "", n) for person in come])
        after = _next_look(trigger, scene.now_us, scene.time_zone)
        row = dialect.insert(scene.connection, journey_schedules).values(
            corp_id=scene.corp_id, journey_id=scene.journey_id, trigger=n, due_us=after
        )
        scene.connection.execute(
            row.on_conflict_do_update(index_elements=["corp_id", "journey_id", "trigger"], set_={"due_us": after})
        )
    return counts


def _next_look(trigger: Any, now_us: int, zone_name: str) -> int:
    match trigger:
        case OnDate(at=at):
            today = day_of(now_us, zone_name)
            here = localtime.on(today, at, zone_name)
            return here if here > now_us else localtime.on(today + timedelta(days=1), at, zone_name)
        case OnSchedule(rule=rule):
            return localtime.after(rule, now_us, zone_name) or 1 << 62
    raise AssertionError


def _brought(scene: Scene, trigger: Any, due_us: int) -> list[int]:
    match trigger:
        case OnSchedule(segment=segment):
            held = segment_members.c
            asked = sa.select(held.person).where(held.corp_id == scene.corp_id, held.segment_id == segment)
            return list(scene.connection.scalars(asked))
        case OnDate():
            return with_date(
                scene.known, scene.corp_id, trigger.attribute,
                day_of(due_us, scene.time_zone) - timedelta(days=trigger.days), yearly=trigger.yearly,
            )  # fmt: skip
    raise AssertionError


def with_date(connection: Connection, corp_id: str, attribute: str, day: date, *, yearly: bool) -> list[int]:
    """Whose attribute is that day; yearly, the day of the year (of those born on 29 February, the 28th where there is no 29th)."""
    ends = [f"{day:%m-%d}" if yearly else day.isoformat()]
    if yearly and (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
        ends.append("02-29")
    found: list[int] = []
    for end in ends:
        asked = sa.select(people.c.person_id, people.c.attributes).where(
            people.c.corp_id == corp_id, people.c.merged_into.is_(None), people.c.attributes.contains(end, autoescape=True),
            people.c.attributes.contains(f'"{attribute}"', autoescape=True),
        )  # fmt: skip
        for person, attributes in connection.execute(asked):
            value = msgspec.json.decode(attributes).get(attribute)
            if isinstance(value, str) and (value[:10] == end or (yearly and value[:10].endswith(end))):
                found.append(person)
    return found


# ---- whoever is due -----------------------------------------------------------------------------


def _move_due(ledger: Ledger, corp_id: str, journey_id: str, scenes: Scenes) -> bool:
    with ledger.read() as connection:
        live = running(connection, corp_id, only=journey_id)
        if not live or not len(positions.due(scenes(connection, live[0]), 1).person):
            return False
    with ledger.together() as t:
        for one in running(t.connection, corp_id, only=journey_id):
            scene = scenes(t.connection, one)
            counts: Counts = Counter()
            n = move_due(scene, one, MOST_DUE, counts)
            settle(scene, one, counts, t)
            return n == MOST_DUE
    return False


def move_due(scene: Scene, of: Live, most: int, counts: Counts) -> int:
    """Move whose time has come; returns how many were looked at."""
    at = positions.due(scene, most)
    if len(at.person):
        _advance(scene, of, at, counts)
    return len(at.person)


def _advance(scene: Scene, of: Live, at: Places, counts: Counts, happened: Any = None) -> None:
    erased = positions.gone(scene.known, at.person.tolist())
    if erased.any():
        away = positions.only(at, erased)
        keys = zip(away.person.tolist(), away.entry.tolist(), away.step.tolist(), strict=True)
        counts += positions.take_out(scene, [positions.Key(*key) for key in keys], "erased")
        at = positions.only(at, ~erased)
        happened = None if happened is None else happened[~erased]
    moved = advance(scene, of.journey, at, happened)
    positions.keep(scene, of.version, at, moved)
    counts += moved.counts


def advance_some(scene: Scene, of: Live, at: Places, happened: Any = None) -> Counts:
    """Move some, whatever they wait for; `happened` says for whom that has happened."""
    counts: Counts = Counter()
    _advance(scene, of, at, counts, happened)
    return counts


def settle(scene: Scene, of: Live, counts: Counts, together: Together) -> None:
    """Write counts and effects, in the same transaction."""
    counts += positions.not_said(scene.effects)
    positions.add_counts(scene.connection, scene.corp_id, scene.journey_id, counts)
    carry_out(together, scene.corp_id, scene.journey_id, scene.effects, scene.now_us)


def enter_by_hand(
    ledger: Ledger, settings: Settings, corp_id: str, journey_id: str, persons: Sequence[int], now_us: int
) -> dict[str, int]:  # fmt: skip
    """Put people in, as far as the journey's rules let them; returns how many entered, and how many were turned away by reason."""
    corp = ledger.corp(corp_id)
    with ledger.together() as t:
        live = running(t.connection, corp_id, only=journey_id)
        if not live:
            raise keeping.not_running(t.connection, corp_id, journey_id)
        scene = _scene(ledger, settings, corp_id, corp.time_zone, now_us, t.connection, live[0])
        owner = owners(t.connection, persons)
        counts = positions.enter(
            scene, live[0].journey, live[0].version, [Candidate(owner.get(one, one)) for one in persons]
        )
        told = {what: n for (step, what), n in counts.items() if n and not step and not what.startswith("day:")}
        settle(scene, live[0], counts, t)
    return told


def prune(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> int:
    """Forget paths that are too old; returns how many steps of them."""
    del settings
    with ledger.write() as connection:
        gone = sa.delete(journey_moves).where(
            journey_moves.c.corp_id == corp_id, journey_moves.c.at_us < now_us - PATHS_US
        )
        return connection.execute(gone).rowcount


__all__ = ["Live", "enter_by_hand", "fire", "move_due", "prune", "react", "running", "settle", "turn"]
