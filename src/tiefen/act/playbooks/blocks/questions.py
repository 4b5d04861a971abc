"""答疑 — an hour in which everything is answered, and what cannot be is followed until it is."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line


class Questions(Block, frozen=True, kw_only=True, tag="questions"):
    """Collect questions, answer all, follow the rest."""

    title = ("集中答疑", "Questions and answers")
    about = (
        "定时答疑，比随时答更省人，也让潜水的人敢问。答不上来的要有人跟到底。",
        "A set hour spares staff and gives the silent courage; what is not answered is followed to the end.",
    )
    purpose = "service"
    material = (("常见问题清单", "The list of common questions"),)
    watch = ("speakers", "messages")

    about_what: Annotated[str, line("关于什么", "About what")] = "选购和使用"

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="collect", title=("征集问题", "Collect questions"), persona="assistant", after_minutes=-180,
                say=("今晚 8 点答疑，主题：{{ about_what }}。现在就可以把问题发出来，一个不落 ✍️",),
            ),
            Act(
                key="answer", title=("逐条回答", "Answer one by one"), persona="expert",
                detail="先复述问题再答；不确定的说不确定，别编。",
                say=("开始答疑啦，先答前面收集到的，新问题继续发，我按顺序来。",),
            ),
            Act(
                key="follow", title=("没答完的逐个跟进", "Follow what was left"), persona="carer", after_minutes=75,
                kind="service", detail="列出没答上的问题和人，约定回复时间；投诉转成单独的任务跟到关闭。",
            ),
        )  # fmt: skip
