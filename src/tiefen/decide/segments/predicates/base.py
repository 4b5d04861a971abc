"""What a predicate is: it says in which spans of time it is true of somebody, once for one person and once for all.

A span is [start, end) in microseconds. From spans follow both whether the predicate holds now and until when at least it
stays as it is, in Python (`verdict`) and as an Ibis expression (`judged`); a test holds the two readings together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

import msgspec

from tiefen.insight.expressions import ibis, ir
from tiefen.kit.clock import DAY_US

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene

NEVER = 1 << 62
"""An instant that does not come: what holds until then does not change by time alone."""
ALWAYS = 0
"""An instant before all others."""
AHEAD_US = 2 * DAY_US
"""What turns so soon is asked of all to the microsecond; of whatever turns later it is enough that it does."""

Sentence = tuple[str, str]
"""Chinese, English."""
ANY_FACT: tuple[str, ...] = ()


class Span(NamedTuple):
    """From when to when something is true of somebody."""

    start: int
    end: int


class Verdict(NamedTuple):
    """Whether it is true now, and the instant before which time alone does not change that."""

    holds: bool
    until: int


class Calling(Protocol):
    """What to call things in a sentence."""

    def __call__(self, what: str, key: str | int) -> str: ...


class Predicate(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One condition on people. A kind is a file here and a line in the list."""

    title: ClassVar[Sentence]
    """What the kind is called."""
    opposite: ClassVar[bool] = False
    """Whether it is true where its spans say that it is not."""

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        """When it is true of one person: all spans that hold `now_us` or begin after it."""
        raise NotImplementedError

    def where(self, scene: Scene) -> ir.Table:
        """The same for everybody: (person, starts, ends), in no order; who is not there is never meant."""
        raise NotImplementedError

    def said(self, called: Calling) -> Sentence:
        """The condition as a sentence without a full stop."""
        raise NotImplementedError

    def reacts_to(self) -> Collection[str]:
        """The kinds of facts that may change it for somebody."""
        return ()

    def needs(self) -> Collection[str]:
        """What it looks at beyond facts and stays: `attribute:KEY`, `number:COLUMN`, `stages`, `kinds`, `roles`, `complaints`, `audience:ID`."""
        return ()

    def wrong(self) -> str | None:
        """Why the values make no sense together; None where they do."""
        return None

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        """The facts it looked at, the newest first."""
        return []

    def prepare(self, scene: Scene) -> None:
        """Give the scene the tables of our own that `where` asks of; nothing for whoever asks of facts alone."""
        if self.needs():
            self.where(scene)

    # ---- the two readings ----

    def matches(self, one: Seen, now_us: int) -> bool:
        return self.judge(one, now_us).holds

    def until(self, one: Seen, now_us: int) -> int | None:
        """When time alone may change the answer; None for never."""
        at = self.judge(one, now_us).until
        return None if at >= NEVER else at

    def judge(self, one: Seen, now_us: int) -> Verdict:
        holds, until = verdict(self.spans(one, now_us), now_us)
        return Verdict(holds != self.opposite, until)

    def judged(self, scene: Scene) -> ir.Table:
        """(person, holds, until) of whom there is anything to say; of an `opposite`, what its spans say."""
        return judged(self.where(scene), scene.now)

    def held(self, scene: Scene) -> ir.Table:
        """(person): of whom it holds now, each once or more. What `judged` says of that, where nobody asks until when."""
        spans = self.where(scene)
        return spans.filter(spans.starts <= scene.now, spans.ends > scene.now).select("person")


def verdict(spans: Iterable[Span], now_us: int) -> Verdict:
    """What spans say of an instant."""
    held, after = ALWAYS - 1, NEVER
    for start, end in spans:
        if start <= now_us < end:
            held = max(held, end)
        elif now_us < start < end:
            after = min(after, start)
    return Verdict(True, held) if held > now_us else Verdict(False, after)


def judged(spans: ir.Table, now: Any) -> ir.Table:
    """`verdict` for everybody."""
    spans = spans.filter(spans.starts < spans.ends, spans.ends > now)
    inside = spans.starts <= now
    each = spans.group_by("person").agg(held=spans.ends.max(where=inside), after=spans.starts.min(where=~inside))
    return each.select(
        "person",
        holds=each.held.notnull(),
        until=ibis.coalesce(each.held, each.after, ibis.literal(NEVER, "int64")).cast("int64"),
    )


def shown(widget: str, zh: str, en: str, **more: Any) -> msgspec.Meta:
    """How a field is asked for in the console, and its bounds."""
    options = more.pop("options", None)
    told = {"widget": widget, "zh": zh, "en": en} | ({"options": options} if options else {})
    return msgspec.Meta(extra_json_schema=told, **more)


def of_all_time(table: ir.Table) -> ir.Table:
    """(person, starts, ends) of those in a table: true of them for as long as the table is."""
    return table.select("person", starts=ibis.literal(ALWAYS, "int64"), ends=ibis.literal(NEVER, "int64"))


TRUE = (Span(ALWAYS, NEVER),)
FALSE: tuple[Span, ...] = ()


def days_said(days: int) -> Sentence:
    return f"{days} 天", f"{days} day{'s' if days != 1 else ''}"
