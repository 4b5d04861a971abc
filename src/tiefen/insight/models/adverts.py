"""广告识别 — is a message an advert? Rules that ship, and a model that learns from what operators mark.

The rules look for families of signs (asking to be added, easy money, urging, contact numbers, links, prices); one family
alone is seldom an advert, several together are. The model is character n-grams and a linear support vector machine,
as in SCIENCE 10a (Zhang et al., CCS 2020 data: macro-F1 .91 over 14 classes); no data ships with it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

ADVERT = 0.5
"""From this score on a message counts as an advert."""
LEAST_MARKS = 50
"""So many marks of each kind are needed before the model is asked."""


@dataclass(frozen=True, slots=True)
class Family:
    """Signs of one kind; `weight` is what one adds to the log-odds, `more` what a second one adds."""

    key: str
    zh: str
    en: str
    weight: float
    more: float
    pattern: re.Pattern[str]


def _family(key: str, zh: str, en: str, weight: float, pattern: str, more: float = 0.5) -> Family:
    return Family(key, zh, en, weight, more, re.compile(pattern, re.IGNORECASE))


FAMILIES: tuple[Family, ...] = (
    _family("add_me", "要求加好友或私聊", "asks to be added or written to", 2.2,
        r"加(我|个|一下)?(微信|[vV微薇威]信?|[qQ扣]{1,2}|好友)|[vV微薇]信?(同号|号[:：]?)|私(聊|信|我|戳)|扫码|二维码|进群|加群|拉群|滴滴我|联系我|咨询我"
        r"|\b(dm|pm) me\b|add (my|me on) (wechat|whatsapp|telegram)|join (our|my) (group|channel)|t\.me/"),
    _family("easy_money", "轻松赚钱", "promises easy money", 2.6,
        r"兼职|日结|刷单|副业|月入|日入|躺赚|返利|返现|佣金|代理|招商|加盟|赚钱|提现|稳赚|高薪|在家(可做|就能)|宝妈|手机操作"
        r"|earn \$?\d+|work from home|passive income|make money|crypto signals?|guaranteed profit"),
    _family("shady", "贷款、赌博、外挂等", "loans, gambling, cheats", 2.3,
        r"贷款|无抵押|秒批|放款|套现|博彩|彩金|下注|开户|投注|棋牌|百家乐|荐股|外挂|辅助|防封|注入|破解|黑卡|卡密|办证|发票|\bcasino\b|\bloans?\b"),
    _family("for_sale", "出售", "something for sale", 1.5,
        r"出售|出租|售价|原价|现价|买一送一|全网最低|配置|账号|低价|批发|口令|复制.{0,12}打开|代购|正品|清仓|甩卖|包邮|代练|上分|出号|收号|卖号|秒发|有需要的|需要的(私|联系|找我|加)|厂家直销|一手货源|价格(美丽|优惠|可谈)|for sale|wholesale"),
    _family("urge", "催促与优惠", "urging and discounts", 1.1,
        r"限时|抢购|快抢|秒杀|名额|优惠|折扣|[五六七八九\d]折|免费(领|送|拿|试)|领取|福利|红包群|点击(链接|下方)|速来|先到先得|抽奖|limited time|act now|discount|free (gift|trial|download)|click (here|the link)"),
    _family("link", "链接", "a link", 0.9, r"https?://|www\.|\b[\w-]+\.(com|cn|top|xyz|vip|cc)\b"),
    _family("number", "联系号码", "a contact number", 1.3, r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<![\w])[qQ]{1,2}[:：群]?\s?\d{5,}|<num>|<contact>|(微信|[vV])[:：]\s?[\w-]{5,}"),
    _family("price", "价格", "a price", 0.6, r"[¥￥$]\s?\d|\d+(\.\d+)?\s?(元|块|rmb|一张|一个月|/月)|\d+r\b"),
    _family("wall", "符号墙", "a wall of symbols", 0.8, r"[!！🔥💰⭐★✅❗️]{3,}|【[^】]{2,12}】[^【]*【"),
)  # fmt: skip
_BASE = -2.6
_LOOKED_AT = 240
"""Characters looked at: an advert comes to the point."""
_TRIGGERS = frozenset(
    "加微薇私扫码群兼刷副月日赚返佣代理招加贷放套博彩注户投棋荐外辅封破黑卡办发票售租价买批正清甩包低口复限抢秒优惠折免领送福点先抽【🔥💰¥￥$<"
)
_ENGLISH = re.compile(
    r"https?:|www\.|\b(dm|pm|add|join|earn|income|money|crypto|signals?|profit|casino|loans?|sale|wholesale|discount|free|click|offer)\b",
    re.IGNORECASE,
)


def score(text: str) -> float:
    """0…1: how much a message looks like an advert by the shipped rules. A few microseconds for ordinary talk."""
    text = text[:_LOOKED_AT]
    odds = _BASE
    suspect = _ENGLISH.search(text) if text.isascii() else not _TRIGGERS.isdisjoint(text) or "http" in text
    if not suspect:
        return _logistic(odds - 0.8)
    for family in FAMILIES:
        found = family.pattern.findall(text)
        if found:
            odds += family.weight + family.more * min(len(found) - 1, 2)
    if len(text) > 40:
        odds += 0.4
    elif len(text) < 8:
        odds -= 0.8
    return _logistic(odds)


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def explain(text: str) -> list[dict[str, str]]:
    """The families of signs that were found, strongest first."""
    found = [family for family in FAMILIES if family.pattern.search(text)]
    return [{"zh": f.zh, "en": f.en} for f in sorted(found, key=lambda f: -f.weight)]


class AdvertModel:
    """Learns from messages that operators marked."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    @classmethod
    def train(cls, texts: Sequence[str], labels: Sequence[bool]) -> AdvertModel | None:
        """A model of these marks; None while there are too few of either kind."""
        if min(sum(map(bool, labels)), sum(not label for label in labels)) < LEAST_MARKS:
            return None
        return cls(pipeline().fit(list(texts), [bool(label) for label in labels]))

    def score(self, texts: Sequence[str]) -> list[float]:
        """0…1 a text; from `ADVERT` on it is taken for an advert."""
        margins = self._pipeline.decision_function(list(texts))
        return [_logistic(2 * float(margin)) for margin in margins]


def pipeline() -> Any:
    """Characters one to three in a row, weighted by rarity, and a linear support vector machine."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    return make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=1), LinearSVC(C=1.0)
    )
