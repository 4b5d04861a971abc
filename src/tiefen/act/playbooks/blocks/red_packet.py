"""红包 — small red packets at a set time; never for forwarding or for bringing people."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line, shown, yuan


class RedPacket(Block, frozen=True, kw_only=True, tag="red_packet"):
    """So much in so many packets, with a reason, and something to talk about afterwards."""

    title = ("红包", "Red packets")
    about = (
        "红包是气氛，不是理由：定时、小额、有由头，发完马上接一个话题。不得以转发、拉人为条件。",
        "For the mood: small, at a set time, with an occasion, and a topic right after. Never for forwarding or bringing people.",
    )
    hours = 1.0
    material = (("零钱备足", "Change at hand"),)
    watch = ("messages", "speakers", "leavers", "orders")

    amount_fen: Annotated[int, shown("money", "总金额", "Total", ge=100, le=20_000)] = 2_000
    packets: Annotated[int, shown("number", "个数", "Packets", ge=1, le=100)] = 20
    occasion: Annotated[str, line("由头", "Occasion")] = "周五啦，辛苦一周"
    topic: Annotated[str, line("发完聊什么", "Topic afterwards", 120)] = "这周最开心的一件小事是什么？"

    def values(self) -> dict[str, str]:
        return super().values() | {"amount_fen": yuan(self.amount_fen)}

    def wrong(self) -> str | None:
        return "a packet holds one fen at least" if self.amount_fen < self.packets else None

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="tease", title=("预告红包时间", "Say when"), persona="assistant", after_minutes=-30,
                say=("{{ occasion }}，半小时后群里下一场小红包雨 🧧 {{ packets }} 个，手快有手慢也有下次～",),
            ),
            Act(
                key="send", title=("发红包", "Send"), persona="host",
                detail="共 {{ amount_fen }} 元，分 {{ packets }} 个拼手气；封面写由头。不许附加转发、拉人等条件。",
                say=("{{ occasion }}，来，沾沾喜气 🧧", "红包来啦，{{ occasion }}！"),
            ),
            Act(
                key="talk", title=("红包后接话题", "A topic right after"), persona="host", after_minutes=5,
                say=("抢到的、没抢到的都来聊聊：{{ topic }}",),
            ),
        )  # fmt: skip
