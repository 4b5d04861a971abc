"""What the API answers when it cannot do what was asked: `{code, message, facts}`, always."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from tiefen.kit.errors import TiefenError
from tiefen.web.answers import encoded

log = structlog.get_logger()


class Problem(BaseModel):
    """Why something could not be done."""

    code: str = Field(description="What the console translates by.")
    message: str = Field(description="An English sentence.")
    facts: dict[str, Any] = Field(default_factory=dict, description="What the sentence is about.")


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": says}
    for status, says in {
        400: "Understood, but cannot be.", 401: "Nobody is signed in.", 403: "Not allowed.", 404: "Not there.",
        409: "Not as things are.", 413: "Too large.", 415: "Not JSON.", 422: "Not understood.", 429: "Too often.",
    }.items()
}  # fmt: skip
"""Every way of saying no, for the schema."""


@dataclass(eq=False)
class NotSignedIn(TiefenError):
    status = 401
    says = "Sign in first."


@dataclass(eq=False)
class WrongCredentials(TiefenError):
    status = 401
    says = "This e-mail and password do not belong together."


@dataclass(eq=False)
class TooManyTries(TiefenError):
    status = 429
    says = "Too many tries; wait {seconds} seconds."

    seconds: int


@dataclass(eq=False)
class NotAllowed(TiefenError):
    status = 403
    says = "This needs the role {role}."

    role: str


@dataclass(eq=False)
class ForgedRequest(TiefenError):
    status = 403
    says = "The request does not come from the console: its CSRF token is missing or old. Reload the page."


@dataclass(eq=False)
class DayNotRead(TiefenError):
    status = 409
    says = "Nobody has asked for the numbers as of {day} yet; ask for them, and they are there in a minute."

    day: date


@dataclass(eq=False)
class AlreadySetUp(TiefenError):
    status = 409
    says = "There is an owner already; sign in instead."


@dataclass(eq=False)
class WeakPassword(TiefenError):
    says = "The password must have at least {least} characters and not be the e-mail."

    least: int


@dataclass(eq=False)
class NotFound(TiefenError):
    """Not there, or another company's, which is the same to whoever asks."""

    status = 404
    says = "There is no {what} {key}."

    what: str
    key: str


@dataclass(eq=False)
class MergedInto(TiefenError):
    status = 404
    says = "Person {person} is now part of person {into}."

    person: int
    into: int


@dataclass(eq=False)
class BadCursor(TiefenError):
    says = "The cursor `after` is not one that this list gave out."


@dataclass(eq=False)
class UnknownKey(TiefenError):
    says = "There is no {what} called {key}."

    what: str
    key: str


@dataclass(eq=False)
class BadWindow(TiefenError):
    says = "The days {start} to {end} are no window."

    start: str
    end: str


@dataclass(eq=False)
class UnknownTimeZone(TiefenError):
    says = "There is no time zone called {time_zone}."

    time_zone: str


@dataclass(eq=False)
class NotConfirmed(TiefenError):
    status = 409
    says = "To confirm, repeat the name exactly."


@dataclass(eq=False)
class NoFile(TiefenError):
    says = "Send one file, as the field `file` of a multipart form."


@dataclass(eq=False)
class BodyTooLarge(TiefenError):
    status = 413
    says = "The body is larger than {most} bytes."

    most: int


def problem(status: int, code: str, message: str, facts: dict[str, Any] | None = None) -> Response:
    """The answer to a request that cannot be served."""
    body = encoded({"code": code, "message": message, "facts": facts or {}})
    return Response(body, status_code=status, media_type="application/json", headers={"Cache-Control": "no-store"})


def problem_of(error: TiefenError) -> Response:
    answer = problem(error.status, error.code, str(error), error.facts)
    if isinstance(error, TooManyTries):
        answer.headers["Retry-After"] = str(error.seconds)
    return answer


def handle_errors(app: FastAPI) -> None:
    """One place where errors become answers."""

    @app.exception_handler(TiefenError)
    def said_no(_: Request, error: TiefenError) -> Response:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    def not_understood(_: Request, error: RequestValidationError) -> Response:
        wrong = [{"where": [str(at)[:80] for at in e["loc"]], "says": e["msg"]} for e in error.errors()[:20]]
        return problem(422, "not_understood", "The request is not as the schema says.", {"errors": wrong})

    @app.exception_handler(HTTPException)
    def http_no(_: Request, error: HTTPException) -> Response:
        code = {404: "not_found", 405: "method_not_allowed", 400: "not_understood"}.get(error.status_code, "refused")
        answer = problem(error.status_code, code, str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        log.error("a request failed", method=request.method, path=request.url.path, exc_info=error)
        return problem(500, "internal", "Something broke here; it has been logged.")
