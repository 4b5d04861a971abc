"""Every life cycle of the channel to its end, against a WeCom in which people act, on a stepped clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.conftest import CORP
from tests.sandbox.endpoints.pictures import jpg
from tests.sandbox.endpoints.scenes import DAY, HOUR, MINUTE, START, BoxClock, Mansion, Wire
from tests.wecom.channel.reading import ends, told
from tiefen.kit.errors import TiefenError
from tiefen.ledger.ledger import Ledger
from tiefen.sandbox import NotPossible, Sandbox
from tiefen.wecom.channel import Channel, ChannelSettings, Message, Recipient
from tiefen.wecom.channel.touches import part_of
from tiefen.wecom.client import Shared, WeCom
from tiefen.wecom.client.attachments import image

pytestmark = pytest.mark.slow

HELLO = Message(text="海棠社明日开社")
E = "externalcontact/"


class LosingWire(Wire):
    """Loses some calls on the way, and the answers to others after they were carried out."""

    def __init__(self, box: Sandbox) -> None:
        super().__init__(box)
        self.lose: dict[str, int] = {}
        self.never: dict[str, int] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/cgi-bin/")
        if self.never.get(path, 0) > 0:
            self.never[path] -= 1
            raise httpx.ReadError("never came")
        answer = super().handle_request(request)
        if self.lose.get(path, 0) > 0:
            self.lose[path] -= 1
            raise httpx.ReadError("lost")
        return answer


class House:
    """荣国府 with its channel."""

    def __init__(self, box: Sandbox, ledger: Ledger) -> None:
        self.home, self.box, self.ledger = Mansion(box), box, ledger
        self.begin_anew(box)

    def begin_anew(self, box: Sandbox, settings: ChannelSettings | None = None) -> None:
        """Another process of ours, in front of the same WeCom."""
        self.box = self.home.box = box
        self.home.phones = self.phones = box.phones(self.home.keys.corpid)
        self.wire, keys = LosingWire(box), self.home.keys
        self.api = WeCom(
            "https://sandbox.test", keys.corpid, keys.secret, agentid=keys.agentid, clock=BoxClock(box), shared=Shared(),
            wire=self.wire,
        )  # fmt: skip
        self.channel = Channel(
            self.ledger, CORP, self.api, settings=settings, clock=lambda: int(box.clock.now() * 1_000_000)
        )

    def passes(self, seconds: float) -> None:
        """Time passes, and the worker looks every few minutes, or every hour while days pass."""
        end, pause = self.box.clock.now() + seconds, 300.0 if seconds <= 3 * HOUR else HOUR
        while self.box.clock.now() < end:
            self.box.clock.step(min(pause, end - self.box.clock.now()))
            self.channel.look()

    def to(self, *names: str, touch: str = "") -> list[Recipient]:
        return [Recipient(touch=touch or name, to=self.home.id(name), campaign="opening") for name in names]

    def ends(self) -> dict[str, str]:
        return ends(self.ledger)

    def msgid(self, task: str) -> str:
        return self.channel.task(task).outer_id


@pytest.fixture
def house(ledger: Ledger) -> Iterator[House]:
    with Sandbox.open(speed=None, start=START) as box:
        yield House(box, ledger)


# ---- entry codes ----


def test_a_contact_code_brings_customers_with_its_state_until_it_is_closed(house: House) -> None:
    code = house.channel.open_contact_code(["xifeng", "pinger"], state="poster", remark="海报")
    external = house.phones.scan_way(house.phones.person("湘云"), code.config_id)

    follower = house.api.contacts.get(external).follow_user[0]
    assert follower.state == "poster"
    assert code.qr_code
    house.channel.close_code(code.code_id)

    assert house.channel.codes() == []
    with pytest.raises(NotPossible):
        house.phones.scan_way(house.phones.person("宝琴"), code.config_id)


def test_a_group_code_leads_into_groups_and_seeds_new_ones(house: House) -> None:
    house.box.configure(group_scan_most=3)
    first = house.phones.create_group("xifeng", "诗社", people=[house.home.people["黛玉"]])
    code = house.channel.open_group_code([first], state="table", base_name="诗社")

    chats = [house.phones.scan_join_way(house.phones.person(f"客{n}"), code.config_id) for n in range(2)]
    house.passes(MINUTE)

    assert chats[0] == first
    assert chats[1] != first
    states = {member.state for member in house.api.groups.get(chats[1]).member_list if member.type == 2}
    assert states == {"table"}
    house.channel.close_code(code.code_id)
    assert house.channel.codes() == []


def test_a_code_whose_answer_was_lost_is_found_and_not_made_twice(house: House) -> None:
    house.wire.lose = {E + "add_contact_way": 1}

    code = house.channel.open_contact_code(["xifeng"], state="poster")

    made = [one for page, _ in house.api.ways.every_contact_way() for one in page.contact_way]
    assert [one.config_id for one in made] == [code.config_id]


# ---- welcomes ----


def test_a_newcomer_is_welcomed_in_time(house: House) -> None:
    code, at = house.home.welcome_code("湘云"), int(house.box.clock.now() * 1_000_000)
    house.box.clock.step(5)

    outcome = house.channel.welcome(house.to("湘云")[0], code, HELLO, happened_us=at)

    assert outcome.delivered
    assert house.home.delivered("welcome") == [("xifeng", house.home.id("湘云"))]
    assert [state for _, state, _ in told(house.ledger)] == ["sent", "delivered"]


def test_a_welcome_that_comes_too_late_is_not_tried(house: House) -> None:
    code, at = house.home.welcome_code("湘云"), int(house.box.clock.now() * 1_000_000)
    house.box.clock.step(19)

    house.channel.welcome(house.to("湘云")[0], code, HELLO, happened_us=at)

    assert house.ends() == {"湘云": "failed too_late"}
    assert house.home.delivered("welcome") == []


def test_whom_another_app_welcomes_is_welcomed(house: House) -> None:
    other, code = house.home.second_app(), house.home.welcome_code("湘云")
    at = int(house.box.clock.now() * 1_000_000)
    other.messages.send_welcome_msg(code, text="别的应用")

    outcome = house.channel.welcome(house.to("湘云")[0], code, HELLO, happened_us=at)

    assert (outcome.delivered, outcome.reason) == (True, "already_welcomed")
    assert len(house.home.delivered("welcome")) == 1


def test_a_welcome_whose_answer_was_lost_welcomes_once(house: House) -> None:
    code, at = house.home.welcome_code("湘云"), int(house.box.clock.now() * 1_000_000)
    house.wire.lose = {E + "send_welcome_msg": 1}

    house.channel.welcome(house.to("湘云")[0], code, HELLO, happened_us=at)

    assert len(house.home.delivered("welcome")) == 1


# ---- broadcasts ----


def test_a_broadcast_is_delivered_by_each_of_the_staff_in_their_own_time(house: House) -> None:
    task = house.channel.broadcast(house.to("黛玉", "宝钗", "袭人"), HELLO)
    house.passes(10 * MINUTE)
    assert set(house.ends().values()) == {"tasked"}

    house.phones.confirm("xifeng", house.msgid(task))
    house.passes(HOUR)
    assert house.ends() == {"黛玉": "delivered", "宝钗": "delivered", "袭人": "tasked"}
    house.passes(6 * DAY)
    house.phones.confirm("pinger", house.msgid(task))
    house.passes(7 * HOUR)

    assert house.ends()["袭人"] == "delivered"
    assert house.channel.task(task).state == "done"
    sent = {target for _, target in house.home.delivered("single")}
    assert sent == {house.home.id(name) for name in ("黛玉", "宝钗", "袭人")}


def test_facts_carry_the_time_at_which_staff_sent(house: House) -> None:
    task = house.channel.broadcast(house.to("黛玉"), HELLO)
    house.passes(HOUR)
    house.phones.confirm("xifeng", house.msgid(task))
    sent_at = house.home.now() * 1_000_000

    house.passes(3 * HOUR)

    with house.ledger.read() as connection:
        rows = connection.exec_driver_sql("SELECT happened_us, body FROM facts WHERE kind = 'touch.moved'").all()
    assert [at for at, body in rows if "delivered" in str(body)] == [sent_at]


def test_what_nobody_confirms_is_given_up_in_the_end(house: House) -> None:
    task = house.channel.broadcast(house.to("黛玉", "袭人"), HELLO)
    house.passes(HOUR)
    house.phones.confirm("pinger", house.msgid(task))

    house.passes(7 * DAY)

    assert house.ends() == {"黛玉": "failed not_confirmed", "袭人": "delivered"}


def test_why_somebody_was_not_reached_is_told(house: House) -> None:
    house.box.configure(mass_messages="day")
    first = house.channel.broadcast(house.to("宝钗", touch="first"), HELLO)
    house.passes(5 * MINUTE)
    house.phones.confirm("xifeng", house.msgid(first))
    house.phones.delete_customer("xifeng", house.home.people["探春"])
    task = house.channel.broadcast(house.to("黛玉", "宝钗", "探春"), HELLO)
    house.phones.delete_staff(house.home.people["黛玉"], "xifeng")
    house.passes(5 * MINUTE)
    house.phones.confirm("xifeng", house.msgid(task))

    house.passes(2 * HOUR)

    assert house.ends() == {
        "first": "delivered", "黛玉": "failed no_relation", "宝钗": "failed quota_used_up", "探春": "failed not_sendable",
    }  # fmt: skip


def test_an_empty_audience_is_an_answer(house: House) -> None:
    house.phones.delete_customer("xifeng", house.home.people["黛玉"])

    house.channel.broadcast(house.to("黛玉"), HELLO)

    assert house.ends() == {"黛玉": "failed empty_audience"}


def test_a_cancelled_broadcast_keeps_what_was_sent(house: House) -> None:
    task = house.channel.broadcast(house.to("黛玉", "袭人"), HELLO)
    house.passes(5 * MINUTE)
    house.phones.confirm("pinger", house.msgid(task))

    assert house.channel.cancel(task)
    with pytest.raises(NotPossible):
        house.phones.confirm("xifeng", house.msgid(task))
    house.passes(10 * MINUTE)

    assert house.ends() == {"黛玉": "failed cancelled", "袭人": "delivered"}


def test_staff_are_reminded_three_times_a_day(house: House) -> None:
    task = house.channel.broadcast(house.to("黛玉"), HELLO)

    assert [house.channel.nudge_staff(task).done for _ in range(4)] == [True, True, True, False]
    house.passes(DAY + MINUTE)
    assert house.channel.nudge_staff(task).done


def test_a_broadcast_whose_answer_was_lost_is_found(house: House) -> None:
    house.wire.lose = {E + "add_msg_template": 1}
    task = house.channel.broadcast(house.to("黛玉"), HELLO)
    house.passes(10 * MINUTE)
    house.phones.confirm("xifeng", house.msgid(task))
    house.passes(3 * HOUR)

    assert house.ends() == {"黛玉": "delivered"}
    assert house.box.store.value("SELECT count(*) FROM group_messages") == 1


def test_of_two_that_say_the_same_each_finds_its_own(house: House) -> None:
    house.wire.never = {E + "add_msg_template": 1}
    unmade = house.channel.broadcast(house.to("黛玉"), HELLO)
    house.wire.lose = {E + "add_msg_template": 1}
    made = house.channel.broadcast(house.to("袭人"), HELLO)
    house.passes(20 * MINUTE)
    house.phones.confirm("pinger", house.msgid(made))
    house.passes(3 * HOUR)

    assert house.msgid(unmade) == ""
    assert house.ends() == {"黛玉": "failed unanswered", "袭人": "delivered"}


def test_staff_who_leave_before_they_confirm_send_nothing(house: House) -> None:
    house.channel.broadcast(house.to("黛玉"), HELLO)
    house.passes(5 * MINUTE)
    house.phones.resign("xifeng")

    house.passes(8 * DAY)

    assert house.ends() == {"黛玉": "failed not_confirmed"}


def test_groups_are_told_by_their_owner(house: House) -> None:
    chats = {name: house.phones.create_group("xifeng", name) for name in ("诗社", "厨房", "别处")}
    house.phones.change_owner(house.phones.create_group("pinger", "x", staff=["xifeng"]), "xifeng")
    recipients = [Recipient(touch=name, to=chat_id) for name, chat_id in chats.items()]
    task = house.channel.broadcast_to_groups(
        [*recipients, Recipient(touch="none", to="wr_none")], HELLO, sender="xifeng"
    )
    house.phones.dismiss(chats["别处"])
    house.passes(5 * MINUTE)
    house.phones.confirm("xifeng", house.msgid(task))

    house.passes(8 * DAY)

    assert house.ends() == {
        "诗社": "delivered", "厨房": "delivered", "别处": "failed not_confirmed", "none": "failed not_sendable",
    }  # fmt: skip
    assert {target for _, target in house.home.delivered("group")} == {chats["诗社"], chats["厨房"]}


# ---- Moments ----


def test_a_moment_is_posted_by_staff_and_found_by_their_customers(house: House) -> None:
    task = house.channel.post_moment("post", HELLO, staff_ids=["xifeng", "pinger", "nobody"])
    house.passes(10 * MINUTE)
    assert house.ends() == {
        "post": "tasked", part_of("post", "nobody"): "failed not_a_sender", part_of("post", "xifeng"): "tasked",
        part_of("post", "pinger"): "tasked",
    }  # fmt: skip

    house.phones.confirm_moment("xifeng", house.msgid(task))
    house.passes(HOUR)
    assert house.ends()["post"] == "sent"
    assert house.ends()[part_of("post", house.home.id("黛玉"))] == "delivered"
    house.phones.confirm_moment("pinger", house.msgid(task))
    house.passes(7 * HOUR)

    assert house.ends()["post"] == "delivered"
    assert house.ends()[part_of("post", house.home.id("袭人"))] == "delivered"
    assert house.channel.task(task).state == "done"


def test_a_moment_nobody_posts_fails_in_the_end(house: House) -> None:
    house.channel.post_moment("post", HELLO, staff_ids=["xifeng"])

    house.passes(8 * DAY)

    assert house.ends() == {"post": "failed not_posted", part_of("post", "xifeng"): "failed not_posted"}


def test_a_cancelled_moment_keeps_what_was_posted(house: House) -> None:
    task = house.channel.post_moment("post", HELLO)
    house.passes(5 * MINUTE)
    house.phones.confirm_moment("pinger", house.msgid(task))

    assert house.channel.cancel(task)
    with pytest.raises(NotPossible):
        house.phones.confirm_moment("xifeng", house.msgid(task))
    house.passes(10 * MINUTE)

    assert house.ends()["post"] == "delivered"
    assert house.ends()[part_of("post", "xifeng")] == "failed cancelled"
    assert house.ends()[part_of("post", house.home.id("袭人"))] == "delivered"


def test_a_moment_for_nobody_fails_with_the_reason(house: House) -> None:
    house.channel.post_moment("post", HELLO, tags=["et_none"])

    house.passes(5 * MINUTE)

    assert house.ends() == {"post": "failed empty_audience"}


def test_a_moment_whose_answer_was_lost_is_found(house: House) -> None:
    house.wire.lose = {E + "add_moment_task": 1}
    task = house.channel.post_moment("post", HELLO, staff_ids=["pinger"])
    house.passes(10 * MINUTE)
    house.phones.confirm_moment("pinger", house.msgid(task))
    house.passes(3 * HOUR)

    assert house.ends()["post"] == "delivered"
    assert house.box.store.value("SELECT count(*) FROM moments") == 1


# ---- handovers ----


def test_a_handover_on_the_job_takes_a_day_and_may_be_refused(house: House) -> None:
    (task,) = house.channel.hand_over(
        "xifeng", "pinger", house.to("黛玉", "宝钗", "袭人"), why="moved", farewell="以后找平儿"
    )
    assert house.ends() == {"黛玉": "tasked", "宝钗": "tasked", "袭人": "failed not_their_contact"}
    house.passes(2 * HOUR)
    house.phones.refuse_transfer(house.home.people["宝钗"], "pinger")

    house.passes(DAY)

    assert house.ends()["黛玉"] == "delivered"
    assert house.ends()["宝钗"] == "failed refused"
    assert house.channel.task(task).state == "done"
    contacts = house.box.truth(house.home.keys.corpid).contacts()
    assert ("pinger", house.home.id("黛玉")) in contacts
    assert ("xifeng", house.home.id("宝钗")) in contacts


def test_a_taker_who_is_full_takes_nobody(house: House) -> None:
    house.channel.hand_over("xifeng", "pinger", house.to("黛玉"), why="moved")
    house.box.configure(contacts_most=1)

    house.passes(DAY + HOUR)

    assert house.ends() == {"黛玉": "failed taker_full"}


def test_customers_of_those_who_left_go_to_somebody_else(house: House) -> None:
    house.phones.resign("xifeng")

    house.channel.hand_over("xifeng", "pinger", house.to("黛玉", "宝钗"), why="left")
    house.passes(DAY + HOUR)

    assert set(house.ends().values()) == {"delivered"}
    assert ("pinger", house.home.id("黛玉")) in house.box.truth(house.home.keys.corpid).contacts()


def test_who_was_handed_over_twice_on_the_job_still_finds_somebody_when_staff_leave(house: House) -> None:
    for turn, (giver, taker) in enumerate((("xifeng", "pinger"), ("pinger", "yuanyang"))):
        house.channel.hand_over(giver, taker, house.to("黛玉", touch=f"h{turn}"), why="moved")
        house.passes(DAY + HOUR)
    house.channel.hand_over("yuanyang", "xifeng", house.to("黛玉", touch="h2"), why="moved")
    house.phones.resign("yuanyang")

    house.channel.hand_over("yuanyang", "xifeng", house.to("黛玉", touch="h3"), why="left")
    house.passes(DAY + HOUR)

    assert house.ends() == {
        "h0": "delivered", "h1": "delivered", "h2": "failed transferred_twice_in_90_days", "h3": "delivered",
    }  # fmt: skip


def test_a_handover_whose_answer_was_lost_is_found(house: House) -> None:
    house.wire.lose = {E + "transfer_customer": 1}
    house.channel.hand_over("xifeng", "pinger", house.to("黛玉"), why="moved")

    house.passes(DAY + 7 * HOUR)

    assert [state for _, state, _ in told(house.ledger)] == ["tasked", "delivered"]


@pytest.mark.parametrize("why", ["moved", "left"])
def test_groups_get_another_owner(house: House, why: str) -> None:
    chat_id = house.phones.create_group("xifeng", "诗社", people=[house.home.people["黛玉"]])
    if why == "left":
        house.phones.resign("xifeng")

    house.channel.hand_over_groups(
        "pinger",
        [Recipient(touch="g", to=chat_id), Recipient(touch="none", to="wr_none")],
        why=why,  # type: ignore[arg-type]
    )
    house.passes(HOUR)

    assert house.ends() == {"g": "delivered", "none": "failed not_a_group_for_contacts"}


# ---- staff, files ----


def test_staff_are_told_at_once_as_far_as_they_are_there(house: House) -> None:
    outcome = house.channel.message_staff(
        [Recipient(touch="a", to="XiFeng"), Recipient(touch="b", to="nobody")], "text", {"content": "开会"}
    )

    assert outcome == {"a": None, "b": "unknown_staff"}
    assert house.ends() == {"a": "delivered", "b": "failed unknown_staff"}


def test_the_channel_never_sends_what_wecom_would_drop(house: House) -> None:
    outcomes: list[str | None] = []
    for n in range(40):
        outcomes += house.channel.message_staff(
            [Recipient(touch=f"s{n}", to="xifeng")], "text", {"content": f"{n}"}
        ).values()

    rows = house.box.store.column("SELECT touser FROM staff_messages")
    assert (len(rows), set(rows)) == (30, {"xifeng"})
    assert outcomes == [None] * 30 + ["staff_limit"] * 10


def test_a_file_is_uploaded_again_before_its_three_days_are_over(house: House) -> None:
    first = house.channel.media.ready("image", "a.jpg", jpg())
    assert house.channel.media.ready("image", "a.jpg", jpg()) == first
    house.box.clock.step(2.6 * DAY)

    again = house.channel.media.ready("image", "a.jpg", jpg())
    house.box.clock.step(0.45 * DAY)
    house.channel.broadcast(house.to("黛玉"), Message(attachments=(image(again),)))

    assert again != first
    assert house.ends() == {"黛玉": "tasked"}


# ---- everything at once, and badly ----


def test_both_sides_may_be_restarted_in_the_middle(tmp_path: Path, ledger: Ledger) -> None:
    def start() -> Sandbox:
        return Sandbox.open(tmp_path / "box", speed=None, start=START)

    with start() as box:
        house = House(box, ledger)
        task = house.channel.broadcast(house.to("黛玉"), HELLO)
        moment = house.channel.post_moment("post", HELLO, staff_ids=["pinger"])
        house.channel.hand_over("xifeng", "pinger", house.to("宝钗"), why="moved")
        house.box.clock.step(1)
    with start() as box:
        house.begin_anew(box)
        house.passes(10 * MINUTE)
        house.phones.confirm("xifeng", house.msgid(task))
        house.phones.confirm_moment("pinger", house.msgid(moment))
        house.passes(HOUR)
    with start() as box:
        house.begin_anew(box)
        house.passes(DAY)

    assert [house.ends()[touch] for touch in ("黛玉", "post", "宝钗")] == ["delivered"] * 3


def test_in_bad_days_what_the_ledger_says_is_what_happened(ledger: Ledger) -> None:
    with Sandbox.open(speed=None, start=datetime(2026, 3, 2, 2, tzinfo=UTC)) as box:
        house = House(box, ledger)
        house.begin_anew(box, ChannelSettings(broadcast_ends_us=int(2 * DAY) * 1_000_000))
        names = [f"客{n}" for n in range(16)]
        for n, name in enumerate(names):
            house.home.meets(name, ("xifeng", "pinger", "yuanyang")[n % 3])
        box.faults.http_5xx = box.faults.dropped = box.faults.busy = 0.1
        tasks = []
        for start in range(0, 16, 4):
            while True:
                # Where nothing was made the same may be asked again.
                with suppress(TiefenError):
                    tasks.append(house.channel.broadcast(house.to(*names[start : start + 4]), HELLO))
                    break
            house.passes(12 * MINUTE)
        for n, task in enumerate(tasks):
            for userid in ("xifeng", "pinger", "yuanyang")[:n]:
                if house.msgid(task):
                    house.phones.confirm(userid, house.msgid(task))
        house.passes(3 * DAY)
        sent = {target for _, target in house.home.delivered("single")}

        assert sent
        assert set(house.ends()) == set(names)
        assert all(end.startswith(("delivered", "failed")) for end in house.ends().values())
        assert {name for name, end in house.ends().items() if end == "delivered"} == {
            name for name in names if house.home.id(name) in sent
        }
