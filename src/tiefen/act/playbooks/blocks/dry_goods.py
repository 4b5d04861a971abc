"""干货分享 — something useful for nothing, in parts small enough to be read."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line, lines


class DryGoods(Block, frozen=True, kw_only=True, tag="dry_goods"):
    """Three points on one matter, and room for questions."""

    title = ("干货分享", "Useful knowledge")
    about = (
        "先给后卖。一次讲一个点，三条说清楚，能马上用；不带货、不挂链接。",
        "Give before you sell: one matter, three points, usable at once, no link to buy.",
    )
    material = (("配图 1–3 张", "One to three pictures"), ("出处或依据", "Where it is from"))

    topic: Annotated[str, line("讲什么", "Topic")] = "买鸡蛋先看这三处"
    points: Annotated[tuple[str, ...], lines("三个要点", "Points", 5)] = (
        "看生产日期，两周内的最好", "对着光看，气室小的新鲜", "轻轻摇，没有水声的放心",
    )  # fmt: skip

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="tease", title=("预告", "Tease"), persona="assistant", after_minutes=-60,
                say=("今晚 8 点，专家来讲：{{ topic }}。只讲 10 分钟，想听的扣 1，我到点叫你～",),
            ),
            Act(
                key="share", title=("分享干货", "Share"), persona="expert",
                detail="一条一条发，每条隔一两分钟，留出说话的空隙。",
                say=(
                    "来，今天聊：{{ topic }}\n\n{{ points }}\n\n你家平时是怎么做的？踩过坑的也说说。",
                    "{{ topic }}，三句话说完：\n{{ points }}\n收藏不如现在就试一次，试完回来告诉我 🙂",
                ),
            ),
            Act(
                key="collect", title=("整理问答，发合集", "Collect the answers"), persona="assistant", after_minutes=90,
                detail="把问和答整理成一条，@ 提问的人，存进素材库。",
            ),
        )  # fmt: skip
