"""Staff and departments, tags, and the ways in: small lists that are read whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from tiefen.kit.slices import slices
from tiefen.kit.text import clean, to_json
from tiefen.ledger import dialect
from tiefen.ledger.batch import Profile
from tiefen.ledger.schema import (
    wecom_departments,
    wecom_entrances,
    wecom_link_contacts,
    wecom_numbers,
    wecom_staff,
    wecom_tags,
)
from tiefen.wecom.client.endpoints.acquisition import LinkContact
from tiefen.wecom.client.endpoints.directory import Department, StaffCard
from tiefen.wecom.client.endpoints.tags import TagGroup
from tiefen.wecom.mirror import contacts, rows
from tiefen.wecom.mirror.rows import Keys
from tiefen.wecom.mirror.work import Work


def departments(work: Work, told: Sequence[Department]) -> None:
    """All departments the app can see."""
    connection = work.connection
    connection.execute(sa.delete(wecom_departments).where(wecom_departments.c.corp_id == work.corp_id))
    dialect.put(
        connection, wecom_departments,
        [
            {
                "corp_id": work.corp_id, "department_id": one.id, "name": clean(one.name), "parent_id": one.parentid,
                "position": one.order,
            }
            for one in told
        ],
    )  # fmt: skip


def staff(work: Work, cards: Sequence[StaffCard], serving: Iterable[str], seen_us: int, *, whole: bool) -> None:
    """Staff as the directory has them, and who of them may have contacts. `whole`: nobody the app can see is missing."""
    serves = set(serving)
    known = {card.userid: card for card in cards}
    for userid in serves - known.keys():
        known[userid] = StaffCard(userid=userid)
    names = dict(
        iter(
            work.connection.execute(
                sa.select(wecom_staff.c.userid, wecom_staff.c.name).where(wecom_staff.c.corp_id == work.corp_id)
            ).tuples()
        )
    )
    dialect.put(
        work.connection, wecom_staff,
        [
            {
                "corp_id": work.corp_id, "userid": userid, "name": clean(card.name) or names.get(userid, ""),
                "departments": to_json(list(card.department)), "serves": userid in serves, "seen_us": seen_us,
                "gone_us": None,
            }
            for userid, card in known.items()
        ],
    )  # fmt: skip
    work.profiles += [
        Profile(rows.staff(userid), card.name or None, staff=True)
        for userid, card in known.items()
        if userid not in names or (card.name and card.name != names[userid])
    ]
    table = wecom_staff.c
    unseen = sa.update(wecom_staff).where(table.corp_id == work.corp_id, table.seen_us < seen_us)
    work.connection.execute(unseen.values(serves=False))
    if whole:
        work.connection.execute(unseen.where(table.gone_us.is_(None)).values(gone_us=seen_us))


def tags(work: Work, told: Sequence[TagGroup], seen_us: int) -> None:
    """All tags of the corp. A tag that is not among them any more was deleted, and nobody has it."""
    listed = {tag.id: (tag, group) for group in told for tag in group.tag if not tag.deleted and not group.deleted}
    dialect.put(
        work.connection, wecom_tags,
        [
            {
                "corp_id": work.corp_id, "tag_id": tag.id, "name": clean(tag.name), "group_id": group.group_id,
                "group_name": clean(group.group_name), "deleted_us": None,
            }
            for tag, group in listed.values()
        ],
    )  # fmt: skip
    table = wecom_tags.c
    present = work.connection.scalars(
        sa.select(table.tag_id).where(table.corp_id == work.corp_id, table.deleted_us.is_(None))
    )
    tags_deleted(work, set(present) - listed.keys(), seen_us)


def tags_deleted(work: Work, tag_ids: Iterable[str], at_us: int) -> None:
    """These tags are no more."""
    gone = sorted(tag_ids)
    for some in slices(gone):
        work.connection.execute(
            sa.update(wecom_tags)
            .where(wecom_tags.c.corp_id == work.corp_id, wecom_tags.c.tag_id.in_(some))
            .values(deleted_us=at_us)
        )
    contacts.tags_gone(work, gone, at_us)


def tags_of_group(work: Work, group_id: str) -> list[str]:
    """The tags of a group: that it was deleted is told once, not for each of them."""
    table = wecom_tags.c
    asked = sa.select(table.tag_id).where(table.corp_id == work.corp_id, table.group_id == group_id)
    return list(work.connection.scalars(asked))


def entrance(work: Work, kind: str, entrance_id: str, name: str, state: str, body: object, seen_us: int) -> None:
    """A way in, as it is now."""
    dialect.put(
        work.connection, wecom_entrances,
        [
            {
                "corp_id": work.corp_id, "kind": kind, "entrance_id": entrance_id, "name": clean(name),
                "state": clean(state), "body": to_json(body), "seen_us": seen_us, "gone_us": None,
            }
        ],
    )  # fmt: skip


def entrances_gone(work: Work, kind: str, seen_us: int) -> None:
    """Ways in that a whole list begun at `seen_us` did not have. They are kept: people came by them."""
    table = wecom_entrances.c
    work.connection.execute(
        sa.update(wecom_entrances)
        .where(
            table.corp_id == work.corp_id, table.kind == kind, table.seen_us < seen_us, table.gone_us.is_(None)
        )
        .values(gone_us=seen_us)
    )  # fmt: skip


def link_contacts(work: Work, keys: Keys, link_id: str, told: Sequence[LinkContact]) -> None:
    """Who came by an acquisition link."""
    dialect.put(
        work.connection, wecom_link_contacts,
        [
            {
                "corp_id": work.corp_id, "userid": one.userid, "external_userid": keys.person(one.external_userid),
                "link_id": link_id, "state": clean(one.state), "chat_status": one.chat_status,
            }
            for one in told
        ],
    )  # fmt: skip


def numbers(work: Work, what: str, told: Iterable[tuple[str, int, object]]) -> None:
    """WeCom's own counts: (of whom, day, what it counted)."""
    dialect.put(
        work.connection, wecom_numbers,
        [
            {"corp_id": work.corp_id, "what": what, "of": of, "day_us": day_us, "body": to_json(body)}
            for of, day_us, body in told
        ],
    )  # fmt: skip
