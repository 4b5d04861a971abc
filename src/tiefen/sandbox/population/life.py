"""The world's life as acts in order of time, a day at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from random import Random
from zoneinfo import ZoneInfo

from tiefen.sandbox.population.acts import Act
from tiefen.sandbox.population.conversation import Said, hour, talk
from tiefen.sandbox.population.groups import Group, Stay
from tiefen.sandbox.population.people import Person
from tiefen.sandbox.population.society import SCAN_MOST, Day, Society
from tiefen.sandbox.population.sources import ADD_WAY
from tiefen.sandbox.population.speech import say

CHINA = ZoneInfo("Asia/Shanghai")
DAY = 86_400.0
TAG_GROUPS = {
    "兴趣": ("绿茶", "白茶", "岩茶", "普洱", "茶器", "茶点"),
    "阶段": ("刚认识", "已体验", "老客", "会员"),
    "城市": ("杭州", "上海", "广州", "成都", "北京", "武汉", "厦门", "西安", "长沙", "苏州"),
}
"""What staff tag by hand."""


def first_midnight(end: float, days: int) -> float:
    """Midnight in China of the first of so many days, of which the last is the one `end` falls on."""
    today = datetime.fromtimestamp(end, CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today.astimezone(UTC) - timedelta(days=days - 1)).timestamp()


class Life:
    """A society on the calendar; `begins` is the midnight of its day 0, in unix seconds."""

    def __init__(self, society: Society, begins: float) -> None:
        self.society, self.begins = society, begins
        self.kinds: dict[str, str] = {}
        """What each message of the last day was meant as: key → kind."""

    def next_day(self, *, talking: bool = True) -> list[Act]:
        """The acts of the next day, in order. Without `talking` the day is lived for its consequences only."""
        day = self.society.live()
        if not talking:
            return []
        rng = Random(self.society.seed * 9_973 + day.number)
        acts = [*self._beginnings(day), *self._arrivals(day, rng)]
        joins = self._joins(day, rng)
        acts += joins[0]
        acts += self._endings(day, rng)
        acts += self._shopping(day, rng)
        self.kinds = {}
        for group in self.society.groups:
            if group.course.born <= day.number and group.present:
                for said in talk(self.society, group, day.number, joins[1].get(group.number, ())):
                    acts.append(self._said(said, group.number, day))
        acts += self._in_private(day, rng)
        last = self.midnight(day.number + 1) - 1
        acts = [act if act.at < last else act._replace(at=last) for act in acts]
        acts.sort(key=itemgetter(0))
        return acts

    def days(self, until: float) -> Iterator[list[Act]]:
        """Day by day until the one a moment falls on, that one whole."""
        while self.begins + self.society.next_day * DAY <= until:
            yield self.next_day()

    def midnight(self, day: int) -> float:
        return self.begins + day * DAY

    def _said(self, said: Said, group: int, day: Day) -> Act:
        self.kinds[said.key] = said.kind
        args = (said.who, group, said.text, said.key, said.reply_to, said.mentions, said.msgtype)
        return Act(self.midnight(day.number) + said.at, "say", args)

    def _beginnings(self, day: Day) -> list[Act]:
        midnight, staff = self.midnight(day.number), len(self.society.staff)
        acts = []
        for group in day.born:
            beside = tuple({(group.owner + 1) % staff} - {group.owner})
            acts.append(
                Act(midnight + 1 + group.number / 1_000, "create", (group.number, group.name, group.owner, beside))
            )
        return acts

    def _arrivals(self, day: Day, rng: Random) -> list[Act]:
        midnight = self.midnight(day.number)
        acts = []
        for person in day.arrivals:
            at = midnight + (3_600 + 7_200 * rng.random() if person.ring else 5 + hour(rng) * 0.97)
            acts.append(Act(midnight + 2, "person", (person.number, person.name, 2 if person.woman else 1)))
            if not person.contact:
                continue
            source = person.source
            state = None if source.door == "card" else source.name
            acts.append(Act(at, "add", (person.number, person.staff, ADD_WAY[source.door], state)))
            if not person.ring:
                acts += self._first_words(person, at, rng)
        return acts

    def _first_words(self, person: Person, at: float, rng: Random) -> list[Act]:
        staff = self.society.staff[person.staff]
        acts = []
        pins = {"S": person.source.name, "C": person.city}
        if rng.random() < 0.16 * min(2.0, 0.5 + person.talk):
            asked = at + 20 + rng.expovariate(1 / 90)
            acts.append(Act(asked, "tell", (person.number, -1 - staff.number, say("hello_staff", rng, pins))))
            answered = asked + staff.haste * rng.lognormvariate(5.2, 1.1)
            acts.append(Act(answered, "tell", (-1 - staff.number, person.number, say("staff_reply", rng, pins))))
        if rng.random() < 0.2:
            remark = f"{person.name[:8]}-{person.city}"
            noted = at + 300 + staff.haste * rng.expovariate(1 / 5_000)
            acts.append(Act(noted, "note", (staff.number, person.number, remark, (person.interest, person.city))))
        return acts

    def _joins(self, day: Day, rng: Random) -> tuple[list[Act], dict[int, list[tuple[float, Stay]]]]:
        acts: list[Act] = []
        came: dict[int, list[tuple[float, Stay]]] = defaultdict(list)
        inside: dict[int, int] = {}
        for stay in day.joins:
            group = stay.group
            second = 3_700 + 8_000 * rng.random() if stay.person.ring else 25_000 + rng.random() * 50_000
            if stay.person.arrived == day.number and not stay.person.ring:
                second = max(second, 80_000 + rng.random() * 6_000)
            seen = inside[group.number] = inside.get(group.number, len(group.present)) + 1
            invited = stay.brought_by is not None or seen > SCAN_MOST
            inviter = (
                stay.brought_by.number
                if stay.brought_by is not None
                else self._host(group, day.number)
                if invited
                else None
            )
            state = "" if invited else stay.person.source.name
            args = (stay.person.number, group.number, 1 if invited else 3, inviter, state)
            acts.append(Act(self.midnight(day.number) + second, "join", args))
            came[group.number].append((second, stay))
        for newcomers in came.values():
            newcomers.sort(key=itemgetter(0))
        return acts, came

    def _host(self, group: Group, day: int) -> int:
        """The staff member in a group who can still invite: its owner, or the colleague beside."""
        leaves = self.society.staff[group.owner].leaves
        return -1 - (group.owner if leaves is None or day < leaves else (group.owner + 1) % len(self.society.staff))

    def _endings(self, day: Day, rng: Random) -> list[Act]:
        midnight = self.midnight(day.number)
        acts = []
        for stay in day.leaves:
            at = midnight + 20_000 * rng.random() + 4_000
            if stay.removed:
                acts.append(Act(at, "remove", (stay.person.number, stay.group.number, stay.group.owner)))
            else:
                acts.append(Act(at, "leave", (stay.person.number, stay.group.number)))
        for person in day.lost:
            acts.append(Act(midnight + LATE - 1_800 * rng.random(), "lose", (person.number, person.staff)))
        for group in day.dismissed:
            acts.append(Act(midnight + 10 * 3_600, "dismiss", (group.number,)))
        for staff in day.resigned:
            acts.append(Act(midnight + 18.5 * 3_600, "resign", (staff.number,)))
        return acts

    def _shopping(self, day: Day, rng: Random) -> list[Act]:
        midnight = self.midnight(day.number)
        acts = []
        for order in day.orders:
            second = 72_000 + rng.expovariate(1 / 3_000) if order.rush else hour(rng)
            if order.person.arrived == day.number:
                second = max(second, 84_000.0)
            at = midnight + min(second, LATE)
            if rng.random() < 0.45:
                page = f"https://shop.qinghe.example/{order.lines[0][0]}"
                acts.append(Act(max(midnight + 3, at - 30 - 200 * rng.random()), "click", (order.person.number, page)))
            acts.append(Act(at, "buy", (order.person.number, order.lines, order.id)))
        for order in day.refunds:
            acts.append(Act(midnight + 36_000 + 20_000 * rng.random(), "refund", (order.id,)))
        return acts

    def _in_private(self, day: Day, rng: Random) -> list[Act]:
        """People who ask the staff something, and their answers."""
        society, midnight = self.society, self.midnight(day.number)
        acts = []
        for _ in range(round(len(society.people) * 0.0015)):
            person = society.people[int(rng.random() * len(society.people))]
            staff = society.staff[person.staff]
            here = (
                person.contact
                and not person.ring
                and person.arrived < day.number
                and (person.lost is None or person.lost > day.number)
            )
            if (
                not here
                or rng.random() > 0.2 + 0.4 * min(2.0, person.talk)
                or (staff.leaves is not None and day.number >= staff.leaves)
            ):
                continue
            at = midnight + min(hour(rng), LATE - 20_000)
            acts.append(Act(at, "tell", (person.number, -1 - staff.number, say("ask_staff", rng))))
            later = at + staff.haste * rng.lognormvariate(6.0, 1.2)
            acts.append(
                Act(min(later, midnight + LATE), "tell", (-1 - staff.number, person.number, say("staff_reply", rng)))
            )
        return acts


LATE = 86_300.0
"""The last second of a day on which something planned happens."""
