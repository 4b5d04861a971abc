"""`scripts/bench [NAME…] [--json FILE] [--quick]`: runs measurements one after the other and prints what they found."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import platform
import sys
from pathlib import Path
from typing import Any

import benchmarks


def names() -> list[str]:
    """Every module here has a `run`; names that begin with an underscore are their helpers."""
    return sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if not (m.ispkg or m.name.startswith("_")))


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"one of: {', '.join(names())}")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    asked = parser.parse_args()
    unknown = set(asked.name) - set(names())
    if unknown:
        parser.error(f"no measurement called {', '.join(sorted(unknown))}")
    figures: dict[str, dict[str, Any]] = {}
    for name in asked.name or names():
        module = importlib.import_module(f"benchmarks.{name}")
        first_line = (module.__doc__ or "").strip().splitlines()[0]
        print(f"\n{name}: {first_line}", flush=True)
        figures[name] = module.run(quick=asked.quick)
        width = max(len(key) for key in figures[name])
        for key, value in figures[name].items():
            print(f"  {key:<{width}}  {value:,.3f}" if isinstance(value, float) else f"  {key:<{width}}  {value}")
    if asked.json:
        machine = {"python": platform.python_version(), "machine": platform.machine()}
        asked.json.write_text(json.dumps({"machine": machine, "figures": figures}, indent=2, default=str) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
