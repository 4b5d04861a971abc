"""What to call groups, sources, people, campaigns, segments and lists in a sentence."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.ledger.schema import groups, people, sources
from tiefen.ledger.schema.segments import audiences, segments
from tiefen.ledger.schema.touches import campaigns

_BY_NUMBER: dict[str, tuple[sa.Column[Any], sa.Column[Any]]] = {
    "group": (groups.c.group_id, groups.c.name),
    "source": (sources.c.source_id, sources.c.name),
    "person": (people.c.person_id, people.c.name),
}
_BY_ID: dict[str, tuple[sa.Column[Any], sa.Column[Any]]] = {
    "campaign": (campaigns.c.campaign_id, campaigns.c.name),
    "segment": (segments.c.segment_id, segments.c.name),
    "audience": (audiences.c.audience_id, audiences.c.name),
}


class Called:
    """Names looked up as they are needed, each once. What has no name is called by its number or id."""

    def __init__(self, connection: Connection, corp_id: str) -> None:
        self._connection, self._corp_id = connection, corp_id
        self._known: dict[tuple[str, str | int], str] = {}

    def __call__(self, what: str, key: str | int) -> str:
        if (what, key) not in self._known:
            self._known[what, key] = self._name(what, key)
        return self._known[what, key]

    def _name(self, what: str, key: str | int) -> str:
        columns = _BY_NUMBER.get(what) or _BY_ID.get(what)
        if columns is None:
            return str(key)
        number, name = columns
        asked = sa.select(name).where(number == key, number.table.c.corp_id == self._corp_id)
        return self._connection.execute(asked).scalar() or (f"#{key}" if what in _BY_NUMBER else str(key))
