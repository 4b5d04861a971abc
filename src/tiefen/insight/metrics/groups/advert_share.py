"""广告占比 Share of adverts."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.metrics.groups.talk_base import adverts_in
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    some = adverts_in(t, w)
    return base.shares(some.group_by("group").agg(part=some.advert.sum(), whole=some.count()))


METRIC = Metric(
    key="advert_share",
    per="group",
    zh="广告占比",
    en="Share of adverts",
    definition_zh="窗口内有文字的消息中，广告的比例。先看人工标记，再看同一人重复发同样的话（三次起，至少十个字），再看识别分数（0.5 起）：起初按规则，标记满 50 条广告和 50 条正常之后按学到的模型。",
    definition_en="Of the messages of the window whose words are known, the share that are adverts: as marked by hand; else the same words (ten characters or more) three times by one person; else a score of .5 or more: by rules at first, by a model learned from the marks once there are 50 of either kind.",
    formula="#adverts / #messages with words",
    unit="share",
    better="lower",
    grade="B",
    of=of,
    source="rules and model of tiefen.insight.models",
    kinds=("message.posted",),
)
