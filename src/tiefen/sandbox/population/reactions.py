"""How people and staff take what the brand sends: offers sell and weary, staff confirm their tasks, or do not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

from tiefen.sandbox.box import Delivered, Tasked
from tiefen.sandbox.population import goods
from tiefen.sandbox.population.acts import Act, Names
from tiefen.sandbox.population.goods import Line
from tiefen.sandbox.population.life import CHINA
from tiefen.sandbox.population.memory import Memory, Mood
from tiefen.sandbox.population.people import Heart, Person, heart
from tiefen.sandbox.population.society import Society, Staff
from tiefen.sandbox.population.speech import say

Later = Callable[[Act], None]

HALF_LIFE = 5 * 86_400.0
"""In which half of the selling is forgotten."""
REACH = {"single": 1.0, "welcome": 1.0, "group": 0.35, "moment": 0.15}
"""How much of what a message does in person it does there."""
BURDEN = {"offer": 1.0, "event": 0.6, "other": 0.3, "question": 0.15, "value": 0.15, "care": 0.1, "welcome": 0.1}
"""How much of a selling message each kind weighs."""
MUTED_REACH = 0.08
"""What is left of a message's effect on those who muted where it came."""

_OFFER = re.compile(r"元|￥|¥|折|优惠|立减|满减|秒杀|限时|抢|下单|包邮|券|特价|团购|开售|截单|返场|名额")
_EVENT = re.compile(r"直播|茶会|公开课|预约|报名|活动|线下|开课")
_QUESTION = re.compile(r"[？?]|投票|接龙告诉|聊一聊|你们|大家.*(吗|呢)|选一个")
_CARE = re.compile(r"生日|节日|快乐|好久不见|最近.*(好吗|怎么样)|天气|降温|注意身体|祝|感谢")
_VALUE = re.compile(r"茶识|技巧|教程|怎么泡|如何|水温|出汤|攻略|知识|答疑|分享|干货|笔记")


def kind_of(content: dict[str, Any], channel: str = "single") -> str:
    """What a message is to people, told from its words: `offer`, `event`, `value`, `question`, `care`, `welcome`, `other`.

    Something for sale is an offer whatever else it says.
    """
    words = words_of(content)
    if _OFFER.search(words):
        return "offer"
    if channel == "welcome":
        return "welcome"
    for kind, pattern in (("value", _VALUE), ("event", _EVENT), ("care", _CARE), ("question", _QUESTION)):
        if pattern.search(words):
            return kind
    return "other"


def words_of(content: dict[str, Any]) -> str:
    """All words of a message: its text, and titles and descriptions of what is attached."""
    text = content.get("text")
    words = [text.get("content", "") if isinstance(text, dict) else text or ""]
    attached = content.get("attachments") or []
    for one in attached:
        for part in one.values() if isinstance(one, dict) else ():
            if isinstance(part, dict):
                words += [str(part.get(name) or "") for name in ("title", "desc")]
    return "\n".join(words)


class Reactions:
    """Hears what is tasked and delivered, and has people act on it later."""

    def __init__(self, society: Society, names: Names, memory: Memory, later: Later) -> None:
        self.society, self.names, self.memory, self.later = society, names, memory, later
        self._hearts: dict[int, Heart] = {}

    # ---- staff ----

    def tasked(self, task: Tasked) -> None:
        """Most confirm within the hour, some the next day, some never; nobody at night."""
        staff = next((one for one in self.society.staff if one.userid == task.userid), None)
        if staff is None:
            return
        rng = Random(f"{self.society.seed}:{task.msgid}:{task.userid}")
        if rng.random() > staff.diligence:
            return
        at = _awake(task.at + _delay(staff, rng), rng)
        self.later(Act(at, "confirm", (staff.number, task.msgid, task.kind)))

    # ---- people ----

    def delivered(self, what: Delivered) -> None:
        kind = kind_of(what.content, what.kind)
        reached, worth = 0, 0.0
        for person in self._audience(what):
            reached += 1
            worth += self._react(person, what, kind)
        if reached:
            self.memory.seen(what.msgid, kind, what.kind, reached, worth)

    def _audience(self, what: Delivered) -> list[Person]:
        """Those of the population whom it reached."""
        if what.kind == "group":
            asked = "SELECT e.person FROM stays s JOIN externals e ON e.external_userid = s.member_id"
            people = self.memory.store.column(f"{asked} WHERE s.chat_id = ? AND s.left_at IS NULL", what.to)
        else:
            people = self.memory.store.column("SELECT person FROM externals WHERE external_userid = ?", what.to)
        numbers = (self.names.numbers.get(person) for person in people)
        return [self.society.people[number] for number in numbers if number is not None]

    def heart(self, person: Person) -> Heart:
        found = self._hearts.get(person.number)
        if found is None:
            found = self._hearts[person.number] = heart(self.society.seed, person)
        return found

    def _react(self, person: Person, what: Delivered, kind: str) -> float:
        """What somebody does about it; returns the chance there was of one more order."""
        mood = self.memory.mood(person.number)
        if mood.quit:
            return 0.0
        rng = Random(f"{self.society.seed}:{what.msgid}:{what.to}:{person.number}")
        feels, reach = self.heart(person), REACH[what.kind]
        where = what.to if what.kind == "group" else what.userid
        if where in mood.muted:
            reach *= MUTED_REACH
        mood.load = mood.load * 0.5 ** ((what.at - mood.at) / HALF_LIFE) if mood.at else 0.0
        mood.at = what.at
        mood.load += reach * BURDEN[kind]
        self._tire(person, mood, feels, what, kind, where, rng)
        self.memory.feel(person.number, mood)
        chance = feels.order[kind] * reach * freshness(mood.load, feels.bears)
        self._respond(person, what, kind, chance, feels.answer[kind] * reach, rng)
        return chance

    def _tire(
        self, person: Person, mood: Mood, feels: Heart, what: Delivered, kind: str, where: str, rng: Random
    ) -> None:
        if mood.load <= feels.bears or kind == "welcome":
            return
        if rng.random() >= min(0.6, feels.temper * (mood.load / feels.bears)):
            return
        at = what.at + 5 + rng.expovariate(1 / 1_800)
        if where not in mood.muted:
            mood.muted.append(where)
            did, act = "mute", Act(at, "mute", (person.number, where))
        elif what.kind == "group":
            did, act = "leave", Act(at, "leave_chat", (person.number, where))
        else:
            mood.quit = True
            staff = next((one.number for one in self.society.staff if one.userid == what.userid), person.staff)
            did, act = "delete", Act(at, "lose", (person.number, staff))
        self.memory.effect(at, person.number, what.msgid, kind, what.kind, did)
        self.later(act)

    def _respond(self, person: Person, what: Delivered, kind: str, order: float, answer: float, rng: Random) -> None:
        number, note = person.number, self.memory.effect
        if rng.random() < order:
            at = what.at + min(2.8 * 86_400, rng.lognormvariate(9.3, 1.1))
            lines = _bought(words_of(what.content), person, rng)
            fen = sum(many * price for _, _, many, price in lines)
            note(at, number, what.msgid, kind, what.kind, "order", fen)
            self.later(Act(at - 40, "click", (number, f"https://shop.qinghe.example/{lines[0][0]}")))
            self.later(Act(at, "buy", (number, lines, f"QHM{number:07d}{rng.randrange(10**6):06d}")))
        elif rng.random() < 3 * order:
            at = what.at + rng.lognormvariate(7.5, 1.5)
            note(at, number, what.msgid, kind, what.kind, "click")
            self.later(Act(at, "click", (number, "https://shop.qinghe.example/")))
        if rng.random() < answer:
            at = what.at + rng.lognormvariate(6.5, 1.4)
            symbol = "to_question" if kind == "question" else "to_brand"
            words = say(symbol, rng)
            note(at, number, what.msgid, kind, what.kind, "answer")
            if what.kind == "moment":
                self.later(Act(at, "like", (number, what.msgid, what.userid, rng.random() < 0.3)))
            elif what.kind == "group":
                self.later(Act(at, "answer", (number, what.to, words)))
            else:
                staff = next((one.number for one in self.society.staff if one.userid == what.userid), person.staff)
                self.later(Act(at, "tell", (number, -1 - staff, words)))


def freshness(load: float, bears: float) -> float:
    """How much of the effect is left in somebody who bears so much: all at first, none at twice that."""
    return max(0.0, min(1.0, (2.0 * bears - load) / bears))


def _bought(words: str, person: Person, rng: Random) -> list[Line]:
    """What somebody takes after a message: what it speaks of, else something they like."""
    if "体验" in words or "9.9" in words:
        return [goods.TRIAL]
    if "研学" in words or "1999" in words:
        return [goods.CAMP]
    if "课" in words or "199" in words:
        return [goods.COURSE]
    return goods.basket(person, rng)


def _delay(staff: Staff, rng: Random) -> float:
    if rng.random() < 0.75:
        return staff.haste * rng.lognormvariate(7.6, 1.0)
    return 14 * 3_600 + 10 * 3_600 * rng.random()


def _awake(at: float, rng: Random) -> float:
    """The same moment, or the next morning's if it falls between ten at night and nine."""
    local = datetime.fromtimestamp(at, CHINA)
    if 9 <= local.hour < 22:
        return at
    hours = (9 - local.hour) % 24
    return at + hours * 3_600 - local.minute * 60 + 5_400 * rng.random()
