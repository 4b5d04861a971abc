"""行为 — what somebody can do, as a filter on facts: a kind, and where it has one a name, a source or a group.

Only what people do counts: not what staff and machines do, and not what was only inferred from a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups.base import speech
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window

ANYTHING = "anything"
JOINED, SPOKE = "member.joined", "message.posted"


@dataclass(frozen=True, slots=True)
class _What:
    """A kind of act: where it is found, who did it, and by what it can be narrowed."""

    table: str
    who: str
    zh: str
    en: str
    name: str | None = None
    """The column that a name is looked up in."""
    source: bool = False
    group: bool = False


_WHATS: dict[str, _What] = {
    "code.scanned": _What("code_scanned", "person", "扫码", "scanned a code", "code", source=True),
    "contact.added": _What("contact_added", "person", "加好友", "became a contact", "state", source=True),
    JOINED: _What("member_joined", "member", "入群", "joined a group", group=True),
    SPOKE: _What("message_posted", "member", "发言", "spoke", group=True),
    "reaction.put": _What("reaction_put", "member", "回应", "reacted", group=True),
    "page.viewed": _What("page_viewed", "person", "浏览页面", "viewed a page", "page", source=True),
    "link.clicked": _What("link_clicked", "person", "点链接", "clicked a link", "link", source=True),
    "event.tracked": _What("event_tracked", "person", "自定义事件", "did an event", "name"),
    "order.placed": _What("order_placed", "person", "下单", "placed an order"),
    "order.paid": _What("order_paid", "person", "付款", "paid an order", source=True),
    "order.refunded": _What("order_refunded", "person", "退款", "was refunded"),
    "member.left": _What("member_left", "member", "退群", "left a group", group=True),
    "contact.lost": _What("contact_lost", "person", "删好友", "deleted the contact"),
}
WHATS = (*_WHATS, ANYTHING)
_MONEY = {
    "order.placed": "amount_fen", "order.paid": "amount_fen", "order.refunded": "amount_fen", "event.tracked": "value_fen",
}  # fmt: skip
"""What an act is worth, in fen, where it says."""
_GOING = ("order.refunded", "member.left", "contact.lost")
"""Not a sign of life: not part of `anything`."""


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of act. `name` is the event, page, link, code or state; `None` is any."""

    what: str
    name: str | None = None
    source: int | None = None
    group: int | None = None

    def __post_init__(self) -> None:
        kind = _WHATS.get(self.what)
        if kind is None and self.what != ANYTHING:
            raise ValueError(f"there is no act {self.what}")
        for given, possible in (
            (self.name, kind is not None and kind.name is not None),
            (self.source, kind is not None and kind.source),
            (self.group, kind is not None and kind.group),
        ):
            if given is not None and not possible:
                raise ValueError(f"{self.what} cannot be narrowed to {given}")


def written(act: Act) -> str:
    """An act in one line, as addresses have it: `event.tracked;name=signup`."""
    parts = [act.what]
    parts += [f"{word}={value}" for word, value in (("source", act.source), ("group", act.group)) if value is not None]
    return ";".join([*parts, *([] if act.name is None else [f"name={act.name}"])])


def read(text: str) -> Act:
    """The act that a line is about; `ValueError` where it is about none."""
    front, _, name = text.partition(";name=")
    what, *rest = front.split(";")
    given: dict[str, int] = {}
    for part in rest:
        word, _, value = part.partition("=")
        if word not in ("source", "group") or not value.isascii() or not value.isdigit() or len(value) > 18:
            raise ValueError(f"{part[:60]} narrows nothing")
        given[word] = int(value)
    return Act(what, name or None, given.get("source"), given.get("group"))


def said_of(what: str) -> tuple[str, str]:
    """What an act is called: Chinese, English."""
    return ("做任何事", "did anything") if what == ANYTHING else (_WHATS[what].zh, _WHATS[what].en)


def narrowed_by(what: str) -> tuple[str, ...]:
    """By what an act can be narrowed: of `name`, `source`, `group`."""
    kind = _WHATS.get(what)
    if kind is None:
        return ()
    found = (("name", kind.name is not None), ("source", kind.source), ("group", kind.group))
    return tuple(word for word, possible in found if possible)


def acts(t: Tables, w: Window, act: Act) -> ir.Table:
    """(person, us, day): everything of that kind up to the end of a window; a row for each."""
    if act.what == ANYTHING:
        parts = [_rows(t, w, Act(what)) for what in _WHATS if what not in _GOING]
        return ibis.union(*parts).semi_join(base.counted(t, w), "person")
    return _rows(t, w, act).semi_join(base.counted(t, w), "person")


def act_days(t: Tables, w: Window, act: Act) -> ir.Table:
    """(person, day, first_us, last_us): on which days everybody did it, and when; a day may have several rows, for whom days are
    enough."""
    whats = [what for what in _WHATS if what not in _GOING] if act.what == ANYTHING else [act.what]
    parts = []
    for what in whats:
        if what == SPOKE and act in (Act(SPOKE), Act(ANYTHING)) and t.keeping:
            rows = speech(t, w).select("person", "day", "first_us", "last_us")
        else:
            rows = _rows(t, w, act if act.what == what else Act(what))
            rows = rows.select("person", "day", first_us=rows.us, last_us=rows.us)
        parts.append(rows)
    return (ibis.union(*parts) if len(parts) > 1 else parts[0]).semi_join(base.counted(t, w), "person")


def happened(t: Tables, act: Act) -> ir.Table:
    """(person, us, seq, fen, happened_at): everything of that kind by anybody, whenever it was; `fen` is what it was worth, zero
    where it says nothing of money."""
    whats = [what for what in _WHATS if what not in _GOING] if act.what == ANYTHING else [act.what]
    parts = []
    for what in whats:
        rows = _seen(t[_WHATS[what].table], what)
        rows = rows if act.what == ANYTHING else _narrowed(rows, act)
        money = _MONEY.get(what)
        fen = rows[money].fill_null(0) if money else ibis.literal(0, "int64")
        parts.append(rows.select("seq", "happened_at", person=rows[_WHATS[what].who], us=rows.happened_us, fen=fen))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def facts_of(act: Act) -> dict[str, Callable[[Mapping[str, Any]], tuple[int | None, int] | None]]:
    """The same for one fact at a time: by table, what tells of a row whose act it is (a person or None) and what it was worth;
    None where it is not such an act."""
    whats = [what for what in _WHATS if what not in _GOING] if act.what == ANYTHING else [act.what]
    return {_WHATS[what].table: _reader(what, act) for what in whats}


def _reader(what: str, act: Act) -> Callable[[Mapping[str, Any]], tuple[int | None, int] | None]:
    kind, money = _WHATS[what], _MONEY.get(what)

    def read_row(row: Mapping[str, Any]) -> tuple[int | None, int] | None:
        narrowed = (
            (act.name is None or kind.name is None or row[kind.name] == act.name)
            and (act.source is None or row["source"] == act.source)
            and (act.group is None or row["group"] == act.group)
        )
        match what:
            case "message.posted":
                real = not row["by_bot"] and not row["by_staff"]
            case "member.joined":
                real = not row["inferred"]
            case "member.left":
                real = not row["inferred"] and row["how"] != "dismissed"
            case "contact.lost":
                real = row["by"] != "staff"
            case _:
                real = True
        return (row[kind.who], (row[money] or 0) if money else 0) if narrowed and real else None

    return read_row


def kinds_of(act: Act) -> tuple[str, ...]:
    """The kinds of facts that an act is found in."""
    return tuple(what for what in _WHATS if what not in _GOING) if act.what == ANYTHING else (act.what,)


def named_acts(t: Tables, w: Window) -> ir.Table:
    """(person, us, what): everything that people did, with events under their names, as `event.tracked:NAME`."""
    parts = []
    for what in _WHATS:
        rows = _facts(t, w, what)
        called = ibis.literal(what)
        if what == "event.tracked":
            called = ibis.literal(f"{what}:") + rows.name
        parts.append(rows.select(person=rows[_WHATS[what].who], us=rows.happened_us, what=called))
    return ibis.union(*parts).semi_join(base.counted(t, w), "person")


def names_of(t: Tables, w: Window) -> ir.Table:
    """(what, name, person): the names there are, of acts that can be narrowed to one."""
    parts = []
    for what, kind in _WHATS.items():
        if kind.name is not None:
            rows = _facts(t, w, what)
            rows = rows.filter(rows[kind.name].notnull(), rows[kind.name] != "")
            parts.append(rows.select(what=ibis.literal(what), name=rows[kind.name], person=rows[kind.who]))
    return ibis.union(*parts)


def _rows(t: Tables, w: Window, act: Act) -> ir.Table:
    kind, rows = _WHATS[act.what], _narrowed(_facts(t, w, act.what), act)
    return rows.select("day", person=rows[kind.who], us=rows.happened_us)


def _narrowed(rows: ir.Table, act: Act) -> ir.Table:
    kind = _WHATS[act.what]
    if act.name is not None and kind.name is not None:
        rows = rows.filter(rows[kind.name] == act.name)
    if act.source is not None:
        rows = rows.filter(rows.source == act.source)
    if act.group is not None:
        rows = rows.filter(rows.group == act.group)
    return rows


def _facts(t: Tables, w: Window, what: str) -> ir.Table:
    return _seen(t.until(t[_WHATS[what].table], w), what)


def _seen(rows: ir.Table, what: str) -> ir.Table:
    rows = rows.filter(rows[_WHATS[what].who].notnull())
    seen = _SEEN.get(what)
    return rows if seen is None else rows.filter(seen(rows))


_SEEN: dict[str, Callable[[ir.Table], ir.BooleanValue]] = {
    SPOKE: lambda rows: ~(rows.by_bot | rows.by_staff),
    JOINED: lambda rows: ~rows.inferred,
    "member.left": lambda rows: ~rows.inferred & (rows.how != "dismissed"),
    "contact.lost": lambda rows: rows.by != "staff",
}
