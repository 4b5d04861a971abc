"""剧本 (社群 SOP) — a calendar of blocks for groups of one kind, and what can be wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import msgspec

from tiefen.act.message import Attachment
from tiefen.act.playbooks.block import Act
from tiefen.act.playbooks.blocks import AnyBlock
from tiefen.act.playbooks.personas import Persona
from tiefen.act.proposal import Purpose
from tiefen.kit.errors import TiefenError
from tiefen.ledger.group_kinds import GroupKind

MOST_BLOCKS, MOST_DAYS = 120, 366
_TIME = r"^([01]\d|2[0-3]):[0-5]\d$"
_NAMED = re.compile(r"\{\{\s*(\w+)\s*\}\}")
OWN_VALUES = ("group", "weekday")
"""What words may name beside the settings of their block: the group's name, the day of the week."""

Text = Annotated[str, msgspec.Meta(max_length=1_200)]
Short = Annotated[str, msgspec.Meta(max_length=120)]


class OnDay(msgspec.Struct, frozen=True, kw_only=True, tag_field="when", tag="day", forbid_unknown_fields=True):
    """On the nth day of the group in the playbook; its first day is 1."""

    day: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)]


class EveryWeek(msgspec.Struct, frozen=True, kw_only=True, tag_field="when", tag="week", forbid_unknown_fields=True):
    """Every week on these weekdays (1 is Monday), from one day to another; to the end where none is given."""

    weekdays: Annotated[tuple[int, ...], msgspec.Meta(min_length=1, max_length=7)]
    from_day: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] = 1
    until_day: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] | None = None


class OnDate(msgspec.Struct, frozen=True, kw_only=True, tag_field="when", tag="date", forbid_unknown_fields=True):
    """On a day of the calendar, in all groups at once."""

    on: date


When = OnDay | EveryWeek | OnDate


class Placed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A block in a playbook: when, in whose voice, with which words."""

    key: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{1,40}$")]
    when: When
    at: Annotated[str, msgspec.Meta(pattern=_TIME)]
    block: AnyBlock
    personas: Mapping[str, Persona] = {}
    """By act: another persona than the block has it."""
    how: Mapping[str, Literal["task", "message"]] = {}
    """By act: as a task or as a message to the group, other than the block has it."""
    words: Mapping[str, tuple[Text, ...]] = {}
    """By act: other words than the block's; empty leaves them out."""
    attachments: Annotated[tuple[Attachment, ...], msgspec.Meta(max_length=9)] = ()
    """Material that goes with whatever is said."""

    def acts(self) -> list[Act]:
        """What is done, with everything this playbook says otherwise."""
        return [
            Act(
                key=act.key, title=act.title, detail=act.detail, say=tuple(self.words.get(act.key, act.say)),
                after_minutes=act.after_minutes, persona=self.personas.get(act.key, act.persona),
                how=self.how.get(act.key, act.how), kind=act.kind,
            )
            for act in self.block.acts()
        ]  # fmt: skip


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """New groups that begin the playbook by themselves: whose name has these words, which an entrance (its `state`) made, or which
    are of a kind; all of it where several are named."""

    name_has: Annotated[str, msgspec.Meta(max_length=60)] = ""
    entrance: Annotated[str, msgspec.Meta(max_length=60)] = ""
    group_kind: GroupKind | None = None
    """As was said of the group or else its name sounds; `custom` only where it was said, for most names sound like nothing."""
    since_us: int = 0


class Playbook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A calendar of blocks. `days` 0 goes on without an end."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    name_en: Annotated[str, msgspec.Meta(max_length=80)] = ""
    group_kind: GroupKind = "custom"
    goal: Annotated[str, msgspec.Meta(max_length=300)] = ""
    goal_en: Annotated[str, msgspec.Meta(max_length=300)] = ""
    anchor: Literal["birth", "joined"] = "joined"
    """What its first day is: that of the group's birth, or that on which the group began it."""
    days: Annotated[int, msgspec.Meta(ge=0, le=MOST_DAYS)] = 0
    blocks: Annotated[tuple[Placed, ...], msgspec.Meta(max_length=MOST_BLOCKS)] = ()
    staff: Mapping[str, str] = {}
    """Who (`userid`) is which persona, where a group says nothing else."""
    holdout: Annotated[float, msgspec.Meta(ge=0, le=0.5)] = 0.05
    """The share of groups in which a block is left out, each time others, so that what it brings can be told."""
    rules: Annotated[tuple[Rule, ...], msgspec.Meta(max_length=10)] = ()

    @property
    def purpose(self) -> Purpose:
        """What it is for on the whole: to sell, where any block does."""
        purposes = {one.block.purpose for one in self.blocks}
        return "sell" if "sell" in purposes else "give" if "give" in purposes else "care"


@dataclass(eq=False)
class BadPlaybook(TiefenError):
    """`block` is the key of the block it is about, empty for the whole."""

    says = "The playbook cannot be like this ({block}): {why}."

    block: str
    why: str


@dataclass(eq=False)
class PlaybookNotFound(TiefenError):
    status = 404
    says = "There is no playbook {campaign_id}."

    campaign_id: str


@dataclass(eq=False)
class PlaybookOutdated(TiefenError):
    status = 409
    says = "Somebody else has changed the playbook {campaign_id} meanwhile (version {version}). Load it anew."

    campaign_id: str
    version: int


@dataclass(eq=False)
class PlaybookEnded(TiefenError):
    status = 409
    says = "The playbook {campaign_id} has been ended; copy it to begin anew."

    campaign_id: str


@dataclass(eq=False)
class GroupsNotHere(TiefenError):
    status = 409
    says = "These groups are not here or are dismissed: {groups}."

    groups: list[int]


@dataclass(eq=False)
class BlockNotPlanned(TiefenError):
    status = 409
    says = "The block {block} of {day} is not waiting to begin (any more): {state}."

    block: str
    day: str
    state: str


def checked(playbook: Playbook) -> Playbook:
    """The playbook, if it can be run as it is."""
    seen: set[str] = set()
    for one in playbook.blocks:
        if one.key in seen:
            raise BadPlaybook(one.key, "two blocks have the same key")
        seen.add(one.key)
        if (why := _wrong(playbook, one)) is not None:
            raise BadPlaybook(one.key, why)
    for rule in playbook.rules:
        if not rule.name_has.strip() and not rule.entrance.strip() and rule.group_kind is None:
            raise BadPlaybook("", "a rule for new groups that names nothing would take all of them")
    return playbook


def _wrong(playbook: Playbook, one: Placed) -> str | None:
    match one.when:
        case OnDay(day=day) if playbook.days and day > playbook.days:
            return f"day {day} comes after the last day of the playbook, {playbook.days}"
        case EveryWeek(weekdays=some) if len(set(some)) != len(some) or not all(1 <= day <= 7 for day in some):
            return "weekdays are 1 to 7, each once"
        case EveryWeek(from_day=first, until_day=last) if last is not None and last < first:
            return "it ends before it begins"
        case EveryWeek(from_day=first) if playbook.days and first > playbook.days:
            return f"it begins after the last day of the playbook, {playbook.days}"
        case _:
            pass
    if (why := one.block.wrong()) is not None:
        return why
    acts = {act.key: act for act in one.block.acts()}
    for key in (*one.personas, *one.how, *one.words):
        if key not in acts:
            return f"the block has no act {key}"
    known = {*one.block.values(), *OWN_VALUES}
    for act in one.acts():
        unknown = [name for words in act.say for name in _NAMED.findall(words) if name not in known]
        if unknown:
            return f"the words name {{{{ {unknown[0]} }}}}, which there is not"
        if act.how == "message" and not any(words.strip() for words in act.say):
            return f"{act.key} is a message and has no words"
    return None


def filled(words: str, values: Mapping[str, str]) -> str:
    """Words with everything they name filled in; what a value holds is never read as a name itself."""
    return _NAMED.sub(lambda found: values.get(found[1], found[0]), words)


def keys_of(some: Iterable[Placed]) -> set[str]:
    return {one.key for one in some}
