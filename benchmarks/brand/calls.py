"""The world lived through, day by day, as the calls any system of a brand would send (see docs/tracking.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.brand.talk import say
from benchmarks.brand.world import SOURCES, Group, Person, Stay, World

Call = dict[str, Any]
_DAY = 86_400
_CHINA = ZoneInfo("Asia/Shanghai")
_HOURS = (1, 1, 0, 0, 0, 1, 3, 6, 8, 9, 9, 8, 10, 8, 6, 6, 6, 7, 8, 10, 12, 11, 7, 3)
"""How much is said in each hour of a day in China."""


def calls(world: World, end: datetime) -> Iterator[Call]:
    """Every call of the world in order of time; nothing happens after `end` (aware)."""
    start = _start(world, end).timestamp()
    cut = end.timestamp()
    yield from _people(world, start)
    for day in range(world.days):
        rng = Random(f"{world.seed}:{day}")
        happened = [*_arrivals(world, day, rng), *_orders(world, day, rng)]
        for group in world.groups:
            happened += _group_day(world, group, day, rng)
        happened.sort(key=lambda at_call: at_call[0])
        for at, call in happened:
            if start + at < cut:
                yield {**call, "timestamp": _iso(start + at)}


def costs(world: World, end: datetime) -> Iterator[tuple[str, str, str]]:
    """(date, source, yuan) per day and source: what was spent to win the people who came."""
    start = _start(world, end)
    spent: dict[tuple[int, str], int] = {}
    for person in world.people:
        key = (person.arrived, person.source.name)
        spent[key] = spent.get(key, 0) + person.source.cost_fen
    for (day, source), fen in sorted(spent.items()):
        yield ((start + timedelta(days=day)).date().isoformat(), source, f"{fen / 100:.2f}")


def _start(world: World, end: datetime) -> datetime:
    """Midnight in China of the world's first day; its last day is the one `end` falls on."""
    today = end.astimezone(_CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=world.days - 1)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _people(world: World, start: float) -> Iterator[Call]:
    for person in [*world.staff, *world.people]:
        traits: dict[str, Any] = {"name": person.name}
        if person.staff:
            traits["staff"] = True
        else:
            traits |= {"city": person.city, "age": person.age, "gender": person.gender, "interest": person.interest}
        yield {
            "type": "identify",
            "messageId": f"demo-identify-{person.id}",
            "userId": person.id,
            "traits": traits,
            "context": {
                "externalIds": [
                    {"id": f"un_{person.id}", "type": "wechat_unionid", "collection": "users", "encoding": "none"}
                ]
            },
            "timestamp": _iso(start + person.arrived * _DAY),
        }


def _track(person: str, event: str, message_id: str, properties: Call) -> Call:
    return {"type": "track", "event": event, "messageId": message_id, "userId": person, "properties": properties}


def _arrivals(world: World, day: int, rng: Random) -> list[tuple[float, Call]]:
    came = []
    for person in world.people:
        if person.arrived == day:
            at = day * _DAY + _hour(rng)
            staff = world.staff[hash_of(person.id) % len(world.staff)].id
            properties = {"source": person.source.name, "staff_id": staff}
            came.append((at, _track(person.id, "Contact Added", f"demo-contact-{person.id}", properties)))
            if person.source.quality < 0.3 and rng.random() < 0.5:
                lost = {"staff_id": staff, "by": "person"}
                came.append((at + 3_600, _track(person.id, "Contact Lost", f"demo-lost-{person.id}", lost)))
    return came


def hash_of(text: str) -> int:
    """A small stable number from a name; Python's own differs from run to run."""
    return sum((i + 1) * ord(c) for i, c in enumerate(text))


_GOODS = (("trial-9.9", 990), ("course-199", 19_900), ("camp-1999", 199_900))
_SHOP = (("tea-longjing", 12_800), ("tea-shoumei", 8_800), ("tea-rougui", 16_800), ("cup-host", 5_900), ("pot-zisha", 39_900), ("snack-box", 3_900))  # fmt: skip


def _orders(world: World, day: int, rng: Random) -> list[tuple[float, Call]]:
    """The ladder 9.9 → 199 → 1,999 beside goods of every day; launches pull orders forward in waves."""
    wave = sum(max(0.0, 1 - abs(day - launch - 1) / 4) for launch in world.launches)
    bought = []
    for person in world.people:
        age = day - person.arrived
        if age < 0:
            continue
        fresh = 0.035 if age < 7 else 0.0
        chance = person.thirst * (fresh + 0.0035 * 0.5 ** (age / 240) * (1 + 1.5 * wave))
        if rng.random() >= chance:
            continue
        at = day * _DAY + _hour(rng)
        if fresh and rng.random() < 0.8:
            goods = [_GOODS[0]]
        elif rng.random() < 0.12 + 0.3 * min(wave, 1):
            goods = [_GOODS[2] if person.thirst > 2.2 and rng.random() < 0.3 else _GOODS[1]]
        else:
            goods = rng.sample(_SHOP, k=rng.choice((1, 1, 1, 2, 2, 3)))
        order = f"demo-{day:03d}-{person.id}"
        lines = [{"sku": sku, "quantity": 1, "price": fen / 100} for sku, fen in goods]
        total = sum(fen for _, fen in goods) / 100
        properties = {"order_id": order, "total": total, "products": lines}
        bought.append((at, _track(person.id, "Order Completed", f"paid-{order}", properties)))
        if rng.random() < 0.03 and day + 3 < world.days:
            back = {"order_id": order, "total": total}
            bought.append((at + 2 * _DAY, _track(person.id, "Order Refunded", f"refunded-{order}", back)))
    return bought


def _hour(rng: Random) -> float:
    return rng.choices(range(24), _HOURS)[0] * 3_600 + rng.random() * 3_600


def _group_day(world: World, group: Group, day: int, rng: Random) -> list[tuple[float, Call]]:
    said: list[tuple[float, Call]] = []
    if day == max(0, group.course.born):
        card = {"group_id": group.id, "group_name": group.name, "owner_id": group.owner.id}
        said.append((day * _DAY, _track(group.owner.id, "Group Created", f"demo-{group.id}", card)))
        said.append((day * _DAY + 1, _joined(group, group.owner.id, "seed", None, day)))
    present: list[Stay] = []
    newcomers: list[Stay] = []
    for stay in group.stays:
        if stay.joined == day:
            at = day * _DAY + 30_000 * rng.random()
            via = "invite" if stay.invited_by else "qr_code"
            said.append((at, _joined(group, stay.person.id, via, stay.invited_by, day)))
            newcomers.append(stay)
        if stay.left == day:
            gone = {"group_id": group.id, "how": "left"}
            at = day * _DAY + 30_000 + 50_000 * rng.random()
            said.append((at, _track(stay.person.id, "Member Left", f"demo-left-{group.id}-{stay.person.id}", gone)))
        if stay.joined <= day and (stay.left is None or stay.left > day):
            present.append(stay)
    if present:
        said += _talk(world, group, day, present, newcomers, rng)
    return said


def _joined(group: Group, person: str, via: str, inviter: str | None, day: int) -> Call:
    properties: Call = {"group_id": group.id, "group_name": group.name, "via": via}
    if inviter:
        properties["invited_by"] = inviter
    return _track(person, "Member Joined", f"demo-joined-{group.id}-{person}-{day}", properties)


class _Said:
    """What is said in one group on one day: numbers the messages and keeps who said what."""

    def __init__(self, group: Group, day: int, rng: Random) -> None:
        self.group, self.day, self.rng = group, day, rng
        self.said: list[tuple[float, Call]] = []

    def post(
        self, at: float, person: Person, kind: str, to: tuple[str, str] | None = None, mention: str | None = None
    ) -> tuple[str, str]:
        """Say something of a kind; returns (who, message id), to be answered."""
        message = f"demo-{self.group.id}-{self.day:03d}-{len(self.said):04d}"
        properties: Call = {"group_id": self.group.id, "text": say(kind, self.rng, person.city)}
        if to:
            properties["reply_to"], properties["reply_to_message"] = to
        if mention:
            properties["mentions"] = [mention]
        self.said.append((at, _track(person.id, "Message Posted", message, properties)))
        return person.id, message


def _talk(
    world: World, group: Group, day: int, present: list[Stay], newcomers: list[Stay], rng: Random
) -> list[tuple[float, Call]]:
    page = _Said(group, day, rng)
    level = group.course.at(day)
    midnight = day * _DAY
    quiet = group.leaders_quit is not None and day >= group.leaders_quit
    leaders = set(group.leaders)
    weights = [0.0 if quiet and s.person.id in leaders else s.weight for s in present]
    if not any(weights):
        weights = [1.0] * len(present)
    by_circle: dict[int, tuple[list[Stay], list[float]]] = {}
    for stay, weight in zip(present, weights, strict=True):
        stays, their = by_circle.setdefault(stay.circle, ([], []))
        stays.append(stay)
        their.append(weight)

    def somebody(circle: int | None = None) -> Stay:
        stays, their = by_circle[circle] if circle is not None else (present, weights)
        return rng.choices(stays, their)[0] if any(their) else rng.choice(stays)

    _staff_posts(world, group, day, page, level, newcomers)
    if group.one_voice:
        if rng.random() < 0.25:
            page.post(midnight + _hour(rng), somebody().person, "small_talk")
        return page.said
    for stay in newcomers:
        if rng.random() < 0.22 * min(stay.person.talk, 2) and level > 0.5:
            at = midnight + 40_000 + 40_000 * rng.random()
            hello = page.post(at, stay.person, "introduction")
            if rng.random() < 0.6 and not group.strangers:
                page.post(at + 60 + rng.expovariate(1 / 900), somebody(stay.circle).person, "small_talk", hello)
    for _ in range(_poisson(level, rng)):
        _conversation(group, page, midnight + _hour(rng), somebody, rng)
    if group.adverts and day > group.course.born + 60:
        pushers = sorted(present, key=lambda s: s.person.patience)[:4]
        for _ in range(_poisson(group.adverts, rng)):
            page.post(midnight + _hour(rng), rng.choice(pushers).person, "advert")
    elif rng.random() < 0.01 * level:
        page.post(midnight + _hour(rng), rng.choice(present).person, "advert")
    return page.said


def _conversation(group: Group, page: _Said, at: float, somebody: Any, rng: Random) -> None:
    starter = somebody()
    kind = rng.choices(("question", "sharing", "greeting", "praise", "complaint", "signup"), (30, 34, 20, 6, 5, 5))[0]
    last = page.post(at, starter.person, kind)
    if group.strangers:
        return
    circle = starter.circle if rng.random() < 0.9 else None
    speakers = [starter]
    for turn in range(min(40, int(rng.expovariate(1 / 3.4)))):
        at += 15 + rng.lognormvariate(3.7, 1.1)
        answered = rng.random() < 0.5
        speaker = rng.choice(speakers) if rng.random() < 0.45 and len(speakers) > 1 else somebody(circle)
        reply = "answer" if kind == "question" and turn < 3 else "small_talk" if rng.random() < 0.7 else "sharing"
        to = last if answered and last[0] != speaker.person.id else None
        mention = starter.person.id if to is None and speaker is not starter and rng.random() < 0.15 else None
        last = page.post(at, speaker.person, reply, to, mention)
        speakers.append(speaker)


def _staff_posts(world: World, group: Group, day: int, page: _Said, level: float, newcomers: list[Stay]) -> None:
    rng, midnight = page.rng, day * _DAY
    owner = group.owner
    if newcomers and level > 0.3 and rng.random() < 0.5:
        page.post(midnight + 45_000, owner, "welcome", mention=newcomers[-1].person.id)
    daily = 1.0 if group.one_voice else 0.3 if level > 0.4 else 0.05
    if rng.random() < daily:
        page.post(midnight + 9 * 3_600 + 1_800 * rng.random(), owner, "brand_value")
    selling = any(0 <= day - launch <= 4 for launch in world.launches)
    offers = 0.9 if selling else 0.6 if group.kind == "welfare" else 0.06
    if rng.random() < offers and (level > 0.2 or group.one_voice):
        page.post(midnight + 12 * 3_600 + 3_600 * rng.random(), owner, "brand_offer")


def _poisson(mean: float, rng: Random) -> int:
    """Knuth's method; means here are small."""
    limit, product, count = 2.718281828459045**-mean, rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


__all__ = ["SOURCES", "Call", "calls", "costs"]
