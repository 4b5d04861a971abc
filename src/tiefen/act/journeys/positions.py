"""The tables of where people are: entering, looking up who is due, keeping where they went. Sets of people at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act.journeys.definition import Journey, instant
from tiefen.act.journeys.effects import Effects
from tiefen.act.journeys.moving import Moved, Places
from tiefen.act.journeys.scene import Scene
from tiefen.kit.chance import shares
from tiefen.kit.clock import DAY_US, day_of
from tiefen.kit.slices import slices
from tiefen.ledger import dialect
from tiefen.ledger.facts import ArmAssigned
from tiefen.ledger.identity import numbered
from tiefen.ledger.schema import people
from tiefen.ledger.schema.journeys import journey_counts, journey_entries, journey_positions

HOLDOUT, TREATED = "holdout", "journey"
Counts = Counter[tuple[str, str]]
"""(step, what) → how many more."""
_ENTRY = (
    "corp_id", "journey_id", "person", "entry", "entity", "version", "arm", "trigger", "entered_us",
)  # fmt: skip
_POSITION = ("corp_id", "journey_id", "person", "entry", "step", "since_us", "due_us", "lap", "turns")
_MOVE = ("corp_id", "journey_id", "person", "entry", "at_us", "version", "step", "way")
_kept, _at = journey_entries.c, journey_positions.c
MOST_TIMES = 20
"""How often somebody enters the same journey within a day: beyond it journeys set each other off, or one sets off itself."""


class Candidate(NamedTuple):
    """Somebody whom a trigger would bring in."""

    person: int
    entity: str = ""
    trigger: int = -1


class Key(NamedTuple):
    """One stay of one person, and the step they are at."""

    person: int
    entry: int
    step: str


# ---- entering -----------------------------------------------------------------------------------


def enter(scene: Scene, journey: Journey, version: int, some: Sequence[Candidate]) -> Counts:
    """Let in whoever may enter now. They are due at the first step at once; those held out only have an entry."""
    counts: Counts = Counter()
    wanted = list({(one.person, one.entity): one for one in some}.values())
    if not wanted or not _open(journey, scene.now_us, counts, len(wanted)):
        return counts
    fine = _there(scene.known, scene.corp_id, {one.person for one in wanted})
    before = _entries(scene, {one.person for one in wanted})
    inside = _inside(scene, {one.person for one in wanted})
    chosen: list[tuple[Candidate, int]] = []
    taken: Counter[int] = Counter()
    for one in wanted:
        had = before.get(one.person, [])
        why = None
        if one.person not in fine:
            why = "not_there"
        elif journey.again.rule == "per_entity":
            why = "again" if any(entity == one.entity for _, _, entity in had) else None
        elif one.person in inside or taken[one.person]:
            why = "inside"
        elif had and journey.again.rule == "once":
            why = "again"
        elif had and journey.again.rule == "cooldown":
            last = max(entered for _, entered, _ in had)
            why = "again" if scene.now_us < last + journey.again.days * DAY_US else None
        if why is None and _lately(had, scene.now_us) + taken[one.person] >= MOST_TIMES:
            why = "too_often"
        if why:
            counts["", f"turned_away:{why}"] += 1
            continue
        chosen.append((one, max((entry for entry, _, _ in had), default=0) + taken[one.person] + 1))
        taken[one.person] += 1
    chosen = _within_limits(scene, journey, chosen, counts)
    _let_in(scene, journey, version, chosen, counts)
    return counts


def _lately(had: Sequence[tuple[int, int, str]], now_us: int) -> int:
    return sum(entered > now_us - DAY_US for _, entered, _ in had)


def _open(journey: Journey, now_us: int, counts: Counts, n: int) -> bool:
    begins, ends = instant(journey.begins), instant(journey.ends)
    if (begins is not None and now_us < begins) or (ends is not None and now_us >= ends):
        counts["", "turned_away:window"] += n
        return False
    return True


def _there(connection: Connection, corp_id: str, persons: set[int]) -> set[int]:
    """Those who are people outside: no staff, not erased, not merged into somebody else."""
    found: set[int] = set()
    for few in slices(sorted(persons)):
        asked = sa.select(people.c.person_id).where(
            people.c.corp_id == corp_id, people.c.person_id.in_(few), people.c.staff.is_(False),
            people.c.erased_us.is_(None), people.c.merged_into.is_(None),
        )  # fmt: skip
        found.update(connection.scalars(asked))
    return found


def _entries(scene: Scene, persons: set[int]) -> dict[int, list[tuple[int, int, str]]]:
    """(entry, when, for what) of each in this journey."""
    found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for few in slices(sorted(persons)):
        asked = sa.select(_kept.person, _kept.entry, _kept.entered_us, _kept.entity).where(
            _kept.corp_id == scene.corp_id, _kept.journey_id == scene.journey_id, _kept.person.in_(few)
        )
        for person, entry, entered_us, entity in scene.connection.execute(asked):
            found[person].append((entry, entered_us, entity))
    return found


def _inside(scene: Scene, persons: set[int]) -> set[int]:
    found: set[int] = set()
    for few in slices(sorted(persons)):
        asked = sa.select(_at.person).where(
            _at.corp_id == scene.corp_id, _at.journey_id == scene.journey_id, _at.person.in_(few)
        )
        found.update(scene.connection.scalars(asked))
    return found


def _within_limits(
    scene: Scene, journey: Journey, chosen: list[tuple[Candidate, int]], counts: Counts
) -> list[tuple[Candidate, int]]:  # fmt: skip
    if journey.most is None and journey.most_a_day is None:
        return chosen
    day = f"day:{day_of(scene.now_us, scene.time_zone)}"
    had = counts_of(scene.connection, scene.corp_id, [scene.journey_id])[scene.journey_id]
    total = had["", f"entered:{HOLDOUT}"] + had["", f"entered:{TREATED}"]
    most = len(chosen)
    if journey.most is not None and journey.most - total < most:
        most = max(journey.most - total, 0)
        counts["", "turned_away:limit"] += len(chosen) - most
    if journey.most_a_day is not None and journey.most_a_day - had["", day] < most:
        left = max(journey.most_a_day - had["", day], 0)
        counts["", "turned_away:day_limit"] += most - left
        most = left
    return chosen[:most]


def _let_in(scene: Scene, journey: Journey, version: int, chosen: list[tuple[Candidate, int]], counts: Counts) -> None:
    if not chosen:
        return
    persons = np.array([one.person for one, _ in chosen], dtype=np.int64)
    held = shares(scene.journey_id, persons) < journey.holdout
    corp, of, now, first = scene.corp_id, scene.journey_id, scene.now_us, journey.steps[0].id
    arms = [HOLDOUT if out else TREATED for out in held.tolist()]
    dialect.insert_many(
        scene.connection, "journey_entries", _ENTRY,
        [
            (corp, of, one.person, entry, one.entity, version, arm, one.trigger, now)
            for (one, entry), arm in zip(chosen, arms, strict=True)
        ],
    )  # fmt: skip
    inside = [
        (corp, of, one.person, entry, first, now, now, 0, 0)
        for (one, entry), arm in zip(chosen, arms, strict=True)
        if arm == TREATED
    ]
    dialect.insert_many(scene.connection, "journey_positions", _POSITION, inside)
    if journey.holdout > 0:
        scene.effects.facts += [
            ArmAssigned(
                happened_us=now, source_id=f"{of}:{one.person}", experiment=of, arm=arm, person=numbered(one.person)
            )
            for (one, entry), arm in zip(chosen, arms, strict=True)
            if entry == 1
        ]
    counts["", f"entered:{TREATED}"] += len(inside)
    counts["", f"entered:{HOLDOUT}"] += len(chosen) - len(inside)
    counts["", f"day:{day_of(now, scene.time_zone)}"] += len(chosen)
    counts[first, "in"] += len(inside)


# ---- who is where -------------------------------------------------------------------------------

_COLUMNS = (_at.person, _at.entry, _at.step, _at.since_us, _at.lap, _at.turns)


def due(scene: Scene, most: int) -> Places:
    """Whose time has come, the longest waiting first."""
    asked = (
        sa.select(*_COLUMNS)
        .where(
            _at.corp_id == scene.corp_id, _at.journey_id == scene.journey_id, _at.due_us <= scene.now_us
        )
        .order_by(_at.due_us)
        .limit(most)
    )  # fmt: skip
    return _places(dialect.plain_rows(scene.connection, asked))


def waiting(scene: Scene, steps: Iterable[str], persons: Iterable[int]) -> Places:
    """Which of these people are at any of these steps."""
    names, rows = sorted(steps), list[Any]()
    for few in slices(sorted(set(persons))):
        asked = sa.select(*_COLUMNS).where(
            _at.corp_id == scene.corp_id, _at.person.in_(few), _at.journey_id == scene.journey_id, _at.step.in_(names)
        )
        rows += dialect.plain_rows(scene.connection, asked)
    return _places(rows)


def only(places: Places, some: Any) -> Places:
    return Places(*(column[some] for column in places))


def _places(rows: list[tuple[Any, ...]]) -> Places:
    person, entry, step, since, lap, turns = zip(*rows, strict=True) if rows else ((), (), (), (), (), ())
    of = [np.array(column, dtype=np.int64) for column in (person, entry, since, lap, turns)]
    return Places(of[0], of[1], np.array(step, dtype=object), of[2], of[3], of[4])


def gone(connection: Connection, persons: Sequence[int]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which of them were erased."""
    found: list[int] = []
    for few in slices(sorted(set(persons))):
        asked = sa.select(people.c.person_id).where(people.c.person_id.in_(few), people.c.erased_us.is_not(None))
        found += connection.scalars(asked)
    return np.isin(np.array(persons, dtype=np.int64), np.array(found, dtype=np.int64))


# ---- keeping ------------------------------------------------------------------------------------


def keep(scene: Scene, version: int, at: Places, moved: Moved) -> None:
    """Write where they are now, how those who left did, and the ways they took."""
    corp, of, now = scene.corp_id, scene.journey_id, scene.now_us
    persons, entries = at.person.tolist(), at.entry.tolist()
    out, steps = moved.out.tolist(), moved.step.tolist()
    since, due_us, lap, turns = (one.tolist() for one in (moved.since_us, moved.due_us, moved.lap, moved.turns))
    stay = [
        (steps[n], since[n], due_us[n], lap[n], turns[n], corp, of, persons[n], entries[n])
        for n, how in enumerate(out)
        if how is None
    ]
    _many(
        scene.connection,
        "UPDATE journey_positions SET step = ?, since_us = ?, due_us = ?, lap = ?, turns = ?"
        " WHERE corp_id = ? AND journey_id = ? AND person = ? AND entry = ?",
        stay,
    )
    end(scene, [(persons[n], entries[n], how) for n, how in enumerate(out) if how is not None])
    moves = [
        (corp, of, persons[n], entries[n], now, version, move.step, move.way)
        for move in moved.moves
        for n in move.who.tolist()
    ]
    dialect.insert_many(scene.connection, "journey_moves", _MOVE, moves)
    for how, n in Counter(how for how in out if how is not None).items():
        moved.counts["", f"left:{how}"] += n


def take_out(scene: Scene, keys: Sequence[Key], how: str) -> Counts:
    """These leave from where they are."""
    end(scene, [(key.person, key.entry, how) for key in keys])
    counts: Counts = Counter((key.step, f"left:{how}") for key in keys)
    counts["", f"left:{how}"] += len(keys)
    return counts


def end(scene: Scene, some: Sequence[tuple[int, int, str]]) -> None:
    """(person, entry, how): they are no longer inside."""
    corp, of = scene.corp_id, scene.journey_id
    _many(
        scene.connection,
        "DELETE FROM journey_positions WHERE corp_id = ? AND journey_id = ? AND person = ? AND entry = ?",
        [(corp, of, person, entry) for person, entry, _ in some],
    )
    _many(
        scene.connection,
        "UPDATE journey_entries SET left_us = ?, how = ? WHERE corp_id = ? AND journey_id = ? AND person = ? AND entry = ?",
        [(scene.now_us, how, corp, of, person, entry) for person, entry, how in some],
    )


def reached(scene: Scene, journey: Journey, when: Mapping[int, Sequence[int]]) -> tuple[list[Key], Counts]:
    """Note the goal for whoever reached it in time, held out or not; returns who of them is inside."""
    counts: Counts = Counter()
    if journey.goal is None:
        return [], counts
    within = journey.goal.days * DAY_US
    noted: list[tuple[Any, ...]] = []
    inside: list[Key] = []
    for few in slices(sorted(when)):
        asked = sa.select(_kept.person, _kept.entry, _kept.entered_us, _kept.arm).where(
            _kept.corp_id == scene.corp_id, _kept.journey_id == scene.journey_id, _kept.person.in_(few),
            _kept.goal_us.is_(None),
        )  # fmt: skip
        now_reached = set()
        for person, entry, entered_us, arm in scene.connection.execute(asked):
            at = next((at for at in when[person] if entered_us <= at <= entered_us + within), None)
            if at is not None:
                noted.append((at, scene.corp_id, scene.journey_id, person, entry))
                now_reached.add((person, entry))
                counts["", f"goal:{arm}"] += 1
        places = sa.select(_at.person, _at.entry, _at.step).where(
            _at.corp_id == scene.corp_id, _at.journey_id == scene.journey_id, _at.person.in_(few)
        )
        inside += [Key(*row) for row in scene.connection.execute(places) if (row.person, row.entry) in now_reached]
    _many(
        scene.connection,
        "UPDATE journey_entries SET goal_us = ? WHERE corp_id = ? AND journey_id = ? AND person = ? AND entry = ?",
        noted,
    )
    return inside, counts


def at_any_step(scene: Scene, persons: Iterable[int], trigger: int | None = None) -> list[Key]:
    """Where these people are; with `trigger` only those whom it brought in."""
    found: list[Key] = []
    for few in slices(sorted(set(persons))):
        asked = sa.select(_at.person, _at.entry, _at.step).where(
            _at.corp_id == scene.corp_id, _at.journey_id == scene.journey_id, _at.person.in_(few)
        )
        if trigger is not None:
            same = [_kept[name] == _at[name] for name in ("corp_id", "journey_id", "person", "entry")]
            asked = asked.join(journey_entries, sa.and_(*same)).where(_kept.trigger == trigger)
        found += [Key(*row) for row in scene.connection.execute(asked)]
    return found


def _many(connection: Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """One statement for many rows, by the driver itself."""
    if rows:
        own = sql if dialect.is_sqlite(connection) else sql.replace("?", "%s")
        connection.connection.cursor().executemany(own, rows)


# ---- counts -------------------------------------------------------------------------------------


def add_counts(connection: Connection, corp_id: str, journey_id: str, counts: Counts) -> None:
    rows = [
        {"corp_id": corp_id, "journey_id": journey_id, "step": step, "what": what, "times": n}
        for (step, what), n in counts.items()
        if n
    ]
    if rows:
        upsert = dialect.insert(connection, journey_counts)
        connection.execute(
            upsert.on_conflict_do_update(
                index_elements=["corp_id", "journey_id", "step", "what"],
                set_={"times": journey_counts.c.times + upsert.excluded.times},
            ),
            rows,
        )


def counts_of(connection: Connection, corp_id: str, journeys: Iterable[str]) -> dict[str, Counts]:
    """By journey: (step, what) → how many."""
    found: dict[str, Counts] = defaultdict(Counter)
    asked = sa.select(journey_counts).where(
        journey_counts.c.corp_id == corp_id, journey_counts.c.journey_id.in_(list(journeys))
    )
    for row in connection.execute(asked):
        found[row.journey_id][row.step, row.what] = row.times
    return found


def not_said(effects: Effects) -> Counts:
    """What the texts themselves kept from being said, and who was told plain words, as counts of steps."""
    counts = Counter({(step, f"not_said:{reason}"): n for (step, reason), n in effects.not_said.items()})
    counts.update({(step, "plain"): n for step, n in effects.plain.items()})
    return counts
