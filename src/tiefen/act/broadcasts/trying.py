"""Trying it out (测试发送): one variant to one person who is to look at it first. It counts for nothing else."""

from __future__ import annotations

import msgspec

from tiefen.act import outbox, templates
from tiefen.act.broadcasts import proposing
from tiefen.act.broadcasts.errors import BadPlan
from tiefen.act.broadcasts.keeping import Broadcast
from tiefen.act.broadcasts.plan import ToPersons
from tiefen.act.message import Message
from tiefen.act.proposal import Proposal
from tiefen.act.variables import BY_KEY
from tiefen.kit.clock import SECOND_US
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger

STEP = "test"
_LASTS_US = 24 * 3600 * SECOND_US


def try_on(
    ledger: Ledger, settings: Settings, corp_id: str, broadcast: Broadcast, person: int, variant: str, now_us: int
) -> str:  # fmt: skip
    """Propose one variant to one person, as something they asked for; returns the proposal. Staff confirm it like any other."""
    message = _variant(broadcast, variant)
    plan = msgspec.structs.replace(broadcast.plan, whom=ToPersons(persons=(person,)))
    with ledger.read() as connection:
        senders = proposing.senders_of(connection, corp_id, plan, [person])
        values = proposing.values_of(ledger, settings, connection, corp_id, plan, [person], senders, now_us)
    said = templates.fill(message, examples(message) | values.get(person, {}))
    if isinstance(said, templates.Refused):
        raise BadPlan("variants", said.reason)
    proposal = Proposal(
        proposal_id=f"{broadcast.campaign_id}:{STEP}:{person}:{variant}:{now_us // SECOND_US}",
        campaign_id=broadcast.campaign_id, step=STEP, person=person, channel="contact", purpose="service",
        content_id=said.content_id, arm=variant, sender=plan.sender, due_us=now_us, expires_us=now_us + _LASTS_US,
    )  # fmt: skip
    with ledger.write() as connection:
        outbox.keep_content(connection, corp_id, said)
        outbox.propose(connection, corp_id, [proposal], now_us)
    return proposal.proposal_id


def as_example(broadcast: Broadcast, variant: str) -> Message:
    """A variant with examples in place of its variables, to be shown to whoever writes it."""
    message = _variant(broadcast, variant)
    said = templates.fill(message, examples(message))
    if isinstance(said, templates.Refused):
        raise BadPlan("variants", said.reason)
    return said


def examples(message: Message) -> dict[str, str]:
    """Something to stand for each variable of a message."""
    return {key: BY_KEY[key].example for key in templates.variables_in(message)}


def _variant(broadcast: Broadcast, name: str) -> Message:
    for variant in broadcast.plan.variants:
        if variant.name == name:
            return variant.message
    raise BadPlan("variants", f"there is no variant {name}")
