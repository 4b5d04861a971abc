"""本周主题 — one theme a week, so that everybody knows what is being talked about."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line, lines


class WeeklyTheme(Block, frozen=True, kw_only=True, tag="weekly_theme"):
    """Announce the theme of the week and ask the first question."""

    title = ("本周主题", "Theme of the week")
    about = (
        "一周只聊一个主题，大家知道来群里能得到什么；主题从上周大家问得最多的问题里选。",
        "One theme a week, taken from what was asked most last week, so that people know what to come for.",
    )
    at = "09:30"
    hours = 3.0
    material = (("主题海报或一句话卡片", "A poster or card of the theme"),)

    theme: Annotated[str, line("主题", "Theme")] = "换季怎么吃得舒服"
    question: Annotated[str, line("第一个问题", "First question", 120)] = "你家这周饭桌上最常出现的一道菜是什么？"
    days: Annotated[tuple[str, ...], lines("这周的安排", "This week", 7)] = (
        "周三：干货一篇", "周五：晒一晒你家的", "周日：答疑",
    )  # fmt: skip

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="announce", title=("宣布本周主题", "Announce the theme"), persona="host",
                say=(
                    "早～这周我们只聊一件事：「{{ theme }}」。\n{{ days }}\n先热个身：{{ question }}",
                    "新的一周，主题来了 📌 {{ theme }}\n上周好几位朋友都问到，干脆聊透它。\n{{ days }}\n第一题：{{ question }}",
                ),
            ),
            Act(
                key="reply", title=("回应前十条回答", "Answer the first ten"), persona="assistant", after_minutes=60,
                detail="有具体做法的追问一句，把好回答复制下来，周报要用。",
            ),
        )  # fmt: skip
