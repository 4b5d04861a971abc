"""Journeys: those who are due moved among many who wait, and a draft rehearsed over a month of facts."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tiefen.act.journeys import engine, keeping, rehearsal
from tiefen.act.journeys.definition import Goal, Journey
from tiefen.act.journeys.happening import Happening
from tiefen.act.journeys.steps import BranchByCondition, PutTag, Send, Wait, WaitFor, WaitUntilTime
from tiefen.act.journeys.triggers import ByHand, OnContact
from tiefen.act.message import Message
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.ledger import dialect
from tiefen.ledger.batch import Batch, Profile
from tiefen.ledger.facts import ContactAdded, Fact, Id, OrderPaid
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_staff
from tiefen.ledger.schema.journeys import journey_positions
from tiefen.ledger.schema.touches import proposals

CORP, NOW = "main", 1_795_000_000_000_000
HOUR_US = 3_600_000_000


def run(quick: bool = False) -> dict[str, Any]:
    """Seconds, and how many a second."""
    waiting, due, persons, days = (20_000, 2_000, 500, 30) if quick else (1_000_000, 100_000, 200_000, 30)
    figures: dict[str, Any] = {"waiting": waiting, "due": due}
    for what, text in (
        ("one text for all", "新茶到了"),
        ("everybody by name", '{{ name | or_else("朋友") }}，新茶到了'),
    ):
        took = measure(waiting, due, text)
        figures |= {f"{what}, seconds": took, f"{what}, a second": due / took}
    took, done = rehearse(persons, days)
    return figures | {
        "rehearsed persons": persons, "rehearsed days": days, "rehearsal, seconds": took, "rehearsal, facts": done.facts,
        "rehearsal, ticks": done.ticks, "rehearsal, messages let out": done.outcome("admitted"),
        "rehearsal, refused": done.outcome("refused"),
    }  # fmt: skip


def drawn(text: str) -> Journey:
    """A wait, something said, a wait."""
    return Journey(
        triggers=(ByHand(),), holdout=0.0,
        steps=(
            Wait(id="wait", minutes=60, next="say"), Send(id="say", message=Message(text=text), next="then"),
            Wait(id="then", minutes=1440, next="fan"), BranchByCondition(id="fan", of="goal", yes="tag"),
            PutTag(id="tag", tag="铁粉"),
        ),
    )  # fmt: skip


def fill(ledger: Ledger, of: str, waiting: int, due: int) -> None:
    with ledger.write() as connection:
        for start in range(0, waiting, 100_000):
            some = range(start + 1, min(start + 100_000, waiting) + 1)
            dialect.insert_many(
                connection, "people", ("person_id", "corp_id", "name", "attributes", "staff", "created_us"),
                [(n, CORP, f"客户{n}", "{}", False, NOW) for n in some],
            )  # fmt: skip
            dialect.insert_many(
                connection, "handles", ("handle", "corp_id", "id_type", "id_value", "person_id", "created_us"),
                [(n, CORP, "user_id", f"u{n}", n, NOW) for n in some],
            )  # fmt: skip
            dialect.insert_many(
                connection, "journey_entries",
                ("corp_id", "journey_id", "person", "entry", "entity", "version", "arm", "trigger", "entered_us"),
                [(CORP, of, n, 1, "", 1, "journey", -1, NOW - 2 * HOUR_US) for n in some],
            )  # fmt: skip
            # Those who are due are spread over everybody, as they are in life.
            every = waiting // due
            dialect.insert_many(
                connection, "journey_positions",
                ("corp_id", "journey_id", "person", "entry", "step", "since_us", "due_us", "lap", "turns"),
                [
                    (CORP, of, n, 1, "wait", NOW - (2 * HOUR_US if n % every == 0 else 0),
                     NOW if n % every == 0 else NOW + HOUR_US, 0, 0)
                    for n in some
                ],
            )  # fmt: skip


def measure(waiting: int, due: int, text: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "data")
        with Ledger.open(settings) as ledger:
            ledger.ensure_corp(CORP)
            with ledger.write() as connection:
                row = keeping.create(connection, CORP, "bench", drawn(text), NOW)
                keeping.publish(connection, CORP, row.journey_id, row.version, NOW)
            fill(ledger, row.journey_id, waiting, due)
            engine.turn(ledger, settings, CORP, NOW - 10 * HOUR_US)
            began = time.perf_counter()
            while engine.turn(ledger, settings, CORP, NOW):
                pass
            took = time.perf_counter() - began
            with ledger.read() as connection:
                said = connection.execute(sa.select(sa.func.count()).select_from(proposals)).scalar_one()
                moved = connection.execute(
                    sa.select(sa.func.count()).where(journey_positions.c.step == "then")
                ).scalar_one()
    assert said == moved == due, (said, moved, due)
    return took


def rehearse(persons: int, days: int) -> tuple[float, rehearsal.Rehearsal]:
    """Everybody becomes a contact once in these days, and every fifth orders a day later."""
    journey = Journey(
        triggers=(OnContact(),), goal=Goal(happening=Happening(fact="order.paid")), exit="only_at_end",
        steps=(
            Send(id="hello", message=Message(text='{{ name | or_else("朋友") }}，你好'), next="bought"),
            WaitFor(id="bought", happening=Happening(fact="order.paid"), minutes=3 * 1440, yes="thanks", no="hours"),
            Send(id="thanks", message=Message(text="谢谢"), purpose="service"),
            WaitUntilTime(id="hours", start="10:00", end="20:00", next="offer"),
            Send(id="offer", message=Message(text="新人礼"), purpose="sell", worth_fen=300, next="long"),
            Wait(id="long", minutes=7 * 1440, next="last"), Send(id="last", message=Message(text="还在吗")),
        ),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "data")
        with Ledger.open(settings) as ledger:
            ledger.ensure_corp(CORP)
            first, every = NOW - days * DAY_US, days * DAY_US // persons
            for start in range(0, persons, 20_000):
                some = range(start, min(start + 20_000, persons))
                ids = {n: Id("external_userid", f"wm{n}") for n in some}
                facts: list[Fact] = [
                    ContactAdded(happened_us=first + n * every, source_id=f"a{n}", person=ids[n]) for n in some
                ]
                facts += [
                    OrderPaid(
                        happened_us=min(first + n * every + DAY_US, NOW), source_id=f"o{n}", person=ids[n], order=f"o{n}",
                        amount_fen=9_900,
                    )
                    for n in some
                    if n % 5 == 0
                ]  # fmt: skip
                profiles = [Profile(ids[n], f"客户{n}") for n in some]
                ledger.append(Batch(CORP, "bench", facts, profiles=profiles))
            with ledger.write() as connection:
                connection.execute(
                    sa.insert(wecom_staff),
                    [
                        {"corp_id": CORP, "userid": f"s{n}", "name": f"员工{n}", "serves": True, "seen_us": 1}
                        for n in range(40)
                    ],
                )
                dialect.insert_many(
                    connection, "wecom_contacts", ("corp_id", "userid", "external_userid", "added_us"),
                    [(CORP, f"s{n % 40}", f"wm{n}", 1) for n in range(persons)],
                )  # fmt: skip
            ledger.flush()
            began = time.perf_counter()
            done = rehearsal.rehearse(ledger, settings, CORP, journey, NOW, days=days)
            return time.perf_counter() - began, done
