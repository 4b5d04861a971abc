"""The gate gives one answer to each proposal, for one reason, and uses nothing up by refusing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiefen.act.gate import SENTENCES, WEEK_US, History, Judged, Postponed, Reason, Refusal, Touch, admit, allowance
from tiefen.act.proposal import Proposal, Purpose
from tiefen.decide.policy import Policy, Quota, moment
from tiefen.kit.clock import DAY_US, to_us

NOON = to_us(datetime.fromisoformat("2026-03-10T12:00:00+08:00"))
POLICY = Policy(person=Quota(), group=Quota())
KNOWN = History(senders=("xifeng",))


def proposal(*, purpose: Purpose = "sell", worth: int = 0, words: str = "c", sender: str | None = None) -> Proposal:
    return Proposal(
        proposal_id="p", campaign_id="spring", person=1, channel="contact", purpose=purpose, content_id=words,
        sender=sender, worth_fen=worth, due_us=NOON, expires_us=NOON + 400 * DAY_US,
    )  # fmt: skip


def asked(history: History = KNOWN, *, at_us: int = NOON, policy: Policy = POLICY, **more: object) -> Judged:
    return admit(proposal(**more), history, policy, moment(policy, at_us, "Asia/Shanghai"))  # type: ignore[arg-type]


def test_every_reason_has_a_sentence_in_both_languages() -> None:
    assert set(SENTENCES) == set(Reason)
    assert all(zh and en for zh, en in SENTENCES.values())


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"here": False}, {"withdrawn": frozenset({"all"})}),
        ({"withdrawn": frozenset({"marketing"})}, {"blocked": True}),
        ({"blocked": True}, {"held_out": True}),
        ({"held_out": True}, {"senders": ()}),
        ({"senders": ()}, {"told": {"c": 1.0}}),
        ({"told": {"c": 1.0}}, {"month": 31}),
        ({"month": 31}, {"budget": 0.0}),
    ],
)
def test_of_several_reasons_the_first_is_given(worse: dict[str, object], better: dict[str, object]) -> None:
    alone = asked(replace(KNOWN, **worse))  # type: ignore[arg-type]
    together = asked(replace(KNOWN, **worse, **better))  # type: ignore[arg-type]

    assert not isinstance(alone, Touch)
    assert not isinstance(together, Touch)
    assert alone.reason is together.reason


def test_a_consent_withdrawn_for_one_purpose_is_no_withdrawal_of_others() -> None:
    history = replace(KNOWN, withdrawn=frozenset({"sell"}))

    assert isinstance(asked(history, purpose="care"), Touch)
    assert asked(history) == Refusal(proposal(), Reason.OPTED_OUT)


def test_who_is_named_says_it_although_others_know_them_better() -> None:
    answer = asked(replace(KNOWN, senders=("xifeng", "pinger")), sender="pinger")

    assert isinstance(answer, Touch)
    assert answer.sender == "pinger"


def test_half_a_message_a_week_is_one_in_two_weeks() -> None:
    assert allowance(0.5) == (1.0, 2 * WEEK_US)
    assert allowance(2.5) == (2.5, WEEK_US)
    assert allowance(0.0)[0] == 0.0


def test_an_answer_says_until_when_it_waits() -> None:
    history = replace(KNOWN, budget=2.0, spent=((NOON - 6 * DAY_US, 1.0), (NOON - DAY_US, 1.0)))

    assert asked(history) == Postponed(proposal(), Reason.OVER_BUDGET, NOON + DAY_US)


days = st.floats(0, 40, allow_nan=False)
steps = st.lists(st.tuples(days, st.sampled_from(["sell", "give", "care", "service"])), max_size=60)


@given(steps, st.sampled_from([0.0, 0.3, 0.5, 1.0, 1.5, 3.0, 7.0]))
def test_nobody_is_over_budget_whatever_comes_in_whatever_order(
    coming: list[tuple[float, Purpose]], budget: float
) -> None:
    history = replace(KNOWN, budget=budget)
    out: list[tuple[int, float]] = []
    for n, (day, purpose) in enumerate(sorted(coming, key=lambda one: one[0])):
        at_us = NOON + int(day * DAY_US)
        answer = asked(history, at_us=at_us, purpose=purpose, words=f"w{n}")
        if isinstance(answer, Touch):
            history = history.after(answer, at_us)
            if purpose != "service":
                most, window = allowance(budget)
                assert history.spent_since(at_us - window) <= most + 1e-6
                out.append((at_us, history.wears.cost(purpose)))

    # Service counts as sent, and what is paid for out of attention makes room for it.
    most, window = allowance(budget)
    assert all(sum(cost for other, cost in out if at - window < other <= at) <= most + 1e-6 for at, _ in out)


@given(
    st.floats(0, 7), st.floats(0, 7), st.lists(st.floats(0, 27), max_size=8), st.sampled_from(["sell", "care", "give"])
)
def test_with_more_budget_or_less_said_before_whatever_went_out_still_goes(
    one: float, other: float, before: list[float], purpose: Purpose
) -> None:
    at_us = NOON
    spent = tuple(sorted((at_us - int(day * DAY_US), 1.0) for day in before))
    less, more = sorted((one, other))
    with_less = asked(replace(KNOWN, budget=less, spent=spent), purpose=purpose)
    with_more = asked(replace(KNOWN, budget=more, spent=spent), purpose=purpose)
    told_less = asked(replace(KNOWN, budget=less, spent=spent[1:]), purpose=purpose)

    if isinstance(with_less, Touch):
        assert isinstance(with_more, Touch)
        assert isinstance(told_less, Touch)


@given(st.floats(0.25, 7), st.lists(st.floats(0, 27), min_size=1, max_size=8))
def test_when_it_is_asked_again_at_the_time_it_was_told_it_goes(budget: float, before: list[float]) -> None:
    policy = Policy(person=Quota(month=None), quiet_from="00:00", quiet_until="00:00", rest="never")
    spent = tuple(sorted((NOON - int(day * DAY_US), 1.0) for day in before))
    history = replace(KNOWN, budget=budget, spent=spent)
    answer = asked(history, policy=policy)

    if isinstance(answer, Postponed):
        assert answer.until_us > NOON
        assert isinstance(asked(history, at_us=answer.until_us, policy=policy), Touch)
