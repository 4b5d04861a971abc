"""迎新仪式 — everybody who came is greeted by name, told what the group is for, and given a first easy thing to do."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line, lines


class WelcomeRitual(Block, frozen=True, kw_only=True, tag="welcome_ritual"):
    """Greet by name, say what for, give a first easy thing to do."""

    title = ("迎新仪式", "Welcome ritual")
    about = (
        "新人进群的头一天最容易走；有人点名欢迎、知道这群干什么、有件小事可做，就会留下。",
        "People leave on the first day; a greeting by name, a purpose and one small thing to do make them stay.",
    )
    purpose = "care"
    at = "10:00"
    essential = True
    material = (
        ("新人名单（任务页里有）", "The list of newcomers (on the task)"),
        ("群规图片一张", "A picture of the rules"),
    )
    watch = ("speakers", "leavers")

    brand: Annotated[str, line("我们是谁", "Who we are")] = "咱们家"
    purpose_of_group: Annotated[str, line("这个群做什么", "What the group is for")] = "一起把日子过得有滋味"
    rules: Annotated[tuple[str, ...], lines("群规", "Rules")] = (
        "有事直接说，@小助手 一定回", "不发广告，想推荐好东西先私聊群主", "互相客气，不同意可以讨论，不吵架",
    )  # fmt: skip

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="greet", title=("点名欢迎新人", "Greet newcomers by name"), persona="host",
                detail="逐个 @ 新人，叫得出昵称；最好带一句从他资料或来源看出来的话，不要群发腔。",
                say=(
                    "欢迎新朋友进群 🌿 我是群主，这里是{{ brand }}的小天地，大家在这儿{{ purpose_of_group }}。别拘束，先冒个泡，跟大家打个招呼吧～",
                    "今天又来了几位新邻居，鼓掌 👏 这个群说白了就一件事：{{ purpose_of_group }}。新来的朋友回个「到」，老朋友们帮忙接一下～",
                    "新朋友好呀！我是群主。进来不用买东西，先坐会儿：我们在这里{{ purpose_of_group }}，有问题随时 @ 我。",
                ),
            ),
            Act(
                key="rules", title=("发群规", "Post the rules"), persona="assistant", after_minutes=10,
                detail="群规只发一次，配图；语气轻松。",
                say=("咱们群就三条规矩，简单好记：\n{{ rules }}\n都做到的话，这里会一直很清净 😌",),
            ),
            Act(
                key="follow", title=("给没冒泡的新人发一句私信", "A line to newcomers who kept silent"), persona="assistant",
                after_minutes=240, kind="service",
                detail="挑今天进群、还没说话的，一对一问一句「进群顺利吗？想先看点什么？」，一人一句，不要群发。",
            ),
        )  # fmt: skip
