"""From a proposal to somebody's phone and back: the gate, the tasks, staff who confirm, and what WeCom says became of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy as sa

from tests.conftest import CORP
from tests.sandbox.endpoints.pictures import jpg
from tests.sandbox.endpoints.scenes import DAY, HOUR, MINUTE, START, BoxClock, Mansion, Wire
from tiefen.act import outbox
from tiefen.act.admitting import admit_due
from tiefen.act.message import Image, Message
from tiefen.act.proposal import Proposal
from tiefen.kit.clock import DAY_US
from tiefen.kit.errors import TiefenError
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups as group_rows
from tiefen.ledger.schema import handles, wecom_contacts
from tiefen.ledger.schema.touches import campaigns, proposals
from tiefen.sandbox import NotPossible, Sandbox
from tiefen.wecom.channel import Channel
from tiefen.wecom.client import FrequencyLimited, Shared, WeCom
from tiefen.wecom.delivering import Delivered, deliver
from tiefen.wecom.sync import Sync

pytestmark = pytest.mark.stores
HELLO = Message(text="海棠社明日开社")
TASK = "/cgi-bin/externalcontact/add_msg_template"


class FailingWire(Wire):
    """Does not carry some calls at all, or loses the answers to them."""

    never = lose = 0
    left: int | None = None
    """How many more tasks WeCom takes today."""

    def __init__(self, box: Sandbox) -> None:
        super().__init__(box)
        # A reading asks from several threads, and there is one loop.
        self._one = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == TASK and self.never:
            self.never -= 1
            raise httpx.ConnectError("never came")
        if request.url.path == TASK and self.left is not None:
            if self.left == 0:
                return httpx.Response(200, json={"errcode": 45009, "errmsg": "reach max api daily quota limit"})
            self.left -= 1
        with self._one:
            answer = super().handle_request(request)
        if request.url.path == TASK and self.lose:
            self.lose -= 1
            raise httpx.ReadError("lost")
        return answer


class Brand:
    """荣国府, whose WeCom was read once; nobody is held out."""

    def __init__(self, box: Sandbox, ledger: Ledger, settings: Settings) -> None:
        self.home, self.box, self.ledger, self.settings = Mansion(box), box, ledger, settings
        self.phones, self.wire = self.home.phones, FailingWire(box)
        keys = self.home.keys
        self.api = WeCom(
            "https://sandbox.test", keys.corpid, keys.secret, agentid=keys.agentid, clock=BoxClock(box), shared=Shared(),
            wire=self.wire,
        )  # fmt: skip
        self.channel = Channel(ledger, CORP, self.api, clock=self.now)
        ledger.update_settings(CORP, {"policy": {"holdout": 0.0}})
        self.reads()

    def now(self) -> int:
        return int(self.box.clock.now() * 1_000_000)

    def reads(self) -> None:
        """Everything that WeCom tells."""
        Sync(self.ledger, CORP, self.api, clock=self.now).read_everything()

    def says(self, *names: str, message: Message = HELLO, group: bool = False, **more: object) -> None:
        """Propose it to each, by name or `chat_id`; the name is the proposal's id."""
        now = self.now()
        with self.ledger.write() as connection:
            content_id = outbox.keep_content(connection, CORP, message)
            some = [
                Proposal(
                    proposal_id=str(more.get("id", "")) + name, campaign_id="spring",
                    person=None if group else self._person(connection, name),
                    group=self._group(connection, name) if group else None, channel="group" if group else "contact",
                    purpose="sell", content_id=content_id, plain_id=more.get("plain_id"), due_us=now,  # type: ignore[arg-type]
                    expires_us=now + int(more.get("lives", 14 * DAY)) * 1_000_000,  # type: ignore[call-overload]
                )
                for name in names
            ]  # fmt: skip
            outbox.propose(connection, CORP, some, now)

    def turn(self) -> Delivered:
        while admit_due(self.ledger, self.settings, CORP, self.now()):
            pass
        return deliver(self.ledger, CORP, self.channel, self.settings, self.now())

    def passes(self, seconds: float, step: float = 5 * MINUTE) -> None:
        end = self.box.clock.now() + seconds
        while self.box.clock.now() < end:
            self.box.clock.step(min(step, end - self.box.clock.now()))
            self.channel.look()
            self.turn()

    def confirms(self, userid: str) -> None:
        for msgid in self.msgids():
            try:
                self.phones.confirm(userid, msgid)
            except NotPossible:
                continue

    def msgids(self) -> list[str]:
        with self.ledger.read() as connection:
            ids = connection.scalars(
                sa.select(proposals.c.task_id).distinct().where(proposals.c.task_id.is_not(None))
            ).all()
        return [self.channel.task(str(id)).outer_id for id in ids]

    def states(self) -> dict[str, str]:
        with self.ledger.read() as connection:
            rows = connection.execute(sa.select(proposals)).all()
        return {row.proposal_id: f"{row.state} {row.reason or ''}".strip() for row in rows}

    def counts(self) -> dict[tuple[str, str], int]:
        with self.ledger.read() as connection:
            found = outbox.counts(connection, CORP, ["spring"])["spring"]
        return {(state, reason): n for (_, state, reason), n in found.items()}

    def campaign(self, state: str) -> None:
        now = self.now()
        with self.ledger.write() as connection:
            connection.execute(sa.delete(campaigns))
            connection.execute(
                sa.insert(campaigns).values(
                    corp_id=CORP, campaign_id="spring", kind="broadcast", name="春", purpose="sell", state=state,
                    body="{}", created_us=now, changed_us=now,
                )
            )  # fmt: skip

    def _person(self, connection: sa.Connection, name: str) -> int:
        asked = sa.select(handles.c.person_id).where(handles.c.id_value == self.home.id(name))
        return int(connection.execute(asked).scalar_one())

    def _group(self, connection: sa.Connection, chat_id: str) -> int:
        asked = sa.select(group_rows.c.group_id).where(group_rows.c.outer_id == chat_id)
        return int(connection.execute(asked).scalar_one())


@pytest.fixture
def brand(ledger: Ledger, settings: Settings) -> Iterator[Brand]:
    with Sandbox.open(speed=None, start=START) as box:
        yield Brand(box, ledger, settings)


@pytest.mark.slow
def test_from_a_proposal_to_everybodys_phone(brand: Brand) -> None:
    brand.says("黛玉", "宝钗", "袭人")
    assert brand.turn().tasks == 0
    assert set(brand.states().values()) == {"admitted"}

    brand.passes(MINUTE)
    assert set(brand.states().values()) == {"tasked"}
    assert len(brand.msgids()) == 2
    brand.confirms("xifeng")
    brand.passes(2 * HOUR)
    assert brand.states() == {"黛玉": "delivered", "宝钗": "delivered", "袭人": "tasked"}
    brand.passes(8 * DAY, step=6 * HOUR)

    assert brand.states()["袭人"] == "failed not_confirmed"
    assert brand.counts() == {("delivered", ""): 2, ("failed", "not_confirmed"): 1}
    assert {target for _, target in brand.home.delivered("single")} == {brand.home.id("黛玉"), brand.home.id("宝钗")}


@pytest.mark.slow
def test_half_of_a_task_refused_by_wecom_says_why_and_nothing_waits_for_ever(brand: Brand) -> None:
    brand.box.configure(mass_messages="day")
    brand.says("宝钗", message=Message(text="早"), id="first-")
    brand.passes(10 * MINUTE)
    brand.confirms("xifeng")
    brand.phones.delete_customer("xifeng", brand.home.people["探春"])
    brand.says("黛玉", "宝钗", "探春")
    brand.passes(10 * MINUTE)
    brand.confirms("xifeng")

    brand.passes(2 * HOUR)

    assert brand.states() == {
        "first-宝钗": "delivered", "黛玉": "delivered", "宝钗": "failed quota_used_up", "探春": "failed not_sendable",
    }  # fmt: skip


def test_words_of_their_own_are_a_task_each_and_plain_words_one_for_all(brand: Brand) -> None:
    names = ("黛玉", "宝钗", "探春")
    for name in names:
        brand.says(name, message=Message(text=f"{name}，明日开社"), id="own-", plain_id=HELLO.content_id)
    brand.turn()
    brand.passes(MINUTE)
    own = len(brand.msgids())
    brand.says(*names, message=Message(text="明日改在藕香榭"), id="same-")
    brand.turn()
    brand.passes(MINUTE)

    assert set(brand.states().values()) == {"tasked"}
    assert (own, len(brand.msgids()) - own) == (3, 1)


@pytest.mark.slow
def test_groups_are_told_by_their_owner(brand: Brand) -> None:
    chats = [brand.phones.create_group("xifeng", name, people=[brand.home.people["黛玉"]]) for name in ("诗社", "厨房")]
    brand.reads()
    brand.says(chats[0], group=True)
    brand.passes(10 * MINUTE)
    brand.confirms("xifeng")
    brand.passes(2 * HOUR)

    assert brand.states() == {chats[0]: "delivered"}
    assert brand.home.delivered("group") == [("xifeng", chats[0])]


def test_whom_the_sender_does_not_know_any_more_fails_before_anything_is_asked(brand: Brand) -> None:
    brand.says("黛玉", "宝钗")
    brand.turn()
    with brand.ledger.write() as connection:
        mine = wecom_contacts.c.external_userid == brand.home.id("黛玉")
        connection.execute(sa.update(wecom_contacts).where(mine).values(lost_us=brand.now()))
    brand.box.clock.step(MINUTE)

    assert brand.turn() == Delivered(1, 1, 0)
    assert brand.states() == {"黛玉": "failed lost_contact", "宝钗": "tasked"}


def test_while_wecom_cannot_be_reached_the_messages_wait_and_can_still_be_taken_back(brand: Brand) -> None:
    brand.says("黛玉")
    brand.turn()
    brand.box.clock.step(MINUTE)
    brand.wire.never = 20
    with pytest.raises(TiefenError):
        brand.turn()
    with brand.ledger.read() as connection:
        row = connection.execute(sa.select(proposals)).one()
    assert (row.state, row.task_id) == ("admitted", None)

    brand.wire.never = 0
    brand.turn()

    assert brand.states() == {"黛玉": "tasked"}


def test_a_quota_used_up_midway_leaves_the_rest_waiting_and_it_goes_once_when_there_is_more(brand: Brand) -> None:
    brand.says("黛玉", id="one-")
    brand.says("宝钗", message=Message(text="早"), id="two-")
    brand.says("探春", message=Message(text="晚"), id="three-")
    brand.turn()
    brand.box.clock.step(MINUTE)
    brand.wire.left = 1

    with pytest.raises(FrequencyLimited) as limited:
        brand.turn()
    midway = sorted(brand.states().values())
    with pytest.raises(FrequencyLimited):
        brand.turn()
    again = sorted(brand.states().values())
    brand.wire.left = None
    brand.box.clock.step(DAY + HOUR)
    brand.turn()
    brand.turn()

    assert limited.value.errcode == 45009
    assert midway == again == ["admitted", "admitted", "tasked"]
    assert set(brand.states().values()) == {"tasked"}
    assert brand.box.store.value("SELECT count(*) FROM group_messages") == 3


def test_what_was_let_out_by_a_clock_that_went_ahead_is_handed_over_once_it_is_set_right(brand: Brand) -> None:
    brand.says("黛玉")
    ahead = brand.now() + 3 * DAY_US
    admit_due(brand.ledger, brand.settings, CORP, ahead)

    first = deliver(brand.ledger, CORP, brand.channel, brand.settings, brand.now())
    second = deliver(brand.ledger, CORP, brand.channel, brand.settings, brand.now())

    assert (first.tasks, second.tasks) == (1, 0)
    assert brand.states() == {"黛玉": "tasked"}


def test_what_was_handed_over_just_before_a_crash_is_found_and_not_made_twice(
    brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand.says("黛玉")
    brand.turn()
    brand.box.clock.step(MINUTE)
    with monkeypatch.context() as patched:

        def dies(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr("tiefen.wecom.delivering._note_task", dies)
        with pytest.raises(KeyboardInterrupt):
            brand.turn()

    brand.turn()

    assert brand.states() == {"黛玉": "tasked"}
    assert brand.box.store.value("SELECT count(*) FROM group_messages") == 1
    assert brand.msgids() != [""]


def test_a_claim_that_came_to_nothing_is_given_back(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    brand.says("黛玉")
    brand.turn()
    brand.box.clock.step(MINUTE)
    with monkeypatch.context() as patched:

        def dies(*_: object, **__: object) -> str:
            raise KeyboardInterrupt

        patched.setattr(brand.channel, "broadcast", dies)
        with pytest.raises(KeyboardInterrupt):
            brand.turn()

    brand.turn()

    assert brand.states() == {"黛玉": "tasked"}


def test_what_was_stopped_after_it_was_with_staff_cannot_be_sent_any_more(brand: Brand) -> None:
    brand.campaign("running")
    brand.says("黛玉")
    brand.turn()
    brand.box.clock.step(MINUTE)
    brand.turn()
    brand.campaign("cancelled")

    assert brand.turn().cancelled == 1
    with pytest.raises(NotPossible):
        brand.phones.confirm("xifeng", brand.msgids()[0])
    brand.passes(10 * MINUTE)

    assert brand.states() == {"黛玉": "failed cancelled"}


def test_what_could_not_be_handed_over_in_time_stays_unsent(brand: Brand) -> None:
    brand.says("黛玉", lives=20)
    brand.turn()
    brand.box.clock.step(MINUTE)
    brand.turn()

    assert brand.states() == {"黛玉": "failed expired"}
    assert brand.counts() == {("failed", "expired"): 1}


@pytest.mark.parametrize("name", ["gone.jpg", "../store.db"])
def test_a_file_that_is_not_in_the_library_fails_the_message_and_no_other(brand: Brand, name: str) -> None:
    brand.says("黛玉", message=Message(attachments=(Image(file=name),)))
    brand.says("宝钗")
    brand.turn()
    brand.box.clock.step(MINUTE)
    brand.turn()

    assert brand.states() == {"黛玉": "failed file_missing", "宝钗": "tasked"}


def test_a_picture_of_the_library_is_carried_along(brand: Brand) -> None:
    library = brand.settings.data / "library" / CORP
    library.mkdir(parents=True)
    (library / "a.jpg").write_bytes(jpg())
    brand.says("黛玉", message=Message(text="看", attachments=(Image(file="a.jpg"),)))
    brand.turn()
    brand.box.clock.step(MINUTE)
    brand.turn()

    said = str(brand.box.store.column("SELECT content FROM group_messages"))
    assert brand.states() == {"黛玉": "tasked"}
    assert "media_id" in said


@pytest.mark.slow
def test_staff_who_leave_before_they_confirm_send_nothing_and_it_ends(brand: Brand) -> None:
    brand.says("黛玉")
    brand.passes(10 * MINUTE)
    brand.says("宝钗", message=Message(text="早"))
    brand.turn()
    brand.phones.resign("xifeng")
    brand.passes(8 * DAY, step=6 * HOUR)

    assert brand.states() == {"黛玉": "failed not_confirmed", "宝钗": "failed staff_left"}
