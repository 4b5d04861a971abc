"""A population in a sandbox: its history up to now, and its life with the clock from then on."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from tiefen.sandbox.population.acts import Act, Doer
from tiefen.sandbox.population.errors import AlreadyPopulated, NotPopulated
from tiefen.sandbox.population.life import TAG_GROUPS, Life, first_midnight
from tiefen.sandbox.population.memory import Memory, Plan
from tiefen.sandbox.population.reactions import Reactions
from tiefen.sandbox.population.society import Society

if TYPE_CHECKING:
    from tiefen.sandbox import Sandbox

BRAND = "青禾茶事"
HOUR = 3_600.0
STAY_AWAY = 0.6
"""The share of their later purchases that somebody who was driven away does not make."""
Progress = Callable[[int, int], None]
"""Told (days lived, days in all)."""


def populate(
    box: Sandbox, *, groups: int = 40, people: int = 8_000, days: int = 365, staff: int = 6, seed: int = 7,
    corpid: str | None = None, progress: Progress | None = None,
) -> Plan:  # fmt: skip
    """A history of so many days up to the clock's now, lived on the phones of one company (the first, or a new one).

    Day by day in transactions: cut short, it goes on from there when asked again with the same numbers, and raises
    `AlreadyPopulated` where another population lives. Then see `live`.
    """
    memory = Memory(box.store)
    plan = memory.plan()
    if plan is None:
        with box.bulk():
            plan = _found(box, memory, groups, people, days, staff, seed, corpid)
    elif (plan.groups, plan.people, plan.days, plan.seed) != (groups, people, days, seed):
        raise AlreadyPopulated(plan.groups, plan.people, plan.days)
    most = box.setting("contacts_most")
    box.configure(contacts_most=None)  # counted anew for each contact otherwise
    try:
        _live_history(box, memory, plan, progress)
    finally:
        box.configure(contacts_most=most)
    return plan


def live(box: Sandbox) -> Living:
    """Have the population of a sandbox go on with its clock, and take what the brand sends. Call it whenever one is opened."""
    memory = Memory(box.store)
    plan = memory.plan()
    if plan is None:
        raise NotPopulated
    living = Living(box, memory, plan)
    living.begin()
    return living


def society_of(plan: Plan) -> Society:
    """The society a population was made from, before its first day."""
    return Society(seed=plan.seed, groups=plan.groups, people=plan.people, days=plan.days, staff=plan.staff)


def _found(
    box: Sandbox, memory: Memory, groups: int, people: int, days: int, staff: int, seed: int, corpid: str | None
) -> Plan:
    now = box.clock.now()
    staff = max(staff, people // 12_000)
    corps = box.corps()
    if corpid is None:
        corpid = corps[0].corpid if corps else box.add_corp(BRAND).corpid
    begins = first_midnight(now, days)
    plan = Plan(corpid=corpid, seed=seed, groups=groups, people=people, days=days, staff=staff, begins=begins, ends=now)
    memory.begin(plan)
    phones = box.phones(corpid)
    with box.clock.held(begins - HOUR):
        for one in society_of(plan).staff:
            phones.hire(one.userid, one.name)
        tags = {name: phones.admin_add_tag(group, name) for group, names in TAG_GROUPS.items() for name in names}
    box.store.set("population_tags", tags)
    return plan


def _live_history(box: Sandbox, memory: Memory, plan: Plan, progress: Progress | None) -> None:
    society = society_of(plan)
    life = Life(society, plan.begins)
    doer = Doer(box, box.phones(plan.corpid), memory.names(), [one.userid for one in society.staff])
    lived = memory.lived()
    while life.midnight(society.next_day) <= plan.ends and lived < plan.ends:
        day = society.next_day
        done = life.midnight(day + 1) <= lived
        acts = life.next_day(talking=not done)
        if done:
            continue
        with box.bulk():
            doer.names.said.clear()
            for act in acts:
                if act.at > plan.ends:
                    break
                doer.do(act)
            lived = min(life.midnight(day + 1), plan.ends)
            if lived < plan.ends:
                doer.said.clear()  # nobody answers yesterday's
            keep(memory, doer, anew=False)
            memory.live_until(lived)
        if progress is not None:
            progress(day + 1, plan.days)


def keep(memory: Memory, doer: Doer, *, anew: bool) -> None:
    """Write down what an act or a day brought."""
    memory.meet(doer.fresh_people, doer.fresh_groups)
    if doer.said or anew:
        memory.hear(doer.said, anew=anew)
    doer.fresh_people, doer.fresh_groups, doer.said = [], [], []


class Living:
    """A population that goes on: an hour's acts are put on the clock at a time, so that little is lost with the process."""

    def __init__(self, box: Sandbox, memory: Memory, plan: Plan) -> None:
        self.box, self.memory, self.plan = box, memory, plan
        self.society = society_of(plan)
        self.life = Life(self.society, plan.begins)
        with box.store.lock:
            names = memory.names()
        self.doer = Doer(box, box.phones(plan.corpid), names, [one.userid for one in self.society.staff])
        self.doer.looks_for_entrances = True
        self.reactions = Reactions(self.society, names, memory, self.later)
        self._day: list[Act] = []

    def begin(self) -> None:
        """Register with the sandbox; the first time also puts the first hour on its clock."""
        box = self.box
        with box.store.lock:
            waits = box.store.value("SELECT min(at) FROM due WHERE kind = 'population.hour'")
            self._catch_up_to(self.plan.ends if waits is None else waits)
            box.handler("population.act", lambda _, payload: self._act(payload))
            box.handler("population.hour", lambda _, payload: self._hour(payload["from"]))
            box.listeners.tasked.append(self.reactions.tasked)
            box.listeners.delivered.append(self.reactions.delivered)
            if waits is None:
                with box.store.unit():
                    box.schedule(self.plan.ends, "population.hour", {"from": self.plan.ends})

    def later(self, act: Act) -> None:
        """Put an act on the clock."""
        self.box.schedule(act.at, "population.act", [act.at, act.do, act.args])

    def _catch_up_to(self, at: float) -> None:
        """Live what was lived already, up to the day of a moment, whose acts are kept at hand."""
        while self.life.midnight(self.society.next_day + 1) <= at:
            self.life.next_day(talking=False)
        self._day = self.life.next_day()

    def _hour(self, start: float) -> None:
        """Put the acts of an hour on the clock, and the next hour."""
        end = start + HOUR
        midnight = self.life.midnight(self.society.next_day)
        self._plan_between(start, min(end, midnight))
        if end >= midnight:
            self._day = self.life.next_day()
            self.memory.hear([], anew=True)
            self.doer.names.said.clear()
            self._plan_between(midnight, end)
        self.box.schedule(end, "population.hour", {"from": end})

    def _plan_between(self, start: float, end: float) -> None:
        for act in self._day:
            if start < act.at <= end:
                self.later(act)

    def _act(self, payload: list[Any]) -> None:
        act = Act(self.box.clock.now(), payload[1], tuple(payload[2]))
        if act.do == "buy" and not act.args[2].startswith("QHM") and self._stays_away(act):
            return
        self.doer.do(act)
        for number, person in self.doer.fresh_people:
            self.doer.names.numbers[person] = number
        for number, state in self.doer.came:
            self.memory.effect(act.at, number, "", state, "", "came")
        self.doer.came = []
        keep(self.memory, self.doer, anew=False)

    def _stays_away(self, act: Act) -> bool:
        """Whether somebody who was driven away does not buy what they would have bought."""
        number, lines, order = act.args
        if not self.memory.mood(number).quit or Random(order).random() >= STAY_AWAY:
            return False
        fen = sum(many * price for _, _, many, price in lines)
        self.memory.effect(act.at, number, "", "", "", "lost_order", fen)
        return True
