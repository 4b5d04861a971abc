"""The sandbox in the background: a server, a clock that runs, callbacks that go out."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
import uvicorn

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

log = structlog.get_logger()
_TICK = 0.05
_WRITE_TIME_EVERY = 5.0


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; OSError if the port is taken."""
    at = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    at.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        at.bind((host, port))
    except OSError:
        at.close()
        raise
    at.listen(512)
    return at


@contextmanager
def serving(box: Sandbox, host: str, port: int) -> Iterator[str]:
    """A server on a thread of its own; everything is stopped when the block ends."""
    at = listen(host, port)
    config = uvicorn.Config(
        box.app, log_config=None, access_log=False, lifespan="off", server_header=False, date_header=False,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([at],), name="sandbox", daemon=True)
    with running(box):
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        try:
            yield f"http://{f'[{host}]' if ':' in host else host}:{at.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
            at.close()


@contextmanager
def running(box: Sandbox) -> Iterator[None]:
    """Do what falls due as time passes, and send what is in the outbox."""
    stop = threading.Event()
    clock = threading.Thread(target=_run, args=(box, stop), name="sandbox-clock", daemon=True)
    clock.start()
    box.outbox.start()
    try:
        yield
    finally:
        stop.set()
        clock.join(10)
        box.outbox.stop()


def _run(box: Sandbox, stop: threading.Event) -> None:
    written = time.monotonic()
    while not stop.wait(_TICK):
        try:
            box.catch_up()
        except Exception:
            log.exception("work that fell due failed")
        if time.monotonic() - written > _WRITE_TIME_EVERY:
            written = time.monotonic()
            with box.store.unit():
                box.keep_time()
