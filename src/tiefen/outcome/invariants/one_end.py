"""Every message has one end, and the counts beside them are those of the messages."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tiefen.ledger.schema.touches import campaign_counts, proposals
from tiefen.outcome.invariants.base import Invariant, Scene, Seen, seen


def _look(scene: Scene) -> Seen:
    moved = scene.tables["touch_moved"]
    ends = moved.filter(moved.state.isin(["refused", "delivered", "failed"]))
    ends = ends.group_by("touch").agg(ends=ends.state.nunique(), first=ends.state.min(), last=ends.state.max())
    rows = scene.tables.arrow(ends.filter(ends.ends > 1).order_by("touch")).to_pylist()
    broken: list[dict[str, Any]] = [{"proposal": row["touch"], "ends": [row["first"], row["last"]]} for row in rows]
    kept = _by_state(scene, campaign_counts, sa.func.sum(campaign_counts.c.times))
    told = _by_state(scene, proposals, sa.func.count())
    for key in sorted(set(kept) | set(told)):
        if kept.get(key, 0) != told.get(key, 0):
            campaign, step, state = key
            broken.append(
                {
                    "campaign": campaign,
                    "step": step,
                    "state": state,
                    "counted": kept.get(key, 0),
                    "there": told.get(key, 0),
                }
            )
    return seen(sum(told.values()), broken)


def _by_state(scene: Scene, table: sa.Table, how_many: Any) -> dict[tuple[str, str, str], int]:
    key = table.c.campaign_id, table.c.step, table.c.state
    rows = scene.connection.execute(sa.select(*key, how_many).where(table.c.corp_id == scene.corp_id).group_by(*key))
    # Preparations of a campaign may be counted under words of its own; only what a proposal can be is compared.
    return {(row[0], row[1], row[2]): int(row[3]) for row in rows if row[2] in _STATES and row[3]}


_STATES = ("proposed", "admitted", "refused", "tasked", "sent", "delivered", "failed")

INVARIANT = Invariant(
    "one_end", "每条消息只有一个结局", "Every message has one end",
    "没有消息既被拒绝又送达，或既送达又失败；页面上的计数和消息本身一致。",
    "No message was both refused and delivered, or delivered and failed; the counts on the pages are those of the messages.",
    _look,
)  # fmt: skip
