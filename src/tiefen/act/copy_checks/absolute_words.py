"""绝对化用语 — words that the Advertising Law forbids, and those it is usually applied to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tiefen.act.copy_checks.check import Check, Copy, Finding, places, words

_NAMED = words("国家级", "最高级", "最佳")
_APPLIED = words(
    "世界级", "顶级", "极品", "第一品牌", "全国第一", "全网第一", "销量第一", "排名第一", "史上最", "全网最低", "全网最", "最低价",
    "最便宜", "最先进", "最优", "最好", "最强", "最大", "最安全", "最有效", "绝无仅有", "独一无二", "唯一", "万能", "百分之百有效", "100%有效",
    "国家领导人推荐", "驰名商标", "特供", "专供", "王牌", "冠军品质", "领导品牌",
)  # fmt: skip
_OWN = re.compile(r"(追求|力争|努力做到|我们?的|本店|自家)[^，。！？\n]{0,4}$")
"""Aims and comparisons among one's own goods are not meant: 广告绝对化用语执法指南 (市场监管总局, 2023), 第五条."""


def _find(copy: Copy) -> Iterator[Finding]:
    for where, found in places(copy, _NAMED):
        yield Finding(
            severity="stop", where=where, start=found.start(), end=found.end(), quote=found[0],
            zh=f"“{found[0]}”是广告法第九条第（三）项点名禁止的用语，罚款二十万元起（第五十七条）。",
            en=f"“{found[0]}” is forbidden by name in article 9 (3) of the Advertising Law; fines begin at CNY 200,000 (article 57).",
            todo_zh="删掉，或换成能证明的事实（产地、年份、检测结果）。",
            todo_en="Leave it out, or say a fact that can be shown (origin, year, a test's result).",
        )  # fmt: skip
    for where, found in places(copy, _APPLIED):
        if _OWN.search(found.string[: found.start()]):
            continue
        yield Finding(
            severity="warn", where=where, start=found.start(), end=found.end(), quote=found[0],
            zh=f"“{found[0]}”常按广告法第九条第（三）项的绝对化用语处理。",
            en=f"“{found[0]}” is usually treated as an absolute term under article 9 (3) of the Advertising Law.",
            todo_zh="换成具体、可证明的说法；自家产品之间的比较要写明范围。",
            todo_en="Say something particular that can be shown; name the range when comparing your own goods.",
        )  # fmt: skip


CHECK = Check("absolute_words", "绝对化用语", "Absolute words", "广告法 第九条（三）、第五十七条", _find)
