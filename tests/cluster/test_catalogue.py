"""Everything in the catalogue says on a Spark cluster what it says in DuckDB, cell by cell."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.cluster.both import Both, differences
from tiefen.insight.catalogue import METRICS, metrics_per
from tiefen.insight.metric import Metric
from tiefen.insight.reading_table import ReadingTable
from tiefen.insight.tables import TABLES

ASKED = [table for table in TABLES if table.sorted_by]
"""Findings are made of the tables before them, in no engine."""


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: f"{metric.per}-{metric.key}")
def test_a_metric_says_of_a_brand_on_the_cluster_what_it_says_here(brand: Both, metric: Metric) -> None:
    _is_the_same(brand, metric)


@pytest.mark.parametrize("metric", metrics_per("group"), ids=lambda metric: metric.key)
def test_a_metric_says_of_a_chat_on_the_cluster_what_it_says_here(chat: Both, metric: Metric) -> None:
    _is_the_same(chat, metric)


def _is_the_same(both: Both, metric: Metric) -> None:
    here = both.here.arrow(metric.of(both.here, both.window))
    there = both.there.arrow(metric.of(both.there, both.window))

    assert differences(here, there, [metric.per]) == []


@pytest.mark.parametrize("table", ASKED, ids=lambda table: table.name)
def test_a_table_of_a_reading_is_on_the_cluster_what_it_is_here(brand: Both, table: ReadingTable) -> None:
    here = brand.table(table.name)
    answer = table.of(brand.there, brand.window, brand.made)
    there = answer if isinstance(answer, pa.Table) else brand.there.arrow(answer)

    assert differences(here, there, list(table.sorted_by)) == []
