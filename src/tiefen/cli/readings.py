"""`tiefen read`: every number, table and finding, as of now or of any past day."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiefen.cli.common import CorpOption, DataOption, JsonOption, err, fail, opened, print_json, print_table

if TYPE_CHECKING:
    from tiefen.insight.readings import Reading


def add_to(app: typer.Typer) -> None:
    app.command("read")(read)


def read(
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="A past day; now otherwise.", show_default=False),
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Make everything anew, also what would be the same.")] = False,
    data: DataOption = None,
    corp: CorpOption = "main",
    json: JsonOption = False,
) -> None:
    """Read everything: as it is now, or as it was at the end of a past day by what is known today."""
    from tiefen.insight.reading import read_everything

    day = None if as_of is None else as_of.date()
    with opened(data, corp) as ledger:
        if ledger.facts(corp) == 0:
            fail("There are no facts yet. `tiefen import chat FILE` brings some.")
        with err.status("Reading everything…") as status:
            reading = read_everything(
                ledger.snapshot(corp),
                ledger.settings,
                lambda fraction, _zh, en: status.update(f"{en} {fraction:.0%}"),
                as_of=day,
                anew=anew,
            )
    told = _told(reading)
    if json:
        print_json(told)
        return
    err.print(f"As of {told['as_of']}: {reading.seconds:.1f} s, in {reading.folder}", highlight=False, markup=False)
    print_table("Tables", {"table": "Table", "rows": "Rows"}, told["tables"])


def _told(reading: Reading) -> dict[str, Any]:
    files = sorted(reading.folder.glob("*.parquet"))
    return {
        "reading_id": reading.reading_id,
        "as_of": _day(reading.day),
        "through": reading.through,
        "seconds": reading.seconds,
        "folder": str(reading.folder),
        "tables": [{"table": file.stem, "rows": reading.sql(f'SELECT count(*) AS n FROM "{file.stem}"')["n"][0].as_py()} for file in files],
    }  # fmt: skip


def _day(day: date) -> str:
    return f"{day:%Y-%m-%d}"
