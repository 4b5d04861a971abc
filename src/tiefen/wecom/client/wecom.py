"""The client of one corp with one secret: every endpoint by subject."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import httpx

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.clock import Clock, WallClock
from tiefen.wecom.client.endpoints.account import Account
from tiefen.wecom.client.endpoints.acquisition import Acquisition
from tiefen.wecom.client.endpoints.albums import Albums
from tiefen.wecom.client.endpoints.archive import Archive
from tiefen.wecom.client.endpoints.blocked_words import BlockedWords
from tiefen.wecom.client.endpoints.contacts import Contacts
from tiefen.wecom.client.endpoints.directory import Directory
from tiefen.wecom.client.endpoints.group_welcomes import GroupWelcomes
from tiefen.wecom.client.endpoints.groups import Groups
from tiefen.wecom.client.endpoints.handover import Handover
from tiefen.wecom.client.endpoints.join_ways import JoinWays
from tiefen.wecom.client.endpoints.media import Media
from tiefen.wecom.client.endpoints.messages import Messages
from tiefen.wecom.client.endpoints.moments import Moments
from tiefen.wecom.client.endpoints.sidebar import Sidebar
from tiefen.wecom.client.endpoints.staff_messages import StaffMessages
from tiefen.wecom.client.endpoints.statistics import Statistics
from tiefen.wecom.client.endpoints.tags import Tags
from tiefen.wecom.client.endpoints.ways import Ways
from tiefen.wecom.client.lanes import Usage
from tiefen.wecom.client.limits import Limits
from tiefen.wecom.client.shared import PROCESS, Shared
from tiefen.wecom.client.transport import Transport

OFFICIAL = "https://qyapi.weixin.qq.com"


class WeCom:
    """WeCom as one app of one corp sees it. Thread-safe; clients of one corp share tokens, budgets and locks.

    `patience` is how many seconds a call may wait for its turn when a budget is used up or WeCom has blocked the
    endpoint; beyond it `FrequencyLimited` is raised at once, with the time until which it is blocked. A page somebody
    looks at has little patience, a sync has hours: `api.patient(7200).contacts.list(…)`.
    """

    def __init__(
        self, base_url: str, corpid: str, secret: str, *, agentid: int = 0, limits: Limits | None = None,
        patience: float = 2.0, archive_url: str = "", clock: Clock | None = None, shared: Shared = PROCESS,
        wire: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        transport = Transport(base_url, corpid, secret, limits or Limits(), clock or WallClock(), shared, wire)
        self._set(Api(transport, patience, agentid), archive_url)

    def _set(self, api: Api, archive_url: str) -> None:
        self._api, self._archive_url = api, archive_url
        self.account = Account(api)
        self.acquisition = Acquisition(api)
        self.contacts = Contacts(api)
        self.directory = Directory(api)
        self.groups = Groups(api)
        self.join_ways = JoinWays(api)
        self.statistics = Statistics(api)
        self.tags = Tags(api)
        self.albums = Albums(api)
        self.blocked_words = BlockedWords(api)
        self.group_welcomes = GroupWelcomes(api)
        self.handover = Handover(api)
        self.media = Media(api)
        self.messages = Messages(api)
        self.moments = Moments(api)
        self.sidebar = Sidebar(api)
        self.staff_messages = StaffMessages(api)
        self.archive = Archive(api, archive_url)
        self.ways = Ways(api)

    def __repr__(self) -> str:
        return f"WeCom({self.base_url!r}, {self.corpid!r}, agentid={self._api.agentid})"

    @property
    def base_url(self) -> str:
        return self._api.transport.base_url

    @property
    def corpid(self) -> str:
        return self._api.transport.corpid

    @property
    def clock(self) -> Clock:
        return self._api.transport.clock

    def patient(self, seconds: float) -> WeCom:
        """The same client for a caller who will wait so long."""
        view = WeCom.__new__(WeCom)
        view._set(Api(self._api.transport, seconds, self._api.agentid), self._archive_url)
        return view

    def usage(self) -> list[Usage]:
        """What this process has used of each endpoint's budget, and what went wrong last."""
        return self._api.transport.usage()

    def close(self) -> None:
        """Let go of the connections; whoever waits gets `ClientClosed`."""
        self._api.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()
