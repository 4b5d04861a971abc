"""What is sold: the ladder of 9.9, 199 and 1,999 yuan, and goods of every day. Money is fen."""

from __future__ import annotations

from random import Random

from tiefen.sandbox.population.people import Person

Line = tuple[str, str, int, int]
"""(sku, name, quantity, price of one in fen)."""

TRIAL: Line = ("trial-9.9", "三款茶样体验装", 1, 990)
COURSE: Line = ("course-199", "二十一天泡茶课", 1, 19_900)
CAMP: Line = ("camp-1999", "茶山研学营", 1, 199_900)
SHOP: tuple[tuple[str, Line], ...] = (
    ("绿茶", ("tea-longjing", "明前龙井 100克", 1, 16_800)),
    ("绿茶", ("tea-anji", "安吉白茶 50克", 1, 9_800)),
    ("白茶", ("tea-shoumei", "寿眉饼 200克", 1, 8_800)),
    ("白茶", ("tea-peony", "白牡丹 100克", 1, 11_800)),
    ("岩茶", ("tea-rougui", "肉桂 80克", 1, 15_800)),
    ("岩茶", ("tea-shuixian", "水仙 100克", 1, 7_900)),
    ("普洱", ("tea-shupu", "熟普饼 357克", 1, 12_800)),
    ("普洱", ("tea-gan", "小青柑 12粒", 1, 5_900)),
    ("茶器", ("ware-cup", "主人杯", 1, 5_900)),
    ("茶器", ("ware-gaiwan", "甜白盖碗", 1, 9_900)),
    ("茶器", ("ware-pot", "紫砂小壶", 1, 39_900)),
    ("茶点", ("snack-osmanthus", "桂花糕礼盒", 1, 3_900)),
    ("茶点", ("snack-box", "四季茶点盒", 1, 4_900)),
)
OWN_TASTE = 0.55
"""How often somebody takes something of their own interest."""
_SIZES = (1, 1, 1, 2, 2, 3)
MEAN_LINES = sum(_SIZES) / len(_SIZES)
MEAN_PRICE = sum(line[3] for _, line in SHOP) / len(SHOP)


def basket(person: Person, rng: Random) -> list[Line]:
    """Goods for every day, leaning towards what somebody likes; the well-off now and then take two of a thing."""
    own = [line for interest, line in SHOP if interest == person.interest]
    chosen: dict[str, Line] = {}
    for _ in range(_SIZES[int(rng.random() * len(_SIZES))]):
        line = rng.choice(own) if rng.random() < OWN_TASTE else rng.choice(SHOP)[1]
        many = 2 if person.income > 12 and rng.random() < 0.25 else 1
        chosen[line[0]] = (line[0], line[1], many, line[3])
    return list(chosen.values())


def expected_basket(person: Person) -> float:
    """What a basket comes to on average, in fen (before the same thing is drawn twice)."""
    own = [line[3] for interest, line in SHOP if interest == person.interest]
    price = OWN_TASTE * sum(own) / len(own) + (1 - OWN_TASTE) * MEAN_PRICE
    return MEAN_LINES * price * (1.25 if person.income > 12 else 1.0)
