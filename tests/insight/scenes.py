"""Scenes for tests of insight: a few facts with plain numbers for people and groups, as a snapshot nobody had to store.

scene = Scene()
scene.says(DAIYU, "2026-11-01 09:00", reply_to=WUKONG)
scene.snapshot(as_of="2026-11-26 12:00")
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from tiefen.insight.engine import Tables, opened
from tiefen.insight.metric import Metric
from tiefen.insight.window import Window
from tiefen.kit.clock import day_of, to_us
from tiefen.kit.settings import Settings
from tiefen.kit.share import Share
from tiefen.ledger.facts import BY_KIND, columns
from tiefen.ledger.lake import KIND_OF, WORDS, schema_of, table_name
from tiefen.ledger.snapshot import OFFER, Snapshot

CORP = "honglou"
ZONE = "Asia/Shanghai"
DAIYU, WUKONG, BAJIE, SHASENG = 1, 2, 3, 4
BOOKS, BAKERS, POETS = 101, 102, 103

_INSTANT = pa.timestamp("us", tz="UTC")
_ROWS: dict[str, list[tuple[str, pa.DataType]]] = {
    "stay": [
        ("stay_id", pa.int64()), ("group", pa.int64()), ("member", pa.int64()), ("joined_at", _INSTANT),
        ("left_at", _INSTANT), ("join_known", pa.bool_()), ("left_known", pa.bool_()), ("via", pa.string()),
        ("how", pa.string()), ("invited_by", pa.int64()),
    ],
    "merge": [("handle", pa.int64()), ("person", pa.int64())],
    "person": [("person", pa.int64()), ("staff", pa.bool_())],
    "group": [("group", pa.int64()), ("created_at", _INSTANT), ("dismissed_at", _INSTANT)],
    "source": [("source", pa.int64()), ("name", pa.string())],
    "advert_mark": [("message", pa.string()), ("advert", pa.bool_()), ("talk", pa.string())],
    "offer": [(field.name, field.type) for field in OFFER],
}  # fmt: skip


def us(at: str | datetime, zone: str = ZONE) -> int:
    """`"2026-11-01 09:00"` (or a day) on the wall clock of the zone, as microseconds."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return to_us(moment.replace(tzinfo=ZoneInfo(zone)) if moment.tzinfo is None else moment)


class Scene:
    """What happens, told line by line. Times are on the wall clock of `zone`."""

    def __init__(self, zone: str = ZONE) -> None:
        self.zone = zone
        self.facts: dict[str, list[dict[str, Any]]] = {name: [] for name in (*KIND_OF, WORDS)}
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in _ROWS}
        self._numbers = 0

    def fact(self, kind: str, at: str | datetime, *, source_id: str | None = None, **body: Any) -> str:
        """Any fact of the catalogue; what is not given has the kind's default. Returns its source id."""
        self._numbers += 1
        fields = BY_KIND[kind].__struct_defaults__
        names = BY_KIND[kind].__struct_fields__
        defaults = dict(zip(names[len(names) - len(fields) :], fields, strict=True))
        known = {column.name for column in columns(BY_KIND[kind])}
        unknown = set(body) - known
        assert not unknown, f"{kind} has no {unknown}"
        given = source_id or f"s{self._numbers}"
        self.facts[table_name(kind)].append(
            {
                **{name: value for name, value in defaults.items() if name in known},
                **body, "seq": self._numbers, "corp_id": CORP, "happened_at": us(at, self.zone), "source_id": given,
                "origin": "scene", "month": "",
            }
        )  # fmt: skip
        return given

    def says(self, who: int, at: str | datetime, group: int = BOOKS, **body: Any) -> str:
        """Somebody says something."""
        return self.fact("message.posted", at, group=group, member=who, **body)

    def stays(
        self, who: int, since: str | datetime, until: str | datetime | None = None, group: int = BOOKS,
        *, known: bool = True, **more: Any,
    ) -> None:  # fmt: skip
        """Somebody is in a group, from when to when."""
        self.rows["stay"].append(
            {
                "stay_id": len(self.rows["stay"]) + 1, "group": group, "member": who,
                "joined_at": us(since, self.zone), "left_at": None if until is None else us(until, self.zone),
                "join_known": known, "left_known": until is not None, "via": "unknown", "how": None,
                "invited_by": None, **more,
            }
        )  # fmt: skip

    def group(self, group: int = BOOKS, created: str | None = None, dismissed: str | None = None) -> None:
        self.rows["group"].append(
            {
                "group": group, "created_at": created and us(created, self.zone),
                "dismissed_at": dismissed and us(dismissed, self.zone),
            }
        )  # fmt: skip

    def merges(self, handle: int, person: int) -> None:
        """A handle turns out to be somebody else's."""
        self.rows["merge"].append({"handle": handle, "person": person})

    def snapshot(self, as_of: str | datetime = "2026-11-26 12:00") -> Snapshot:
        """Everything told so far, at that moment."""
        tail = {name: _columns(rows, schema_of(name)) for name, rows in self.facts.items()}
        rows = {name: _columns(self._small(name), pa.schema(types)) for name, types in _ROWS.items()}
        instants = [row["happened_at"] for some in self.facts.values() for row in some]
        return Snapshot(
            CORP, self._numbers, us(as_of, self.zone), self.zone, "CNY", min(instants, default=None),
            max(instants, default=None), {}, tail, rows, max(instants, default=None),
        )  # fmt: skip

    def _small(self, name: str) -> list[dict[str, Any]]:
        """The rows told, and for people and groups those that occur without having been told."""
        told = self.rows[name]
        facts = [row for some in self.facts.values() for row in some]
        if name == "group":
            seen = {row["group"] for row in (*facts, *self.rows["stay"]) if row.get("group") is not None}
            missing = sorted(seen - {row["group"] for row in told})
            return [*told, *({"group": g, "created_at": None, "dismissed_at": None} for g in missing)]
        if name == "person":
            rows = (*facts, *self.rows["stay"])
            seen = {row[field] for row in rows for field in ("member", "person") if row.get(field) is not None}
            missing = sorted(seen - {row["person"] for row in told} - {row["handle"] for row in self.rows["merge"]})
            return [*told, *({"person": p, "staff": False} for p in missing)]
        return told


def _columns(rows: Sequence[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    arrays = []
    for field in schema:
        values = [row.get(field.name) for row in rows]
        if pa.types.is_timestamp(field.type):
            arrays.append(pa.array(values, pa.int64()).cast(field.type))
        else:
            arrays.append(pa.array(values, field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


@contextmanager
def tables_of(scene: Scene | Snapshot, tmp_path: Path, *, keeping: bool = False) -> Iterator[Tables]:
    snapshot = scene.snapshot() if isinstance(scene, Scene) else scene
    with opened(snapshot, Settings(data=tmp_path), keeping=keeping) as tables:
        yield tables


def window_of(snapshot: Snapshot, days: int = 30) -> Window:
    """The window that ends on the day of a snapshot."""
    return Window.ending(day_of(snapshot.taken_us, snapshot.time_zone), days)


def measure(
    metric: Metric, scene: Scene, tmp_path: Path, *, as_of: str = "2026-11-26 12:00", days: int = 30
) -> dict[int, Share]:
    """What a metric says of each group, person or source."""
    snapshot = scene.snapshot(as_of)
    with tables_of(snapshot, tmp_path) as tables:
        rows = tables.arrow(metric.of(tables, window_of(snapshot, days))).to_pylist()
    return {row[metric.per]: Share(row["part"], row["whole"]) for row in rows}
