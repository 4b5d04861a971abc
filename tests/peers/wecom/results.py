"""What came of other people's software: written by the tests, kept beside them, made into the tables of the docs.

`python -m tests.peers.wecom.results` takes over what the last run of `pytest tests/peers/wecom` in one process wrote.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from tests.peers.wecom.others import CACHE

KEPT = Path(__file__).parent / "results"
FRESH = CACHE.parent / "wecom-results"
HOW = "python -m tests.peers.wecom.results && python docs/catalogues.py"
Outcome = Literal["works", "refused", "absent", "defect"]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one thing that was tried: it `works`, is `refused` as documented, the software has nothing for it
    (`absent`), or it has a `defect` that the note tells of."""

    outcome: Outcome
    codes: tuple[int, ...] = ()
    """Errcodes that were provoked beside it and came as documented."""
    en: str = ""
    zh: str = ""


class Notes:
    """What one run finds out."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, Result]] = {}

    def note(self, name: str, what: str, came: Result) -> None:
        """Put down what came of something, which has to be what is kept."""
        self._found.setdefault(name, {})[what] = came
        assert came == read(name).get(what), f"if that is right, run: {HOW}"

    def close(self) -> None:
        """Write down what was found out, and what is kept of the rest."""
        for name, found in self._found.items():
            _write(name, read(name) | found)


def _write(name: str, results: dict[str, Result]) -> None:
    FRESH.mkdir(parents=True, exist_ok=True)
    _file(FRESH, name).write_text(_text(results), encoding="utf-8")


def read(name: str) -> dict[str, Result]:
    """What is kept about a piece of software; nothing where nothing is."""
    file = _file(KEPT, name)
    if not file.is_file():
        return {}
    kept: dict[str, dict[str, Any]] = json.loads(file.read_text("utf-8"))
    return {what: Result(**{**one, "codes": tuple(one.get("codes", ()))}) for what, one in kept.items()}


def _text(results: dict[str, Result]) -> str:
    short = {of: {k: v for k, v in asdict(one).items() if v} for of, one in sorted(results.items())}
    lines = [
        f"  {json.dumps(of, ensure_ascii=False)}: {json.dumps(one, ensure_ascii=False)}" for of, one in short.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _file(folder: Path, name: str) -> Path:
    return folder / (re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-") + ".json")


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    for fresh in sorted(FRESH.glob("*.json")):
        (KEPT / fresh.name).write_bytes(fresh.read_bytes())
