"""What a table of a reading is: a name, and how it is made from the tables of a snapshot and those made before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.window import Window


@dataclass(frozen=True, slots=True)
class ReadingTable:
    """One Parquet file of a reading."""

    name: str
    zh: str
    en: str
    """What progress says while it is being made."""
    of: Callable[[Tables, Window, Mapping[str, pa.Table]], Any]
    """(tables, window, what was made before) → an Arrow table or an Ibis expression."""
    sorted_by: tuple[str, ...] = ()
