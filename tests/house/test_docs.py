"""Docs that cannot rot: the pages made from the code are as the code is, and every path they name is there."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.__main__ import names

HOUSE = Path(__file__).parents[2]


def _catalogues() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogues", HOUSE / "docs" / "catalogues.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CATALOGUES = _catalogues()
WRITTEN = sorted([*HOUSE.glob("*.md"), *(HOUSE / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", sorted(CATALOGUES.PAGES))
def test_a_page_made_from_the_code_is_up_to_date(page: str) -> None:
    assert (HOUSE / "docs" / page).read_text("utf-8") == CATALOGUES.PAGES[page](), "run: python docs/catalogues.py"


@pytest.mark.parametrize("page", sorted(CATALOGUES.PARTS))
def test_a_part_made_from_results_is_up_to_date(page: str) -> None:
    text = (HOUSE / "docs" / page).read_text("utf-8")

    assert text == CATALOGUES.with_part(text, CATALOGUES.PARTS[page]()), "run: python docs/catalogues.py"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(HOUSE)))
def test_every_path_a_page_names_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    linked = [target for target in re.findall(r"\]\(([^)#]+)", text) if not re.match(r"https?:|mailto:", target)]
    named = re.findall(r"`((?:src|tests|docs|scripts|console|benchmarks)/[\w./-]+)`", text)

    missing = [target for target in linked if not (page.parent / target).exists()]
    missing += [path for path in named if not (HOUSE / path).exists()]

    assert missing == []


def test_the_chinese_readme_names_the_same_commands_as_the_english_one() -> None:
    def commands(name: str) -> set[str]:
        return set(re.findall(r"scripts/\w+|tiefen \w+", (HOUSE / name).read_text("utf-8")))

    assert commands("README.md") == commands("README.zh-CN.md")


def test_whatever_scripts_bench_names_can_be_run() -> None:
    for name in names():
        tree = ast.parse((HOUSE / "benchmarks" / f"{name}.py").read_text("utf-8"))
        assert "run" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, name
