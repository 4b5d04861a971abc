"""What a step is: it takes a set of people at once, and says of each which way they go or until when they stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import msgspec
import numpy as np
import numpy.typing as npt

from tiefen.act.journeys.happening import Sentence

if TYPE_CHECKING:
    from tiefen.act.journeys.scene import Scene

Numbers = npt.NDArray[np.int64]
NEVER = 1 << 62
"""An instant that does not come: whoever rests until then waits for something to happen."""
MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000
MOST_MINUTES = 366 * 24 * 60


class Crowd(NamedTuple):
    """People at one step, column by column."""

    person: Numbers
    entry: Numbers
    lap: Numbers
    """How often they jumped back in all, and in this loop."""
    turns: Numbers
    since_us: Numbers
    """When they came to the step."""
    happened: npt.NDArray[np.bool_]
    """Whether what the step waits for has just happened."""

    def only(self, some: npt.NDArray[Any]) -> Crowd:
        return Crowd(*(column[some] for column in self))


@dataclass(slots=True)
class Taken:
    """What a step made of a crowd: by way out, a mask of who goes it; of the rest, until when they stay."""

    ways: dict[str, npt.NDArray[np.bool_]] = field(default_factory=dict)
    due_us: Numbers | None = None
    """For those on no way."""

    @classmethod
    def all(cls, crowd: Crowd, way: str = "next") -> Taken:
        return cls({way: np.ones(len(crowd.person), dtype=bool)})

    @classmethod
    def until(cls, due_us: Numbers, now_us: int, way: str = "next") -> Taken:
        """Those whose time has come go; the others stay."""
        return cls({way: due_us <= now_us}, due_us)

    @classmethod
    def by(cls, holds: npt.NDArray[np.bool_], yes: str = "yes", no: str = "no") -> Taken:
        return cls({yes: holds, no: ~holds})


class Step(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One step of a journey. A kind is a file here and a line in the list."""

    title: ClassVar[Sentence]
    icon: ClassVar[str] = "more"
    breaks_loops: ClassVar[bool] = False
    """Whether time surely passes in it."""
    rests: ClassVar[bool] = False
    """Whether people stay in it."""

    id: str
    next: str | None = None
    """Where it goes on; None is the end."""

    def ways(self) -> Mapping[str, str | None]:
        """Every way out, and the step it leads to (None: the end)."""
        return {"next": self.next}

    def rewired(self, to: Mapping[str, str | None]) -> Self:
        """The same step with ways leading elsewhere."""
        return msgspec.structs.replace(self, next=to.get("next", self.next))

    def way_said(self, way: str) -> Sentence:
        """What a way out is called."""
        return _WAYS.get(way, (way, way))

    def said(self) -> Sentence:
        """The step as a sentence without a full stop."""
        raise NotImplementedError

    def wrong(self) -> Iterator[Sentence]:
        """What is wrong with its values; ways are looked at elsewhere."""
        return iter(())

    def take(self, scene: Scene, crowd: Crowd) -> Taken:
        raise NotImplementedError


_WAYS: dict[str, Sentence] = {
    "next": ("继续", "then"), "yes": ("是", "yes"), "no": ("否", "no"), "happened": ("发生了", "it happened"),
    "timeout": ("没等到", "it did not happen"), "again": ("再来一次", "again"), "enough": ("次数够了", "often enough"),
}  # fmt: skip


class Forked(Step, frozen=True, kw_only=True):
    """A step with two ways out and no `next`."""

    names: ClassVar[tuple[str, str]] = ("yes", "no")

    yes: str | None = None
    no: str | None = None

    def ways(self) -> Mapping[str, str | None]:
        return {self.names[0]: self.yes, self.names[1]: self.no}

    def rewired(self, to: Mapping[str, str | None]) -> Self:
        yes, no = self.names
        return msgspec.structs.replace(self, yes=to.get(yes, self.yes), no=to.get(no, self.no))


def length_said(minutes: int) -> Sentence:
    """A length of time in the largest unit that it is whole in."""
    for size, zh, en in ((1440, "天", "day"), (60, "小时", "hour"), (1, "分钟", "minute")):
        if minutes % size == 0:
            n = minutes // size
            return f"{n} {zh}", f"{n} {en}{'' if n == 1 else 's'}"
    raise AssertionError


def length_wrong(minutes: int) -> Iterator[Sentence]:
    if not 1 <= minutes <= MOST_MINUTES:
        yield "时长要在 1 分钟到 366 天之间", "The time must be between one minute and 366 days"
