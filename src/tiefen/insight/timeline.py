"""时间线 — one fact as one sentence about one person, in Chinese and in English.

`names` says what to call the handles, groups and sources that a body mentions: ("person", 7) → "悟空". What has no name
there is called by what it is. Words that were said are not in facts and not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

NamesOf = Mapping[tuple[str, int], str]
Body = Mapping[str, Any]
Sentence = tuple[str, str]
"""Chinese, English."""

_NAMELESS = {"person": ("某人", "somebody"), "group": ("某群", "a group"), "source": ("某渠道", "a source")}
_VIA = {
    "invite": ("受邀", " by invitation"), "qr_code": ("扫码", " by QR code"), "link": ("经链接", " by a link"),
    "seed": ("建群时", " as it was seeded"), "approval": ("经审核", " after approval"),
}  # fmt: skip
_SAID = {
    "image": ("发了图片", "posted a picture"), "voice": ("发了语音", "posted a voice message"),
    "video": ("发了视频", "posted a video"), "file": ("发了文件", "posted a file"), "link": ("发了链接", "posted a link"),
    "mini_program": ("发了小程序", "posted a mini program"), "red_packet": ("发了红包", "sent a red packet"),
    "signup_chain": ("参加了接龙", "joined a sign-up list"), "sticker": ("发了表情", "posted a sticker"),
    "location": ("发了位置", "posted a location"), "card": ("发了名片", "posted a card"),
}  # fmt: skip


class _Names:
    """Names with a fallback, one per language."""

    def __init__(self, names: NamesOf) -> None:
        self._names = names

    def __call__(self, what: str, ref: int | None) -> Sentence:
        if ref is not None and (name := self._names.get((what, ref))):
            return name, name
        return _NAMELESS[what]


def timeline_sentence(kind: str, body: Body, names: NamesOf) -> dict[str, str]:
    """What happened, said of the person whose timeline it is on: {zh, en}. A kind without words of its own gets its title."""
    zh, en = _SENTENCES[kind](body, _Names(names)) if kind in _SENTENCES else (kind, kind)
    return {"zh": zh, "en": en}


def yuan(fen: int | None) -> str:
    """Fen as written for people: 990 → 9.90."""
    if fen is None:
        return "?"
    sign, fen = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{fen // 100:,}.{fen % 100:02d}"


def _joined(body: Body, name: _Names) -> Sentence:
    group = name("group", body["group"])
    via = _VIA.get(body.get("via") or "", ("", ""))
    by = body.get("invited_by")
    who = name("person", by)
    zh = f"{via[0]}加入“{group[0]}”" + (f"（由{who[0]}邀请）" if by else "")
    en = f"joined “{group[1]}”" + (f", invited by {who[1]}" if by else via[1])
    if body.get("inferred"):
        return zh + "（由名单推断）", en + " (inferred from a full list)"
    return zh, en


def _left(body: Body, name: _Names) -> Sentence:
    group = name("group", body["group"])
    match body.get("how"):
        case "removed":
            return f"被移出“{group[0]}”", f"was removed from “{group[1]}”"
        case "dismissed":
            return f"“{group[0]}”解散", f"“{group[1]}” was dismissed"
        case _:
            return f"退出“{group[0]}”", f"left “{group[1]}”"


def _posted(body: Body, name: _Names) -> Sentence:
    group = name("group", body["group"])
    said = _SAID.get(body.get("message_kind") or "text")
    if said is None:
        length = body.get("length")
        said = (f"说了 {length} 个字", f"said something of {length} characters") if length else ("发言", "spoke")
        if body.get("is_question"):
            said = ("提问", "asked a question")
    to = body.get("reply_to")
    whom = name("person", to)
    return (
        f"在“{group[0]}”{'回复' + whom[0] + '：' if to else ''}{said[0]}",
        f"{said[1]} in “{group[1]}”" + (f", answering {whom[1]}" if to else ""),
    )


def _reacted(body: Body, name: _Names) -> Sentence:
    group, whom = name("group", body["group"]), name("person", body.get("to"))
    mark = f" {body['reaction']}" if body.get("reaction") else ""
    return f"在“{group[0]}”回应了{whom[0]}{mark}", f"reacted to {whom[1]} in “{group[1]}”{mark}"


def _contact_added(body: Body, name: _Names) -> Sentence:
    staff, source = name("person", body.get("staff")), name("source", body.get("source"))
    zh = f"加了员工{staff[0]}" if body.get("staff") else "成为线索"
    en = f"became a contact of {staff[1]}" if body.get("staff") else "arrived as a lead"
    return (zh + f"，来自“{source[0]}”", en + f", from “{source[1]}”") if body.get("source") else (zh, en)


def _contact_lost(body: Body, name: _Names) -> Sentence:
    staff = name("person", body.get("staff"))
    if body.get("by") == "staff":
        return f"被员工{staff[0]}删除", f"was deleted by {staff[1]}"
    return f"删除了员工{staff[0]}", f"deleted {staff[1]} as a contact"


def _from_source(zh: str, en: str, field: str) -> Callable[[Body, _Names], Sentence]:
    def say(body: Body, name: _Names) -> Sentence:
        source = name("source", body.get("source"))
        said = zh.format(body.get(field) or "?"), en.format(body.get(field) or "?")
        if not body.get("source"):
            return said
        return f"{said[0]}，来自“{source[0]}”", f"{said[1]}, from “{source[1]}”"

    return say


def _plain(zh: str, en: str, field: str) -> Callable[[Body, _Names], Sentence]:
    return lambda body, name: (zh.format(body.get(field) or "?"), en.format(body.get(field) or "?"))


def _money(zh: str, en: str) -> Callable[[Body, _Names], Sentence]:
    def say(body: Body, name: _Names) -> Sentence:
        amount, lines = yuan(body.get("amount_fen")), len(body.get("lines") or ())
        order = body.get("order") or "?"
        more = (f"，{lines} 种商品", f", {lines} line{'s' if lines != 1 else ''}") if lines else ("", "")
        return f"{zh} {amount} 元（订单 {order}{more[0]}）", f"{en} {amount} (order {order}{more[1]})"

    return say


def _tracked(body: Body, name: _Names) -> Sentence:
    worth = body.get("value_fen")
    zh, en = f"事件：{body.get('name') or '?'}", f"event: {body.get('name') or '?'}"
    return (zh, en) if worth is None else (f"{zh}（价值 {yuan(worth)} 元）", f"{en} (worth {yuan(worth)})")


def _consent(zh: str, en: str) -> Callable[[Body, _Names], Sentence]:
    def say(body: Body, name: _Names) -> Sentence:
        channel = body.get("channel") or "all"
        where = ("所有渠道", "any channel") if channel == "all" else (channel, channel)
        return f"{zh}“{body.get('purpose') or '?'}”（{where[0]}）", f"{en} “{body.get('purpose') or '?'}” on {where[1]}"

    return say


def _grouped(zh: str, en: str) -> Callable[[Body, _Names], Sentence]:
    def say(body: Body, name: _Names) -> Sentence:
        group = name("group", body["group"])
        return zh.format(group[0]), en.format(group[1])

    return say


def _linked(body: Body, name: _Names) -> Sentence:
    if body.get("refused"):
        return f"身份关联未采纳（{body['refused']}）", f"a link between ids was not followed ({body['refused']})"
    return "两个身份确认为同一人", "two ids were found to be one person"


_TOUCH = {
    "proposed": ("想发一条消息", "a message is wished for"), "admitted": ("消息已放行", "a message was let out"),
    "refused": ("消息没放行", "a message was not let out"), "tasked": ("消息等员工确认", "a message waits for staff to confirm"),
    "sent": ("员工已发送消息", "staff sent a message"), "delivered": ("收到消息", "got a message"),
    "failed": ("消息没送到", "a message did not arrive"),
}  # fmt: skip
_TASK = {
    "opened": ("有一件给员工的任务", "a task for staff was opened"), "late": ("员工的任务晚了", "a task of staff is late"),
    "done": ("员工做完了任务", "staff did their task"), "skipped": ("员工的任务跳过了", "a task of staff was skipped"),
}  # fmt: skip


def _moved(words: Mapping[str, Sentence]) -> Callable[[Body, _Names], Sentence]:
    def say(body: Body, name: _Names) -> Sentence:
        state, why = body.get("state") or "?", body.get("reason")
        zh, en = words.get(state, (state, state))
        return zh + (f"（{why}）" if why else ""), en + (f" ({why})" if why else "")

    return say


def _given(body: Body, name: _Names) -> Sentence:
    points, why = body.get("points"), body.get("because")
    zh, en = f"得到 {'?' if points is None else points} 积分", f"was given {'?' if points is None else points} points"
    return zh + (f"（{why}）" if why else ""), en + (f" ({why})" if why else "")


def _assigned(body: Body, name: _Names) -> Sentence:
    if body.get("arm") == "holdout":
        return "留作对照，不发", "is held out, to compare with"
    return f"分到实验组“{body.get('arm') or '?'}”", f"was put into the arm “{body.get('arm') or '?'}”"


_SENTENCES: dict[str, Callable[[Body, _Names], Sentence]] = {
    "member.joined": _joined,
    "member.left": _left,
    "message.posted": _posted,
    "reaction.put": _reacted,
    "contact.added": _contact_added,
    "contact.lost": _contact_lost,
    "tag.put": _plain("打上标签“{}”", "tagged “{}”", "tag"),
    "tag.removed": _plain("去掉标签“{}”", "untagged “{}”", "tag"),
    "consent.given": _consent("同意", "agreed to"),
    "consent.withdrawn": _consent("撤回同意", "withdrew consent to"),
    "page.viewed": _from_source("浏览 {}", "looked at {}", "page"),
    "link.clicked": _from_source("点开链接 {}", "opened the link {}", "link"),
    "code.scanned": _from_source("扫了活码 {}", "scanned the code {}", "code"),
    "event.tracked": _tracked,
    "order.placed": _money("下单", "placed an order of"),
    "order.paid": _money("付款", "paid"),
    "order.refunded": _money("退款", "was refunded"),
    "touch.moved": _moved(_TOUCH),
    "task.moved": _moved(_TASK),
    "points.given": _given,
    "segment.entered": _plain("进入分群 {}", "came into segment {}", "segment"),
    "segment.left": _plain("离开分群 {}", "went out of segment {}", "segment"),
    "arm.assigned": _assigned,
    "group.created": _grouped("建了“{}”", "created “{}”"),
    "group.dismissed": _grouped("解散了“{}”", "dismissed “{}”"),
    "group.renamed": _grouped("给“{}”改了名", "renamed “{}”"),
    "group.owner_changed": _grouped("成为“{}”的群主", "became the owner of “{}”"),
    "group.kind_said": _grouped("说了“{}”是哪类群", "said what kind of group “{}” is"),
    "cost.spent": _money("花费", "spent"),
    "identity.linked": _linked,
    "people.merged": lambda body, name: ("与另一条记录合并", "merged with another record"),
    "person.split": lambda body, name: ("从合并中拆出", "split off a merged record"),
}
