"""One welcome, within twenty seconds."""

from __future__ import annotations

import pytest

from tests.sandbox.endpoints.pictures import jpg, mp4
from tests.sandbox.endpoints.scenes import Mansion, raw, refused
from tiefen.wecom.client.attachments import Attachment, File, Image, file, image, link, mini_program, video

PATH = "externalcontact/send_welcome_msg"


def test_a_newcomer_is_welcomed_with_all_that_can_be_attached(home: Mansion) -> None:
    media = home.api.media
    picture = media.upload("image", "a.jpg", jpg()).media_id
    things = [
        image(picture), image(pic_url=media.uploadimg("b.jpg", jpg())), link("诗社", "https://example.com"),
        mini_program("商城", "wx1", "pages/a", pic_media_id=picture), video(media.upload("video", "a.mp4", mp4()).media_id),
        file(media.upload("file", "a.pdf", b"%PDF-1.7 ").media_id),
    ]  # fmt: skip

    home.api.messages.send_welcome_msg(home.welcome_code("湘云"), text="欢迎", attachments=things)

    assert home.delivered("welcome") == [("xifeng", home.id("湘云"))]


def test_a_welcome_fires_no_callback(home: Mansion) -> None:
    code = home.welcome_code("湘云")
    before = home.box.truth(home.keys.corpid).callbacks()

    home.api.messages.send_welcome_msg(code, text="欢迎")

    assert home.box.truth(home.keys.corpid).callbacks() == before


def test_a_code_is_good_for_twenty_seconds(home: Mansion) -> None:
    in_time, too_late = home.welcome_code("湘云"), home.welcome_code("宝琴")

    home.passes(19.9)
    home.api.messages.send_welcome_msg(in_time, text="欢迎")
    home.passes(0.1)

    with refused(41050):
        home.api.messages.send_welcome_msg(too_late, text="欢迎")


def test_a_code_is_good_for_once(home: Mansion) -> None:
    code = home.welcome_code("湘云")
    home.api.messages.send_welcome_msg(code, text="欢迎")

    with refused(41050):
        home.api.messages.send_welcome_msg(code, text="欢迎")


def test_another_app_is_told_first_that_it_is_under_way_then_that_it_is_done(home: Mansion) -> None:
    other, code = home.second_app(), home.welcome_code("湘云")
    home.api.messages.send_welcome_msg(code, text="欢迎")

    assert raw(other, PATH, {"welcome_code": code, "text": {"content": "hi"}})["errcode"] == 41096
    home.passes(2)
    with refused(41051):
        other.messages.send_welcome_msg(code, text="欢迎")


def test_whoever_speaks_already_needs_no_welcome(home: Mansion) -> None:
    code = home.welcome_code("湘云")
    home.phones.open_chat(home.people["湘云"], "xifeng")

    with refused(41051):
        home.api.messages.send_welcome_msg(code, text="欢迎")


def test_whoever_does_not_agree_to_the_archive_is_not_welcomed(home: Mansion) -> None:
    code = home.welcome_code("湘云")
    home.phones.agree_to_archive(home.people["湘云"], "xifeng", agree=False)

    with refused(41053):
        home.api.messages.send_welcome_msg(code, text="欢迎")


def test_staff_who_are_not_there_welcome_nobody(home: Mansion) -> None:
    code = home.welcome_code("湘云")
    home.phones.set_ready("xifeng", False)

    with refused(41054):
        home.api.messages.send_welcome_msg(code, text="欢迎")


def test_an_app_that_does_not_see_the_staff_has_no_code(home: Mansion) -> None:
    code = home.welcome_code("湘云")
    home.phones.admin_set_visible(users=["pinger"])

    with refused(41050):
        home.api.messages.send_welcome_msg(code, text="欢迎")


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"welcome_code": ""}, 41049),
        ({"welcome_code": "made up"}, 41050),
        ({"text": {"content": ""}}, 40058),
        ({"text": {"content": "鳳" * 1_334}}, 40058),
        ({"attachments": [{"msgtype": "link", "link": {"title": "a", "url": "b"}}] * 10}, 41064),
        ({"attachments": [{"msgtype": "voice", "voice": {"media_id": "m"}}]}, 41065),
        ({"attachments": [{"msgtype": "image"}]}, 41065),
        ({"attachments": [{"msgtype": "image", "image": {"pic_url": "https://elsewhere/a.jpg"}}]}, 41065),
        ({"attachments": [{"msgtype": "image", "image": {"media_id": "none"}}]}, 40007),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t" * 129, "url": "b"}}]}, 40058),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t", "url": "b", "desc": "d" * 513}}]}, 40058),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t", "url": "u" * 2_049}}]}, 40058),
        ({"attachments": {"msgtype": "image"}}, 40058),
    ],
)
def test_what_is_wrong_is_named(home: Mansion, more: dict[str, object], errcode: int) -> None:
    body = {"welcome_code": home.welcome_code("湘云"), "text": {"content": "欢迎"}, **more}

    assert raw(home.api, PATH, body)["errcode"] == errcode
    assert home.delivered("welcome") == []


def test_a_file_lives_three_days(home: Mansion) -> None:
    picture = home.api.media.upload("image", "a.jpg", jpg()).media_id
    home.passes(3 * 86_400)

    with refused(40145):
        home.api.messages.send_welcome_msg(home.welcome_code("湘云"), attachments=[image(picture)])


def test_a_media_id_wins_over_an_address(home: Mansion) -> None:
    picture = home.api.media.upload("image", "a.jpg", jpg()).media_id
    both = Attachment(msgtype="image", image=Image(media_id=picture, pic_url="https://elsewhere/a.jpg"))

    home.api.messages.send_welcome_msg(home.welcome_code("湘云"), attachments=[both])

    assert len(home.delivered("welcome")) == 1


def test_a_picture_is_no_film(home: Mansion) -> None:
    picture = home.api.media.upload("image", "a.jpg", jpg()).media_id

    with refused(40007):
        home.api.messages.send_welcome_msg(
            home.welcome_code("湘云"), attachments=[Attachment(msgtype="video", video=File(media_id=picture))]
        )


def test_content_the_platform_refuses_is_not_sent(home: Mansion) -> None:
    home.phones.admin_configure(refused_words=["返利"])

    with refused(40201):
        home.api.messages.send_welcome_msg(home.welcome_code("湘云"), text="转发返利")
