"""`tiefen up`: the server, with a demo brand on an empty data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tiefen.cli.common import err, fail, settings_with

if TYPE_CHECKING:
    from tiefen.ledger.ledger import Ledger


def add_to(app: typer.Typer) -> None:
    app.command("up")(up)


def up(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port; TIEFEN_PORT or 8000 otherwise. 0 takes a free one.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The data folder; TIEFEN_DATA or ./data otherwise.")] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Start without the demo brand.")] = False,
) -> None:
    """Start Tiefen and print where it is."""
    # Imported here, because the rest of the command line need not wait for the server's libraries.
    from tiefen import main
    from tiefen.web.auth import anybody, make_login_link

    main.quiet_logs()
    settings = settings_with(data, port=port, host=host)
    try:
        at = main.listen(settings)
    except main.PortTaken as error:
        fail(str(error))
    address = f"http://{_reached_at(settings.host)}:{at.getsockname()[1]}"
    with main.house(settings) as home:
        demo = not empty and _wants_demo(home.ledger)

        def started() -> None:
            if demo:
                from tiefen.cli.demo import fill_demo

                fill_demo(home, address)
            shows_demo = not empty and any(corp.demo for corp in home.ledger.corps())
            err.print(f"[bold green]Tiefen[/bold green] is at [bold]{address}[/bold]", highlight=False)
            if shows_demo and not anybody(home.ledger):
                link = make_login_link(home.ledger, "demo", address)
                err.print(f"  Look around without an account (works once): {link}", highlight=False, soft_wrap=True)
            if demo:
                err.print("  Ctrl-C stops it; nothing is lost.\n")

        main.serve(home, at, started=started)


def _wants_demo(ledger: Ledger) -> bool:
    """True on a folder that holds nothing yet, or a demo that was cut short."""
    demos = [corp for corp in ledger.corps() if corp.demo]
    if demos:
        return not demos[0].settings.get("demo_complete", False)
    return ledger.facts() == 0 and not ledger.corp("main").settings.get("demo_removed", False)


def _reached_at(host: str) -> str:
    """What to type into a browser for a server that listens on this address."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    reached = everywhere.get(host, host)
    return f"[{reached}]" if ":" in reached else reached
