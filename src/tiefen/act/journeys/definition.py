"""What a journey is, and everything that can be wrong with one: each error with the step it is at and a sentence in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from tiefen.act.journeys.happening import Happening, Sentence
from tiefen.act.journeys.steps import AnyStep, Jump, Step, WaitFor
from tiefen.act.journeys.triggers import AnyTrigger
from tiefen.act.proposal import Purpose

MOST_STEPS, MOST_TRIGGERS, MOST_BYTES = 200, 10, 400_000
Exit = Literal["on_goal", "on_trigger_gone", "on_both", "only_at_end"]
"""When somebody leaves before the end (PostHog's four)."""


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """What the journey is for, counted within some days of entering."""

    happening: Happening
    days: int = 30


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """Whether somebody may enter again: once; every_time; cooldown: after so many days; per_entity: once for every value of a field
    of the fact that brings them in (an order, a product)."""

    rule: Literal["once", "every_time", "cooldown", "per_entity"] = "once"
    days: int = 30
    field: str = ""


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """A journey as it is drawn. People begin at the first step."""

    triggers: tuple[AnyTrigger, ...] = ()
    steps: tuple[AnyStep, ...] = ()
    purpose: Purpose = "care"
    goal: Goal | None = None
    exit: Exit = "on_goal"
    again: Again = Again()
    most_a_day: int | None = None
    most: int | None = None
    holdout: float = 0.05
    """The share of those who would enter with whom nothing is done, so that it can be known what it changed."""
    begins: str | None = None
    """Nobody enters before this instant (ISO 8601 with a zone)."""
    ends: str | None = None

    def step(self, step_id: str) -> Step | None:
        return next((one for one in self.steps if one.id == step_id), None)

    @property
    def by_id(self) -> dict[str, Step]:
        return {one.id: one for one in self.steps}

    def facts(self) -> set[str]:
        """The kinds of facts it reacts to."""
        kinds = {kind for trigger in self.triggers for kind in trigger.facts()}
        kinds |= {self.goal.happening.fact} if self.goal else set()
        for step in self.steps:
            if isinstance(step, WaitFor):
                kinds |= {step.happening.fact} if step.happening else {"segment.entered"}
        return kinds

    def segments(self) -> set[str]:
        """The segments it looks at."""
        found = {getattr(one, "segment", None) for one in (*self.steps, *self.triggers)}
        return {one for one in found if one}


class Wrong(msgspec.Struct, frozen=True):
    """One thing that is wrong, and where: a step's id, `trigger:N`, or nothing for the journey."""

    at: str
    zh: str
    en: str


def decoded(body: str | bytes) -> Journey:
    """A journey as it is kept."""
    return msgspec.json.decode(body, type=Journey)


def encoded(journey: Journey) -> str:
    return msgspec.json.encode(journey).decode()


def wrongs(journey: Journey, *, segments: Sequence[str] | None = None) -> list[Wrong]:
    """Everything that keeps it from being published. `segments` are those there are, where somebody knows."""
    found = list(_of_settings(journey))
    for n, trigger in enumerate(journey.triggers):
        found += [Wrong(f"trigger:{n}", *one) for one in trigger.wrong()]
    ids = Counter(step.id for step in journey.steps)
    for step in journey.steps:
        found += [Wrong(step.id, *one) for one in _of_step(step, ids)]
    for step in journey.steps:
        if _never_taken(journey, step):
            found.append(
                Wrong(
                    step.id, "达成目标就退出了，走不到“发生了”这条路：改成“走完才退出”，或者去掉这条路",
                    "Whoever does this reaches the goal and leaves first: leave only at the end, or take this way out",
                )
            )  # fmt: skip
    if len(ids) == len(journey.steps):
        found += _of_graph(journey)
    if segments is not None:
        for at, one in _segments_at(journey):
            if one not in segments:
                found.append(
                    Wrong(at, f"没有分群“{one}”，或者已经归档", f"There is no segment {one}, or it is archived")
                )
    return found


def _never_taken(journey: Journey, step: Step) -> bool:
    """Whether what is waited for is the goal on which everybody leaves, and something would come after it."""
    if not isinstance(step, WaitFor) or step.yes is None or journey.goal is None:
        return False
    return journey.exit in ("on_goal", "on_both") and step.happening == journey.goal.happening


def _of_settings(journey: Journey) -> Iterator[Wrong]:
    def no(zh: str, en: str) -> Wrong:
        return Wrong("", zh, en)

    if not journey.triggers:
        yield no("还没有触发条件", "Nothing brings anybody in yet")
    if len(journey.triggers) > MOST_TRIGGERS:
        yield no(f"触发条件最多 {MOST_TRIGGERS} 个", f"At most {MOST_TRIGGERS} triggers")
    if not journey.steps:
        yield no("还没有步骤", "There is no step yet")
    if len(journey.steps) > MOST_STEPS:
        yield no(f"步骤最多 {MOST_STEPS} 个", f"At most {MOST_STEPS} steps")
    if journey.goal:
        for zh, en in journey.goal.happening.wrong():
            yield no(f"目标：{zh}", f"Goal: {en}")
        if not 1 <= journey.goal.days <= 366:
            yield no("目标的期限要在 1 到 366 天之间", "The goal must be within 1 to 366 days")
    if journey.goal is None and journey.exit == "on_both":
        yield no("没有目标，就不能“达成目标即退出”", "Without a goal nobody can leave on reaching it")
    if journey.again.rule == "cooldown" and not 1 <= journey.again.days <= 3_660:
        yield no("间隔要在 1 到 3660 天之间", "The pause must be between 1 and 3,660 days")
    if journey.again.rule == "per_entity" and not journey.again.field:
        yield no("没有写按哪个字段区分", "The field that tells one entry from another is not named")
    for limit in (journey.most, journey.most_a_day):
        if limit is not None and limit < 1:
            yield no("人数上限至少是 1", "A limit is at least 1")
    if not 0 <= journey.holdout <= 0.5:
        yield no("对照比例要在 0 到 50% 之间", "The holdout is between 0 and 50 %")
    begins, ends = instant(journey.begins), instant(journey.ends)
    if (journey.begins and begins is None) or (journey.ends and ends is None):
        yield no("起止时间要带时区", "The window's times need a zone")
    elif begins is not None and ends is not None and begins >= ends:
        yield no("结束要晚于开始", "It must end after it begins")


def _of_step(step: Step, ids: Counter[str]) -> Iterator[Sentence]:
    if not step.id or len(step.id) > 60 or ":" in step.id:
        yield "步骤编号要有 1–60 个字符，不含冒号", "A step's id has 1–60 characters without a colon"
    if ids[step.id] > 1:
        yield f"编号“{step.id}”用了不止一次", f"The id {step.id} is used more than once"
    for way, to in step.ways().items():
        if to is not None and to not in ids:
            name = step.way_said(way)
            yield f"“{name[0]}”指向不存在的步骤“{to}”", f"“{name[1]}” leads to a step {to} that is not there"
    yield from step.wrong()


def _of_graph(journey: Journey) -> Iterator[Wrong]:
    """Steps nobody comes to, and loops in which no time passes."""
    by_id = journey.by_id
    if not journey.steps:
        return
    reached = reachable(by_id, journey.steps[0].id)
    for step in journey.steps:
        if step.id not in reached:
            yield Wrong(step.id, "没有路通到这一步", "No way leads to this step")
    plain = _cycle(by_id, _without_jump)
    if plain:
        names = " → ".join(plain)
        yield Wrong(
            plain[0],
            f"转圈了：{names}。要回到前面，请用“跳回”",
            f"It goes in a circle: {names}. To go back, use a jump",
        )
        return
    endless = _cycle(by_id, lambda step: {} if step.breaks_loops else dict(step.ways()))
    if endless:
        names = " → ".join(endless)
        yield Wrong(
            endless[0], f"循环里没有“等待一段时间”：{names}", f"There is no wait of some length in the loop {names}"
        )


def _without_jump(step: Step) -> dict[str, str | None]:
    ways = dict(step.ways())
    if isinstance(step, Jump):
        ways.pop("again")
    return ways


def reachable(by_id: Mapping[str, Step], first: str) -> set[str]:
    """The steps that somebody may come to."""
    seen: set[str] = set()
    front = [first]
    while front:
        at = front.pop()
        if at in seen or at not in by_id:
            continue
        seen.add(at)
        front += [to for to in by_id[at].ways().values() if to is not None]
    return seen


def _cycle(by_id: Mapping[str, Step], ways: Any) -> tuple[str, ...]:
    """A circle among the steps, if there is one; walked with a stack of its own, since journeys may be long."""
    done: set[str] = set()
    for start in by_id:
        if start in done:
            continue
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            at, leaving = stack.pop()
            if leaving:
                on_path.discard(path.pop())
                done.add(at)
                continue
            if at in on_path:
                return (*path[path.index(at) :], at)
            if at in done or at not in by_id:
                continue
            path.append(at)
            on_path.add(at)
            stack.append((at, True))
            stack += [(to, False) for to in ways(by_id[at]).values() if to is not None]
    return ()


def _segments_at(journey: Journey) -> Iterator[tuple[str, str]]:
    for n, trigger in enumerate(journey.triggers):
        if one := getattr(trigger, "segment", None):
            yield f"trigger:{n}", one
    for step in journey.steps:
        if one := getattr(step, "segment", None):
            yield step.id, one


def instant(text: str | None) -> int | None:
    """An instant written in ISO 8601 with a zone; None where it is none."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if at.tzinfo is None else int(at.timestamp() * 1_000_000)
