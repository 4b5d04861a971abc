"""No person and no group is told more in a day or month than the platform and the policy allow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tiefen.kit.clock import day_of, start_of
from tiefen.ledger.schema.touches import proposals
from tiefen.outcome.invariants.base import LET_OUT, Invariant, Scene, Seen, let_out, seen, whom


def _look(scene: Scene) -> Seen:
    today = day_of(scene.now_us, scene.zone)
    month = start_of(today.replace(day=1), scene.zone)
    days = ((today.replace(day=1) + timedelta(days=32)).replace(day=1) - today.replace(day=1)).days
    looked, broken = 0, list[dict[str, Any]]()
    for name, column, quota in (
        ("person", whom(), scene.policy.person),
        ("group", proposals.c.group, scene.policy.group),
    ):
        for since, most in ((scene.day_us, quota.day), (month, days if quota.month == "days" else quota.month)):
            if most is None:
                continue
            times = sa.func.count().label("times")
            if name == "person":
                asked = let_out(scene, since, column.label(name), times)
            else:
                asked = sa.select(column.label(name), times).where(
                    proposals.c.corp_id == scene.corp_id, proposals.c.admitted_us >= since,
                    proposals.c.admitted_us <= scene.now_us, proposals.c.state.in_(LET_OUT), column.is_not(None),
                )  # fmt: skip
            rows = scene.connection.execute(asked.group_by(column)).all()
            looked += len(rows)
            broken += [
                {name: row[0], "times": row[1], "most": most, "since_us": since} for row in rows if row[1] > most
            ]
    return seen(looked, broken)


INVARIANT = Invariant(
    "within_quota", "没人超出次数上限", "Nobody is over a quota",
    "今天和本月，每人、每群收到的消息不超过平台和策略的上限。今天刚调低上限时会出现。",
    "Today and this month no person and no group got more than the platform and the policy allow. A quota lowered today shows here.",
    _look,
)  # fmt: skip
