"""What an erasure does to the rows of the store: rejected rows, facts and words not in the lake yet, notes about others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.slices import slices
from tiefen.ledger import dialect, kept
from tiefen.ledger.facts import Id
from tiefen.ledger.redacting import Marks
from tiefen.ledger.schema import (
    advert_marks,
    audit,
    channel_recipients,
    channel_tasks,
    facts,
    groups,
    imports,
    mappings,
    people,
    permits,
    rejects,
    sources,
    wecom_contacts,
    wecom_entrances,
    wecom_events,
    wecom_groups,
    wecom_link_contacts,
    wecom_members,
    wecom_pulls,
    wecom_staff,
    wecom_syncs,
    wecom_troubles,
    words,
)
from tiefen.ledger.schema.playbooks import task_notes, tasks
from tiefen.ledger.schema.segments import audiences, segments
from tiefen.ledger.schema.touches import campaigns, contents

_PLAIN: tuple[tuple[sa.Column[Any], tuple[sa.Column[Any], ...]], ...] = (
    (groups.c.name, (groups.c.group_id,)),
    (groups.c.outer_id, (groups.c.group_id,)),
    (sources.c.name, (sources.c.source_id,)),
    (imports.c.file_name, (imports.c.import_id,)),
    (imports.c.path, (imports.c.import_id,)),
    (imports.c.mapping, (imports.c.import_id,)),
    (imports.c.error, (imports.c.import_id,)),
    (mappings.c.mapping, (mappings.c.corp_id, mappings.c.format, mappings.c.shape)),
    (audit.c.what, (audit.c.audit_id,)),
    (advert_marks.c.message, (advert_marks.c.corp_id, advert_marks.c.message)),
    (channel_tasks.c.body, (channel_tasks.c.task_id,)),
    (channel_tasks.c.error, (channel_tasks.c.task_id,)),
    (contents.c.body, (contents.c.corp_id, contents.c.content_id)),
    (campaigns.c.name, (campaigns.c.corp_id, campaigns.c.campaign_id)),
    (campaigns.c.body, (campaigns.c.corp_id, campaigns.c.campaign_id)),
    (channel_recipients.c.recipient, (channel_recipients.c.corp_id, channel_recipients.c.touch)),
    (wecom_events.c.raw, (wecom_events.c.seq,)),
    (wecom_events.c.reason, (wecom_events.c.seq,)),
    (wecom_groups.c.name, (wecom_groups.c.corp_id, wecom_groups.c.chat_id)),
    (wecom_entrances.c.name, (wecom_entrances.c.corp_id, wecom_entrances.c.kind, wecom_entrances.c.entrance_id)),
    (wecom_entrances.c.body, (wecom_entrances.c.corp_id, wecom_entrances.c.kind, wecom_entrances.c.entrance_id)),
    (wecom_syncs.c.state, (wecom_syncs.c.corp_id, wecom_syncs.c.what)),
    (wecom_troubles.c.sentence, (wecom_troubles.c.corp_id, wecom_troubles.c.what)),
    (wecom_troubles.c.facts, (wecom_troubles.c.corp_id, wecom_troubles.c.what)),
    (tasks.c.title, (tasks.c.corp_id, tasks.c.task_id)),
    (tasks.c.detail, (tasks.c.corp_id, tasks.c.task_id)),
    (tasks.c.say, (tasks.c.corp_id, tasks.c.task_id)),
    (task_notes.c.text, (task_notes.c.note_id,)),
    *(
        (column, (segments.c.corp_id, segments.c.segment_id))
        for column in (segments.c.name, segments.c.note, segments.c.rule)
    ),
    *((column, (audiences.c.corp_id, audiences.c.audience_id)) for column in (audiences.c.name, audiences.c.body)),
    (rejects.c.raw, (rejects.c.reject_id,)),
    (rejects.c.reason, (rejects.c.reject_id,)),
)
"""Texts about something else in which somebody may be named, and the key of their rows."""
_ONCE = {groups.c.outer_id, sources.c.name}
"""Of these no two in a corp may be the same."""


_MIRRORED = (wecom_contacts.c.external_userid, wecom_link_contacts.c.external_userid, wecom_members.c.member_id)


def forget_in_mirror(connection: Connection, corp_id: str, digests: Mapping[Id, str]) -> int:
    """Put what is remembered of their ids in the place of these, so that the next list finds a nobody there and tells
    nothing anew; returns how many rows changed."""
    changed = 0
    for id, digest in digests.items():
        for column in _MIRRORED:
            mine: list[sa.ColumnElement[bool]] = [column.table.c.corp_id == corp_id, column == id.value]
            if column is wecom_members.c.member_id:
                mine.append(wecom_members.c.staff.is_(id.type == "staff_userid"))
            elif id.type != "external_userid":
                continue
            done = connection.execute(sa.update(column.table).where(*mine).values({column: digest}))
            changed += done.rowcount
        asked = wecom_pulls.c.corp_id == corp_id, wecom_pulls.c.of == id.value
        changed += connection.execute(sa.delete(wecom_pulls).where(*asked)).rowcount
        if id.type == "staff_userid":
            here = wecom_staff.c.corp_id == corp_id, wecom_staff.c.userid == id.value
            changed += connection.execute(sa.update(wecom_staff).where(*here).values(name="")).rowcount
        if id.type == "external_userid":
            nobody = wecom_contacts.c.corp_id == corp_id, wecom_contacts.c.external_userid == digest
            connection.execute(sa.update(wecom_contacts).where(*nobody).values(card=""))
    return changed


def forget_rejects(connection: Connection, corp_id: str, marks: Marks) -> int:
    """Delete the refused rows that are theirs: one value is their name or id. Where they are only mentioned, the row stays,
    to be redacted with the other texts."""
    asked = sa.select(rejects.c.reject_id, rejects.c.raw).where(
        rejects.c.corp_id == corp_id, _mentions(rejects.c.raw, marks)
    )
    whose = marks.names | marks.ids
    gone = [number for number, raw in connection.execute(asked) if _one_value_is(msgspec.json.decode(raw), whose)]
    for some in slices(gone):
        connection.execute(sa.delete(rejects).where(rejects.c.reject_id.in_(some)))
    return len(gone)


def _one_value_is(value: object, whose: frozenset[str]) -> bool:
    match value:
        case str():
            return value.strip() in whose
        case list():
            return any(_one_value_is(one, whose) for one in value)
        case dict():
            return any(_one_value_is(one, whose) for one in value.values())
        case _:
            return False


def redact_texts(connection: Connection, corp_id: str, marks: Marks) -> int:
    """Redact what is noted about other people and things; returns in how many texts something was."""
    changed = _redact_profiles(connection, corp_id, marks)
    for column, key in _PLAIN:
        table = column.table
        asked = sa.select(*key, column.label("text")).where(table.c.corp_id == corp_id, _mentions(column, marks))
        for row in connection.execute(asked).all():
            text = marks.redact(row.text)
            if text == row.text:
                continue
            if (
                column in _ONCE
                and connection.execute(sa.select(column).where(table.c.corp_id == corp_id, column == text)).first()
            ):
                text = f"{text} {row[0]}"
            same = [part == value for part, value in zip(key, row[: len(key)], strict=True)]
            connection.execute(sa.update(table).where(*same).values({column: text}))
            changed += 1
    return changed


def _redact_profiles(connection: Connection, corp_id: str, marks: Marks) -> int:
    asked = sa.select(people.c.person_id, people.c.attributes).where(
        people.c.corp_id == corp_id, _mentions(people.c.attributes, marks)
    )
    changed = 0
    for number, attributes in connection.execute(asked).all():
        before = msgspec.json.decode(attributes)
        # Somebody else may bear the same name: what others are called is theirs.
        after = marks.redact_values(before, leave=lambda key: "name" in key.lower() or key in {"姓名", "昵称"})
        if after != before:
            told = msgspec.json.encode(after).decode()
            connection.execute(sa.update(people).where(people.c.person_id == number).values(attributes=told))
            changed += 1
    return changed


def _mentions(column: sa.Column[Any], marks: Marks) -> sa.ColumnElement[bool]:
    return sa.or_(sa.false(), *(column.contains(text, autoescape=True) for text in marks.texts))


def forget_tail(connection: Connection, corp_id: str, numbers: Sequence[int], marks: Marks) -> tuple[int, int]:
    """Do to the facts and words that came since the flush what was done to the lake; how many words went and texts changed."""
    mine, redacted = set(numbers), 0
    changed: list[dict[str, Any]] = []
    for row in connection.execute(sa.select(facts).where(facts.c.corp_id == corp_id)).mappings():
        body, told = kept.decode(row["kind"], row["body"]), row["body"]
        if kept.actor(body) in mine:
            _, told = kept.impersonal(body)
        new = {**row, "body": marks.redact(told), "source_id": marks.redact(row["source_id"])}
        redacted += (new["body"] != told) + (new["source_id"] != row["source_id"])
        if new != dict(row):
            changed.append(new)
    if changed:
        connection.execute(sa.insert(permits).values(reason="erasure"))
        for some in slices([new["seq"] for new in changed]):
            connection.execute(sa.delete(facts).where(facts.c.seq.in_(some)))
        dialect.insert_many(connection, "facts", list(changed[0]), [tuple(new.values()) for new in changed])
        connection.execute(sa.delete(permits))
    dropped = connection.execute(
        sa.delete(words).where(words.c.corp_id == corp_id, words.c.member.in_(list(mine)))
    ).rowcount
    asked = sa.select(words.c.seq, words.c.text).where(words.c.corp_id == corp_id, _mentions(words.c.text, marks))
    for seq, text in connection.execute(asked).all():
        if (left := marks.redact(text)) != text:
            connection.execute(sa.update(words).where(words.c.seq == seq).values(text=left))
            redacted += 1
    return dropped, redacted
