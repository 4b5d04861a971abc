"""Journeys ready to use (模板): complete, in Chinese and in English, made into a draft with one click."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tiefen.act.journeys.definition import Again, Goal, Journey
from tiefen.act.journeys.happening import Happening, Sentence, Where
from tiefen.act.journeys.steps import (
    AskStaff,
    Jump,
    PutTag,
    Send,
    Wait,
    WaitFor,
    WaitUntilDate,
    WaitUntilTime,
)
from tiefen.act.journeys.triggers import OnContact, OnDate, OnEvent, OnJoined, OnSegment
from tiefen.act.message import Message

_PAID, _SPOKE = Happening(fact="order.paid"), Happening(fact="message.posted")
_DAY = 24 * 60


class Ready(NamedTuple):
    """A journey to begin from."""

    key: str
    title: Sentence
    about: Sentence
    make: Callable[[int], Journey]
    """0: with Chinese texts, 1: with English ones."""


def _say(step: str, lang: int, zh: str, en: str, to: str | None = None, **more: object) -> Send:
    return Send(id=step, message=Message(text=(zh, en)[lang]), next=to, **more)  # type: ignore[arg-type]


def _hours(step: str, to: str, start: str = "10:00", end: str = "20:00") -> WaitUntilTime:
    return WaitUntilTime(id=step, start=start, end=end, next=to)


_NAME = ('{{ name | or_else("朋友") }}', '{{ name | or_else("friend") }}')


def _welcome(lang: int) -> Journey:
    name = _NAME[lang]
    return Journey(
        triggers=(OnContact(),), purpose="care", goal=Goal(happening=_PAID, days=14), exit="only_at_end",
        steps=(
            _say(
                "hello", lang, f"{name}你好，我是品牌的小助手。有问题随时问我；想看看大家都在用什么，回复“看看”就好。",
                f"Hello {name}, glad to have you here. Ask me anything, any time.", "day",
            ),
            Wait(id="day", minutes=_DAY, next="hours"),
            _hours("hours", "useful"),
            _say(
                "useful", lang, "整理了一份新手指南，三分钟看完，少走弯路。需要的话回复“指南”。",
                "I have put together a short guide for newcomers. Reply “guide” if you would like it.", "bought",
                purpose="give",
            ),
            WaitFor(id="bought", happening=_PAID, minutes=5 * _DAY, yes="thanks", no="offer_hours"),
            _say("thanks", lang, "谢谢支持！收到货有任何问题直接找我。", "Thank you! Write to me if anything is not right.", purpose="service"),
            _hours("offer_hours", "offer"),
            _say(
                "offer", lang, "给新朋友准备了一份见面礼，本周有效，需要的话告诉我。不想收到这类消息，回复“退订”即可。",
                "There is a small welcome gift for new friends this week; tell me if you would like it. Reply “stop” to get no more of these.",
                purpose="sell", worth_fen=500,
            ),
        ),
    )  # fmt: skip


def _newcomer(lang: int) -> Journey:
    name = _NAME[lang]
    return Journey(
        triggers=(OnJoined(),), purpose="care", exit="on_trigger_gone", goal=Goal(happening=_SPOKE, days=7),
        steps=(
            Wait(id="settle", minutes=30, next="hours"),
            _hours("hours", "rules", "09:00", "21:00"),
            _say(
                "rules", lang, f"{name}，欢迎进群！三件事：看一眼群公告；报个到，说说你从哪里来、想解决什么；有问题直接在群里问。",
                f"Welcome, {name}! Three things: read the notice, say hello and what you are looking for, and ask away.", "spoke",
            ),
            WaitFor(id="spoke", happening=_SPOKE, minutes=2 * _DAY, yes="tag", no="ask"),
            PutTag(id="tag", tag=("新人已报到", "Said hello")[lang]),
            AskStaff(
                id="ask", what=("进群两天还没说话，私聊问候一句", "Two days in the group without a word: say hello in private")[lang],
                how=("问问他想解决什么，介绍群里一位同城或同好", "Ask what they are looking for, and introduce somebody alike")[lang],
                due_hours=24,
            ),
        ),
    )  # fmt: skip


def _trial(lang: int) -> Journey:
    signed = Happening(fact="event.tracked", where=(Where(field="name", value="trial_started"),))
    done = Happening(fact="event.tracked", where=(Where(field="name", value="lesson_finished"),))
    return Journey(
        triggers=(OnEvent(happening=signed),), purpose="service", goal=Goal(happening=_PAID, days=21), exit="on_goal",
        steps=(
            _say("start", lang, "体验课已开通，今天先学第一节，十分钟就够。", "Your trial has begun. The first lesson takes ten minutes.", "lesson"),
            WaitFor(id="lesson", happening=done, minutes=2 * _DAY, yes="praise", no="remind_hours"),
            _hours("remind_hours", "remind", "18:00", "21:00"),
            _say("remind", lang, "第一节还没打开过，要不要今晚一起看？卡在哪里告诉我。", "The first lesson is still waiting. Shall we look at it tonight?", "second"),
            WaitFor(id="second", happening=done, minutes=3 * _DAY, yes="praise", no="call"),
            AskStaff(id="call", what=("体验课没开始学，打电话了解原因", "The trial was never begun: call and ask why")[lang], due_hours=48),
            _say("praise", lang, "第一节学完啦，很棒！这是同学的作业，看看别人怎么做的。", "You finished the first lesson, well done! See what others made of it.", "think", purpose="give"),
            Wait(id="think", minutes=3 * _DAY, next="offer_hours"),
            _hours("offer_hours", "offer", "12:00", "21:00"),
            _say("offer", lang, "体验快结束了，正式课这周报名有学习礼包。适不适合你，可以先和我聊聊。", "Your trial ends soon. Let us see together whether the full course is for you.", purpose="sell", worth_fen=3_000),
        ),
    )  # fmt: skip


def _silent(lang: int) -> Journey:
    name = _NAME[lang]
    return Journey(
        triggers=(OnEvent(happening=_SPOKE),), purpose="care", goal=Goal(happening=_SPOKE, days=60), exit="only_at_end",
        again=Again(rule="cooldown", days=60),
        steps=(
            WaitFor(id="speaks", happening=_SPOKE, minutes=14 * _DAY, yes="rest", no="hours"),
            Wait(id="rest", minutes=_DAY, next="again"),
            Jump(id="again", to="speaks", times=100),
            _hours("hours", "hello", "12:00", "21:00"),
            _say(
                "hello", lang, f"{name}，好久没见你在群里说话了。最近大家在聊的话题里，有一个你可能感兴趣，要不要看看？",
                f"{name}, it has been a while. There is something going on that you may like. Shall I show you?", "back",
            ),
            WaitFor(id="back", happening=_SPOKE, minutes=7 * _DAY, yes=None, no="tag"),
            PutTag(id="tag", tag=("沉默 14 天", "Silent for 14 days")[lang]),
        ),
    )  # fmt: skip


def _win_back(lang: int) -> Journey:
    name = _NAME[lang]
    return Journey(
        triggers=(OnSegment(segment=""),), purpose="sell", goal=Goal(happening=_PAID, days=30), exit="on_both",
        again=Again(rule="cooldown", days=90),
        steps=(
            _hours("hours", "care"),
            _say(
                "care", lang, f'{name}，上次的{{{{ last_product | or_else("东西") }}}}用得怎么样？快用完的话我帮你留一份。',
                f'{name}, how is the {{{{ last_product | or_else("order") }}}} you bought? I can put one aside for you.', "wait",
                purpose="care",
            ),
            WaitFor(id="wait", happening=_PAID, minutes=7 * _DAY, yes=None, no="offer_hours"),
            _hours("offer_hours", "offer"),
            _say("offer", lang, "老朋友专享的回购礼，三天内有效。", "A gift for those who come back, for three days.", "last", worth_fen=800),
            WaitFor(id="last", happening=_PAID, minutes=7 * _DAY, yes=None, no="ask"),
            AskStaff(id="ask", what=("老客户流失预警，私聊问问原因", "About to be lost: ask in private what is wrong")[lang], due_hours=72),
        ),
    )  # fmt: skip


def _birthday(lang: int) -> Journey:
    name = _NAME[lang]
    return Journey(
        triggers=(OnDate(attribute="birthday", days=0, at="09:30"),), purpose="care", exit="only_at_end",
        again=Again(rule="cooldown", days=300), holdout=0.0,
        steps=(
            _say("wish", lang, f"{name}，生日快乐！愿你今天被好好对待。", f"Happy birthday, {name}! May the day be kind to you.", "gift_wait"),
            Wait(id="gift_wait", minutes=60, next="gift"),
            _say("gift", lang, "准备了一份生日小礼物，本月到店或下单时提我就好。", "There is a small gift for you this month; just mention me.", purpose="give"),
        ),
    )  # fmt: skip


def _after_sale(lang: int) -> Journey:
    return Journey(
        triggers=(OnEvent(happening=_PAID),), purpose="service", exit="only_at_end",
        again=Again(rule="per_entity", field="order"), goal=Goal(happening=_PAID, days=60),
        steps=(
            _say("thanks", lang, "订单收到啦，发货后我会盯着物流，有问题找我。", "We have your order; I will keep an eye on it.", "arrive"),
            Wait(id="arrive", minutes=4 * _DAY, next="hours"),
            _hours("hours", "how"),
            _say("how", lang, "收到货了吗？第一次用的小窍门发你，省得走弯路。", "Has it arrived? Here is how to get the most out of it.", "refund", purpose="care"),
            WaitFor(id="refund", happening=Happening(fact="order.refunded"), minutes=10 * _DAY, yes="ask", no="review_hours"),
            AskStaff(id="ask", what=("退款了，问清原因并记录", "Refunded: ask why, and note it")[lang], due_hours=24),
            _hours("review_hours", "review"),
            _say("review", lang, "用了十来天，感觉怎么样？好的不好的都想听你说。", "Ten days in: how is it? Good or bad, we would like to hear.", purpose="care"),
        ),
    )  # fmt: skip


def _launch(lang: int) -> Journey:
    signed = Happening(fact="event.tracked", where=(Where(field="name", value="launch_signed_up"),))
    return Journey(
        triggers=(OnEvent(happening=signed),), purpose="sell", goal=Goal(happening=_PAID, days=7), exit="only_at_end",
        steps=(
            _say("noted", lang, "预约成功，开售前一天和当天我会提醒你。", "You are on the list. I will remind you the day before, and on the day.", "before", purpose="service"),
            WaitUntilDate(id="before", day="", at="20:00", next="tomorrow"),
            _say("tomorrow", lang, "明晚开售，这是清单和常见问题，先看看有没有适合你的。", "It starts tomorrow night. Here is the list, and what others asked.", "day", purpose="service"),
            WaitUntilDate(id="day", day="", at="19:45", next="now"),
            _say("now", lang, "还有十五分钟，链接在这里。不合适就不买，别勉强。", "Fifteen minutes to go; here is the link. Only if it is right for you.", "ordered", worth_fen=2_000),
            WaitFor(id="ordered", happening=_PAID, minutes=_DAY, yes="thanks", no=None),
            _say("thanks", lang, "抢到啦，发货时间和注意事项都在这里。", "You got it. Here is when it ships.", purpose="service"),
        ),
    )  # fmt: skip


READY: tuple[Ready, ...] = (
    Ready("welcome", ("新好友欢迎", "Welcome"), ("加好友后五天内：问候、有用的东西、第一份礼", "The first five days of a contact: a hello, something useful, a first gift"), _welcome),
    Ready("newcomer", ("新人入群礼", "Newcomer ritual"), ("入群：规矩、报到、两天没说话请员工问候", "Into the group: the notice, a hello, and somebody who asks when they stay silent"), _newcomer),
    Ready("trial", ("体验课转正价课", "Trial to course"), ("开通、催学、鼓励、转化，没学的打电话", "Begin, remind, praise, offer; a call where it was never begun"), _trial),
    Ready("silent", ("沉默 14 天", "Silent for 14 days"), ("说过话的人十四天没说话：问候一句，仍沉默就打标签", "Whoever spoke and then did not for fourteen days: a hello, then a tag"), _silent),
    Ready("win_back", ("按自己的节奏召回", "Win-back by own rhythm"), ("超过自己平时的购买间隔就进入；先选好分群", "For those beyond their own usual time between orders; choose the segment first"), _win_back),
    Ready("birthday", ("生日", "Birthday"), ("每年生日当天的祝福和小礼物", "A wish and a small gift, every year"), _birthday),
    Ready("after_sale", ("售后关怀", "After the sale"), ("每个订单：确认、到货指导、退款问因、十天回访", "For every order: thanks, how to use it, why it went back, how it is"), _after_sale),
    Ready("launch", ("发售提醒", "Launch reminder"), ("预约后：前一天、当天、成交；先填日期", "After signing up: the day before, the day, the order; fill in the days first"), _launch),
)  # fmt: skip
BY_KEY = {one.key: one for one in READY}
