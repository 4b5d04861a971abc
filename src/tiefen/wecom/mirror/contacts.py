"""Who is in touch with whom: events of one pair, and lists of all of a member of staff.

A customer who deletes a member of staff stays in that one's lists, since the deletion is one-sided
(https://developer.work.weixin.qq.com/document/path/92130): only an event tells of it, and only a later `createtime` that they
came back. Nothing is taken for lost because a list lacks it: the pair itself is asked for first (`get`), and only where the
app can see the member of staff does its answer count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

import msgspec

from tiefen.kit.clock import SECOND_US
from tiefen.ledger.batch import Link, Profile
from tiefen.ledger.facts import ConsentGiven, ContactAdded, ContactLost, TagPut, TagRemoved
from tiefen.wecom.client.endpoints.contacts import ExternalContact, Follow, FollowInfo
from tiefen.wecom.mirror import rows
from tiefen.wecom.mirror.presence import SETTLED_US
from tiefen.wecom.mirror.rows import ContactRow, Keys
from tiefen.wecom.mirror.work import Work, source

SAME_US = 5 * SECOND_US
"""An event's CreateTime and a list's createtime of one friendship may differ by so much."""
_GENDER = {1: "male", 2: "female"}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A pair as a list has it."""

    person: ExternalContact
    follow: Follow

    @property
    def pair(self) -> tuple[str, str]:
        return self.follow.userid, self.person.external_userid

    @property
    def tag_ids(self) -> list[str]:
        """The corp's tags on the pair; personal ones have no id."""
        if isinstance(self.follow, FollowInfo) and self.follow.tag_id:
            return list(self.follow.tag_id)
        return [tag.tag_id for tag in self.follow.tags if tag.tag_id]


# ---- events -------------------------------------------------------------------------------------


def added(work: Work, userid: str, person: str, key: str, at_us: int, state: str, sources: Mapping[str, str]) -> None:
    """An event: they became contacts."""
    row = work.contact((userid, key))
    row.told_us, row.half_us = max(row.told_us, at_us), None
    if row.there and row.added_us is not None and abs(row.added_us - at_us) <= SAME_US:
        return
    _tell_added(work, row, person, at_us, sources.get(state), state)
    if row.added_us is None or at_us > row.added_us:
        row.added_us, row.state = at_us, state
        if row.lost_us is not None and row.lost_us < at_us:
            row.lost_us = row.lost_by = None


def lost(work: Work, userid: str, person: str, key: str, at_us: int, by: str) -> None:
    """An event: one of them deleted the other."""
    row = work.contact((userid, key))
    row.told_us, row.half_us = max(row.told_us, at_us), None
    if row.lost_by == "unknown" and row.lost_us is not None and row.seen_us - SETTLED_US <= at_us <= row.lost_us:
        row.lost_us, row.lost_by = at_us, by  # a list showed it before it was told
        return
    _tell_lost(work, row, person, at_us, by)
    of_this = row.added_us is None or at_us >= row.added_us
    if of_this and (row.lost_us is None or at_us >= row.lost_us or row.lost_by == "unknown"):
        row.lost_us, row.lost_by = at_us, by


def half_added(work: Work, userid: str, key: str, at_us: int) -> None:
    """An event: a customer asked and nobody has confirmed it yet."""
    row = work.contact((userid, key))
    row.told_us = max(row.told_us, at_us)
    if not row.there:
        row.half_us = at_us


def edited(work: Work, userid: str, key: str, at_us: int) -> None:
    """An event: remark, numbers or tags were changed by hand; to what, has to be asked."""
    row = work.contact((userid, key))
    row.told_us, row.edited_us = max(row.told_us, at_us), max(row.edited_us, at_us)


def agreed_to_archive(work: Work, userid: str, person: str, at_us: int) -> None:
    """An event: somebody allowed their conversation with a member of staff to be archived."""
    work.facts.append(
        ConsentGiven(
            happened_us=at_us, source_id=source("archive", userid, person, str(at_us)), person=rows.contact(person),
            purpose="archive", channel="wecom",
        )
    )  # fmt: skip


# ---- lists --------------------------------------------------------------------------------------


def seen(work: Work, keys: Keys, told: Sequence[Told], seen_us: int) -> None:
    """Pairs that a list read at `seen_us` has."""
    connection, corp_id = work.connection, work.corp_id
    people = {one.person.external_userid: keys.person(one.person.external_userid) for one in told}
    work.read_contacts((one.follow.userid, people[one.person.external_userid]) for one in told)
    sources = rows.sources_of_states(connection, corp_id, {one.follow.state or "" for one in told})
    by_links = [one.person.external_userid for one in told if one.follow.add_way == 16]
    by_link = rows.links_of(connection, corp_id, by_links)
    names = rows.tag_names(connection, corp_id)
    tags = _Tags(work)
    met: set[str] = set()
    for one in told:
        userid, person = one.pair
        row = work.contact((userid, people[person]))
        card = _card(one)
        if row.card != card:
            _retag(work, tags, row, one, names, seen_us)
            if person not in met:
                met.add(person)
                _meet(work, one.person, one.follow, seen_us)
        _see(work, row, one, seen_us, by_link.get(one.pair) or sources.get(one.follow.state or ""))
        row.card, row.seen_us = card, seen_us


def asked_for(
    work: Work, keys: Keys, external_userid: str, told: Sequence[Told], seen_us: int, serving: set[str]
) -> None:
    """Everybody who is in touch with one person, as far as the app can see. Of `serving`, whoever is not among them is not
    in touch any more."""
    seen(work, keys, told, seen_us)
    key = keys.person(external_userid)
    if not told:
        work.read_contacts([("", key)])
    there = {one.follow.userid for one in told}
    settled = seen_us - SETTLED_US
    for pair, row in list(work.contacts.items()):
        if pair[1] != key or pair[0] in there or pair[0] not in serving or row.told_us >= settled:
            continue
        row = work.contact(pair)
        row.half_us = None
        if row.there and (row.added_us or 0) < settled:
            _tell_lost(work, row, external_userid, seen_us, "unknown")
            row.lost_us, row.lost_by = seen_us, "unknown"
            work.inferred += 1
        elif row.lost_by == "person":
            row.lost_by = "both"


def tags_gone(work: Work, tag_ids: Iterable[str], at_us: int) -> None:
    """Tags were deleted: nobody has them any more."""
    for tag_id in tag_ids:
        for row in rows.contacts_tagged(work.connection, work.corp_id, tag_id):
            work.contacts.setdefault((row.userid, row.external_userid), row)
        holders: dict[str, str] = {}
        for pair, row in work.contacts.items():
            if tag_id in row.tags:
                holders[pair[1]] = work.contact(pair).tags.pop(tag_id)
        for person, name in holders.items():
            work.facts.append(_tag(TagRemoved, person, name, tag_id, at_us))


def _see(work: Work, row: ContactRow, one: Told, seen_us: int, source_name: str | None) -> None:
    follow, person = one.follow, one.person.external_userid
    since = follow.createtime * SECOND_US or row.added_us or seen_us
    before = row.added_us
    row.half_us, row.add_way, row.state = None, follow.add_way, follow.state or row.state
    if before is None or since > before + SAME_US:
        if row.there:
            _tell_lost(work, row, person, since - 1, "unknown")  # nobody comes twice who has not gone
            work.inferred += 1
        _tell_added(work, row, person, since, source_name, follow.state or "")
        row.added_us = since
        if row.lost_us is not None and row.lost_us < since:
            row.lost_us = row.lost_by = None
    elif row.lost_by == "unknown" and row.lost_us is not None and row.lost_us < seen_us - SETTLED_US:
        _tell_added(work, row, person, seen_us, source_name, follow.state or "")
        work.inferred += 1
        row.lost_us = row.lost_by = None


def _meet(work: Work, person: ExternalContact, follow: Follow, seen_us: int) -> None:
    id = rows.contact(person.external_userid)
    known = {
        "gender": _GENDER.get(person.gender),
        "avatar": person.avatar or None,
        "position": person.position,
        "corp_name": person.corp_name,
        "phones": list(follow.remark_mobiles) or None,
    }
    work.profiles.append(Profile(id, person.name or None, {k: v for k, v in known.items() if v is not None}))
    if person.unionid:
        work.links.append(Link(id, rows.union(person.unionid), follow.createtime * SECOND_US or seen_us))


class _Tags:
    """The tags of people, over all who are in touch with them."""

    def __init__(self, work: Work) -> None:
        self._rows: dict[str, list[ContactRow]] = {}
        for row in work.contacts.values():
            self._rows.setdefault(row.external_userid, []).append(row)

    def of_others(self, row: ContactRow) -> set[str]:
        """Tags of the same person that somebody else than this member of staff has put."""
        return {
            tag for other in self._rows.get(row.external_userid, ()) if other.userid != row.userid for tag in other.tags
        }

    def add(self, row: ContactRow) -> None:
        of = self._rows.setdefault(row.external_userid, [])
        if row not in of:
            of.append(row)


def _retag(work: Work, tags: _Tags, row: ContactRow, one: Told, names: Mapping[str, str], seen_us: int) -> None:
    now = {tag_id: row.tags.get(tag_id) or names.get(tag_id, tag_id) for tag_id in one.tag_ids}
    if now == row.tags:
        return
    others, person = tags.of_others(row), one.person.external_userid
    at_us = row.edited_us if row.edited_us > row.seen_us else seen_us
    for tag_id in sorted(now.keys() - row.tags.keys() - others):
        work.facts.append(_tag(TagPut, person, now[tag_id], tag_id, at_us))
    for tag_id in sorted(row.tags.keys() - now.keys() - others):
        work.facts.append(_tag(TagRemoved, person, row.tags[tag_id], tag_id, at_us))
    row.tags = now
    tags.add(row)


def _tag(kind: type[TagPut] | type[TagRemoved], person: str, name: str, tag_id: str, at_us: int) -> TagPut | TagRemoved:
    source_id = source(kind.kind, person, tag_id, str(at_us))
    return kind(happened_us=at_us, source_id=source_id, person=rows.contact(person), tag=name)


def _tell_added(work: Work, row: ContactRow, person: str, at_us: int, source_name: str | None, state: str) -> None:
    work.facts.append(
        ContactAdded(
            happened_us=at_us, source_id=source("contact", "added", row.userid, row.external_userid, str(at_us)),
            person=rows.contact(person), staff=rows.staff(row.userid), source=source_name, state=state or None,
        )
    )  # fmt: skip


def _tell_lost(work: Work, row: ContactRow, person: str, at_us: int, by: str) -> None:
    work.facts.append(
        ContactLost(
            happened_us=at_us, source_id=source("contact", "lost", row.userid, row.external_userid, str(at_us)),
            person=rows.contact(person), staff=rows.staff(row.userid), by=by,
        )
    )  # fmt: skip


def _card(one: Told) -> str:
    return blake2b(msgspec.json.encode(one), digest_size=12).hexdigest()
