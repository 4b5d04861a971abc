"""How far something has come: a bar in a terminal, a line every few seconds where nobody would see one (logs, containers)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

Say = Callable[[str, float], None]
"""(what is being done, how much of it is done, 0…1)."""

SECONDS = 5.0
"""At least so often something is said where there is no bar."""


@contextmanager
def progress(console: Console, *, every: float = SECONDS) -> Iterator[Say]:
    """Show how far the steps have come, for as long as they take."""
    if console.is_terminal:
        with _bars(console) as say:
            yield say
    else:
        with _Lines(console, every) as say:
            yield say


@contextmanager
def _bars(console: Console) -> Iterator[Say]:
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, transient=True) as bar:

        def say(what: str, fraction: float) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=1.0)
            bar.update(tasks[what], completed=fraction)

        yield say


class _Lines:
    """A line when a step begins, and one every few seconds while it lasts, whether or not anything was heard of it."""

    def __init__(self, console: Console, every: float) -> None:
        self._console, self._every = console, every
        self._now: tuple[str, float] = ("", 0.0)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="tiefen-progress", daemon=True)

    def __enter__(self) -> Say:
        self._thread.start()
        return self._say

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _say(self, what: str, fraction: float) -> None:
        if what != self._now[0]:
            self._console.print(f"{what}…", highlight=False)
        self._now = (what, fraction)

    def _tick(self) -> None:
        while not self._over.wait(self._every):
            what, fraction = self._now
            if what:
                self._console.print(f"{what}: {fraction:.0%}", highlight=False)
