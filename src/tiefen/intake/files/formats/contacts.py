"""客户与线索 — a row a contact or lead: who, when, from which source, under which ids."""

from __future__ import annotations

from typing import Any

from tiefen.intake.files.formats.base import Field, Format, Kept, Memory, Options, Reader, person, stable
from tiefen.intake.files.values import OLDEST_US, fen_of, text_of, time_reader
from tiefen.kit.clock import DAY_US, now_us
from tiefen.ledger.batch import Link, Profile
from tiefen.ledger.facts import ContactAdded, EventTracked, Id
from tiefen.ledger.identity import blocked

FIELDS = (
    Field("ts", "添加时间", "Added at", True, ("ts", "added_at", "first_contact_date", "created_at", "createtime", "add_time", "date", "time", "添加时间", "创建时间", "首次联系", "日期"), "time"),
    Field("contact_id", "客户 ID", "Contact id", False, ("contact_id", "lead_id", "external_userid", "customer_id", "user_id", "id", "客户id", "线索id", "外部联系人id", "客户编号")),
    Field("name", "姓名", "Name", False, ("name", "contact_name", "nickname", "姓名", "昵称", "客户名称", "客户姓名")),
    Field("source", "渠道", "Source", False, ("source", "channel", "origin", "渠道", "来源", "添加渠道", "来源渠道")),
    Field("staff", "员工", "Staff", False, ("staff", "owner", "sales", "sr_id", "follow_user", "员工", "添加人", "跟进人", "所属员工")),
    Field("unionid", "UnionID", "UnionID", False, ("unionid", "union_id")),
    Field("phone", "手机号", "Phone", False, ("phone", "mobile", "手机", "手机号", "电话")),
    Field("email", "邮箱", "E-mail", False, ("email", "e-mail", "邮箱")),
    Field("customer_number", "会员号", "Customer number", False, ("customer_number", "member_no", "会员号", "会员编号")),
    Field("won_at", "成交时间", "Won at", False, ("won_at", "won_date", "closed_at", "成交时间", "签约时间"), "time"),
    Field("won_value", "成交金额", "Won value", False, ("won_value", "deal_value", "成交金额"), "amount"),
)  # fmt: skip


def translate(reader: Reader, options: Options, memory: Memory) -> Kept:
    """An arrival a row; several ids in a row belong to one person; a win is a goal reached."""
    kept = Kept()
    read_time = time_reader(options.time_zone, day_first=options.day_first)
    latest = now_us() + DAY_US
    used = set(reader.mapping.values())
    more = [name for name in reader.rows.columns if name not in used][:40]
    for (
        number, ts, contact, name, source, staff, unionid, phone, email, customer, won_at, won_value,
    ) in reader.numbered(*(f.key for f in FIELDS)):  # fmt: skip
        ids = _ids(contact, unionid, phone, email, customer, options)
        if not ids:
            kept.refuse(number, "no_id")
            continue
        at = read_time(ts)
        if at is None or not OLDEST_US <= at <= latest:
            kept.refuse(number, "bad_time", value=str(ts)[:60])
            continue
        who = ids[0]
        known = {key: value for key, value in reader.rows.row(number).items() if key in more}
        kept.profiles[who] = Profile(who, text_of(name), known)
        kept.links.extend(Link(who, other, at) for other in ids[1:])
        by = text_of(staff)
        kept.facts.append(
            ContactAdded(
                happened_us=at, source_id="contact:" + stable(*who, at), person=who,
                staff=Id("staff_userid", by) if by and not blocked(Id("staff_userid", by)) else None,
                source=text_of(source) or options.source or None,
            )
        )  # fmt: skip
        won = read_time(won_at) if won_at not in (None, "") else None
        if won is not None and OLDEST_US <= won <= latest:
            kept.facts.append(
                EventTracked(
                    happened_us=won, source_id="won:" + stable(*who, won), person=who, name="won",
                    value_fen=fen_of(won_value, options.unit),
                )
            )  # fmt: skip
    return kept


def _ids(contact: Any, unionid: Any, phone: Any, email: Any, customer: Any, options: Options) -> list[Id]:
    given = text_of(contact)
    found = [person(given, options, "customer_number") if given else None]
    for id_type, cell in (("unionid", unionid), ("customer_number", customer), ("phone", phone), ("email", email)):
        value = text_of(cell)
        found.append(Id(id_type, value) if value and not blocked(Id(id_type, value)) else None)
    return [id for id in found if id is not None]


FORMAT = Format("contacts", "客户与线索", "Contacts and leads", FIELDS, translate)
