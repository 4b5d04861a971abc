"""Who is held out of everything is told nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import sqlalchemy as sa

from tiefen.decide.experiments import HOLDOUT, held_out
from tiefen.ledger.schema.touches import proposals
from tiefen.outcome.invariants.base import LET_OUT, PAID_FOR, Invariant, Scene, Seen, let_out, seen, whom


def _look(scene: Scene) -> Seen:
    since = scene.days_ago(1)
    persons = let_out(
        scene, since, whom().label("number"), proposals.c.proposal_id, proposals.c.campaign_id, purposes=PAID_FOR
    )
    groups = sa.select(proposals.c.group.label("number"), proposals.c.proposal_id, proposals.c.campaign_id).where(
        proposals.c.corp_id == scene.corp_id, proposals.c.admitted_us >= since, proposals.c.group.is_not(None),
        proposals.c.state.in_(LET_OUT), proposals.c.purpose.in_(PAID_FOR),
    )  # fmt: skip
    looked, broken = 0, list[dict[str, Any]]()
    for name, asked in (("person", persons), ("group", groups)):
        rows = scene.connection.execute(asked).all()
        looked += len(rows)
        out = held_out(HOLDOUT, np.array([row.number for row in rows], np.int64), scene.policy.holdout)
        broken += [
            {name: row.number, "proposal": row.proposal_id, "campaign": row.campaign_id}
            for row, is_out in zip(rows, out.tolist(), strict=True)
            if is_out
        ]
    return seen(looked, broken)


INVARIANT = Invariant(
    "global_holdout_untouched", "全局对照组没被打扰", "The holdout of all is told nothing",
    "一天内放行给全局对照组的营销消息。今天刚调高对照比例时会出现。",
    "Messages let out within a day to people or groups that are held out of everything. A holdout raised today shows here.",
    _look,
)  # fmt: skip
