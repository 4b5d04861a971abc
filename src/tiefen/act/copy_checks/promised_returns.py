"""承诺收益 — that money is safe or grows, or that an examination is passed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tiefen.act.copy_checks.check import Check, Copy, Finding, places, words

_RETURNS = re.compile(
    "|".join(
        [
            words(
                "保本", "保收益", "零风险", "无风险", "稳赚不赔", "稳赚", "躺赚", "包赚", "只赚不赔", "保证收益", "高回报", "刚性兑付"
            ).pattern,
            r"(年化|月入|日入|收益率?)\s*(高达|超过|可达)?\s*\d+(\.\d+)?\s*(%|％|万|千|元)",
        ]
    )
)  # fmt: skip
_EXAMS = words("包过", "保过", "保录取", "保分", "命题人", "押题必中", "考不过退款", "百分百通过")


def _find(copy: Copy) -> Iterator[Finding]:
    for where, found in places(copy, _RETURNS):
        yield Finding(
            severity="stop", where=where, start=found.start(), end=found.end(), quote=found[0],
            zh=f"“{found[0]}”：不得对收益作保证性承诺，不得明示或暗示保本、无风险（广告法第二十五条）。",
            en=f"“{found[0]}”: no promise of returns, nor that there is no risk, may be made or hinted at (article 25).",
            todo_zh="删掉收益，并写明风险提示。",
            todo_en="Leave the return out and say what the risks are.",
        )  # fmt: skip
    for where, found in places(copy, _EXAMS):
        yield Finding(
            severity="stop", where=where, start=found.start(), end=found.end(), quote=found[0],
            zh=f"“{found[0]}”：教育培训广告不得对升学、通过考试或培训效果作保证性承诺（广告法第二十四条）。",
            en=f"“{found[0]}”: education may not promise admission, a passed examination or a result (article 24).",
            todo_zh="改说课程内容和服务，不说结果。",
            todo_en="Say what is taught and how, and not what comes of it.",
        )  # fmt: skip


CHECK = Check("promised_returns", "承诺收益或结果", "Promised returns or results", "广告法 第二十四、二十五条", _find)
