"""What steps see of the world, for whole crowds at once, and what they can bring about in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act import templates, words
from tiefen.act.gate import Task, task_of
from tiefen.act.journeys.effects import Effects, Order
from tiefen.act.journeys.happening import Op, compare
from tiefen.act.proposal import Proposal, Purpose
from tiefen.act.variables import OF_STAFF
from tiefen.kit.slices import slices
from tiefen.ledger.schema import handles, people, wecom_contacts
from tiefen.ledger.schema.journeys import journey_entries, journey_orders
from tiefen.ledger.schema.segments import segment_members

if TYPE_CHECKING:
    from tiefen.act.journeys.steps.base import Crowd, Numbers
    from tiefen.act.journeys.steps.send import Send

Mask = npt.NDArray[np.bool_]
Values = Callable[[Sequence[int], frozenset[str], int], Mapping[int, Mapping[str, str]]]
"""(people, variables, now) → what is known of each."""
HOUR_US = 3_600_000_000


def nothing_known(_people: Sequence[int], _variables: frozenset[str], _now_us: int) -> Mapping[int, Mapping[str, str]]:
    return {}


@dataclass(slots=True)
class Scene:
    """One journey at one instant. `connection` has positions and segments, `known` what is known of people: the same, except in a
    rehearsal, where positions are on a scratch table."""

    connection: Connection
    known: Connection
    corp_id: str
    journey_id: str
    time_zone: str
    purpose: Purpose
    now_us: int
    values: Values = nothing_known
    staff: words.Staff = field(kw_only=True)
    effects: Effects = field(default_factory=Effects)

    # ---- asking ----

    def in_segment(self, segment: str, persons: Numbers) -> Mask:
        held = segment_members.c
        asked = sa.select(held.person).where(held.corp_id == self.corp_id, held.segment_id == segment)
        return self._those(persons, (asked.where(held.person.in_(some)) for some in _few(persons)), self.connection)

    def contacts(self, persons: Numbers) -> Mask:
        """Who is a contact of any member of staff."""
        asked = _contacts(self.corp_id, handles.c.person_id)
        return self._those(persons, (asked.where(handles.c.person_id.in_(some)) for some in _few(persons)), self.known)

    def attribute(self, key: str, op: Op, value: Any, persons: Numbers) -> Mask:
        found: dict[int, Any] = {}
        for some in _few(persons):
            asked = sa.select(people.c.person_id, people.c.attributes).where(people.c.person_id.in_(some))
            for person, attributes in self.known.execute(asked):
                found[person] = msgspec.json.decode(attributes).get(key)
        return np.array([compare(found.get(person), op, value) for person in persons.tolist()], dtype=bool)

    def tagged(self, tag: str, persons: Numbers) -> Mask:
        """Who carries a tag: at WeCom for any member of staff, or by a journey since."""
        carries: dict[int, bool] = {}
        for some in _few(persons):
            at_wecom = _contacts(self.corp_id, handles.c.person_id, wecom_contacts.c.tags)
            for person, tags in self.known.execute(at_wecom.where(handles.c.person_id.in_(some))):
                if tag in msgspec.json.decode(tags).values():
                    carries[person] = True
            done = journey_orders.c
            ours = sa.select(done.person, done.body).where(
                done.corp_id == self.corp_id, done.kind == "tag", done.person.in_(some)
            )
            for person, body in self.connection.execute(ours.order_by(done.made_us)):
                told = msgspec.json.decode(body)
                if told["tag"] == tag:
                    carries[person] = not told["off"]
        return np.array([carries.get(person, False) for person in persons.tolist()], dtype=bool)

    def reached_goal(self, persons: Numbers, entries: Numbers) -> Mask:
        kept = journey_entries.c
        reached: set[tuple[int, int]] = set()
        for some in _few(persons):
            asked = sa.select(kept.person, kept.entry).where(
                kept.corp_id == self.corp_id, kept.journey_id == self.journey_id, kept.person.in_(some),
                kept.goal_us.is_not(None),
            )  # fmt: skip
            reached |= {(person, entry) for person, entry in self.connection.execute(asked)}
        pairs = zip(persons.tolist(), entries.tolist(), strict=True)
        return np.array([pair in reached for pair in pairs], dtype=bool)

    def _those(self, persons: Numbers, asked: Iterable[sa.Select[Any]], connection: Connection) -> Mask:
        found = [person for one in asked for person in connection.scalars(one)]
        return np.isin(persons, np.array(found, dtype=np.int64))

    # ---- bringing about ----

    def named(self, step: str, crowd: Crowd) -> list[str]:
        """The names of what a step does for each: the same step in the same lap of the same entry is the same deed."""
        head = self.journey_id
        return [
            f"{head}:{person}:{entry}:{step}:{lap}"
            for person, entry, lap in zip(crowd.person.tolist(), crowd.entry.tolist(), crowd.lap.tolist(), strict=True)
        ]

    def say(self, step: Send, crowd: Crowd) -> None:
        """Propose the step's message to each, filled in with what is known of them."""
        persons = crowd.person.tolist()
        names = dict(zip(persons, self.named(step.id, crowd), strict=True))
        needed = templates.variables_in(step.message)
        values = self.values(persons, needed, self.now_us) if needed else {}
        counts = step.words == "auto" and words.personal(step.message)
        if step.sender is not None:
            senders: Mapping[int, str] = dict.fromkeys(persons, step.sender)
        else:
            senders = self.staff.senders(persons) if counts or needed & OF_STAFF else {}
        done = words.choose(
            [words.Part(step.message, persons)], step.words, values, senders, self._taps() if counts else {},
            self.staff.most if counts else 0, campaign_id=self.journey_id, channel="contact",
            fixed=step.sender is not None,
        )  # fmt: skip
        purpose, expires = step.purpose or self.purpose, self.now_us + step.expires_hours * HOUR_US
        self.effects.contents |= {one.content_id: one.message for one in done.said}
        self.effects.proposals += [
            Proposal(
                proposal_id=names[one.unit], campaign_id=self.journey_id, step=step.id, person=one.unit,
                channel="contact", purpose=purpose, content_id=one.content_id, plain_id=one.plain_id,
                sender=one.sender, worth_fen=step.worth_fen, due_us=self.now_us, expires_us=expires,
            )
            for one in done.said
        ]  # fmt: skip
        if plain := sum(one.plain for one in done.said):
            self.effects.plain[step.id] += plain
        for _, _, refused in done.refused:
            self.effects.not_said[step.id, refused.reason] += 1

    def _taps(self) -> Mapping[str, Collection[Task]]:
        """What staff are to confirm today, with what this turn has proposed in somebody's name so far."""
        found = {userid: set(tasks) for userid, tasks in self.staff.taps(self.now_us).items()}
        for one in self.effects.proposals:
            if one.sender is not None:
                found.setdefault(one.sender, set()).add(task_of(one))
        return found

    def order(self, kind: str, step: str, crowd: Crowd, body: Mapping[str, Any]) -> None:
        """Have something done for each."""
        named = zip(self.named(step, crowd), crowd.person.tolist(), strict=True)
        self.effects.orders += [Order(name, step, kind, person, body) for name, person in named]


def _few(persons: Numbers) -> Iterable[Sequence[int]]:
    return slices(sorted(set(persons.tolist())))


def _contacts(corp_id: str, *columns: Any) -> sa.Select[Any]:
    """Somebody's friendships that stand."""
    same = sa.and_(
        wecom_contacts.c.corp_id == handles.c.corp_id, wecom_contacts.c.external_userid == handles.c.id_value,
        handles.c.id_type == "external_userid",
    )  # fmt: skip
    return (
        sa.select(*columns)
        .select_from(handles.join(wecom_contacts, same))
        .where(handles.c.corp_id == corp_id, wecom_contacts.c.lost_us.is_(None), wecom_contacts.c.added_us.is_not(None))
    )
