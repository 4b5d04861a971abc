"""Words of their own or the same for all (各说各的，还是统一文案): each different text is a task of its own, and a task is a tap of somebody.

`personal`: everybody their own. `one`: the plain words, in which fallbacks stand for what is known of each; what is known of who says
it stays, for it costs no tap. `auto`: their own as long as what a member of staff has to confirm that day stays within `personal_taps`;
beyond that the plain words to everybody they are speaking with. See docs/decisions/0008-words-and-taps.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act import templates
from tiefen.act.gate import Task
from tiefen.act.known import LET_OUT
from tiefen.act.message import Message
from tiefen.act.proposal import Channel
from tiefen.act.senders import contact_senders
from tiefen.act.templates import Refused
from tiefen.act.variables import OF_STAFF
from tiefen.decide.policy import policy_of
from tiefen.kit.clock import day_of, start_of
from tiefen.ledger import corps, dialect
from tiefen.ledger.schema.touches import proposals

Words = Literal["auto", "personal", "one"]
WORDS: tuple[Words, ...] = ("auto", "personal", "one")


class Staff(Protocol):
    """What is to be known of staff before words are chosen."""

    def senders(self, persons: Sequence[int]) -> Mapping[int, str]:
        """Who is to say it to each."""
        ...

    def taps(self, now_us: int) -> Mapping[str, Collection[Task]]:
        """By member of staff: what they are to confirm that day."""
        ...

    @property
    def most(self) -> int:
        """Up to how many of them a day people get words of their own."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """Some who are told the same message, and under which name of a variant."""

    message: Message
    units: Sequence[int]
    arm: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be said to one of them."""

    unit: int
    arm: str
    message: Message
    content_id: str
    own_id: str
    """The content of words of their own, whether they get them or not."""
    plain_id: str | None
    """Where these are their own: the content of the plain ones."""
    sender: str | None
    """Who must say it, where it is settled: their name is in it, or their taps were counted."""

    @property
    def plain(self) -> bool:
        """Whether they get plain words though they could have had their own."""
        return self.content_id != self.own_id


@dataclass(frozen=True, slots=True)
class Worded:
    """What is said to whom, and who can be said nothing: (unit, arm, why)."""

    said: list[Said] = field(default_factory=list)
    refused: list[tuple[int, str, Refused]] = field(default_factory=list)


def personal(message: Message) -> bool:
    """Whether it says something that differs from one to the other."""
    return bool(templates.variables_in(message) - OF_STAFF)


def without_plain(message: Message) -> frozenset[str]:
    """The variables for which no plain words are given: what has one is said in words of their own or not at all."""
    return templates.without_fallback(message) - OF_STAFF


def choose(
    parts: Sequence[Part], how: Words, values: Mapping[int, Mapping[str, str]], senders: Mapping[int, str],
    taps: Mapping[str, Collection[Task]], most: int, *, campaign_id: str, channel: Channel, fixed: bool = False, share: float = 1.0,
) -> Worded:  # fmt: skip
    """Words for each. `taps` is what staff have to confirm that day already; `fixed` whether the sender is settled in any case; `share`
    the part of all whom these are, where they are a sample."""
    done = Worded()
    forms = [_Forms.of(part, values) for part in parts]
    if how == "auto":
        busy = _too_many(forms, senders, taps, most, campaign_id, channel, share)
    for form in forms:
        named = bool(templates.variables_in(form.part.message) & OF_STAFF)
        for unit in form.part.units:
            sender = senders.get(unit)
            plainly = how == "one" or (how == "auto" and sender in busy)
            own, plain = form.own[unit], form.plain.get(unit)
            found = plain if plainly and isinstance(plain, _Text) else own
            if isinstance(found, Refused):
                done.refused.append((unit, form.part.arm, found))
                continue
            theirs = plain is not None and found is not plain
            done.said.append(
                Said(
                    unit, form.part.arm, found.message, found.content_id,
                    own.content_id if isinstance(own, _Text) else found.content_id,
                    plain.content_id if isinstance(plain, _Text) and theirs else None,
                    sender if fixed or named or (how == "auto" and theirs) else None,
                )
            )  # fmt: skip
    return done


def _too_many(
    forms: Sequence[_Forms], senders: Mapping[int, str], taps: Mapping[str, Collection[Task]], most: int,
    campaign_id: str, channel: Channel, share: float,
) -> set[str]:  # fmt: skip
    """Staff who would have to tap too often for words of their own."""
    own: dict[str, Counter[str]] = defaultdict(Counter)
    for form in forms:
        for unit in form.part.units:
            text = form.own[unit]
            if (sender := senders.get(unit)) is not None and isinstance(text, _Text):
                own[sender][text.content_id] += 1
    found: set[str] = set()
    for sender, texts in own.items():
        have = taps.get(sender, ())
        new = [times for text, times in texts.items() if (campaign_id, text, channel) not in have]
        # Of a sample: what was seen once stands for others that were not seen; what was seen often was seen whole.
        new_ones = len(new) + sum(times == 1 for times in new) * (1 - share) / share
        if new and len(have) + new_ones > most:
            found.add(sender)
    return found


@dataclass(frozen=True, slots=True)
class _Text:
    message: Message
    content_id: str


@dataclass(frozen=True, slots=True)
class _Forms:
    """A part in both forms, by unit; `plain` has nobody where there are no plain words, or no others."""

    part: Part
    own: Mapping[int, _Text | Refused]
    plain: Mapping[int, _Text | Refused]

    @staticmethod
    def of(part: Part, values: Mapping[int, Mapping[str, str]]) -> _Forms:
        own = _by_unit(part, values)
        if not personal(part.message) or without_plain(part.message):
            return _Forms(part, own, {})
        of_staff = {unit: {key: known for key, known in of.items() if key in OF_STAFF} for unit, of in values.items()}
        plain = _by_unit(part, of_staff)
        # Who has no value for anything is told the plain words in any case.
        return _Forms(part, own, {unit: plain[unit] if plain[unit] != own[unit] else own[unit] for unit in part.units})


def _by_unit(part: Part, values: Mapping[int, Mapping[str, str]]) -> dict[int, _Text | Refused]:
    done = templates.render(part.message, part.units, values)
    found: dict[int, _Text | Refused] = {}
    for message, some in done.said.items():
        found |= dict.fromkeys(some, _Text(message, message.content_id))
    for why, some in done.refused.items():
        found |= dict.fromkeys(some, why)
    return found


# ---- staff ----


@dataclass(frozen=True, slots=True)
class AtWork:
    """Staff as they are, in earnest."""

    connection: Connection
    corp_id: str

    def senders(self, persons: Sequence[int]) -> Mapping[int, str]:
        return contact_senders(self.connection, self.corp_id, persons)

    def taps(self, now_us: int) -> dict[str, set[Task]]:
        """What was let out today, and what waits for the gate in somebody's name."""
        zone_name = corps.get(self.connection, self.corp_id).time_zone
        columns = proposals.c.sender, proposals.c.campaign_id, proposals.c.content_id, proposals.c.channel
        mine = (
            sa.select(*columns).where(proposals.c.corp_id == self.corp_id, proposals.c.sender.is_not(None)).distinct()
        )
        today = mine.where(
            proposals.c.admitted_us >= start_of(day_of(now_us, zone_name), zone_name), proposals.c.state.in_(LET_OUT)
        )
        # Written out, so that the small index on just these is seen to fit.
        waiting = mine.where(proposals.c.state == sa.literal_column("'proposed'"), proposals.c.expires_us > now_us)
        found: dict[str, set[Task]] = defaultdict(set)
        for asked in (today, waiting):
            for sender, campaign_id, content_id, channel in dialect.plain_rows(self.connection, asked):
                found[sender].add((campaign_id, content_id, channel))
        return found

    @property
    def most(self) -> int:
        return policy_of(corps.get(self.connection, self.corp_id).settings).taps_for_words
