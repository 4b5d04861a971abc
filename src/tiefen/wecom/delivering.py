"""From the gate to staff's phones (派发): what was let out becomes message tasks, one for all who are told the same by the same.

A turn is safe to kill anywhere. Rows are claimed before WeCom is asked, so that nobody takes back what is being handed over;
claims a dead turn left behind are settled by what the channel wrote down. A failure that passes gives the touches back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from tiefen.act import message as ours
from tiefen.act import outbox, results
from tiefen.act.gate import SENTENCES, STOPPED, Reason
from tiefen.kit.clock import SECOND_US
from tiefen.kit.errors import TiefenError
from tiefen.kit.settings import Settings
from tiefen.kit.slices import slices
from tiefen.ledger import dialect
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import TouchMoved
from tiefen.ledger.identity import numbered
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import channel_recipients, channel_tasks, groups, handles, wecom_contacts
from tiefen.ledger.schema.touches import campaigns, proposals
from tiefen.wecom.channel import Channel, Message, Recipient
from tiefen.wecom.channel.errors import AlreadyTasked
from tiefen.wecom.client import attachments
from tiefen.wecom.client.errors import ContentRefused, FrequencyLimited, LimitExceeded, MediaRefused, UnknownStaff

log = structlog.get_logger()

SETTLE_US = 30 * SECOND_US
"""How long what was let out waits for more of the same, and for somebody to think better of it."""
LONGEST_US = 600 * SECOND_US
"""After so long it goes even though more of the same keeps coming."""
MOST_CONTACTS, MOST_GROUPS = 10_000, 2_000
"""Recipients of one task (https://developer.work.weixin.qq.com/document/path/92135)."""
_CLAIM = "asking"
_ORIGIN = "wecom:delivery"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a turn did."""

    tasks: int
    touches: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class _Parcel:
    """Touches that make one task."""

    campaign_id: str
    content_id: str
    sender: str
    channel: str
    rows: tuple[Any, ...]


@dataclass(eq=False)
class FileMissing(TiefenError):
    """A message carries a file that is not in the library any more."""

    status = 404
    says = "There is no file {file} in the library."

    file: str


def deliver(ledger: Ledger, corp_id: str, channel: Channel, settings: Settings, now_us: int) -> Delivered:
    """Hand over what is ready, stop what was cancelled, and take in what became of the rest. One at a time for a corp:
    what another turn claims would look like what a dead one left behind."""
    results.follow(ledger, corp_id)
    _settle_claims(ledger, corp_id)
    _expire(ledger, corp_id, now_us)
    cancelled = _cancel(ledger, corp_id, channel)
    tasks = touches = 0
    trouble: TiefenError | None = None
    for parcel in _ready(ledger, corp_id, now_us):
        try:
            touches += _hand_over(ledger, corp_id, channel, settings, parcel, now_us)
            tasks += 1
        except FrequencyLimited as error:
            trouble = error  # what is left would meet the same
            break
        except TiefenError as error:
            # One that cannot be handed over now holds up none of the others.
            log.warning("messages could not be handed over", campaign=parcel.campaign_id, error=str(error))
            trouble = trouble or error
    results.follow(ledger, corp_id)
    if trouble is not None:
        raise trouble
    return Delivered(tasks, touches, cancelled)


# ---- what is ready ----


def _ready(ledger: Ledger, corp_id: str, now_us: int) -> Iterator[_Parcel]:
    key = (proposals.c.campaign_id, proposals.c.content_id, proposals.c.sender, proposals.c.channel)
    mine = proposals.c.corp_id == corp_id, proposals.c.state == "admitted", proposals.c.task_id.is_(None)
    asked = (
        sa.select(*key, sa.func.count(), sa.func.min(proposals.c.admitted_us), sa.func.max(proposals.c.admitted_us))
        .where(*mine, proposals.c.sender.is_not(None))
        .group_by(*key)
        .order_by(sa.func.min(proposals.c.admitted_us))
    )
    with ledger.read() as connection:
        found = connection.execute(asked).all()
    for campaign_id, content_id, sender, channel, many, first_us, last_us in found:
        most = MOST_GROUPS if channel == "group" else MOST_CONTACTS
        # Where the clock was set back there is nothing to wait for: it may take years to get there again.
        if many < most and 0 <= now_us - last_us < SETTLE_US and now_us - first_us < LONGEST_US:
            continue
        those = (
            proposals.c.campaign_id == campaign_id, proposals.c.content_id == content_id,
            proposals.c.sender == sender, proposals.c.channel == channel,
        )  # fmt: skip
        rows = sa.select(
            proposals.c.proposal_id, proposals.c.person, proposals.c.group, proposals.c.step, groups.c.outer_id
        ).select_from(proposals.outerjoin(groups, groups.c.group_id == proposals.c.group))
        with ledger.read() as connection:
            whole = connection.execute(rows.where(*mine, *those).order_by(proposals.c.proposal_id)).all()
        for start in range(0, len(whole), most):
            yield _Parcel(campaign_id, content_id, sender, channel, tuple(whole[start : start + most]))


def _hand_over(ledger: Ledger, corp_id: str, channel: Channel, settings: Settings, parcel: _Parcel, now_us: int) -> int:
    """Make one task; returns for how many. What can never be handed over fails with its reason."""
    with ledger.read() as connection:
        said = outbox.content(connection, corp_id, parcel.content_id)
        to = _recipients(connection, corp_id, parcel)
    try:
        message = _message(said, channel, settings.data / "library" / corp_id)
    except FileMissing:
        _fail(ledger, corp_id, parcel, parcel.rows, "file_missing", now_us)
        return 0
    except MediaRefused:
        _fail(ledger, corp_id, parcel, parcel.rows, "file_refused", now_us)
        return 0
    claimed = _claim(ledger, corp_id, [row.proposal_id for row in parcel.rows])
    rows = [row for row in parcel.rows if row.proposal_id in claimed]
    _fail(ledger, corp_id, parcel, [row for row in rows if row.proposal_id not in to], "lost_contact", now_us)
    recipients = [
        Recipient(touch=row.proposal_id, to=to[row.proposal_id], campaign=parcel.campaign_id)
        for row in rows
        if row.proposal_id in to
    ]
    if not recipients:
        return 0
    try:
        if parcel.channel == "group":
            task_id = channel.broadcast_to_groups(recipients, message, sender=parcel.sender)
        else:
            task_id = channel.broadcast(recipients, message, sender=parcel.sender)
    except AlreadyTasked:
        _settle_claims(ledger, corp_id)
        return 0
    except (LimitExceeded, ContentRefused):
        _fail(ledger, corp_id, parcel, rows, "content_refused", now_us)
        return 0
    except UnknownStaff:
        _fail(ledger, corp_id, parcel, rows, Reason.STAFF_LEFT.value, now_us)
        return 0
    except TiefenError:
        _note_task(ledger, corp_id, [one.touch for one in recipients], None)
        raise
    _note_task(ledger, corp_id, [one.touch for one in recipients], task_id)
    return len(recipients)


def _recipients(connection: sa.Connection, corp_id: str, parcel: _Parcel) -> dict[str, str]:
    """By proposal: the id under which the sender knows them; not of those they do not know any more."""
    if parcel.channel == "group":
        return {row.proposal_id: row.outer_id for row in parcel.rows if row.outer_id}
    by_person: dict[int, list[str]] = defaultdict(list)
    for row in parcel.rows:
        by_person[row.person].append(row.proposal_id)
    # A proposal names somebody by a number that a merge may have handed on to somebody else.
    theirs = handles.alias("theirs")
    asked = (
        sa.select(theirs.c.handle, wecom_contacts.c.external_userid)
        .select_from(
            theirs.join(handles, handles.c.person_id == theirs.c.person_id).join(
                wecom_contacts,
                sa.and_(
                    wecom_contacts.c.corp_id == corp_id, wecom_contacts.c.userid == parcel.sender,
                    wecom_contacts.c.external_userid == handles.c.id_value,
                ),
            )
        )
        .where(
            dialect.among(connection, theirs.c.handle, list(by_person)), handles.c.id_type == "external_userid",
            handles.c.corp_id == corp_id, wecom_contacts.c.lost_us.is_(None),
            wecom_contacts.c.added_us.is_not(None),
        )
        .order_by(wecom_contacts.c.added_us.desc())
    )  # fmt: skip
    return {
        proposal_id: external
        for person, external in dialect.plain_rows(connection, asked)
        for proposal_id in by_person[person]
    }


def _message(said: ours.Message, channel: Channel, library: Path) -> Message:
    return Message(
        text=said.text or None, attachments=tuple(_attached(one, channel, library) for one in said.attachments)
    )


def _attached(one: ours.Attachment, channel: Channel, library: Path) -> attachments.Attachment:
    match one:
        case ours.Image():
            return attachments.image(_media(channel, library, "image", one.file))
        case ours.Video():
            return attachments.video(_media(channel, library, "video", one.file))
        case ours.File():
            return attachments.file(_media(channel, library, "file", one.file))
        case ours.Link():
            return attachments.link(one.title, one.url, desc=one.description or None, picurl=one.picture_url or None)
        case ours.MiniProgram():
            cover = _media(channel, library, "image", one.cover)
            return attachments.mini_program(one.title, one.appid, one.page, pic_media_id=cover)


def _media(channel: Channel, library: Path, kind: str, name: str) -> str:
    path = library / name
    # A name is a name, and no way to other folders.
    if Path(name).name != name or not path.is_file():
        raise FileMissing(name)
    return channel.media.ready(kind, name, path.read_bytes())


# ---- rows ----


def _claim(ledger: Ledger, corp_id: str, ids: Sequence[str]) -> set[str]:
    """Take them out of reach of whoever takes messages back; those that still were to be sent."""
    claimed: set[str] = set()
    with ledger.write() as connection:
        for part in slices(ids):
            change = (
                sa.update(proposals)
                .where(
                    proposals.c.corp_id == corp_id, proposals.c.proposal_id.in_(part), proposals.c.state == "admitted",
                    proposals.c.task_id.is_(None),
                )
                .values(task_id=_CLAIM)
                .returning(proposals.c.proposal_id)
            )  # fmt: skip
            claimed.update(connection.scalars(change))
    return claimed


def _note_task(ledger: Ledger, corp_id: str, ids: Sequence[str], task_id: str | None) -> None:
    rows = [(task_id, corp_id, one) for one in ids]
    with ledger.write() as connection:
        dialect.change_many(connection, "proposals", ("task_id",), ("corp_id", "proposal_id"), rows)


def _settle_claims(ledger: Ledger, corp_id: str) -> None:
    """What a turn claimed that did not come to its end was handed over or was not; the channel knows."""
    claimed = sa.select(proposals.c.proposal_id).where(
        proposals.c.corp_id == corp_id, proposals.c.state.in_(("admitted", "tasked")), proposals.c.task_id == _CLAIM
    )
    with ledger.read() as connection:
        ids = list(connection.scalars(claimed))
    if not ids:
        return
    tasks: dict[str, str] = {}
    with ledger.read() as connection:
        for part in slices(ids):
            asked = sa.select(channel_recipients.c.touch, channel_recipients.c.task_id).where(
                channel_recipients.c.corp_id == corp_id, channel_recipients.c.touch.in_(part)
            )
            tasks |= dialect.pairs(connection.execute(asked))
    rows = [(tasks.get(one), corp_id, one) for one in ids]
    with ledger.write() as connection:
        dialect.change_many(connection, "proposals", ("task_id",), ("corp_id", "proposal_id"), rows)


def _expire(ledger: Ledger, corp_id: str, now_us: int) -> None:
    """What could not be handed over in time stays unsent."""
    asked = (
        sa.select(
            proposals.c.proposal_id, proposals.c.person, proposals.c.group, proposals.c.step, groups.c.outer_id,
            proposals.c.campaign_id, proposals.c.channel,
        )
        .select_from(proposals.outerjoin(groups, groups.c.group_id == proposals.c.group))
        .where(
            proposals.c.corp_id == corp_id, proposals.c.state == "admitted", proposals.c.task_id.is_(None),
            proposals.c.expires_us <= now_us,
        )
        .limit(10_000)
    )  # fmt: skip
    with ledger.read() as connection:
        late = connection.execute(asked).all()
    by: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in late:
        by[row.campaign_id, row.channel].append(row)
    for (campaign_id, channel), rows in by.items():
        parcel = _Parcel(campaign_id, "", "", channel, tuple(rows))
        _fail(ledger, corp_id, parcel, rows, Reason.EXPIRED.value, now_us)


def _fail(ledger: Ledger, corp_id: str, parcel: _Parcel, rows: Sequence[Any], reason: str, now_us: int) -> None:
    """They come to their end here. The facts come back by `results`, like all others."""
    if not rows:
        return
    facts = [
        TouchMoved(
            happened_us=now_us, source_id=f"{row.proposal_id}:failed", touch=row.proposal_id, state="failed",
            person=None if row.person is None else numbered(row.person), group=row.outer_id, channel=parcel.channel,
            campaign=parcel.campaign_id, reason=reason,
        )
        for row in rows
    ]  # fmt: skip
    with ledger.together() as together:
        told = [results.Moved(row.proposal_id, "failed", reason, now_us) for row in rows]
        results.keep(together.connection, corp_id, told)
        together.append(Batch(corp_id, _ORIGIN, facts))


def _cancel(ledger: Ledger, corp_id: str, channel: Channel) -> int:
    """Stop the tasks of campaigns that were stopped, as far as staff have not confirmed them."""
    asked = (
        sa.select(proposals.c.task_id)
        .join(
            campaigns,
            sa.and_(campaigns.c.corp_id == proposals.c.corp_id, campaigns.c.campaign_id == proposals.c.campaign_id),
        )
        .join(channel_tasks, channel_tasks.c.task_id == proposals.c.task_id)
        .where(
            proposals.c.corp_id == corp_id, proposals.c.state.in_(("admitted", "tasked")),
            campaigns.c.state.in_(STOPPED), channel_tasks.c.state == "open",
        )
        .distinct()
    )  # fmt: skip
    with ledger.read() as connection:
        tasks = sorted(connection.scalars(asked))
    return sum(channel.cancel(task_id) for task_id in tasks)


FAILED: dict[str, tuple[str, str]] = {
    **{reason.value: sentence for reason, sentence in SENTENCES.items()},
    "no_relation": ("对方已删除好友，或不再是客户。", "They deleted the member of staff."),
    "quota_used_up": ("对方本期已收满企业群发。", "They had as many messages as WeCom allows."),
    "not_sendable": ("企业微信拒绝发给此人。", "WeCom would not send to them."),
    "not_confirmed": ("员工一直没有确认发送。", "Staff never confirmed it."),
    "cancelled": ("已取消。", "It was cancelled."),
    "empty_audience": ("没有可发送的人。", "There was nobody to send to."),
    "content_refused": ("内容不合规或超出长度限制。", "WeCom does not take what it says."),
    "file_missing": ("素材库里没有这个文件了。", "A file it carries is not in the library any more."),
    "file_refused": ("企业微信不接受这个文件。", "WeCom does not take a file it carries."),
    "unanswered": ("企业微信没有回应，未能确认已创建任务。", "WeCom never said that it made the task."),
    "unknown": ("未知原因。", "Nobody said why."),
}
"""Why something that was let out did not arrive, in Chinese and English."""
