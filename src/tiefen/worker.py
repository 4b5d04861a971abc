"""Work that goes on behind the server: moving facts into the lake, reading everything anew, running imports, WeCom."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

import structlog

from tiefen.acting import OUTSIDE, Acting
from tiefen.insight.apart import Reader
from tiefen.insight.readings import Readings
from tiefen.intake.files import importer
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.sync import Tending

log = structlog.get_logger()


@dataclass
class _Job:
    """What the console sees of something under way."""

    fraction: float = 0.0
    zh: str = ""
    en: str = ""
    started: float = field(default_factory=time.monotonic)


class Worker:
    """Five threads: one keeps lake and readings fresh, one runs imports in the order they were asked for, one looks after
    what is connected to WeCom, two decide and act (`tiefen.acting`).

    A failure is logged and tried again at the next turn; it never ends the thread.
    """

    def __init__(self, ledger: Ledger, settings: Settings, readings: Readings) -> None:
        self._ledger, self._settings, self._readings = ledger, settings, readings
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._asked: set[tuple[str, date | None]] = set()
        self._read_at: dict[str, float] = {}
        self._imports: queue.Queue[str | None] = queue.Queue()
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.Lock()
        self._reader = Reader(settings)
        self._tending = Tending(ledger, settings)
        self._acting = (Acting(ledger, settings), Acting(ledger, settings, OUTSIDE))
        self._threads = [
            threading.Thread(target=self._keep_fresh, name="tiefen-fresh", daemon=True),
            threading.Thread(target=self._run_imports, name="tiefen-imports", daemon=True),
        ]

    def start(self) -> None:
        """Begin; imports that an earlier process left unfinished go on."""
        for import_id in importer.unfinished(self._ledger):
            self._imports.put(import_id)
        for thread in self._threads:
            thread.start()
        self._tending.start()
        for acting in self._acting:
            acting.start()

    def close(self) -> None:
        """Stop at the next safe place; what is cut short goes on at the next start."""
        self._stop.set()
        self._wake.set()
        self._imports.put(None)
        self._reader.close()
        for acting in self._acting:
            acting.close()
        self._tending.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=10)

    def request_reading(self, corp_id: str, day: date | None = None) -> None:
        """Read everything of this corp anew as soon as may be, or as of a past day."""
        with self._lock:
            self._asked.add((corp_id, day))
        self._wake.set()

    def start_import(self, import_id: str) -> None:
        self._imports.put(import_id)

    def status(self) -> dict[str, Any]:
        """What is under way: by job (`reading:CORP`, `import:ID`), how far and in which words."""
        with self._lock:
            return {
                name: {"fraction": job.fraction, "zh": job.zh, "en": job.en, "seconds": time.monotonic() - job.started}
                for name, job in self._jobs.items()
            }

    def _keep_fresh(self) -> None:
        turn = min(self._settings.flush_seconds, self._settings.reading_seconds)
        flushed_at = compacted_at = 0.0
        while not self._stop.is_set():
            self._wake.wait(timeout=turn)
            self._wake.clear()
            if self._stop.is_set():
                return
            now = time.monotonic()
            if now - flushed_at >= self._settings.flush_seconds:
                self._try("flush", self._ledger.flush)
                flushed_at = time.monotonic()
            if now - compacted_at >= 600:
                self._try("compact", self._ledger.compact)
                compacted_at = time.monotonic()
            for corp in self._ledger.corps():
                filling = corp.demo and not corp.settings.get("demo_complete", False)
                self._try("reading", partial(self._refresh, corp.corp_id, only_if_asked=filling))
            for corp_id, day in self._past_asked():
                self._try("reading of a past day", partial(self._read_past, corp_id, day))

    def _refresh(self, corp_id: str, *, only_if_asked: bool = False) -> None:
        with self._lock:
            asked = (corp_id, None) in self._asked
            self._asked.discard((corp_id, None))
        if only_if_asked and not asked:
            return
        facts = self._ledger.facts(corp_id)
        current = self._readings.current(corp_id)
        since = time.monotonic() - self._read_at.get(corp_id, float("-inf"))
        wait = max(self._settings.reading_seconds, 5 * (current.seconds if current else 0.0))
        if facts == 0 or not (asked or (since >= wait and (current is None or current.stale(self._ledger)))):
            return
        self._ledger.flush()
        with self._job(f"reading:{corp_id}") as job:
            self._reader.read(corp_id, job)
        self._read_at[corp_id] = time.monotonic()

    def _past_asked(self) -> list[tuple[str, date]]:
        with self._lock:
            past = [(corp_id, day) for corp_id, day in self._asked if day is not None]
            self._asked.difference_update(past)
        return past

    def _read_past(self, corp_id: str, day: date) -> None:
        self._ledger.flush()
        with self._job(f"reading:{corp_id}") as job:
            self._reader.read(corp_id, job, as_of=day)

    def _run_imports(self) -> None:
        while not self._stop.is_set():
            import_id = self._imports.get()
            if import_id is None:
                return
            self._try("import", partial(self._run_import, import_id))

    def _run_import(self, import_id: str) -> None:
        with self._job(f"import:{import_id}") as job:
            importer.run(
                self._ledger,
                import_id,
                progress=lambda done, total: job(done / total if total else 0.0, "导入中", "Importing"),
                stop=self._stop.is_set,
            )
        self.request_reading(importer.corp_of(self._ledger, import_id))

    def _try(self, what: str, do: Callable[[], object]) -> None:
        try:
            do()
        except Exception:
            log.exception("background work failed; it will be tried again", work=what)

    def _job(self, name: str) -> _Running:
        return _Running(self, name)


class _Running:
    """A job for as long as it runs; calling it says how far it has come."""

    def __init__(self, worker: Worker, name: str) -> None:
        self._worker, self._name = worker, name

    def __enter__(self) -> _Running:
        with self._worker._lock:
            self._worker._jobs[self._name] = _Job()
        return self

    def __call__(self, fraction: float, zh: str = "", en: str = "") -> None:
        with self._worker._lock:
            job = self._worker._jobs[self._name]
            job.fraction, job.zh, job.en = fraction, zh, en

    def __exit__(self, *_: object) -> None:
        with self._worker._lock:
            self._worker._jobs.pop(self._name, None)
