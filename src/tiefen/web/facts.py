"""The facts behind a number, and facts in general."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from tiefen.insight.catalogue import BY_KEY, Metric
from tiefen.insight.metric import EVER, Per
from tiefen.insight.window import Window
from tiefen.kit.clock import day_of, from_us, now_us, start_of
from tiefen.ledger.facts import BY_KIND
from tiefen.ledger.paging import count_facts, facts_page
from tiefen.web.answers import answer, exact
from tiefen.web.context import Asked, SignedIn
from tiefen.web.errors import BadCursor, UnknownKey
from tiefen.web.inputs import After, DayQuery, IdQuery, Limit, TextQuery
from tiefen.web.names import Names

router = APIRouter(tags=["facts"])


def _metric(key: str | None, group: int | None, person: int | None, source: int | None) -> Metric | None:
    if key is None:
        return None
    per: Per = "person" if person is not None else "source" if source is not None else "group"
    if (per, key) not in BY_KEY:
        raise UnknownKey("metric", key[:60])
    return BY_KEY[per, key]


def _between(asked: Asked, metric: Metric | None, first: Any, last: Any) -> tuple[int | None, int | None]:
    """The instants that a number looks at, unless days were given."""
    zone = asked.ledger.corp(asked.corp_id).time_zone
    if first is not None or last is not None:
        return (
            None if first is None else start_of(first, zone),
            None if last is None else start_of(last + timedelta(days=1), zone),
        )
    if metric is None:
        return None, None
    reading = asked.reading
    window = reading.window if reading else Window.ending(day_of(now_us(), zone))
    start = window.start if metric.looks_back is None else window.last(max(1, metric.looks_back)).start
    return (None if metric.looks_back == EVER else start_of(start, zone)), start_of(window.after(), zone)


@router.get("/api/facts")
def facts(
    asked: SignedIn, metric: TextQuery = None, kind: TextQuery = None, group: IdQuery = None, person: IdQuery = None,
    source: IdQuery = None, first: DayQuery = None, last: DayQuery = None, after: After = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """Facts, newest first: those a metric of a group, person or source is made of, or those of a kind."""
    if kind is not None and kind not in BY_KIND:
        raise UnknownKey("kind", kind[:60])
    behind = _metric(metric, group, person, source)
    kinds = (kind,) if kind else behind.kinds if behind else tuple(BY_KIND)
    from_us_, to_us_ = _between(asked, behind, first, last)
    about: dict[str, Any] = {
        "group": group, "person": person, "source": source, "from_us": from_us_, "to_us": to_us_,
        "bots": behind is None,  # no number counts what bots say
    }  # fmt: skip
    try:
        page = facts_page(asked.ledger, asked.corp_id, kinds=kinds, after=after, limit=limit, **about)
    except ValueError:
        raise BadCursor from None
    total = count_facts(asked.ledger, asked.corp_id, kinds=kinds, **about) if after is None else None
    with asked.ledger.read() as connection:
        names = Names(connection, page.rows)
    items = [
        {
            "seq": row.seq, "kind": row.kind, "happened_at": from_us(row.happened_us), "source_id": row.source_id,
            "origin": row.origin, "body": exact(row.body), "names": names.of(row),
        }
        for row in page.rows
    ]  # fmt: skip
    definition = None
    if behind is not None:
        definition = {
            "zh": behind.definition_zh, "en": behind.definition_en, "formula": behind.formula, "source": behind.source,
            "from": None if from_us_ is None else from_us(from_us_), "to": None if to_us_ is None else from_us(to_us_),
        }  # fmt: skip
    return answer({"items": items, "next": page.next, "total": total, "definition": definition})
