"""诱导分享 — that sharing, inviting or liking is paid for, which WeChat blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tiefen.act.copy_checks.check import Check, Copy, Finding, places

_SHARE = r"(转发|分享|转给|发到?)[^。！？\n]{0,12}(朋友圈|好友|群|朋友)"
_REWARD = r"(领|得|送|抽|返|减|红包|优惠券?|积分|免费|解锁|奖励?|福利|现金)"
_PAID = re.compile(
    rf"({_SHARE}|转发后|分享后|分享即|转发即)[^。！？\n]{{0,16}}{_REWARD}|{_REWARD}[^。！？\n]{{0,10}}(需|要|先)[^。！？\n]{{0,4}}(转发|分享)"
)
_GAMES = re.compile(r"集\s*(\d+\s*个?)?\s*(赞|卡)|砍一刀|帮我砍|助力(领|得|免)|拉人头|好友助力|不转不是|求扩散|必转")


def _find(copy: Copy) -> Iterator[Finding]:
    for where, found in places(copy, _PAID):
        yield Finding(
            severity="stop", where=where, start=found.start(), end=found.end(), quote=found[0],
            zh="用奖励换转发，属于诱导分享：链接会被拦截，账号、域名可能被永久封禁（微信外部链接内容管理规范，2019-10-28）。",
            en="Sharing for a reward is inducement: links are blocked and accounts or domains may be banned for good (WeChat's rules on external links, 2019-10-28).",
            todo_zh="奖励不能取决于转发；可以奖励被推荐的人真正下单（一级、未退款）。",
            todo_en="A reward may not depend on forwarding; reward what a referred person really bought (one level, not refunded).",
        )  # fmt: skip
    for where, found in places(copy, _GAMES):
        yield Finding(
            severity="warn", where=where, start=found.start(), end=found.end(), quote=found[0],
            zh=f"“{found[0]}”是微信点名的诱导玩法（集赞、助力、砍价、求转）。",
            en=f"“{found[0]}” is one of the games WeChat's rules name (collecting likes, boosting, bargaining, begging to forward).",
            todo_zh="换成不靠转发的活动：群内接龙、打卡、投票。",
            todo_en="Choose something that needs no forwarding: a sign-up list, a check-in, a vote.",
        )  # fmt: skip


CHECK = Check("induced_sharing", "诱导分享", "Inducement to share", "微信外部链接内容管理规范", _find)
