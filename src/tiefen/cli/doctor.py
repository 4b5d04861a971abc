"""`tiefen doctor`: is everything in order, and what to do where it is not."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from tiefen import __version__
from tiefen.cli.common import DataOption, JsonOption, opened, out, print_json

if TYPE_CHECKING:
    from tiefen.ledger.ledger import Ledger


@dataclass(frozen=True)
class Check:
    """One thing looked at: well or not, and in which words."""

    name: str
    well: bool
    says: str


def add_to(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(data: DataOption = None, json: JsonOption = False) -> None:
    """Look whether store, lake and readings agree. Ends with status 1 where something is wrong."""
    with opened(data) as ledger:
        checks = [check(ledger) for check in CHECKS]
    if json:
        print_json([{"name": c.name, "well": c.well, "says": c.says} for c in checks])
    else:
        for check in checks:
            mark = "[green]✓[/green]" if check.well else "[red]✗[/red]"
            out.print(f"{mark} {check.name:<10} {check.says}", highlight=False)
    if not all(check.well for check in checks):
        raise typer.Exit(1)


def _version(ledger: Ledger) -> Check:
    python = ".".join(map(str, sys.version_info[:3]))
    kind = ledger.engine.dialect.name
    return Check("version", True, f"Tiefen {__version__}, Python {python}, {kind}")


def _disk(ledger: Ledger) -> Check:
    free = shutil.disk_usage(ledger.settings.data).free
    return Check("disk", free > 1 << 30, f"{free / (1 << 30):,.1f} GiB free under {ledger.settings.data}")


def _store(ledger: Ledger) -> Check:
    import sqlalchemy as sa

    if ledger.engine.dialect.name != "sqlite":
        return Check("store", True, "PostgreSQL answers")
    with ledger.read() as connection:
        said = connection.execute(sa.text("PRAGMA quick_check(1)")).scalar()
    return Check("store", said == "ok", "SQLite is sound" if said == "ok" else f"SQLite says: {said}; restore a backup")


def _lake(ledger: Ledger) -> Check:
    """Facts kept = facts in the lake + facts still in the store, over all corps."""
    import sqlalchemy as sa

    from tiefen.ledger.schema import facts, lake_state

    kept = ledger.facts()
    with ledger.read() as connection:
        through = connection.execute(sa.select(lake_state.c.flushed_through)).scalar() or 0
        waiting = connection.execute(
            sa.select(sa.func.count()).select_from(facts).where(facts.c.seq > through)
        ).scalar_one()
    try:
        in_lake = sum(ledger.snapshot(corp.corp_id).facts_in_lake() for corp in ledger.corps())
    except OSError as error:
        return Check("lake", False, f"a file cannot be read ({error}); restore a backup")
    well = kept == in_lake + waiting
    says = f"{in_lake:,} facts in the lake, {waiting:,} on their way"
    return Check("lake", well, says if well else f"{says}, but {kept:,} were kept; restore a backup")


def _readings(ledger: Ledger) -> Check:
    from tiefen.insight.readings import Readings

    readings = Readings(ledger.settings)
    said = []
    for corp in ledger.corps():
        current = readings.current(corp.corp_id)
        if current is not None:
            said.append(
                f"{corp.corp_id}: {current.as_of.isoformat()}{' (facts came since)' if current.stale(ledger) else ''}"
            )
    return Check("readings", True, "; ".join(said) or "none yet; `tiefen report groups` makes one")


CHECKS: tuple[Callable[[Ledger], Check], ...] = (_version, _disk, _store, _lake, _readings)
