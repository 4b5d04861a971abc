"""投票 — a small decision is left to the group, and what it decided is done."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line, lines


class Vote(Block, frozen=True, kw_only=True, tag="vote"):
    """Ask, count, do what was decided."""

    title = ("投票", "Vote")
    about = (
        "让大家决定一件小事：参与门槛最低，潜水的人也会动。投完一定照结果做，并说出来。",
        "Leave a small decision to the group: the easiest way to take part. Then do it, and say so.",
    )
    at = "12:15"
    hours = 4.0
    material = (("群投票或数字接龙", "The group's vote tool, or numbers"),)
    watch = ("speakers", "messages")

    question: Annotated[str, line("问什么", "Question", 120)] = "下周的主题，你想聊哪个？"
    options: Annotated[tuple[str, ...], lines("选项", "Options", 6)] = ("早餐怎么吃不重样", "冰箱收纳", "给孩子的零食")

    def wrong(self) -> str | None:
        return "a vote needs two different options at least" if len(set(self.options)) < 2 else None

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="ask", title=("发起投票", "Ask"), persona="host",
                say=(
                    "你们说了算 🗳️ {{ question }}\n{{ options }}\n回个数字就行，晚上 6 点截止。",
                    "选择困难，求助大家：{{ question }}\n{{ options }}\n扣数字～少数服从多数，说到做到。",
                ),
            ),
            Act(
                key="count", title=("公布结果并照办", "Tell the result and do it"), persona="assistant", after_minutes=345,
                detail="数清楚、贴截图；说明接下来什么时候兑现。",
            ),
        )  # fmt: skip
