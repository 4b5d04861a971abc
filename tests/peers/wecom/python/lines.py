"""One JSON document a line, in and out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any


def answer(does: dict[str, Callable[..., dict[str, Any]]]) -> None:
    """Do what every line asks for until there are no more."""
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            said = does[asked.pop("do")](**asked)
        except Exception as error:
            said = {"refused": type(error).__name__, "why": str(error)}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
