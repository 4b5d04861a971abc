"""Results kept for the console: measured again when there is news, an experiment a turn; and the holdout of all, drawn as people come."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.decide.experiments import HOLDOUT, Experiment, assigned, begin
from tiefen.decide.policy import policy_of
from tiefen.insight.engine import opened
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.kit.text import to_json
from tiefen.ledger import dialect
from tiefen.ledger.batch import Batch
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import people
from tiefen.ledger.schema.experiments import experiment_results, experiments
from tiefen.ledger.schema.touches import campaigns
from tiefen.outcome.designs import Listed, design_of, listed
from tiefen.outcome.results import Result, as_rows, measure

EVERY_SECONDS = 900.0
"""No experiment is measured anew more often by itself."""
AFTER_DAYS = 7
"""So long after its last window is over an experiment is still measured: late facts come."""
SLICE = 5_000
HOLDOUT_WINDOW_DAYS = 365


@dataclass
class _Measured:
    """When each experiment was last measured, by the machine's own clock: how often to work has nothing to do with a demo's time."""

    at: dict[tuple[str, str], float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def due(self, key: tuple[str, str]) -> bool:
        with self.lock:
            return time.monotonic() - self.at.get(key, float("-inf")) >= EVERY_SECONDS

    def done(self, key: tuple[str, str]) -> None:
        with self.lock:
            self.at[key] = time.monotonic()


_measured = _Measured()


def turn(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> bool:
    """Measure the experiment that waits longest, if any is due. Never says that more is to be done at once: it can wait."""
    with ledger.read() as connection:
        asked = sa.select(
            experiment_results.c.experiment_id, experiment_results.c.through, experiment_results.c.as_of_us
        )
        known = {
            row.experiment_id: row for row in connection.execute(asked.where(experiment_results.c.corp_id == corp_id))
        }
        some = [one for one in listed(connection, corp_id) if _open(one, now_us)]
    last = ledger.last_seq()
    due = [
        one for one in some
        if _measured.due((corp_id, one.design.experiment_id))
        and (one.design.experiment_id not in known or known[one.design.experiment_id].through < last)
    ]  # fmt: skip
    if due:
        oldest = min(
            due, key=lambda one: known[one.design.experiment_id].as_of_us if one.design.experiment_id in known else 0
        )
        _measured.done((corp_id, oldest.design.experiment_id))
        measured(ledger, settings, corp_id, oldest, now_us)
    return False


def _open(one: Listed, now_us: int) -> bool:
    over = one.ended_us or (one.design.began_us if not one.design.ongoing else now_us)
    return now_us < over + (one.design.window_days + AFTER_DAYS) * DAY_US


def measured(ledger: Ledger, settings: Settings, corp_id: str, one: Listed, now_us: int) -> Result:
    """Measure an experiment now and keep what was found."""
    with opened(ledger.snapshot(corp_id), settings) as tables:
        result = measure(tables, one.design, now_us=now_us)
    row = {
        "corp_id": corp_id, "experiment_id": one.design.experiment_id, "as_of_us": result.as_of_us,
        "through": result.through, "seconds": result.seconds, "body": to_json(as_rows(result)),
    }  # fmt: skip
    with ledger.write() as connection:
        insert = dialect.insert(connection, experiment_results).values(row)
        connection.execute(
            insert.on_conflict_do_update(index_elements=["corp_id", "experiment_id"], set_=row),
        )
    return result


def kept(connection: Connection, corp_id: str, experiment_id: str) -> Result | None:
    """What was last measured; None where nothing was, or by an older version that kept it otherwise."""
    asked = sa.select(experiment_results.c.body).where(
        experiment_results.c.corp_id == corp_id, experiment_results.c.experiment_id == experiment_id
    )
    body = connection.execute(asked).scalar()
    if body is None:
        return None
    try:
        return msgspec.json.decode(body, type=Result)
    except msgspec.ValidationError:
        return None


def all_kept(connection: Connection, corp_id: str) -> dict[str, Result]:
    """The same of every experiment."""
    asked = sa.select(experiment_results.c.experiment_id, experiment_results.c.body)
    found = {}
    for experiment_id, body in connection.execute(asked.where(experiment_results.c.corp_id == corp_id)):
        try:
            found[experiment_id] = msgspec.json.decode(body, type=Result)
        except msgspec.ValidationError:
            continue
    return found


def draw_holdout(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> bool:
    """Note of everybody who came since whether they are held out of everything, from the first campaign on. The gate asks the same
    chance for itself."""
    del settings
    share = policy_of(ledger.corp(corp_id).settings).holdout
    if not share:
        return False
    everything = Experiment(experiment_id=HOLDOUT, arms=(("reached", 1.0),), holdout=share)
    mine = (experiments.c.corp_id == corp_id) & (experiments.c.experiment_id == HOLDOUT)
    sending = sa.select(campaigns.c.campaign_id).where(campaigns.c.corp_id == corp_id, campaigns.c.state != "draft")
    with ledger.read() as connection:
        if connection.execute(sending.limit(1)).first() is None:
            return False  # there is nothing that anybody could be held out of
        through = connection.execute(sa.select(experiments.c.drawn_through).where(mine)).scalar()
        new = [int(number) for number in connection.scalars(_new(corp_id, through or 0))]
    if not new:
        return False
    with ledger.together() as together:
        begin(
            together.connection, corp_id, everything, now_us, window_days=HOLDOUT_WINDOW_DAYS, kind=HOLDOUT,
        )  # fmt: skip
        together.append(Batch(corp_id, "outcome", assigned(everything, new, now_us)))
        together.connection.execute(sa.update(experiments).where(mine).values(drawn_through=new[-1]))
    return len(new) == SLICE


def _new(corp_id: str, through: int) -> sa.Select[Any]:
    return (
        sa.select(people.c.person_id)
        .where(
            people.c.corp_id == corp_id, people.c.person_id > through, people.c.staff.is_(False),
            people.c.merged_into.is_(None), people.c.erased_us.is_(None),
        )
        .order_by(people.c.person_id)
        .limit(SLICE)
    )  # fmt: skip


def found(ledger: Ledger, corp_id: str, experiment_id: str) -> Listed:
    """An experiment by its id, or `ExperimentNotFound`."""
    with ledger.read() as connection:
        return design_of(connection, corp_id, experiment_id)
