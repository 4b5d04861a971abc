"""What the predicates about doing something share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from tiefen.decide.segments.predicates.base import NEVER, Calling, Sentence, Span, shown
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.questions.acts import happened, kinds_of, read, said_of
from tiefen.kit.clock import DAY_US, from_us

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Done
    from tiefen.decide.segments.scene import Scene

ActField = Annotated[str, shown("act", "做了什么", "what they did", min_length=1, max_length=300)]
"""An act as addresses have it: `event.tracked;name=signup`."""
Days = Annotated[int, shown("days", "天数", "days", ge=1, le=3_650)]
Times = Annotated[int, shown("times", "次数", "times", ge=1, le=10_000)]
Text = Annotated[str, shown("text", "值", "value", min_length=1, max_length=200)]
MOST_NAMED = 200


def act_wrong(act: str) -> str | None:
    try:
        read(act)
    except ValueError as error:
        return str(error)
    return None


def act_kinds(act: str) -> tuple[str, ...]:
    return kinds_of(read(act))


def act_said(act: str, called: Calling) -> Sentence:
    known = read(act)
    zh, en = said_of(known.what)
    more = [known.name] if known.name is not None else []
    more += [called("source", known.source)] if known.source is not None else []
    more += [called("group", known.group)] if known.group is not None else []
    if not more:
        return zh, en
    return f"{zh}（{'，'.join(more)}）", f"{en} ({', '.join(more)})"


def happenings(scene: Scene, act: str, days: int | None = None) -> ir.Table:
    """(person, us, seq, fen) of an act; with `days` those of so many days and of the future, and roughly some before."""
    rows = scene.recent(happened(scene.t, read(act)), days)
    if days is not None:
        rows = rows.filter(rows.us > scene.now - days * DAY_US)
    return rows.filter(rows.person.notnull()).select("person", "us", "seq", "fen")


def evidence_of(done: Sequence[Done]) -> list[dict[str, Any]]:
    """The latest of what somebody did, newest first."""
    return [evidence_row(d.table, d.row) for d in reversed(done[-20:])]


def evidence_row(table: str, row: Any) -> dict[str, Any]:
    """A fact as evidence: its kind, when, and which."""
    return {
        "fact": table.replace("_", ".", 1), "at": from_us(row["happened_us"]), "seq": row["seq"],
        "body": {key: value for key, value in row.items() if value is not None and key not in _COMMON},
    }  # fmt: skip


_COMMON = {"seq", "source_id", "origin", "happened_us", "person", "member", "text_hash", "properties"}


def within(done: Sequence[Done], days: int | None, now_us: int) -> list[Done]:
    return [d for d in done if days is None or d.us > now_us - days * DAY_US]


def state_spans(moves: Sequence[tuple[int, bool]], *, of: bool = True) -> list[Span]:
    """From when to when a state holds that is put and taken back: moves are (instant, put?), in order."""
    ends = [*(us for us, _ in moves[1:]), NEVER]
    return [Span(us, end) for (us, put), end in zip(moves, ends, strict=False) if put == of]


def state_table(moves: ir.Table, by: Sequence[str], *, of: bool = True) -> ir.Table:
    """The same for everybody: `moves` is (…by, us, seq, put)."""
    after = moves.us.lead().over(ibis.window(group_by=list(by), order_by=[moves.us, moves.seq]))
    told = moves.select("person", "put", starts=moves.us, ends=ibis.coalesce(after, ibis.literal(NEVER, "int64")))
    return told.filter(told.put if of else ~told.put).select("person", "starts", "ends")
