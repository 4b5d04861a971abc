"""Giving somebody what is held about them (个人信息保护法 art. 45; GDPR art. 15)."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from tiefen.kit.clock import from_us, now_us
from tiefen.ledger.errors import PersonNotFound
from tiefen.ledger.schema import groups, handles, people

if TYPE_CHECKING:
    from tiefen.ledger.ledger import Ledger


def export(ledger: Ledger, corp_id: str, person_id: int) -> dict[str, Any]:
    """Everything held about somebody, as plain values: who they are, their ids, groups, facts and words."""
    from tiefen.ledger.paging import facts_page, said_by

    with ledger.read() as connection:
        row = connection.execute(
            sa.select(people).where(people.c.person_id == person_id, people.c.corp_id == corp_id)
        ).first()
        if row is None:
            raise PersonNotFound(person_id)
        ids = connection.execute(
            sa.select(handles.c.id_type, handles.c.id_value).where(
                handles.c.person_id == person_id, handles.c.corp_id == corp_id
            )
        ).all()
    facts: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = facts_page(ledger, corp_id, person=person_id, after=after, limit=1_000)
        facts += [{**asdict(fact), "happened_at": from_us(fact.happened_us).isoformat()} for fact in page.rows]
        after = page.next
        if after is None:
            break
    named = {fact["body"]["group"] for fact in facts if "group" in fact["body"]}
    with ledger.read() as connection:
        known = connection.execute(
            sa.select(groups.c.group_id, groups.c.outer_id, groups.c.name).where(groups.c.group_id.in_(named))
        )
        in_groups = [{"group": number, "id": outer, "name": name} for number, outer, name in known]
    said = [
        {"happened_at": from_us(word.happened_us).isoformat(), "group": word.group, "text": word.text}
        for word in said_by(ledger, corp_id, person_id)
    ]
    return {
        "made_at": from_us(now_us()).isoformat(), "corp": corp_id, "person": person_id, "name": row.name,
        "attributes": msgspec.json.decode(row.attributes), "ids": [{"type": t, "value": v} for t, v in ids],
        "groups": in_groups, "facts": facts, "words": said,
    }  # fmt: skip
