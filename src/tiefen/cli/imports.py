"""`tiefen import FORMAT FILE…`: files become facts."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from tiefen.cli.common import CorpOption, DataOption, JsonOption, err, fail, opened, print_json

KNOWN = "chat, members, orders, contacts, costs, zulip, slack, discord, telegram, irc"
"""The formats by name, for `--help`."""


def _move(bar: Progress, task: TaskID, done: int, total: int) -> None:
    bar.update(task, completed=done, total=total)


def add_to(app: typer.Typer) -> None:
    app.command("import")(import_files)


def import_files(
    format: Annotated[str, typer.Argument(help=f"What the file holds: {KNOWN}.")],
    files: Annotated[
        list[str], typer.Argument(help="Files or globs: CSV, TSV, Excel, JSONL, Parquet, export archives.")
    ],
    data: DataOption = None,
    corp: CorpOption = "main",
    map: Annotated[
        Path | None,
        typer.Option("--map", help='A JSON file {"columns": {field: column}, "options": {…}}.', exists=True),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; import what was understood.")] = False,
    json: JsonOption = False,
) -> None:
    """Import files: shows what was understood, asks, then keeps it. The same file twice changes nothing."""
    from tiefen.intake.files import importer
    from tiefen.intake.files.formats import FORMATS

    if format not in {f.key for f in FORMATS}:
        fail(f"There is no format called {format}. Known: {', '.join(f.key for f in FORMATS)}.", status=2)
    paths = [path for given in files for path in _matching(given)]
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        fail(f"No such file: {', '.join(missing)}")
    mapping = _read_mapping(map) if map else None
    accepted = duplicates = rejected = 0
    with opened(data, corp) as ledger:
        for path in paths:
            preview = importer.inspect(path, format=format, mapping=mapping)
            if not json:
                _show(path, preview)
            if not yes and not typer.confirm("Import it like this?", default=True, err=True):
                continue
            import_id = importer.create(ledger, corp, path, format, mapping)
            with Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                console=err, transient=True, disable=json,
            ) as bar:  # fmt: skip
                task = bar.add_task(escape(path.name), total=path.stat().st_size)
                result = importer.run(ledger, import_id, progress=partial(_move, bar, task))
            accepted += result.accepted
            duplicates += result.duplicates
            rejected += result.rejected
        ledger.flush()
    if json:
        print_json({"accepted": accepted, "duplicates": duplicates, "rejected": rejected})
    else:
        err.print(
            f"[bold]{accepted:,}[/bold] accepted, {duplicates:,} already known, {rejected:,} rejected", highlight=False
        )
        if rejected:
            err.print("The rejected rows are kept; the console shows why and lets you repair them.")


def _matching(given: str) -> list[Path]:
    """The files that a glob means, or the one file of that name."""
    path = Path(given)
    if path.exists() or not set(given) & set("*?["):
        return [path]
    anchor = Path(path.anchor or ".")
    found = sorted(anchor.glob(str(path.relative_to(path.anchor) if path.anchor else path)))
    if not found:
        fail(f"No file matches {given}")
    return found


class _Mapping(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a file given with `--map` may say."""

    columns: dict[str, str | None] | None = None
    options: dict[str, str | int | bool | None] | None = None
    encoding: str | None = None
    delimiter: str | None = None


def _read_mapping(path: Path) -> dict[str, Any]:
    try:
        mapping: dict[str, Any] = msgspec.to_builtins(msgspec.json.decode(path.read_bytes(), type=_Mapping))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        fail(f"{path} is no mapping: {error}")
    return mapping


def _show(path: Path, preview: Any) -> None:
    err.print(f"\n{path.name}: {preview.format}", style="bold", highlight=False, markup=False)
    for key, column in preview.mapping.items():
        err.print(f"  {key:<16} ← {column}", highlight=False, markup=False)
    err.print(f"  of {preview.sampled:,} rows looked at, {preview.will_reject:,} would be rejected", highlight=False)
