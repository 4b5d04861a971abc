"""What the commands share: options, opening the ledger, and the two ways of printing."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tiefen.kit.errors import TiefenError

if TYPE_CHECKING:
    from tiefen.kit.settings import Settings
    from tiefen.ledger.ledger import Ledger

out = Console()
err = Console(stderr=True)

DataOption = Annotated[
    Path | None, typer.Option("--data", help="The data folder; TIEFEN_DATA or ./data otherwise.", show_default=False)
]
CorpOption = Annotated[str, typer.Option("--corp", help="Which company.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def settings_with(data: Path | None, **more: Any) -> Settings:
    """The environment's settings, with what was given by hand on top."""
    from pydantic import ValidationError

    from tiefen.kit.settings import Settings

    given = {"data": data, **more}
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        raise BadSetting(f"TIEFEN_{first['loc'][0]}".upper(), first["msg"]) from None


@dataclass(eq=False)
class BadSetting(TiefenError):
    says = "{setting} cannot be so: {why}"

    setting: str
    why: str


@contextmanager
def opened(data: Path | None, corp: str | None = None) -> Iterator[Ledger]:
    """The ledger of the data folder. A named corp must exist, except `main`, which always does."""
    from tiefen.ledger.ledger import Ledger

    with Ledger.open(settings_with(data)) as ledger:
        ledger.ensure_corp("main")
        if corp is not None:
            ledger.corp(corp)
        yield ledger


def print_json(value: Any) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2).decode() + "\n")


def print_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """CSV for a spreadsheet: a cell that would be a formula gets an apostrophe."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return "'" + value
    return value


def print_table(title: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    """A table in the terminal; `columns` is key → heading. Numbers stand to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="cyan")
    for key, heading in columns.items():
        numbers = any(isinstance(row.get(key), int | float) for row in rows)
        table.add_column(heading, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(_shown(row.get(key))) for key in columns))
    out.print(table)


def _shown(value: Any) -> str:
    match value:
        case None:
            return "—"
        case bool():
            return "✓" if value else ""
        case float():
            return f"{value:,.2f}"
        case int():
            return f"{value:,}"
        case _:
            return str(value)


def fail(sentence: str, status: int = 1) -> NoReturn:
    """Say why not, on standard error, and end."""
    err.print(f"[red]✗[/red] {escape(sentence)}", highlight=False, soft_wrap=True)
    raise SystemExit(status)
