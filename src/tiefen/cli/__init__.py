"""The command line. One file a group of commands; `--json` prints one document to standard output and nothing else there.

Commands import what they work with when they run, so that `--help` and the quick ones need not wait for the rest.
"""

from __future__ import annotations

import sys

import typer

from tiefen.cli import (
    backup,
    doctor,
    facts,
    imports,
    invariants,
    persons,
    readings,
    report,
    sandbox,
    sources,
    talk,
    up,
    wecom,
)
from tiefen.cli.common import fail
from tiefen.kit.errors import TiefenError

app = typer.Typer(
    name="tiefen",
    help="Tiefen (铁粉): an operating system for a brand's own communities.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def begin() -> None:
    """Whatever is noticed on the way is told on standard error."""
    from tiefen.kit.logs import tell_on_stderr

    tell_on_stderr()


for group in (up, imports, sources, facts, readings, report, persons, backup, doctor, invariants, talk, sandbox, wecom):
    group.add_to(app)


def main() -> None:
    """The `tiefen` command: what it refuses goes to standard error with exit status 1, wrong usage with 2."""
    try:
        app()
    except TiefenError as error:
        fail(str(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        fail(f"{error.strerror or error}: {error.filename}" if error.filename else str(error))


__all__ = ["app", "main"]
