"""Whom segments hold, kept and not rebuilt: facts, time and merges take people in and out; once a day everybody is looked at.

A turn looks again at those whom a fact concerns and those whose time has come, and writes members, what falls due, the facts of
coming and going and the place it has come to in one transaction: a crash before it changes nothing, and after it nothing is left
to do. When a segment is built (because it is new, or its rule changed), who is in it is found to be there and has not come: only
what happens from then on are facts.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.decide.segments import store
from tiefen.decide.segments.predicates.base import AHEAD_US
from tiefen.decide.segments.rule import Judged, Rule, judged, kinds_of, needs_of
from tiefen.decide.segments.scene import Scene, beside
from tiefen.decide.segments.store import Segment
from tiefen.insight.engine import opened
from tiefen.insight.readings import Reading, Readings
from tiefen.kit.clock import DAY_US
from tiefen.kit.errors import TiefenError
from tiefen.kit.settings import Settings
from tiefen.kit.slices import slices
from tiefen.ledger import dialect, following, identity
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import BY_KIND as FACT_KINDS
from tiefen.ledger.facts import (
    GroupDismissed,
    GroupKindSaid,
    GroupRenamed,
    PeopleMerged,
    PersonSplit,
    SegmentEntered,
    SegmentLeft,
    columns,
)
from tiefen.ledger.identity import numbered
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import handles, stays
from tiefen.ledger.schema.segments import (
    profile_news,
    segment_due,
    segment_members,
    segment_places,
    segment_sizes,
    segments,
)
from tiefen.ledger.writing import Together

NAME, ORIGIN = "segments", "segments"
ANEW_US = DAY_US
MOST_DUE, MOST_NEWS = 5_000, 20_000
_WHO_IS_WHO = (PeopleMerged.kind, PersonSplit.kind)
_OF_ALL_THERE = (GroupDismissed.kind, GroupRenamed.kind, GroupKindSaid.kind)
"""Of a group, and so of everybody who is or was in it."""


@dataclass
class _Look:
    """Whom to look at again, by segment, and how far this brings the follower."""

    through: int
    more: bool
    everywhere: set[int] = field(default_factory=set)
    """People that may have come into or gone out of any segment."""
    by_kind: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    due: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    handle: int = 0
    news: int = 0
    """The highest `news_id` that was read."""

    def of(self, segment: Segment, rule: Rule) -> set[int]:
        kinds = kinds_of(rule)
        some = (people for kind, people in self.by_kind.items() if kind in kinds)
        return self.everywhere.union(self.due.get(segment.segment_id, ()), *some)


def turn(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> bool:
    """Bring all segments of a corp up to date, as far as one turn goes; whether there is more to do."""
    with ledger.read() as connection:
        active = store.all_of(connection, corp_id)
        rules, broken = _rules(connection, corp_id, active)
        followed = connection.execute(sa.select(segment_places).where(segment_places.c.corp_id == corp_id)).first()
    if not active:
        if followed is not None:
            _stop(ledger, corp_id)
        return False
    for segment, error in broken:
        _note_trouble(ledger, corp_id, segment, error)
    kept = [one for one in active if one.segment_id in rules]
    now_us = _no_earlier(now_us, kept)
    more = _follow(ledger, settings, corp_id, now_us, kept, rules)
    return _build_due(ledger, settings, corp_id, now_us, rules) or more


def _no_earlier(now_us: int, kept: Sequence[Segment]) -> int:
    """A clock that was set back by less than a day stands still here until it is there again, so that nobody comes or goes twice.
    One that was set back by more had been wrong: everybody is looked at as of now."""
    latest = max((one.kept_us or 0 for one in kept), default=0)
    return latest if now_us < latest <= now_us + ANEW_US else now_us


def _rules(
    connection: Connection, corp_id: str, active: Sequence[Segment]
) -> tuple[dict[str, Rule], list[tuple[Segment, TiefenError]]]:
    """The whole rule of each segment, and those of which there is none, with why."""
    rules: dict[str, Rule] = {}
    broken: list[tuple[Segment, TiefenError]] = []
    for one in active:
        try:
            rules[one.segment_id] = store.whole(connection, corp_id, one.rule, (one.segment_id,))
        except TiefenError as error:
            broken.append((one, error))
    return rules, broken


def _stop(ledger: Ledger, corp_id: str) -> None:
    """No segment is left: facts need not be kept for us."""
    with ledger.write() as connection:
        following.stop(connection, corp_id, NAME)
        for table in (segment_places, profile_news):
            connection.execute(sa.delete(table).where(table.c.corp_id == corp_id))


def _note_trouble(ledger: Ledger, corp_id: str, segment: Segment, error: TiefenError) -> None:
    told = {"code": error.code, "message": str(error), "facts": error.facts}
    if segment.trouble == told:
        return
    with ledger.write() as connection:
        mine = sa.update(segments).where(segments.c.corp_id == corp_id, segments.c.segment_id == segment.segment_id)
        # What happens meanwhile passes it by: once its rule can be worked out again, everybody is looked at.
        connection.execute(mine.values(trouble=msgspec.json.encode(told).decode(), built_version=0))


# ---- following ----


def _follow(
    ledger: Ledger, settings: Settings, corp_id: str, now_us: int, kept: Sequence[Segment], rules: dict[str, Rule]
) -> bool:
    """Look again at those whom news concern and whose time has come, in the segments that are built."""
    with ledger.read() as connection:
        built = [one for one in kept if one.fresh]
        behind = following.behind(connection, corp_id, NAME)
        look = _look(connection, corp_id, now_us, rules, [one.segment_id for one in built])
    wanted = {one.segment_id: look.of(one, rules[one.segment_id]) for one in built}
    wanted = {key: some for key, some in wanted.items() if some}
    if not (wanted or behind or look.everywhere):
        return look.more  # nothing came and nobody's time has: there is nothing to write
    answers: dict[str, dict[int, tuple[bool, int]]] = {}
    if wanted:
        everyone = set().union(*wanted.values())
        chosen = [one for one in built if one.segment_id in wanted]
        answers = _ask(ledger, settings, corp_id, now_us, chosen, rules, everyone)
    with ledger.together() as t:
        entering: list[SegmentEntered | SegmentLeft] = []
        number = dialect.take_numbers(t.connection, "merge", 1) if wanted else 0
        for one in built:
            if one.segment_id in wanted and _same(t.connection, corp_id, one):
                entering += _write(t, corp_id, one, wanted[one.segment_id], answers[one.segment_id], now_us, number)
        if entering:
            t.append(Batch(corp_id, ORIGIN, entering))
        _move(t.connection, corp_id, look)
    return look.more


def _look(
    connection: Connection, corp_id: str, now_us: int, rules: dict[str, Rule], built: Sequence[str]
) -> _Look:  # fmt: skip
    """What came since the last turn, and whose time has come in the segments that are built."""
    kinds = {kind for rule in rules.values() for kind in kinds_of(rule)} | set(_WHO_IS_WHO)
    news = following.news(connection, corp_id, NAME, kinds)
    look = _Look(news.through, news.more)
    named: dict[str, set[int]] = defaultdict(set)
    for fact in news.facts:
        if fact.kind == PeopleMerged.kind:
            look.everywhere |= {fact.body.kept, fact.body.gone}
        elif fact.kind == PersonSplit.kind:
            look.everywhere |= {fact.body.kept, fact.body.new}
        elif fact.kind in _OF_ALL_THERE:
            there = sa.select(stays.c.member).where(stays.c.corp_id == corp_id, stays.c.group == fact.body.group)
            named[fact.kind].update(connection.scalars(there))
        else:
            named[fact.kind].update(_named(fact.kind, fact.body))
    owners = identity.owners(connection, set().union(*named.values()))
    for kind, some in named.items():
        look.by_kind[kind] = {owners.get(handle, handle) for handle in some}
    _look_at_new(connection, corp_id, look)
    look.everywhere |= set(identity.owners(connection, look.everywhere).values())
    due = sa.select(segment_due.c.segment_id, segment_due.c.person).where(
        segment_due.c.corp_id == corp_id, segment_due.c.segment_id.in_(built), segment_due.c.due_us <= now_us
    )
    rows = connection.execute(due.limit(MOST_DUE)).all()
    for segment_id, person in rows:
        look.due[segment_id].add(person)
    look.more |= len(rows) == MOST_DUE
    return look


def _look_at_new(connection: Connection, corp_id: str, look: _Look) -> None:
    """Who came up since, and of whom something was learned that is no fact."""
    learned = sa.select(profile_news.c.news_id, profile_news.c.person).where(profile_news.c.corp_id == corp_id)
    rows = connection.execute(learned.order_by(profile_news.c.news_id).limit(MOST_NEWS)).all()
    handle = sa.select(segment_places.c.handle).where(segment_places.c.corp_id == corp_id)
    since = connection.execute(handle).scalar()
    last = sa.select(sa.func.max(handles.c.handle)).where(handles.c.corp_id == corp_id)
    look.handle = connection.execute(last).scalar() or 0
    new: Sequence[int] = ()
    if since is not None and look.handle > since:
        came = sa.select(handles.c.handle).where(handles.c.corp_id == corp_id, handles.c.handle > since)
        new = list(connection.scalars(came.order_by(handles.c.handle).limit(MOST_NEWS)))
        look.handle = new[-1]
    owners = identity.owners(connection, {*new, *(row.person for row in rows)})
    look.everywhere |= {*owners.values(), *(row.person for row in rows)}
    look.news = rows[-1].news_id if rows else 0
    look.more |= MOST_NEWS in (len(rows), len(new))


def _named(kind: str, body: Any) -> Iterable[int]:
    """The people whose doing a fact is, or to whom it was done."""
    for column in columns(FACT_KINDS[kind]):
        if column.ref == "person" and not column.many and column.name in ("person", "member"):
            value = getattr(body, column.name)
            if value is not None:
                yield value


def _move(connection: Connection, corp_id: str, look: _Look) -> None:
    following.moved(connection, corp_id, NAME, look.through)
    dialect.put(connection, segment_places, [{"corp_id": corp_id, "handle": look.handle}])
    if look.news:
        done = profile_news.c.corp_id == corp_id, profile_news.c.news_id <= look.news
        connection.execute(sa.delete(profile_news).where(*done))


def _same(connection: Connection, corp_id: str, segment: Segment) -> bool:
    """Whether nobody has changed the segment since it was read."""
    now = connection.execute(
        sa.select(segments.c.version, segments.c.built_version, segments.c.state).where(
            segments.c.corp_id == corp_id, segments.c.segment_id == segment.segment_id
        )
    ).one_or_none()
    return now is not None and tuple(now) == (segment.version, segment.built_version, store.ACTIVE)


def _ask(
    ledger: Ledger, settings: Settings, corp_id: str, now_us: int, chosen: Sequence[Segment], rules: dict[str, Rule],
    some: Collection[int],
) -> dict[str, dict[int, tuple[bool, int]]]:  # fmt: skip
    """By segment: whether each of some people is in it now, and until when that is so at least."""
    kinds = {kind for one in chosen for kind in kinds_of(rules[one.segment_id])}
    needs = {need for one in chosen for need in needs_of(rules[one.segment_id])}
    reading = Readings(settings).current(corp_id) if _reads(needs) else None
    snapshot = ledger.snapshot(corp_id, people=some, kinds=kinds)
    with ledger.read() as connection:
        known = beside(connection, corp_id, reading, needs, some)
    answers: dict[str, dict[int, tuple[bool, int]]] = {}
    with opened(snapshot, settings) as t:
        scene = Scene(t, now_us, known)
        for one in chosen:
            rows = zip(*(column.tolist() for column in judged(rules[one.segment_id], scene)), strict=True)
            answers[one.segment_id] = {person: (holds, until) for person, holds, until in rows}
    return answers


def _reads(needs: Collection[str]) -> bool:
    """Whether anything of a reading is needed."""
    return any(need in ("stages", "roles", "complaints") or need.startswith("number:") for need in needs)


def _write(
    t: Together,
    corp_id: str,
    segment: Segment,
    some: set[int],
    answers: dict[int, tuple[bool, int]],
    now_us: int,
    number: int,
) -> list[SegmentEntered | SegmentLeft]:
    """Put the members among these people right, and tell who came and who went."""
    connection, key = t.connection, (corp_id, segment.segment_id)
    members = _members_among(connection, key, some)
    became = _merged_into(connection, [person for person in members if person not in answers])
    held = {person for person, (holds, _) in answers.items() if holds and person in some}
    # Whoever has become somebody else was in it as that somebody.
    before = {became.get(person, person): since for person, since in sorted(members.items(), key=lambda m: -m[1])}
    came, went = held - before.keys(), before.keys() - held
    _forget(connection, segment_members, key, [p for p in members if p not in held])
    rows = [(*key, person, before.get(person, now_us)) for person in sorted(held - members.keys())]
    dialect.insert_many(connection, "segment_members", ("corp_id", "segment_id", "person", "entered_us"), rows)
    _forget(connection, segment_due, key, some)
    horizon = now_us + AHEAD_US
    due = [(*key, p, until) for p, (_, until) in sorted(answers.items()) if p in some and until <= horizon]
    dialect.insert_many(connection, "segment_due", ("corp_id", "segment_id", "person", "due_us"), due)
    size = segment.size + len(rows) - sum(person not in held for person in members)
    mine = sa.update(segments).where(segments.c.corp_id == key[0], segments.c.segment_id == key[1])
    connection.execute(mine.values(size=size, kept_us=now_us, trouble=None))
    _note_size(connection, key, size, now_us)
    return _told(segment.segment_id, came, went, now_us, number)


def _told(
    segment_id: str, came: Iterable[int], went: Iterable[int], now_us: int, number: int
) -> list[SegmentEntered | SegmentLeft]:  # fmt: skip
    """The facts of coming and going. `number` is of this turn alone, so that somebody may come and go twice at one instant."""
    facts: list[SegmentEntered | SegmentLeft] = []
    for kind, some in ((SegmentEntered, came), (SegmentLeft, went)):
        facts += [
            kind(
                happened_us=now_us,
                source_id=f"{segment_id}:{person}:{number}",
                segment=segment_id,
                person=numbered(person),
            )
            for person in sorted(some)
        ]
    return facts


def _members_among(connection: Connection, key: tuple[str, str], some: Collection[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for part in slices(sorted(some)):
        asked = sa.select(segment_members.c.person, segment_members.c.entered_us).where(
            segment_members.c.corp_id == key[0],
            segment_members.c.segment_id == key[1],
            segment_members.c.person.in_(part),
        )
        found |= dialect.pairs(connection.execute(asked))
    return found


def _merged_into(connection: Connection, some: Collection[int]) -> dict[int, int]:
    """Whom people have become, those of them who are somebody else now."""
    return {one: other for one, other in identity.owners(connection, some).items() if one != other}


def _forget(connection: Connection, table: sa.Table, key: tuple[str, str], some: Collection[int]) -> None:
    for part in slices(sorted(some)):
        mine = table.c.corp_id == key[0], table.c.segment_id == key[1], table.c.person.in_(part)
        connection.execute(sa.delete(table).where(*mine))


def _note_size(connection: Connection, key: tuple[str, str], size: int, now_us: int) -> None:
    row = {"corp_id": key[0], "segment_id": key[1], "day_us": now_us // DAY_US * DAY_US, "size": size}
    dialect.put(connection, segment_sizes, [row])


# ---- building ----


def _build_due(ledger: Ledger, settings: Settings, corp_id: str, now_us: int, rules: dict[str, Rule]) -> bool:
    """Look at everybody for the segments for which it is time, all on one snapshot; whether any is left to build."""
    with ledger.read() as connection:
        active = [one for one in store.all_of(connection, corp_id) if one.segment_id in rules]
    reading = Readings(settings).current(corp_id)
    due = [one for one in active if _is_due(one, rules[one.segment_id], reading, now_us)]
    if not due:
        return False
    needs = {need for one in due for need in needs_of(rules[one.segment_id])}
    kinds = {kind for one in due for kind in kinds_of(rules[one.segment_id])}
    began = time.monotonic()
    snapshot = ledger.snapshot(corp_id, kinds=kinds)
    with ledger.read() as connection:
        known = beside(connection, corp_id, reading, needs)
    shared = time.monotonic() - began
    undone = False
    with opened(snapshot, settings) as t:
        scene = Scene(t, now_us, known)
        for one in due:
            began = time.monotonic()
            told = judged(rules[one.segment_id], scene)
            with ledger.together() as together:
                if not _same(together.connection, corp_id, one):
                    undone = True  # its rule was changed meanwhile: what was found is of the old one
                    continue
                seconds = shared / len(due) + time.monotonic() - began
                _rewrite(together, corp_id, one, told, now_us, seconds, reading)
    return undone


def _is_due(one: Segment, rule: Rule, reading: Reading | None, now_us: int) -> bool:
    if not one.fresh or one.built_us is None or now_us - one.built_us >= ANEW_US or now_us < one.built_us - ANEW_US:
        return True
    return _reads(needs_of(rule)) and reading is not None and reading.reading_id != one.reading


def _rewrite(
    t: Together, corp_id: str, one: Segment, told: Judged, now_us: int, seconds: float, reading: Reading | None
) -> None:
    """Put everybody right. Coming and going are facts only where the same rule was in force before."""
    connection, key = t.connection, (corp_id, one.segment_id)
    mine = segment_members.c.corp_id == corp_id, segment_members.c.segment_id == one.segment_id
    there = dialect.plain_rows(connection, sa.select(segment_members.c.person).where(*mine))
    before = np.sort(np.array([row[0] for row in there], np.int64))
    held = told.person[told.holds]
    came, went = np.setdiff1d(held, before, assume_unique=True), np.setdiff1d(before, held, assume_unique=True)
    _forget(connection, segment_members, key, went.tolist())
    dialect.insert_many(
        connection, "segment_members", ("corp_id", "segment_id", "person", "entered_us"),
        [(*key, number, now_us) for number in came.tolist()],
    )  # fmt: skip
    connection.execute(
        sa.delete(segment_due).where(segment_due.c.corp_id == corp_id, segment_due.c.segment_id == one.segment_id)
    )
    soon = told.until <= now_us + AHEAD_US
    dialect.insert_many(
        connection, "segment_due", ("corp_id", "segment_id", "person", "due_us"),
        [(*key, p, u) for p, u in zip(told.person[soon].tolist(), told.until[soon].tolist(), strict=True)],
    )  # fmt: skip
    connection.execute(
        sa.update(segments)
        .where(segments.c.corp_id == corp_id, segments.c.segment_id == one.segment_id)
        .values(
            size=len(held), built_version=one.version, built_us=now_us, kept_us=now_us, built_seconds=round(seconds, 3),
            reading="" if reading is None else reading.reading_id, trouble=None,
        )
    )  # fmt: skip
    _note_size(connection, key, len(held), now_us)
    if one.fresh and (len(came) or len(went)):
        number = dialect.take_numbers(connection, "merge", 1)
        merged = _merged_into(connection, went.tolist())
        gone = [person for person in went.tolist() if person not in merged]
        t.append(Batch(corp_id, ORIGIN, _told(one.segment_id, came.tolist(), gone, now_us, number)))
