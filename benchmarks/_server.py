"""A server in a process of its own, and clients that cost little beside it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import psutil

from tiefen.kit.settings import Settings
from tiefen.ledger.keys import add_write_key
from tiefen.ledger.ledger import Ledger

CORP = "main"


@dataclass
class Server:
    """Where it answers, and the processes that do."""

    port: int
    process: subprocess.Popen[bytes]
    started_seconds: float

    def cpu_seconds(self) -> float:
        times = [process.cpu_times() for process in self._processes()]
        return float(sum(one.user + one.system for one in times))

    def peak_mb(self) -> float:
        return float(sum(process.memory_info().rss for process in self._processes())) / 2**20

    def _processes(self) -> list[psutil.Process]:
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def write_key(data: Path) -> str:
    """A key for a company on a fresh folder."""
    with Ledger.open(Settings(data=data)) as ledger:
        ledger.ensure_corp(CORP)
        return add_write_key(ledger, CORP, "bench")


@contextmanager
def running(data: Path, *arguments: str, **environment: str) -> Iterator[Server]:
    """`tiefen up --empty`, from the moment it answers /healthz; ended when left."""
    port = free_port()
    began = time.monotonic()
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("tiefen")), "up", "--data", str(data), "--port", str(port), "--empty", *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment},
    )  # fmt: skip
    try:
        while not answers(port):
            if process.poll() is not None:
                raise RuntimeError("the server ended while it was starting")
            time.sleep(0.02)
        yield Server(port, process, time.monotonic() - began)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(port: int) -> bool:
    try:
        return get(port, "/healthz")[0] == 200
    except OSError:
        return False


def get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def bodies(calls: Sequence[dict[str, Any]], key: str, batch: int) -> list[bytes]:
    """Bodies for /v1/batch."""
    return [
        msgspec.json.encode({"writeKey": key, "batch": calls[start : start + batch]})
        for start in range(0, len(calls), batch)
    ]


@dataclass
class Sent:
    """What clients saw."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    """Places of the bodies that were answered with 200."""


def send(port: int, work: Sequence[bytes], clients: int) -> Sent:
    """Send all bodies over so many connections; each takes every so-many-th. A connection that breaks ends its client."""
    sent = Sent()
    threads = [Thread(target=_client, args=(port, work, first, clients, sent)) for first in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent.seconds = time.monotonic() - began
    return sent


def _client(port: int, work: Sequence[bytes], first: int, step: int, sent: Sent) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        for place in range(first, len(work), step):
            began = time.monotonic()
            while True:
                connection.request("POST", "/v1/batch", work[place], {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 429:
                    break
                time.sleep(float(answer.headers.get("Retry-After", "1")))
            if answer.status != 200:
                raise RuntimeError(f"answered {answer.status}")
            sent.latencies.append(time.monotonic() - began)
            sent.acknowledged.append(place)
    except (OSError, http.client.HTTPException):
        return
    finally:
        connection.close()


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
