"""Where people come from: what one arrival costs, and how good the people are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A source as it truly is. `name` is what the entrance carries as its state (渠道参数)."""

    name: str
    door: str
    """How they come in: `way` (a contact's QR code), `link` (获客链接), `card` (passed on by somebody), `group`."""
    share: float
    cost_fen: int
    """Spent for each arrival."""
    quality: float
    """1 is average: scales how much they buy, how long they stay and how much they say."""


ORIGINS = (
    Origin("抖音信息流", "link", 0.21, 4_200, 0.55),
    Origin("小红书笔记", "way", 0.15, 1_900, 1.10),
    Origin("视频号直播", "way", 0.12, 2_600, 0.95),
    Origin("公众号文章", "way", 0.10, 900, 1.30),
    Origin("门店二维码", "way", 0.12, 600, 1.45),
    Origin("包裹卡片", "way", 0.10, 300, 1.25),
    Origin("老客转介绍", "card", 0.10, 450, 1.80),
    Origin("线下茶会", "way", 0.04, 3_800, 1.60),
    Origin("抽奖裂变", "way", 0.06, 150, 0.15),
)
PRIZE_DRAW = len(ORIGINS) - 1
"""The invite-for-reward campaign: it brings people only while it runs, and the fraud ring comes with it."""
REFERRAL = 6
ADD_WAY = {"way": 1, "link": 16, "card": 3, "group": 4}
"""WeCom's numbers for how a contact came about."""
