"""发售 — an offer to the group, with its price, its rules and its end, and help for who bought."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line, shown, yuan


class Launch(Block, frozen=True, kw_only=True, tag="launch"):
    """Announce, answer, remind once, look after who bought."""

    title = ("群内发售", "Launch in the group")
    about = (
        "说清楚是什么、给谁、多少钱、到什么时候、怎么退；答疑比催单更能成交。只提醒一次。",
        "What, for whom, how much, until when, how to return it. Answers sell more than pressure; remind once.",
    )
    purpose = "sell"
    hours = 4.0
    material = (("商品卡片或小程序", "The card or mini program"), ("库存与退换规则", "Stock and rules of return"))
    watch = ("orders", "leavers", "messages")

    product: Annotated[str, line("卖什么", "Product")] = "本周甄选礼盒"
    price_fen: Annotated[int, shown("money", "群内价", "Price", ge=1, le=100_000_000)] = 9_900
    worth: Annotated[str, line("为什么值得", "Why", 160)] = "群里投票选出来的搭配，一次吃到三样"
    until: Annotated[str, line("到什么时候", "Until", 30)] = "明天中午 12 点"
    returns: Annotated[str, line("怎么退", "Returns", 120)] = "签收 7 天内不满意，联系小助手就退"

    def values(self) -> dict[str, str]:
        return super().values() | {"price_fen": yuan(self.price_fen)}

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="announce", title=("公布", "Announce"), persona="seller", how="message", kind="sales",
                say=(
                    "【{{ product }}】群内价 {{ price_fen }} 元，{{ until }}结束。\n{{ worth }}。\n{{ returns }}。\n需要的点卡片下单，有疑问直接在群里问，不需要的朋友划过就好～",
                    "答应大家的{{ product }}到了，{{ price_fen }} 元，{{ until }}为止。\n为什么选它：{{ worth }}。\n{{ returns }}。问题在群里问，我都在。",
                ),
            ),
            Act(
                key="answer", title=("守群答疑", "Answer"), persona="seller", after_minutes=10, kind="sales",
                detail="前一小时守在群里；拿不准的问产品；不许诺做不到的事。",
            ),
            Act(
                key="after", title=("回访买了的人", "Ask who bought"), persona="carer", after_minutes=1200, kind="service",
                detail="发货、到货各说一声；三天后问一句用得怎么样，有问题当场解决。",
            ),
        )  # fmt: skip
