"""What goes wrong at present, for whoever looks after the connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from tiefen.kit.errors import TiefenError
from tiefen.kit.text import to_json
from tiefen.ledger import dialect
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_troubles


@dataclass(frozen=True, slots=True)
class Trouble:
    """What failed (`what` is pulls, everything, archive, archive_gap, channel, …), why, how often in a row, and when it is
    tried again."""

    what: str
    code: str
    sentence: str
    facts: dict[str, Any]
    times: int
    first_us: int
    last_us: int
    again_us: int | None


def note(ledger: Ledger, corp_id: str, what: str, error: Exception, at_us: int, again_us: int | None = None) -> int:
    """Keep a failure; returns how many there were in a row."""
    code = error.code if isinstance(error, TiefenError) else type(error).__name__
    told = {
        "code": code, "sentence": str(error)[:500], "last_us": at_us, "again_us": again_us,
        "facts": to_json({k: v for k, v in vars(error).items() if isinstance(v, str | int | float)}),
    }  # fmt: skip
    first = {"corp_id": corp_id, "what": what, "times": 1, "first_us": at_us}
    with ledger.write() as connection:
        upsert = dialect.insert(connection, wecom_troubles).values(first | told)
        connection.execute(
            upsert.on_conflict_do_update(
                index_elements=["corp_id", "what"], set_=told | {"times": wecom_troubles.c.times + 1}
            )
        )
        times = sa.select(wecom_troubles.c.times).where(
            wecom_troubles.c.corp_id == corp_id, wecom_troubles.c.what == what
        )
        return int(connection.execute(times).scalar_one())


def clear(ledger: Ledger, corp_id: str, what: str) -> None:
    """It goes well again."""
    mine = wecom_troubles.c.corp_id == corp_id, wecom_troubles.c.what == what
    with ledger.read() as connection:
        if connection.execute(sa.select(wecom_troubles.c.times).where(*mine)).first() is None:
            return
    with ledger.write() as connection:
        connection.execute(sa.delete(wecom_troubles).where(*mine))


def troubles(ledger: Ledger, corp_id: str) -> list[Trouble]:
    """Everything that goes wrong at present, latest first."""
    asked = sa.select(wecom_troubles).where(wecom_troubles.c.corp_id == corp_id)
    with ledger.read() as connection:
        found = connection.execute(asked.order_by(wecom_troubles.c.last_us.desc())).all()
    return [
        Trouble(
            row.what, row.code, row.sentence, msgspec.json.decode(row.facts), row.times, row.first_us, row.last_us,
            row.again_us,
        )
        for row in found
    ]  # fmt: skip
