"""`tiefen backup` and `tiefen restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tiefen.cli.common import DataOption, JsonOption, err, opened, print_json, settings_with


def add_to(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    path: Annotated[Path, typer.Argument(help="The file to write, e.g. tiefen-2026-11-26.tar.gz.")],
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Write everything into one file, consistent, while the server may go on."""
    from tiefen.ledger import backup as backups

    with opened(data) as ledger:
        written = backups.backup(ledger, path)
    if json:
        print_json({"path": str(path), **written})
    else:
        err.print(f"Written: {path} ({path.stat().st_size / 1e6:,.1f} MB, {written['facts']:,} facts)", highlight=False)


def restore(
    path: Annotated[Path, typer.Argument(help="A file that `tiefen backup` wrote.", exists=True, dir_okay=False)],
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Bring a backup back, into an empty data folder."""
    from tiefen.ledger import backup as backups

    restored = backups.restore(path, settings_with(data))
    if json:
        print_json(restored)
    else:
        err.print(f"Restored: {restored['facts']:,} facts", highlight=False)
