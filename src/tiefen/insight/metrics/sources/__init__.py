"""What is measured about sources."""

from tiefen.insight.metric import Metric

SOURCE_METRICS: tuple[Metric, ...] = ()
