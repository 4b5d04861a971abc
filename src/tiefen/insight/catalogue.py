"""Every metric there is, by whom it is about. A new one is a file, a line in its folder's list, and a test."""

from __future__ import annotations

from tiefen.insight.metric import Metric, Per
from tiefen.insight.metrics.groups import GROUP_METRICS
from tiefen.insight.metrics.persons import PERSON_METRICS
from tiefen.insight.metrics.sources import SOURCE_METRICS

METRICS: tuple[Metric, ...] = (*GROUP_METRICS, *PERSON_METRICS, *SOURCE_METRICS)

BY_KEY: dict[tuple[Per, str], Metric] = {(metric.per, metric.key): metric for metric in METRICS}


def metrics_per(per: Per) -> tuple[Metric, ...]:
    """The metrics about groups, about people or about sources."""
    return tuple(metric for metric in METRICS if metric.per == per)


__all__ = ["BY_KEY", "METRICS", "Metric", "metrics_per"]
