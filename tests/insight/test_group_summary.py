"""What an operator is told of a group in a sentence, and to do."""

from __future__ import annotations

from typing import Any

from tiefen.insight.models.life.summary import summary

LIFE = {"stage": "maturity", "since": None, "p_silence_30": 0.05, "silent_since": None, "fallback": None, "grade": "B"}


def outcome(what: str, grade: str, **more: Any) -> dict[str, Any]:
    usual = {"whole": 30.0, "trend": 0.0, "trend_low": -0.1, "trend_high": 0.1, "peers": 9, "peer_rank": 3}
    return {"outcome": what, "grade": grade, **usual, **more}


def test_a_group_without_a_weak_side_is_told_so_and_nothing_to_do() -> None:
    told = summary(LIFE, [outcome("growth", "A"), outcome("volume", "B")])

    assert told == {
        "zh": "处于成熟阶段；30 天内沉默的可能 5%；四个结果里没有明显弱的。",
        "en": "In its maturity stage; chance of silence within 30 days 5%; none of its outcomes is clearly weak.",
    }


def test_what_falls_for_sure_is_weak_by_how_much_and_has_one_thing_to_do() -> None:
    falling = outcome("volume", "B", trend=-0.3, trend_low=-0.4, trend_high=-0.1, peer_rank=9)

    told = summary(LIFE, [outcome("growth", "A"), falling])

    assert told is not None
    assert (
        "weak in volume (grade B; -30% every 30 days, 9 of 10 like groups). To do: ask the opinion leaders"
        in told["en"]
    )
    assert "声量（B 级，每 30 天 -30%，10 个同类群里第 9）；建议：请意见领袖" in told["zh"]


def test_who_stands_under_a_warning_is_to_be_saved_first_and_who_is_silent_to_be_decided_about() -> None:
    weak = [outcome("retention", "A", peer_rank=10)]

    warned, silent = (
        summary(LIFE | {"p_silence_30": 0.5}, weak),
        summary(LIFE | {"p_silence_30": None, "stage": "dormant"}, weak),
    )

    assert warned is not None and "this week" in warned["en"]
    assert silent is not None and "wake it, merge it or close it" in silent["en"]


def test_of_a_group_of_which_nothing_is_known_nothing_is_said() -> None:
    assert summary(None, []) is None
    assert summary(LIFE | {"grade": "A"}, [outcome("growth", "A", whole=0.0)]) is None
