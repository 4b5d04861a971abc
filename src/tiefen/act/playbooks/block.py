"""What a block of a playbook is: typed settings, defaults, and what staff do and say when its time comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import msgspec

from tiefen.act.playbooks.personas import Persona
from tiefen.act.proposal import Purpose
from tiefen.act.tasks.task import Kind

Sentence = tuple[str, str]
"""Chinese, English."""
Watch = Literal["messages", "speakers", "leavers", "orders"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing to do in a block: a task for whoever has the persona, or a message to the group through its owner.

    `say` are variants of the same words, of which each group gets one; `{{ … }}` in them is filled in from the settings.
    """

    key: str
    title: Sentence
    detail: str = ""
    say: tuple[str, ...] = ()
    after_minutes: int = 0
    """Later than the block begins, or before it where negative."""
    persona: Persona
    how: Literal["task", "message"] = "task"
    kind: Kind = "marketing"


class Block(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """A kind of activity in a group. A new one is a file in this folder's `blocks`, a line in its list, and a test that reads it."""

    title: ClassVar[Sentence]
    about: ClassVar[Sentence]
    """What it is good for."""
    purpose: ClassVar[Purpose] = "give"
    at: ClassVar[str] = "20:00"
    """The time of day it usually is at."""
    hours: ClassVar[float] = 1.0
    """How long it lasts; in these hours its effect on activity is measured."""
    window_hours: ClassVar[float] = 3.0
    """How much later than planned it may still begin; beyond that it is skipped."""
    essential: ClassVar[bool] = False
    """Never left out in order to measure what it brings."""
    material: ClassVar[tuple[Sentence, ...]] = ()
    """What must be ready beforehand."""
    watch: ClassVar[tuple[Watch, ...]] = ("messages", "speakers", "leavers")
    """What to look at afterwards."""

    def acts(self) -> tuple[Act, ...]:
        """What is done, in order of time."""
        raise NotImplementedError

    def values(self) -> dict[str, str]:
        """What `{{ … }}` in the words stands for."""
        return {name: _written(getattr(self, name)) for name in self.__struct_fields__}

    def wrong(self) -> str | None:
        """Why the settings make no sense together; None where they do."""
        return None


def shown(widget: str, zh: str, en: str, **more: Any) -> msgspec.Meta:
    """How a setting is asked for in the console, and its bounds."""
    return msgspec.Meta(extra_json_schema={"widget": widget, "zh": zh, "en": en}, **more)


def line(zh: str, en: str, most: int = 60) -> msgspec.Meta:
    return shown("line", zh, en, min_length=1, max_length=most)


def text(zh: str, en: str, most: int = 600) -> msgspec.Meta:
    return shown("text", zh, en, min_length=1, max_length=most)


def lines(zh: str, en: str, most: int = 10) -> msgspec.Meta:
    return shown("lines", zh, en, min_length=1, max_length=most)


def yuan(fen: int) -> str:
    """An amount as it is spoken: 9.9, 20."""
    return f"{fen / 100:.2f}".rstrip("0").rstrip(".")


def numbered(some: tuple[str, ...]) -> str:
    return "\n".join(f"{n}. {one}" for n, one in enumerate(some, 1))


def _written(value: object) -> str:
    return numbered(value) if isinstance(value, tuple) else str(value)
