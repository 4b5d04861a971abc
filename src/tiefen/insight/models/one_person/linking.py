"""Pairs of records that may be of one person, with the evidence for and against.

Each field that agrees, nearly agrees or differs adds to a weight in bits: log2 of how much oftener that is seen between two
records of one person (m) than between any two (u). u is counted on pairs drawn by lot, m is found by expectation
maximisation over pairs that agree in some other field, so nobody has to mark examples. Values that many share weigh less
(term frequencies). Of records on two sides each is matched to one at most, the weightiest pairs first.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

UPPER, LOWER = 0.99, 0.3
"""From `UPPER` on two records may be linked by a setting; between the lines a person decides; below, nothing is said."""
_SEED = 7
_LEAST_RECORDS = 20
"""Of fewer nothing can be learned."""
_MOST_DRAWN = 2e6
_LEAST_PAIRS = 5
"""So many pairs must agree in a rule for it to teach anything."""


@dataclass(frozen=True, slots=True)
class Field:
    """Something to compare. `name` and `text` allow for slips of the pen, `digits` and `date` for a digit or two, `exact`
    for none; `common` values weigh less."""

    name: str
    compare: Literal["name", "text", "digits", "date", "exact"]
    common: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The pairs, weightiest first: (a, b, probability, weight, and for each field `w_FIELD` in bits, null where either side
    is unknown). `why` says why there are none where nothing could be learned."""

    pairs: pa.Table
    why: str | None = None


def proposed(
    records: pa.Table, fields: Sequence[Field], rules: Sequence[tuple[str, ...]], *, side: str | None = None,
    lower: float = LOWER, one_to_one: bool = True,
) -> Found:  # fmt: skip
    """Pairs of `records` (id, the fields as text or null, and `side` if they come from two) that are of one person with a
    probability of at least `lower`. Only records that agree in all fields of one of the `rules` are compared."""
    if records.num_rows < _LEAST_RECORDS:
        return Found(_none(fields), "too_few_records")
    usable = [field for field in fields if len(set(records[field.name].drop_null().to_pylist())) > 1]
    names = {field.name for field in usable}
    rules = [rule for rule in rules if set(rule) <= names and _pairs(records, rule)]
    teachers = [rule for rule in rules if _pairs(records, rule) >= _LEAST_PAIRS]
    if len(usable) < 2 or not teachers:
        return Found(_none(fields), "nothing_to_compare")
    try:
        scored = _scored(records, usable, rules, teachers, side, lower)
    except _splink_errors() as error:
        logging.getLogger(__name__).warning("records could not be linked: %s", type(error).__name__)
        return Found(_none(fields), "not_learned")
    pairs = _told(scored, fields)
    return Found(_matched(pairs) if one_to_one else pairs)


def _splink_errors() -> tuple[type[Exception], ...]:
    import duckdb
    from splink.internals.exceptions import SplinkException

    return SplinkException, duckdb.Error, ValueError, ZeroDivisionError


def _pairs(records: pa.Table, rule: tuple[str, ...]) -> int:
    """How many pairs of records agree in all fields of a rule."""
    known = records.select(list(rule)).drop_null()
    counts = known.group_by(list(rule)).aggregate([([], "count_all")])["count_all"].to_numpy()
    return int((counts * (counts - 1) // 2).sum())


def _scored(
    records: pa.Table,
    fields: Sequence[Field],
    rules: Sequence[tuple[str, ...]],
    teachers: Sequence[tuple[str, ...]],
    side: str | None,
    lower: float,
) -> pa.Table:
    """Splink's predictions."""
    import duckdb
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    try:
        connection.execute("SET enable_progress_bar = false")
        api = DuckDBAPI(connection)
        settings = SettingsCreator(
            link_type="dedupe_only" if side is None else "link_only",
            unique_id_column_name="id",
            comparisons=[_comparison(field) for field in fields],
            blocking_rules_to_generate_predictions=[block_on(*rule) for rule in rules],
            retain_matching_columns=False,
            retain_intermediate_calculation_columns=True,
        )
        columns = ["id", *(field.name for field in fields)]
        parts = [records] if side is None else _by_side(records, side)
        given = [api.register(part.select(columns), table_name=f"side_{n}") for n, part in enumerate(parts)]
        linker = Linker(given, settings, log_level=logging.ERROR)
        learning = linker.training
        learning.estimate_probability_two_random_records_match([block_on(*rule) for rule in teachers[:2]], recall=0.8)
        learning.estimate_u_using_random_sampling(max_pairs=_MOST_DRAWN, seed=_SEED)
        for rule in _teachers(teachers, fields):
            learning.estimate_parameters_using_expectation_maximisation(block_on(*rule), record_sample_proportion=1.0)
        return linker.inference.predict(threshold_match_probability=lower).as_pyarrow_table()
    finally:
        connection.close()


def _by_side(records: pa.Table, side: str) -> list[pa.Table]:
    sides = sorted(set(records[side].to_pylist()))
    assert len(sides) == 2, "two sides"
    column = np.array(records[side].to_pylist())
    return [records.filter(pa.array(column == one)) for one in sides]


def _teachers(rules: Sequence[tuple[str, ...]], fields: Sequence[Field]) -> list[tuple[str, ...]]:
    """Rules that together leave no field without a lesson: one that a rule agrees in is not taught by it."""
    untaught = {field.name for field in fields}
    chosen: list[tuple[str, ...]] = []
    for rule in rules:
        taught = {field.name for field in fields} - set(rule)
        if untaught & taught or len(chosen) < 2:
            chosen.append(rule)
            untaught -= taught
        if not untaught and len(chosen) >= 2:
            break
    return chosen


def _comparison(field: Field) -> Any:
    from splink import comparison_library as cl

    match field.compare:
        case "name":
            made = cl.JaroWinklerAtThresholds(field.name, [0.92, 0.8])
        case "text":
            made = cl.LevenshteinAtThresholds(field.name, [1, 3])
        case "digits":
            made = cl.DamerauLevenshteinAtThresholds(field.name, [1, 2])
        case "date":
            made = cl.DamerauLevenshteinAtThresholds(field.name, [1, 2])
        case "exact":
            made = cl.ExactMatch(field.name)
    return made.configure(term_frequency_adjustments=field.common)


def _told(scored: pa.Table, fields: Sequence[Field]) -> pa.Table:
    columns: dict[str, Any] = {
        "a": scored["id_l"], "b": scored["id_r"], "probability": scored["match_probability"], "weight": scored["match_weight"],
    }  # fmt: skip
    for field in fields:
        bits = np.full(scored.num_rows, np.nan)
        parts = [
            name
            for name in scored.column_names
            if name in (f"mw_{field.name}", f"mw_tf_adj_{field.name}", f"mw_tf_{field.name}")
        ]
        for name in parts:
            bits = np.nan_to_num(bits) + np.nan_to_num(scored[name].to_numpy().astype(np.float64))
        bits[bits == 0.0] = np.nan  # where either side is unknown Splink says 0, which tells nothing
        columns[f"w_{field.name}"] = pa.array(bits, pa.float64(), from_pandas=True)
    told = pa.table(columns)
    return told.sort_by([("weight", "descending"), ("a", "ascending"), ("b", "ascending")])


def _matched(pairs: pa.Table) -> pa.Table:
    """Of pairs in order, those of which neither record is in a weightier one."""
    taken: set[Any] = set()
    kept = []
    for a, b in zip(pairs["a"].to_pylist(), pairs["b"].to_pylist(), strict=True):
        free = a not in taken and b not in taken
        kept.append(free)
        if free:
            taken |= {a, b}
    return pairs.filter(pa.array(kept, pa.bool_()))


def _none(fields: Sequence[Field]) -> pa.Table:
    names = ["probability", "weight", *(f"w_{field.name}" for field in fields)]
    return pa.table(
        {"a": pa.array([], pa.int64()), "b": pa.array([], pa.int64()), **{n: pa.array([], pa.float64()) for n in names}}
    )
