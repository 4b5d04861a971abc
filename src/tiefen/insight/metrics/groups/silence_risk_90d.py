"""90 日内沉默的可能 Chance of silence within 90 d."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import silence
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return silence.risk(t, w, 90)


METRIC = Metric(
    key="silence_risk_90d",
    per="group",
    zh="90 日内沉默的可能",
    en="Chance of silence within 90 d",
    definition_zh="从今天起 90 天内开始连续 30 天没有人说话的可能，由离散时间风险模型按最近 90 天的发言估计；已经沉默或已解散的群不再估计。这是可能性，不是判决。",
    definition_en="The chance that 30 days without a word begin within 90 days, by a discrete-time hazard of the talk of the last 90 days. Not told of groups that are silent already or dismissed. A chance, not a verdict.",
    formula="1 − ∏(1 − hₖ), k = 1…3; hₖ logistic",
    unit="share",
    better="lower",
    grade="B",
    of=of,
    source="discrete-time hazard; docs/decisions/0005",
    kinds=("message.posted",),
    looks_back=silence.LOOKS_BACK,
)
