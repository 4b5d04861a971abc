"""What a text may say of whom it is for (变量), and where that is known from. Unknown is no value, never an empty one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act import points
from tiefen.insight.engine import opened
from tiefen.kit.clock import DAY_US, day_of
from tiefen.kit.settings import Settings
from tiefen.kit.slices import slices
from tiefen.ledger import dialect
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups, handles, people, stays, wecom_contacts, wecom_staff

Of = Literal["person", "group", "both"]


@dataclass(frozen=True, slots=True)
class Variable:
    """Something that can be filled in: its key, what it is called, of whom it can be known, what stands there in an example."""

    key: str
    zh: str
    en: str
    of: Of
    example: str
    fallback: str
    """What is offered to stand there where it is not known."""


VARIABLES: tuple[Variable, ...] = (
    Variable("name", "称呼", "Name", "person", "黛玉", "朋友"),
    Variable("nickname", "备注名", "Remark by staff", "person", "林姑娘", "朋友"),
    Variable("city", "城市", "City", "person", "苏州", "你那里"),
    Variable("last_product", "上次买的商品", "Last product", "person", "碧螺春", "我们的茶"),
    Variable("days_since_order", "距上次购买天数", "Days since last order", "person", "42", "好些"),
    Variable("days_known", "认识天数", "Days known", "person", "128", "好些"),
    Variable("points", "积分", "Points", "person", "360", "0"),
    Variable("staff_name", "员工姓名", "Name of staff", "both", "平儿", "我"),
    Variable("group_name", "群名", "Name of the group", "group", "海棠诗社", "群里"),
    Variable("group_members", "群人数", "Members of the group", "group", "86", "很多"),
)
BY_KEY: Mapping[str, Variable] = {variable.key: variable for variable in VARIABLES}
BY_NAME: Mapping[str, Variable] = {name: variable for variable in VARIABLES for name in (variable.key, variable.zh)}
"""By key or by Chinese name: whoever writes the text may use either."""
OF_STAFF = frozenset({"staff_name"})
"""What is known of who says it, and so the same for all whom they say it to."""
_ATTRIBUTES = {"nickname": ("remark", "nickname"), "city": ("city",), "points": ("points",)}
_ORDERS = frozenset({"last_product", "days_since_order"})


def of_persons(
    ledger: Ledger, settings: Settings, connection: Connection, corp_id: str, persons: Sequence[int],
    wanted: Iterable[str], senders: Mapping[int, str], now_us: int,
) -> dict[int, dict[str, str]]:  # fmt: skip
    """What is known of each for these variables. `senders` is who is to say it to whom."""
    needed = set(wanted)
    known: dict[int, dict[str, str]] = {person: {} for person in persons}
    if not needed:
        return known
    if needed & {"name", *_ATTRIBUTES}:
        asked = sa.select(people.c.person_id, people.c.name, people.c.attributes)
        for some in slices(persons):
            for person, name, attributes in connection.execute(asked.where(people.c.person_id.in_(some))):
                _take_profile(known[person], name, msgspec.json.decode(attributes))
    if "points" in needed:
        # What the brand's own system says of them is more than what was given here.
        ours = points.held(ledger, corp_id, [one for one in persons if "points" not in known[one]])
        for person, given in ours.items():
            known[person]["points"] = str(given)
    if "staff_name" in needed:
        names = staff_names(connection, corp_id, set(senders.values()))
        for person, userid in senders.items():
            if person in known and names.get(userid):
                known[person]["staff_name"] = names[userid]
    if "days_known" in needed:
        for person, since in _known_since(connection, corp_id, persons):
            known[person]["days_known"] = str(max(0, (now_us - since) // DAY_US))
    if needed & _ORDERS:
        for person, product, days in _last_orders(ledger, settings, corp_id, persons, now_us):
            known[person]["days_since_order"] = str(days)
            if product:
                known[person]["last_product"] = product
    return known


def of_groups(
    connection: Connection, corp_id: str, numbers: Sequence[int], owners: Mapping[int, str]
) -> dict[int, dict[str, str]]:  # fmt: skip
    """What is known of groups: what they are called, how many are in them, what the one who owns them is called."""
    known: dict[int, dict[str, str]] = {group: {} for group in numbers}
    for some in slices(numbers):
        named = sa.select(groups.c.group_id, groups.c.name).where(groups.c.group_id.in_(some), groups.c.name != "")
        for group, name in connection.execute(named):
            known[group]["group_name"] = name
        inside = (
            sa.select(stays.c.group, sa.func.count(sa.distinct(stays.c.member)))
            .where(stays.c.group.in_(some), stays.c.left_us.is_(None))
            .group_by(stays.c.group)
        )
        for group, members in connection.execute(inside):
            known[group]["group_members"] = str(members)
    called = staff_names(connection, corp_id, set(owners.values()))
    for group, userid in owners.items():
        if group in known and called.get(userid):
            known[group]["staff_name"] = called[userid]
    return known


def staff_names(connection: Connection, corp_id: str, userids: Iterable[str]) -> dict[str, str]:
    """What staff are called."""
    asked = sa.select(wecom_staff.c.userid, wecom_staff.c.name).where(wecom_staff.c.corp_id == corp_id)
    found: dict[str, str] = {}
    for some in slices(sorted(userids)):
        found |= dialect.pairs(connection.execute(asked.where(wecom_staff.c.userid.in_(some))))
    return found


def _take_profile(into: dict[str, str], name: str | None, attributes: Mapping[str, Any]) -> None:
    if name:
        into["name"] = name
    for key, named in _ATTRIBUTES.items():
        value = next((attributes[one] for one in named if attributes.get(one) not in (None, "")), None)
        if isinstance(value, str | int):
            into[key] = str(value)


def _known_since(connection: Connection, corp_id: str, persons: Sequence[int]) -> Iterator[tuple[int, int]]:
    for some in slices(persons):
        asked = (
            sa.select(handles.c.person_id, sa.func.min(wecom_contacts.c.added_us))
            .join(
                wecom_contacts,
                sa.and_(
                    wecom_contacts.c.corp_id == handles.c.corp_id, handles.c.id_type == "external_userid",
                    wecom_contacts.c.external_userid == handles.c.id_value,
                ),
            )
            .where(handles.c.corp_id == corp_id, handles.c.person_id.in_(some), wecom_contacts.c.added_us.is_not(None))
            .group_by(handles.c.person_id)
        )  # fmt: skip
        yield from connection.execute(asked).tuples()


def _last_orders(
    ledger: Ledger, settings: Settings, corp_id: str, persons: Sequence[int], now_us: int
) -> Iterator[tuple[int, str, int]]:
    """(person, what they bought last, days since): asked of the facts, since the reading may be an hour old."""
    snapshot = ledger.snapshot(corp_id)
    today = day_of(now_us, snapshot.time_zone)
    with opened(snapshot, settings) as tables:
        paid = tables["order_paid"]
        last = (
            paid.filter(paid.person.isin(list(persons)))
            .group_by("person")
            .agg(day=paid.day.max(), lines=paid.lines.argmax(paid.happened_us))
        )
        rows = tables.arrow(last).to_pylist()
    for row in rows:
        lines = row["lines"] if isinstance(row["lines"], list) else []
        yield row["person"], next((line["sku"] for line in lines if line.get("sku")), ""), (today - row["day"]).days
