"""What is said in one group on one day: who begins, who answers whom, and after how long.

Speakers are drawn by their weight, so that few say most (van Mierlo 2014; the Gini among speakers of Gitter rooms is .73 to
.84). Talk comes in conversations of quick turns (the median answer takes about half a minute in IRC and Gitter), and what
leaders say is answered more.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from tiefen.sandbox.population.courses import QUIET
from tiefen.sandbox.population.groups import Group, Stay
from tiefen.sandbox.population.society import Society
from tiefen.sandbox.population.speech import in_manner, say, subject

HOURS = (1, 1, 0, 0, 0, 1, 3, 6, 8, 9, 9, 8, 10, 8, 6, 6, 6, 7, 8, 10, 12, 11, 7, 3)
"""How much is said in each hour of a day in China."""
_TO_HOUR = [sum(HOURS[: hour + 1]) for hour in range(24)]
TEAS_OF = {"绿茶": "龙井", "白茶": "老白茶", "岩茶": "肉桂", "普洱": "熟普"}
LAST_SECOND = 86_390.0
ATTENTION = 3.5
"""How much likelier what a leader says is answered."""


class Said(NamedTuple):
    """One message. `who` and `mentions` are numbers of people, of staff negative ones (−1 is the first)."""

    at: float
    """Seconds into the day."""
    who: int
    text: str
    kind: str
    key: str
    reply_to: str | None = None
    mentions: tuple[int, ...] = ()
    msgtype: str = "text"


def hour(rng: Random) -> float:
    """A second of the day on which people talk."""
    at = rng.random() * _TO_HOUR[-1]
    return float(bisect(_TO_HOUR, at) * 3_600 + rng.random() * 3_600)


def poisson(mean: float, rng: Random) -> int:
    """Knuth's method; means here are small."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


class Page:
    """A day of a group while it is being written."""

    def __init__(self, society: Society, group: Group, day: int) -> None:
        self.society, self.group, self.day = society, group, day
        self.rng = Random((society.seed * 100_003 + group.number) * 10_007 + day)
        self.said: list[Said] = []
        self.leaders = {leader.person.number for leader in group.leaders_on(day)}

    def post(
        self, at: float, who: int, kind: str, text: str, *, reply_to: str | None = None, mentions: tuple[int, ...] = (),
        msgtype: str = "text",
    ) -> str:  # fmt: skip
        key = f"{self.group.number}:{self.day}:{len(self.said)}"
        self.said.append(Said(min(at, LAST_SECOND), who, text, kind, key, reply_to, mentions, msgtype))
        return key

    def voiced(self, symbol: str, stay: Stay, pins: dict[str, str]) -> str:
        """A sentence of somebody, in their manner."""
        pins["C"] = stay.person.city
        return in_manner(say(symbol, self.rng, pins), stay.person.number, self.rng)

    def pick(self, circle: int = -1) -> Stay | None:
        """Somebody who feels like speaking."""
        stays, added_up = self.group.speakers().get(circle, ((), ()))
        if not added_up:
            return None
        for _ in range(3):
            stay = stays[min(bisect(added_up, self.rng.random() * added_up[-1]), len(stays) - 1)]
            if stay.joined < self.day:  # who came today may not have come yet
                return stay
        return None


def talk(society: Society, group: Group, day: int, newcomers: Sequence[tuple[float, Stay]]) -> list[Said]:
    """Everything said in a group on a day, not yet in order of time. `newcomers` came at those seconds of it."""
    page = Page(society, group, day)
    rng = page.rng
    level = group.course.at(day)
    _staff_posts(page, level, newcomers)
    if level > QUIET:
        mood = rng.lognormvariate(-0.03, 0.25) * (1.15 if day % 7 in (5, 6) else 1.0)
        for at, stay in newcomers:
            _introduces_themselves(page, at, stay, level)
        for _ in range(poisson(level * mood * (0.25 if group.one_voice else 1.0), rng)):
            _conversation(page, hour(rng))
    _adverts(page)
    return page.said


def _introduces_themselves(page: Page, at: float, stay: Stay, level: float) -> None:
    rng = page.rng
    if stay.weight == 0 or level < 0.4 or rng.random() > 0.22 * min(stay.person.talk, 2.0):
        return
    at += 30 + rng.expovariate(1 / 240)
    hello = page.post(at, stay.person.number, "introduction", page.voiced("introduction", stay, {}))
    if page.group.strangers or rng.random() > 0.6:
        return
    for _ in range(rng.choice((1, 1, 2, 3))):
        other = page.pick(stay.circle if page.group.circles > 1 else -1)
        if other is not None and other is not stay:
            at += 8 + rng.lognormvariate(3.6, 1.0)
            words = page.voiced("welcome_by_member", other, {"N": stay.person.name})
            page.post(at, other.person.number, "small_talk", words, reply_to=hello)


_OPENS = (("ask", 30), ("tell", 40), ("greeting", 14), ("praise", 5), ("complaint", 3), ("signup", 3), ("chat", 5))
_OPENS_ADDED = [sum(share for _, share in _OPENS[: i + 1]) for i in range(len(_OPENS))]


def _conversation(page: Page, at: float) -> None:
    rng, group = page.rng, page.group
    starter = page.pick()
    if starter is None:
        return
    kind = _OPENS[bisect(_OPENS_ADDED, rng.random() * _OPENS_ADDED[-1] - 1e-9)][0]
    topic, pins = subject(rng, TEAS_OF.get(group.interest or starter.person.interest))
    if kind == "signup":
        _signup(page, at, starter, pins)
        return
    symbol = {"ask": f"{topic}.ask", "tell": f"{topic}.tell", "chat": "life.ask"}.get(kind, kind)
    opened = {"ask": "question", "tell": "sharing", "chat": "question"}.get(kind, kind)
    first = page.post(at, starter.person.number, opened, page.voiced(symbol, starter, pins))
    if kind == "tell" and rng.random() < 0.3:
        page.post(at + 4 + 8 * rng.random(), starter.person.number, "image", "", msgtype="image")
    if not group.strangers and not group.one_voice:
        _turns(page, at, starter, first, kind, topic, pins)


def _turns(page: Page, at: float, starter: Stay, first: str, kind: str, topic: str, pins: dict[str, str]) -> None:
    rng, group = page.rng, page.group
    scattered = group.circles_on(page.day) == 1 or rng.random() > group.apart
    circle = -1 if scattered else starter.circle
    speakers = [starter]
    open_to: list[tuple[str, Stay]] = [(first, starter)]
    if kind == "complaint" and rng.random() < 0.7 and not _away(page, group.owner):
        words = say("apology", rng, {"N": starter.person.name})
        page.post(at + rng.lognormvariate(5.6, 1.0), -1 - group.owner, "staff_answer", words, reply_to=first, mentions=(starter.person.number,))  # fmt: skip
    turns = min(40, int(rng.expovariate(1 / 3.6)))
    for turn in range(turns):
        at += 6 + rng.lognormvariate(3.9 if turn == 0 else 3.0, 1.1)
        speaker = speakers[int(rng.random() * len(speakers))] if rng.random() < 0.4 else page.pick(circle)
        if speaker is None or speaker is open_to[-1][1]:
            speaker = page.pick(circle)
            if speaker is None or speaker is open_to[-1][1]:
                continue
        reply_to: str | None = None
        to: Stay | None = None
        mentions: tuple[int, ...] = ()
        if rng.random() < 0.62:
            reply_to, to = _whom(page, open_to, speaker)
            if to is not None and rng.random() < 0.12:
                mentions = (to.person.number,)
        said, symbol = _turn_of(kind, topic, turn, speaker is starter, rng)
        pins["N"] = to.person.name if to is not None else ""
        words = page.voiced(symbol, speaker, pins)
        key = page.post(at, speaker.person.number, said, words, reply_to=reply_to, mentions=mentions)
        open_to.append((key, speaker))
        del open_to[1:-4]
        speakers.append(speaker)


def _whom(page: Page, open_to: list[tuple[str, Stay]], speaker: Stay) -> tuple[str | None, Stay | None]:
    """Whom somebody answers: the opener and the last to speak more than others, leaders most."""
    last = len(open_to) - 1
    weights = [
        0.0 if stay is speaker else (1.5 if place in (0, last) else 1.0) * (ATTENTION if stay.person.number in page.leaders else 1.0)
        for place, (_, stay) in enumerate(open_to)
    ]  # fmt: skip
    if not any(weights):
        return None, None
    return page.rng.choices(open_to, weights)[0]


def _turn_of(kind: str, topic: str, turn: int, by_starter: bool, rng: Random) -> tuple[str, str]:
    """(kind, symbol) of a turn in a conversation."""
    draw = rng.random()
    if by_starter:
        return ("thanks", "thanks") if kind == "ask" and draw < 0.6 else ("small_talk", f"{topic}.comment" if draw < 0.75 else "small_talk")  # fmt: skip
    if kind in ("ask", "chat"):
        where = topic if kind == "ask" else "life"
        if draw < (0.75 if turn < 3 else 0.3):
            return "answer", f"{where}.reply"
        return ("small_talk", "disagree") if draw > 0.94 else ("small_talk", f"{where}.comment")
    if kind == "complaint":
        return ("small_talk", "comfort") if draw < 0.7 else ("small_talk", "small_talk")
    if kind == "greeting":
        return ("greeting", "greeting") if draw < 0.55 else ("small_talk", "life.comment")
    if kind == "praise":
        return ("small_talk", "parcel.comment") if draw < 0.5 else ("small_talk", "small_talk")
    if draw < 0.62:
        return "small_talk", f"{topic}.comment"
    return ("question", f"{topic}.ask") if draw < 0.72 else ("small_talk", "small_talk") if draw < 0.9 else ("sharing", f"{topic}.tell")  # fmt: skip


def _signup(page: Page, at: float, starter: Stay, pins: dict[str, str]) -> None:
    """接龙: everybody sends the whole list again with one more line."""
    rng = page.rng
    pins["C"] = starter.person.city
    lines = [f"#接龙\n{say('signup_title', rng, pins)}\n"]
    seen: set[int] = set()
    for turn in range(1 + min(12, int(rng.expovariate(1 / 4)))):
        who = starter if turn == 0 else page.pick()
        if who is None or who.person.number in seen:
            continue
        seen.add(who.person.number)
        pins["C"] = who.person.city
        lines.append(f"{len(seen)}. {who.person.name}{say('signup_note', rng, pins)}")
        page.post(at, who.person.number, "signup", "\n".join(lines))
        at += 20 + rng.lognormvariate(5.0, 1.2)


def _adverts(page: Page) -> None:
    rng, group = page.rng, page.group
    pushers = [stay for stay in group.pushers() if stay.joined < page.day]
    if not pushers:
        return
    left = page.day - group.course.born > 60 and group.adverts
    for _ in range(poisson(group.adverts if left else min(0.5, 0.06 * len(pushers)), rng)):
        stay = pushers[int(rng.random() * min(len(pushers), 6))]
        page.post(hour(rng), stay.person.number, "advert", say("advert", rng, {"C": stay.person.city}))


def _away(page: Page, staff: int) -> bool:
    leaves = page.society.staff[staff].leaves
    return leaves is not None and page.day >= leaves


def _staff_posts(page: Page, level: float, newcomers: Sequence[tuple[float, Stay]]) -> None:
    """What the owner posts by hand: something to know, a question, and too much to buy where that is the habit."""
    rng, group = page.rng, page.group
    if _away(page, group.owner) or (group.dismissed is not None and page.day >= group.dismissed):
        return
    who = -1 - group.owner
    _, pins = subject(rng, TEAS_OF.get(group.interest or ""))
    pins["C"] = group.city or "杭州"
    if newcomers and level > 0.3 and rng.random() < 0.5:
        at, stay = newcomers[-1]
        words = say("welcome", rng, {**pins, "N": stay.person.name, "C": stay.person.city})
        page.post(at + rng.lognormvariate(6.0, 1.0), who, "welcome", words, mentions=(stay.person.number,))
    if rng.random() < (1.0 if group.one_voice else 0.33 if level > 0.4 else 0.0):
        page.post(8.5 * 3_600 + 2_400 * rng.random(), who, "brand_value", say("brand_value", rng, pins))
    if rng.random() < (0.12 if level > 0.4 else 0.0):
        page.post(15 * 3_600 + 3_600 * rng.random(), who, "brand_question", say("brand_question", rng, pins))
    age = page.society.launch_age(page.day)
    lively = level > 0.2 or group.one_voice
    if age is not None and -5 <= age < 0 and lively and rng.random() < 0.5:
        page.post(12 * 3_600 + 3_600 * rng.random(), who, "brand_preheat", say("brand_preheat", rng, pins))
    selling = age is not None and 0 <= age <= 6
    offers = 0.9 if selling or group.kind == "flash" else 0.55 if group.kind == "welfare" else 0.06
    if lively and rng.random() < offers:
        page.post(19.5 * 3_600 + 3_600 * rng.random(), who, "brand_offer", say("brand_offer", rng, pins))
