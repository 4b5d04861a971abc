"""What is due meets the gate with everything known of whom it is for, and what came of it is kept as a whole."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from tests.act.scenes import HOUR, LONG_AGO, NOON, Firm
from tests.conftest import CORP
from tiefen.act import admitting, outbox
from tiefen.act.admitting import admit_due, judge
from tiefen.act.gate import Postponed, Refusal, Touch
from tiefen.decide.attention import Weariness
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.ledger.facts import ConsentGiven, ConsentWithdrawn, Id
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import facts, wecom_contacts, wecom_groups, wecom_staff
from tiefen.ledger.schema.touches import attention, attention_rates, campaigns, proposals

pytestmark = pytest.mark.stores


@pytest.fixture
def firm(ledger: Ledger) -> Firm:
    return Firm(ledger)


def told(ledger: Ledger) -> list[tuple[str, str, str]]:
    """(touch, state, reason) of every fact about a touch."""
    with ledger.read() as connection:
        rows = connection.scalars(sa.select(facts.c.body).where(facts.c.kind == "touch.moved").order_by(facts.c.seq))
        bodies = [msgspec.json.decode(body) for body in rows]
    return [(body["touch"], body["state"], body.get("reason") or "") for body in bodies]


def withdraws(firm: Firm, name: str, purpose: str = "marketing", channel: str = "all", at_us: int = NOON - 1) -> None:
    firm.tells(
        ConsentWithdrawn(
            happened_us=at_us, source_id=f"{name}:{purpose}:{channel}:{at_us}", person=Id("external_userid", name),
            purpose=purpose, channel=channel,
        )
    )  # fmt: skip


def test_what_is_due_is_let_out_with_whoever_was_added_first(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉", staff="pinger", added_us=LONG_AGO - 1)
    firm.people("黛玉", staff="xifeng")
    firm.proposes(firm.say(daiyu, id="a"), firm.say(daiyu, id="b", due=NOON + 1))

    assert firm.gate() == {"a": "admitted", "b": "proposed"}
    assert firm.sender("a") == "pinger"


def test_every_outcome_is_counted_and_told_once(firm: Firm) -> None:
    daiyu, baochai = firm.people("黛玉", "宝钗")
    withdraws(firm, "宝钗")
    firm.proposes(firm.say(daiyu, id="a"), firm.say(baochai, id="b"))

    firm.gate()
    firm.gate()

    with firm.ledger.read() as connection:
        counts = outbox.counts(connection, CORP, ["spring"])["spring"]
    assert counts == {("", "admitted", ""): 1, ("", "refused", "opted_out"): 1}
    assert sorted(told(firm.ledger)) == [("a", "admitted", ""), ("b", "refused", "opted_out")]


def test_judging_beforehand_changes_nothing(firm: Firm) -> None:
    daiyu, baochai = firm.people("黛玉", "宝钗")
    withdraws(firm, "宝钗")
    firm.gate()
    firm.proposes(firm.say(daiyu, id="a"))
    firm.gate()
    some = [firm.say(daiyu), firm.say(baochai), firm.say(daiyu), firm.say(daiyu)]

    with firm.ledger.read() as connection:
        answers = judge(connection, CORP, some, NOON)

    assert [type(one) for one in answers] == [Touch, Refusal, Postponed, Postponed]
    assert [one.proposal for one in answers] == some
    assert firm.states() == {"a": "admitted"}


# ---- consent ----


def test_who_opted_out_gets_nothing_but_service_from_that_moment(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    firm.proposes(firm.say(daiyu, id="before"))
    firm.gate()

    withdraws(firm, "黛玉")
    firm.proposes(
        firm.say(daiyu, id="care", purpose="care"), firm.say(daiyu, id="sell"),
        firm.say(daiyu, id="service", purpose="service"),
    )  # fmt: skip

    assert firm.gate() == {
        "before": "admitted", "care": "refused opted_out", "sell": "refused opted_out", "service": "admitted",
    }  # fmt: skip


def test_who_took_everything_back_is_not_even_served(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    withdraws(firm, "黛玉", purpose="all")
    firm.proposes(firm.say(daiyu, id="a", purpose="service"))

    assert firm.gate() == {"a": "refused opted_out"}


def test_the_last_word_counts_in_whatever_order_it_is_told(firm: Firm) -> None:
    daiyu, baochai = firm.people("黛玉", "宝钗")
    given = [
        ConsentGiven(happened_us=NOON - 5, source_id=name, person=Id("external_userid", name), purpose="marketing")
        for name in ("黛玉", "宝钗")
    ]
    withdraws(firm, "黛玉", at_us=NOON - 9)
    withdraws(firm, "宝钗", at_us=NOON - 1)
    firm.gate()
    firm.tells(*given)
    firm.proposes(firm.say(daiyu, id="a"), firm.say(baochai, id="b"))

    assert firm.gate() == {"a": "admitted", "b": "refused opted_out"}


def test_an_opt_out_that_lies_in_the_lake_is_known(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    withdraws(firm, "黛玉")
    firm.ledger.flush()
    firm.proposes(firm.say(daiyu, id="a"))

    assert firm.gate() == {"a": "refused opted_out"}


def test_an_opt_out_of_another_channel_is_none_of_this_one(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    withdraws(firm, "黛玉", channel="sms")
    firm.proposes(firm.say(daiyu, id="a"))

    assert firm.gate() == {"a": "admitted"}


def test_an_opt_out_goes_with_the_person_into_a_merge(firm: Firm) -> None:
    daiyu, linmei = firm.people("黛玉", "林妹妹")
    withdraws(firm, "林妹妹")
    firm.gate()
    firm.ledger.merge(CORP, daiyu, linmei)
    firm.proposes(firm.say(daiyu, id="a"), firm.say(linmei, id="b"))

    assert firm.gate() == {"a": "refused opted_out", "b": "refused opted_out"}


@pytest.mark.parametrize("tag", ["退订", "勿扰"])
def test_whom_staff_tagged_as_wanting_nothing_more_gets_nothing_more(firm: Firm, tag: str) -> None:
    (daiyu,) = firm.people("黛玉")
    with firm.ledger.write() as connection:
        connection.execute(sa.update(wecom_contacts).values(tags=msgspec.json.encode({"et1": tag}).decode()))
    firm.proposes(firm.say(daiyu, id="a"))

    assert firm.gate() == {"a": "refused opted_out"}


def test_a_purpose_may_need_a_consent(firm: Firm) -> None:
    daiyu, baochai = firm.people("黛玉", "宝钗")
    firm.follows(consent_needed=["sell"])
    firm.tells(
        ConsentGiven(happened_us=NOON - 1, source_id="c", person=Id("external_userid", "黛玉"), purpose="marketing")
    )
    firm.proposes(firm.say(daiyu, id="a"), firm.say(baochai, id="b"), firm.say(baochai, id="c", purpose="give"))

    assert firm.gate() == {"a": "admitted", "b": "refused no_consent", "c": "admitted"}


# ---- who is there, and who could say it ----


def test_who_is_not_a_contact_any_more_cannot_be_reached(firm: Firm) -> None:
    daiyu, baochai = firm.people("黛玉", "宝钗")
    firm.people("袭人", staff="pinger")
    with firm.ledger.write() as connection:
        mine = wecom_contacts.c.external_userid == "黛玉"
        connection.execute(sa.update(wecom_contacts).where(mine).values(lost_us=NOON - 5))
    firm.proposes(firm.say(daiyu, id="a"), firm.say(baochai, id="b", sender="pinger"), firm.say(999_999, id="c"))

    assert firm.gate() == {"a": "refused lost_contact", "b": "refused no_sender", "c": "refused erased"}


def test_when_staff_left_somebody_else_says_it_or_nobody(firm: Firm) -> None:
    daiyu, baochai = firm.people("黛玉", "宝钗")
    firm.people("宝钗", staff="pinger", added_us=LONG_AGO + 5)
    with firm.ledger.write() as connection:
        connection.execute(sa.update(wecom_staff).where(wecom_staff.c.userid == "xifeng").values(gone_us=NOON - 5))
    firm.proposes(firm.say(daiyu, id="a"), firm.say(baochai, id="b"), firm.say(baochai, id="c", sender="xifeng"))

    assert firm.gate() == {"a": "refused staff_left", "b": "admitted", "c": "refused staff_left"}
    assert firm.sender("b") == "pinger"


def test_nobody_erased_is_told_anything_nor_named(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    firm.ledger.erase(CORP, daiyu, "test")
    firm.proposes(firm.say(daiyu, id="a"))

    assert firm.gate() == {"a": "refused erased"}
    assert told(firm.ledger) == [("a", "refused", "erased")]


def test_nothing_goes_out_for_a_campaign_that_was_stopped(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    with firm.ledger.write() as connection:
        connection.execute(
            sa.insert(campaigns),
            [
                {
                    "corp_id": CORP, "campaign_id": id, "kind": "broadcast", "name": id, "purpose": "sell", "state": state,
                    "body": "{}", "created_us": NOON, "changed_us": NOON,
                }
                for id, state in (("off", "cancelled"), ("rest", "paused"))
            ],
        )  # fmt: skip
    firm.proposes(firm.say(daiyu, id="a", campaign="off"), firm.say(daiyu, id="b", campaign="rest"))

    assert firm.gate() == {"a": "refused campaign_stopped", "b": "proposed campaign_paused"}


def test_the_global_holdout_is_the_same_people_each_time_and_is_served(firm: Firm) -> None:
    firm.follows(holdout=0.5)
    everybody = firm.people(*(f"客{n}" for n in range(40)))
    firm.proposes(*(firm.say(one, id=f"s{one}") for one in everybody))
    first = firm.gate()
    firm.proposes(*(firm.say(one, id=f"t{one}") for one in everybody))
    firm.proposes(*(firm.say(one, id=f"v{one}", purpose="service") for one in everybody))

    second = firm.gate()

    held = {one for one in everybody if first[f"s{one}"] == "refused held_out"}
    assert 8 < len(held) < 32
    assert held == {one for one in everybody if second[f"t{one}"] == "refused held_out"}
    assert all(second[f"v{one}"] == "admitted" for one in held)


def test_who_is_blocked_gets_nothing(firm: Firm) -> None:
    daiyu, baochai = firm.people("黛玉", "宝钗")
    firm.follows(blocked=[daiyu])
    firm.proposes(firm.say(daiyu, id="a", purpose="service"), firm.say(baochai, id="b"))

    assert firm.gate() == {"a": "refused blocklisted", "b": "admitted"}


# ---- when ----


def test_what_comes_at_night_waits_for_the_morning_but_for_service(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    night = NOON + 10 * HOUR
    firm.proposes(firm.say(daiyu, id="a"), firm.say(daiyu, id="b", purpose="service"))

    assert firm.gate(night) == {"a": "proposed quiet_hours", "b": "admitted"}
    assert firm.due("a") == NOON + 20 * HOUR + HOUR // 2
    assert firm.gate(firm.due("a"))["a"] == "admitted"


def test_what_would_come_too_late_after_waiting_is_refused(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    firm.proposes(firm.say(daiyu, id="a", expires=NOON + 12 * HOUR), firm.say(daiyu, id="b", expires=NOON + HOUR))

    assert firm.gate(NOON + 10 * HOUR) == {"a": "refused quiet_hours", "b": "refused expired"}


# ---- what is scarce ----


def test_of_two_for_one_person_the_one_worth_more_goes_and_the_other_waits(firm: Firm) -> None:
    firm.follows(budget=1.0)
    (daiyu,) = firm.people("黛玉")
    firm.proposes(firm.say(daiyu, id="a", worth=10_000), firm.say(daiyu, id="b", worth=30_000), firm.say(daiyu, id="c"))

    assert firm.gate() == {"a": "proposed over_budget", "b": "admitted", "c": "proposed over_budget"}
    assert firm.due("a") == NOON + 7 * DAY_US
    assert firm.gate(NOON + 7 * DAY_US) == {"a": "admitted", "b": "admitted", "c": "proposed over_budget"}


def test_attention_is_kept_for_what_is_worth_more_later_in_the_week(firm: Firm) -> None:
    firm.follows(budget=1.0)
    (daiyu,) = firm.people("黛玉")
    firm.proposes(
        firm.say(daiyu, id="a", worth=10_000, expires=NOON + 3 * DAY_US),
        firm.say(daiyu, id="b", worth=30_000, due=NOON + 2 * DAY_US),
    )  # fmt: skip

    assert firm.gate() == {"a": "proposed outbid", "b": "proposed"}
    assert firm.gate(NOON + 2 * DAY_US) == {"a": "refused over_budget", "b": "admitted"}


def test_greetings_cost_less_of_the_budget_than_offers(firm: Firm) -> None:
    firm.follows(budget=1.0, person={"day": 9})
    daiyu, baochai = firm.people("黛玉", "宝钗")
    firm.proposes(
        *(firm.say(daiyu, id=f"a{n}", purpose="care") for n in range(5)),
        *(firm.say(baochai, id=f"b{n}", purpose=purpose) for n, purpose in enumerate(("give", "care", "sell"))),
    )  # fmt: skip

    states = firm.gate()

    assert [states[f"a{n}"] for n in range(5)] == ["admitted"] * 4 + ["proposed over_budget"]
    assert [states[f"b{n}"] for n in range(3)] == ["admitted", "admitted", "proposed over_budget"]


def test_costs_that_were_learned_count(firm: Firm) -> None:
    firm.follows(budget=1.0)
    (daiyu,) = firm.people("黛玉")
    with firm.ledger.write() as connection:
        body = msgspec.json.encode({"wears": Weariness(costs={"sell": 1.0, "care": 0.6})}).decode()
        connection.execute(sa.insert(attention_rates).values(corp_id=CORP, reckoned_us=NOON, body=body))
    firm.proposes(*(firm.say(daiyu, id=id, purpose="care") for id in "ab"))

    assert firm.gate() == {"a": "admitted", "b": "proposed over_budget"}


def test_who_was_told_much_lately_waits_until_it_is_worth_it(firm: Firm) -> None:
    firm.follows(budget=3.0, contact_worth_fen=9_000, weary_loss=0.5)
    (daiyu,) = firm.people("黛玉")
    firm.proposes(
        firm.say(daiyu, id="a", worth=1_000), firm.say(daiyu, id="b", worth=1_500), firm.say(daiyu, id="c", worth=400)
    )

    # To be sold to costs 500 who is rested, and 2,000 who was sold to just now.
    assert firm.gate() == {"a": "proposed tired", "b": "admitted", "c": "refused not_worth_it"}
    assert NOON + 7 * DAY_US < firm.due("a") < NOON + 11 * DAY_US
    assert firm.gate(firm.due("a"))["a"] == "admitted"


def test_of_two_worth_the_same_the_one_that_wearies_less_goes(firm: Firm) -> None:
    firm.follows(budget=1.0)
    (daiyu,) = firm.people("黛玉")
    firm.proposes(firm.say(daiyu, id="a", worth=9_000), firm.say(daiyu, id="b", worth=9_000, purpose="care"))

    assert firm.gate() == {"a": "proposed over_budget", "b": "admitted"}


def test_what_costs_more_patience_than_it_brings_stays_unsent(firm: Firm) -> None:
    firm.follows(weary_loss=0)
    daiyu, baochai = firm.people("黛玉", "宝钗")
    with firm.ledger.write() as connection:
        connection.execute(
            sa.insert(attention).values(
                corp_id=CORP, person=daiyu, budget=3.0, weariness_fen=500, why="{}", changed_us=NOON
            )
        )
    firm.proposes(
        firm.say(daiyu, id="a", worth=400), firm.say(daiyu, id="b", worth=600), firm.say(daiyu, id="c"),
        firm.say(baochai, id="d", worth=400),
    )  # fmt: skip

    assert firm.gate() == {"a": "refused not_worth_it", "b": "admitted", "c": "admitted", "d": "admitted"}


def test_a_learned_budget_counts(firm: Firm) -> None:
    daiyu, baochai = firm.people("黛玉", "宝钗")
    with firm.ledger.write() as connection:
        connection.execute(
            sa.insert(attention),
            [
                {"corp_id": CORP, "person": daiyu, "budget": 0.5, "weariness_fen": 0, "why": "{}", "changed_us": NOON},
                {"corp_id": CORP, "person": baochai, "budget": 0.0, "weariness_fen": 0, "why": "{}", "changed_us": NOON},
            ],
        )  # fmt: skip
    firm.proposes(
        firm.say(daiyu, id="a"), firm.say(daiyu, id="b", due=NOON + 1),
        firm.say(baochai, id="c"), firm.say(baochai, id="d", purpose="service"),
    )  # fmt: skip
    firm.gate()

    assert firm.gate(NOON + 1) == {
        "a": "admitted", "b": "proposed over_budget", "c": "refused over_budget", "d": "admitted",
    }  # fmt: skip
    assert firm.due("b") == NOON + 14 * DAY_US


def test_wecoms_limits_hold_for_service_too(firm: Firm) -> None:
    firm.follows(person={"day": 1, "month": 2})
    (daiyu,) = firm.people("黛玉")
    for day in range(3):
        firm.proposes(*(firm.say(daiyu, id=f"{day}{n}", purpose="service") for n in range(2)))
        firm.gate(NOON + day * DAY_US)

    states = firm.states()
    assert states["00"] == "admitted"
    assert sum(state == "admitted" for state in states.values()) == 2
    assert {state for state in states.values() if state != "admitted"} == {"proposed month_quota"}


def test_a_clock_that_goes_back_lets_nothing_more_out_than_was_allowed(firm: Firm) -> None:
    firm.follows(person={"day": 1, "month": 1})
    (daiyu,) = firm.people("黛玉")
    firm.proposes(firm.say(daiyu, id="a", purpose="service"))
    firm.gate()

    earlier = NOON - 2 * DAY_US
    firm.proposes(firm.say(daiyu, id="b", purpose="service", due=earlier), now_us=earlier)
    back = firm.gate(earlier)

    assert back["a"] == "admitted"
    assert back["b"].startswith("proposed ")
    assert [(touch, state) for touch, state, _ in told(firm.ledger)] == [("a", "admitted")]


def test_staff_get_only_so_many_tasks_a_day_and_the_same_words_are_one_task(firm: Firm) -> None:
    firm.follows(staff_tasks=1)
    daiyu, baochai, tanchun = firm.people("黛玉", "宝钗", "探春")
    firm.people("探春", staff="pinger", added_us=LONG_AGO + 1)
    firm.proposes(
        firm.say(daiyu, id="a", words="新品"), firm.say(baochai, id="b", words="新品"), firm.say(baochai, id="c"),
        firm.say(tanchun, id="d"),
    )  # fmt: skip

    assert firm.gate() == {"a": "admitted", "b": "admitted", "c": "proposed staff_quota", "d": "admitted"}
    assert firm.sender("d") == "pinger"
    assert firm.due("c") == NOON + 20 * HOUR + HOUR // 2


def test_nobody_is_told_the_same_twice(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    firm.proposes(firm.say(daiyu, id="a", words="新品"), firm.say(daiyu, id="b", words="新品"))
    firm.gate()
    firm.proposes(firm.say(daiyu, id="c", words="新品", expires=NOON + 90 * DAY_US))

    assert firm.gate(NOON + DAY_US) == {"a": "admitted", "b": "refused same_words", "c": "refused same_words"}
    firm.proposes(firm.say(daiyu, id="d", words="新品", expires=NOON + 90 * DAY_US))
    assert firm.gate(NOON + 31 * DAY_US)["d"] == "admitted"


def test_what_was_told_in_their_own_words_is_not_told_in_plain_ones_again_nor_the_other_way_round(firm: Firm) -> None:
    daiyu, baochai = firm.people("黛玉", "宝钗")
    own = [replace(firm.say(to, id=f"own-{to}", words=f"新品，{to}"), plain_id="新品") for to in (daiyu, baochai)]
    firm.proposes(own[0], firm.say(baochai, id="plain", words="新品"))
    firm.gate()
    firm.proposes(firm.say(daiyu, id="again", words="新品"), own[1])

    states = firm.gate(NOON + HOUR)

    assert (states[own[0].proposal_id], states["plain"]) == ("admitted", "admitted")
    assert (states["again"], states[own[1].proposal_id]) == ("refused same_words", "refused same_words")


def test_of_two_forms_of_the_same_in_one_turn_one_goes(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    firm.proposes(
        replace(firm.say(daiyu, id="a", words="新品，黛玉"), plain_id="新品"), firm.say(daiyu, id="b", words="新品")
    )

    assert firm.gate() == {"a": "admitted", "b": "refused same_words"}


def test_two_groups_of_the_same_people_are_not_told_the_same_in_two_forms(firm: Firm) -> None:
    names = [f"客{n}" for n in range(10)]
    firm.people(*names)
    one, same = firm.group("诗社", *names), firm.group("厨房", *names[5:], "甲")
    own = replace(firm.say(one, id="own", words="诗社开社", group=True), plain_id="开社")
    firm.proposes(own, firm.say(same, id="plain", words="开社", group=True))

    assert firm.gate() == {"own": "admitted", "plain": "refused same_words"}


def test_two_groups_of_the_same_people_are_not_told_the_same(firm: Firm) -> None:
    names = [f"客{n}" for n in range(10)]
    firm.people(*names)
    one, same, other = firm.group("诗社", *names), firm.group("厨房", *names[5:], "甲"), firm.group("别处", "乙", "丙")
    firm.proposes(*(firm.say(g, id=f"g{n}", words="开社", group=True) for n, g in enumerate((one, same, other))))

    assert firm.gate() == {"g0": "admitted", "g1": "refused same_words", "g2": "admitted"}


def test_who_read_it_in_a_group_is_not_told_it_again(firm: Firm) -> None:
    daiyu, baochai = firm.people("黛玉", "宝钗")
    group = firm.group("诗社", "黛玉")
    firm.proposes(firm.say(group, id="g", words="开社", group=True))
    firm.gate()
    firm.proposes(firm.say(daiyu, id="a", words="开社"), firm.say(baochai, id="b", words="开社"))

    assert firm.gate() == {"a": "refused same_words", "b": "admitted", "g": "admitted"}


def test_what_is_said_in_groups_is_paid_for_by_their_members(firm: Firm) -> None:
    firm.follows(budget=1.3, group_cost=0.2)
    daiyu, baochai = firm.people("黛玉", "宝钗")
    group = firm.group("诗社", "黛玉")
    firm.proposes(firm.say(group, id="g1", group=True), firm.say(group, id="g2", group=True))
    firm.gate(NOON - HOUR)
    firm.proposes(*(firm.say(group, id=id, group=True, due=NOON - HOUR) for id in ("g1", "g2")))
    firm.gate(NOON - HOUR)
    firm.gate()
    firm.proposes(firm.say(daiyu, id="a"), firm.say(baochai, id="b"))

    assert firm.gate(NOON + 1) == {"a": "proposed over_budget", "b": "admitted", "g1": "admitted", "g2": "admitted"}


def test_a_group_has_its_own_limits_and_its_owner(firm: Firm) -> None:
    firm.follows(group={"day": 1}, group_budget=5)
    group, gone = firm.group("诗社", "黛玉"), firm.group("旧群", "黛玉")
    with firm.ledger.write() as connection:
        old = wecom_groups.c.chat_id == "旧群"
        connection.execute(sa.update(wecom_groups).where(old).values(dismissed_us=NOON - 1))
    firm.proposes(
        firm.say(group, id="a", group=True, worth=2), firm.say(group, id="b", group=True, worth=1),
        firm.say(gone, id="c", group=True), firm.say(group, id="d", group=True, sender="pinger"),
    )  # fmt: skip

    assert firm.gate() == {
        "a": "admitted", "b": "proposed group_quota", "c": "refused lost_contact", "d": "refused no_sender",
    }  # fmt: skip
    assert firm.sender("a") == "xifeng"


def test_what_failed_reached_nobody_and_uses_nothing_up(firm: Firm) -> None:
    firm.follows(budget=1.0)
    (daiyu,) = firm.people("黛玉")
    firm.proposes(firm.say(daiyu, id="a", words="新品"))
    firm.gate()
    with firm.ledger.write() as connection:
        connection.execute(sa.update(proposals).values(state="failed", reason="no_relation"))
    firm.proposes(firm.say(daiyu, id="b", words="新品"))

    assert firm.gate(NOON + 1) == {"a": "failed no_relation", "b": "admitted"}


# ---- many, and badly ----


def test_a_turn_that_is_too_big_goes_on_at_once(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admitting, "MOST", 10)
    everybody = firm.people(*(f"客{n}" for n in range(25)))
    firm.proposes(*(firm.say(one) for one in everybody))

    assert admit_due(firm.ledger, Settings(), CORP, NOON)
    assert set(firm.gate().values()) == {"admitted"}


def test_a_policy_that_cannot_be_stops_everything_with_a_clear_word(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    firm.follows(quiet_from="25:00")
    firm.proposes(firm.say(daiyu, id="a"))

    with pytest.raises(Exception, match="quiet_from"):
        firm.gate()
    assert firm.states() == {"a": "proposed"}


def _admit_for_ever(data: Path) -> None:
    admitting.MOST = 20
    with Ledger.open(Settings(data=data)) as ledger:
        while True:
            admit_due(ledger, Settings(), CORP, NOON)


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_let_out_twice(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    with Ledger.open(settings) as ledger:
        ledger.ensure_corp(CORP)
        firm = Firm(ledger, budget=1.0, budget_most=1.0)
        everybody = firm.people(*(f"客{n}" for n in range(400)))
        firm.proposes(*(firm.say(one, id=f"{one}:{n}") for one in everybody for n in range(2)))
    spawn = multiprocessing.get_context("spawn")
    for pause in (0.9, 1.0, 1.1):
        worker = spawn.Process(target=_admit_for_ever, args=(settings.data,))
        worker.start()
        time.sleep(pause)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()

    with Ledger.open(settings) as ledger:
        while admit_due(ledger, Settings(), CORP, NOON):
            pass
        with ledger.read() as connection:
            states = connection.execute(sa.select(proposals.c.person, proposals.c.state)).all()
            counted = outbox.counts(connection, CORP, ["spring"])["spring"]
        moved = [touch for touch, state, _ in told(ledger) if state == "admitted"]
        erased = ledger.facts(CORP, "touch.moved")
    assert sorted(person for person, state in states if state == "admitted") == sorted(everybody)
    assert counted == {("", "admitted", ""): 400, ("", "proposed", ""): 400}
    assert (len(moved), len(set(moved)), erased) == (400, 400, 400)
