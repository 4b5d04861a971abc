"""Moments tasks and handovers to their ends."""

from __future__ import annotations

import pytest

from tests.wecom.channel.conftest import CORP
from tests.wecom.channel.pretend import DAY, E, PretendCorp
from tests.wecom.channel.reading import ends, told
from tests.wecom.channel.test_broadcasts import pass_time, to
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.channel import Channel, Message, Recipient
from tiefen.wecom.channel.touches import part_of
from tiefen.wecom.client import FrequencyLimited

pytestmark = pytest.mark.stores

BLOSSOM = Message(text="海棠开了")


def test_a_moment_is_posted_by_staff_and_found_by_contacts(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    task = channel.post_moment("post", BLOSSOM, staff_ids=["xifeng", "pinger", "nobody"])
    assert told(ledger) == []

    pass_time(corp, channel, 600)
    assert ends(ledger)["post"] == "tasked"
    assert ends(ledger)[part_of("post", "nobody")] == "failed not_a_sender"

    corp.post("xifeng", "mom0")
    pass_time(corp, channel, 3600)
    assert ends(ledger)["post"] == "sent"
    assert ends(ledger)[part_of("post", "wm_daiyu")] == "delivered"
    assert part_of("post", "wm_xiren") not in ends(ledger)

    corp.post("pinger", "mom0")
    pass_time(corp, channel, 12 * 3600)
    assert ends(ledger)["post"] == "delivered"
    assert ends(ledger)[part_of("post", "wm_xiren")] == "delivered"
    assert channel.task(task).state == "done"


def test_a_moment_nobody_posts_fails_in_the_end(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    channel.post_moment("post", BLOSSOM)

    pass_time(corp, channel, 8 * DAY)

    assert ends(ledger)["post"] == "failed not_posted"
    assert ends(ledger)[part_of("post", "xifeng")] == "failed not_posted"


def test_a_job_that_fails_fails_the_post_with_its_reason(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    channel.post_moment("post", BLOSSOM)
    corp.jobs["job0"]["errcode"] = 41211

    pass_time(corp, channel, 600)

    assert ends(ledger) == {"post": "failed moments_not_opened"}


def test_a_cancelled_moment_keeps_what_was_posted(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    task = channel.post_moment("post", BLOSSOM)
    pass_time(corp, channel, 300)
    corp.post("pinger", "mom0")

    assert channel.cancel(task)
    corp.post("xifeng", "mom0")
    pass_time(corp, channel, 600)

    assert ends(ledger)["post"] == "delivered"
    assert ends(ledger)[part_of("post", "xifeng")] == "failed cancelled"


def test_a_moment_whose_answer_was_lost_is_found(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    corp.lose = {E + "add_moment_task": 1}
    channel.post_moment("post", BLOSSOM)
    corp.post("xifeng", "mom0")
    corp.post("pinger", "mom0")

    pass_time(corp, channel, 3600)

    assert ends(ledger)["post"] == "delivered"
    assert len(corp.jobs) == 1


def test_touches_of_a_moment_name_nobody(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    channel.post_moment("post", BLOSSOM)
    pass_time(corp, channel, 300)
    corp.post("xifeng", "mom0")
    pass_time(corp, channel, 3600)

    assert not any("wm_" in touch or "xifeng" in touch for touch, *_ in told(ledger))


@pytest.mark.parametrize("why", ["moved", "left"])
def test_a_handover_is_done_after_a_day_unless_refused(
    channel: Channel, corp: PretendCorp, ledger: Ledger, why: str
) -> None:
    corp.refuses = {"wm_baochai"}
    tasks = channel.hand_over("xifeng", "pinger", to("wm_daiyu", "wm_baochai", "wm_xiren"), why=why)  # type: ignore[arg-type]
    assert ends(ledger) == {"t-0": "tasked", "t-1": "tasked", "t-2": "failed not_their_contact"}

    pass_time(corp, channel, 2 * 3600)
    assert ends(ledger)["t-1"] == "failed refused"
    assert ends(ledger)["t-0"] == "tasked"

    pass_time(corp, channel, DAY)
    assert ends(ledger)["t-0"] == "delivered"
    assert channel.task(tasks[0]).state == "done"


def test_the_end_of_a_handover_is_learned_within_minutes(channel: Channel, corp: PretendCorp) -> None:
    tasks = channel.hand_over("xifeng", "pinger", to("wm_daiyu"), why="moved")

    pass_time(corp, channel, DAY + 600)

    assert channel.task(tasks[0]).state == "done"


def test_a_contact_is_handed_over_twice_in_ninety_days_at_most(
    channel: Channel, corp: PretendCorp, ledger: Ledger
) -> None:
    for turn in range(2):
        channel.hand_over("xifeng", "pinger", [Recipient(touch=f"h{turn}", to="wm_daiyu")], why="moved")
        pass_time(corp, channel, 2 * DAY)

    channel.hand_over("xifeng", "pinger", [Recipient(touch="h2", to="wm_daiyu")], why="moved")
    assert ends(ledger)["h2"] == "failed transferred_twice_in_90_days"
    assert corp.fake.asked(E + "transfer_customer") == 2

    corp.clock.advance(90 * DAY)
    channel.look()
    channel.hand_over("xifeng", "pinger", [Recipient(touch="h3", to="wm_daiyu")], why="moved")
    assert ends(ledger)["h3"] == "tasked"


def test_the_end_of_an_earlier_handover_is_not_taken_for_this_one(
    channel: Channel, corp: PretendCorp, ledger: Ledger
) -> None:
    channel.hand_over("xifeng", "pinger", [Recipient(touch="h1", to="wm_daiyu")], why="moved")
    pass_time(corp, channel, 2 * DAY)
    done = dict(corp.transfers["wm_daiyu"])
    channel.hand_over("xifeng", "pinger", [Recipient(touch="h2", to="wm_daiyu")], why="moved")
    corp.transfers["wm_daiyu"] = done

    pass_time(corp, channel, 7200)

    assert ends(ledger) == {"h1": "delivered", "h2": "tasked"}


def test_a_handover_of_many_goes_a_hundred_at_a_time(channel: Channel, corp: PretendCorp) -> None:
    corp.follows["xifeng"] = [f"wm{n}" for n in range(250)]

    tasks = channel.hand_over("xifeng", "pinger", to(*corp.follows["xifeng"]), why="left")

    assert (len(tasks), corp.fake.asked(E + "resigned/transfer_customer")) == (3, 3)


def test_a_handover_whose_answer_was_lost_is_found(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    corp.lose = {E + "transfer_customer": 1}
    channel.hand_over("xifeng", "pinger", to("wm_daiyu"), why="moved")

    pass_time(corp, channel, 2 * DAY)

    assert [state for _, state, _ in told(ledger)] == ["tasked", "delivered"]


def test_a_handover_that_never_began_fails(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    corp.lose = {E + "transfer_customer": 1}
    channel.hand_over("xifeng", "pinger", to("wm_daiyu"), why="moved")
    corp.transfers.clear()

    pass_time(corp, channel, 1800)

    assert ends(ledger) == {"t-0": "failed unanswered"}


def test_a_refused_handover_as_a_whole_leaves_nothing(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    corp.say = {E + "transfer_customer": 45009}

    with pytest.raises(FrequencyLimited):
        channel.hand_over("xifeng", "pinger", to("wm_daiyu"), why="moved")

    assert told(ledger) == []


@pytest.mark.parametrize("why", ["moved", "left"])
def test_groups_get_another_owner(channel: Channel, corp: PretendCorp, ledger: Ledger, why: str) -> None:
    channel.hand_over_groups("pinger", to("wr_poetry", "wr_unknown"), why=why)  # type: ignore[arg-type]
    pass_time(corp, channel, 600)

    assert ends(ledger) == {"t-0": "delivered", "t-1": "failed not_a_group_for_contacts"}
    assert corp.owners["pinger"] == ["wr_poetry"]


def test_a_restart_in_the_middle_of_a_handover_changes_nothing(
    channel: Channel, corp: PretendCorp, ledger: Ledger
) -> None:
    channel.hand_over("xifeng", "pinger", to("wm_daiyu"), why="moved")
    pass_time(corp, channel, DAY // 2)

    pass_time(corp, Channel(ledger, CORP, corp.client(), clock=corp.now_us), DAY)

    assert ends(ledger) == {"t-0": "delivered"}
