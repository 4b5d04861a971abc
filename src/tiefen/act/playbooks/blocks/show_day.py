"""晒单 / 展示日 — "let me show you": members show what they made, bought or did; the best content is theirs."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line


class ShowDay(Block, frozen=True, kw_only=True, tag="show_day"):
    """Members show theirs, everybody gets an answer, some are asked whether it may be carried on."""

    title = ("晒单 / 展示日", "“Let me show you” day")
    about = (
        "成员自己的内容最有说服力。每一条都有回应，好的征得同意后带出群，署上名。",
        "What members show convinces most. Answer each, and carry the best on with their name and consent.",
    )
    at = "19:30"
    hours = 3.0
    material = (("上次的好作品三张（已获同意）", "Three good ones of last time, with consent"),)
    watch = ("speakers", "messages", "orders", "leavers")

    what: Annotated[str, line("晒什么", "What to show")] = "你家今天的饭桌"
    thanks: Annotated[str, line("怎么谢", "How to say thanks", 120)] = (
        "每一条我都点评，最走心的三位，下周海报用你的照片"
    )

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="open", title=("开晒", "Open the show"), persona="host",
                detail="自己先晒一张真实的、不完美的。",
                say=(
                    "展示日到 📷 今天晒：{{ what }}。不用摆盘不用修图，真实最好看。{{ thanks }}～我先来！",
                    "周五啦，来晒{{ what }}！上次那几张我存到现在。{{ thanks }}。",
                ),
            ),
            Act(
                key="answer", title=("每条都回应", "Answer each"), persona="assistant", after_minutes=20,
                detail="说出具体好在哪；问一句怎么做到的。不要只发表情。",
            ),
            Act(
                key="ask", title=("征得同意、存素材", "Ask for consent and keep"), persona="assistant", after_minutes=150,
                detail="私信问「可以把您这张用在朋友圈 / 海报上吗？会写您的昵称」，同意的存进素材库，记下同意。",
            ),
        )  # fmt: skip
