"""自我介绍 — newcomers say who they are in a form that makes it easy for others to answer."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, lines


class SelfIntroduction(Block, frozen=True, kw_only=True, tag="self_introduction"):
    """A form of three lines, and regulars who answer."""

    title = ("自我介绍", "Self-introduction")
    about = (
        "互不相识的群留不住人。给个三行模板，老成员带头，每条介绍都有人接话，陌生率才降得下来。",
        "A group of strangers does not last. A form of three lines, regulars first, and an answer to everybody.",
    )
    purpose = "care"
    hours = 2.0
    material = (("事先约好两三位老成员带头", "Two or three regulars who begin"),)
    watch = ("speakers", "messages", "leavers")

    questions: Annotated[tuple[str, ...], lines("介绍模板", "The form", 5)] = (
        "我在哪个城市", "最近在忙什么 / 喜欢什么", "我能帮大家什么忙",
    )  # fmt: skip

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="ask", title=("发起自我介绍", "Ask for introductions"), persona="host",
                detail="自己先写一条做样子，真实、短，留一个别人接得住的话头。",
                say=(
                    "趁新朋友多，咱们认识一下 🙌 照着写三行就行：\n{{ questions }}\n我先来：我在杭州，最近迷上做饭，厨房里的事可以问我～",
                    "群里坐着好多有意思的人，不说出来可惜了。三行介绍走一个：\n{{ questions }}\n写完的朋友，我给你拉同城、同好 😄",
                ),
            ),
            Act(
                key="answer", title=("接住每一条介绍", "Answer every introduction"), persona="assistant", after_minutes=30,
                detail="每条 5 分钟内有人回；把同城、同好的两个人互相 @ 一下。没人写时请约好的老成员先写。",
            ),
        )  # fmt: skip
