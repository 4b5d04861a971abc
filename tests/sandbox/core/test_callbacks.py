"""What people do is told to the company's address: sealed, in order, three times at most."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.core.asking import fields_of, mansion, receiver, told
from tiefen.sandbox import CorpKeys, NotPossible, Sandbox
from tiefen.sandbox.phones import Phones, member_version


def _events(box: Sandbox, keys: CorpKeys) -> list[dict[str, Any]]:
    return [fields_of(xml) for xml in box.truth(keys.corpid).callbacks()]


def _last(box: Sandbox, keys: CorpKeys) -> dict[str, Any]:
    return _events(box, keys)[-1]


def _added(phones: Phones, userid: str = "daiyu", **how: Any) -> str:
    person = phones.person("悟空", **how)
    phones.add_contact(person, userid)
    return person


def test_an_event_is_written_as_the_page_has_it() -> None:
    with mansion() as (box, keys):
        phones = box.phones(keys.corpid)
        external = phones.add_contact(phones.person("悟空"), "daiyu", state="poster")
        xml = box.truth(keys.corpid).callbacks()[-1]
        code = fields_of(xml)["WelcomeCode"]

    assert xml == (
        f"<xml><ToUserName><![CDATA[{keys.corpid}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
        "<CreateTime>1795406400</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        "<Event><![CDATA[change_external_contact]]></Event><ChangeType><![CDATA[add_external_contact]]></ChangeType>"
        f"<UserID><![CDATA[daiyu]]></UserID><ExternalUserID><![CDATA[{external}]]></ExternalUserID>"
        f"<State><![CDATA[poster]]></State><WelcomeCode><![CDATA[{code}]]></WelcomeCode></xml>"
    )


def test_a_groups_change_names_who_came_and_the_versions_before_and_after() -> None:
    with mansion() as (box, keys):
        phones = box.phones(keys.corpid)
        group = phones.create_group("daiyu", "诗社", staff=["baochai"])
        person = phones.person("宝玉")
        phones.join(person, group, scene=3)
        joined = _last(box, keys)
        phones.remove(person, group, by="daiyu")
        removed = _last(box, keys)
        external = phones.external(person)

    assert list(joined) == [
        "ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "ChatId", "ChangeType", "UpdateDetail",
        "JoinScene", "QuitScene", "MemChangeCnt", "MemChangeList", "LastMemVer", "CurMemVer",
    ]  # fmt: skip
    assert (joined["UpdateDetail"], joined["JoinScene"], joined["MemChangeList"]) == ("add_member", "3", [external])
    assert (joined["LastMemVer"], joined["CurMemVer"]) == (member_version(group, 2), member_version(group, 3))
    assert (removed["UpdateDetail"], removed["QuitScene"]) == ("del_member", "1")
    assert removed["LastMemVer"] == joined["CurMemVer"]


def test_every_act_tells_what_wecom_tells() -> None:
    with mansion() as (box, keys):
        phones = box.phones(keys.corpid)
        one, other = phones.person("悟空"), phones.person("八戒")
        phones.add_contact(one, "daiyu")
        phones.half_add(other, "daiyu")
        phones.accept("daiyu", other)
        phones.edit_contact("daiyu", one, remark="大圣")
        group = phones.create_group("daiyu", "取经", staff=["baochai"], people=[one])
        phones.join(other, group, scene=1, invitor="daiyu")
        phones.rename_group(group, "西天取经")
        phones.set_notice(group, "走")
        phones.set_admins(group, ["baochai"])
        phones.change_owner(group, "baochai")
        phones.leave(other, group)
        phones.dismiss(group)
        phones.delete_staff(one, "daiyu")
        phones.delete_customer("daiyu", other)
        phones.agree_to_archive(one, "daiyu")
        tag = phones.admin_add_tag("阶段", "新客")
        phones.admin_edit_tag(tag, name="老客", order=3)
        phones.admin_delete_tag(tag)

        assert told(box, keys) == [
            "add_external_contact", "add_half_external_contact", "add_external_contact", "edit_external_contact",
            "create", "add_member", "change_name", "change_notice", "change_owner", "del_member", "dismiss",
            "del_follow_user", "del_external_contact", "msg_audit_approved",
            "create", "create", "update", "shuffle", "delete",
        ]  # fmt: skip


@pytest.mark.parametrize("invited", [1, 2])
def test_both_ways_of_inviting_are_one_in_a_callback(invited: int) -> None:
    with mansion() as (box, keys):
        phones = box.phones(keys.corpid)
        phones.join(phones.person("八戒"), phones.create_group("daiyu", "群"), scene=invited, invitor="daiyu")

        assert _last(box, keys)["JoinScene"] == "0"


def test_something_new_in_the_archive_is_told_every_fifteen_seconds_where_that_is_set_up() -> None:
    with mansion() as (box, keys):
        phones = box.phones(keys.corpid)
        group = phones.create_group("daiyu", "群")
        phones.say("daiyu", group, "早")
        phones.admin_configure(archive_notify=True)
        for _ in range(40):
            phones.say("daiyu", group, "早")
            box.clock.step(1)
        box.clock.step(60)

        assert [event["Event"] for event in _events(box, keys)].count("msgaudit_notify") == 4


class TestWelcomeCodes:
    def test_none_for_somebody_at_another_wecom(self) -> None:
        with mansion() as (box, keys):
            _added(box.phones(keys.corpid), type=2, corp_name="水浒")

            assert "WelcomeCode" not in _last(box, keys)

    def test_none_where_the_console_greets(self) -> None:
        with mansion() as (box, keys):
            phones = box.phones(keys.corpid)
            phones.admin_set_welcome("daiyu", "欢迎")
            _added(phones)

            assert "WelcomeCode" not in _last(box, keys)

    def test_none_for_those_who_talk_already(self) -> None:
        with mansion() as (box, keys):
            phones = box.phones(keys.corpid)
            person = _added(phones)
            phones.open_chat(person, "daiyu")
            phones.delete_staff(person, "daiyu")
            phones.add_contact(person, "daiyu")

            assert _last(box, keys)["ChangeType"] == "add_external_contact"
            assert "WelcomeCode" not in _last(box, keys)

    def test_none_once_the_code_of_the_half_added_was_used(self) -> None:
        with mansion() as (box, keys):
            phones = box.phones(keys.corpid)
            used, unused = phones.person("悟空"), phones.person("八戒")
            for person in (used, unused):
                phones.half_add(person, "daiyu")
            code = _events(box, keys)[-2]["WelcomeCode"]
            box.store.run("UPDATE welcome_codes SET used = ? WHERE code = ?", (box.clock.now(), code))
            phones.accept("daiyu", used)
            after_used = _last(box, keys)
            phones.accept("daiyu", unused)

            assert "WelcomeCode" not in after_used
            assert "WelcomeCode" in _last(box, keys)


def test_nothing_is_told_of_staff_the_app_may_not_see_nor_without_permission() -> None:
    with mansion() as (box, keys):
        phones = box.phones(keys.corpid)
        phones.admin_set_visible(users=["baochai"])
        _added(phones, "daiyu")
        assert told(box, keys) == []

        _added(phones, "baochai")
        assert told(box, keys) == ["add_external_contact"]

        phones.admin_revoke()
        _added(phones, "baochai")
        assert told(box, keys) == ["add_external_contact"]


def test_an_act_nobody_could_do_tells_nothing_and_changes_nothing() -> None:
    with mansion() as (box, keys):
        phones = box.phones(keys.corpid)
        person, group = phones.person("悟空"), phones.create_group("daiyu", "群")
        before = told(box, keys), box.truth(keys.corpid).stays()
        for act in (
            lambda: phones.leave(person, group),
            lambda: phones.leave("daiyu", group),
            lambda: phones.join("daiyu", group),
            lambda: phones.accept("daiyu", person),
            lambda: phones.delete_staff(person, "daiyu"),
            lambda: phones.say(person, group, "早"),
            lambda: phones.remove("daiyu", group, by="baochai"),
            lambda: phones.scan_way(person, "nothing"),
            lambda: phones.add_contact(person, "nobody"),
            lambda: phones.change_owner(group, "baochai"),
        ):
            with pytest.raises(NotPossible):
                act()

        assert (told(box, keys), box.truth(keys.corpid).stays()) == before


class TestDelivery:
    def test_an_address_must_prove_itself(self) -> None:
        with mansion() as (box, keys), receiver(keys) as to:
            to.echo = lambda message: f'"{message}"'
            refused = box.set_callback(keys.corpid, to.url)
            to.echo = lambda message: message
            nobody = box.set_callback(keys.corpid, "http://127.0.0.1:9/")

            assert (refused.ok, nobody.ok) == (False, False)
            assert box.corp(keys.corpid).callback_url is None
            assert box.set_callback(keys.corpid, to.url).ok

    def test_everything_arrives_in_order_over_one_connection(self) -> None:
        with mansion() as (box, keys), receiver(keys) as to, box.running():
            box.set_callback(keys.corpid, to.url)
            connections = to.connections
            for _ in range(60):
                _added(box.phones(keys.corpid))

            assert box.outbox.settle()
            assert to.taken == box.truth(keys.corpid).callbacks()[-60:]
            assert to.connections == connections + 1
            assert set(box.truth(keys.corpid).fates()[-60:]) == {"delivered"}

    def test_what_fails_is_tried_three_times_and_then_dropped(self) -> None:
        with mansion() as (box, keys), receiver(keys) as to, box.running():
            box.set_callback(keys.corpid, to.url)
            box.outbox.retry_gap = 0.01
            to.behave = lambda number: {1: 500, 2: 0, 3: 503, 4: 500, 5: 0}.get(number, 200)
            _added(box.phones(keys.corpid))
            _added(box.phones(keys.corpid))

            assert box.outbox.settle()
            assert to.requests == 6
            assert to.taken == box.truth(keys.corpid).callbacks()[-1:]
            assert box.truth(keys.corpid).fates()[-2:] == ["failed", "delivered"]

    def test_another_status_is_no_reason_to_try_again_if_so_wished(self) -> None:
        with mansion() as (box, keys), receiver(keys) as to, box.running():
            box.set_callback(keys.corpid, to.url)
            box.faults.retry_on_status = False
            box.outbox.retry_gap = 0.01
            to.behave = lambda number: {1: 500, 2: 0}.get(number, 200)
            _added(box.phones(keys.corpid))
            _added(box.phones(keys.corpid))

            assert box.outbox.settle()
            assert (to.requests, len(to.taken)) == (3, 1)

    def test_some_are_lost_doubled_and_reordered_as_the_seed_decides(self) -> None:
        taken = []
        for _ in range(2):
            with mansion() as (box, keys), receiver(keys) as to:
                box.set_callback(keys.corpid, to.url)
                box.faults.callback_lost = box.faults.callback_doubled = box.faults.callback_reordered = 0.2
                for _ in range(100):
                    _added(box.phones(keys.corpid))
                with box.running():
                    assert box.outbox.settle()
                made = box.truth(keys.corpid).callbacks()
                taken.append([made.index(xml) for xml in to.taken])

        assert taken[0] == taken[1]
        assert 60 < len(set(taken[0])) < 95
        assert len(taken[0]) > len(set(taken[0]))
        assert taken[0] != sorted(taken[0])

    def test_what_was_not_sent_is_sent_after_a_restart(self, tmp_path: Any) -> None:
        with receiver_of_new(tmp_path) as (keys, to):
            with Sandbox.open(tmp_path, speed=None) as box:
                _added(box.phones(keys.corpid))
                assert box.outbox.waiting() == 1
            with Sandbox.open(tmp_path, speed=None) as box:
                box.outbox.deliver()

                assert len(to.taken) == 1
                assert box.outbox.waiting() == 0

    def test_in_bulk_without_an_address_no_events_are_made(self) -> None:
        with mansion() as (box, keys):
            with box.bulk():
                _added(box.phones(keys.corpid))
            assert told(box, keys) == []
            _added(box.phones(keys.corpid))

            assert told(box, keys) == ["add_external_contact"]


def receiver_of_new(folder: Any) -> Any:
    """A receiver for a company in a folder, with its address set."""
    from contextlib import contextmanager

    @contextmanager
    def opened() -> Any:
        with mansion(data=folder) as (box, keys):
            pass
        with receiver(keys) as to:
            with Sandbox.open(folder, speed=None) as box:
                box.set_callback(keys.corpid, to.url)
            yield keys, to

    return opened()
