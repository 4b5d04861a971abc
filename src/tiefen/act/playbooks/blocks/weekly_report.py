"""周报 — what happened in the group this week, who contributed, what comes next."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line, lines


class WeeklyReport(Block, frozen=True, kw_only=True, tag="weekly_report"):
    """A page a week for those who had no time to read along."""

    title = ("群周报", "Report of the week")
    about = (
        "大多数人没空爬楼。每周一条：聊了什么、谁贡献了什么、下周做什么；点名致谢，是最便宜的激励。",
        "Most have no time to scroll back. One post a week: what was said, by whom, what is next. Thanks by name cost nothing.",
    )
    at = "18:00"
    hours = 3.0
    material = (("本周精华（提问、晒单、金句）", "The best of the week"),)
    watch = ("messages", "speakers", "leavers")

    highlights: Annotated[tuple[str, ...], lines("栏目", "Sections")] = (
        "聊得最多的",
        "最有用的一条",
        "晒得最好的",
        "下周预告",
    )
    next_week: Annotated[str, line("下周做什么", "Next week", 120)] = "投票选出来的主题，周一见"

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="gather", title=("收集本周精华", "Gather the best"), persona="assistant", after_minutes=-180,
                detail="从群页看本周活跃、意见领袖和新人；每个栏目找一条原话，署昵称。",
            ),
            Act(
                key="post", title=("发周报", "Post"), persona="host",
                say=(
                    "【本周小结】没空爬楼的朋友看这里 👇\n{{ highlights }}\n谢谢每一位说话的人。下周：{{ next_week }}",
                    "一周了，替大家把楼爬完了：\n{{ highlights }}\n下周见：{{ next_week }}",
                ),
            ),
        )  # fmt: skip
