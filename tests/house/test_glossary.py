"""One concept, one word: identifiers keep clear of the words the glossary sets aside."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
GLOSSARY = HOUSE / "docs" / "glossary.md"
SOURCES = sorted((HOUSE / "src").rglob("*.py"))

# Words the outside world uses in names that are not ours to choose: wire fields, file formats, libraries.
THEIRS = {
    "user_id", "user_ids", "userId", "customer_id", "customer_number", "user_agent", "BaseUser", "user", "customer",
    "expanduser", "chat_id", "user_data",
    # WeCom's endpoints and their fields.
    "auto_create_room", "batch_get_by_user", "check_room_agree", "click_link_customer_cnt", "customer_acquisition_quota",
    "customer_list", "delete_customer", "dept_user", "follow_user", "get_follow_user_list", "get_moment_customer_list",
    "get_permit_user_list", "get_user_behavior_data", "is_customer", "new_customer_cnt", "resigned_transfer_customer",
    "room_base_id", "room_base_name", "transfer_customer", "user_get", "user_list", "user_simplelist",
}  # fmt: skip


def words_set_aside() -> dict[str, str]:
    """word → what to say instead, from the last column of the glossary's table."""
    rows = re.findall(r"^\| ([^|]*) \| `([^`]+)`[^|]*\|[^|]*\|[^|]*\| ([^|]*) \|$", GLOSSARY.read_text("utf-8"), re.M)
    return {word.strip(): code for _, code, words in rows for word in words.split(",") if word.strip(" –-")}


def identifiers(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node.lineno
            case ast.arg(arg=name):
                yield name, node.lineno
            case ast.Name(id=name, ctx=ast.Store()):
                yield name, node.lineno


def parts(name: str) -> set[str]:
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_the_glossary_sets_words_aside() -> None:
    assert {"friend", "employee", "room", "blast", "radar"} <= set(words_set_aside())


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(HOUSE / "src")))
def test_no_identifier_uses_a_word_that_was_set_aside(path: Path) -> None:
    aside = words_set_aside()

    slips = [
        f"{path.name}:{line}: {name} ({word}: say {aside[word]})"
        for name, line in identifiers(ast.parse(path.read_text("utf-8")))
        if name not in THEIRS
        for word in parts(name) & set(aside)
    ]

    assert slips == []
