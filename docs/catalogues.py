"""Writes the pages of docs/ that are made from the code: `python docs/catalogues.py`. A test asserts that they are true."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import typer.main

from tiefen.cli import app
from tiefen.insight.catalogue import METRICS
from tiefen.insight.detectors import DETECTORS
from tiefen.insight.ladder import LADDER
from tiefen.intake.files.formats import FORMATS
from tiefen.kit.settings import Settings
from tiefen.ledger.facts import KINDS, columns
from tiefen.ledger.identity import ID_TYPES

DOCS = Path(__file__).parent
_PER = {"group": "Groups 社群", "person": "People 人", "source": "Sources 渠道"}


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)])


def first_line(of: object) -> str:
    return (inspect.getdoc(of) or "").split("\n\n")[0].replace("\n", " ")


def metrics() -> str:
    parts = [
        "# Metrics 指标\n\nMade from the catalogue in `src/tiefen/insight/metrics` by `docs/catalogues.py`. A value is part ÷ whole;"
        " whole 0 means that nobody knows, and is shown as “—”.\nGrade A needs memberships, orders or costs only; grade B needs"
        " messages. `→` says which direction is better."
    ]
    for per, title in _PER.items():
        rows = [
            [
                f"`{m.key}`<br>{m.zh}<br>{m.en}", f"{m.definition_zh}<br>{m.definition_en}", f"`{m.formula}`", m.unit,
                {"higher": "→ higher", "lower": "→ lower"}.get(m.better, ""), m.grade, m.source,
            ]
            for m in METRICS
            if m.per == per
        ]  # fmt: skip
        parts.append(
            f"## {title}\n\n" + table(["metric", "definition", "formula", "unit", "better", "grade", "source"], rows)
        )
    parts.append(
        "## Findings 发现\n\n"
        + table(
            ["finding", "about", "what to do"],
            [[f"`{d.key}`<br>{d.zh}<br>{d.en}", d.entity, f"{d.todo_zh}<br>{d.todo_en}"] for d in DETECTORS],
        )
    )
    parts.append("## The ladder 成长阶梯\n\n" + table(["rung", "中文"], [[f"`{r.key}`", r.zh] for r in LADDER]))
    return "\n\n".join(parts) + "\n"


def facts() -> str:
    parts = [
        "# Facts 事实\n\nMade from `src/tiefen/ledger/facts` by `docs/catalogues.py`. A fact is appended once and never changed; its key is"
        " (corp, kind, `source_id`). Every kind has `happened_us` (microseconds, UTC) and `source_id`;\nthe fields below are its"
        " own. A reference holds a small number in place of an outer id; names and words are elsewhere and can be erased."
    ]
    for kind in KINDS:
        fields = [
            [f"`{c.name}`", f"{c.ref}{' (many)' if c.many else ''}" if c.ref else str(c.arrow)] for c in columns(kind)
        ]
        parts.append(f"## `{kind.kind}` {kind.title[0]}\n\n{first_line(kind)}\n\n" + table(["field", "type"], fields))
    parts.append(
        "## Ids 身份\n\nHow many of each one person may hold; strongest first.\n\n"
        + table(["id", "", "most"], [[f"`{i.key}`", f"{i.zh} / {i.en}", str(i.limit)] for i in ID_TYPES])
    )
    return "\n\n".join(parts) + "\n"


def formats() -> str:
    parts = [
        "# Files 文件\n\nMade from `src/tiefen/intake/files/formats` by `docs/catalogues.py`. Headings are recognised in any case, with blanks"
        " or underscores; what is not recognised is chosen by hand and remembered."
    ]
    for format in FORMATS:
        rows = [
            [f"`{f.key}`{' *' if f.required else ''}", f"{f.zh} / {f.en}", ", ".join(f.headings[:8])]
            for f in format.fields
        ]
        parts.append(
            f"## `{format.key}` {format.zh} / {format.en}\n\n" + table(["field (* required)", "", "headings"], rows)
        )
    return "\n\n".join(parts) + "\n"


def commands() -> str:
    parts = [
        "# Commands 命令\n\nMade from `src/tiefen/cli` by `docs/catalogues.py`. In the clone: `uv run tiefen …` or `.venv/bin/tiefen …`.\n"
        "Every `--json` prints one JSON document to standard output and nothing else there. Errors go to standard error with"
        " exit status 1, wrong usage with 2."
    ]
    parts += [_command(name, command) for name, command in _leaves(typer.main.get_command(app), "tiefen")]
    return "\n\n".join(parts) + "\n"


def _leaves(command: Any, name: str) -> list[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if not inner:
        return [(name, command)]
    return [leaf for key, one in inner.items() for leaf in _leaves(one, f"{name} {key}")]


def _command(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    rows = [
        [", ".join(f"`{o}`" for o in p.opts) if p.param_type_name == "option" else f"`{p.name.upper()}`", p.help or ""]
        for p in command.params
        if p.name != "help"
    ]
    usage = " ".join([name, *(a.name.upper() + ("…" if a.nargs == -1 else "") for a in arguments)])
    return f"## `{usage}`\n\n{first_line(command.callback)}" + ("\n\n" + table(["", ""], rows) if rows else "")


def settings() -> str:
    rows = [
        [f"`TIEFEN_{name.upper()}`", f"`{field.default}`" if str(field.default) else "", field.description or ""]
        for name, field in Settings.model_fields.items()
    ]
    return (
        "# Settings 设置\n\nMade from `src/tiefen/kit/settings.py` by `docs/catalogues.py`. An argument on the command line wins over"
        " the environment.\n\n" + table(["variable", "default", ""], rows) + "\n"
    )


PAGES = {
    "metrics.md": metrics,
    "facts.md": facts,
    "formats.md": formats,
    "commands.md": commands,
    "settings.md": settings,
}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (DOCS / page).write_text(make(), encoding="utf-8")
