"""One fact, one sentence, two languages."""

from __future__ import annotations

import pytest

from tiefen.insight.timeline import timeline_sentence, yuan
from tiefen.ledger.facts import KINDS, Fact, columns

NAMES = {("person", 1): "悟空", ("person", 2): "黛玉", ("group", 3): "诗社", ("source", 4): "海报"}


def test_an_invitation_names_the_group_and_who_invited() -> None:
    said = timeline_sentence("member.joined", {"group": 3, "member": 2, "via": "invite", "invited_by": 1}, NAMES)

    assert said == {"zh": "受邀加入“诗社”（由悟空邀请）", "en": "joined “诗社”, invited by 悟空"}


def test_an_order_is_said_in_yuan() -> None:
    said = timeline_sentence("order.paid", {"person": 2, "order": "A7", "amount_fen": 123456, "lines": []}, NAMES)

    assert said == {"zh": "付款 1,234.56 元（订单 A7）", "en": "paid 1,234.56 (order A7)"}


def test_what_has_no_name_is_called_by_what_it_is() -> None:
    said = timeline_sentence("message.posted", {"group": 9, "member": 2, "reply_to": 8, "length": 12}, NAMES)

    assert said == {
        "zh": "在“某群”回复某人：说了 12 个字",
        "en": "said something of 12 characters in “a group”, answering somebody",
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_every_kind_of_fact_can_be_told_even_with_nothing_in_it(kind: type[Fact]) -> None:
    body = {column.name: None for column in columns(kind)}

    said = timeline_sentence(kind.kind, body, {})

    assert said["zh"] and said["en"]
    assert said["zh"] != kind.kind
    assert "None" not in said["zh"] + said["en"]


@pytest.mark.parametrize(("fen", "written"), [(0, "0.00"), (990, "9.90"), (-5, "-0.05"), (1_000_000, "10,000.00")])
def test_fen_are_written_as_yuan(fen: int, written: str) -> None:
    assert yuan(fen) == written
