"""Readings made in a process of their own: no request waits for the interpreter meanwhile, and a crash ends only that process."""

from __future__ import annotations

import multiprocessing
import signal
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from tiefen.kit.settings import Settings

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from tiefen.insight.reading import Progress


@dataclass(eq=False)
class ReadingFailed(Exception):
    """The reading was not made; the one before it still stands."""

    why: str

    def __str__(self) -> str:
        return self.why


class Reader:
    """Makes readings, one at a time, for whoever serves. The process begins with the first one and stays."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: SpawnProcess | None = None
        self._line: Connection | None = None

    def read(self, corp_id: str, progress: Progress, *, as_of: date | None = None) -> None:
        """Read everything of a corp as it is now, or as of a past day; returns when the new reading is there."""
        line = self._line or self._begin()
        try:
            line.send((corp_id, as_of))
            while (told := line.recv()) is not None:
                if isinstance(told, str):
                    raise ReadingFailed(told)
                progress(*told)
        except (EOFError, OSError) as error:
            self.close()
            raise ReadingFailed("the process that reads ended") from error

    def close(self) -> None:
        """End the process; a reading under way is left undone."""
        line, process, self._line, self._process = self._line, self._process, None, None
        if line is not None:
            line.close()
        if process is not None:
            process.terminate()
            process.join(timeout=5)

    def _begin(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._settings), name="tiefen-reader", daemon=True)
        self._process.start()
        theirs.close()
        return self._line


def _serve(line: Connection, settings: Settings) -> None:
    """Read whatever is asked for, until whoever asks is gone."""
    # Imported here: only this process needs what readings are made with.
    from tiefen.insight.reading import read_everything
    from tiefen.ledger.ledger import Ledger

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Ledger.open(settings) as ledger:
        while True:
            try:
                corp_id, as_of = line.recv()
            except (EOFError, OSError):
                return
            try:
                read_everything(ledger.snapshot(corp_id), settings, lambda *told: line.send(told), as_of=as_of)
            except BrokenPipeError:
                return
            except Exception as error:
                line.send(f"{type(error).__name__}: {error}")
            else:
                line.send(None)
