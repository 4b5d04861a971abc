"""What is measured about sources. A metric is a file here and a line in the list."""

from tiefen.insight.metric import Metric
from tiefen.insight.metrics.sources import (
    arrivals,
    cac,
    cost,
    ltv_cac,
    payback_days,
    revenue_30d,
    revenue_90d,
    revenue_180d,
)

SOURCE_METRICS: tuple[Metric, ...] = (
    arrivals.METRIC,
    cost.METRIC,
    cac.METRIC,
    revenue_30d.METRIC,
    revenue_90d.METRIC,
    revenue_180d.METRIC,
    ltv_cac.METRIC,
    payback_days.METRIC,
)
