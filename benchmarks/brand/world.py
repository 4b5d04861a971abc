"""Who is in the world and what is true of it: people, groups with a life course, stays, circles, sources."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random

from tiefen.sandbox.population.names import nickname

STAFF = ("青禾小助手", "茶师阿岚", "客服小雨", "主理人老秦", "运营阿泽", "门店小舒")
CITIES = ("杭州", "上海", "广州", "成都", "北京", "武汉", "厦门", "西安", "长沙", "苏州")
INTERESTS = ("绿茶", "白茶", "岩茶", "普洱", "茶器", "茶点")


@dataclass(frozen=True, slots=True)
class Source:
    """Where people come from: what one arrival costs, in fen, and how good the people are (1 is average)."""

    name: str
    share: float
    cost_fen: int
    quality: float


SOURCES = (
    Source("抖音信息流", 0.22, 4_200, 0.55),
    Source("小红书笔记", 0.16, 1_900, 1.10),
    Source("视频号直播", 0.12, 2_600, 0.95),
    Source("公众号文章", 0.10, 900, 1.30),
    Source("门店二维码", 0.12, 600, 1.45),
    Source("包裹卡片", 0.10, 300, 1.25),
    Source("老客转介绍", 0.09, 450, 1.80),
    Source("线下茶会", 0.04, 3_800, 1.60),
    Source("抽奖裂变", 0.05, 150, 0.15),
)


@dataclass(slots=True)
class Person:
    """Somebody. `talk`, `thirst` and `patience` are relative to 1; nobody outside the world sees them."""

    id: str
    name: str
    city: str
    age: int
    gender: str
    interest: str
    source: Source
    arrived: int
    """Day of the world on which they became a contact."""
    talk: float
    thirst: float
    patience: float
    staff: bool = False
    advertiser: bool = False
    invited_by: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """How lively a group is on each day: conversations a day, from birth over bloom to the end."""

    born: int
    rise: float
    bloom: float
    peak: float
    fade: float
    """Days in which the conversations halve after the bloom; 0 means they never fade."""
    floor: float = 0.0

    def at(self, day: int) -> float:
        age = day - self.born
        if age < 0:
            return 0.0
        level = self.peak * (1 - math.exp(-(age + 1) / self.rise))
        if self.fade and age > self.bloom:
            level *= 0.5 ** ((age - self.bloom) / self.fade)
        return max(level, self.floor) if level > 0.02 else 0.0


@dataclass(slots=True)
class Stay:
    """One stay of one person in a group, in days of the world; `left` is None for who is still there."""

    person: Person
    joined: int
    left: int | None
    circle: int
    weight: float
    invited_by: str | None = None


@dataclass(slots=True)
class Group:
    """A group and its truth."""

    id: str
    name: str
    kind: str
    course: Course
    owner: Person
    size: int
    city: str | None = None
    interest: str | None = None
    circles: int = 1
    adverts: float = 0.0
    """Adverts a day once it is abandoned to them."""
    one_voice: bool = False
    strangers: bool = False
    leak: float = 0.002
    """The chance that somebody leaves on a day."""
    leaders: list[str] = field(default_factory=list)
    leaders_quit: int | None = None
    """The day from which its leaders say nothing more."""
    stays: list[Stay] = field(default_factory=list)


@dataclass(slots=True)
class World:
    """Everything that is true. `days` days end at the moment the world is shown."""

    seed: int
    days: int
    people: list[Person]
    staff: list[Person]
    groups: list[Group]
    launches: tuple[int, ...]

    def answers(self) -> list[dict[str, object]]:
        """The answer key: what is true of each group, for tests and never for Tiefen."""
        return [
            {
                "group": group.id,
                "name": group.name,
                "kind": group.kind,
                "leaders": group.leaders,
                "alive": group.course.at(self.days - 1) > 0.25,
                "circles": group.circles,
            }
            for group in self.groups
        ]


def make_world(*, seed: int = 7, groups: int = 40, people: int = 8_000, days: int = 365) -> World:
    """Draw a world. The same arguments give the same world, to the last message."""
    rng = Random(seed)
    staff = [_staff(number, name) for number, name in enumerate(STAFF)]
    crowd = [_person(number, rng, days) for number in range(people)]
    launches = tuple(int(days * at) for at in (0.22, 0.5, 0.8))
    made = _groups(groups, people, days, staff, rng)
    _fill(made, crowd, days, rng)
    return World(seed, days, crowd, staff, made, launches)


def _staff(number: int, name: str) -> Person:
    return Person(f"staff_{number}", name, "杭州", 30, "女", "绿茶", SOURCES[4], 0, 1.0, 0.0, 9.0, staff=True)


def _person(number: int, rng: Random, days: int) -> Person:
    city = rng.choice(CITIES)
    source = rng.choices(SOURCES, [s.share for s in SOURCES])[0]
    arrived = min(days - 1, int(days * rng.random() ** 1.25)) if rng.random() > 0.12 else 0
    return Person(
        id=f"wm_{number:06d}",
        name=nickname(rng, city),
        city=city,
        age=max(18, min(72, round(rng.gauss(36, 10)))),
        gender="女" if rng.random() < 0.66 else "男",
        interest=rng.choice(INTERESTS),
        source=source,
        arrived=arrived,
        talk=rng.lognormvariate(0.0, 1.25) * (0.6 + 0.4 * source.quality),
        thirst=rng.gammavariate(0.9, 1.0) * source.quality,
        patience=rng.lognormvariate(0.0, 0.5),
    )


# (kind, how many of forty, how lively, what is said of it)
_PLAN = (
    ("city", 12), ("interest", 6), ("course", 8), ("welfare", 3), ("twin", 2), ("dying", 1), ("advert", 1),
    ("one_voice", 1), ("circles", 1), ("strangers", 1), ("leaky", 1), ("young", 2), ("vip", 1),
)  # fmt: skip


def _groups(count: int, people: int, days: int, staff: list[Person], rng: Random) -> list[Group]:
    kinds = [kind for kind, of_forty in _PLAN for _ in range(max(1, round(of_forty * count / 40)))]
    kinds = (kinds + ["city"] * count)[:count]
    scale = people / 8_000 * 40 / count
    seen: dict[str, int] = {}
    made: list[Group] = []
    for number, kind in enumerate(kinds):
        nth = seen[kind] = seen.get(kind, -1) + 1
        owner = staff[number % len(staff)]
        made.append(_group(number, nth, kind, owner, scale, days, rng))
    return made


def _group(number: int, nth: int, kind: str, owner: Person, scale: float, days: int, rng: Random) -> Group:
    early = rng.randrange(0, max(1, days // 4))
    size = max(12, min(490, round(rng.uniform(130, 330) * scale)))
    steady = Course(early, 25, 9_999, rng.uniform(2.2, 6.5), 0)

    def group(name: str, course: Course, **more: object) -> Group:
        return Group(f"wr_{number:04d}", name, kind, course, owner, **{"size": size, **more})  # type: ignore[arg-type]

    match kind:
        case "city":
            city = CITIES[nth % len(CITIES)]
            name = f"{city}茶友{nth // len(CITIES) + 1}群"
            old = Course(early, 20, rng.uniform(60, 110), rng.uniform(3, 7), rng.uniform(22, 40))
            course = old if nth % 3 == 2 else steady
            return group(name, course, city=city)
        case "interest":
            interest = INTERESTS[nth % len(INTERESTS)]
            return group(f"{interest}同好会", steady, interest=interest)
        case "course":
            born = min(days - 40, round(days * (0.06 + 0.11 * nth)))
            bloom = Course(max(0, born), 3, 28, rng.uniform(9, 14), 6)
            return group(f"新茶课第{nth + 1}期", bloom, size=max(12, round(size * 0.5)))
        case "welfare":
            return group(f"青禾福利{nth + 1}群", Course(early, 12, 70, 2.6, 55, 0.35), leak=0.004)
        case "twin":
            same = Course(days // 5, 20, 9_999, 3.2, 0)
            return group(f"茶器交换{'AB'[nth % 2]}群", same, interest="茶器", size=round(220 * scale) or 12)
        case "dying":
            quits = days - 100
            return group("老白茶品鉴群", Course(0, 20, quits, 7.5, 16), interest="白茶", leaders_quit=quits, leak=0.003)
        case "advert":
            return group("闲置茶器转让群", Course(early, 15, 60, 3.5, 30, 0.3), adverts=5.0, leak=0.004)
        case "one_voice":
            return group("每日茶识广播群", Course(early, 10, 9_999, 2.4, 0), one_voice=True)
        case "circles":
            return group("青禾大本营", Course(0, 30, 9_999, 12, 0), circles=4, size=max(40, round(460 * scale)))
        case "strangers":
            return group(
                "双十一新客群", Course(days - 60, 8, 9_999, 3.0, 0), strangers=True, size=max(20, round(380 * scale))
            )
        case "leaky":
            return group(
                "抽奖拉新群", Course(days - 120, 8, 9_999, 2.6, 0), leak=0.02, size=max(20, round(360 * scale))
            )
        case "young":
            return group(
                f"春茶筹备{nth + 1}群", Course(days - 12 - 5 * nth, 7, 9_999, 4.5, 0), size=max(12, round(80 * scale))
            )
        case _:
            return group("年度会员群", Course(0, 20, 9_999, 6.5, 0), size=max(12, round(150 * scale)), leak=0.0004)


def _fill(groups: list[Group], crowd: list[Person], days: int, rng: Random) -> None:
    """Put people into groups where town, interest and arrival fit, and draw when they leave again."""
    twins = [group for group in groups if group.kind == "twin"]
    for group in groups:
        if len(twins) == 2 and group is twins[1]:
            kept = rng.sample([stay.person for stay in twins[0].stays], k=round(0.7 * len(twins[0].stays)))
            chosen = kept + rng.sample(_fitting(group, crowd, days), k=len(twins[0].stays) - len(kept))
            chosen = list({person.id: person for person in chosen}.values())
        else:
            fitting = _fitting(group, crowd, days)
            chosen = rng.sample(fitting, k=min(group.size, len(fitting)))
        group.stays = [_stay(group, person, days, rng) for person in chosen]
        _invite(group, rng)
        if not (group.one_voice or group.strangers):
            circles = {stay.circle: [s for s in group.stays if s.circle == stay.circle] for stay in group.stays}
            for members in circles.values():
                early = [s for s in members if s.joined <= group.course.born + 45] or members
                for stay in sorted(early, key=lambda s: -s.weight)[: 3 if group.circles == 1 else 1]:
                    stay.weight *= 5
                    stay.left = None
                    group.leaders.append(stay.person.id)


def _fitting(group: Group, crowd: list[Person], days: int) -> list[Person]:
    def fits(person: Person) -> bool:
        if group.city and person.city != group.city:
            return False
        if group.interest and group.kind == "interest" and person.interest != group.interest:
            return False
        match group.kind:
            case "vip":
                return person.thirst > 1.6
            case "leaky":
                return person.source.quality < 1
            case "strangers" | "young":
                return person.arrived > days - 120
            case "course":
                return person.arrived < group.course.born + 10 and person.thirst > 0.4
            case _:
                return person.arrived < days - 3

    return [person for person in crowd if fits(person)]


def _stay(group: Group, person: Person, days: int, rng: Random) -> Stay:
    born = max(0, group.course.born)
    late = 6 if group.kind in {"course", "strangers", "young"} else 60
    joined = min(days - 1, max(person.arrived, born) + int(rng.expovariate(1 / late)))
    stays_for = int(rng.expovariate(group.leak / person.patience)) if group.leak else days
    left = joined + 1 + stays_for if joined + 1 + stays_for < days else None
    return Stay(person, joined, left, rng.randrange(group.circles), person.talk)


def _invite(group: Group, rng: Random) -> None:
    """Those who came by word of mouth were brought by somebody already there."""
    inside: list[Stay] = []
    for stay in sorted(group.stays, key=lambda s: s.joined):
        if inside and rng.random() < 0.18:
            stay.invited_by = rng.choices(inside, [s.weight for s in inside])[0].person.id
        inside.append(stay)
