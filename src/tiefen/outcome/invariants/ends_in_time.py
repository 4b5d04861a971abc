"""Every recipient comes to an end within their time."""

from __future__ import annotations

import sqlalchemy as sa

from tiefen.ledger.schema.touches import proposals
from tiefen.outcome.invariants.base import Invariant, Scene, Seen, seen

DAYS_TO_JUDGE = 1
DAYS_TO_CONFIRM = 10
"""WeCom tells for so long what became of a task that staff do not confirm."""


def _look(scene: Scene) -> Seen:
    late = sa.or_(
        sa.and_(proposals.c.state.in_(("proposed", "admitted")), proposals.c.expires_us < scene.days_ago(DAYS_TO_JUDGE)),
        sa.and_(
            proposals.c.state == "tasked", proposals.c.expires_us < scene.days_ago(DAYS_TO_CONFIRM),
            proposals.c.moved_us < scene.days_ago(DAYS_TO_CONFIRM),
        ),
    )  # fmt: skip
    asked = sa.select(
        proposals.c.proposal_id.label("proposal"), proposals.c.campaign_id.label("campaign"), proposals.c.person,
        proposals.c.group, proposals.c.state, proposals.c.expires_us, proposals.c.moved_us,
    ).where(proposals.c.corp_id == scene.corp_id, late)  # fmt: skip
    open_ones = sa.select(sa.func.count()).where(
        proposals.c.corp_id == scene.corp_id, proposals.c.state.in_(("proposed", "admitted", "tasked"))
    )
    looked = scene.connection.execute(open_ones).scalar_one()
    rows = scene.connection.execute(asked.order_by(proposals.c.expires_us))
    return seen(looked, (dict(row._mapping) for row in rows))


INVARIANT = Invariant(
    "ends_in_time", "每条消息按时有结局", "Every message comes to an end in time",
    "过期一天还没裁决、没交给企微，或交给员工十天还没有结果的消息。",
    "Messages neither judged nor handed over a day after they expired, or with staff for ten days without a result.",
    _look,
)  # fmt: skip
