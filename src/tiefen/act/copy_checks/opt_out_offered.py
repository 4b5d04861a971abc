"""退订方式 — whether an advert says how to get no more of them."""

from __future__ import annotations

from collections.abc import Iterator

from tiefen.act.copy_checks.check import Check, Copy, Finding, words

_WAYS = words(
    "退订",
    "不想收到",
    "不想再收",
    "别再发",
    "回复T",
    "回T",
    "回复TD",
    "取消接收",
    "不再打扰",
    "免打扰",
    "unsubscribe",
    "opt out",
)


def _find(copy: Copy) -> Iterator[Finding]:
    if copy.purpose != "sell" or copy.channel != "contact" or _WAYS.search(copy.message.text):
        return
    yield Finding(
        severity="hint", start=len(copy.message.text), end=len(copy.message.text),
        zh="没有说怎么不再收到：电子广告要写明发送者并提供拒绝方式（广告法第四十三条）。",
        en="It does not say how to get no more: an electronic advert must name its sender and a way to refuse (article 43).",
        todo_zh="结尾加一句，例如“不想再收到，回复 T 就好”。", todo_en="Add a line such as “Reply T to get no more of these”.",
    )  # fmt: skip


CHECK = Check(
    "opt_out_offered", "退订方式", "A way to opt out", "广告法 第四十三条；消费者权益保护法 第二十九条", _find
)
