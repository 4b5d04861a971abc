"""Nothing is sent in quiet hours but what was asked for."""

from __future__ import annotations

import sqlalchemy as sa

from tiefen.kit.clock import from_us, zone
from tiefen.ledger.schema.touches import proposals
from tiefen.outcome.invariants.base import LET_OUT, PAID_FOR, Invariant, Scene, Seen, seen


def _look(scene: Scene) -> Seen:
    asked = sa.select(
        proposals.c.proposal_id.label("proposal"), proposals.c.campaign_id.label("campaign"), proposals.c.person,
        proposals.c.group, proposals.c.admitted_us,
    ).where(
        proposals.c.corp_id == scene.corp_id, proposals.c.admitted_us >= scene.days_ago(1),
        proposals.c.admitted_us <= scene.now_us, proposals.c.state.in_(LET_OUT), proposals.c.purpose.in_(PAID_FOR),
    )  # fmt: skip
    rows = scene.connection.execute(asked.order_by(proposals.c.admitted_us)).all()
    begins, ends = scene.policy.quiet
    local = zone(scene.zone)

    def quiet(us: int) -> bool:
        at = from_us(us).astimezone(local).time()
        return begins <= at < ends if begins < ends else (at >= begins or at < ends) if begins != ends else False

    return seen(len(rows), (dict(row._mapping) for row in rows if quiet(row.admitted_us)))


INVARIANT = Invariant(
    "quiet_hours_kept", "安静时段不打扰", "Quiet hours are kept",
    "一天内在安静时段放行的营销消息。",
    "Messages let out in quiet hours within a day, but for what people asked for.",
    _look,
)  # fmt: skip
