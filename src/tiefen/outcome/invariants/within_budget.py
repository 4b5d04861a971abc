"""Nobody is told more in a week than their attention allows."""

from __future__ import annotations

import sqlalchemy as sa

from tiefen.decide.attention import GUESS
from tiefen.ledger.schema.touches import attention, proposals
from tiefen.outcome.invariants.base import PAID_FOR, Invariant, Scene, Seen, counted, let_out, seen, whom

_SLACK = 1e-6


def _look(scene: Scene) -> Seen:
    since = scene.days_ago(7) + 1
    person = whom().label("person")
    # What a message costs is learned anew every day, and may have been less when it went.
    least = sa.case({purpose: GUESS.least(purpose) for purpose in PAID_FOR}, value=proposals.c.purpose, else_=1.0)
    times = sa.func.sum(least).label("times")
    asked = (
        let_out(scene, since, person, times, purposes=PAID_FOR).where(proposals.c.channel == "contact").group_by(whom())
    )
    by_person = asked.subquery()
    # A budget that was learned anew this week may have been larger when the messages went; then only the largest there is counts.
    budget = sa.case(
        (attention.c.person.is_(None), max(scene.policy.budget, 1.0)),
        (attention.c.changed_us <= since, attention.c.budget),
        else_=scene.policy.budget_most,
    )
    most = sa.case((budget < 1.0, 1.0), else_=budget)
    broken = scene.connection.execute(
        sa.select(by_person.c.person, by_person.c.times, most.label("most"))
        .join_from(
            by_person, attention,
            (attention.c.person == by_person.c.person) & (attention.c.corp_id == scene.corp_id), isouter=True,
        )
        .where(by_person.c.times > most + _SLACK)
        .order_by(by_person.c.times.desc(), by_person.c.person)
    )  # fmt: skip
    return seen(counted(scene, asked), (dict(row._mapping) for row in broken))


INVARIANT = Invariant(
    "within_budget", "没人超出注意力预算", "Nobody is over their budget",
    "七天内一对一营销消息花掉的注意力不超过本人的预算；本周刚重新学过预算的人按上限算，促销以外的消息按最低花费算。",
    "Within seven days messages in person cost nobody more than their budget; whose budget was learned anew this week is measured by the largest there is, and what does not sell by the least it can cost.",
    _look,
)  # fmt: skip
