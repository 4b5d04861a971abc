"""A system that sends events, and files that are kept: what the tests of intake share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.conftest import CORP
from tiefen.intake.files import importer
from tiefen.intake.track import routes
from tiefen.ledger.facts import BY_KIND
from tiefen.ledger.keys import add_write_key
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import FactRow, facts_page
from tiefen.ledger.schema import handles, people, rejects

Json = dict[str, Any]


class Shop:
    """A system that sends events with a key of its own."""

    def __init__(self, ledger: Ledger, corp: str = CORP, *, strict: bool = False) -> None:
        self.ledger, self.corp = ledger, corp
        self.key = add_write_key(ledger, corp, "shop", strict=strict)
        self.client = TestClient(Starlette(routes=routes(ledger)), raise_server_exceptions=True)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(
            f"/v1/{path}", content=content, headers={"Content-Type": "application/json", **headers}, auth=(self.key, "")
        )

    def kept(self, *kinds: str) -> list[FactRow]:
        page = facts_page(self.ledger, self.corp, kinds=kinds or tuple(BY_KIND), limit=1_000)
        return sorted(page.rows, key=lambda row: row.seq)

    def refused(self) -> list[tuple[str, Json]]:
        asked = sa.select(rejects.c.code, rejects.c.raw).where(rejects.c.corp_id == self.corp)
        with self.ledger.read() as connection:
            return [(code, json.loads(raw)) for code, raw in connection.execute(asked.order_by(rejects.c.reject_id))]

    def person(self, id_type: str, value: str) -> int:
        asked = sa.select(handles.c.person_id).where(
            handles.c.corp_id == self.corp, handles.c.id_type == id_type, handles.c.id_value == value
        )
        with self.ledger.read() as connection:
            return int(connection.execute(asked).scalar_one())

    def profile(self, person: int) -> tuple[str | None, Json]:
        with self.ledger.read() as connection:
            row = connection.execute(sa.select(people).where(people.c.person_id == person)).one()
        return row.name, json.loads(row.attributes)


def track(event: str = "Seen", user: str = "黛玉", **more: Any) -> Json:
    return {"type": "track", "userId": user, "event": event, **more}


# ---- files ------------------------------------------------------------------------------------------


def keep(ledger: Ledger, path: Path, content: bytes | str, **given: Any) -> importer.ImportResult:
    """Write a file and import it to its end."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return importer.run(ledger, importer.create(ledger, CORP, path, **given))


def facts_of(ledger: Ledger, *kinds: str) -> list[FactRow]:
    """Every fact that came from files, in the order it was kept."""
    page = facts_page(ledger, CORP, kinds=kinds or tuple(BY_KIND), limit=1_000)
    return sorted((row for row in page.rows if row.origin.startswith("import:")), key=lambda row: row.seq)


def refused_rows(ledger: Ledger) -> list[tuple[int, str, Json]]:
    """(row number, code, the row) of what is rejected and still open."""
    asked = sa.select(rejects.c.position, rejects.c.code, rejects.c.raw).where(rejects.c.state == "open")
    with ledger.read() as connection:
        return [(at, code, json.loads(raw)) for at, code, raw in connection.execute(asked.order_by(rejects.c.position))]
