"""群成员 — a row a member: when somebody came, who they are, when they left."""

from __future__ import annotations

from tiefen.intake.files.formats.base import Field, Format, Kept, Memory, Options, Reader, group_id, person, stable
from tiefen.intake.files.values import OLDEST_US, text_of, time_reader
from tiefen.kit.clock import DAY_US, now_us
from tiefen.ledger.batch import GroupCard, Profile
from tiefen.ledger.facts import JOINED_VIA, MemberJoined, MemberLeft

FIELDS = (
    Field("member_id", "成员 ID", "Member id", True, ("member_id", "user_id", "userid", "external_userid", "wxid", "id", "成员id", "用户id", "微信号")),
    Field("joined_at", "入群时间", "Joined at", True, ("joined_at", "joined_on", "joined", "join_time", "join_date", "入群时间", "加入时间", "进群时间", "入群日期"), "time"),
    Field("left_at", "退群时间", "Left at", False, ("left_at", "left_on", "leave_time", "退群时间", "离开时间"), "time"),
    Field("member_name", "昵称", "Name", False, ("member_name", "name", "nickname", "昵称", "姓名", "群昵称")),
    Field("group_id", "群 ID", "Group id", False, ("group_id", "chat_id", "room_id", "群id")),
    Field("group_name", "群名", "Group name", False, ("group_name", "group", "群名", "群名称", "社群")),
    Field("via", "入群方式", "Joined via", False, ("via", "join_scene", "入群方式", "来源")),
    Field("invited_by", "邀请人", "Invited by", False, ("invited_by", "inviter", "邀请人", "邀请者")),
)  # fmt: skip
_VIA = {
    "扫码": "qr_code",
    "扫二维码": "qr_code",
    "邀请": "invite",
    "直接邀请": "invite",
    "链接": "link",
    "邀请链接": "link",
}


def translate(reader: Reader, options: Options, memory: Memory) -> Kept:
    """A join a row, and a leave where the row tells of one; columns of no other use become attributes."""
    kept = Kept()
    read_time = time_reader(options.time_zone, day_first=options.day_first)
    latest = now_us() + DAY_US
    used = set(reader.mapping.values())
    more = [name for name in reader.rows.columns if name not in used][:40]
    for number, member_id, joined, left, name, gid, gname, via, inviter in reader.numbered(*(f.key for f in FIELDS)):
        given = text_of(member_id)
        member = person(given, options, "handle") if given else None
        if member is None:
            kept.refuse(number, "no_member")
            continue
        at = read_time(joined)
        if at is None or not OLDEST_US <= at <= latest:
            kept.refuse(number, "bad_time", value=str(joined)[:60])
            continue
        called = text_of(gname) or options.group_name
        outer = group_id(text_of(gid) or called, options)
        if not outer:
            kept.refuse(number, "no_group")
            continue
        kept.groups[outer] = GroupCard(outer, called or None, options.platform or None)
        row = {key: value for key, value in reader.rows.row(number).items() if key in more}
        kept.profiles[member] = Profile(member, text_of(name), row)
        how = str(via).strip().lower() if via else "unknown"
        by = text_of(inviter)
        kept.facts.append(
            MemberJoined(
                happened_us=at, source_id="joined:" + stable(outer, given, at), group=outer, member=member,
                via=how if how in JOINED_VIA else _VIA.get(how, "unknown"),
                invited_by=person(by, options, "handle") if by else None,
            )
        )  # fmt: skip
        gone = read_time(left) if left else None
        if gone is not None and at <= gone <= latest:
            source_id = "left:" + stable(outer, given, gone)
            kept.facts.append(MemberLeft(happened_us=gone, source_id=source_id, group=outer, member=member))
    return kept


FORMAT = Format("members", "群成员", "Members", FIELDS, translate)
