"""A populated sandbox in a process of its own, for whoever shows one beside their own work."""

from __future__ import annotations

import csv
import multiprocessing
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from tiefen.sandbox import Sandbox

Progress = Callable[[float], None]
"""Told how far it is, 0 to 1."""
COSTS = "costs.csv"
"""What the brand spent on its sources in those days, beside the sandbox, as its bookkeeping would have it."""
_TOLD_EVERY = 0.3


@dataclass(eq=False)
class SandboxFailed(Exception):
    """The process ended, or could not begin."""

    why: str

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, slots=True)
class Size:
    """How large a population is, and from which seed."""

    groups: int = 40
    people: int = 8_000
    days: int = 365
    staff: int = 6
    seed: int = 7


class SandboxApart:
    """The sandbox of a folder, living: begins with `begin`, ends with `close` or with the process that began it."""

    def __init__(self, process: SpawnProcess, line: Connection) -> None:
        self._process, self._line = process, line

    @classmethod
    def begin(cls, data: Path, port: int, size: Size) -> SandboxApart:
        """Open the folder in a process of its own. It lives a history first if it has none, then serves on the port."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_live, args=(theirs, data, port, size), name="tiefen-sandbox", daemon=True)
        process.start()
        theirs.close()
        return cls(process, ours)

    def lived(self, progress: Progress) -> None:
        """Return when its history is lived. Nothing is told of it and nobody can ask before `serve`."""
        self._until("lived", progress)

    def serve(self) -> None:
        """Have it answer, tell what happened, and live on."""
        self._line.send("serve")
        self._until("serving", lambda _: None)

    def settled(self, progress: Progress) -> None:
        """Return when everything that had happened by `serve` is told."""
        self._until("settled", progress)

    def _until(self, what: str, progress: Progress) -> None:
        try:
            while (said := self._line.recv()) != what:
                if isinstance(said, str):
                    raise SandboxFailed(said)
                progress(said)
        except (EOFError, OSError) as error:
            raise SandboxFailed("its process ended") from error

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def close(self) -> None:
        """End it at a safe place."""
        self._line.close()
        self._process.join(timeout=10)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(timeout=5)


def _live(line: Connection, data: Path, port: int, size: Size) -> None:
    # Imported here: only this process needs a sandbox.
    from tiefen.sandbox import Sandbox
    from tiefen.sandbox.population.living import live, populate

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Sandbox.open(data, speed=None) as box:
            populate(
                box, groups=size.groups, people=size.people, days=size.days, staff=size.staff, seed=size.seed,
                progress=lambda lived, of: line.send(lived / of),
            )  # fmt: skip
            _write_costs(box, data / COSTS)
        line.send("lived")
        line.recv()
        with Sandbox.open(data) as box, box.serve(port):
            live(box)
            line.send("serving")
            first = max(box.outbox.waiting(), 1)
            while left := box.outbox.waiting():
                line.send(1 - min(left / first, 1.0))
                if _gone(line, _TOLD_EVERY):
                    return
            line.send("settled")
            while not _gone(line, 3_600):
                pass
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:
        line.send(f"{type(error).__name__}: {error}")
        raise


def _write_costs(box: Sandbox, path: Path) -> None:
    from tiefen.sandbox.population.key import costs

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["日期", "渠道", "花费"])
        writer.writerows((day, source, f"{fen / 100:.2f}") for day, source, fen in costs(box))


def _gone(line: Connection, seconds: float) -> bool:
    """Whether whoever began us has closed the line; waits so long to find out."""
    if not line.poll(seconds):
        return False
    try:
        line.recv()
    except (EOFError, OSError):
        return True
    return False
