"""Handover, on the job and after leaving.

https://developer.work.weixin.qq.com/document/path/92125, 94088, 95703, 92124, 94081, 94082, 92127
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.checks import at_most, between, some
from tiefen.wecom.client.paging import every_page
from tiefen.wecom.client.wire import Page, Reply, given


class Transferring(msgspec.Struct, frozen=True, kw_only=True):
    """`errcode` 0 means begun: it takes effect after 24 hours, and the contact may refuse."""

    external_userid: str
    errcode: int = 0


class Transferrings(Reply, frozen=True, kw_only=True):
    customer: tuple[Transferring, ...] = ()


class Transferred(msgspec.Struct, frozen=True, kw_only=True):
    external_userid: str
    status: int = 0
    """1 done, 2 waiting, 3 refused, 4 the taker may have no more contacts."""
    takeover_time: int = 0
    """Of those waiting the time it will happen."""


class TransferResults(Page, frozen=True, kw_only=True):
    customer: tuple[Transferred, ...] = ()


class FailedGroup(msgspec.Struct, frozen=True, kw_only=True):
    chat_id: str
    errcode: int = 0
    errmsg: str = ""


class GroupTransfer(Reply, frozen=True, kw_only=True):
    failed_chat_list: tuple[FailedGroup, ...] = ()


class Unassigned(msgspec.Struct, frozen=True, kw_only=True):
    handover_userid: str
    external_userid: str
    dimission_time: int = 0


class UnassignedPage(Page, frozen=True, kw_only=True):
    info: tuple[Unassigned, ...] = ()
    is_last: bool = False


class Handover:
    """Contacts twice in 90 days at most; groups twice in 90 days, 300 a day and owner."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def transfer_customer(
        self, handover_userid: str, takeover_userid: str, external_userids: Sequence[str], *,
        transfer_success_msg: str | None = None,
    ) -> tuple[Transferring, ...]:  # fmt: skip
        """Hand over ≤ 100 contacts of somebody who still works here."""
        endpoint = "externalcontact/transfer_customer"
        at_most(endpoint, "transfer_success_msg", transfer_success_msg, 200)
        more = given(transfer_success_msg=transfer_success_msg)
        return self._transfer(endpoint, handover_userid, takeover_userid, external_userids, more)

    def transfer_result(self, handover_userid: str, takeover_userid: str, cursor: str = "") -> TransferResults:
        endpoint = "externalcontact/transfer_result"
        return self._result(endpoint, handover_userid, takeover_userid, cursor)

    def every_transfer(
        self, handover_userid: str, takeover_userid: str, cursor: str = ""
    ) -> Iterator[tuple[TransferResults, str]]:
        def ask(at: str) -> TransferResults:
            return self.transfer_result(handover_userid, takeover_userid, at)

        return every_page("externalcontact/transfer_result", ask, cursor)

    def onjob_transfer(self, chat_ids: Sequence[str], new_owner: str) -> tuple[FailedGroup, ...]:
        """Give 1 to 100 groups of staff who still work here another owner; returns those it failed for."""
        return self._groups("externalcontact/groupchat/onjob_transfer", chat_ids, new_owner)

    def get_unassigned_list(self, cursor: str = "", page_size: int = 1_000) -> UnassignedPage:
        """Contacts of those who left whom nobody has taken over."""
        endpoint = "externalcontact/get_unassigned_list"
        between(endpoint, "page_size", page_size, 1, 1_000)
        return self._api.ask(endpoint, UnassignedPage, {"cursor": cursor, "page_size": page_size})

    def every_unassigned(self, cursor: str = "") -> Iterator[tuple[UnassignedPage, str]]:
        return every_page("externalcontact/get_unassigned_list", self.get_unassigned_list, cursor)

    def resigned_transfer_customer(
        self, handover_userid: str, takeover_userid: str, external_userids: Sequence[str]
    ) -> tuple[Transferring, ...]:
        """Hand over ≤ 100 contacts of somebody who left within the last year."""
        endpoint = "externalcontact/resigned/transfer_customer"
        return self._transfer(endpoint, handover_userid, takeover_userid, external_userids, {})

    def resigned_transfer_result(self, handover_userid: str, takeover_userid: str, cursor: str = "") -> TransferResults:
        endpoint = "externalcontact/resigned/transfer_result"
        return self._result(endpoint, handover_userid, takeover_userid, cursor)

    def every_resigned_transfer(
        self, handover_userid: str, takeover_userid: str, cursor: str = ""
    ) -> Iterator[tuple[TransferResults, str]]:
        def ask(at: str) -> TransferResults:
            return self.resigned_transfer_result(handover_userid, takeover_userid, at)

        return every_page("externalcontact/resigned/transfer_result", ask, cursor)

    def transfer(self, chat_ids: Sequence[str], new_owner: str) -> tuple[FailedGroup, ...]:
        """Give 1 to 100 groups of somebody who left another owner; returns those it failed for."""
        return self._groups("externalcontact/groupchat/transfer", chat_ids, new_owner)

    def _transfer(
        self, endpoint: str, giver: str, taker: str, external_userids: Sequence[str], more: dict[str, object]
    ) -> tuple[Transferring, ...]:
        some(endpoint, "external_userid", external_userids)
        at_most(endpoint, "external_userid", external_userids, 100)
        body = {"handover_userid": giver, "takeover_userid": taker, "external_userid": [*external_userids], **more}
        pairs = [(giver.lower(), external_userid) for external_userid in external_userids]
        return self._api.do(endpoint, Transferrings, body, *pairs).customer

    def _result(self, endpoint: str, giver: str, taker: str, cursor: str) -> TransferResults:
        body = {"handover_userid": giver, "takeover_userid": taker, "cursor": cursor}
        return self._api.ask(endpoint, TransferResults, body)

    def _groups(self, endpoint: str, chat_ids: Sequence[str], new_owner: str) -> tuple[FailedGroup, ...]:
        some(endpoint, "chat_id_list", chat_ids)
        at_most(endpoint, "chat_id_list", chat_ids, 100)
        body = {"chat_id_list": [*chat_ids], "new_owner": new_owner}
        return self._api.do(endpoint, GroupTransfer, body).failed_chat_list
