"""Groups as they truly are, of every kind and stage of life."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from tiefen.sandbox.population import courses
from tiefen.sandbox.population.courses import Course
from tiefen.sandbox.population.people import CITIES, INTERESTS, Person


@dataclass(slots=True, eq=False)
class Stay:
    """Somebody's time in a group, in days of the world."""

    person: Person
    group: Group
    joined: int
    leaves: int | None
    """The day on which they will have had enough, if nothing else happens."""
    circle: int
    weight: float
    """How often they begin to speak, relative to the others there."""
    brought_by: Person | None = None
    removed: bool = False
    """Put out by staff rather than gone by themselves."""
    spot: int = -1
    """Their place in the group's list of those present; −1 once they are gone."""


@dataclass(slots=True)
class Leader:
    """Somebody others listen to in a group, and for how long."""

    person: Person
    circle: int
    since: int
    until: int | None
    """The day on which they tire; None for one who does not."""


@dataclass(slots=True)
class Group:
    """A group and its truth."""

    number: int
    name: str
    kind: str
    course: Course
    owner: int
    """Number of the staff member."""
    size: int
    fill: float = 60.0
    """Days in which it takes in most of those it will have."""
    trickle: float = 0.004
    """Newcomers a day once it is full, as a share of its size."""
    leak: float = 0.002
    """The chance that somebody leaves on a day."""
    city: str | None = None
    interest: str | None = None
    circles: int = 1
    apart: float = 0.9
    """The share of talk that stays within a circle."""
    splits: int | None = None
    """The day from which the circles drift apart; before it they are one."""
    adverts: float = 0.0
    """Adverts a day once nobody minds them any more."""
    one_voice: bool = False
    strangers: bool = False
    twin_of: int | None = None
    invites: float = 0.2
    """The share of newcomers whom a member brought."""
    leaders_quit: int | None = None
    """The day around which its leaders tire, and nobody follows them."""
    dismissed: int | None = None
    present: list[Stay] = field(default_factory=list)
    inside: set[int] = field(default_factory=set)
    leaders: list[Leader] = field(default_factory=list)
    crowned: bool = False
    _speakers: dict[int, tuple[list[Stay], list[float]]] | None = None
    _pushers: list[Stay] = field(default_factory=list)

    @property
    def closed(self) -> bool:
        """Nobody new is let in any more."""
        return self.kind in {"course", "flash"}

    def enter(self, stay: Stay) -> None:
        stay.spot = len(self.present)
        self.present.append(stay)
        self.inside.add(stay.person.number)
        self._speakers = None

    def exit(self, stay: Stay) -> None:
        if stay.spot < 0:
            return
        last = self.present.pop()
        if last is not stay:
            self.present[stay.spot] = last
            last.spot = stay.spot
        stay.spot = -1
        self.inside.discard(stay.person.number)
        self._speakers = None

    def changed(self) -> None:
        """Somebody's weight changed."""
        self._speakers = None

    def speakers(self) -> dict[int, tuple[list[Stay], list[float]]]:
        """Those who may speak by circle (−1: all of them), with their weights added up."""
        if self._speakers is None:
            self._pushers = [s for s in self.present if s.person.advertiser]
            by_circle: dict[int, list[Stay]] = {-1: [s for s in self.present if s.weight > 0]}
            if self.circles > 1:
                for stay in by_circle[-1]:
                    by_circle.setdefault(stay.circle, []).append(stay)
            self._speakers = {
                circle: (stays, list(accumulate(s.weight for s in stays))) for circle, stays in by_circle.items()
            }
        return self._speakers

    def pushers(self) -> list[Stay]:
        """Those who are there to advertise."""
        self.speakers()
        return self._pushers

    def circles_on(self, day: int) -> int:
        return 1 if self.splits is not None and day < self.splits else self.circles

    def leaders_on(self, day: int) -> list[Leader]:
        return [
            leader for leader in self.leaders if leader.since <= day and (leader.until is None or day < leader.until)
        ]


_FIRST = (
    "city", "interest", "dying", "twin", "twin", "circles", "advert", "course", "one_voice", "strangers", "leaky", "welfare",
    "dormant", "revived", "new", "flash", "splitting", "vip",
)  # fmt: skip
"""One of each, in this order, however few groups there are."""
_MORE = (
    ("city", 5), ("interest", 4), ("course", 5), ("flash", 2), ("welfare", 2), ("dormant", 2), ("old", 4), ("growing", 4),
)  # fmt: skip
"""How many there are in forty altogether; the rest of the kinds come once."""


def kinds(count: int) -> list[str]:
    """The kinds of so many groups."""
    chosen = list(_FIRST[:count])
    wanted = {kind: round(of_forty * count / 40) for kind, of_forty in _MORE}
    for kind, wants in wanted.items():
        chosen += [kind] * max(0, wants - chosen.count(kind))
    chosen = chosen[:count]
    spare = ("city", "old", "interest", "growing", "course", "dormant")
    return chosen + [spare[i % len(spare)] for i in range(count - len(chosen))]


def make(number: int, kind: str, nth: int, staff: int, scale: float, days: int, rng: Random) -> Group:
    """A group of a kind. `nth` counts those of its kind, `scale` how large groups are, `days` the history."""
    early = rng.randrange(0, max(1, days // 6))
    owner = number % staff
    size = _size(rng.uniform(150, 300), scale)
    peak = rng.uniform(2.4, 5.5)

    def group(name: str, course: Course, **more: object) -> Group:
        return Group(number, name, kind, course, owner, **{"size": size, **more})  # type: ignore[arg-type]

    match kind:
        case "city" | "growing":
            city = CITIES[nth % len(CITIES)]
            born = early if kind == "city" else max(0, days - rng.randrange(60, 95))
            called = f"{city}茶友{_serial(nth, kind)}群"
            return group(called, courses.steady(born, peak, rng), city=city, fill=60.0 if kind == "city" else 35.0)
        case "old":
            city = CITIES[(nth + 3) % len(CITIES)]
            blooms, fades = rng.randrange(40, 80), rng.randrange(70, 130)
            return group(
                f"{city}老茶友{nth + 1}群", courses.fading(early, peak, rng, blooms=blooms, fades=fades), city=city
            )
        case "interest":
            interest = INTERESTS[nth % len(INTERESTS)]
            name = f"{interest}同好会{'' if nth < len(INTERESTS) else nth // len(INTERESTS) + 1}"
            return group(name, courses.steady(early, peak, rng), interest=interest)
        case "course":
            return _course_group(
                group, number, nth, max(0, round(days * (0.08 + 0.15 * nth) % max(1, days - 20))), scale, rng
            )
        case "flash":
            born = max(0, round(days * (0.2, 0.45, 0.7, 0.93)[nth % 4]) - 6)
            bloom = courses.short(born, rng.uniform(5, 9), 10)
            return group(
                f"限时秒杀{nth + 1}群",
                bloom,
                size=_size(150, scale),
                fill=4.0,
                trickle=0.0,
                leak=0.01,
                dismissed=born + 45,
            )
        case "welfare":
            return group(f"青禾福利{nth + 1}群", courses.steady(early, 1.8, rng), leak=0.004)
        case "twin":
            pair, which = divmod(nth, 2)
            same = courses.steady(days // 5 + 12 * which, 3.2, rng)
            return group(
                f"茶器交换{'AB'[which]}群{'' if not pair else pair + 1}", same, interest="茶器", size=_size(220, scale), fill=16.0,
                trickle=0.0008, invites=0.08, leak=0.0003, twin_of=number - 1 if which else None,
            )  # fmt: skip
        case "dying":
            quits = max(20, days - 75)
            dies = courses.fading(0, 6.5, rng, blooms=max(0, quits - 110), fades=110)
            return group("老白茶品鉴群", dies, interest="白茶", leaders_quit=quits, leak=0.003)
        case "advert":
            rots = courses.fading(early, 3.5, rng, blooms=30, fades=max(60, days // 3))
            return group("闲置茶器转让群", rots, adverts=5.0, leak=0.004)
        case "one_voice":
            return group("每日茶识广播群", courses.steady(early, 1.5, rng), one_voice=True)
        case "circles":
            return group("青禾大本营", courses.steady(0, 12.0, rng), circles=4, size=_size(440, scale))
        case "splitting":
            late = max(0, days - 70)
            return group(
                "茶与花同好群", courses.steady(early, 6.5, rng), circles=3, splits=late, size=_size(300, scale)
            )
        case "strangers":
            meet = courses.steady(max(0, days - 80), 3.0, rng)
            return group("双十一新客群", meet, strangers=True, size=_size(360, scale), fill=10.0)
        case "leaky":
            return group(
                "抽奖拉新群",
                courses.steady(max(0, days - 135), 2.2, rng),
                leak=0.035,
                trickle=0.016,
                size=_size(340, scale),
                fill=14.0,
            )
        case "dormant":
            gone = courses.fading(early, peak, rng, blooms=rng.randrange(10, 40), fades=rng.randrange(50, 80))
            return group(f"春茶尝鲜{nth + 1}群", gone)
        case "revived":
            wakes = courses.revived(0, 5.0, rng, blooms=20, fades=50, sleeps=max(20, days - 290), wakes=60)
            return group("周末茶会老友群", wakes)
        case "new":
            return group("新茶筹备群", courses.steady(max(0, days - 9), 4.0, rng), size=_size(90, scale), fill=7.0)
        case "vip":
            return group("年度会员群", courses.steady(0, 5.5, rng), size=_size(140, scale), leak=0.0004)
        case other:
            raise AssertionError(other)


def later(number: int, day: int, nth: int, staff: int, scale: float, rng: Random) -> Group:
    """A group that opens while the world lives on after its history."""

    def group(name: str, course: Course, **more: object) -> Group:
        return Group(number, name, "course", course, number % staff, **{"size": 100, **more})  # type: ignore[arg-type]

    return _course_group(group, number, nth, day, scale, rng)


def _course_group(group: object, number: int, nth: int, born: int, scale: float, rng: Random) -> Group:
    del number
    bloom = courses.short(born, rng.uniform(7, 11), rng.randrange(21, 29))
    made: Group = group(f"新茶课第{nth + 1}期", bloom, size=_size(110, scale), fill=3.0, trickle=0.0)  # type: ignore[operator]
    return made


def _size(size: float, scale: float) -> int:
    return max(14, min(480, round(size * scale)))


def _serial(nth: int, kind: str) -> str:
    turn = nth // len(CITIES) + 1
    return str(turn) if kind == "city" else f"新{turn}"
