"""Companies: whose data it is, and what they decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Row

from tiefen.kit.clock import now_us
from tiefen.ledger import dialect
from tiefen.ledger.errors import CorpNotFound
from tiefen.ledger.schema import corps

FIRST, FIRST_NAMES = "main", {"zh": "我的品牌", "en": "My brand"}
"""The company that every folder has, and what it is called until somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class Corp:
    """A company. `settings` is a JSON object: the console's language, goals, what was dismissed."""

    corp_id: str
    name: str
    time_zone: str
    currency: str
    settings: dict[str, Any]
    demo: bool
    created_us: int


def get(connection: Connection, corp_id: str) -> Corp:
    row = connection.execute(sa.select(corps).where(corps.c.corp_id == corp_id)).one_or_none()
    if row is None:
        raise CorpNotFound(corp_id)
    return _corp(row)


def all_of(connection: Connection) -> list[Corp]:
    return [_corp(row) for row in connection.execute(sa.select(corps).order_by(corps.c.created_us, corps.c.corp_id))]


def ensure(connection: Connection, corp_id: str, name: str, time_zone: str, currency: str, demo: bool) -> Corp:
    """The corp, made now if it is not there; one that is there stays as it is."""
    made = dialect.insert(connection, corps).values(
        corp_id=corp_id, name=name, time_zone=time_zone, currency=currency, settings="{}", demo=demo,
        created_us=now_us(),
    )  # fmt: skip
    connection.execute(made.on_conflict_do_nothing())
    return get(connection, corp_id)


def update(connection: Connection, corp_id: str, changed: dict[str, Any]) -> Corp:
    """Change settings; `name`, `time_zone` and `currency` are columns, everything else goes into `settings`."""
    before = get(connection, corp_id)
    columns = {key: changed[key] for key in ("name", "time_zone", "currency") if key in changed}
    more = before.settings | {key: value for key, value in changed.items() if key not in columns}
    connection.execute(
        sa.update(corps)
        .where(corps.c.corp_id == corp_id)
        .values(**columns, settings=msgspec.json.encode(more).decode())
    )
    return get(connection, corp_id)


def _corp(row: Row[Any]) -> Corp:
    return Corp(
        row.corp_id, row.name, row.time_zone, row.currency, msgspec.json.decode(row.settings), row.demo, row.created_us
    )
