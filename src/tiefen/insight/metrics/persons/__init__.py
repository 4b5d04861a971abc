"""What is measured about people."""

from tiefen.insight.metric import Metric

PERSON_METRICS: tuple[Metric, ...] = ()
