"""WeCom's own counts (https://developer.work.weixin.qq.com/document/path/92132, 92133).

Days are those of UTC+8; the last 180 of them, 30 at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.checks import anything, at_most, between, one_of, some, span
from tiefen.wecom.client.paging import walk
from tiefen.wecom.client.wire import Reply, given


class GroupCounts(msgspec.Struct, frozen=True, kw_only=True):
    new_chat_cnt: int = 0
    chat_total: int = 0
    chat_has_msg: int = 0
    new_member_cnt: int = 0
    member_total: int = 0
    member_has_msg: int = 0
    msg_total: int = 0
    migrate_trainee_chat_cnt: int = 0


class GroupCountsOfOwner(msgspec.Struct, frozen=True, kw_only=True):
    owner: str
    data: GroupCounts


class GroupCountsByOwner(Reply, frozen=True, kw_only=True):
    total: int = 0
    next_offset: int = 0
    items: tuple[GroupCountsOfOwner, ...] = ()


class GroupCountsOfDay(msgspec.Struct, frozen=True, kw_only=True):
    stat_time: int
    data: GroupCounts


class GroupCountsByDay(Reply, frozen=True, kw_only=True):
    items: tuple[GroupCountsOfDay, ...] = ()


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What staff did on one day; shares are absent where there was nothing to reply to."""

    stat_time: int
    chat_cnt: int = 0
    message_cnt: int = 0
    reply_percentage: float | None = None
    avg_reply_time: int | None = None
    negative_feedback_cnt: int = 0
    new_apply_cnt: int = 0
    new_contact_cnt: int = 0


class BehaviourReply(Reply, frozen=True, kw_only=True):
    behavior_data: tuple[Behaviour, ...] = ()


class Statistics:
    """Counts of groups and of staff."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def statistic(
        self, day_begin_time: int, owners: Sequence[str], *, day_end_time: int | None = None, offset: int = 0,
        limit: int = 1_000, order_by: int = 1, order_asc: int = 0,
    ) -> GroupCountsByOwner:  # fmt: skip
        """Groups by owner over a stretch of days."""
        endpoint = "externalcontact/groupchat/statistic"
        _check(endpoint, day_begin_time, day_end_time, owners)
        between(endpoint, "limit", limit, 1, 1_000)
        one_of(endpoint, "order_by", order_by, (1, 2, 3, 4))
        body = _of_owners(day_begin_time, day_end_time, owners)
        body |= {"order_by": order_by, "order_asc": order_asc, "offset": offset, "limit": limit}
        return self._api.ask(endpoint, GroupCountsByOwner, body)

    def every_owner(
        self, day_begin_time: int, owners: Sequence[str], *, day_end_time: int | None = None, offset: int = 0
    ) -> Iterator[tuple[GroupCountsByOwner, int]]:
        def ask(at: int) -> GroupCountsByOwner:
            return self.statistic(day_begin_time, owners, day_end_time=day_end_time, offset=at)

        def following(page: GroupCountsByOwner) -> int:
            return page.next_offset if page.items and page.next_offset < page.total else 0

        return walk("externalcontact/groupchat/statistic", ask, offset, following)

    def statistic_group_by_day(
        self, day_begin_time: int, owners: Sequence[str], *, day_end_time: int | None = None
    ) -> tuple[GroupCountsOfDay, ...]:
        """Groups by day."""
        endpoint = "externalcontact/groupchat/statistic_group_by_day"
        _check(endpoint, day_begin_time, day_end_time, owners)
        return self._api.ask(endpoint, GroupCountsByDay, _of_owners(day_begin_time, day_end_time, owners)).items

    def get_user_behavior_data(
        self, start_time: int, end_time: int, *, userids: Sequence[str] = (), departments: Sequence[int] = ()
    ) -> tuple[Behaviour, ...]:
        """What staff did day by day; of several of them it is the sum."""
        endpoint = "externalcontact/get_user_behavior_data"
        anything(endpoint, "userid, partyid", userids, departments)
        at_most(endpoint, "userid", userids, 100)
        at_most(endpoint, "partyid", departments, 100)
        span(endpoint, start_time, end_time, 30)
        body = given(userid=list(userids) or None, partyid=list(departments) or None)
        body |= {"start_time": start_time, "end_time": end_time}
        return self._api.ask(endpoint, BehaviourReply, body).behavior_data


def _check(endpoint: str, begin: int, end: int | None, owners: Sequence[str]) -> None:
    some(endpoint, "owner_filter.userid_list", owners)
    at_most(endpoint, "owner_filter.userid_list", owners, 100)
    if end is not None:
        span(endpoint, begin, end, 30)


def _of_owners(begin: int, end: int | None, owners: Sequence[str]) -> dict[str, object]:
    return given(day_begin_time=begin, day_end_time=end, owner_filter={"userid_list": list(owners)})
