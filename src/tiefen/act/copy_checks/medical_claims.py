"""医疗用语 — that something cures, said of what is no medicine."""

from __future__ import annotations

from collections.abc import Iterator

from tiefen.act.copy_checks.check import Check, Copy, Finding, places, words

_CURES = words(
    "治疗", "治愈", "根治", "药到病除", "包治", "抗癌", "防癌", "降血压", "降血糖", "降血脂", "降三高", "消炎", "杀菌消炎", "无副作用",
    "无毒副作用", "疗效", "康复率", "治愈率", "有效率", "替代药物", "处方", "祖传秘方",
)  # fmt: skip
_HINTS = words(
    "排毒", "减肥", "瘦身", "燃脂", "提高免疫力", "增强免疫力", "改善睡眠", "安神", "祛湿", "补肾", "壮阳", "养肝", "护肝", "抗衰老",
    "美容养颜", "调理身体", "活血", "化瘀",
)  # fmt: skip


def _find(copy: Copy) -> Iterator[Finding]:
    for where, found in places(copy, _CURES):
        yield Finding(
            severity="stop", where=where, start=found.start(), end=found.end(), quote=found[0],
            zh=f"“{found[0]}”：除医疗、药品、医疗器械外，任何广告不得涉及疾病治疗功能或使用医疗用语（广告法第十七条）。",
            en=f"“{found[0]}”: except for medicine and its devices no advertisement may speak of curing or use medical terms (article 17).",
            todo_zh="删掉。食品只说味道、原料和吃法。",
            todo_en="Leave it out. Of food say taste, ingredients and how to eat it.",
        )  # fmt: skip
    for where, found in places(copy, _HINTS):
        yield Finding(
            severity="warn", where=where, start=found.start(), end=found.end(), quote=found[0],
            zh=f"“{found[0]}”容易被认作保健功能声称；没有相应批准的普通食品和用品不能这样说（广告法第十七、十八条）。",
            en=f"“{found[0]}” reads like a health claim, which needs an approval for it (articles 17 and 18).",
            todo_zh="没有批准文号就换个说法；有就附上批准的原文。",
            todo_en="Without an approval say it differently; with one, quote its words.",
        )  # fmt: skip


CHECK = Check("medical_claims", "医疗与保健声称", "Medical and health claims", "广告法 第十六、十七、十八条", _find)
