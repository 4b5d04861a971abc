"""`tiefen up`: the server, with a demo brand on an empty data folder."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tiefen.cli.common import err, fail, settings_with

if TYPE_CHECKING:
    from tiefen.cli.demo import Demo
    from tiefen.main import House


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
    from tiefen.kit.logs import tell_on_stderr
    from tiefen.web.auth import anybody, make_login_link

    tell_on_stderr(logging.INFO)
    settings = settings_with(data, port=port, host=host)
    try:
        at = main.listen(settings)
    except main.PortTaken as error:
        fail(str(error))
    address = f"http://{_reached_at(settings.host)}:{at.getsockname()[1]}"
    with main.house(settings) as home, ExitStack() as open_things:
        demo = _demo(home, address, at.getsockname()[1], open_things) if not empty else None

        def started() -> None:
            if demo:
                demo.start()
            err.print(f"[bold green]Tiefen[/bold green] is at [bold]{address}[/bold]", highlight=False)
            if demo and not anybody(home.ledger):
                link = make_login_link(home.ledger, "demo", address)
                err.print(f"  Look around without an account (works once): {link}", highlight=False, soft_wrap=True)
            if demo and demo.alive:
                err.print(f"  The demo's people live in the sandbox: {demo.sandbox}/_sandbox", highlight=False)
            if demo:
                err.print("  Ctrl-C stops it; nothing is lost.\n")

        main.serve(home, at, started=started)


def _demo(home: House, address: str, port: int, open_things: ExitStack) -> Demo | None:
    """The demo, on a folder that holds it or nothing at all."""
    from tiefen.cli.demo import Demo, wants_demo

    if not wants_demo(home.ledger):
        return None
    demo = Demo(home, address, port + 1)
    open_things.callback(demo.close)
    return demo


def _reached_at(host: str) -> str:
    """What to type into a browser for a server that listens on this address."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    reached = everywhere.get(host, host)
    return f"[{reached}]" if ":" in reached else reached
