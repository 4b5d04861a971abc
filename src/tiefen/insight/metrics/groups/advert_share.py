"""广告占比 Share of adverts."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.models.adverts import ADVERT
from tiefen.insight.models.learning import learned_scores
from tiefen.insight.window import Window

REPEATS, REPEATED_LENGTH = 3, 10


def of(t: Tables, w: Window) -> ir.Table:
    some = base.said(t, w)
    some = some.filter(some.advert_score.notnull())
    same = ibis.window(group_by=["person", "text_hash"])
    some = some.mutate(
        again=(some.count().over(same) >= REPEATS) & (some.length >= REPEATED_LENGTH) & some.text_hash.notnull()
    )
    learned = learned_scores(t, w)
    if learned is not None:
        judged = some.left_join(learned, "seq")
        some = judged.mutate(advert_score=ibis.coalesce(judged.score, judged.advert_score)).drop("seq_right")
    marks = t["advert_mark"]
    both = some.left_join(marks, some.source_id == marks.message)
    advert = ibis.coalesce(both.advert, both.again | (both.advert_score >= ADVERT))
    return base.shares(both.group_by("group").agg(part=advert.sum(), whole=both.count()))


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
