"""The answer key: what is true of a population. For tests, and for a page that says so; never for Tiefen."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tiefen.sandbox.population import goods
from tiefen.sandbox.population.errors import NotPopulated
from tiefen.sandbox.population.groups import Group
from tiefen.sandbox.population.life import CHINA, DAY
from tiefen.sandbox.population.living import society_of
from tiefen.sandbox.population.memory import Memory, Plan
from tiefen.sandbox.population.people import KINDS_SENT, Person, heart
from tiefen.sandbox.population.society import Society, launch_chances
from tiefen.sandbox.population.sources import ORIGINS

if TYPE_CHECKING:
    from tiefen.sandbox import Sandbox

AHEAD = 90
"""Days for which the value of people is told."""


def answers(box: Sandbox, *, people: bool = True) -> dict[str, Any]:
    """Everything that is true as of the clock's now, as JSON. `people` False leaves the persons out.

    `NotPopulated` where nobody lives.
    """
    with box.store.lock:
        memory = Memory(box.store)
        plan = memory.plan()
        if plan is None:
            raise NotPopulated
        names = memory.names()
        external = dict(
            box.store.run("SELECT person, external_userid FROM externals WHERE corpid = ?", (plan.corpid,)).fetchall()
        )
        effects = box.store.all(
            "SELECT kind, channel, did, count(*) AS n, sum(fen) AS fen FROM population_effects"
            " WHERE did != 'came' GROUP BY 1, 2, 3"
        )
        came = dict(box.store.run("SELECT number, kind FROM population_effects WHERE did = 'came'").fetchall())
        seen = box.store.all(
            "SELECT msgid, kind, channel, people, orders_expected FROM population_seen ORDER BY msgid, channel"
        )
    ids = {number: external.get(person) for number, person in names.people.items()}
    return Key(plan, box.clock.now(), ids, names.groups, came).told(people) | {
        "did": [dict(row) for row in effects],
        "messages": [dict(row) for row in seen],
    }


class Key:
    """The truth of a plan at a moment; ids of people and groups as the company knows them."""

    def __init__(
        self, plan: Plan, now: float, ids: dict[int, str | None], chats: dict[int, str], came: dict[int, str]
    ) -> None:
        self.plan, self.now, self.ids, self.chats = plan, now, ids, chats
        self.came = came
        """By which entrance of the brand somebody came instead of their source."""
        self.today = int((now - plan.begins) // DAY)
        self.orders: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
        self.society = self._lived()

    def _lived(self) -> Society:
        society = society_of(self.plan)
        while society.next_day <= self.today:
            for order in society.live().orders:
                count, fen = self.orders[order.person.number]
                self.orders[order.person.number] = (
                    count + 1,
                    fen + sum(many * price for _, _, many, price in order.lines),
                )
        return society

    def told(self, people: bool) -> dict[str, Any]:
        society = self.society
        arrived = Counter(p.origin for p in society.people if p.contact and self.entrance(p) == p.source.name)
        return {
            "of": "a sandbox population; for tests, never read by Tiefen",
            "corpid": self.plan.corpid,
            "seed": self.plan.seed,
            "begins_on": self.date(0),
            "as_of": datetime.fromtimestamp(self.now, UTC).isoformat(),
            "staff": [
                {"userid": one.userid, "resigned_on": self.date(one.leaves) if one.leaves is not None else None}
                for one in society.staff
            ],
            "groups": [self.group(group) for group in society.groups if group.number in self.chats],
            "twins": [
                [self.chats[group.twin_of], self.chats[group.number]]
                for group in society.groups
                if group.twin_of is not None and group.number in self.chats
            ],
            "sources": [
                {
                    "name": origin.name, "contacts": arrived[number], "cost_fen": origin.cost_fen,
                    "spent_fen": arrived[number] * origin.cost_fen, "quality": origin.quality, "state": origin.door != "card",
                }
                for number, origin in enumerate(ORIGINS)
            ],
            "entrances": dict(Counter(self.came.values())),
            "launches": [self.date(day) for day in society.launch_days(self.today)],
            "fraud_ring": [self.ids.get(p.number) for p in society.people if p.ring],
            "advertisers": [self.ids.get(p.number) for p in society.people if p.advertiser],
            "effects": self.effects(),
            "people": [self.person(p) for p in society.people if p.number in self.ids] if people else [],
        }  # fmt: skip

    def date(self, day: int) -> str:
        return datetime.fromtimestamp(self.plan.begins + day * DAY, CHINA).date().isoformat()

    def group(self, group: Group) -> dict[str, Any]:
        stages: list[dict[str, str]] = []
        for day in range(group.course.born, self.today + 1):
            stage = group.course.stage(day)
            if stage is not None and (not stages or stages[-1]["stage"] != stage):
                stages.append({"from": self.date(day), "stage": stage})
        silent = group.course.silent_from(self.today + 365)
        split = group.circles > 1 and (group.splits is None or group.splits <= self.today)
        return {
            "chat_id": self.chats[group.number],
            "name": group.name,
            "kind": group.kind,
            "owner": self.society.staff[group.owner].userid,
            "stages": stages,
            "stage": group.course.stage(self.today),
            "silent_from": None if silent is None else self.date(silent),
            "dismissed_on": None if group.dismissed is None else self.date(group.dismissed),
            "conversations_a_day": round(group.course.at(self.today), 3),
            "leaders": [
                {
                    "external_userid": self.ids.get(leader.person.number), "from": self.date(leader.since),
                    "until": None if leader.until is None else self.date(leader.until),
                }
                for leader in group.leaders
            ],
            "circles": {
                str(self.ids.get(stay.person.number)): stay.circle for stay in group.present if stay.joined < self.today
            }
            if split
            else {},
            "splits_on": None if group.splits is None else self.date(group.splits),
            "adverts": group.adverts > 0,
            "one_voice": group.one_voice,
            "strangers": group.strangers,
        }  # fmt: skip

    def effects(self) -> dict[str, dict[str, float]]:
        """What one message to a contact, in person and not weary, truly adds on average, by its kind."""
        sums: dict[str, list[float]] = {kind: [0.0, 0.0] for kind in KINDS_SENT}
        some = [person for person in self.society.people if person.contact and not self.lost(person)]
        for person in some:
            feels = heart(self.plan.seed, person)
            for kind in KINDS_SENT:
                sums[kind][0] += feels.order[kind]
                sums[kind][1] += feels.answer[kind]
        count = max(1, len(some))
        return {kind: {"orders": o / count, "answers": a / count} for kind, (o, a) in sums.items()}

    def entrance(self, person: Person) -> str:
        """What their first contact carried, or would have: the source's name where it leaves no trace."""
        return self.came.get(person.number, person.source.name)

    def lost(self, person: Person) -> bool:
        return person.lost is not None and person.lost <= self.today

    def person(self, person: Person) -> dict[str, Any]:
        feels = heart(self.plan.seed, person)
        count, fen = self.orders.get(person.number, (0, 0))
        orders, money = self.expected(person)
        return {
            "external_userid": self.ids[person.number], "name": person.name, "city": person.city, "age": person.age,
            "interest": person.interest, "source": self.entrance(person) if person.contact else None,
            "arrived_on": self.date(person.arrived), "contact": person.contact, "staff": self.society.staff[person.staff].userid if person.contact else None,
            "brought_by": None if person.brought_by is None else self.ids.get(person.brought_by),
            "friends": [self.ids.get(number) for number in person.friends],
            "lost_on": self.date(person.lost) if person.lost is not None and self.lost(person) else None,
            "ring": person.ring, "advertiser": person.advertiser, "reads_only": person.talk == 0,
            "orders": count, "spent_fen": fen, "orders_ahead": round(orders, 4), "fen_ahead": round(money),
            "effects": {kind: round(chance, 5) for kind, chance in feels.order.items()},
            "answers": {kind: round(chance, 5) for kind, chance in feels.answer.items()},
            "bears": round(feels.bears, 3), "temper": round(feels.temper, 3),
        }  # fmt: skip

    def expected(self, person: Person) -> tuple[float, float]:
        """Orders and fen to be expected in the next `AHEAD` days with nothing sent: the rhythm (BG/NBD's mean for one
        whose rate and dropout are known) and the launches."""
        if self.lost(person) or not person.contact:
            return 0.0, 0.0
        orders = money = 0.0
        if person.alive and person.rate > 0:
            drop = max(person.drop, 1e-9)
            orders = (1 - math.exp(-person.rate * drop * AHEAD)) / drop
            money = orders * goods.expected_basket(person)
        ahead = [day for day in self.society.launch_days(self.today + AHEAD) if day > self.today]
        prices = {"course": goods.COURSE[3], "camp": goods.CAMP[3], "launch": goods.expected_basket(person)}
        for what, chance in launch_chances(person):
            times = min(1, len(ahead)) if what == "course" else len(ahead)
            orders += times * chance
            money += times * chance * prices[what]
        return orders, money


def costs(box: Sandbox) -> list[tuple[str, str, int]]:
    """(date, source, fen): what was spent on each day for those who came on it; for a file as a brand would have one."""
    with box.store.lock:
        plan = Memory(box.store).plan()
    if plan is None:
        raise NotPopulated
    key = Key(plan, box.clock.now(), {}, {}, {})
    spent: Counter[tuple[str, str]] = Counter()
    for person in key.society.people:
        if person.contact and person.source.cost_fen:
            spent[key.date(person.arrived), person.source.name] += person.source.cost_fen
    return [(day, source, fen) for (day, source), fen in sorted(spent.items())]
