"""催促感 — how much a text pushes: urging words, exclamation marks, prices."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tiefen.act.copy_checks.check import Check, Copy, Finding, words

_URGING = words(
    "赶紧", "赶快", "马上", "立即", "立刻", "速抢", "快抢", "抢购", "疯抢", "秒杀", "限时", "限量", "仅剩", "最后一天", "最后几小时", "倒计时",
    "错过", "不要错过", "手慢无", "冲鸭", "冲冲冲", "下单", "拍下", "抢", "快来", "速速", "爆款", "清仓", "血亏", "亏本",
)  # fmt: skip
_PRICE = re.compile(r"[¥￥]\s*\d|\d+(\.\d+)?\s*(元|块)|\d(\.\d)?\s*折")
MOST_URGING, MOST_MARKS, MOST_PRICES = 3, 3, 4


def _find(copy: Copy) -> Iterator[Finding]:
    text = copy.message.text
    urging = list(_URGING.finditer(text))
    marks = [place for place, letter in enumerate(text) if letter in "!！"]
    prices = list(_PRICE.finditer(text))
    if len(urging) > MOST_URGING:
        said = "、".join(dict.fromkeys(found[0] for found in urging))
        yield Finding(
            severity="warn", start=urging[0].start(), end=urging[0].end(), quote=said,
            zh=f"催促的词有 {len(urging)} 个（{said}）。",
            en=f"It urges {len(urging)} times ({said}).",
            todo_zh=f"留最多 {MOST_URGING} 个，先说对他有什么用。",
            todo_en=f"Keep at most {MOST_URGING}; say first what it is good for.",
        )  # fmt: skip
    elif len(urging) == MOST_URGING:
        yield Finding(
            severity="hint", start=urging[0].start(), end=urging[0].end(), quote=urging[0][0],
            zh=f"催促的词有 {len(urging)} 个，再多就像广告了。", en=f"It urges {len(urging)} times; more would read like an advert.",
            todo_zh="换掉一个。", todo_en="Take one out.",
        )  # fmt: skip
    if len(marks) > MOST_MARKS:
        yield Finding(
            severity="hint", start=marks[0], end=marks[0] + 1, quote=text[marks[0]],
            zh=f"有 {len(marks)} 个感叹号。", en=f"There are {len(marks)} exclamation marks.",
            todo_zh=f"留 {MOST_MARKS} 个以内。", todo_en=f"Keep at most {MOST_MARKS}.",
        )  # fmt: skip
    if len(prices) > MOST_PRICES:
        yield Finding(
            severity="warn", start=prices[0].start(), end=prices[0].end(), quote=prices[0][0],
            zh=f"一条里有 {len(prices)} 个价格或折扣。", en=f"It names {len(prices)} prices or discounts.",
            todo_zh="只推一样，其余放进链接里。", todo_en="Offer one thing and leave the rest to the link.",
        )  # fmt: skip


CHECK = Check("sales_pressure", "催促感", "Sales pressure", "打扰压力：催得越多，退群越多（见 docs/outcome.md）", _find)
