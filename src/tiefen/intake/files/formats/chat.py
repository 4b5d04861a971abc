"""聊天记录 — a row a message, or a joining or leaving."""

from __future__ import annotations

import re
from typing import Any

from tiefen.insight.features import features
from tiefen.intake.files.formats.base import Field, Format, Kept, Memory, Options, Reader, digest, group_id, person
from tiefen.intake.files.values import OLDEST_US, text_of, time_reader, yes
from tiefen.kit.clock import DAY_US, now_us
from tiefen.ledger.batch import GroupCard, Profile
from tiefen.ledger.facts import MESSAGE_KINDS, Id, MemberJoined, MemberLeft, MessagePosted

FIELDS = (
    Field("ts", "时间", "Time", True, ("ts", "time", "timestamp", "datetime", "date", "sent_at", "created_at", "时间", "发送时间", "消息时间", "日期", "msgtime"), "time"),
    Field("member_id", "发言人 ID", "Member id", False, ("member_id", "user_id", "userid", "sender_id", "from_id", "from", "author_id", "发言人id", "成员id", "用户id", "wxid", "external_userid", "sender_email")),
    Field("member_name", "昵称", "Member name", False, ("member_name", "nickname", "nick", "sender", "name", "author", "user", "username", "speaker", "昵称", "发言人", "成员", "姓名", "发送者", "群昵称", "发送人")),
    Field("group_id", "群 ID", "Group id", False, ("group_id", "room_id", "chat_id", "roomid", "channel_id", "stream_id", "群id", "群聊id", "会话id")),
    Field("group_name", "群名", "Group name", False, ("group_name", "room_name", "room", "channel", "group", "stream", "chat", "群名", "群名称", "群聊", "社群", "群")),
    Field("text", "内容", "Text", False, ("text", "content", "message", "body", "msg", "内容", "消息", "消息内容", "文本", "正文")),
    Field("message_id", "消息 ID", "Message id", False, ("message_id", "msg_id", "msgid", "id", "消息id", "消息编号")),
    Field("reply_to_member", "回复谁", "Replies to (member)", False, ("reply_to_member", "reply_to_user", "reply_to", "回复", "回复人", "回复对象")),
    Field("reply_to_message", "回复的消息", "Replies to (message)", False, ("reply_to_message", "reply_to_id", "reply_to_ids", "parent_id", "回复消息id", "引用消息id"), "list"),
    Field("mentions", "提到的人", "Mentions", False, ("mentions", "mentioned", "at", "提到", "@", "艾特"), "list"),
    Field("message_kind", "消息类型", "Message kind", False, ("message_kind", "msgtype", "type", "kind", "类型", "消息类型")),
    Field("event", "事件", "Event", False, ("event", "action", "事件", "动作")),
    Field("is_bot", "机器人", "By a bot", False, ("is_bot", "bot", "机器人"), "flag"),
    Field("topic", "话题", "Topic", False, ("topic", "topic_id", "thread", "thread_id", "话题", "主题")),
    Field("length", "字数", "Length", False, ("text_len", "length", "字数", "长度")),
    Field("is_question", "提问", "Is a question", False, ("is_question", "提问", "是否提问"), "flag"),
)  # fmt: skip

_KINDS = {
    "文本": "text", "图片": "image", "语音": "voice", "视频": "video", "文件": "file", "链接": "link", "小程序": "mini_program",
    "weapp": "mini_program", "红包": "red_packet", "redpacket": "red_packet", "接龙": "signup_chain", "表情": "sticker",
    "emotion": "sticker", "位置": "location", "名片": "card", "系统": "system", "photo": "image", "picture": "image",
    "audio": "voice", "message": "text", "default": "text", "reply": "text",
}  # fmt: skip
_JOINS = {"join", "joined", "加入", "入群", "进群", "member_joined"}
_LEAVES = {"leave", "left", "part", "quit", "kick", "退群", "离开", "退出", "member_left"}
_SAYS = {"", "message", "msg", "text", "post", "say", "action", "发言", "消息"}
_AT = re.compile(r"@([\w\u4e00-\u9fff.\-]{1,40})")
_ADDRESSED = re.compile(r"^@?([^\s,:：，@]{2,40})\s*[:,：，]\s")


def translate(reader: Reader, options: Options, memory: Memory) -> Kept:
    """A message a row; `event` rows are joins and leaves. What else an event may be (a new nickname, a topic) is no message."""
    kept = Kept()
    read_time = time_reader(options.time_zone, day_first=options.day_first)
    latest = now_us() + DAY_US
    names: dict[str, Id] = memory.open_order if isinstance(memory.open_order, dict) else {}
    memory.open_order = names
    replies_given = reader.has("reply_to_member") or reader.has("reply_to_message")
    mentions_given = reader.has("mentions")
    groups: dict[Any, str] = {}
    members: dict[Any, Id | None] = {}
    fields = [field.key for field in FIELDS]
    for (
        number, ts, member_id, member_name, gid, gname, text, message_id, reply_member, reply_message, mentions,
        message_kind, event, bot, topic, length, asks,
    ) in reader.numbered(*fields):  # fmt: skip
        at = read_time(ts)
        if at is None or at < OLDEST_US or at > latest:
            kept.refuse(number, "bad_time", value=str(ts)[:60])
            continue
        key = (member_id, member_name)
        member = members.get(key)
        if key not in members:
            member = members[key] = _member(member_id, member_name, options, kept, names)
        if member is None:
            kept.refuse(number, "no_member")
            continue
        gkey = (gid, gname)
        group = groups.get(gkey)
        if group is None:
            group = groups[gkey] = _group(gid, gname, options, kept)
        if group == "":
            kept.refuse(number, "no_group")
            continue
        what = str(event).strip().lower() if event else ""
        if what in _JOINS or what in _LEAVES:
            said_id = text_of(message_id)
            source_id = said_id or f"{what}:{digest(memory, group, member.value, at)}"
            if what in _JOINS:
                kept.facts.append(MemberJoined(happened_us=at, source_id=source_id, group=group, member=member))
            else:
                kept.facts.append(MemberLeft(happened_us=at, source_id=source_id, group=group, member=member))
            continue
        if what not in _SAYS:
            kept.refuse(number, "unknown_event", event=what[:60])
            continue
        said = None if text is None else str(text)[:20_000]
        counted = features(said) if said else None
        size: int | None
        text_hash: int | None
        advert: float | None
        source_id = text_of(message_id) or digest(memory, group, member.value, at, said)
        reply_to = _named(reply_member, options, names)
        if mentions_given:
            mentioned = tuple(id for one in _listed(mentions) if (id := _named(one, options, names)) is not None)
        else:
            mentioned = _mentioned(said, names) if said else ()
        if not replies_given and reply_to is None and said:
            reply_to = _addressed(said, names, member)
        if said and options.keep_words:
            kept.words[len(kept.facts)] = said
        if counted is not None:
            size, question, link, text_hash, advert = counted
        else:
            size = _size(length)
            question, link, text_hash, advert = yes(asks), False, None, None
        kept.facts.append(
            MessagePosted(
                happened_us=at, source_id=source_id, group=group, member=member, message_kind=_kind(message_kind),
                reply_to=reply_to, reply_to_message=next((text_of(one) for one in _listed(reply_message)), None),
                mentions=mentioned, length=size, is_question=question, has_link=link, topic=text_of(topic),
                text_hash=text_hash, advert_score=advert, by_bot=yes(bot) if bot is not None else False,
            )
        )  # fmt: skip
    return kept


def _member(member_id: Any, name: Any, options: Options, kept: Kept, names: dict[str, Id]) -> Id | None:
    given, called = text_of(member_id), text_of(name)
    if given is None and called is None:
        return None
    id = person(given or called or "", options, "handle")
    if id is not None:
        if called:
            kept.profiles[id] = Profile(id, called)
        for known in (given, called):
            if known and len(names) < 500_000:
                names.setdefault(known.lower(), id)
    return id


def _group(gid: Any, name: Any, options: Options, kept: Kept) -> str:
    given, called = text_of(gid), text_of(name) or options.group_name
    if not given and not called:
        return ""
    outer = group_id(given or called, options)
    kept.groups[outer] = GroupCard(outer, called or given, options.platform or None)
    return outer


def _named(value: Any, options: Options, names: dict[str, Id]) -> Id | None:
    """Somebody named by id or nickname: who spoke under it before, else a person of that id."""
    text = text_of(value)
    if text is None:
        return None
    text = text.lstrip("@")
    return names.get(text.lower()) or person(text, options, "handle")


def _listed(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    if isinstance(value, list | tuple):
        return list(value)
    text = str(value).strip()
    return [part.strip(" \"'") for part in re.split(r"[,;，；、|]", text.strip("[]")) if part.strip(" \"'")]


def _mentioned(text: str, names: dict[str, Id]) -> tuple[Id, ...]:
    if "@" not in text:
        return ()
    found = (names.get(name.lower()) for name in _AT.findall(text)[:50])
    return tuple(dict.fromkeys(id for id in found if id is not None))


def _addressed(text: str, names: dict[str, Id], speaker: Id) -> Id | None:
    """In a flat chat somebody answered by name: "nick: …" or "@nick …" at the start."""
    match = _ADDRESSED.match(text[:60])
    if match is None and text.startswith("@"):
        match = _AT.match(text[:60])
    found = names.get(match[1].lower()) if match else None
    return found if found != speaker else None


def _size(length: Any) -> int | None:
    """A number of characters that somebody counted before us."""
    try:
        size = int(length)
    except (TypeError, ValueError, OverflowError):
        return None
    return size if 0 <= size < 10**9 else None


def _kind(value: Any) -> str:
    if value is None or value == "":
        return "text"
    said = str(value).strip().lower()
    return said if said in MESSAGE_KINDS else _KINDS.get(said, "other")


FORMAT = Format("chat", "聊天记录", "Chat log", FIELDS, translate)
