"""A company whose staff have people as contacts and own groups, put straight into the rows that WeCom's mirror keeps."""

from __future__ import annotations

from datetime import datetime
from itertools import count

import sqlalchemy as sa

from tests.conftest import CORP
from tiefen.act import outbox
from tiefen.act.admitting import admit_due
from tiefen.act.proposal import Proposal
from tiefen.kit.clock import DAY_US, to_us
from tiefen.kit.settings import Settings
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import ContactAdded, Fact, GroupCreated, Id, MemberJoined
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups as group_rows
from tiefen.ledger.schema import handles, wecom_contacts, wecom_groups, wecom_staff
from tiefen.ledger.schema.touches import proposals

NOON = to_us(datetime.fromisoformat("2026-03-10T12:00:00+08:00"))
"""A Tuesday, no holiday, in a month of 31 days."""
LONG_AGO = NOON - 200 * DAY_US
HOUR = DAY_US // 24


class Firm:
    """凤姐 (xifeng) and 平儿 (pinger) work here; nobody is held out unless a test says so."""

    def __init__(self, ledger: Ledger, **policy: object) -> None:
        self.ledger, self._ids = ledger, count(1)
        self.follows(**policy)
        with ledger.write() as connection:
            connection.execute(
                sa.insert(wecom_staff),
                [{"corp_id": CORP, "userid": userid, "name": userid, "serves": True, "seen_us": LONG_AGO} for userid in ("xifeng", "pinger")],
            )  # fmt: skip

    def follows(self, **policy: object) -> None:
        """Its rules."""
        self.ledger.update_settings(CORP, {"policy": {"holdout": 0.0, "staff_tasks": 1000, **policy}})

    def people(self, *names: str, staff: str = "xifeng", added_us: int = LONG_AGO) -> list[int]:
        """Contacts of a member of staff; their numbers."""
        self.tells(
            *(
                ContactAdded(
                    happened_us=added_us, source_id=f"{staff}:{name}", person=Id("external_userid", name),
                    staff=Id("staff_userid", staff),
                )
                for name in names
            )
        )  # fmt: skip
        rows = [
            {"corp_id": CORP, "userid": staff, "external_userid": name, "added_us": added_us, "tags": "{}"}
            for name in names
        ]
        with self.ledger.write() as connection:
            connection.execute(sa.insert(wecom_contacts), rows)
            found = {
                row.id_value: row.person_id
                for row in connection.execute(sa.select(handles).where(handles.c.id_type == "external_userid"))
            }
        return [found[name] for name in names]

    def group(self, chat_id: str, *names: str, owner: str = "xifeng") -> int:
        """A group with these people in it; its number."""
        self.tells(
            GroupCreated(happened_us=LONG_AGO, source_id=chat_id, group=chat_id),
            *(
                MemberJoined(
                    happened_us=LONG_AGO + 1, source_id=f"{chat_id}:{name}", group=chat_id,
                    member=Id("external_userid", name),
                )
                for name in names
            ),
        )  # fmt: skip
        with self.ledger.write() as connection:
            connection.execute(sa.insert(wecom_groups).values(corp_id=CORP, chat_id=chat_id, owner=owner))
            asked = sa.select(group_rows.c.group_id).where(group_rows.c.outer_id == chat_id)
            return int(connection.execute(asked).scalar_one())

    def tells(self, *facts: Fact) -> None:
        self.ledger.append(Batch(CORP, "test", list(facts)))

    def proposes(self, *some: Proposal, now_us: int = NOON) -> None:
        with self.ledger.write() as connection:
            outbox.propose(connection, CORP, some, now_us)

    def say(
        self, to: int, *, worth: int = 0, purpose: str = "sell", due: int = NOON, expires: int = NOON + 30 * DAY_US,
        words: str = "", campaign: str = "spring", group: bool = False, sender: str | None = None, id: str = "",
    ) -> Proposal:  # fmt: skip
        """Something to be said to a person, or to a group."""
        n = next(self._ids)
        return Proposal(
            proposal_id=id or f"p{n:04}", campaign_id=campaign, person=None if group else to, group=to if group else None,
            channel="group" if group else "contact", purpose=purpose, content_id=words or f"words{n}",  # type: ignore[arg-type]
            sender=sender, worth_fen=worth, due_us=due, expires_us=expires,
        )  # fmt: skip

    def gate(self, now_us: int = NOON) -> dict[str, str]:
        """The gate has its turn, to the end; by proposal the state and reason."""
        while admit_due(self.ledger, Settings(), CORP, now_us):
            pass
        return self.states()

    def states(self) -> dict[str, str]:
        with self.ledger.read() as connection:
            rows = connection.execute(sa.select(proposals).order_by(proposals.c.proposal_id)).all()
        return {row.proposal_id: f"{row.state} {row.reason or ''}".strip() for row in rows}

    def due(self, proposal_id: str) -> int:
        with self.ledger.read() as connection:
            asked = sa.select(proposals.c.due_us).where(proposals.c.proposal_id == proposal_id)
            return int(connection.execute(asked).scalar_one())

    def sender(self, proposal_id: str) -> str:
        with self.ledger.read() as connection:
            asked = sa.select(proposals.c.sender).where(proposals.c.proposal_id == proposal_id)
            return str(connection.execute(asked).scalar_one())
