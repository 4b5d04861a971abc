"""Messages to staff, and files."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.endpoints.pictures import amr, jpg, mp4, png
from tests.sandbox.endpoints.scenes import DAY, MINUTE, Mansion, raw, refused, used_up
from tiefen.sandbox.endpoints import staff_messages
from tiefen.sandbox.state import load
from tiefen.wecom.client.errors import NobodyReached


def reached(home: Mansion) -> list[list[str]]:
    """Who got each message."""
    rows = home.box.store.column("SELECT touser FROM staff_messages ORDER BY rowid")
    return [[one for one in row.split("|") if one] for row in rows]


def send(home: Mansion, **more: Any) -> dict[str, Any]:
    body = {"touser": "xifeng", "msgtype": "text", "agentid": home.keys.agentid, "text": {"content": "开会"}, **more}
    return raw(home.api, "message/send", body)


def test_a_message_reaches_those_who_are_there_and_names_the_others_in_lower_case(home: Mansion) -> None:
    told = home.api.staff_messages.send("text", {"content": "开会"}, to=["XiFeng", "Nobody", "GONE"])

    assert (told.invaliduser, told.not_reached) == ("nobody|gone", frozenset({"nobody", "gone"}))
    assert reached(home) == [["xifeng"]]


def test_nobody_reached_is_81013(home: Mansion) -> None:
    with pytest.raises(NobodyReached):
        home.api.staff_messages.send("text", {"content": "开会"}, to=["nobody"])


def test_departments_and_everybody_are_reached(home: Mansion) -> None:
    below = home.phones.add_department("怡红院")
    home.phones.move_staff("pinger", below)

    told = home.api.staff_messages.send("text", {"content": "开会"}, departments=[below, 99], tags=[7])
    home.api.staff_messages.send("text", {"content": "都来"}, everybody=True)

    assert (told.invalidparty, told.invalidtag) == ("99", "7")
    assert [set(names) for names in reached(home)] == [{"pinger"}, {"xifeng", "pinger", "yuanyang"}]


def test_an_app_reaches_only_whom_it_sees(home: Mansion) -> None:
    home.phones.admin_set_visible(users=["pinger"])

    assert home.api.staff_messages.send("text", {"content": "x"}, to=["xifeng", "pinger"]).invaliduser == "xifeng"


def test_text_that_is_too_long_is_cut_without_a_word(home: Mansion) -> None:
    assert send(home, text={"content": "长" * 1_000})["errcode"] == 0

    kept = load(home.box.store.value("SELECT content FROM staff_messages"))["content"]
    assert kept == "长" * 682


def test_more_than_thirty_a_minute_to_one_are_dropped_silently(home: Mansion) -> None:
    codes = {send(home, text={"content": f"第{n}条"})["errcode"] for n in range(31)}
    home.api.staff_messages.send("text", {"content": "两人"}, to=["xifeng", "pinger"])

    assert codes == {0}
    assert reached(home)[29:] == [["xifeng"], [], ["pinger"]]
    home.passes(MINUTE)
    send(home, text={"content": "又来"})
    assert reached(home)[-1] == ["xifeng"]


def test_so_many_an_hour(home: Mansion, monkeypatch: pytest.MonkeyPatch) -> None:
    assert staff_messages._PER_HOUR == 1_000
    monkeypatch.setattr(staff_messages, "_PER_HOUR", 4)
    for n in range(5):
        home.passes(MINUTE)
        send(home, text={"content": f"第{n}条"})
    home.passes(56 * MINUTE)
    send(home, text={"content": "又来"})

    assert [len(names) for names in reached(home)] == [1, 1, 1, 1, 0, 1]


def test_accounts_times_two_hundred_a_day(home: Mansion) -> None:
    home.phones.admin_configure(accounts=0.05)
    codes = [send(home, text={"content": f"第{n}条"})["errcode"] for n in range(11)]

    assert codes == [0] * 10 + [45009]
    home.passes(DAY)
    assert send(home)["errcode"] == 0


def test_the_same_again_is_sent_once_where_that_is_asked_for(home: Mansion) -> None:
    first = send(home, enable_duplicate_check=1)
    again = send(home, enable_duplicate_check=1)
    send(home, enable_duplicate_check=0)
    home.passes(1_801)
    later = send(home, enable_duplicate_check=1)

    assert again["msgid"] == first["msgid"]
    assert later["msgid"] != first["msgid"]
    assert len(reached(home)) == 3


def test_a_message_is_taken_back_within_a_day(home: Mansion) -> None:
    msgid, late = send(home)["msgid"], send(home)["msgid"]
    home.passes(DAY - 1)
    home.api.staff_messages.recall(msgid)
    home.passes(1)

    with refused(41047):
        home.api.staff_messages.recall(late)
    with refused(41047):
        home.api.staff_messages.recall("made up")
    assert home.box.store.column("SELECT recalled IS NULL FROM staff_messages ORDER BY rowid") == [0, 1]


def test_every_kind_of_message_is_taken(home: Mansion) -> None:
    media = home.api.media
    picture, sound = media.upload("image", "a.jpg", jpg()).media_id, media.upload("voice", "a.amr", amr()).media_id
    film, paper = media.upload("video", "a.mp4", mp4()).media_id, media.upload("file", "a.txt", b"123456").media_id
    kinds: dict[str, dict[str, Any]] = {
        "text": {"content": "x"}, "markdown": {"content": "**x**"}, "image": {"media_id": picture},
        "voice": {"media_id": sound}, "video": {"media_id": film, "title": "t"}, "file": {"media_id": paper},
        "textcard": {"title": "t", "description": "d", "url": "u"}, "news": {"articles": [{"title": "t", "url": "u"}]},
        "mpnews": {"articles": [{"title": "t", "thumb_media_id": picture, "content": "c"}]},
        "miniprogram_notice": {"appid": "a", "title": "t"}, "template_card": {"card_type": "button_interaction"},
    }  # fmt: skip

    told = {kind: home.api.staff_messages.send(kind, content, to=["xifeng"]) for kind, content in kinds.items()}

    assert all(one.msgid for one in told.values())
    assert [kind for kind, one in told.items() if one.response_code] == ["template_card"]


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"msgtype": "smoke"}, 40008),
        ({"msgtype": "image"}, 40008),
        ({"msgtype": ""}, 40008),
        ({"agentid": 1}, 40056),
        ({"touser": ""}, 40058),
        ({"touser": "|".join(f"u{n}" for n in range(1_001))}, 40058),
        ({"toparty": "|".join(str(n) for n in range(101))}, 40058),
        ({"totag": "|".join(str(n) for n in range(101))}, 40058),
        ({"msgtype": "image", "image": {"media_id": "m"}}, 40007),
        ({"msgtype": "news", "news": {"articles": [{"title": "t", "url": "u"}] * 9}}, 40058),
        ({"msgtype": "news", "news": {"articles": []}}, 40058),
        ({"msgtype": "textcard", "textcard": {"title": "t"}}, 40058),
        ({"enable_duplicate_check": 1, "duplicate_check_interval": 14_401}, 40058),
    ],
)
def test_what_is_wrong_is_named(home: Mansion, more: dict[str, object], errcode: int) -> None:
    assert send(home, **more)["errcode"] == errcode
    assert reached(home) == []


# ---- files ----


def upload(home: Mansion, path: str, name: str, content: bytes, **params: str) -> dict[str, Any]:
    transport = home.api._api.transport
    answer = transport._http.post(
        f"{transport.base_url}/cgi-bin/{path}", params={"access_token": transport.token(), **params},
        files={"media": (name, content)},
    )  # fmt: skip
    found: dict[str, Any] = answer.json()
    return found


def test_a_file_is_kept_three_days_and_shared_by_all_apps(home: Mansion) -> None:
    made = upload(home, "media/upload", "海棠.png", png(), type="image")
    assert made["errmsg"] == ""
    assert made["created_at"] == str(home.now())

    fetched = home.second_app().media.get(made["media_id"])
    assert (fetched.content, fetched.size) == (png(), len(png()))
    home.passes(3 * DAY - 1)
    assert home.api.media.get(made["media_id"]).content == png()
    home.passes(1)
    with refused(40145):
        home.api.media.get(made["media_id"])
    with refused(40007):
        home.api.media.get("made up")


def test_a_part_of_a_file_may_be_fetched(home: Mansion) -> None:
    media_id = home.api.media.upload("file", "a.txt", b"0123456789").media_id

    part, rest = home.api.media.get(media_id, first=2, last=4), home.api.media.get(media_id, first=7)

    assert (part.content, part.size, part.name) == (b"234", 10, "a.txt")
    assert rest.content == b"789"


def test_files_for_moments_and_albums_are_other_files(home: Mansion) -> None:
    made = upload(home, "media/upload_attachment", "a.jpg", jpg(), media_type="image", attachment_type="1")
    assert made["created_at"] == home.now()
    assert made["type"] == "image"

    with refused(40007):
        home.api.media.get(made["media_id"])


@pytest.mark.parametrize(
    ("kind", "name", "content", "errcode"),
    [
        ("sculpture", "a.jpg", jpg(), 40004),
        ("image", "a.jpg", b"", 44001),
        ("image", "a.jpg", b"12345", 40006),
        ("image", "a.jpg", b"GIF89a-------", 40005),
        ("image", "a.jpg", b"\xff\xd8\xff\xe0nothing", 40009),
        ("image", "a.jpg", jpg() + bytes(10 * 2**20), 45001),
        ("voice", "a.amr", amr() + bytes(2 * 2**20), 45001),
        ("voice", "a.mp3", b"ID3-------", 40005),
        ("voice", "a.amr", amr(61), 40006),
        ("video", "a.avi", b"RIFF------", 40005),
        ("video", "a.mp4", mp4() + bytes(10 * 2**20), 45001),
        ("file", "a.bin", bytes(20 * 2**20 + 1), 45001),
    ],
)
def test_what_is_no_such_file_is_refused(home: Mansion, kind: str, name: str, content: bytes, errcode: int) -> None:
    assert upload(home, "media/upload", name, content, type=kind)["errcode"] == errcode


@pytest.mark.parametrize(
    ("kind", "number", "content", "errcode"),
    [
        ("image", "3", jpg(), 40058),
        ("image", "1", jpg(10_801, 100), 40009),
        ("image", "1", jpg(2_000, 1_081), 40009),
        ("image", "1", png(1_080, 10_800), 0),
        ("video", "1", mp4(31), 40011),
        ("video", "1", mp4(30), 0),
        ("video", "2", mp4(), 40004),
        ("voice", "1", amr(), 40004),
    ],
)
def test_moments_and_albums_take_what_fits(home: Mansion, kind: str, number: str, content: bytes, errcode: int) -> None:
    made = upload(home, "media/upload_attachment", "a", content, media_type=kind, attachment_type=number)

    assert made["errcode"] == errcode


def test_a_call_without_a_file_is_refused(home: Mansion) -> None:
    transport = home.api._api.transport
    params = {"access_token": transport.token(), "type": "image"}

    answer = transport._http.post(f"{transport.base_url}/cgi-bin/media/upload", params=params)

    assert answer.json()["errcode"] == 44001


def test_pictures_for_good_are_a_thousand_a_day(home: Mansion) -> None:
    assert home.api.media.uploadimg("a.png", png()).startswith("https://wework.qpic.cn/")
    used_up(home, "corp", "media/uploadimg", 1_000, but=2)

    codes = [upload(home, "media/uploadimg", "a.png", png())["errcode"] for _ in range(2)]
    home.passes(DAY)

    assert codes == [0, 45009]
    assert upload(home, "media/uploadimg", "a.png", png())["errcode"] == 0
