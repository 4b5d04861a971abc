"""What every endpoint is made of: the call, its parameters, refusals, paging. See the package for how to add one."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from tiefen.sandbox.corps import App, Corp
from tiefen.sandbox.limits import Limit

if TYPE_CHECKING:
    import sqlite3

    from tiefen.sandbox.box import Sandbox

_LARGEST = 2**53


class Refused(Exception):
    """WeCom says no. `words` go before the code's own text; `fields` join the answer beside the endpoint's empty ones."""

    def __init__(self, errcode: int, words: str = "", **fields: Any) -> None:
        super().__init__(errcode, words)
        self.errcode, self.words, self.fields = errcode, words, fields


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came as multipart field `media`."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class File:
    """A success that is no JSON; parts of it may be asked for (Range)."""

    content: bytes
    content_type: str
    filename: str


@dataclass(slots=True)
class Call:
    """One call that was let in. Its methods read parameters and refuse as WeCom would.

    `body` is what stood in the body; of a GET the readers look into `params`. `now` is virtual.
    """

    box: Sandbox
    endpoint: Endpoint
    corp: Corp
    app: App
    params: Mapping[str, str]
    body: Mapping[str, Any]
    now: float
    ip: str
    upload: Upload | None = None

    # ---- parameters ----

    @property
    def given(self) -> Mapping[str, Any]:
        return self.params if self.endpoint.method == "GET" else self.body

    def has(self, name: str) -> bool:
        """Whether something other than null was given."""
        return self.given.get(name) is not None

    def text(
        self, name: str, *, most: int | None = None, most_bytes: int | None = None, missing: int | None = None
    ) -> str:
        """A text, "" if absent; `missing` is the errcode for an absent or empty one; longer ones are 40058."""
        value = self.given.get(name)
        if value is None or value == "":
            if missing is not None:
                raise Refused(missing, "" if missing != 40058 else f"missing `{name}`.")
            return ""
        if not isinstance(value, str):
            if self.box.strict or isinstance(value, list | dict):
                raise Refused(40058, f"invalid param '{name}'.")
            value = str(value)
        if most is not None and len(value) > most:
            raise Refused(40058, f"`{name}` exceed max utf8 words {most}.")
        if most_bytes is not None and len(value.encode()) > most_bytes:
            raise Refused(40058, f"`{name}` exceed max length {most_bytes}.")
        return value

    def number(
        self, name: str, default: int | None = None, *, least: int | None = None, most: int | None = None
    ) -> int:
        """A whole number; one outside its bounds, or absent without default, is 40058."""
        value = self.given.get(name)
        if value is None or value == "":
            if default is None:
                raise Refused(40058, f"missing `{name}`.")
            return default
        if isinstance(value, str) and (self.endpoint.method == "GET" or not self.box.strict):
            value = int(value) if value.lstrip("-").isdecimal() else None
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refused(40058, f"invalid param '{name}'.")
        if not (-_LARGEST if least is None else least) <= value <= (_LARGEST if most is None else most):
            raise Refused(40058, f"`{name}` out of range.")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false; 0 and 1 will do."""
        value = self.given.get(name)
        if value is None:
            return default
        if value not in (0, 1):
            raise Refused(40058, f"invalid param '{name}'.")
        return bool(value)

    def texts(
        self, name: str, *, most: int | None = None, errcode: int = 40058, missing: int | None = None
    ) -> list[str]:
        """A list of texts; `errcode` for more than `most`, `missing` for none."""
        return [str(value) for value in self._list(name, str, most, errcode, missing)]

    def numbers(self, name: str, *, most: int | None = None, errcode: int = 40058) -> list[int]:
        values: list[int] = self._list(name, int, most, errcode, None)
        if any(abs(value) > _LARGEST for value in values):
            raise Refused(40058, f"`{name}` out of range.")
        return values

    def objects(self, name: str, *, most: int | None = None, errcode: int = 40058) -> list[dict[str, Any]]:
        return [dict(value) for value in self._list(name, dict, most, errcode, None)]

    def within(self, name: str) -> Call:
        """The same call reading what stands in one object of the body; an absent one is empty."""
        value = self.given.get(name)
        if value is not None and not isinstance(value, dict):
            raise Refused(40058, f"invalid param '{name}'.")
        return Call(
            self.box, self.endpoint, self.corp, self.app, self.params, value or {}, self.now, self.ip, self.upload
        )

    def _list(self, name: str, kind: type, most: int | None, errcode: int, missing: int | None) -> list[Any]:
        value = self.given.get(name)
        if value is None:
            value = []
        if not isinstance(value, list):
            if self.box.strict or not isinstance(value, kind):
                raise Refused(40058, f"invalid param '{name}'.")
            value = [value]
        if not value and missing is not None:
            raise Refused(missing)
        if any(not isinstance(item, kind) or isinstance(item, bool) for item in value):
            raise Refused(40058, f"invalid param '{name}'.")
        if most is not None and len(value) > most:
            raise Refused(errcode, f"`{name}` exceed max size {most}." if errcode == 40058 else "")
        return value

    # ---- who and what the app may see ----

    @property
    def corpid(self) -> str:
        return self.corp.corpid

    def staff(self, userid: str, *, unknown: int = 60111, left: bool = False) -> sqlite3.Row:
        """The row of a member of staff who works here (`left`: or did) and lies in the app's visible range."""
        row = self.box.store.one("SELECT * FROM users WHERE corpid = ? AND userid = ?", self.corpid, userid)
        if row is None or (row["left_at"] is not None and not left) or not self.app.sees(row["userid"]):
            raise Refused(unknown)
        return row

    def visible_staff(self, *, follows: bool = False) -> list[str]:
        """Everybody at work within range; `follows` only those who may have customers."""
        rows = self.box.store.all(
            "SELECT userid, follows FROM users WHERE corpid = ? AND left_at IS NULL ORDER BY hired, userid", self.corpid
        )
        return [row["userid"] for row in rows if self.app.sees(row["userid"]) and (row["follows"] or not follows)]

    def relation(self, userid: str, external_userid: str) -> sqlite3.Row:
        """The row of a pair the API may touch. 60111 staff, 40096 unknown customer, 84061 no relation (or a half one)."""
        staff = self.staff(userid)
        self.external(external_userid)
        row = self.box.store.one(
            "SELECT * FROM follows WHERE corpid = ? AND userid = ? AND external_userid = ?",
            self.corpid, staff["userid"], external_userid,
        )  # fmt: skip
        if row is None or row["half"] or row["left_by_staff"] is not None or row["owner_left"] is not None:
            raise Refused(84061)
        return row

    def external(self, external_userid: str) -> str:
        """The person behind an external id of this company; 40096 otherwise."""
        person = self.box.store.value(
            "SELECT person FROM externals WHERE external_userid = ? AND corpid = ?", external_userid, self.corpid
        )
        if person is None:
            raise Refused(40096)
        return str(person)

    def media(self, media_id: str, *, purpose: str = "media") -> sqlite3.Row:
        """The row of an uploaded file; 40007 for one there never was or of another purpose, 40145 past its three days."""
        row = self.box.store.one(
            "SELECT * FROM media WHERE media_id = ? AND corpid = ? AND purpose = ?", media_id, self.corpid, purpose
        )
        if row is None:
            raise Refused(40007)
        if row["expires"] is not None and row["expires"] <= self.now:
            raise Refused(40145)
        return row

    def needs(self, permission: str) -> None:
        """48002 for an app without it."""
        if permission not in self.app.permissions:
            raise Refused(48002)

    # ---- ids and paging ----

    def new_id(self, kind: str, prefix: str = "", length: int = 30) -> str:
        """A new id of this kind, the same in every run with the same seed."""
        number = self.box.store.number(kind)
        return prefix + self.box.seeds.text(kind, self.corpid, number, length=length - len(prefix))

    def cursor(self, filters: object = None, name: str = "cursor") -> list[Any] | None:
        """Where to go on: what was given to `next_cursor`; None at the beginning.

        50100 for one that is made up, of another endpoint or too old; 60268 if `filters` are not what they were.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            if not hmac.compare_digest(raw[:8], self._mac(raw[8:])):
                raise Refused(50100)
            path, digest, until, values = msgspec.json.decode(raw[8:])
        except (ValueError, msgspec.DecodeError):
            raise Refused(50100) from None
        if path != self.endpoint.path or (until is not None and until <= self.now):
            raise Refused(50100)
        if digest != _digest(filters):
            raise Refused(60268)
        return list(values)

    def next_cursor(self, *values: Any, filters: object = None, lives: float | None = None) -> str:
        """An opaque cursor that holds `values` (JSON); `lives` seconds, for ever without."""
        until = None if lives is None else self.now + lives
        raw = msgspec.json.encode([self.endpoint.path, _digest(filters), until, values])
        return base64.urlsafe_b64encode(self._mac(raw) + raw).decode().rstrip("=")

    def _mac(self, raw: bytes) -> bytes:
        key = self.box.seeds.bytes("cursor", self.corpid, self.app.agentid)
        return hashlib.blake2b(raw, key=key, digest_size=8).digest()


def _digest(filters: object) -> str:
    return hashlib.blake2b(msgspec.json.encode(filters), digest_size=6).hexdigest()


Handler = Callable[[Call], "dict[str, Any] | File"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. `empty` are the collections that stay, empty, in an error."""

    path: str
    method: Literal["GET", "POST"]
    handler: Handler
    empty: Mapping[str, Any] = field(default_factory=dict)
    need: str = "auto"
    """The permission it asks of an app: `""` none; by default `contact` below externalcontact/, `archive` below msgaudit/."""
    limits: Sequence[Limit] = ()
    """Beyond those every endpoint has."""
    record: Callable[[Mapping[str, Any]], str | None] | None = None
    """What of the body it writes to: two calls at once for the same are 45035."""
    token: bool = True
    """Whether it asks for an access token."""
    errmsg: str = "ok"
    """What a success says."""

    @property
    def permission(self) -> str:
        if self.need != "auto":
            return self.need
        if self.path.startswith("externalcontact/"):
            return "contact"
        return "archive" if self.path.startswith("msgaudit/") else ""


def china_day(at: float) -> float:
    """The midnight in China (UTC+8) on or before a time."""
    return (at + 28_800) // 86_400 * 86_400 - 28_800


__all__ = ["Call", "Endpoint", "File", "Handler", "Limit", "Refused", "Upload", "china_day"]
