"""`tiefen invariants`: what must always be true, looked at now."""

from __future__ import annotations

import typer

from tiefen.cli.common import CorpOption, DataOption, JsonOption, opened, out, print_json


def add_to(app: typer.Typer) -> None:
    app.command("invariants")(invariants)


def invariants(data: DataOption = None, corp: CorpOption = "main", json: JsonOption = False) -> None:
    """Look at everything that must always be true, and keep what was found. Ends with status 1 where something is broken."""
    import msgspec

    from tiefen.outcome.invariants import INVARIANTS
    from tiefen.outcome.invariants.looking import look
    from tiefen.wecom.connections import connections
    from tiefen.wecom.sync import clock_of

    with opened(data, corp) as ledger:
        of = next((one for one in connections(ledger) if one.corp_id == corp), None)
        runs = look(ledger, ledger.settings, corp, clock_of(of)() if of is not None else _now())
    if json:
        print_json([msgspec.to_builtins(run) for run in runs])
    else:
        for one, run in zip(INVARIANTS, runs, strict=True):
            mark = "[green]✓[/green]" if not run.broken and run.trouble is None else "[red]✗[/red]"
            said = (
                run.trouble or f"{run.broken} of {run.looked_at}"
                if run.broken or run.trouble
                else f"{run.looked_at} looked at"
            )
            out.print(f"{mark} {one.en:<52} {said}", highlight=False)
            for row in run.rows[:5]:
                out.print(f"    {row}", highlight=False, markup=False)
    if any(run.broken or run.trouble for run in runs):
        raise typer.Exit(1)


def _now() -> int:
    from tiefen.kit.clock import now_us

    return now_us()
