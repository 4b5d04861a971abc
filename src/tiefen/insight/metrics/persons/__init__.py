"""What is measured about people. A metric is a file here and a line in the list."""

from tiefen.insight.metric import Metric
from tiefen.insight.metrics.persons import (
    active_chance,
    active_days_90d,
    contacts,
    days_known,
    expected_money_365d,
    expected_orders_90d,
    frequency,
    groups_in,
    influence,
    messages,
    money,
    people_brought,
    recency_days,
    silent_days,
)

PERSON_METRICS: tuple[Metric, ...] = (
    recency_days.METRIC,
    frequency.METRIC,
    money.METRIC,
    groups_in.METRIC,
    contacts.METRIC,
    messages.METRIC,
    active_days_90d.METRIC,
    influence.METRIC,
    people_brought.METRIC,
    days_known.METRIC,
    silent_days.METRIC,
    expected_orders_90d.METRIC,
    expected_money_365d.METRIC,
    active_chance.METRIC,
)
