"""A kill in the middle of a slice loses nothing and doubles nothing."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
import sqlalchemy as sa

from tests.act.broadcasts.scenes import NOW, Shop
from tests.conftest import CORP
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import facts

_DIES = """
import os, signal, sys
from pathlib import Path
from tiefen.act import outbox
from tiefen.act.broadcasts import proposing
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger

data, now, proposed = Path(sys.argv[1]), int(sys.argv[2]), outbox.propose
proposing.SLICE = 100

def dies_the_second_time(*given):
    done = proposed(*given)
    if given[2][0].proposal_id != first(given):
        os.kill(os.getpid(), signal.SIGKILL)
    return done

seen = []
def first(given):
    seen.append(given[2][0].proposal_id)
    return seen[0]

outbox.propose = dies_the_second_time
settings = Settings(data=data)
with Ledger.open(settings) as ledger:
    while proposing.turn(ledger, settings, sys.argv[3], now):
        pass
"""


@pytest.mark.slow
def test_a_kill_between_the_proposals_and_the_commit_is_a_repetition(ledger: Ledger) -> None:
    shop = Shop(ledger)
    crowd = shop.crowd(250)
    draft = shop.approve(shop.draft())

    died = subprocess.run([sys.executable, "-c", _DIES, str(ledger.settings.data), str(NOW), CORP], check=False)
    after = len(shop.rows(draft))
    shop.turn()
    with ledger.read() as connection:
        assigned = connection.scalars(sa.select(facts.c.source_id).where(facts.c.kind == "arm.assigned")).all()

    assert died.returncode == -signal.SIGKILL
    assert after == 100
    assert [row.person for row in shop.rows(draft)] == sorted(crowd)
    assert len(assigned) == len(set(assigned)) == 250
    progress = shop.get(draft).body.progress
    assert progress is not None and (progress.done, progress.proposed) == (250, 250)
