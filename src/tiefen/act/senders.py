"""Who of staff is to say something to somebody: whoever has known them the longest. To a group it is its owner (`tasks.staff_of`)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.slices import slices
from tiefen.ledger.schema import handles, wecom_contacts, wecom_staff


def contact_senders(connection: Connection, corp_id: str, persons: Sequence[int]) -> dict[int, str]:
    """Who of staff has known each the longest, of those whose contact they still are and who still work here."""
    works = sa.and_(wecom_staff.c.corp_id == wecom_contacts.c.corp_id, wecom_staff.c.userid == wecom_contacts.c.userid)
    since: dict[int, tuple[int, str]] = {}
    for some in slices(persons):
        asked = (
            sa.select(handles.c.person_id, wecom_contacts.c.userid, wecom_contacts.c.added_us)
            .join(
                wecom_contacts,
                sa.and_(
                    wecom_contacts.c.corp_id == corp_id, wecom_contacts.c.external_userid == handles.c.id_value,
                    wecom_contacts.c.added_us.is_not(None), wecom_contacts.c.lost_us.is_(None),
                    wecom_contacts.c.half_us.is_(None),
                ),
            )
            .outerjoin(wecom_staff, works)
            .where(
                handles.c.corp_id == corp_id, handles.c.id_type == "external_userid", handles.c.person_id.in_(some),
                wecom_staff.c.gone_us.is_(None),
            )
        )  # fmt: skip
        for person, userid, added in connection.execute(asked):
            since[person] = min(since.get(person, (added, userid)), (added, userid))
    return {person: userid for person, (_, userid) in since.items()}
