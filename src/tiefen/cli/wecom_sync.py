"""Reading everything from WeCom by hand: `tiefen wecom sync`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiefen.cli.common import CorpOption, DataOption, JsonOption, err, opened, out, print_json
from tiefen.cli.progress import progress as shown

if TYPE_CHECKING:
    from tiefen.ledger.ledger import Ledger
    from tiefen.wecom.sync import Summary, Sync

FullOption = Annotated[bool, typer.Option("--full", help="Begin anew instead of going on where a reading was cut off.")]
_PATIENCE = 7_200.0
_EVERY = 0.5


def sync(
    corp: CorpOption = "main", full: FullOption = False, data: DataOption = None, json: JsonOption = False
) -> None:
    """Read everything WeCom tells of a company: staff, tags, codes, contacts, groups and who is in them."""
    from tiefen.wecom.connections import api, archive_api, connection
    from tiefen.wecom.sync import Sync, SyncSettings, clock_of

    with opened(data, corp) as ledger:
        of = connection(ledger, corp)
        settings = SyncSettings(patience=_PATIENCE)
        syncing = Sync(ledger, corp, api(of), archive=archive_api(of), settings=settings, clock=clock_of(of))
        with shown(err) as say:
            summary = syncing.read_everything(anew=full, between=_telling(ledger, corp, say))
        said = syncing.archive.pull() if syncing.archive is not None else None
        told = _document(syncing, corp, summary, said)
    if json:
        print_json(told)
    else:
        _print(told)


def _telling(ledger: Ledger, corp: str, say: Callable[[str, float], None]) -> Callable[[], None]:
    from tiefen.wecom.sync import progress

    last = float("-inf")

    def tell() -> None:
        nonlocal last
        if time.monotonic() - last < _EVERY:
            return
        last = time.monotonic()
        of = progress(ledger, corp)
        count = f" {of.done:,}/{of.of:,}" if of.of else ""
        left = f", {of.seconds_left:.0f} s left" if of.seconds_left else ""
        say(f"{of.zh} {of.en}{count}{left}" if err.is_terminal else f"{of.zh} {of.en}", of.fraction)

    return tell


def _document(syncing: Sync, corp: str, summary: Summary, said: int | None) -> dict[str, Any]:
    from tiefen.wecom.sync import forecast

    known = syncing.mirror.sizes()
    expected = forecast(known["contacts"], known["groups"], known["staff"])
    return {
        "corp": corp,
        "read": summary.read,
        "known": known,
        "facts": summary.facts,
        "inferred": summary.inferred,
        "messages": said,
        "seconds": round(summary.seconds, 3),
        "skipped": summary.skipped,
        "more_skipped": summary.more_skipped,
        "forecast": {
            "calls": expected.calls,
            "seconds": round(expected.seconds, 1),
            "parts": [
                {"endpoint": part.endpoint, "calls": part.calls, "seconds": round(part.seconds, 1), "by": part.by}
                for part in expected.parts
            ],
        },
    }


def _print(told: dict[str, Any]) -> None:
    read = ", ".join(f"{count:,} {what}" for what, count in told["read"].items()) or "nothing"
    out.print(f"Read {read} in {told['seconds']:,.1f} s.", highlight=False)
    out.print(f"{told['facts']:,} new facts, {told['inferred']:,} of them told by no callback.", highlight=False)
    if told["messages"] is not None:
        out.print(f"{told['messages']:,} messages from the archive.", highlight=False)
    for one in told["skipped"]:
        out.print(f"Not read: {one.step}, {one.of}: {one.sentence}", highlight=False, markup=False)
    expected = told["forecast"]
    out.print(
        f"At WeCom's own pace: about {expected['seconds'] / 60:,.1f} min for {expected['calls']:,} calls.",
        highlight=False,
    )
