"""体面解散 — a group that has done its work is thanked and closed, and its people are gathered again where they will be at home."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line


class Dissolution(Block, frozen=True, kw_only=True, tag="dissolution"):
    """Announce, remember, offer the next place, close. Nobody is moved without having agreed."""

    title = ("体面解散与再聚", "Dissolution and re-gathering")
    about = (
        "到期的群不要拖成死群。提前说、谢谢大家、回顾一下、给出下一个去处；愿意来的自己扫码，不强拉。",
        "Do not let a group rot. Say it early, thank, look back, offer the next place; who wants comes by themselves.",
    )
    purpose = "care"
    hours = 3.0
    window_hours = 12.0
    essential = True
    material = (("新群入群码", "The entrance of the next group"), ("回顾长图", "A picture of what there was"))
    watch = ("leavers", "speakers", "orders")

    why: Annotated[str, line("为什么解散", "Why", 120)] = "这个群的任务圆满完成了"
    next_place: Annotated[str, line("下一个去处", "Next place", 120)] = "常驻的成长群，主题照旧，人更对味"
    closes: Annotated[str, line("什么时候解散", "When", 30)] = "后天晚上 9 点"

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="announce", title=("说明并致谢", "Say it and give thanks"), persona="host",
                say=(
                    "跟大家说件事：{{ why }}，这个群会在{{ closes }}解散。谢谢你们这段时间的每一句话 🙏\n想继续一起的，我们换个地方：{{ next_place }}。扫下面的码自己来，不勉强；不来的朋友，江湖再见，我一直都在。",
                    "天下没有不散的群，{{ why }}。{{ closes }}，我们在这里好好说再见。\n下一站：{{ next_place }}。愿意的扫码，不愿意的留个拥抱就好。",
                ),
            ),
            Act(
                key="remember", title=("回顾与点名感谢", "Look back, thank by name"), persona="assistant", after_minutes=60,
                detail="发回顾长图；点名感谢说话最多的、帮过忙的、晒过单的。",
            ),
            Act(
                key="invite", title=("一对一请老朋友", "Invite regulars one by one"), persona="host", after_minutes=120,
                kind="service", detail="群页里的意见领袖、买过的人逐个私信邀请；没回的不追第二次。",
            ),
            Act(
                key="close", title=("到点解散", "Close in time"), persona="host", after_minutes=1440,
                detail="确认想走的人都拿到了新群码、没有未了结的售后，再解散。",
            ),
        )  # fmt: skip
