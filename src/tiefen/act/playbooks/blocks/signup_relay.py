"""接龙 — a sign-up list: who wants in adds a line."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line, shown


class SignupRelay(Block, frozen=True, kw_only=True, tag="signup_relay"):
    """A list with so many places, closed in time, everybody confirmed."""

    title = ("接龙", "Sign-up relay")
    about = (
        "报名、拼单、约线下都用接龙：看得见别人在参加，自己也愿意来。写清楚截止时间和数量。",
        "For sign-ups and meetings: seeing others join makes one join. Say until when and how many.",
    )
    at = "11:00"
    hours = 6.0
    material = (("接龙模板", "The form of the list"),)
    watch = ("speakers", "orders", "leavers")

    what: Annotated[str, line("接什么", "What for")] = "周末线下小聚"
    places: Annotated[int, shown("number", "名额", "Places", ge=1, le=500)] = 20
    until: Annotated[str, line("截止", "Until", 30)] = "今晚 9 点"

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="open", title=("发起接龙", "Open the list"), persona="assistant",
                say=(
                    "【接龙】{{ what }}\n名额 {{ places }} 个，{{ until }}截止，名额满了就排候补。\n格式：序号 + 昵称 + 人数\n1. 小助手 1 人",
                    "想参加「{{ what }}」的往下接 👇 一共 {{ places }} 位，{{ until }}截止。\n1. 小助手 +1",
                ),
            ),
            Act(
                key="remind", title=("截止前提醒一次", "Remind once"), persona="host", after_minutes=420,
                say=("「{{ what }}」接龙还差一点点，{{ until }}就截止啦，犹豫的朋友看一眼～只提醒这一次。",),
            ),
            Act(
                key="confirm", title=("核对名单、逐个确认", "Confirm everybody"), persona="assistant", after_minutes=600,
                kind="sales", detail="导出名单，重复的合并，候补的说清楚；每个人都要收到确认。",
            ),
        )  # fmt: skip
