"""The tables of a reading, in the order in which they are made. A table is a file here and a line in the list."""

from tiefen.insight.reading_table import ReadingTable
from tiefen.insight.tables import (
    corp_days,
    findings,
    group_clusters,
    group_days,
    group_edges,
    group_overlap,
    group_people,
    groups,
    memberships,
    merge_candidates,
    person_forecasts,
    person_models,
    persons,
    ring_people,
    rings,
    sources,
)

TABLES: tuple[ReadingTable, ...] = (
    group_days.TABLE,
    corp_days.TABLE,
    group_edges.TABLE,
    group_people.TABLE,
    groups.TABLE,
    group_overlap.TABLE,
    group_clusters.TABLE,
    merge_candidates.TABLE,
    memberships.TABLE,
    person_forecasts.TABLE,
    person_models.TABLE,
    persons.TABLE,
    sources.TABLE,
    rings.TABLE,
    ring_people.TABLE,
    findings.TABLE,
)
