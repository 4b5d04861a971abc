"""Saying what kind groups are of, and how a kind is told."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from tiefen.ledger import dialect
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import GroupKindSaid
from tiefen.ledger.group_kinds import GroupKind, Kind, kinds_of_groups
from tiefen.ledger.schema import groups
from tiefen.web.answers import answer
from tiefen.web.clock import corp_now
from tiefen.web.context import SignedIn
from tiefen.web.errors import NotFound
from tiefen.web.inputs import MOST_ID

router = APIRouter(tags=["groups"])
MOST_AT_ONCE = 500


class KindIn(BaseModel):
    """What kind these groups are of; null goes back to what each name sounds like."""

    groups: Annotated[list[Annotated[int, Field(ge=1, le=MOST_ID)]], Field(min_length=1, max_length=MOST_AT_ONCE)]
    kind: GroupKind | None


@router.post("/api/groups/kind")
def say_kind(asked: SignedIn, given: KindIn) -> Response:
    """Say what kind some groups are of. Segments and playbooks go by it from their next turn on; what is said already is no news."""
    corp_id, some, now = asked.corp_id, sorted(set(given.groups)), corp_now(asked)
    with asked.ledger.together() as together:
        connection = together.connection
        mine = sa.select(groups.c.group_id, groups.c.outer_id).where(
            groups.c.corp_id == corp_id, groups.c.group_id.in_(some)
        )
        outer = dialect.pairs(connection.execute(mine))
        for group in some:
            if group not in outer:
                raise NotFound("group", str(group))
        before = kinds_of_groups(connection, corp_id, some)
        changed = [group for group in some if (before[group].kind if before[group].said else None) != given.kind]
        if changed:
            number = dialect.take_numbers(connection, "merge", 1)
            facts = [
                GroupKindSaid(happened_us=now, source_id=f"{group}:{number}", group=outer[group], group_kind=given.kind)
                for group in changed
            ]
            together.append(Batch(corp_id, "console", facts))
        after = kinds_of_groups(connection, corp_id, some)
    if changed:
        asked.audit("said what kind groups are of", f"{given.kind or 'as their names sound'}: {len(changed)} groups")
    return answer({"items": [{"group": group, **kind_told(after[group])} for group in some], "changed": len(changed)})


def kind_told(kind: Kind | None) -> dict[str, Any]:
    """The kind of a group, whether it was said or is a guess, and what the name sounds like."""
    if kind is None:
        return {"kind": "custom", "kind_said": False, "kind_guess": "custom"}
    return {"kind": kind.kind, "kind_said": kind.said, "kind_guess": kind.guess}
