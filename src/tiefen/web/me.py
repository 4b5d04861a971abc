"""The way in: first visit, login, who am I, which company."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from tiefen.kit.settings import Settings
from tiefen.ledger.corps import FIRST, FIRST_NAMES
from tiefen.web import auth
from tiefen.web.answers import answer
from tiefen.web.context import Here, House, Owner, SignedIn
from tiefen.web.errors import NotFound, WrongCredentials
from tiefen.web.inputs import Name, ShortText

router = APIRouter(tags=["account"])
Email = Annotated[ShortText, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
Password = Annotated[str, Field(max_length=500)]


class SetUp(BaseModel):
    name: Name
    email: Email
    password: Password
    language: Literal["zh", "en"] = "zh"


class LogIn(BaseModel):
    email: ShortText
    password: Password


class Switch(BaseModel):
    corp_id: ShortText


def with_session(response: Response, secret: str, settings: Settings) -> Response:
    response.set_cookie(
        auth.COOKIE, secret, max_age=auth.SESSION_DAYS * 86_400, httponly=True, samesite="lax", path="/",
        secure=settings.secure_cookies,
    )  # fmt: skip
    return response


@router.get("/api/me")
def me(request: Request, house: Here) -> Response:
    """Whether somebody is signed in, who it is, and which companies there are."""
    who = auth.by_cookie(house.ledger, request.cookies.get(auth.COOKIE, ""))
    if who is None:
        state = "signed_out" if auth.anybody(house.ledger) else "first_visit"
        return answer({"state": state, "demo": any(corp.demo for corp in house.ledger.corps())})
    return answer(_told(house, who))


def _told(house: House, who: auth.Who) -> dict[str, Any]:
    corps = {corp.corp_id: corp for corp in house.ledger.corps()}
    corp = corps.get(who.corp_id) or corps[FIRST]
    return {
        "state": "signed_in", "csrf": who.csrf,
        "account": None if who.account_id is None else {
            "name": who.name, "email": who.email, "role": who.role, "language": who.language,
        },
        "corp": {
            "corp_id": corp.corp_id, "name": corp.name, "time_zone": corp.time_zone, "currency": corp.currency,
            "demo": corp.demo, "has_facts": house.ledger.facts(corp.corp_id) > 0,
            "language": corp.settings.get("language", who.language),
        },
        "corps": [{"corp_id": c.corp_id, "name": c.name, "demo": c.demo} for c in corps.values()],
        "has_accounts": auth.anybody(house.ledger),
    }  # fmt: skip


@router.post("/api/setup")
def set_up(given: SetUp, house: Here) -> Response:
    """The first visit: make the owner's account and sign in."""
    secret = auth.set_up(house.ledger, FIRST, given.name, given.email, given.password, given.language)
    if house.ledger.corp(FIRST).name in FIRST_NAMES.values():
        house.ledger.update_settings(FIRST, {"name": FIRST_NAMES[given.language]})
    return with_session(answer({"state": "signed_in"}), secret, house.settings)


@router.post("/api/login")
def log_in(given: LogIn, request: Request, house: Here) -> Response:
    """Sign in with e-mail and password."""
    if "\0" in given.email:
        raise WrongCredentials
    secret = auth.log_in(house.ledger, request.app.state.tries, given.email, given.password)
    return with_session(answer({"state": "signed_in"}), secret, house.settings)


@router.post("/api/logout")
def log_out(asked: SignedIn) -> Response:
    """End the session."""
    auth.log_out(asked.ledger, asked.who)
    response = answer({"state": "signed_out"})
    response.delete_cookie(auth.COOKIE, path="/")
    return response


@router.get("/login/{secret}", include_in_schema=False)
def follow(secret: str, house: Here) -> Response:
    """A one-time link: signs in and goes to the first page; a used one goes to the login."""
    session = auth.follow_link(house.ledger, secret)
    if session is None:
        return RedirectResponse("/?link=used", status_code=303)
    return with_session(RedirectResponse("/", status_code=303), session, house.settings)


@router.post("/api/corp/switch")
def switch(given: Switch, asked: SignedIn) -> Response:
    """Look at another company from now on."""
    auth.switch_corp(asked.ledger, asked.who, given.corp_id)
    return answer({"corp_id": given.corp_id})


@router.delete("/api/demo")
def remove_demo(asked: Owner) -> Response:
    """Remove the demo company and everything of it; whoever looked at it looks at their own from now on."""
    demo = [corp.corp_id for corp in asked.ledger.corps() if corp.demo]
    if not demo:
        raise NotFound("demo", "demo")
    for corp_id in demo:
        auth.leave_corp(asked.ledger, corp_id, FIRST)
        asked.ledger.remove_corp(corp_id)
    asked.ledger.update_settings(FIRST, {"demo_removed": True})
    auth.note(asked.ledger, FIRST, asked.who.label, "removed the demo", "")
    return answer({"removed": demo})
