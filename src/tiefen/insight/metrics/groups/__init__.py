"""What is measured about groups."""

from tiefen.insight.metric import Metric

GROUP_METRICS: tuple[Metric, ...] = ()
