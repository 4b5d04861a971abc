"""A town of people around a brand, lived day by day: who comes, joins, leaves, buys, leads and tires.

Everything here follows from the seed alone, never from what the brand sends: it is what happens without it. Days must be
lived in order; living them again gives the same, which is how a world is taken up again after a restart.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

from tiefen.sandbox.population import goods
from tiefen.sandbox.population.goods import Line
from tiefen.sandbox.population.groups import Group, Leader, Stay, kinds, later, make
from tiefen.sandbox.population.people import Person, draw
from tiefen.sandbox.population.sources import ORIGINS, PRIZE_DRAW, REFERRAL

STAFF_NAMES = ("阿岚", "小雨", "老秦", "阿泽", "小舒", "青禾小助手", "阿禾", "小满", "南星", "阿澄", "小葵", "老方")
LAUNCHES = (0.2, 0.45, 0.7, 0.93)
"""When launches begin, as shares of the history; after it there is one every ninety days."""
WAVES = ((0, 0.28), (1, 0.17), (3, 0.20), (5, 0.13), (6, 0.22))
"""Days after its beginning on which a launch sells, and how much of it: opening, a second wave, last call."""
DRAW_RUNS = (0.62, 0.68)
"""When the prize draw runs, as shares of the history."""
HASTY = 0.45
"""The share of newcomers of the leaky group who come for the prize and go."""
FRIENDS, MOST_FRIENDS = (0, 1, 1, 2, 3), 14
"""How many earlier people somebody knows when they come; how many anybody knows at most, apart from whom they bring."""
SCAN_MOST = 190
"""From so many members on, people are let in by invitation."""


@dataclass(slots=True)
class Staff:
    """Somebody who works for the brand."""

    number: int
    userid: str
    name: str
    leaves: int | None = None
    """The day on which they resign."""
    diligence: float = 0.9
    """The share of tasks they ever confirm."""
    haste: float = 1.0
    """Scales how long they take for everything."""


@dataclass(slots=True)
class Order:
    """Something bought, or to be given back."""

    person: Person
    number: int
    lines: list[Line]
    rush: bool = False
    """Bought in a launch: in the evening, at once."""

    @property
    def id(self) -> str:
        return f"QH{self.person.number:07d}{self.number:03d}"


@dataclass(slots=True)
class Day:
    """What happens on a day, but for what is said."""

    number: int
    born: list[Group] = field(default_factory=list)
    dismissed: list[Group] = field(default_factory=list)
    arrivals: list[Person] = field(default_factory=list)
    joins: list[Stay] = field(default_factory=list)
    leaves: list[Stay] = field(default_factory=list)
    lost: list[Person] = field(default_factory=list)
    """Who deletes the staff member they had added."""
    orders: list[Order] = field(default_factory=list)
    refunds: list[Order] = field(default_factory=list)
    resigned: list[Staff] = field(default_factory=list)


class Society:
    """Drawn from a seed; `days` is the length of the history, on whose scale things are planned."""

    def __init__(
        self, *, seed: int = 7, groups: int = 40, people: int = 8_000, days: int = 365, staff: int = 6
    ) -> None:
        self.seed, self.days, self.target = seed, days, people
        self.rng = Random(seed)
        self.scale = people / 8_000 * 40 / groups
        self.staff = [_staff(number, staff, days, self.rng) for number in range(staff)]
        self.people: list[Person] = []
        self.groups: list[Group] = []
        self.stays: list[Stay] = []
        self._plan_groups(groups, staff)
        self._weights = [self._pull(day) for day in range(days)]
        self._owed = 0.0
        self._by_city: dict[str, list[Person]] = defaultdict(list)
        self._by_interest: dict[str, list[Person]] = defaultdict(list)
        self._first_on: list[int] = []
        """The number of the first person of each day."""
        self._buyers: list[Person] = []
        self._advertisers: list[Person] = []
        self._leaving: dict[int, list[Stay]] = defaultdict(list)
        self._losing: dict[int, list[Person]] = defaultdict(list)
        self._buying: dict[int, list[tuple[str, Person]]] = defaultdict(list)
        self._refunding: dict[int, list[Order]] = defaultdict(list)
        self.ring_days = (round(days * DRAW_RUNS[0]) + 2, round(days * DRAW_RUNS[0]) + 4)
        self.next_day = 0

    # ---- the plan ----

    def _plan_groups(self, count: int, staff: int) -> None:
        nth: dict[str, int] = defaultdict(int)
        for number, kind in enumerate(kinds(count)):
            self.groups.append(make(number, kind, nth[kind], staff, self.scale, self.days, self.rng))
            nth[kind] += 1
        self._courses = nth["course"]

    def launch_days(self, until: int) -> list[int]:
        """The days on which launches begin, up to a day."""
        planned = [round(self.days * share) for share in LAUNCHES]
        planned += range(self.days + 65, until + 1, 90)
        return [day for day in planned if day <= until]

    def launch_age(self, day: int) -> int | None:
        """Days since the launch that is on or near (−7 … 8), or None."""
        for begin in self.launch_days(day + 8):
            if -7 <= day - begin <= 8:
                return day - begin
        return None

    def draw_runs(self, day: int) -> bool:
        """Whether the prize draw is on."""
        return self.days * DRAW_RUNS[0] <= day < self.days * DRAW_RUNS[1]

    def _pull(self, day: int) -> float:
        """How strongly the brand draws people on a day of its history."""
        pull = 0.7 + 0.6 * day / self.days
        age = self.launch_age(day)
        pull *= 1.7 if age is not None and age >= -5 else 1.0
        pull *= 2.2 if self.draw_runs(day) else 1.0
        return pull * (1.25 if day % 7 in (5, 6) else 1.0)

    # ---- a day ----

    def live(self) -> Day:
        """The next day."""
        day = Day(self.next_day)
        self.next_day += 1
        self._births(day)
        self._departures(day)
        self._first_on.append(len(self.people))
        self._arrivals(day)
        for group in self.groups:
            if group.course.born <= day.number and group.dismissed != day.number:
                self._joins(group, day)
                self._leaders(group, day.number)
        self._shopping(day)
        return day

    def _births(self, day: Day) -> None:
        d = day.number
        if d >= self.days and (d - self.days) % 40 == 12:
            self.groups.append(later(len(self.groups), d, self._courses, len(self.staff), self.scale, self.rng))
            self._courses += 1
        day.born = [group for group in self.groups if group.course.born == d]
        day.dismissed = [group for group in self.groups if group.dismissed == d]
        for group in day.dismissed:
            for stay in list(group.present):
                group.exit(stay)
        day.resigned = [one for one in self.staff if one.leaves == d]

    def _departures(self, day: Day) -> None:
        for stay in self._leaving.pop(day.number, ()):
            group = stay.group
            if stay.spot < 0 or any(leader.person is stay.person for leader in group.leaders_on(day.number)):
                continue
            group.exit(stay)
            day.leaves.append(stay)
        day.lost = self._losing.pop(day.number, [])

    # ---- people come ----

    def _arrivals(self, day: Day) -> None:
        d = day.number
        for _ in range(self._expected(d)):
            self._come(day, self._origin(d))
        if self.ring_days[0] <= d < self.ring_days[1]:
            self._ring(day)

    def _expected(self, d: int) -> int:
        if d >= self.days:
            self._owed += self.target * 0.88 / self.days * (1.25 if d % 7 in (5, 6) else 1.0)
        else:
            self._owed += self.target * 0.87 * self._weights[d] / sum(self._weights) + (
                0.12 * self.target if d == 0 else 0
            )
        came = int(self._owed)
        self._owed -= came
        return came

    def _origin(self, d: int) -> int:
        while True:
            at = self.rng.random()
            for number, origin in enumerate(ORIGINS):
                at -= origin.share * (6.0 if number == PRIZE_DRAW else 1.0) / (1 + 5 * ORIGINS[PRIZE_DRAW].share)
                if at < 0:
                    break
            if number != PRIZE_DRAW or self.draw_runs(d):
                return number

    def _come(
        self, day: Day, origin: int, *, ring: int = 0, brought_by: int | None = None, pushes: bool = False
    ) -> Person:
        rng, d = self.rng, day.number
        person = draw(len(self.people), d, origin, rng)
        person.ring, person.brought_by = ring, brought_by
        person.staff = self._free_staff(d)
        if ring:
            person.talk, person.thirst, person.advertiser, person.contact = 0.0, 0.0, False, True
        elif person.advertiser or pushes:
            person.advertiser = True
            person.talk, person.thirst = 0.0, 0.0
            self._advertisers.append(person)
        if origin == REFERRAL and self.people and not ring:
            person.brought_by = self._talkative().number
        self._befriend(person)
        self.people.append(person)
        day.arrivals.append(person)
        if not ring:
            self._by_city[person.city].append(person)
            self._by_interest[person.interest].append(person)
        self._will_lose(person, d)
        if person.contact and rng.random() < 1 - math.exp(-0.8 * person.thirst):
            self._buying[d + int(rng.lognormvariate(0.9, 1.2))].append(("first", person))
        return person

    def _befriend(self, person: Person) -> None:
        """Whom somebody knows already: who passed the brand on to them, and people of their town or taste."""
        rng = self.rng
        if person.brought_by is not None:
            self._know(person, self.people[person.brought_by])
        for _ in range(0 if person.ring else FRIENDS[int(rng.random() * len(FRIENDS))]):
            some = self._by_city[person.city] if rng.random() < 0.6 else self._by_interest[person.interest]
            if some:
                self._know(person, some[int(rng.random() * len(some))])

    def _know(self, person: Person, other: Person) -> None:
        if (
            len(other.friends) < MOST_FRIENDS or person.brought_by == other.number
        ) and other.number not in person.friends:
            person.friends.append(other.number)
            other.friends.append(person.number)

    def _talkative(self) -> Person:
        """Somebody who passes things on: the more sociable of a few."""
        some = [self.people[int(self.rng.random() * len(self.people))] for _ in range(3)]
        return max(some, key=lambda person: person.talk)

    def _free_staff(self, d: int) -> int:
        while True:
            number = int(self.rng.random() * len(self.staff))
            leaves = self.staff[number].leaves
            if leaves is None or d < leaves:
                return number

    def _will_lose(self, person: Person, d: int) -> None:
        rng, quality = self.rng, person.source.quality
        if not person.contact:
            return
        if person.ring:
            person.lost = d + 1 + int(rng.random() * 5) if rng.random() < 0.85 else None
        elif quality < 0.3 and rng.random() < 0.5:
            person.lost = d + int(rng.expovariate(1 / 3))
        else:
            away = rng.expovariate(0.0006 / (quality * person.patience))
            person.lost = d + 1 + int(away) if away < 3_000 else None
        if person.lost is not None:
            self._losing[person.lost].append(person)

    def _ring(self, day: Day) -> None:
        """A fraud ring: hubs who bring made-up friends at night, for the reward."""
        hubs = max(1, round(self.target * 0.0006))
        for _ in range(hubs):
            hub = self._come(day, PRIZE_DRAW, ring=1)
            for _ in range(self.rng.randrange(12, 22)):
                self._come(day, PRIZE_DRAW, ring=2, brought_by=hub.number)

    # ---- groups fill and empty ----

    def _joins(self, group: Group, day: Day) -> None:
        age = day.number - group.course.born
        filling = group.size * (math.exp(-age / group.fill) - math.exp(-(age + 1) / group.fill))
        mean = filling + (0.0 if group.closed and age > 12 else group.trickle * group.size)
        if group.course.stage(day.number) == "dormant":
            mean = 0.0
        count = int(mean * (0.6 + 0.8 * self.rng.random()) + self.rng.random())
        if age == 0:
            count = max(count, 6)
        for _ in range(min(count, group.size + group.size // 20 - len(group.present))):
            self._join_one(group, day, first=age == 0)
        if group.adverts and age > 40 and len(group.pushers()) < 5 and self.rng.random() < 0.2:
            self._enter(group, self._come(day, self._origin(day.number), pushes=True), day, None)
        if group.kind == "leaky":
            for person in day.arrivals:
                if person.ring and len(group.present) < 490:
                    self._enter(group, person, day, None)

    def _join_one(self, group: Group, day: Day, *, first: bool) -> None:
        rng = self.rng
        inviter = None
        if group.present and not first and rng.random() < group.invites:
            _, added_up = group.speakers()[-1]
            if added_up:
                inviter = rng.choices(group.speakers()[-1][0], cum_weights=added_up)[0].person
        person = self._acquaintance(group, inviter) if inviter is not None else None
        person = person or self._candidate(group)
        if person is not None:
            self._enter(group, person, day, inviter)

    def _enter(self, group: Group, person: Person, day: Day, inviter: Person | None) -> None:
        rng, d = self.rng, day.number
        if person.number in group.inside:
            return
        removed = person.advertiser and not group.adverts
        stays_for = rng.expovariate(1 / 12) if removed else rng.expovariate(group.leak / person.patience)
        if group.kind == "leaky" and rng.random() < HASTY:
            stays_for = rng.expovariate(1 / 3)
        if person.ring:
            stays_for = 1 + rng.random() * 5
        leaves = d + 1 + int(stays_for) if stays_for < 5_000 and not (person.advertiser and group.adverts) else None
        circle = (
            rng.randrange(group.circles) if inviter is None or group.circles == 1 else self._circle_of(group, inviter)
        )
        weight = person.talk * rng.lognormvariate(0.0, 0.5)
        stay = Stay(person, group, d, leaves, circle, weight, inviter, removed)
        group.enter(stay)
        self.stays.append(stay)
        day.joins.append(stay)
        if leaves is not None:
            self._leaving[leaves].append(stay)

    def _circle_of(self, group: Group, person: Person) -> int:
        return next((stay.circle for stay in group.present if stay.person is person), 0)

    def _acquaintance(self, group: Group, inviter: Person) -> Person | None:
        """A friend of somebody's who is not in the group yet and would fit."""
        for number in inviter.friends:
            person = self.people[number]
            fits = group.city in (None, person.city) and group.interest in (None, person.interest)
            if number not in group.inside and fits and not person.ring and self._fits(group, person):
                return person
        return None

    def _candidate(self, group: Group) -> Person | None:
        rng, pool, start = self.rng, *self._pool(group)
        if len(pool) <= start:
            return None
        twin = self.groups[group.twin_of] if group.twin_of is not None else None
        for _ in range(10):
            if twin is not None and twin.present and rng.random() < 0.9:
                person = twin.present[int(rng.random() * len(twin.present))].person
            elif group.adverts and self._advertisers and rng.random() < 0.05:
                person = rng.choice(self._advertisers)
            else:
                person = pool[start + int(rng.random() * (len(pool) - start))]
                if rng.random() < 0.35:
                    other = pool[start + int(rng.random() * (len(pool) - start))]
                    person = max(person, other, key=lambda one: one.talk)
            if person.number not in group.inside and not person.ring and self._fits(group, person):
                return person
        return None

    def _pool(self, group: Group) -> tuple[list[Person], int]:
        """Where newcomers are looked for: a list, and from where on in it."""
        if group.city is not None:
            return self._by_city[group.city], 0
        if group.interest is not None:
            return self._by_interest[group.interest], 0
        if group.kind in {"strangers", "new", "leaky"}:
            return self.people, self._first_on[max(0, len(self._first_on) - 60)]
        if group.kind in {"vip", "course"} and len(self._buyers) > 2 * group.size:
            return self._buyers, 0
        return self.people, 0

    def _fits(self, group: Group, person: Person) -> bool:
        gone = person.lost is not None and person.lost < self.next_day
        if gone:
            return False
        if group.kind == "vip":
            return person.orders >= 2 or self.rng.random() < 0.1
        return group.kind == "advert" or not person.advertiser or self.rng.random() < 0.5

    # ---- leaders ----

    def _leaders(self, group: Group, d: int) -> None:
        if group.one_voice or group.strangers:
            return
        if not group.crowned:
            if d - group.course.born >= (4 if group.closed or group.fill < 10 else 21):
                self._crown(group, d)
            return
        for leader in group.leaders:
            if leader.until == d:
                self._tire(group, leader, d)
        if (d - group.course.born) % 30 == 0:
            self._keep_leading(group, d)

    def _keep_leading(self, group: Group, d: int) -> None:
        """Who leads keeps pace with a group that grows."""
        leading = {leader.person.number for leader in group.leaders_on(d)}
        total = sum(stay.weight for stay in group.present)
        for stay in group.present:
            if stay.person.number in leading:
                stay.weight = max(stay.weight, 0.07 * total)
        group.changed()

    def _crown(self, group: Group, d: int) -> None:
        group.crowned = True
        each = 3 if group.circles == 1 else 1
        for circle in range(group.circles):
            some = [s for s in group.present if s.circle == circle and s.weight > 0]
            for stay in sorted(some, key=lambda s: -s.weight)[:each]:
                self._make_leader(group, stay, d)
        group.changed()

    def _make_leader(self, group: Group, stay: Stay, d: int) -> None:
        total = sum(other.weight for other in group.present)
        stay.weight = max(1.6 * stay.weight, 0.09 * total)
        lasts = self.rng.expovariate(1 / 420)
        until = d + 60 + int(lasts) if lasts < 1_200 else None
        if group.leaders_quit is not None:
            until = group.leaders_quit + int(self.rng.random() * 16)
        group.leaders.append(Leader(stay.person, stay.circle, d, until))

    def _tire(self, group: Group, leader: Leader, d: int) -> None:
        """A leader says nearly nothing any more; where the group is well somebody else takes the place."""
        for stay in group.present:
            if stay.person is leader.person:
                stay.weight *= 0.04
        if group.leaders_quit is None and group.course.stage(d) in {"growth", "maturity"}:
            leading = {one.person.number for one in group.leaders_on(d)}
            heirs = [
                s
                for s in group.present
                if s.circle == leader.circle and s.weight > 0 and s.person.number not in leading
            ]
            if heirs:
                self._make_leader(group, max(heirs, key=lambda s: s.weight), d)
        group.changed()

    # ---- what is bought ----

    def _shopping(self, day: Day) -> None:
        d, rng = day.number, self.rng
        if d in self.launch_days(d):
            self._launch(d)
        for what, person in self._buying.pop(d, ()):
            if what in ("first", "again") and person.lost is not None and person.lost < d and rng.random() < 0.7:
                continue
            day.orders.append(self._order(what, person))
            if what == "first":
                self._becomes_buyer(person)
            elif what != "again":
                continue
            self._next_purchase(person, d)
        for order in day.orders:
            if rng.random() < 0.03:
                self._refunding[d + rng.randrange(2, 9)].append(order)
        day.refunds = self._refunding.pop(d, [])

    def _order(self, what: str, person: Person) -> Order:
        person.orders += 1
        match what:
            case "course":
                lines = [goods.COURSE]
            case "camp":
                lines = [goods.CAMP]
            case "first" if self.rng.random() < 0.65:
                lines = [goods.TRIAL]
            case _:
                lines = goods.basket(person, self.rng)
        return Order(person, person.orders, lines, rush=what in ("course", "camp", "launch"))

    def _becomes_buyer(self, person: Person) -> None:
        """Their rhythm from now on: BG/NBD with the heterogeneity Fader, Hardie & Lee (2005) found, scaled by the source."""
        rng = self.rng
        self._buyers.append(person)
        person.rate = rng.gammavariate(0.243, 1 / 4.414) / 7 * (0.5 + 0.5 * person.source.quality)
        person.drop = rng.betavariate(0.793, 2.426)

    def _next_purchase(self, person: Person, d: int) -> None:
        if person.orders > 1 and self.rng.random() < person.drop:
            person.alive = False
        elif person.rate > 1e-6:
            after = self.rng.expovariate(person.rate)
            if after < 2_000:
                self._buying[d + 1 + int(after)].append(("again", person))

    def _launch(self, d: int) -> None:
        """Who will buy in this launch, and in which wave."""
        rng = self.rng
        for person in self.people:
            if not person.contact or person.thirst == 0.0 or (person.lost is not None and person.lost < d):
                continue
            for what, chance in launch_chances(person):
                if rng.random() < chance:
                    days = rng.choices([day for day, _ in WAVES], [share for _, share in WAVES])[0]
                    self._buying[d + days].append((what, person))
                    person.took_course = person.took_course or what == "course"


def launch_chances(person: Person) -> tuple[tuple[str, float], ...]:
    """What a launch sells to somebody, and how likely; nothing the brand sends is in it."""
    course = 0.0 if person.took_course else 1 - math.exp(-0.03 * person.thirst)
    camp = 0.06 * min(1.0, person.income / 12) if person.took_course else 0.0
    return (("course", course), ("camp", camp), ("launch", 0.012 * person.thirst if person.orders else 0.0))


def _staff(number: int, of: int, days: int, rng: Random) -> Staff:
    name = STAFF_NAMES[number % len(STAFF_NAMES)] + (
        "" if number < len(STAFF_NAMES) else str(number // len(STAFF_NAMES))
    )
    leaves = days - min(20, days // 4) if number == of - 2 and of > 2 and days > 30 else None
    return Staff(
        number, f"qinghe{number + 1:02d}", name, leaves, (0.97, 0.9, 0.75)[number % 3], rng.lognormvariate(0.0, 0.35)
    )
