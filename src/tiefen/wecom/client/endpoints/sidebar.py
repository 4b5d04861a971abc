"""Tickets and signatures of the chat sidebar (https://developer.work.weixin.qq.com/document/path/90506)."""

from __future__ import annotations

import hashlib

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.wire import Reply


class Ticket(Reply, frozen=True, kw_only=True):
    ticket: str
    expires_in: int = 7200


class Sidebar:
    """The two tickets are never to be mixed. 400 and 100 calls an hour: whoever asks keeps them for their life."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def get_jsapi_ticket(self) -> Ticket:
        """The corp's ticket, for `config`."""
        return self._api.get("get_jsapi_ticket", Ticket)

    def ticket_get(self) -> Ticket:
        """The app's ticket, for `agentConfig`."""
        return self._api.get("ticket/get", Ticket, type="agent_config")


def sign(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """The signature of a page: fixed order, nothing encoded, the address without its fragment."""
    page = url.partition("#")[0]
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
