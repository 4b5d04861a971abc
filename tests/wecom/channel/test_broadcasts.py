"""A message task to its end, whatever staff and contacts do."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import text

from tests.wecom.channel.conftest import CORP
from tests.wecom.channel.pretend import DAY, E, PretendCorp
from tests.wecom.channel.reading import ends, told
from tiefen.ledger.batch import Batch, Profile
from tiefen.ledger.facts import Id
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.channel import AlreadyTasked, Channel, ChannelSettings, Looked, Message, Recipient, broadcasts
from tiefen.wecom.channel.tasks import Tasks
from tiefen.wecom.client import FrequencyLimited, Unanswered

pytestmark = pytest.mark.stores

HELLO = Message(text="海棠社明日开社")
ALL = ("wm_daiyu", "wm_baochai", "wm_tanchun", "wm_xiren")


def to(*ids: str) -> list[Recipient]:
    return [Recipient(touch=f"t-{n}", to=one, campaign="opening") for n, one in enumerate(ids)]


def pass_time(corp: PretendCorp, channel: Channel, seconds: float) -> None:
    """Let time pass, looking every few minutes as a worker would."""
    end = corp.clock.now() + seconds
    while corp.clock.now() < end:
        corp.clock.advance(min(300, end - corp.clock.now()))
        channel.look()


def test_a_broadcast_is_tasked_then_sent_and_delivered_when_staff_confirm(
    channel: Channel, corp: PretendCorp, ledger: Ledger
) -> None:
    task = channel.broadcast(to(*ALL), HELLO)
    assert [state for _, state, _ in told(ledger)] == ["tasked"] * 4

    pass_time(corp, channel, 600)
    corp.confirm("xifeng", "msg0")
    pass_time(corp, channel, 2 * 3600)
    assert ends(ledger) == {"t-0": "delivered", "t-1": "delivered", "t-2": "delivered", "t-3": "tasked"}

    corp.confirm("pinger", "msg0")
    pass_time(corp, channel, 6 * 3600)
    assert ends(ledger)["t-3"] == "delivered"
    assert channel.task(task).state == "done"
    assert ("t-3", "sent", "", "wm_xiren") in told(ledger, whom=True)


def test_why_a_message_did_not_arrive_is_told(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    corp.strangers = {"wm_xiren"}
    channel.broadcast(to(*ALL), HELLO)

    corp.confirm("xifeng", "msg0", failing={"wm_daiyu": 2, "wm_baochai": 3, "wm_tanchun": 9})
    pass_time(corp, channel, 3600)

    assert ends(ledger) == {
        "t-0": "failed no_relation", "t-1": "failed quota_used_up", "t-2": "failed unknown", "t-3": "failed not_sendable",
    }  # fmt: skip


def test_an_empty_audience_is_an_answer(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    corp.strangers = set(ALL)

    task = channel.broadcast(to(*ALL), HELLO)

    assert set(ends(ledger).values()) == {"failed empty_audience"}
    assert channel.task(task).state == "failed"


def test_the_first_look_waits_and_a_not_yet_is_no_failure(channel: Channel, corp: PretendCorp) -> None:
    channel.broadcast(to(*ALL), HELLO)
    assert channel.look() == Looked(0, 0)

    corp.tasks["msg0"]["made"] += 50
    corp.clock.advance(61)

    assert channel.look() == Looked(1, 0)


def test_what_nobody_confirms_is_given_up_in_the_end(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    task = channel.broadcast(to(*ALL), HELLO)
    corp.confirm("xifeng", "msg0", only={"wm_daiyu"})

    pass_time(corp, channel, 7 * DAY + 600)

    assert ends(ledger) == {
        "t-0": "delivered", "t-1": "failed not_confirmed", "t-2": "failed not_confirmed", "t-3": "failed not_confirmed",
    }  # fmt: skip
    assert channel.task(task).state == "done"


def test_a_cancelled_broadcast_keeps_what_was_sent_before(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    task = channel.broadcast(to(*ALL), HELLO)
    corp.confirm("pinger", "msg0")

    assert channel.cancel(task)
    corp.confirm("xifeng", "msg0")
    pass_time(corp, channel, 600)

    assert ends(ledger) == {
        "t-0": "failed cancelled", "t-1": "failed cancelled", "t-2": "failed cancelled", "t-3": "delivered",
    }  # fmt: skip
    assert not channel.cancel(task)


def test_staff_are_reminded_three_times_in_a_day(channel: Channel, corp: PretendCorp) -> None:
    task = channel.broadcast(to(*ALL), HELLO)

    answers = [channel.nudge_staff(task) for _ in range(4)]

    assert [answer.done for answer in answers] == [True, True, True, False]
    assert answers[3].again_us == corp.now_us() + DAY * 1_000_000
    assert len(corp.tasks["msg0"]["reminded"]) == 3
    corp.clock.advance(DAY + 1)
    assert channel.nudge_staff(task).done


def test_a_broadcast_to_groups_is_told_by_group(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    channel.broadcast_to_groups(to("wr_poetry", "wr_kitchen"), HELLO, sender="xifeng")
    pass_time(corp, channel, 600)

    corp.confirm("xifeng", "msg0", only={"wr_poetry"})
    pass_time(corp, channel, 3600)
    assert ends(ledger) == {"t-0": "delivered", "t-1": "tasked"}

    corp.confirm("xifeng", "msg0")
    pass_time(corp, channel, 6 * 3600)
    assert ends(ledger) == {"t-0": "delivered", "t-1": "delivered"}
    assert {whom for *_, whom in told(ledger, whom=True)} == {"wr_poetry", "wr_kitchen"}


def test_a_task_whose_answer_was_lost_is_found_and_not_made_twice(
    channel: Channel, corp: PretendCorp, ledger: Ledger
) -> None:
    channel.broadcast(to("wm_xiren"), HELLO)
    corp.lose = {E + "add_msg_template": 1}
    task = channel.broadcast([Recipient(touch="lost", to="wm_daiyu")], HELLO)
    assert channel.task(task).state == "asking"

    pass_time(corp, channel, 600)
    corp.confirm("xifeng", "msg1")
    pass_time(corp, channel, 3 * 3600)

    assert channel.task(task).outer_id == "msg1"
    assert len(corp.tasks) == 2
    assert ends(ledger)["lost"] == "delivered"


def test_a_crash_right_after_wecom_answered_loses_nothing_and_doubles_nothing(
    channel: Channel, corp: PretendCorp, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(broadcasts, "_tasked", die)
        with pytest.raises(Killed):
            channel.broadcast(to(*ALL), HELLO)

    corp.confirm("xifeng", "msg0")
    corp.confirm("pinger", "msg0")
    pass_time(corp, Channel(ledger, CORP, corp.client(), clock=corp.now_us), 3600)

    assert set(ends(ledger).values()) == {"delivered"}
    assert (len(corp.tasks), len(told(ledger))) == (1, 12)


def test_a_crash_while_looking_tells_every_fact_once(
    channel: Channel, corp: PretendCorp, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    channel.broadcast(to(*ALL), HELLO)
    corp.confirm("xifeng", "msg0")
    corp.confirm("pinger", "msg0")
    corp.clock.advance(120)
    with monkeypatch.context() as patched:
        patched.setattr(Tasks, "moved", die)
        with pytest.raises(Killed):
            channel.look()

    pass_time(corp, channel, 3600)

    assert len(told(ledger)) == 12
    assert set(ends(ledger).values()) == {"delivered"}


def test_a_task_that_was_never_made_fails_after_it_was_looked_for(
    channel: Channel, corp: PretendCorp, ledger: Ledger
) -> None:
    corp.lose = {E + "add_msg_template": 1}
    channel.broadcast(to("wm_daiyu"), HELLO)
    corp.tasks.clear()

    pass_time(corp, channel, 1200)

    assert ends(ledger) == {"t-0": "failed unanswered"}


def test_after_a_restart_another_channel_goes_on(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    channel.broadcast(to(*ALL), HELLO)
    corp.confirm("xifeng", "msg0")
    corp.confirm("pinger", "msg0")

    restarted = Channel(ledger, CORP, corp.client(), clock=corp.now_us)
    pass_time(corp, restarted, 3600)

    assert set(ends(ledger).values()) == {"delivered"}


def test_the_same_touch_is_not_handed_over_twice(channel: Channel, corp: PretendCorp) -> None:
    channel.broadcast(to(*ALL), HELLO)

    with pytest.raises(AlreadyTasked):
        channel.broadcast(to("wm_daiyu"), HELLO)

    assert len(corp.tasks) == 1


def test_what_was_certainly_not_done_may_be_handed_over_again(channel: Channel, corp: PretendCorp) -> None:
    corp.say = {E + "add_msg_template": 45009}
    with pytest.raises(FrequencyLimited):
        channel.broadcast(to(*ALL), HELLO)
    corp.say = {}
    corp.clock.advance(61)

    channel.broadcast(to(*ALL), HELLO)

    assert len(corp.tasks) == 1


def test_trouble_while_looking_is_noted_and_passes(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    task = channel.broadcast(to(*ALL), HELLO)
    corp.confirm("xifeng", "msg0")
    corp.confirm("pinger", "msg0")
    corp.say = {E + "get_groupmsg_task": 48002}
    corp.clock.advance(100)
    assert channel.look() == Looked(1, 1)
    assert "48002" in (channel.task(task).error or "")

    corp.say = {}
    pass_time(corp, channel, 3600)

    assert set(ends(ledger).values()) == {"delivered"}


def test_what_wecom_will_never_tell_ends_with_its_reason(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    channel.broadcast(to("wm_daiyu"), HELLO)
    corp.say = {E + "get_groupmsg_task": 48002}

    pass_time(corp, channel, 8 * DAY)

    assert ends(ledger) == {"t-0": "failed forbidden"}


def test_two_workers_do_not_look_at_one_task(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    channel.broadcast(to(*ALL), HELLO)
    corp.clock.advance(120)
    claimed = channel._desk.tasks.claim(corp.now_us())
    assert claimed is not None

    assert Channel(ledger, CORP, corp.client(), clock=corp.now_us).look() == Looked(0, 0)


def test_somebody_erased_meanwhile_leaves_no_trace_and_the_task_still_ends(
    channel: Channel, corp: PretendCorp, ledger: Ledger
) -> None:
    ledger.append(Batch(CORP, "test", profiles=[Profile(Id("external_userid", "wm_daiyu"), name="林黛玉")]))
    task = channel.broadcast(to("wm_daiyu", "wm_xiren"), HELLO)
    with ledger.read() as connection:
        person = connection.execute(text("SELECT person_id FROM handles WHERE id_value = 'wm_daiyu'")).scalar_one()

    ledger.erase(CORP, person, by="test")
    with ledger.read() as connection:
        rows = str(connection.execute(text("SELECT * FROM channel_recipients")).all())
    corp.confirm("pinger", "msg0")
    pass_time(corp, channel, 3600)

    assert "wm_daiyu" not in rows
    assert channel.task(task).state == "done"
    assert ends(ledger)["t-1"] == "delivered"


def test_removing_the_company_removes_its_tasks(channel: Channel, ledger: Ledger) -> None:
    channel.broadcast(to(*ALL), HELLO)

    ledger.remove_corp(CORP)

    assert channel._desk.tasks.of_kind("broadcast") == []


def test_an_unreachable_wecom_leaves_nothing_behind(ledger: Ledger, corp: PretendCorp) -> None:
    api = corp.client()
    api._api.transport.base_url = "http://127.0.0.1:9"
    api._api.transport._http = httpx.Client()
    channel = Channel(ledger, CORP, api, clock=corp.now_us, settings=ChannelSettings())

    with pytest.raises(Unanswered):
        channel.broadcast(to(*ALL), HELLO)

    assert channel._desk.tasks.of_kind("broadcast") == []
