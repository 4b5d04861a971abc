"""Who is held out of a campaign gets nothing of it."""

from __future__ import annotations

from tiefen.decide.experiments import HOLDOUT
from tiefen.outcome.invariants.base import Invariant, Scene, Seen, seen


def _look(scene: Scene) -> Seen:
    t = scene.tables
    drawn, moved = t["arm_assigned"], t["touch_moved"]
    out = drawn.filter(drawn.arm == HOLDOUT).select("person", "group", campaign=drawn.experiment)
    told = moved.filter(moved.state.isin(["admitted", "tasked", "sent", "delivered"]))
    told = told.group_by("touch").agg(
        campaign=told.campaign.max(), to=told.person.max(), to_group=told.group.max(), at_us=told.happened_us.min()
    )
    both = told.join(out, "campaign")
    both = both.filter((both.to == both.person) | (both.to_group == both.group)).select(
        "campaign", "person", "group", "at_us", proposal="touch"
    )
    looked = int(t.arrow(out.agg(n=out.count()))["n"][0].as_py())
    return seen(looked, t.arrow(both.order_by("at_us", "proposal")).to_pylist())


INVARIANT = Invariant(
    "campaign_holdout_untouched", "活动对照组没收到活动消息", "Who is held out of a campaign gets nothing of it",
    "被分到对照组、却收到同一活动消息的人或群。两个身份后来合并成一人的也会出现。",
    "People or groups in the holdout of a campaign that got a message of it. Two ids that turned out to be one person's show here too.",
    _look,
)  # fmt: skip
