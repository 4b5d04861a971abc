"""`tiefen talk`: what was learned of how people talk, carried from one company or installation to another."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tiefen.cli.common import CorpOption, DataOption, err, fail, opened

if TYPE_CHECKING:
    from tiefen.ledger.ledger import Ledger


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="What was learned of talk: to a file, from a file.", no_args_is_help=True)
    group.command("export")(export)
    group.command("begin-with")(begin_with)
    group.command("begin-anew")(begin_anew)
    app.add_typer(group, name="talk")


def export(
    file: Annotated[Path, typer.Argument(help="Where to.", dir_okay=False)], data: DataOption = None, corp: CorpOption = "main"
) -> None:  # fmt: skip
    """Write what the newest reading learned from this company's marks. It is numbers: nothing anybody said is in it."""
    from tiefen.insight.models.talk.model import learned_at

    with opened(data, corp) as ledger:
        path = _path(ledger, corp)
    if not path.exists():
        fail("Nothing is learned yet: mark messages on the page of talk, 50 and more of a kind, and read.")
    shutil.copyfile(path, file)
    err.print(f"What {learned_at(path).marks:,} marks taught is in {file}.", highlight=False, markup=False)


def begin_with(
    file: Annotated[Path, typer.Argument(help="Made by `tiefen talk export`.", exists=True, dir_okay=False)],
    data: DataOption = None,
    corp: CorpOption = "main",
) -> None:
    """Let this company begin with what another learned: counts from the next reading on, beside its own marks."""
    from tiefen.insight.models.talk.model import TalkModel, before_path

    try:
        model = TalkModel.load(file)
    except ValueError as error:
        fail(str(error))
    if model is None:
        fail(f"{file.name} was written by a version that learned otherwise.")
    with opened(data, corp) as ledger:
        model.save(before_path(_path(ledger, corp)))
    kinds = ", ".join(model.classes)
    err.print(
        f"Begins with {model.marks:,} marks elsewhere, of {kinds}. `tiefen read` makes use of it.",
        highlight=False,
        markup=False,
    )


def begin_anew(data: DataOption = None, corp: CorpOption = "main") -> None:
    """Forget what was learned elsewhere; the next reading learns from this company's marks alone."""
    from tiefen.insight.models.talk.model import before_path

    with opened(data, corp) as ledger:
        before_path(_path(ledger, corp)).unlink(missing_ok=True)
    err.print("Forgotten; what the marks here taught stays.")


def _path(ledger: Ledger, corp_id: str) -> Path:
    from tiefen.insight.models.talk.model import model_path

    return model_path(ledger.settings.data, corp_id)
