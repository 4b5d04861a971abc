"""A small garden: people by name, facts about them, a clock that is turned by hand, and journeys that run."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from tests.conftest import CORP
from tiefen.act.journeys import engine, keeping, positions
from tiefen.act.journeys.definition import Journey
from tiefen.act.journeys.happening import Happening
from tiefen.act.journeys.steps import AnyStep, Send, Wait
from tiefen.act.journeys.triggers import OnContact
from tiefen.act.message import Message
from tiefen.kit.clock import to_us
from tiefen.ledger.batch import Batch, Profile
from tiefen.ledger.facts import ContactAdded, ContactLost, Fact, Id, OrderPaid, SegmentEntered, SegmentLeft
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import handles, people
from tiefen.ledger.schema.journeys import journey_entries, journey_moves, journey_orders, journey_positions
from tiefen.ledger.schema.segments import segment_members, segments
from tiefen.ledger.schema.touches import contents, proposals

MINUTE_US, HOUR_US, DAY_US = 60_000_000, 3_600_000_000, 86_400_000_000
NOON = to_us(datetime.fromisoformat("2026-11-26T12:00:00+08:00"))
"""A Thursday."""
PAID = Happening(fact="order.paid")


def say(step: str, text: str = "欢迎", to: str | None = None, **more: Any) -> Send:
    return Send(id=step, message=Message(text=text), next=to, **more)


def wait(step: str, to: str | None = None, *, days: float = 0, minutes: int = 0) -> Wait:
    return Wait(id=step, minutes=int(days * 1440) + minutes, next=to)


def journey(*steps: AnyStep, **more: Any) -> Journey:
    """For whoever becomes a contact, with nobody held out."""
    return Journey(**{"triggers": (OnContact(),), "steps": steps, "holdout": 0.0, **more})


class Garden:
    """A company with people in it, and its clock."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.now, self._n = ledger, NOON, 0

    # ---- the world ----

    def person(self, name: str, **attributes: Any) -> int:
        self.ledger.append(Batch(CORP, "scene", profiles=[Profile(Id("user_id", name), name, attributes)]))
        return self.number(name)

    def number(self, name: str) -> int:
        asked = sa.select(handles.c.person_id).where(handles.c.corp_id == CORP, handles.c.id_value == name)
        with self.ledger.read() as connection:
            return int(connection.execute(asked).scalar_one())

    def crowd(self, n: int, prefix: str = "p") -> list[int]:
        names = [f"{prefix}{number}" for number in range(n)]
        self.ledger.append(Batch(CORP, "scene", profiles=[Profile(Id("user_id", name), name) for name in names]))
        asked = sa.select(handles.c.person_id).where(handles.c.corp_id == CORP, handles.c.id_value.in_(names))
        with self.ledger.read() as connection:
            return sorted(connection.scalars(asked))

    def tell(self, *facts: Fact) -> None:
        self.ledger.append(Batch(CORP, "scene", list(facts)))

    def source(self) -> str:
        self._n += 1
        return f"scene:{self._n}"

    def added(self, *names: str, at: int | None = None, **more: Any) -> None:
        at = self.now if at is None else at
        self.tell(
            *(
                ContactAdded(happened_us=at, source_id=self.source(), person=Id("user_id", name), **more)
                for name in names
            )
        )

    def lost(self, name: str) -> None:
        self.tell(ContactLost(happened_us=self.now, source_id=self.source(), person=Id("user_id", name)))

    def paid(self, *names: str, fen: int = 9_900) -> None:
        sources = {name: self.source() for name in names}
        self.tell(
            *(
                OrderPaid(
                    happened_us=self.now, source_id=source, person=Id("user_id", name), order=source, amount_fen=fen
                )
                for name, source in sources.items()
            )
        )  # fmt: skip

    def segment(self, segment: str) -> None:
        with self.ledger.write() as connection:
            connection.execute(
                sa.insert(segments).values(
                    corp_id=CORP, segment_id=segment, name=segment, rule="{}", state="active", created_us=1, changed_us=1
                )
            )  # fmt: skip

    def enters(self, name: str, segment: str) -> None:
        person = self.number(name)
        with self.ledger.write() as connection:
            connection.execute(
                sa.insert(segment_members).values(corp_id=CORP, segment_id=segment, person=person, entered_us=self.now)
            )
        self.tell(
            SegmentEntered(happened_us=self.now, source_id=self.source(), segment=segment, person=Id("user_id", name))
        )

    def leaves(self, name: str, segment: str) -> None:
        person = self.number(name)
        with self.ledger.write() as connection:
            connection.execute(sa.delete(segment_members).where(segment_members.c.person == person))
        self.tell(
            SegmentLeft(happened_us=self.now, source_id=self.source(), segment=segment, person=Id("user_id", name))
        )

    # ---- journeys ----

    def runs(self, drawn: Journey, name: str = "旅程") -> str:
        with self.ledger.write() as connection:
            row = keeping.create(connection, CORP, name, drawn, self.now)
            keeping.publish(connection, CORP, row.journey_id, row.version, self.now)
        self.turn()
        return row.journey_id

    def edit(self, of: str, drawn: Journey, moves: dict[str, str | None] | None = None) -> None:
        with self.ledger.write() as connection:
            row = keeping.save(connection, CORP, of, keeping.get(connection, CORP, of).version, drawn, self.now)
            keeping.publish(connection, CORP, of, row.version, self.now, moves=moves)

    def turn(self, *, days: float = 0, minutes: int = 0) -> None:
        """Let time pass, and everything be done that is due then."""
        self.now += int(days * DAY_US) + minutes * MINUTE_US
        for _ in range(60):
            if not engine.turn(self.ledger, self.ledger.settings, CORP, self.now):
                return
        raise AssertionError("it does not come to an end")

    # ---- what came of it ----

    def said(self, step: str | None = None) -> list[tuple[str, str]]:
        """(name, text) of every message proposed, in the order of their ids."""
        asked = (
            sa.select(people.c.name, contents.c.body, proposals.c.step)
            .join(contents, contents.c.content_id == proposals.c.content_id)
            .join(people, people.c.person_id == proposals.c.person)
            .order_by(proposals.c.due_us, proposals.c.proposal_id)
        )
        with self.ledger.read() as connection:
            rows = list(connection.execute(asked))
        return [(name, msgspec.json.decode(body, type=Message).text) for name, body, of in rows if step in (None, of)]

    def at(self) -> dict[str, str]:
        """name → the step they are at."""
        asked = sa.select(people.c.name, journey_positions.c.step).join(
            people, people.c.person_id == journey_positions.c.person
        )
        with self.ledger.read() as connection:
            return dict(connection.execute(asked).tuples().all())

    def ways(self, of: str) -> list[tuple[str, str]]:
        asked = sa.select(journey_moves.c.step, journey_moves.c.way).where(journey_moves.c.journey_id == of)
        with self.ledger.read() as connection:
            return [(step, way) for step, way in connection.execute(asked.order_by(journey_moves.c.move_id))]

    def counts(self, of: str) -> Counter[tuple[str, str]]:
        with self.ledger.read() as connection:
            return positions.counts_of(connection, CORP, [of])[of]

    def entries(self) -> list[Any]:
        with self.ledger.read() as connection:
            return list(connection.execute(sa.select(journey_entries).order_by(journey_entries.c.person)))

    def orders(self) -> list[Any]:
        with self.ledger.read() as connection:
            return list(connection.execute(sa.select(journey_orders).order_by(journey_orders.c.order_id)))
