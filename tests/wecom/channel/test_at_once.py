"""What happens at once: welcomes, messages to staff, files, entry codes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.wecom.channel.conftest import CORP
from tests.wecom.channel.pretend import DAY, E, PretendCorp
from tests.wecom.channel.reading import ends, told
from tests.wecom.channel.test_broadcasts import to
from tests.wecom.client.every_call import JPG
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.channel import Channel, Message, Recipient, Welcomed
from tiefen.wecom.client.errors import StaffNotReady

pytestmark = pytest.mark.stores

DAIYU = Recipient(touch="w", to="wm_daiyu")
HELLO = Message(text="妹妹来了")


@pytest.mark.parametrize(
    ("answers", "outcome", "end"),
    [
        ([0], Welcomed(True), "delivered"),
        ([41051], Welcomed(True, "already_welcomed"), "delivered already_welcomed"),
        ([41096, 41096, 0], Welcomed(True), "delivered"),
        ([41096], Welcomed(False, "welcomed_by_another_app"), "failed welcomed_by_another_app"),
        ([41050], Welcomed(False, "too_late"), "failed too_late"),
        ([41053], Welcomed(False, "archive_consent_missing"), "failed archive_consent_missing"),
        ([45009], Welcomed(False, "frequency_limited"), "failed frequency_limited"),
    ],
)
def test_a_welcome_ends_as_wecom_says(
    channel: Channel, corp: PretendCorp, ledger: Ledger, answers: list[int], outcome: Welcomed, end: str
) -> None:
    corp.welcome_codes["code"] = answers
    begun = corp.clock.now()

    got = channel.welcome(DAIYU, "code", HELLO, happened_us=corp.now_us())

    assert got == outcome
    assert ends(ledger) == {"w": end}
    assert corp.clock.now() - begun < 20


def test_a_welcome_that_comes_too_late_is_not_tried(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    corp.welcome_codes["code"] = [0]

    got = channel.welcome(DAIYU, "code", HELLO, happened_us=corp.now_us() - 18_500_000)

    assert got == Welcomed(False, "too_late")
    assert corp.fake.asked(E + "send_welcome_msg") == 0


def test_a_welcome_whose_answer_was_lost_is_asked_for_again(
    channel: Channel, corp: PretendCorp, ledger: Ledger
) -> None:
    corp.welcome_codes["code"] = [0, 41051]
    corp.lose = {E + "send_welcome_msg": 1}

    got = channel.welcome(DAIYU, "code", HELLO, happened_us=corp.now_us())

    assert got == Welcomed(True, "already_welcomed")
    assert [state for _, state, _ in told(ledger)] == ["sent", "delivered"]


def test_staff_are_told_and_those_who_are_not_reached_are_named(
    channel: Channel, corp: PretendCorp, ledger: Ledger
) -> None:
    corp.unreachable = {"nobody"}

    told_them = channel.message_staff(to("XiFeng", "NoBody"), "text", {"content": "对牌"})

    assert told_them == {"t-0": None, "t-1": "unknown_staff"}
    assert ends(ledger) == {"t-0": "delivered", "t-1": "failed unknown_staff"}


def test_nobody_reached_is_an_answer(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    corp.unreachable = {"nobody"}

    assert channel.message_staff(to("nobody"), "text", {"content": "对牌"}) == {"t-0": "nobody_reached"}


def test_a_message_that_may_or_may_not_have_arrived_is_not_sent_again(
    channel: Channel, corp: PretendCorp, ledger: Ledger
) -> None:
    corp.lose = {"message/send": 1}

    assert channel.message_staff(to("xifeng"), "text", {"content": "对牌"}) == {"t-0": "unanswered"}
    assert corp.fake.asked("message/send") == 1


def test_what_wecom_would_drop_is_not_sent(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    outcomes = [
        channel.message_staff([Recipient(touch=f"m{n}", to="xifeng")], "text", {"content": str(n)}) for n in range(31)
    ]

    assert outcomes[29] == {"m29": None}
    assert outcomes[30] == {"m30": "staff_limit"}
    assert corp.fake.asked("message/send") == 30


def test_a_file_is_uploaded_once_and_again_before_its_three_days_are_over(channel: Channel, corp: PretendCorp) -> None:
    first = channel.media.ready("image", "a.jpg", JPG)
    corp.clock.advance(2 * DAY)
    assert channel.media.ready("image", "another name.jpg", JPG) == first

    corp.clock.advance(DAY * 0.6)
    again = channel.media.ready("image", "a.jpg", JPG)

    assert (again != first, corp.uploads) == (True, 2)


def test_a_file_for_moments_is_another_upload(channel: Channel, corp: PretendCorp) -> None:
    assert channel.media.ready("image", "a.jpg", JPG) != channel.media.ready("image", "a.jpg", JPG, use="moment")
    assert corp.fake.asked("media/upload_attachment") == 1


def test_a_file_that_is_gone_is_uploaded_anew(channel: Channel, corp: PretendCorp) -> None:
    first = channel.media.ready("image", "a.jpg", JPG)

    channel.media.forget(first)

    assert channel.media.ready("image", "a.jpg", JPG) != first


def test_many_who_want_one_file_upload_it_once(channel: Channel, corp: PretendCorp) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: channel.media.ready("image", "a.jpg", JPG), range(24)))

    assert (len(ids), corp.uploads) == (1, 1)


def test_files_are_remembered_over_a_restart(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    first = channel.media.ready("image", "a.jpg", JPG)

    assert Channel(ledger, CORP, corp.client(), clock=corp.now_us).media.ready("image", "a.jpg", JPG) == first


def test_entry_codes_are_kept_and_closed(channel: Channel, corp: PretendCorp, ledger: Ledger) -> None:
    one = channel.open_contact_code(["xifeng"], state="poster")
    several = channel.open_contact_code(["xifeng", "pinger"], state="counter")
    group = channel.open_group_code(["wr_poetry"], state="fair", base_name="诗社")

    assert [corp.codes[code.config_id].get("type") for code in (one, several)] == [1, 2]
    assert all(code.qr_code.startswith("https://") for code in (one, several, group))
    corp.codes.pop(several.config_id)
    channel.close_code(several.code_id)
    channel.close_code(group.code_id)

    assert [code.state for code in Channel(ledger, CORP, corp.client(), clock=corp.now_us).codes()] == ["poster"]
    assert list(corp.codes) == [one.config_id]


def test_an_entry_code_whose_answer_was_lost_is_found(channel: Channel, corp: PretendCorp) -> None:
    channel.open_contact_code(["xifeng"], state="poster")
    corp.lose = {E + "add_contact_way": 1}

    found = channel.open_contact_code(["pinger"], state="poster")

    assert (found.config_id, found.qr_code) == ("c1", "https://wework.qpic.cn/found")
    assert len(corp.codes) == len(channel.codes()) == 2


def test_an_entry_code_that_was_not_made_is_an_error(channel: Channel, corp: PretendCorp) -> None:
    corp.say = {E + "add_contact_way": 41054}

    with pytest.raises(StaffNotReady):
        channel.open_contact_code(["xifeng"])

    assert channel.codes() == []
