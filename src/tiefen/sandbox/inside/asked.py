"""What a request to the page's API asks for, read with care: whatever is not as described is refused in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tiefen.kit.errors import TiefenError
from tiefen.sandbox.box import Sandbox

MOST_TEXT = 4_000
_MOST_NUMBER = 2**53


@dataclass(eq=False)
class BadRequest(TiefenError):
    says: ClassVar[str] = "`{field}` {why}."

    field: str
    why: str


@dataclass(eq=False)
class Unknown(TiefenError):
    status: ClassVar[int] = 404
    says: ClassVar[str] = "There is no {what} {key}."

    what: str
    key: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: `path` from the address, `given` from the query of a GET or the JSON body of any other."""

    box: Sandbox
    path: Mapping[str, str]
    given: Mapping[str, Any]

    @property
    def corpid(self) -> str:
        """The company in the address; `UnknownCorp` for one there is not."""
        return self.box.corp(self.path["corpid"]).corpid

    def has(self, name: str) -> bool:
        return self.given.get(name) not in (None, "")

    def text(self, name: str, default: str | None = None, *, most: int = MOST_TEXT) -> str:
        value = self.given.get(name)
        if value is None or value == "":
            if default is None:
                raise BadRequest(name, "is missing")
            return default
        if not isinstance(value, str):
            raise BadRequest(name, "is not a text")
        if len(value) > most:
            raise BadRequest(name, f"is longer than {most} characters")
        _keepable(name, value)
        return value

    def number(self, name: str, default: float | None = None, *, least: float = 0, most: float = _MOST_NUMBER) -> float:
        value = self.given.get(name)
        if value is None or value == "":
            if default is None:
                raise BadRequest(name, "is missing")
            return default
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                raise BadRequest(name, "is not a number") from None
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise BadRequest(name, f"is not a number from {least:g} to {most:g}")
        return value

    def whole(self, name: str, default: int | None = None, *, least: int = 0, most: int = _MOST_NUMBER) -> int:
        value = self.number(name, default, least=least, most=most)
        if value != int(value):
            raise BadRequest(name, "is not a whole number")
        return int(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.given.get(name, default)
        if value in ("1", "true", "0", "false"):
            return value in ("1", "true")
        if not isinstance(value, bool):
            raise BadRequest(name, "is neither true nor false")
        return value

    def texts(self, name: str, *, most: int = 500) -> list[str]:
        value = self.given.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > most or not all(isinstance(one, str) for one in value):
            raise BadRequest(name, f"is not a list of at most {most} texts")
        for one in value:
            _keepable(name, one)
        return value

    def one_of(self, name: str, values: Sequence[str], default: str | None = None) -> str:
        value = self.text(name, default)
        if value not in values:
            raise BadRequest(name, f"is none of {', '.join(values)}")
        return value

    def limit(self, default: int = 50) -> int:
        return self.whole("limit", default, least=1, most=200)

    def after(self) -> str | None:
        return self.text("after", most=300) if self.has("after") else None

    def after_number(self) -> int | None:
        return self.whole("after") if self.has("after") else None


def _keepable(name: str, value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadRequest(name, "is not Unicode text") from None
    if "\0" in value:
        raise BadRequest(name, "holds U+0000")


def page(rows: Sequence[Any], limit: int, key: str) -> dict[str, Any]:
    """A page of rows and where the next one begins; `rows` has one more than fits where there is a next one."""
    shown = [dict(row) for row in rows[:limit]]
    return {"items": shown, "next": shown[-1][key] if len(rows) > limit else None}
