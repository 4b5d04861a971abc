"""Nobody is told the same words twice, not in person and not through a group besides; words of their own and the plain ones in their
place are the same."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tiefen.ledger.schema import handles, stays
from tiefen.ledger.schema.touches import proposals
from tiefen.outcome.invariants.base import LET_OUT, PAID_FOR, Invariant, Scene, Seen, counted, let_out, seen, whom


def _look(scene: Scene) -> Seen:
    since = scene.days_ago(scene.policy.same_words_days) + 1
    columns = whom().label("person"), proposals.c.content_id.label("content")
    asked = let_out(scene, since, *columns, sa.func.count().label("times"), purposes=PAID_FOR)
    asked = asked.group_by(whom(), proposals.c.content_id)
    twice = scene.connection.execute(asked.having(sa.func.count() > 1))
    broken: list[dict[str, Any]] = [dict(row._mapping) for row in twice]
    # Words of their own, and the plain ones of the same message.
    plain = let_out(scene, since, *columns, purposes=PAID_FOR).subquery("plain")
    own = let_out(scene, since, whom().label("person"), proposals.c.plain_id, purposes=PAID_FOR).subquery("own")
    both = sa.select(plain.c.person, plain.c.content).join(
        own, (own.c.person == plain.c.person) & (own.c.plain_id == plain.c.content)
    ).distinct()  # fmt: skip
    broken += [dict(row._mapping) | {"times": 2} for row in scene.connection.execute(both)]
    said, in_group = proposals.alias("said"), handles.alias("in_group")
    # What was told in a group that somebody was in, and again in person afterwards.
    again = (
        let_out(scene, since, *columns, said.c.group.label("group"), purposes=PAID_FOR)
        .join(
            said,
            (said.c.corp_id == proposals.c.corp_id) & said.c.content_id.in_((proposals.c.content_id, proposals.c.plain_id))
            & said.c.group.is_not(None) & said.c.state.in_(LET_OUT) & (said.c.admitted_us >= since)
            & (said.c.admitted_us < proposals.c.admitted_us),
        )
        .join(in_group, in_group.c.person_id == whom())
        .join(
            stays,
            (stays.c.member == in_group.c.handle) & (stays.c.group == said.c.group)
            & (stays.c.joined_us <= said.c.admitted_us) & stays.c.left_us.is_(None),
        )
        .distinct()
    )  # fmt: skip
    broken += [dict(row._mapping) | {"times": 2} for row in scene.connection.execute(again)]
    return seen(counted(scene, asked), broken)


INVARIANT = Invariant(
    "no_same_words_twice", "同样的话不说两遍", "Nobody is told the same words twice",
    "三十天内（按策略）对同一个人放行两次一样的内容（专属文案与顶替它的统一文案算一样），或在群里说过又私聊一遍。",
    "Within thirty days (by the policy) the same content let out to somebody twice (words of their own and the plain ones in their place count as the same), or in person after they had it in a group.",
    _look,
)  # fmt: skip
