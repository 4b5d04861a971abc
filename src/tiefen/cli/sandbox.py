"""`tiefen sandbox`: a WeCom of one's own, to run anything against that speaks with WeCom."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiefen.cli.common import JsonOption, err, fail, out, print_json, settings_with
from tiefen.cli.progress import progress

if TYPE_CHECKING:
    from tiefen.sandbox import CorpKeys, Sandbox
    from tiefen.sandbox.outbox import Verified

_COMPANY = "青禾茶事"
_STAFF = ("daiyu:林黛玉", "baochai:薛宝钗", "xiren:花袭人")
_PORT = 8100
_ASK_AGAIN = 2.0

FolderOption = Annotated[
    Path | None,
    typer.Option("--data", help="The sandbox's folder; `sandbox` in the data folder otherwise.", show_default=False),
]
SeedOption = Annotated[int, typer.Option("--seed", help="What decides chance and names in a new sandbox.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(name="sandbox", help="A WeCom of one's own (企业微信沙盒).", no_args_is_help=True)
    group.command("up")(up)
    group.command("populate")(populate)
    group.command("answers")(answers)
    app.add_typer(group)


def folder_of(data: Path | None) -> Path:
    """Where the sandbox lives: the folder given, or its place in the data folder."""
    return data or settings_with(None).data / "sandbox"


@contextmanager
def opened(data: Path | None, *, seed: int, speed: float | None, strict: bool = True) -> Iterator[Sandbox]:
    """The sandbox of a folder, with a company in it if it was empty."""
    from tiefen.sandbox import Sandbox

    with Sandbox.open(folder_of(data), seed=seed, speed=speed, strict=strict) as box:
        if not box.corps():
            box.add_corp(_COMPANY, staff=_STAFF)
        yield box


def up(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = _PORT,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    data: FolderOption = None,
    seed: SeedOption = 7,
    speed: Annotated[float, typer.Option(min=0.001, help="How much faster than real time its clock runs.")] = 1.0,
    stepped: Annotated[bool, typer.Option("--stepped", help="Its clock stands still until it is stepped.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict/--lenient", help="Whether it refuses what WeCom's pages do not allow.")
    ] = True,
    callback: Annotated[str | None, typer.Option(help="Where it sends its callbacks.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Serve a WeCom until Ctrl-C: prints what a client needs to connect."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    with opened(data, seed=seed, speed=None if stepped else speed, strict=strict) as box:
        _let_live(box)
        keys = box.corps()[0]
        try:
            with box.serve(port, host) as base_url:
                verified = None if callback is None else box.set_callback(keys.corpid, callback)
                _say(box, keys, base_url, verified, as_json)
                if callback is not None and verified is not None and not verified.ok:
                    _ask_until_verified(box, keys.corpid, callback, over)
                over.wait()
        except OSError as error:
            fail(f"Port {port} on {host} cannot be used: {error.strerror}")


def populate(
    data: FolderOption = None,
    groups: Annotated[int, typer.Option(min=4, help="How many groups.")] = 40,
    people: Annotated[int, typer.Option(min=50, help="How many people arrive in that time.")] = 8_000,
    days: Annotated[int, typer.Option(min=2, help="How many days of history, up to now.")] = 365,
    staff: Annotated[int, typer.Option(min=1, help="How many work there.")] = 6,
    seed: SeedOption = 7,
    as_json: JsonOption = False,
) -> None:
    """Let people live in a sandbox: a history up to now, and life from then on. Cut short, it goes on from there."""
    from tiefen.kit.errors import TiefenError
    from tiefen.sandbox.population import answers as key_of
    from tiefen.sandbox.population import populate as let_live

    with opened(data, seed=seed, speed=None) as box, progress(err) as say:
        try:
            plan = let_live(
                box, groups=groups, people=people, days=days, staff=staff, seed=seed,
                progress=lambda lived, of: say("A history is lived", lived / of),
            )  # fmt: skip
        except TiefenError as error:
            fail(str(error))
        key = key_of(box, people=False)
    figures = {
        "corpid": plan.corpid, "begins_on": key["begins_on"], "as_of": key["as_of"], "groups": len(key["groups"]),
        "contacts": sum(source["contacts"] for source in key["sources"]),
    }  # fmt: skip
    if as_json:
        print_json(figures)
    else:
        err.print(
            "People live there now. `tiefen sandbox up` serves them; `tiefen sandbox answers` tells what is true."
        )


def answers(
    data: FolderOption = None,
    people: Annotated[bool, typer.Option("--people/--no-people", help="Whether every person is told of.")] = True,
    as_json: JsonOption = False,
) -> None:
    """The answer key of a population: what is true of it. Made for tests; Tiefen never reads it."""
    from tiefen.kit.errors import TiefenError
    from tiefen.sandbox.population import answers as key_of

    if not (folder_of(data) / "sandbox.db").exists():
        fail(f"There is no sandbox in {folder_of(data)}")
    with opened(data, seed=7, speed=None) as box:
        try:
            key = key_of(box, people=people)
        except TiefenError as error:
            fail(str(error))
    if as_json:
        print_json(key)
        return
    for group in key["groups"]:
        silent = f", silent from {group['silent_from']}" if group["silent_from"] else ""
        out.print(f"{group['name']}  {group['kind']}  {group['stage']}{silent}")
    for source in key["sources"]:
        out.print(
            f"{source['name']}  {source['contacts']} contacts at {source['cost_fen'] / 100:.2f}, quality {source['quality']}"
        )
    ring, adverts = len(key["fraud_ring"]), len(key["advertisers"])
    out.print(f"{ring} in the fraud ring, {adverts} advertisers, launches on {', '.join(key['launches'])}")


def _let_live(box: Sandbox) -> None:
    """Those who live in it, if anybody does."""
    from tiefen.sandbox.population import live
    from tiefen.sandbox.population.errors import NotPopulated

    try:
        live(box)
    except NotPopulated:
        return


def _say(box: Sandbox, keys: CorpKeys, base_url: str, verified: Verified | None, as_json: bool) -> None:
    known: dict[str, Any] = {
        "base_url": base_url, "corpid": keys.corpid, "agentid": keys.agentid, "secret": keys.secret,
        "archive_secret": keys.archive_secret, "sync_secret": box.sync_secret(keys.corpid), "token": keys.token,
        "encoding_aes_key": keys.aes_key, "page": f"{base_url}/_sandbox", "seed": box.seed,
    }  # fmt: skip
    if as_json:
        callback = None if verified is None else {"ok": verified.ok, "why": verified.why}
        print_json({**known, "callback": callback})
        sys.stdout.flush()
        return
    err.print(f"[bold green]WeCom sandbox[/bold green] is at [bold]{base_url}[/bold]", highlight=False)
    for name, value in known.items():
        err.print(f"  {name:<17}{value}", highlight=False, soft_wrap=True)
    if verified is not None and not verified.ok:
        err.print(f"  [yellow]The callback address has not proved itself yet:[/yellow] {verified.why}", highlight=False)
    err.print("  Ctrl-C stops it; nothing is lost.\n")


def _ask_until_verified(box: Sandbox, corpid: str, url: str, over: threading.Event) -> None:
    """Try the address again until it proves itself: its server may begin later than the sandbox."""
    while not over.wait(_ASK_AGAIN):
        if box.set_callback(corpid, url).ok:
            err.print(f"Callbacks go to {url}.", highlight=False)
            return
