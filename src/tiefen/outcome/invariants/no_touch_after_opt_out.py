"""Who opted out is told nothing more."""

from __future__ import annotations

import sqlalchemy as sa

from tiefen.kit.clock import SECOND_US
from tiefen.ledger.schema import handles
from tiefen.ledger.schema.touches import consents, proposals
from tiefen.outcome.invariants.base import PAID_FOR, Invariant, Scene, Seen, let_out, seen, whom

GRACE_US = 600 * SECOND_US
"""An opt-out that was told to WeCom takes a while to reach us."""
_EVERYTHING = ("all", "*", "全部", "", "marketing", "advertising", "ads", "promotion", "promotions", "营销", "广告")


def _look(scene: Scene) -> Seen:
    theirs = handles.alias("theirs")
    asked = (
        let_out(
            scene, scene.days_ago(90), proposals.c.proposal_id.label("proposal"), whom().label("person"),
            proposals.c.campaign_id.label("campaign"), proposals.c.admitted_us, sa.func.min(consents.c.at_us).label("opted_out_us"),
            purposes=PAID_FOR,
        )
        .join(theirs, theirs.c.person_id == whom())
        .join(consents, (consents.c.handle == theirs.c.handle) & (consents.c.corp_id == scene.corp_id))
        .where(
            consents.c.given.is_(False), proposals.c.admitted_us > consents.c.at_us + GRACE_US,
            sa.or_(consents.c.purpose.in_(_EVERYTHING), consents.c.purpose == proposals.c.purpose),
        )
        .group_by(proposals.c.proposal_id, whom(), proposals.c.campaign_id, proposals.c.admitted_us)
        .order_by(proposals.c.admitted_us)
    )  # fmt: skip
    out = sa.select(sa.func.count()).where(consents.c.corp_id == scene.corp_id, consents.c.given.is_(False))
    looked = scene.connection.execute(out).scalar_one()
    return seen(looked, (dict(row._mapping) for row in scene.connection.execute(asked)))


INVARIANT = Invariant(
    "no_touch_after_opt_out", "退订后不再打扰", "Nobody is told anything after opting out",
    "撤回同意十分钟以后放行的营销消息。退订发生很久才传到我们这里的，也会出现在这里。",
    "Messages let out more than ten minutes after a consent was taken back. Where that was told to us late, it shows here too.",
    _look,
)  # fmt: skip
