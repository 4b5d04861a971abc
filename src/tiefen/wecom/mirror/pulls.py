"""What is to be asked of WeCom, because an event told that something changed and not to what. Wished for often, asked once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.ledger import dialect
from tiefen.ledger.schema import wecom_pulls

What = Literal["group", "contact", "staff", "tags", "links", "archive", "everything"]


@dataclass(frozen=True, slots=True)
class Pull:
    """Ask for `of` (a chat_id, an external_userid, or nothing in particular) when it is `due_us`."""

    what: What
    of: str
    due_us: int
    version: str = ""
    """Of a group: the version its members should have by then."""
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Pulls:
    """What a batch of events leaves to be asked. It is written down already, with the facts of the same events."""

    wished: tuple[Pull, ...] = ()

    def of(self, what: What) -> tuple[str, ...]:
        """What of this kind is to be asked for."""
        return tuple(pull.of for pull in self.wished if pull.what == what)


def wish(connection: Connection, corp_id: str, pulls: Iterable[Pull], now_us: int) -> None:
    """Write down what is to be asked. Of two wishes for the same, the later time counts, up to a minute after the first."""
    rows = [
        {
            "corp_id": corp_id, "what": pull.what, "of": pull.of, "due_us": pull.due_us, "version": pull.version,
            "tries": 0, "asked_us": now_us,
        }
        for pull in pulls
    ]  # fmt: skip
    if not rows:
        return
    upsert = dialect.insert(connection, wecom_pulls)
    new, old = upsert.excluded, wecom_pulls.c
    latest = old.asked_us + 60_000_000
    later = sa.case((new.due_us > latest, sa.case((old.due_us > latest, old.due_us), else_=latest)), else_=new.due_us)
    due = sa.case((later > old.due_us, later), else_=old.due_us)
    version = sa.case((new.version != "", new.version), else_=old.version)
    connection.execute(
        upsert.on_conflict_do_update(
            index_elements=["corp_id", "what", "of"], set_={"due_us": due, "version": version, "tries": 0}
        ),
        rows,
    )


def due(connection: Connection, corp_id: str, now_us: int, most: int = 500) -> list[Pull]:
    """What should be asked by now, longest due first."""
    asked = (
        sa.select(wecom_pulls)
        .where(wecom_pulls.c.corp_id == corp_id, wecom_pulls.c.due_us <= now_us)
        .order_by(wecom_pulls.c.due_us)
        .limit(most)
    )
    return [Pull(row.what, row.of, row.due_us, row.version, row.tries) for row in connection.execute(asked)]


def done(connection: Connection, corp_id: str, pulls: Sequence[Pull]) -> None:
    """Forget what was asked, unless it was wished for again meanwhile."""
    for pull in pulls:
        connection.execute(sa.delete(wecom_pulls).where(*_is(corp_id, pull), wecom_pulls.c.due_us <= pull.due_us))


def answered(connection: Connection, corp_id: str, what: What, of: Collection[str], seen_us: int) -> None:
    """A list that was asked for at `seen_us` has told of these: whatever was due by then need not be asked for."""
    row, names = wecom_pulls.c, sorted(of)
    for start in range(0, len(names), 900):
        connection.execute(
            sa.delete(wecom_pulls).where(
                row.corp_id == corp_id, row.what == what, row.of.in_(names[start : start + 900]), row.due_us <= seen_us
            )
        )


def again(connection: Connection, corp_id: str, pull: Pull, due_us: int) -> None:
    """Ask once more at another time."""
    connection.execute(
        sa.update(wecom_pulls).where(*_is(corp_id, pull)).values(due_us=due_us, tries=wecom_pulls.c.tries + 1)
    )


def _is(corp_id: str, pull: Pull) -> tuple[sa.ColumnElement[bool], ...]:
    row = wecom_pulls.c
    return row.corp_id == corp_id, row.what == pull.what, row.of == pull.of
