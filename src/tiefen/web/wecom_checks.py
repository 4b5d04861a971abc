"""Whether a connection to WeCom works: each thing the guided page asks for, tried live and told in codes.

A check asks WeCom for as little as it can and waits as short as it may: somebody is looking at the page.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from tiefen.wecom.client import FrequencyLimited, Limits, MalformedReply, NoRelation, Unanswered, WeCom, WeComError
from tiefen.wecom.client.errors import ReplyTooBig
from tiefen.wecom.connections import Connection

State = Literal["ok", "failed", "unknown"]
T = TypeVar("T")
_SHORT = Limits(tries=1, crowded_tries=2, timeout=6.0)
_PATIENCE = 1.0
_DAY = 86_400
_NO_ANSWER = frozenset({"unanswered", "malformed"})


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one check. `unknown` is one that an earlier failure kept from being tried."""

    key: str
    state: State
    code: str = ""
    """An errcode of WeCom's, or `unanswered`, `malformed`, `nobody`."""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Answer(Generic[T]):
    value: T | None = None
    code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def found(self, key: str, **more: Any) -> Found:
        return Found(key, "failed" if self.code else "ok", self.code, {**self.facts, **more})


REQUIRED = ("contacts", "groups", "tags", "staff")
"""What Tiefen cannot do without; each of the others is one feature."""
CAPABILITIES: Mapping[str, Callable[[WeCom], object]] = {
    "contacts": lambda api: api.directory.get_follow_user_list(),
    "groups": lambda api: api.groups.list(limit=1),
    "tags": lambda api: api.tags.get_corp_tag_list(),
    "staff": lambda api: api.directory.department_simplelist(),
    "ways": lambda api: api.ways.list_contact_way(limit=1),
    "messages": lambda api: api.messages.get_groupmsg_list_v2(*_yesterday(), limit=1),
    "moments": lambda api: api.moments.get_moment_list(*_yesterday(), limit=1),
    "handover": lambda api: api.handover.get_unassigned_list(page_size=1),
    "links": lambda api: api.acquisition.list_link(limit=1),
}
"""What an app may be allowed to do, and the smallest question that tells."""


def check(of: Connection) -> list[Found]:
    """Every check, in the order of the steps. Takes a second or two, and at most some ten where WeCom does not answer."""
    with WeCom(of.base_url, of.corpid, of.secret, agentid=of.agentid, limits=_SHORT, patience=_PATIENCE) as api:
        token = _asked(api.account.gettoken)
        found = [token.found("token")]
        if token.code and token.code != "60020":
            found += [Found("ip", "unknown"), Found("range", "unknown"), *_untried()]
        else:
            found += _as_app(api)
    return found + _archive(of)


def _as_app(api: WeCom) -> list[Found]:
    staff = _asked(api.directory.get_follow_user_list)
    if staff.code == "60020" or staff.code in _NO_ANSWER:
        return [staff.found("ip"), Found("range", "unknown"), *_untried()]
    return [Found("ip", "ok"), _range(staff), *_capabilities(api)]


def _range(staff: _Answer[tuple[str, ...]]) -> Found:
    """How many of the staff whom the app may see have customers."""
    if staff.code == "48002":
        return Found("range", "unknown")
    if not staff.code and not staff.value:
        return Found("range", "failed", "nobody")
    return staff.found("range", staff=len(staff.value or ()))


def _capabilities(api: WeCom) -> list[Found]:
    found: list[Found] = []
    answers = True
    for key, ask in CAPABILITIES.items():
        if not answers:
            found.append(_may(key, Found("", "unknown")))
            continue
        one = _asked(lambda ask=ask: ask(api))  # type: ignore[misc]
        answers = one.code not in _NO_ANSWER
        found.append(_may(key, one.found("")))
    return found


def _may(key: str, one: Found) -> Found:
    return Found(f"may_{key}", one.state, one.code, {**one.facts, "required": key in REQUIRED})


def _untried() -> list[Found]:
    return [_may(key, Found("", "unknown")) for key in CAPABILITIES]


def _archive(of: Connection) -> list[Found]:
    """The conversation archive, where a secret for it was given."""
    if not of.archive_secret:
        return []
    with WeCom(of.base_url, of.corpid, of.archive_secret, limits=_SHORT, patience=_PATIENCE) as api:
        staff = _asked(api.archive.get_permit_user_list)
        return [staff.found("archive", staff=len(staff.value or ()))]


def _asked(ask: Callable[[], T]) -> _Answer[T]:
    try:
        return _Answer(ask())
    except (NoRelation, ReplyTooBig):
        return _Answer()
    except FrequencyLimited as error:
        return _Answer(code="45009", facts={"until": error.blocked_until})
    except WeComError as error:
        facts = {"errmsg": error.errmsg, "hint": error.hint, "ip": error.from_ip}
        return _Answer(code=str(error.errcode), facts={key: value for key, value in facts.items() if value})
    except Unanswered as error:
        return _Answer(code="unanswered", facts={"why": error.why[:200]})
    except MalformedReply as error:
        return _Answer(code="malformed", facts={"why": error.why[:200]})


def _yesterday() -> tuple[int, int]:
    now = int(time.time())
    return now - _DAY, now
