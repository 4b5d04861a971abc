"""One person over many ids: deterministic rules with Segment's protections.

An id may be blocked (`null`, `000`, `anonymous` belong to nobody), a person may hold only so many ids of a type, and
what is refused is kept as a fact with the reason. Merging moves handles from one person to another and touches no other
fact, so a merge can be taken back and nothing is lost by one.
Source: Segment, "Identity Resolution settings" (blocked values, limits, priorities).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.slices import slices
from tiefen.kit.text import clean
from tiefen.ledger import dialect
from tiefen.ledger.errors import CannotMerge, CannotSplit, PersonNotFound
from tiefen.ledger.facts import Id
from tiefen.ledger.schema import groups, handles, people


@dataclass(frozen=True, slots=True)
class IdType:
    """A kind of id: what it is called and how many of it one person may hold."""

    key: str
    zh: str
    en: str
    limit: int


ID_TYPES: tuple[IdType, ...] = (
    IdType("unionid", "微信 UnionID", "WeChat UnionID", 1),
    IdType("external_userid", "企微外部联系人 ID", "WeCom external id", 5),
    IdType("user_id", "用户 ID", "User id", 1),
    IdType("customer_number", "客户编号", "Customer number", 5),
    IdType("phone", "手机号", "Phone", 5),
    IdType("email", "邮箱", "E-mail", 5),
    IdType("openid", "微信 OpenID", "WeChat OpenID", 5),
    IdType("staff_userid", "员工 ID", "Staff id", 1),
    IdType("handle", "群昵称", "Chat handle", 5),
    IdType("anonymous_id", "匿名 ID", "Anonymous id", 100),
)
"""In order of priority: of two people about to be one, the name and number of the stronger id is kept."""

PERSON = "person"
"""The type of an id that is a number of ours, in facts that the house itself makes. No door takes it."""


def numbered(person_id: int) -> Id:
    """Somebody by their number, for a fact of our own."""
    return Id(PERSON, str(person_id))


def owners(connection: Connection, numbers: Iterable[int]) -> dict[int, int]:
    """The person behind each handle, as they are now; a number that is no handle is left out."""
    found: dict[int, int] = {}
    for part in slices(sorted(set(numbers))):
        asked = sa.select(handles.c.handle, handles.c.person_id).where(handles.c.handle.in_(part))
        found |= dialect.pairs(connection.execute(asked))
    return found


def outer_ids(connection: Connection, some: Iterable[int]) -> dict[int, str]:
    """The outer id of each of these groups, which is what facts on their way in call them by."""
    found: dict[int, str] = {}
    for part in slices(sorted(set(some))):
        asked = sa.select(groups.c.group_id, groups.c.outer_id).where(groups.c.group_id.in_(part))
        found |= dialect.pairs(connection.execute(asked))
    return found


LIMITS: Mapping[str, int] = {id_type.key: id_type.limit for id_type in ID_TYPES}
_BLOCKED = re.compile(r"[0-]*|-1|null|none|nil|undefined|anonymous|unknown|nan|n/a|test|guest", re.IGNORECASE)
_PHONE = re.compile(r"[\s().-]")


def normal(id: Id) -> Id:
    """The id as it is compared: trimmed, e-mail in lower case, a Chinese phone number without +86 and blanks."""
    value = clean(id.value).strip()
    if id.type == "email":
        value = value.lower()
    elif id.type == "phone":
        value = _PHONE.sub("", value)
        value = re.sub(r"^(\+?86)(?=1\d{10}$)", "", value)
    return Id(id.type, value)


def blocked(id: Id) -> bool:
    """True for a value that belongs to nobody in particular, or a type nobody knows."""
    return id.type not in LIMITS or len(id.value) > 512 or _BLOCKED.fullmatch(clean(id.value).strip()) is not None


def refusal(ids_of_one: Iterable[str], ids_of_other: Iterable[str]) -> str | None:
    """Why two people with ids of these types cannot be one; None where they can."""
    together = Counter(ids_of_one) + Counter(ids_of_other)
    over = [key for key, count in together.items() if count > LIMITS.get(key, 1)]
    return f"limit_reached:{min(over)}" if over else None


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge did."""

    kept: int
    gone: int


def link(connection: Connection, pairs: Sequence[tuple[int, int]]) -> list[Merge | str | None]:
    """Make the people of each pair of handles one, pair after pair. A string says why not; None says they already are."""
    owner = owners(connection, (handle for pair in pairs for handle in pair))
    erased: set[int] = set()
    types: dict[int, list[str]] = defaultdict(list)
    for some in slices(sorted(set(owner.values()))):
        gone = sa.select(people.c.person_id).where(people.c.person_id.in_(some), people.c.erased_us.is_not(None))
        erased.update(connection.scalars(gone))
        held = sa.select(handles.c.person_id, handles.c.id_type).where(handles.c.person_id.in_(some))
        for person, id_type in connection.execute(held):
            types[person].append(id_type)
    done: list[Merge | str | None] = []
    now: dict[int, int] = {}
    for pair in pairs:
        kept, gone_person = sorted(_root(owner[handle], now) for handle in pair)
        if kept == gone_person:
            done.append(None)
        elif kept in erased or gone_person in erased:
            done.append("erased")
        elif why := refusal(types[kept], types[gone_person]):
            done.append(why)
        else:
            now[gone_person] = kept
            types[kept] += types.pop(gone_person)
            done.append(Merge(kept, gone_person))
    _merge_all(connection, [one for one in done if isinstance(one, Merge)])
    return done


def _root(person: int, now: Mapping[int, int]) -> int:
    while person in now:
        person = now[person]
    return person


def _merge_all(connection: Connection, merges: Sequence[Merge]) -> None:
    """Many merges, one after the other, of people who are known to be there and of one company."""
    rows: dict[int, Any] = {}
    for some in slices(sorted({person for one in merges for person in (one.kept, one.gone)})):
        asked = sa.select(people.c.person_id, people.c.name, people.c.attributes, people.c.staff).where(
            people.c.person_id.in_(some)
        )
        for person, name, attributes, staff in connection.execute(asked.with_for_update()):
            rows[person] = {"name": name, "attributes": msgspec.json.decode(attributes), "staff": staff}
    for one in merges:
        kept, gone = rows[one.kept], rows[one.gone]
        kept["name"] = kept["name"] or gone["name"]
        kept["attributes"] = gone["attributes"] | kept["attributes"]
        kept["staff"] = kept["staff"] or gone["staff"]
    if not merges:
        return
    changed = {one.kept for one in merges}
    connection.execute(
        sa.update(people).where(people.c.person_id == sa.bindparam("key")),
        [
            {"key": person, **rows[person], "attributes": msgspec.json.encode(rows[person]["attributes"]).decode()}
            for person in sorted(changed)
        ],
    )
    steps = [{"kept": one.kept, "gone": one.gone} for one in merges]
    connection.execute(
        sa.update(people).where(people.c.person_id == sa.bindparam("gone")).values(merged_into=sa.bindparam("kept")),
        steps,
    )
    connection.execute(
        sa.update(handles).where(handles.c.person_id == sa.bindparam("gone")).values(person_id=sa.bindparam("kept")),
        steps,
    )


def merge(connection: Connection, kept: int, gone: int, corp_id: str | None = None) -> Merge:
    """Move everything of `gone` to `kept`. What both know, `kept` knows better; nothing is dropped."""
    rows = {
        row.person_id: row
        for row in connection.execute(sa.select(people).where(people.c.person_id.in_([kept, gone])).with_for_update())
    }
    for person in (kept, gone):
        if person not in rows or rows[person].merged_into is not None:
            raise PersonNotFound(person)
    if kept == gone:
        raise CannotMerge(kept, gone, "they are the same")
    if len({rows[kept].corp_id, rows[gone].corp_id, corp_id or rows[kept].corp_id}) > 1:
        raise PersonNotFound(gone)
    _merge_all(connection, [Merge(kept, gone)])
    return Merge(kept, gone)


def split(connection: Connection, corp_id: str, person_id: int, chosen: Sequence[int], now_us: int) -> int:
    """Give some of a person's handles to somebody of their own; returns that person's number."""
    held = set(
        connection.scalars(
            sa.select(handles.c.handle).where(handles.c.person_id == person_id, handles.c.corp_id == corp_id)
        )
    )
    if not held:
        raise PersonNotFound(person_id)
    parting = sorted(set(chosen))
    if not parting or not set(parting) < held:
        raise CannotSplit(person_id, "some of the person's ids must go and some must stay")
    candidates = [handle for handle in parting if handle != person_id]
    if not candidates:
        raise CannotSplit(person_id, "the id the person is numbered after must stay")
    new = candidates[0]
    present = connection.execute(sa.select(people.c.person_id).where(people.c.person_id == new)).scalar()
    if present is None:
        connection.execute(
            sa.insert(people).values(person_id=new, corp_id=corp_id, attributes="{}", staff=False, created_us=now_us)
        )
    else:
        connection.execute(sa.update(people).where(people.c.person_id == new).values(merged_into=None))
    connection.execute(sa.update(handles).where(handles.c.handle.in_(parting)).values(person_id=new))
    return new
