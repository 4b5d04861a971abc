"""打卡 — a habit kept together: some days, a line a day, an answer to each. Nothing is given for it (外部链接规范：不以签到打卡诱导)."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line, shown


class CheckIn(Block, frozen=True, kw_only=True, tag="check_in"):
    """A line a day in the group, without a link and without a prize for spreading it."""

    title = ("打卡", "Check-in")
    about = (
        "一起坚持一件小事。打卡只在群里说一句，不发链接、不要求转发，也不以此发奖。",
        "Keep a small habit together: a line in the group, no link, nothing to forward, no prize for it.",
    )
    purpose = "care"
    at = "07:30"
    hours = 3.0
    watch = ("speakers", "messages", "leavers")

    what: Annotated[str, line("打什么卡", "What")] = "早起喝一杯温水"
    days: Annotated[int, shown("number", "一共几天", "Days", ge=1, le=100)] = 7

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="open", title=("开今天的卡", "Open today's"), persona="assistant",
                say=(
                    "早 ☀️ 打卡时间：{{ what }}。做完来一句「已完成」，没做到也来说一声，明天继续。",
                    "{{ days }} 天小约定继续：{{ what }}。今天谁第一个？",
                    "又见面啦，{{ what }}，完成的举个手 🙋",
                ),
            ),
            Act(
                key="cheer", title=("点名鼓励、拉回掉队的", "Cheer, and call back who dropped out"), persona="host",
                after_minutes=720, detail="表扬具体的人和具体的进步；对两天没来的，轻轻 @ 一句，不批评。",
            ),
        )  # fmt: skip
