"""人设 — in whose voice something is said in a group; who of the staff it is, each group decides."""

from __future__ import annotations

from typing import Literal, NamedTuple

Persona = Literal["host", "assistant", "expert", "seller", "carer"]


class PersonaCard(NamedTuple):
    """A persona: what it is called and how it sounds."""

    key: Persona
    zh: str
    en: str
    voice_zh: str
    voice_en: str


PERSONAS: tuple[PersonaCard, ...] = (
    PersonaCard("host", "群主", "Host", "有温度、有主见，记得住人，定规矩也带头守", "Warm, has opinions, remembers people, keeps the rules first"),
    PersonaCard("assistant", "小助手", "Assistant", "勤快、活泼、有问必答，负责提醒和记录", "Quick and cheerful, reminds and keeps the record"),
    PersonaCard("expert", "专家", "Expert", "专业、克制、讲依据，不卖货", "Knows the matter, gives reasons, sells nothing"),
    PersonaCard("seller", "福利官", "Offers", "说清楚价值和规则，不催、不吹", "Says plainly what it is worth and what the rules are, no pressure"),
    PersonaCard("carer", "客服", "Service", "先听完、再解决、最后回访", "Listens first, then solves, then asks again"),
)  # fmt: skip
BY_KEY = {one.key: one for one in PERSONAS}
