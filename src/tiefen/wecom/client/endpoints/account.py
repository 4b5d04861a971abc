"""Token, addresses and ids (https://developer.work.weixin.qq.com/document/path/91039, 92520, 92521, 95884)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.checks import at_most
from tiefen.wecom.client.wire import Reply


class Addresses(Reply, frozen=True, kw_only=True):
    ip_list: tuple[str, ...] = ()


class OpenId(msgspec.Struct, frozen=True):
    open_userid: str = ""
    userid: str = ""


class OpenIds(Reply, frozen=True, kw_only=True):
    userid_list: tuple[OpenId, ...] = ()
    invalid_open_userid_list: tuple[str, ...] = ()


class OwnExternalId(Reply, frozen=True, kw_only=True):
    external_userid: str = ""


class Account:
    """Who is asking, and from where WeCom calls."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def gettoken(self) -> str:
        """The access token of this secret: the one held, or a new one. Not for logs."""
        return self._api.transport.token()

    def getcallbackip(self) -> tuple[str, ...]:
        """The addresses callbacks come from; to be refreshed daily."""
        return self._api.get("getcallbackip", Addresses).ip_list

    def get_api_domain_ip(self) -> tuple[str, ...]:
        """The addresses the API answers at."""
        return self._api.get("get_api_domain_ip", Addresses).ip_list

    def openuserid_to_userid(self, open_userids: Sequence[str], *, source_agentid: int) -> OpenIds:
        """The corp's own ids of staff for a service provider's, ≤ 1,000."""
        at_most("batch/openuserid_to_userid", "open_userid_list", open_userids, 1_000)
        body = {"open_userid_list": list(open_userids), "source_agentid": source_agentid}
        return self._api.ask("batch/openuserid_to_userid", OpenIds, body)

    def from_service_external_userid(self, external_userid: str, *, source_agentid: int) -> str:
        """The corp's own id of an external contact for a service provider's."""
        body = {"external_userid": external_userid, "source_agentid": source_agentid}
        return self._api.ask("externalcontact/from_service_external_userid", OwnExternalId, body).external_userid
