"""What is said: the grammar of `phrases`, drawn anew each time, in the manner of who says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

from tiefen.sandbox.population.phrases import COURSES, DAYS, FOODS, TEAS, TOPICS, WARES, WORDS

Pins = Mapping[str, str]
"""What a conversation is about: the symbols in capitals."""
_Part = str | int
"""Plain words, the number of a symbol, or the letter of a pin after a NUL."""

_NAMES = {name: number for number, name in enumerate(WORDS)}
_OPEN = re.compile(r"\{([\w.]+)\}")
_PARTICLES = ("哈", "呀", "哦", "呢", "啦", "嘛", "～", "…", "[呲牙]", "[愉快]", "[玫瑰]", "！", "~", " ", "噻", "撒")
_OPENERS = (
    "嗯，",
    "那个，",
    "话说",
    "哎，",
    "其实",
    "说真的，",
    "话说回来，",
    "对了，",
    "哈，",
    "emmm，",
    "我说，",
    "讲真，",
)


def _parsed(template: str) -> tuple[_Part, ...]:
    pieces = _OPEN.split(template)
    parts: list[_Part] = []
    for position, piece in enumerate(pieces):
        if position % 2 == 0:
            if piece:
                parts.append(piece)
        elif len(piece) == 1 and piece.isupper():
            parts.append("\0" + piece)
        else:
            parts.append(_NAMES[piece])
    return tuple(parts)


_RULES = [tuple(_parsed(template) for template in productions) for productions in WORDS.values()]
KINDS = tuple(WORDS)
_ANY: Pins = {"T": "茶", "W": "盖碗", "F": "点心", "K": "入门课", "C": "杭州", "N": "", "D": "周末", "S": "朋友圈"}


def say(symbol: str, rng: Random, pins: Pins = _ANY) -> str:
    """One sentence of a symbol. Pins that a production needs and that are not given are the plainest words."""
    said: list[str] = []
    _expand(_RULES[_NAMES[symbol]], rng.random, pins, said)
    return "".join(said)


def _expand(productions: tuple[tuple[_Part, ...], ...], draw: object, pins: Pins, said: list[str]) -> None:
    chosen = productions[int(draw() * len(productions))]  # type: ignore[operator]
    for part in chosen:
        if isinstance(part, int):
            _expand(_RULES[part], draw, pins, said)
        elif part[0] == "\0":
            said.append(pins.get(part[1], _ANY[part[1]]))
        else:
            said.append(part)


def subject(rng: Random, interest: str | None = None) -> tuple[str, dict[str, str]]:
    """A topic and the things it is about; somebody's interest (a tea, or ware) comes up more often than others."""
    draw = rng.random
    topic = TOPICS[int(draw() * len(TOPICS))]
    tea = interest if interest and draw() < 0.6 else TEAS[int(draw() * len(TEAS))]
    return topic, {
        "T": tea,
        "W": WARES[int(draw() * len(WARES))],
        "F": FOODS[int(draw() * len(FOODS))],
        "K": COURSES[int(draw() * len(COURSES))],
        "D": DAYS[int(draw() * len(DAYS))],
    }


def in_manner(text: str, voice: int, rng: Random) -> str:
    """The same words as somebody with that voice puts them: their particles, their openers, no full stops for some."""
    draw = rng.random()
    if draw < 0.22 and text[-1] not in "～！。]？~…":
        return text + _PARTICLES[(voice * 7 + int(draw * 1000) % 3) % len(_PARTICLES)]
    if draw > 0.9 and len(text) > 6:
        return _OPENERS[(voice * 5 + int(draw * 1000) % 3) % len(_OPENERS)] + text
    if voice % 5 == 0 and text[-1] == "。":
        return text[:-1]
    return text
