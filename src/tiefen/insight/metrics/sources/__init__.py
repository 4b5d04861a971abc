"""What is measured about sources. A metric is a file here and a line in the list."""

from tiefen.insight.metric import Metric
from tiefen.insight.metrics.sources import (
    arrivals,
    bought_30d,
    brought_30d,
    cac,
    cost,
    ltv_cac,
    ltv_expected,
    payback_days,
    revenue_30d,
    revenue_90d,
    revenue_180d,
    spoke_30d,
    stayed_30d,
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
    ltv_expected.METRIC,
    stayed_30d.METRIC,
    spoke_30d.METRIC,
    bought_30d.METRIC,
    brought_30d.METRIC,
)
