"""What gives an advert away, in families. One family is seldom enough, several together are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """Signs of one kind. `weight` is what the first one adds to the log-odds, `more` each of the next two."""

    key: str
    zh: str
    en: str
    weight: float
    pattern: re.Pattern[str]
    plain: re.Pattern[str]
    """The part of `pattern` that can occur in a message in ASCII alone: most of a community's talk in English."""
    more: float = 0.5


def _family(key: str, zh: str, en: str, weight: float, *patterns: str) -> Family:
    plain = [pattern for pattern in patterns if pattern.isascii()] or ["(?!)"]
    return Family(key, zh, en, weight, _any_of(patterns), _any_of(plain))


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


FAMILIES: tuple[Family, ...] = (
    _family(
        "add_me", "要求加好友、进群或私聊", "asks to be added, joined or written to", 2.4,
        r"加(我|个|一下)?(微信|好友|[vV薇威扣]|[qQ]{1,2}|<num>|<contact>)|加我|[vV薇]信(同号|号)?|微信(同号|号|[:：])|私(聊|信我|我|戳|发)",
        r"扫(码|描|最新|一扫)|二维码|(进|加|拉|入)(我)?[群裙]|拉人|滴滴我|(联系|咨询|找)(我|群主|客服|<num>)|需要的?(\+|加|dd|滴|私|联系|赶紧|找)|[qQ扣]\s?[群裙]|[群裙](号)?[:：]?\s?<",
        r"详情(请)?(咨询|私|联系|见|点)|(欢迎)?(来电|致电|咨询)|热线|详[询情]",
        r"\b(dm|pm) me\b|add (my|me on) (wechat|whatsapp|telegram)|join (our|my) (group|channel)|whatsapp\s?[:+]|t\.me/|\binbox me\b|contact me (on|at|via)",
    ),
    _family(
        "easy_money", "轻松赚钱", "promises easy money", 2.6,
        r"兼职|日结|刷单|副业|[月日]入|日赚|躺赚|[返反][利现]|佣金|招(代理|商|收|募|聘)|加盟|赚钱|零花钱|提现|稳赚|高薪|在家(可做|就能)|宝妈|手机操作|秒结|多拉多得|现金红包",
        r"earn \$?\d+|work from home|passive income|make money (online|fast)|crypto signals?|guaranteed (profit|returns?)|financial freedom",
    ),
    _family(
        "shady", "贷款、赌博、发票、外挂等", "loans, gambling, invoices, cheats", 2.3,
        r"贷款|无抵押|无担保|秒批|放款|套现|额度|利息|博彩|彩金|彩票|下注|投注|棋牌|百家乐|娱乐城|荐股|牛股|代开|代办|办证|发票|刻章|成人|小姐|上门服务|外挂|防封|黑卡机?|卡网|卡密|工具箱|绕过|充值",
        r"\bcasino\b|\bpayday loans?\b|\bbetting tips\b|\bescorts?\b",
    ),
    _family(
        "for_sale", "出售、代购、接单", "something for sale", 1.9,
        r"^(本人|低价|诚心)?(出|收|卖|售)(售|[一二两几]?[个张台手些]|[a-zA-Z0-9])|(出|售)(售|租|卖)|售价|售后|现货|补货|上架|接(定制|单|服务器|手机)|定制|先做后付|可退款|[原现特底]价",
        r"全网最低|低价|批发|代购|代练|代充|代理|正品|清仓|甩卖|包邮|上分|出号|收号|卖号|秒发|自动发货|厂家直销|一手货源|源头|价格(美丽|优惠|可谈|可议|私)|优质低价|购买(链接|内部|加|请)|买.{1,8}找|年费|包月|永久",
        r"\bfor sale\b|\bwholesale\b|\bbuy (now|followers)\b|\bcheap price\b|\bfree shipping\b|\border now\b",
    ),
    _family(
        "urge", "催促与优惠", "urging and discounts", 1.5,
        r"限时|抢购|快抢|秒杀|名额|[优特钜惠]惠|让利|折扣|[五六七八九\d]折|满\d+[减送返]|买[一1\d]送|免费(领|送|拿|试|体验|发|获取)|赠送|大礼|好礼|领[取券]|福利|红包群|内部(群|券)|点击|戳这|速来|火速|先到先得|抽奖|中奖|白嫖|复制.{0,14}打开|推荐码|邀请码|口令|只需|最后[一二三两\d]+天|恢复原价|盛大|开业|恭候|莅临|回复?td|退订|回[tT复]",
        r"limited time|act now|\d+ ?% off|free (gift|trial|download)|click (here|the link)|don'?t miss|promo code|coupon",
    ),
    _family("link", "链接", "a link", 0.9, r"https?:|www\.|\b[\w-]+\.(com|cn|top|xyz|vip|cc)\b"),
    _family(
        "number", "联系号码", "a contact number", 1.4,
        r"(?<!\w)[qQ]{1,2}[:：群]?\s?\d{5,}|(微信|[vV])[:：]\s?[\w-]{5,}",
        r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)(400|800)-?\d{3}-?\d{4}|<num>|<contact>|<phone>|(?<!\d)0\d{2,3}-?[2-8]\d{6,7}(?!\d)",
    ),
    _family(
        "price", "价格", "a price", 0.8,
        r"[¥￥]\s?\d|(?<![\d.])\d+(\.\d+)?\s?(元|万元|块)|\d/[年月]|半价|免费",
        r"\$\s?\d|\d\s?(rmb|usd)\b|\d+r(?![a-z])",
    ),
    _family("wall", "符号墙", "a wall of symbols", 0.9, r"[!！🔥💰⭐★✅❗️💯🎁]{3,}|【[^】]{2,12}】[^【]*【|—{8,}", r"!{3,}|[-=*~_]{8,}"),
)  # fmt: skip

TRIGGERS = frozenset(
    "加微薇私扫码群裙兼刷副月日赚返反佣代理招贷放套博彩注投棋荐外防黑卡办发票出售收租价买批正清甩包低口复限抢秒优惠折免领送福点先抽详询咨热电定接购需找特钜让满赠礼回退只年【】🔥💰¥￥$<!！★="
)
"""Characters without one of which no Chinese sign can occur: a cheap way past ordinary talk."""
ASCII_TRIGGERS = (
    "http",
    "www.",
    ".com",
    "t.me",
    "!!!",
    "***",
    "---",
    "===",
    "~~~",
    "___",
    "<num>",
    "<contact>",
    "<phone>",
    "dm me",
    "pm me",
    "add ",
    "join o",
    "join m",
    "inbox",
    "contact me",
    "whatsapp",
    "earn ",
    "work from home",
    "passive income",
    "make money",
    "crypto",
    "guaranteed",
    "financial freedom",
    "casino",
    "loan",
    "betting",
    "escort",
    "for sale",
    "wholesale",
    "buy ",
    "cheap price",
    "free",
    "order now",
    "limited time",
    "act now",
    "% off",
    "%off",
    "click ",
    "miss",
    "promo",
    "coupon",
    "$",
    "usd",
    "rmb",
    "400-",
    "800-",
)
"""The same for messages in ASCII alone, in lower case."""
