"""成员分享 — one of the members talks: whom the group listens to, or who is about to be."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line, shown


class GuestTalk(Block, frozen=True, kw_only=True, tag="guest_talk"):
    """A member is asked, prepared, introduced, thanked. Whom to ask is suggested from the group's opinion leaders."""

    title = ("成员分享", "Guest talk by a member")
    about = (
        "让好成员来讲，比我们讲十遍都有用；意见领袖有面子，准 KOC 会成长。人选看群里的意见领袖名单。",
        "A good member convinces more than ten posts of ours, and gains standing. Whom to ask: see the group's leaders.",
    )
    hours = 1.5
    window_hours = 6.0
    material = (("分享提纲（帮对方列好）", "An outline, prepared for them"), ("嘉宾海报", "A poster of the guest"))
    watch = ("speakers", "messages", "orders", "leavers")

    topic: Annotated[str, line("讲什么", "Topic")] = "我家这一年的小变化"
    minutes: Annotated[int, shown("number", "讲几分钟", "Minutes", ge=5, le=120)] = 20
    guest: Annotated[str, line("嘉宾（昵称）", "Guest", 40)] = "今晚的嘉宾"

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="invite", title=("邀请并陪嘉宾备稿", "Invite and prepare the guest"), persona="host",
                after_minutes=-1440, kind="service",
                detail="从任务页推荐的意见领袖里选一位，一对一邀请；帮忙列提纲：起因、做法、结果、一句建议。说清楚不许硬广。",
            ),
            Act(
                key="announce", title=("预告嘉宾", "Announce"), persona="assistant", after_minutes=-120,
                say=("今晚有群里自己人来分享 🎤 {{ guest }}：{{ topic }}，{{ minutes }} 分钟 + 提问。来捧个场～",),
            ),
            Act(
                key="introduce", title=("开场介绍、控场", "Introduce and moderate"), persona="host",
                detail="先替嘉宾说出一个具体的好，再把话筒交过去；冷场时由你先提第一个问题。",
                say=("欢迎{{ guest }}！今天聊「{{ topic }}」。大家先听，问题攒着，讲完我们一起问 👏",),
            ),
            Act(
                key="thank", title=("致谢并整理成文", "Thank, and write it up"), persona="assistant", after_minutes=90,
                detail="致谢要具体；整理成文先给本人看过再发，署名。",
            ),
        )  # fmt: skip
