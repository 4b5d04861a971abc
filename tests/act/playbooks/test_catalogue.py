"""Every block and every ready playbook can be run as it is, and says nothing that may not be said."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from tiefen.act.copy_checks import Copy, look_at
from tiefen.act.message import Message
from tiefen.act.playbooks.block import Block
from tiefen.act.playbooks.blocks import BLOCKS, BY_KIND, RedPacket, Vote, WelcomeRitual
from tiefen.act.playbooks.personas import BY_KEY
from tiefen.act.playbooks.playbook import (
    BadPlaybook,
    EveryWeek,
    OnDay,
    Placed,
    Playbook,
    Rule,
    checked,
    filled,
)
from tiefen.act.playbooks.ready import READY
from tiefen.ledger.group_kinds import GROUP_KINDS

ACTS = [(block, act) for block in BLOCKS for act in block().acts()]


def placed(key: str = "a", **more: Any) -> Placed:
    values: dict[str, Any] = {"key": key, "when": OnDay(day=1), "at": "10:00", "block": WelcomeRitual()}
    return Placed(**(values | more))


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.__name__)
def test_a_block_says_what_it_is_and_what_is_done(block: type[Block]) -> None:
    acts = block().acts()

    assert all(block.title)
    assert all(block.about)
    assert re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", block.at)
    assert acts
    assert len({act.key for act in acts}) == len(acts)
    assert all(act.persona in BY_KEY and all(act.title) for act in acts)
    assert all(act.detail or act.say or isinstance(block(), BY_KIND["note"]) for act in acts)


@pytest.mark.parametrize(("block", "act"), ACTS, ids=lambda one: getattr(one, "key", getattr(one, "__name__", "")))
def test_the_words_of_a_block_are_filled_and_pass_the_checks_of_copy(block: type[Block], act: Any) -> None:
    for words in act.say:
        said = filled(words, block().values())
        stopped = [
            found.finding.zh
            for found in look_at(Copy(message=Message(text=said), channel="group", purpose=block.purpose))
            if found.finding.severity == "stop"
        ]

        assert "{{" not in said
        assert stopped == []


@pytest.mark.parametrize("key", READY)
def test_a_ready_playbook_can_be_run_kept_and_read_again(key: str) -> None:
    playbook = checked(READY[key])

    assert playbook.group_kind == key
    assert playbook.name_en
    assert playbook.goal and playbook.goal_en
    assert len(playbook.blocks) >= 7
    assert msgspec.json.decode(msgspec.json.encode(playbook), type=Playbook) == playbook


def test_there_is_a_ready_playbook_for_every_kind_of_group() -> None:
    assert set(READY) == set(GROUP_KINDS) - {"custom"}


@pytest.mark.parametrize(
    ("playbook", "block", "why"),
    [
        (Playbook(name="x", blocks=(placed(), placed())), "a", "same key"),
        (Playbook(name="x", days=3, blocks=(placed(when=OnDay(day=4)),)), "a", "after the last day"),
        (Playbook(name="x", blocks=(placed(when=EveryWeek(weekdays=(0,))),)), "a", "weekdays"),
        (Playbook(name="x", blocks=(placed(when=EveryWeek(weekdays=(1, 1))),)), "a", "weekdays"),
        (Playbook(name="x", blocks=(placed(when=EveryWeek(weekdays=(1,), from_day=9, until_day=8)),)), "a", "ends before"),
        (Playbook(name="x", blocks=(placed(words={"greet": ("你好 {{ nick }}",)}),)), "a", "{{ nick }}"),
        (Playbook(name="x", blocks=(placed(words={"sing": ("啦",)}),)), "a", "no act sing"),
        (Playbook(name="x", blocks=(placed(how={"follow": "message"}),)), "a", "no words"),
        (Playbook(name="x", blocks=(placed(block=Vote(options=("一", "一"))),)), "a", "two different"),
        (Playbook(name="x", blocks=(placed(block=RedPacket(amount_fen=100, packets=101)),)), "a", "one fen"),
        (Playbook(name="x", blocks=(placed(),), rules=(Rule(name_has=" "),)), "", "all of them"),
        (Playbook(name="x", blocks=(placed(),), rules=(Rule(group_kind="flash"), Rule())), "", "all of them"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_refused_with_the_block_and_the_reason(playbook: Playbook, block: str, why: str) -> None:
    with pytest.raises(BadPlaybook) as refused:
        checked(playbook)

    assert refused.value.block == block
    assert why in refused.value.why


@pytest.mark.parametrize(
    "body",
    [
        '{"name":""}', '{"name":"x","rules":[{"group_kind":"party"}]}','{"name":"x","holdout":0.9}', '{"name":"x","days":-1}',
        '{"name":"x","blocks":[{"key":"a","when":{"when":"day","day":0},"at":"10:00","block":{"kind":"vote"}}]}',
        '{"name":"x","blocks":[{"key":"a","when":{"when":"day","day":1},"at":"25:00","block":{"kind":"vote"}}]}',
        '{"name":"x","blocks":[{"key":"a","when":{"when":"day","day":1},"at":"10:00","block":{"kind":"party"}}]}',
        '{"name":"x","blocks":[{"key":"a","when":{"when":"day","day":1},"at":"10:00","block":{"kind":"red_packet","amount_fen":1000000}}]}',
    ],
)  # fmt: skip
def test_what_is_no_playbook_is_not_read(body: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Playbook)


def test_a_value_that_holds_a_name_stays_what_it_is() -> None:
    assert filled("{{ a }}、{{ b }}", {"a": "{{ b }}", "b": "乙"}) == "{{ b }}、乙"
