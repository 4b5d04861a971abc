"""How a connection to WeCom is doing: callbacks, quota, errors, the sync, and how much is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tiefen.kit.clock import SECOND_US, from_us, now_us
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_pulls
from tiefen.wecom.callbacks import Health
from tiefen.wecom.callbacks import health as callback_health
from tiefen.wecom.client.lanes import Usage
from tiefen.wecom.connections import Connection, api
from tiefen.wecom.mirror.pulls import Pull, wish
from tiefen.wecom.sync import Summary, forecast, progress, troubles

_KNOWN = ("staff", "contacts", "groups", "members", "tags", "contact ways", "join ways", "links")
"""What a reading counts that somebody who looks at the page asks for."""


def callbacks(ledger: Ledger, corp_id: str, keys_us: int) -> dict[str, Any]:
    """What came today, what waits, what was refused; whether the address was proved since the keys are what they are."""
    of = callback_health(ledger, corp_id)
    proved = max((at for at in (of.verified_us, of.last_us) if at is not None and at >= keys_us), default=None)
    return {
        "verified_at": _at(proved),
        "last_at": _at(of.last_us),
        "lag_seconds": of.late.part / of.late.whole / SECOND_US if of.late.whole else None,
        "waiting": of.waiting,
        "waiting_since": _at(of.waiting_since_us),
        "failed": of.failed,
        "unknown": of.unknown,
        "again": of.again,
        "events": _ranked(of.events),
        "refused": _ranked(of.refused),
        "welcomes": _ranked(of.welcomes),
        "failures": _failures(of),
    }


def _failures(of: Health) -> list[dict[str, Any]]:
    return [
        {"seq": one.seq, "event": one.event, "change": one.change, "at": from_us(one.received_us), "state": one.state,
         "reason": one.reason}
        for one in of.failures
    ]  # fmt: skip


def _ranked(times: Mapping[str, int]) -> list[dict[str, Any]]:
    ranked = sorted(times.items(), key=lambda one: (-one[1], one[0]))
    return [{"what": what, "times": n} for what, n in ranked]


def usage(of: Connection) -> list[dict[str, Any]]:
    """How much of each endpoint's budget this process has used, the fullest first."""
    used = sorted(api(of).usage(), key=lambda one: (-_fullness(one), one.endpoint))
    return [
        {
            "endpoint": one.endpoint, "this_minute": one.this_minute, "per_minute": one.per_minute,
            "this_hour": one.this_hour, "per_hour": one.per_hour, "calls": one.calls, "failed": one.failed,
            "blocked_until": _second(one.blocked_until), "last_error": one.last_error,
            "last_error_at": _second(one.last_error_at), "last_hint": one.last_hint,
        }
        for one in used
    ]  # fmt: skip


def _fullness(one: Usage) -> float:
    return max(one.this_minute / max(1, one.per_minute), one.this_hour / max(1, one.per_hour))


def sync(ledger: Ledger, corp_id: str) -> dict[str, Any]:
    """How far a reading of everything is, how the last one ended, how long one takes, and what goes wrong."""
    of = progress(ledger, corp_id)
    known = of.now.read if of.step and of.last is None else of.last.read if of.last else {}
    return {
        "running": bool(of.step),
        "asked": _asked_for(ledger, corp_id),
        "zh": of.zh, "en": of.en, "steps_done": of.steps_done, "steps": of.steps, "fraction": of.fraction,
        "done": of.done, "of": of.of, "seconds_left": of.seconds_left,
        "last": None if of.last is None else _ended(of.last),
        "known": {name: known[name] for name in _KNOWN if name in known},
        "forecast_seconds": _forecast(known),
        "troubles": [
            {"what": one.what, "code": one.code, "says": one.sentence, "facts": one.facts, "times": one.times,
             "since": from_us(one.first_us), "at": from_us(one.last_us), "again_at": _at(one.again_us)}
            for one in troubles(ledger, corp_id)
        ],
    }  # fmt: skip


def _ended(of: Summary) -> dict[str, Any]:
    return {
        "at": from_us(of.ended_us), "seconds": of.seconds, "facts": of.facts, "inferred": of.inferred,
        "skipped": len(of.skipped) + of.more_skipped,
        "skips": [{"step": one.step, "of": one.of, "code": one.code, "says": one.sentence} for one in of.skipped[:20]],
    }  # fmt: skip


def _forecast(known: Mapping[str, int]) -> float | None:
    """Seconds; None where nobody knows yet how much there is."""
    if not known.get("staff"):
        return None
    foreseen = forecast(
        known.get("contacts", 0), known.get("groups", 0), known["staff"], ways=known.get("contact ways", 0),
        links=known.get("links", 0),
    )  # fmt: skip
    return foreseen.seconds


def _asked_for(ledger: Ledger, corp_id: str) -> bool:
    asked = sa.select(wecom_pulls.c.due_us).where(wecom_pulls.c.corp_id == corp_id, wecom_pulls.c.what == "everything")
    with ledger.read() as rows:
        return rows.execute(asked).first() is not None


def ask_for_sync(ledger: Ledger, corp_id: str) -> None:
    """Have everything read anew at once, whatever time it is there; whoever reads looks for this every few seconds."""
    with ledger.write() as rows:
        wish(rows, corp_id, [Pull("everything", "", 0)], now_us())


def state_of(checks: list[Mapping[str, Any]] | None, reading: Mapping[str, Any]) -> str:
    """One word for a list of companies: `failed` where something is wrong, `ok` where everything was checked or read, or
    `begun`."""
    needed = [one for one in checks or () if one["facts"].get("required", True)]
    if reading["troubles"] or any(one["state"] == "failed" for one in needed):
        return "failed"
    well = needed and all(one["state"] == "ok" for one in needed)
    return "ok" if well or (checks is None and reading["last"] is not None) else "begun"


def _at(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)


def _second(seconds: float | None) -> datetime | None:
    return None if seconds is None else from_us(int(seconds * SECOND_US))
