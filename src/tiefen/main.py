"""One process: the ledger, the doors, the console and the work behind them."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from tiefen.insight.readings import Readings
from tiefen.intake.track import routes as track_routes
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.web.app import create_app
from tiefen.wecom.callbacks import Callbacks
from tiefen.wecom.mirror import Mirror
from tiefen.wecom.sync import clock_of
from tiefen.worker import Worker


@dataclass
class PortTaken(OSError):
    """Somebody else listens on the port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port} is taken; choose another with --port"


@dataclass(frozen=True)
class House:
    """Everything that runs in the process."""

    settings: Settings
    ledger: Ledger
    readings: Readings
    worker: Worker
    callbacks: Callbacks
    app: ASGIApp


@contextmanager
def house(settings: Settings, *, work: bool = True) -> Iterator[House]:
    """Open everything on a data folder, and close it again in the right order."""
    with Ledger.open(settings) as ledger:
        ledger.ensure_corp("main")
        readings = Readings(settings)
        worker = Worker(ledger, settings, readings)
        callbacks = Callbacks(ledger, lambda of: Mirror(ledger, of.corp_id, clock=clock_of(of)))
        app = create_app(ledger, settings, readings, worker, extra_routes=track_routes(ledger))
        if work:
            callbacks.start()
            worker.start()
        try:
            yield House(settings, ledger, readings, worker, callbacks, callbacks.in_front_of(app))
        finally:
            callbacks.close()
            if work:
                worker.close()


def listen(settings: Settings) -> socket.socket:
    """A socket on the wished address; port 0 takes any free one."""
    wished = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET, socket.SOCK_STREAM)
    wished.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        wished.bind((settings.host, settings.port))
    except OSError as error:
        wished.close()
        raise PortTaken(settings.host, settings.port) from error
    wished.listen(1024)
    return wished


def serve(home: House, at: socket.socket, *, started: Callable[[], None] | None = None) -> None:
    """Answer requests until told to stop (SIGINT, SIGTERM). `started` runs in a thread once the door is open."""
    config = uvicorn.Config(
        home.app, log_level="warning", access_log=False, timeout_graceful_shutdown=5, ws="none", lifespan="off"
    )
    server = uvicorn.Server(config)
    # Most of what a request makes is gone with it. Looking for cycles every 700 objects cost a tenth of the intake's time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    if started:
        threading.Thread(target=_once_open, args=(server, started), name="tiefen-started", daemon=True).start()
    server.run(sockets=[at])


def _once_open(server: uvicorn.Server, started: Callable[[], None]) -> None:
    waited = threading.Event()
    while not server.started:
        if waited.wait(0.02) or server.should_exit:
            return
    started()
