"""What the company's own messages leave in the archive, and whom a group's welcome greets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.endpoints.scenes import HOUR, Mansion
from tiefen.sandbox import Sandbox
from tiefen.sandbox.archive import archive
from tiefen.sandbox.errors import NotPossible
from tiefen.wecom.client.attachments import link


def archived(home: Mansion) -> list[dict[str, Any]]:
    answer = archive(home.box, f"corpid={home.keys.corpid}&secret={home.keys.archive_secret}")
    rows: list[dict[str, Any]] = json.loads(answer.body)["rows"]
    return rows


def test_a_welcome_and_what_is_attached_are_rows_of_the_archive(home: Mansion) -> None:
    code = home.welcome_code("湘云")

    home.api.messages.send_welcome_msg(code, text="欢迎", attachments=[link("诗社", "https://example.com")])

    assert [(row["from"], row["tolist"], row["msgtype"]) for row in archived(home)] == [
        ("xifeng", [home.id("湘云")], "text"), ("xifeng", [home.id("湘云")], "link")
    ]  # fmt: skip
    assert archived(home)[0]["text"]["content"] == "欢迎"


def test_a_mass_message_is_archived_in_each_group_once_staff_have_sent_it(home: Mansion) -> None:
    groups = [home.phones.create_group("xifeng", name, people=[home.people["黛玉"]]) for name in ("诗社", "茶社")]
    asked = home.api.messages.add_msg_template(chat_type="group", sender="xifeng", text="今晚开社")
    home.passes(HOUR)
    before = archived(home)

    home.phones.confirm("xifeng", asked.msgid)

    assert before == []
    assert sorted((row["from"], row["roomid"], row["text"]["content"]) for row in archived(home)) == sorted(
        ("xifeng", group, "今晚开社") for group in groups
    )


def test_a_conversation_shows_a_message_of_the_company_once(home: Mansion) -> None:
    home.phones.broadcast("xifeng", "螃蟹到了", people=[home.people["黛玉"]])

    assert len(archived(home)) == 1
    assert home.delivered("single") == [("xifeng", home.id("黛玉"))]


def test_newcomers_of_a_group_are_greeted_by_the_welcome_its_owner_chose(home: Mansion) -> None:
    group = home.phones.create_group("xifeng", "诗社", people=[home.people["黛玉"]])
    template = home.api.group_welcomes.add("来了就坐")
    home.phones.join(home.people["宝钗"], group)
    home.phones.set_group_welcome(group, template)

    home.phones.join(home.people["探春"], group)
    home.phones.join("pinger", group)
    home.phones.set_group_welcome(group, None)
    home.phones.join(home.people["袭人"], group)

    assert home.delivered("group_welcome") == [("xifeng", home.id("探春"))]
    assert archived(home) == [], "a newcomer alone sees it"


def test_a_welcome_nobody_made_is_chosen_by_nobody(home: Mansion) -> None:
    group = home.phones.create_group("xifeng", "诗社")

    with pytest.raises(NotPossible, match="no welcome"):
        home.phones.set_group_welcome(group, "msg-of-nobody")


def test_a_sandbox_of_the_version_before_goes_on(tmp_path: Path) -> None:
    with Sandbox.open(tmp_path, speed=None) as box:
        keys = box.add_corp("荣国府", staff=["xifeng:凤姐"])
        phones = box.phones(keys.corpid)
        person = phones.person("黛玉")
        phones.add_contact(person, "xifeng")
        phones.say_to(person, "xifeng", "姐姐好")
        box.store.run("ALTER TABLE messages DROP COLUMN by_company")
        box.store.run("PRAGMA user_version = 1")

    with Sandbox.open(tmp_path, speed=None) as box:
        box.phones(keys.corpid).say_to("xifeng", person, "妹妹好")
        asked = archive(box, f"corpid={keys.corpid}&secret={keys.archive_secret}")

    assert [row["text"]["content"] for row in json.loads(asked.body)["rows"]] == ["姐姐好", "妹妹好"]
