"""What the pages of cohorts, funnels and paths share: acts in addresses, and asking."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from tiefen.insight.questions.acts import WHATS, Act, narrowed_by, read, said_of, written
from tiefen.insight.questions.asking import Asking
from tiefen.insight.readings import Reading
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.errors import UnknownKey
from tiefen.web.names import group_names, source_names
from tiefen.web.overview import told

router = APIRouter(tags=["questions"])


def _asking(request: Request) -> Asking:
    asking: Asking = request.app.state.asking
    return asking


AsksLive = Annotated[Asking, Depends(_asking)]


def made(reading: Reading | None, table: str) -> bool:
    """Whether a reading has a table: one made before an upgrade may not."""
    return reading is not None and (reading.folder / f"{table}.parquet").exists()


def act_of(text: str) -> Act:
    try:
        return read(text)
    except ValueError:
        raise UnknownKey("act", text[:60]) from None


def acts_told(asked: Asked, acts: tuple[Act, ...]) -> list[dict[str, Any]]:
    """What acts are called, in both languages."""
    with asked.ledger.read() as connection:
        sources = source_names(connection, [act.source for act in acts if act.source is not None])
        groups = group_names(connection, [act.group for act in acts if act.group is not None])
    told_acts = []
    for act in acts:
        zh, en = said_of(act.what)
        more = [act.name] if act.name is not None else []
        more += [sources.get(act.source, f"#{act.source}")] if act.source is not None else []
        more += [groups.get(act.group, f"#{act.group}")] if act.group is not None else []
        only = f"（{'，'.join(more)}）" if more else ""
        told_acts.append({"act": written(act), "zh": zh + only, "en": en + (f" ({', '.join(more)})" if more else "")})
    return told_acts


@router.get("/api/acts")
def list_acts(request: Request, asked: SignedIn) -> Response:
    """What people can do, and by what it can be narrowed: for whoever puts a question together."""
    reading = asked.reading
    names: dict[str, list[dict[str, Any]]] = {}
    if reading is not None and made(reading, "act_names"):
        rows = reading.sql("SELECT what, name, people FROM act_names ORDER BY what, people DESC, name").to_pylist()
        for row in rows:
            names.setdefault(row["what"], []).append({"name": row["name"], "people": row["people"]})
    items = []
    for what in WHATS:
        zh, en = said_of(what)
        items.append({"what": what, "zh": zh, "en": en, "narrowed_by": narrowed_by(what), "names": names.get(what, [])})
    return answer({"items": items, "reading": told(asked, reading)}, request)
