"""Somebody: what they like and bear, drawn from a seed. Nobody outside the population sees any of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tiefen.sandbox.population.names import full_name, nickname
from tiefen.sandbox.population.sources import ORIGINS, Origin

CITIES = ("杭州", "上海", "广州", "成都", "北京", "武汉", "厦门", "西安", "长沙", "苏州")
INTERESTS = ("绿茶", "白茶", "岩茶", "普洱", "茶器", "茶点")
KINDS_SENT = ("offer", "value", "question", "care", "event", "welcome", "other")
"""What a message of the brand can be to somebody (see `reactions.kind_of`)."""


@dataclass(slots=True)
class Person:
    """A customer to be. `talk`, `thirst` and `patience` are relative to 1."""

    number: int
    name: str
    city: str
    age: int
    woman: bool
    income: float
    """A month, in thousands of yuan."""
    interest: str
    origin: int
    arrived: int
    """Day of the world."""
    talk: float
    """0 for somebody who only ever reads."""
    thirst: float
    patience: float
    advertiser: bool = False
    ring: int = 0
    """1 for the hub of a fraud ring's branch, 2 for its made-up friends; 0 for everybody honest."""
    brought_by: int | None = None
    friends: list[int] = field(default_factory=list)
    """Whom they know: mostly of their town or with their taste. They bring each other into groups."""
    staff: int = 0
    """Number of the staff member who has them as a contact."""
    lost: int | None = None
    """The day on which they delete that one, if nothing else happens."""
    contact: bool = True
    """Whether they ever become a contact; the others are known from groups only."""
    rate: float = 0.0
    """Purchases a day after the first one, while they are customers (0 before the first)."""
    drop: float = 0.0
    """The chance that a purchase is the last one."""
    orders: int = 0
    took_course: bool = False
    alive: bool = True
    """Still buys; BG/NBD's coin is tossed after each purchase."""

    @property
    def source(self) -> Origin:
        return ORIGINS[self.origin]


def draw(number: int, day: int, origin: int, rng: Random) -> Person:
    """Somebody who arrives on a day from a source."""
    random = rng.random
    city = CITIES[int(random() * len(CITIES))]
    quality = ORIGINS[origin].quality
    woman = random() < 0.66
    age = max(18, min(74, round(rng.gauss(37, 11))))
    reads_only = random() < 0.52
    return Person(
        number=number,
        name=nickname(rng, city) if random() < 0.8 else full_name(rng),
        city=city,
        age=age,
        woman=woman,
        income=round(rng.lognormvariate(2.1, 0.5), 1),
        interest=INTERESTS[int(random() ** 1.2 * len(INTERESTS))],
        origin=origin,
        arrived=day,
        talk=0.0 if reads_only else rng.lognormvariate(0.0, 2.0) * (0.6 + 0.4 * quality),
        thirst=rng.gammavariate(0.9, 1.1) * quality,
        patience=rng.lognormvariate(0.0, 0.5),
        advertiser=random() < 0.004,
        contact=random() > 0.08,
    )


@dataclass(frozen=True, slots=True)
class Heart:
    """What messages truly do to somebody."""

    order: dict[str, float]
    """The chance of one more order within three days of a message, by its kind, told in person and not weary."""
    answer: dict[str, float]
    """The chance that they write back."""
    bears: float
    """How much selling they bear in five days before they tire, counted in messages sent to them in person."""
    temper: float
    """How fast they act on it: the chance to mute, leave or delete for each message beyond."""


_ORDER = {
    "offer": 0.035,
    "event": 0.012,
    "value": 0.006,
    "question": 0.002,
    "care": 0.003,
    "welcome": 0.02,
    "other": 0.0,
}
_ANSWER = {"offer": 0.02, "event": 0.03, "value": 0.015, "question": 0.07, "care": 0.06, "welcome": 0.12, "other": 0.01}


def heart(seed: int, person: Person) -> Heart:
    """The same person has the same heart whenever it is asked for."""
    rng = Random(seed * 1_000_003 + person.number)
    immune = rng.random() < 0.25
    lean = {kind: rng.lognormvariate(-0.25, 0.7) for kind in KINDS_SENT}
    fake = person.ring or person.advertiser
    appetite = 0.0 if immune or fake else min(6.0, 0.35 + person.thirst)
    chatty = 0.0 if fake else min(3.0, 0.3 + person.talk)
    return Heart(
        order={kind: min(0.4, _ORDER[kind] * appetite * lean[kind]) for kind in KINDS_SENT},
        answer={kind: min(0.5, _ANSWER[kind] * chatty * lean[kind]) for kind in KINDS_SENT},
        bears=max(0.6, 2.2 * person.patience),
        temper=min(0.6, rng.lognormvariate(-2.0, 0.6)),
    )
