"""The application: the API, the tracking doors, the console's files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tiefen import __version__
from tiefen.decide.segments.preview import Warm
from tiefen.insight.questions.asking import Asking
from tiefen.insight.readings import Readings
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.web import (
    auth,
    broadcasts,
    cohorts,
    experiments,
    facts,
    findings,
    forest,
    funnels,
    group_kinds,
    groups,
    imports,
    invariants,
    journeys,
    launch_plans,
    launches,
    library,
    me,
    offer_ladder,
    one_person,
    outlook,
    overlap,
    overview,
    persons,
    playbooks,
    pressure,
    questions,
    segments,
    settings,
    sources,
    split,
    structure,
    talk,
    tasks,
    wecom,
)
from tiefen.web.answers import answer
from tiefen.web.context import House, Work
from tiefen.web.errors import PROBLEMS, handle_errors, problem

CONSOLE = Path(__file__).parent / "console"
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:;"
    " connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_UNBUILT = """<!doctype html><meta charset="utf-8"><title>Tiefen</title><body style="font:16px sans-serif;margin:4rem">
<h1>Tiefen</h1><p>The console has not been built. Run <code>scripts/up</code>, or in <code>console/</code>:
<code>npm ci &amp;&amp; npm run build</code>. The API is at <a href="/api/openapi.json">/api/openapi.json</a>."""


def create_app(
    ledger: Ledger, of: Settings, readings: Readings, worker: Work, *, extra_routes: Sequence[BaseRoute] = ()
) -> FastAPI:  # fmt: skip
    """Everything that answers HTTP. `extra_routes` are those of the tracking wire, which know no sessions."""
    app = FastAPI(
        title="Tiefen", version=__version__, openapi_url="/api/openapi.json", docs_url=None, redoc_url=None,
        responses=PROBLEMS,
    )  # fmt: skip
    app.state.house = House(ledger, of, readings, worker)
    app.state.tries = auth.Tries()
    app.state.asking = Asking(of)
    app.state.warm = Warm(of)
    app.router.routes[:0] = list(extra_routes)
    for module in (
        me,
        overview,
        group_kinds,
        groups,
        structure,
        overlap,
        persons,
        outlook,
        sources,
        findings,
        facts,
        imports,
        journeys,
        settings,
        one_person,
        split,
        talk,
        wecom,
        questions,
        cohorts,
        funnels,
        forest,
        launches,
        offer_ladder,
        broadcasts,
        launch_plans,
        library,
        segments,
        experiments,
        invariants,
        tasks,
        playbooks,
        pressure,
    ):
        app.include_router(module.router)
    handle_errors(app)
    app.add_middleware(GZipMiddleware, minimum_size=2_000, compresslevel=4)
    app.add_middleware(_Guarded)

    @app.get("/healthz", tags=["health"])
    def healthz() -> Response:
        """Whether the server works, and how many facts it keeps."""
        return answer({"status": "ok", "version": __version__, "facts": ledger.facts()})

    @app.get("/{path:path}", include_in_schema=False)
    def console(path: str) -> Response:
        return _file(path)

    return app


class _Guarded:
    """Headers that keep other pages from using this one, and a check that writes come from here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answering = _forged() if _from_elsewhere(scope) else self._app
        await answering(scope, receive, with_headers)


def _forged() -> Response:
    return problem(403, "forged_request", "The request comes from another page.")


def _from_elsewhere(scope: Scope) -> bool:
    """Whether another page asks to write."""
    if scope["method"] in {"GET", "HEAD", "OPTIONS"} or not scope["path"].startswith("/api/"):
        return False
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")


def _file(path: str) -> Response:
    """A file of the console; any other address is the console's own."""
    if path.startswith(("api/", "v1/")):
        return problem(404, "not_found", "There is nothing at this address.")
    wanted = _wanted(path)
    if wanted is not None:
        lasting = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
        return FileResponse(wanted, headers={"Cache-Control": lasting})
    if path.startswith("assets/"):
        return problem(404, "not_found", "There is no such file.")
    index = CONSOLE / "index.html"
    if not index.is_file():
        return HTMLResponse(_UNBUILT)
    return FileResponse(index, headers={"Cache-Control": "no-cache"})


def _wanted(path: str) -> Path | None:
    """The console's file at this address; None where there is none, or there could be none (too long, U+0000)."""
    try:
        wanted = (CONSOLE / path).resolve()
        return wanted if wanted.is_relative_to(CONSOLE) and wanted.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None
