"""What WeCom may answer instead of what was asked for: one class a situation, each knowing what to do next.

Which errcode is which situation is in `codes`. Only errcodes decide; `errmsg` and its hint are for logs (WeCom: "clients
must branch on errcode", https://developer.work.weixin.qq.com/document/path/90313).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from tiefen.kit.errors import TiefenError


@dataclass(eq=False)
class WeComError(TiefenError):
    """WeCom said no. `errmsg` is cut before its hint and free of secrets; `hint` finds the call in WeCom's own logs."""

    status = 502
    says = "WeCom answered {errcode} to {endpoint}: {errmsg}"
    final: ClassVar[bool] = True
    """Whether asking the same again is of no use before somebody changes something."""

    errcode: int
    errmsg: str
    endpoint: str
    hint: str = ""
    from_ip: str = field(default="", kw_only=True)
    """The address WeCom saw the call come from, where it says so: what belongs into 企业可信IP."""

    @property
    def retry_after(self) -> float | None:
        """Seconds after which asking again makes sense; None where it makes none."""
        return None


class UnknownError(WeComError):
    """An errcode nobody has described yet: kept, shown, and not asked again."""


@dataclass(eq=False)
class _Passing(WeComError):
    """Something that passes by itself."""

    final = False
    wait: ClassVar[float] = 1.0

    @property
    def retry_after(self) -> float | None:
        return self.wait


# ---- who is asking ------------------------------------------------------------------------------


class WrongSecret(WeComError):
    """Corp id and secret do not belong together, or one is missing. Repeating it bans the address for an hour."""


class TokenRefused(_Passing):
    """The token is malformed, unknown or over, and a fresh one did not help either."""

    wait = 60.0


class AppDisabled(WeComError):
    """The app was switched off in the console of WeCom."""


class Forbidden(WeComError):
    """This secret may not call this: an app not listed under 可调用接口的应用, or the secret of another capability."""


class OutOfScope(WeComError):
    """Whom or what the call is about lies outside what the app may see."""


class AddressRefused(_Passing):
    """The address calls come from is not among the app's 企业可信IP; a new one works after a minute."""

    wait = 60.0


class NotOurs(WeComError):
    """Only the app that made it may change it."""


# ---- how often ----------------------------------------------------------------------------------


@dataclass(eq=False)
class FrequencyLimited(WeComError):
    """Too many calls. `blocked_until` is in seconds since 1970, `window` one of minute, hour, day, month.

    Raised also by the client itself, before a call that would be refused.
    """

    final = False
    blocked_until: float = 0.0
    window: str = "minute"
    wait: float = 60.0

    @property
    def retry_after(self) -> float | None:
        return self.wait


class TooManyAtOnce(_Passing):
    """Too many calls of this endpoint at the same time."""

    wait = 1.0


class EditedAtOnce(_Passing):
    """The same record is being changed by another call."""

    wait = 1.0


class AbnormalAccess(_Passing):
    """WeCom finds the access to data abnormal."""

    wait = 3600.0


class Busy(_Passing):
    """WeCom is busy; three tries were made."""

    wait = 30.0


class NotYet(_Passing):
    """What was made just now is still being handed out; look again later."""

    wait = 60.0


# ---- what it was about --------------------------------------------------------------------------


class NoRelation(WeComError):
    """The two are not (or no longer, or not yet) in touch, or somebody has no external contacts: an answer, not a fault."""


class UnknownContact(WeComError):
    """No such external contact for this caller: the id is another caller's, or its staff lie outside the visible range."""


class UnknownStaff(WeComError):
    """No such staff, or outside the app's visible range."""


class UnknownDepartment(WeComError):
    """No such department."""


class UnknownGroup(WeComError):
    """No such group for this caller, or one that is not for external contacts."""


class GroupDismissed(WeComError):
    """The group is no more."""


class UnknownThing(WeComError):
    """What an id names (a task, a code, a rule, a moment, …) is not there."""


class AlreadySo(WeComError):
    """What was asked for is so already, or under way: cancelled, transferred, a name that exists."""


class CursorLost(WeComError):
    """The cursor is over, or belongs to another question: begin again from the first page."""


class ReplyTooBig(WeComError):
    """The reply would be too big: ask for less at once."""


# ---- sending ------------------------------------------------------------------------------------


class WelcomeTooLate(WeComError):
    """The welcome code is over (20 s), used or wrong."""


class WelcomeDelivered(WeComError):
    """They are in conversation already, or a welcome was delivered: as good as done, not to be repeated."""


class WelcomeUnderWay(_Passing):
    """Another app is sending with this code right now; worth asking again within the window."""

    wait = 0.5


class EmptyAudience(WeComError):
    """Nobody this message could be sent to."""


class NobodyReached(WeComError):
    """None of the receivers named is valid."""


class ArchiveConsentMissing(WeComError):
    """The contact has not agreed to the conversation archive."""


class MediaExpired(WeComError):
    """The uploaded file is gone (three days) or its id is wrong: upload it again."""


class MediaRefused(WeComError):
    """The file is empty, too large or of a kind that is not taken."""


class ContentRefused(WeComError):
    """What it says is not allowed on the platform."""


class StaffNotReady(WeComError):
    """The member of staff has never logged in or is not verified by their real name."""


class QuotaUsedUp(WeComError):
    """A number the platform or the company's plan sets is reached: codes, tags, templates, reminders, transfers, contacts."""


class NotTransferable(WeComError):
    """This external contact or group cannot be handed over (like this)."""


class BadRequest(WeComError):
    """WeCom finds the request itself wrong: a mistake of the caller."""


# ---- no answer, or none that can be read --------------------------------------------------------


@dataclass(eq=False)
class Unanswered(TiefenError):
    """No answer came. `maybe_done` says whether WeCom may nevertheless have done it; then it must be looked up."""

    status = 504
    says = "WeCom did not answer {endpoint}: {why}"
    final: ClassVar[bool] = False

    endpoint: str
    why: str
    maybe_done: bool = False

    @property
    def retry_after(self) -> float | None:
        """A minute, as far as asking again is right at all."""
        return 60.0


@dataclass(eq=False)
class MalformedReply(TiefenError):
    """What answered does not speak as WeCom does."""

    status = 502
    says = "The answer to {endpoint} cannot be read: {why}"

    endpoint: str
    why: str


@dataclass(eq=False)
class CursorRepeated(TiefenError):
    """A cursor came a second time: going on would never end."""

    status = 502
    says = "The pages of {endpoint} run in a circle after {pages} pages."

    endpoint: str
    pages: int


@dataclass(eq=False)
class LimitExceeded(TiefenError):
    """The platform's limit would be exceeded; nothing was sent."""

    says = "{field} of {endpoint} takes {limit}, and {given} were given."

    endpoint: str
    field: str
    limit: str
    given: str


@dataclass(eq=False)
class ClientClosed(TiefenError):
    """The client was closed while somebody waited."""

    status = 503
    says = "The connection to WeCom is closing."
