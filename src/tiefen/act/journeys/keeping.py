"""A journey's life: draft → live ⇄ paused → stopped. What is edited is a draft beside what runs; publishing moves those inside over.

Of two who edit at once the second is told. Whoever waits at a step that goes with a new version moves to the step named for it, by
default the nearest that is still there; nobody is lost, and since every effect is named after person, entry, step and lap, nobody is
sent anything twice.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act.journeys import positions
from tiefen.act.journeys.definition import MOST_BYTES, Journey, Wrong, decoded, encoded, wrongs
from tiefen.act.journeys.errors import (
    BadJourney,
    BadMoves,
    JourneyChanged,
    JourneyNotFound,
    JourneyNotInThisState,
    JourneyWrong,
    VersionNotFound,
)
from tiefen.act.journeys.steps import Step
from tiefen.kit.errors import TiefenError
from tiefen.kit.ids import new_id
from tiefen.ledger import dialect
from tiefen.ledger.schema.journeys import (
    journey_entries,
    journey_moves,
    journey_orders,
    journey_positions,
    journey_schedules,
    journey_versions,
)
from tiefen.ledger.schema.segments import segments
from tiefen.ledger.schema.touches import campaigns

KIND = "journey"
STATES = ("draft", "live", "paused", "stopped")
_of, _at, _kept = campaigns.c, journey_positions.c, journey_entries.c


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a journey in its row: what runs, and what is being drawn."""

    live: int = 0
    """The published version; 0 where there is none."""
    journey: Journey | None = None
    """What that version says."""
    draft: Journey | None = None
    template: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A journey as it is kept."""

    journey_id: str
    name: str
    state: str
    version: int
    """Goes up with every change."""
    created_us: int
    changed_us: int
    body: Body

    @property
    def live(self) -> int:
        return self.body.live

    @property
    def drawn(self) -> Journey:
        """What an editor sees: the draft where there is one, otherwise what runs."""
        return self.body.draft or self.body.journey or Journey()


class LiveRow(NamedTuple):
    campaign_id: str
    live: int
    journey: Journey


# ---- reading ------------------------------------------------------------------------------------


def get(connection: Connection, corp_id: str, journey_id: str) -> Row:
    asked = sa.select(campaigns).where(_of.corp_id == corp_id, _of.campaign_id == journey_id, _of.kind == KIND)
    row = connection.execute(asked).one_or_none()
    if row is None:
        raise JourneyNotFound(journey_id)
    return _row(row)


def every(connection: Connection, corp_id: str, *, ended: bool = False, most: int = 500) -> list[Row]:
    """Journeys, the one changed last first."""
    states = STATES if ended else STATES[:3]
    asked = sa.select(campaigns).where(_of.corp_id == corp_id, _of.kind == KIND, _of.state.in_(states))
    return [_row(row) for row in connection.execute(asked.order_by(_of.changed_us.desc(), _of.campaign_id).limit(most))]


def live_rows(connection: Connection, corp_id: str, *, only: str | None = None) -> list[LiveRow]:
    """Those that run."""
    asked = sa.select(_of.campaign_id, _of.body).where(_of.corp_id == corp_id, _of.kind == KIND, _of.state == "live")
    if only is not None:
        asked = asked.where(_of.campaign_id == only)
    found = [(row.campaign_id, _body(row.body)) for row in connection.execute(asked.order_by(_of.campaign_id))]
    return [LiveRow(of, body.live, body.journey) for of, body in found if body.journey is not None]


def not_running(connection: Connection, corp_id: str, journey_id: str) -> TiefenError:
    return JourneyNotInThisState(get(connection, corp_id, journey_id).state, "entered")


def versions(connection: Connection, corp_id: str, journey_id: str) -> list[dict[str, Any]]:
    """What was published, the newest first."""
    of = journey_versions.c
    asked = sa.select(of.version, of.published_us, of.by, of.note, of.moved, of.body).where(
        of.corp_id == corp_id, of.journey_id == journey_id
    )
    return [
        {
            "version": row.version, "published_us": row.published_us, "by": row.by, "note": row.note,
            "moved": msgspec.json.decode(row.moved), "steps": len(decoded(row.body).steps),
        }
        for row in connection.execute(asked.order_by(of.version.desc()).limit(200))
    ]  # fmt: skip


def version(connection: Connection, corp_id: str, journey_id: str, number: int) -> Journey:
    """What a version says."""
    of = journey_versions.c
    asked = sa.select(of.body).where(of.corp_id == corp_id, of.journey_id == journey_id, of.version == number)
    body = connection.execute(asked).scalar()
    if body is None:
        raise VersionNotFound(number)
    return decoded(body)


def wrong(connection: Connection, corp_id: str, journey: Journey) -> list[Wrong]:
    """Everything that keeps it from being published, segments included."""
    known = sa.select(segments.c.segment_id).where(segments.c.corp_id == corp_id, segments.c.state == "active")
    return wrongs(journey, segments=list(connection.scalars(known)))


# ---- drawing ------------------------------------------------------------------------------------


def understood(body: Any) -> Journey:
    """A journey as an editor sends it. Half-drawn ones are fine; what is none at all is refused."""
    try:
        if len(msgspec.json.encode(body)) > MOST_BYTES:
            raise BadJourney(f"it has more than {MOST_BYTES} bytes")
        return msgspec.convert(body, Journey)
    except msgspec.ValidationError as error:
        raise BadJourney(str(error).rstrip(".")) from None
    except (UnicodeEncodeError, RecursionError):
        raise BadJourney("it holds what is no text") from None


def create(
    connection: Connection, corp_id: str, name: str, journey: Journey, now_us: int, *, template: str = ""
) -> Row:  # fmt: skip
    """A new draft."""
    journey_id = new_id()
    connection.execute(
        sa.insert(campaigns).values(
            corp_id=corp_id, campaign_id=journey_id, kind=KIND, name=name, purpose=journey.purpose, state="draft",
            body=_encoded(Body(draft=journey, template=template)), version=1, created_us=now_us, changed_us=now_us,
        )
    )  # fmt: skip
    return get(connection, corp_id, journey_id)


def save(
    connection: Connection, corp_id: str, journey_id: str, was: int, journey: Journey, now_us: int, *, name: str | None = None
) -> Row:  # fmt: skip
    """Keep what was drawn. What runs goes on as it is until the draft is published."""
    row = _for(connection, corp_id, journey_id, was, STATES[:3], "edited")
    body = msgspec.structs.replace(row.body, draft=journey)
    return _change(connection, corp_id, row, now_us, body=_encoded(body), name=name or row.name)


def drop_draft(connection: Connection, corp_id: str, journey_id: str, was: int, now_us: int) -> Row:
    """Throw away what was drawn since it was published."""
    row = _for(connection, corp_id, journey_id, was, ("live", "paused"), "taken back")
    body = msgspec.structs.replace(row.body, draft=None)
    return _change(connection, corp_id, row, now_us, body=_encoded(body))


# ---- publishing ---------------------------------------------------------------------------------


def nearest(old: Journey, new: Journey, step_id: str) -> str | None:
    """Where somebody at a step that goes belongs: the nearest step after it that is still there, going on along every way; otherwise
    what now follows the step before it; None where there is neither, and they leave."""
    stays, by_id = set(new.by_id), old.by_id
    front, seen = deque([step_id]), {step_id}
    while front:
        step = by_id.get(front.popleft())
        for to in step.ways().values() if step else ():
            if to in stays:
                return to
            if to is not None and to not in seen:
                seen.add(to)
                front.append(to)
    before = [one for one in old.steps if step_id in one.ways().values() and one.id in stays]
    for one in before:
        way = next(way for way, to in one.ways().items() if to == step_id)
        to = new.by_id[one.id].ways().get(way)
        if to is not None:
            return to
    return None


class Moving(msgspec.Struct, frozen=True):
    """A step that goes, how many wait there, and where they go (None: they leave)."""

    step: str
    waiting: int
    to: str | None


def preview(
    connection: Connection, corp_id: str, row: Row, new: Journey, chosen: Mapping[str, str | None] | None = None
) -> list[Moving]:  # fmt: skip
    """Who is moved where if this were published: the steps that go and that anybody waits at."""
    old, inside, chosen = row.body.journey, waiting_at(connection, corp_id, row.journey_id), chosen or {}
    moves: list[Moving] = []
    for step_id, n in sorted(inside.items()):
        if step_id in new.by_id:
            continue
        to = chosen[step_id] if step_id in chosen else nearest(old, new, step_id) if old else None
        if to is not None and to not in new.by_id:
            raise BadMoves(step_id, to)
        moves.append(Moving(step_id, n, to))
    return moves


def waiting_at(connection: Connection, corp_id: str, journey_id: str) -> dict[str, int]:
    """How many are at each step."""
    asked = (
        sa.select(_at.step, sa.func.count())
        .where(_at.corp_id == corp_id, _at.journey_id == journey_id)
        .group_by(_at.step)
    )
    found: dict[str, int] = dialect.pairs(connection.execute(asked))
    return found


def publish(
    connection: Connection, corp_id: str, journey_id: str, was: int, now_us: int, *, by: str = "", note: str = "",
    moves: Mapping[str, str | None] | None = None,
) -> Row:  # fmt: skip
    """Let the draft run, and move those inside who wait where nothing is any more."""
    row = _for(connection, corp_id, journey_id, was, STATES[:3], "published")
    new = row.drawn
    if found := wrong(connection, corp_id, new):
        raise JourneyWrong(found[0].en, [msgspec.to_builtins(one) for one in found])
    planned = preview(connection, corp_id, row, new, moves)
    _move_over(connection, corp_id, row, new, planned, now_us)
    number = row.live + 1
    connection.execute(
        sa.insert(journey_versions).values(
            corp_id=corp_id, journey_id=journey_id, version=number, body=encoded(new), by=by, note=note,
            moved=msgspec.json.encode({one.step: one.to for one in planned}).decode(), published_us=now_us,
        )
    )  # fmt: skip
    connection.execute(
        sa.delete(journey_schedules).where(
            journey_schedules.c.corp_id == corp_id, journey_schedules.c.journey_id == journey_id
        )
    )
    body = Body(live=number, journey=new, template=row.body.template)
    state = "paused" if row.state == "paused" else "live"
    return _change(
        connection, corp_id, row, now_us, body=_encoded(body), state=state, purpose=new.purpose,
        begins_us=now_us if row.live == 0 else sa.func.coalesce(_of.begins_us, now_us),
    )  # fmt: skip


def roll_back(
    connection: Connection, corp_id: str, journey_id: str, was: int, number: int, now_us: int, *, by: str = ""
) -> Row:  # fmt: skip
    """Let an earlier version run again, as a new one."""
    earlier = version(connection, corp_id, journey_id, number)
    row = save(connection, corp_id, journey_id, was, earlier, now_us)
    return publish(connection, corp_id, journey_id, row.version, now_us, by=by, note=f"= {number}")


def _move_over(
    connection: Connection, corp_id: str, row: Row, new: Journey, planned: Sequence[Moving], now_us: int
) -> None:  # fmt: skip
    counts: positions.Counts = Counter()
    mine = sa.and_(_at.corp_id == corp_id, _at.journey_id == row.journey_id)
    for one in planned:
        here = sa.and_(mine, _at.step == one.step)
        if one.to is None:
            same = [_kept[name] == _at[name] for name in ("corp_id", "journey_id", "person", "entry")]
            leaving = sa.exists().where(*same, _at.step == one.step)
            connection.execute(
                sa.update(journey_entries)
                .where(_kept.corp_id == corp_id, _kept.journey_id == row.journey_id, leaving)
                .values(left_us=now_us, how="version_gone")
            )
            connection.execute(sa.delete(journey_positions).where(here))
            counts[one.step, "left:version_gone"] += one.waiting
            counts["", "left:version_gone"] += one.waiting
        else:
            connection.execute(
                sa.update(journey_positions).where(here).values(step=one.to, since_us=now_us, due_us=now_us)
            )
            counts[one.step, "left:moved"] += one.waiting
            counts[one.to, "in"] += one.waiting
    # Whoever waits at a step that now says something else is looked at again; the wait counts from when they came to it.
    changed = _changed(row.body.journey, new)
    if changed:
        connection.execute(
            sa.update(journey_positions).where(mine, _at.step.in_(sorted(changed))).values(due_us=now_us)
        )
    positions.add_counts(connection, corp_id, row.journey_id, counts)


def _changed(old: Journey | None, new: Journey) -> set[str]:
    """Steps that are in both and not the same."""
    before: Mapping[str, Step] = old.by_id if old else {}
    return {step_id for step_id, step in new.by_id.items() if step_id in before and before[step_id] != step}


# ---- running ------------------------------------------------------------------------------------


def pause(connection: Connection, corp_id: str, journey_id: str, was: int, now_us: int) -> Row:
    """Nobody enters and nobody moves until it goes on; waits go on counting."""
    row = _for(connection, corp_id, journey_id, was, ("live",), "paused")
    return _change(connection, corp_id, row, now_us, state="paused")


def go_on(connection: Connection, corp_id: str, journey_id: str, was: int, now_us: int) -> Row:
    row = _for(connection, corp_id, journey_id, was, ("paused",), "continued")
    return _change(connection, corp_id, row, now_us, state="live")


def end(connection: Connection, corp_id: str, journey_id: str, was: int, now_us: int) -> Row:
    """For good: whoever is inside leaves."""
    row = _for(connection, corp_id, journey_id, was, STATES[:3], "stopped")
    inside = waiting_at(connection, corp_id, journey_id)
    mine = sa.and_(_kept.corp_id == corp_id, _kept.journey_id == journey_id, _kept.left_us.is_(None))
    connection.execute(
        sa.update(journey_entries)
        .where(mine, _kept.arm == positions.TREATED)
        .values(left_us=now_us, how="ended")
    )  # fmt: skip
    connection.execute(sa.delete(journey_positions).where(_at.corp_id == corp_id, _at.journey_id == journey_id))
    counts: positions.Counts = Counter({(step, "left:ended"): n for step, n in inside.items()})
    counts["", "left:ended"] += sum(inside.values())
    positions.add_counts(connection, corp_id, journey_id, counts)
    return _change(connection, corp_id, row, now_us, state="stopped", ends_us=now_us)


def follow_merges(
    connection: Connection, corp_id: str, merged: Sequence[tuple[int, int]], now_us: int
) -> None:  # fmt: skip
    """What was of one who is now part of another is the other's; who is inside the same journey twice goes on once."""
    for kept, gone in merged:
        theirs = sa.select(_kept.journey_id, _kept.entry).where(_kept.corp_id == corp_id, _kept.person == gone)
        rows = list(connection.execute(theirs))
        if not rows:
            continue
        inside = set(connection.scalars(sa.select(_at.journey_id).where(_at.corp_id == corp_id, _at.person == kept)))
        for journey_id, entry in rows:
            mine = (_kept.corp_id == corp_id, _kept.journey_id == journey_id)
            last = connection.execute(sa.select(sa.func.max(_kept.entry)).where(*mine, _kept.person == kept)).scalar()
            number = (last or 0) + 1
            connection.execute(
                sa.update(journey_entries)
                .where(*mine, _kept.person == gone, _kept.entry == entry)
                .values(person=kept, entry=number)
            )
            here = sa.and_(_at.corp_id == corp_id, _at.journey_id == journey_id, _at.person == gone, _at.entry == entry)
            step = connection.execute(sa.select(_at.step).where(here)).scalar()
            if step is not None and journey_id in inside:
                connection.execute(sa.delete(journey_positions).where(here))
                connection.execute(
                    sa.update(journey_entries)
                    .where(*mine, _kept.person == kept, _kept.entry == number)
                    .values(left_us=now_us, how="merged")
                )
                left: positions.Counts = Counter({(step, "left:merged"): 1, ("", "left:merged"): 1})
                positions.add_counts(connection, corp_id, journey_id, left)
            elif step is not None:
                connection.execute(sa.update(journey_positions).where(here).values(person=kept, entry=number))
                inside.add(journey_id)
        for table in (journey_moves, journey_orders):
            connection.execute(
                sa.update(table).where(table.c.corp_id == corp_id, table.c.person == gone).values(person=kept)
            )


# ---- below --------------------------------------------------------------------------------------


def _for(
    connection: Connection, corp_id: str, journey_id: str, was: int, states: Sequence[str], wanted: str
) -> Row:  # fmt: skip
    row = get(connection, corp_id, journey_id)
    if row.version != was:
        raise JourneyChanged(journey_id, row.version)
    if row.state not in states:
        raise JourneyNotInThisState(row.state, wanted)
    return row


def _change(connection: Connection, corp_id: str, row: Row, now_us: int, **values: Any) -> Row:
    done = connection.execute(
        sa.update(campaigns)
        .where(_of.corp_id == corp_id, _of.campaign_id == row.journey_id, _of.version == row.version)
        .values(version=row.version + 1, changed_us=now_us, **values)
    )
    if done.rowcount != 1:
        raise JourneyChanged(row.journey_id, row.version + 1)
    return get(connection, corp_id, row.journey_id)


def _row(row: Any) -> Row:
    return Row(
        row.campaign_id, row.name, row.state, row.version, row.created_us, row.changed_us, _body(row.body)
    )  # fmt: skip


@lru_cache(maxsize=256)
def _body(raw: str) -> Body:
    return msgspec.json.decode(raw, type=Body)


def _encoded(body: Body) -> str:
    return msgspec.json.encode(body).decode()
