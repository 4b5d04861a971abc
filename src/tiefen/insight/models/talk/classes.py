"""说话的类别 — what a message does. Every message whose words are known is exactly one of these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkClass:
    """One kind of talk."""

    key: str
    zh: str
    en: str
    definition_zh: str
    definition_en: str


CLASSES: tuple[TalkClass, ...] = (
    TalkClass(
        key="question", zh="提问", en="Question",
        definition_zh="想知道什么：问句、求助、求推荐、求链接。",
        definition_en="Wants to know something: asks, seeks help, a recommendation, a link.",
    ),
    TalkClass(
        key="answer", zh="解答", en="Answer",
        definition_zh="告诉别人怎么做、是什么：多在别人提问之后十分钟内。",
        definition_en="Tells somebody how or what: mostly within ten minutes of somebody else's question.",
    ),
    TalkClass(
        key="sharing", zh="分享", en="Sharing",
        definition_zh="说自己做了、买了、看到了什么，或给大家有用的东西。",
        definition_en="Tells what one did, bought or saw, or gives something useful to all.",
    ),
    TalkClass(
        key="complaint", zh="抱怨", en="Complaint",
        definition_zh="不满意：东西、服务、物流、价格，或群本身。",
        definition_en="Is not satisfied: with goods, service, delivery, price, or the group itself.",
    ),
    TalkClass(
        key="praise", zh="夸奖", en="Praise",
        definition_zh="满意、喜欢、感谢品牌或推荐给别人。",
        definition_en="Is satisfied, likes something of the brand, or recommends it.",
    ),
    TalkClass(
        key="advert", zh="广告", en="Advert",
        definition_zh="为群外的买卖招揽，与“广告占比”同一口径。",
        definition_en="Solicits for something to sell; counted as in the share of adverts.",
    ),
    TalkClass(
        key="small_talk", zh="闲聊", en="Small talk",
        definition_zh="其余：问候、附和、玩笑、日常。",
        definition_en="All the rest: greetings, agreement, jokes, everyday life.",
    ),
)  # fmt: skip

TALK: tuple[str, ...] = tuple(one.key for one in CLASSES)
