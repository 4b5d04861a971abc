"""Groups with owners who work here, for tests of what staff are to do."""

from __future__ import annotations

import sqlalchemy as sa

from tests.conftest import CORP
from tiefen.kit.clock import DAY_US
from tiefen.ledger.batch import Batch, GroupCard, Profile
from tiefen.ledger.facts import GroupCreated, Id
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups, wecom_staff

MONDAY = 1_764_518_400_000_000
"""2025-12-01 00:00 in Shanghai."""
HOUR = 3_600_000_000
XIREN, QINGWEN = "xiren", "qingwen"


def found_group(ledger: Ledger, outer: str, owner: str | None, at_us: int = MONDAY, name: str = "") -> int:
    """A group of this owner; its number."""
    created = GroupCreated(
        happened_us=at_us, source_id=f"created:{outer}", group=outer,
        owner=None if owner is None else Id("staff_userid", owner),
    )  # fmt: skip
    profiles = [] if owner is None else [Profile(Id("staff_userid", owner), name=owner, staff=True)]
    ledger.append(Batch(CORP, "scene", [created], profiles=profiles, groups=[GroupCard(outer, name or outer)]))
    with ledger.read() as connection:
        asked = sa.select(groups.c.group_id).where(groups.c.corp_id == CORP, groups.c.outer_id == outer)
        return int(connection.execute(asked).scalar_one())


def employ(ledger: Ledger, *userids: str) -> None:
    """Who is in the directory."""
    with ledger.write() as connection:
        for userid in userids:
            connection.execute(
                sa.insert(wecom_staff).values(corp_id=CORP, userid=userid, name=userid, serves=True, seen_us=MONDAY)
            )


def leave(ledger: Ledger, userid: str, at_us: int = MONDAY + DAY_US) -> None:
    """Somebody is not in the directory any more."""
    with ledger.write() as connection:
        connection.execute(sa.update(wecom_staff).where(wecom_staff.c.userid == userid).values(gone_us=at_us))
