"""What kind a group is of: what was said last, and a guess from the name where nothing was."""

from __future__ import annotations

import pytest

from tests.ledger.scenes import CORP, SECOND, said
from tiefen.ledger.batch import Batch, GroupCard
from tiefen.ledger.facts import GroupKindSaid
from tiefen.ledger.group_kinds import GROUP_KINDS, guessed, kinds_of_groups
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import facts_page

pytestmark = pytest.mark.stores


def says(ledger: Ledger, kind: str | None, n: int, group: str = "诗社") -> None:
    ledger.append(
        Batch(CORP, "x", [GroupKindSaid(happened_us=n * SECOND, source_id=f"k{n}", group=group, group_kind=kind)])
    )


def told(ledger: Ledger) -> list[tuple[str, bool, str]]:
    with ledger.read() as connection:
        return [(kind.kind, kind.said, kind.guess) for kind in kinds_of_groups(connection, CORP).values()]


def test_the_kind_of_a_group_is_guessed_from_its_name() -> None:
    found = [guessed(name) for name in ("11.11 快闪 3 群", "老友福利群", "读书共读营", "海棠诗社")]

    assert found == ["flash", "welfare", "growth", "custom"]


def test_what_was_said_last_counts_and_the_guess_where_nothing_was_or_it_was_taken_back(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", [said(1)], groups=[GroupCard("诗社", "老友福利群")]))
    found = [told(ledger)]
    for n, kind in enumerate(("sharing", "growth", None), 2):
        says(ledger, kind, n)
        found.append(told(ledger))

    assert found == [
        [("welfare", False, "welfare")], [("sharing", True, "welfare")], [("growth", True, "welfare")],
        [("welfare", False, "welfare")],
    ]  # fmt: skip
    kept = facts_page(ledger, CORP, kind="group.kind_said").rows
    assert [row.body.get("group_kind") for row in kept] == [None, "growth", "sharing"]


def test_a_fact_that_comes_again_says_nothing_again(ledger: Ledger) -> None:
    says(ledger, "flash", 1)
    says(ledger, "growth", 2)
    says(ledger, "flash", 1)

    assert told(ledger) == [("growth", True, "custom")]


def test_a_name_that_changes_changes_the_guess_and_not_what_was_said(ledger: Ledger) -> None:
    for group in ("a", "b"):
        ledger.append(Batch(CORP, "x", groups=[GroupCard(group, "福利群")]))
    says(ledger, "welfare", 1, "a")
    ledger.append(Batch(CORP, "x", groups=[GroupCard(group, "快闪群") for group in ("a", "b")]))

    assert told(ledger) == [("welfare", True, "flash"), ("flash", False, "flash")]


def test_a_kind_of_another_version_is_not_taken_for_one_of_ours(ledger: Ledger) -> None:
    says(ledger, "of tomorrow", 1)

    assert told(ledger) == [("custom", False, "custom")]


def test_every_kind_has_a_name_and_a_sentence_in_both_languages() -> None:
    assert all(len(words) == 4 and all(words) for words in GROUP_KINDS.values())
