"""Tokens: one an app, two hours, and all the ways they end early."""

from __future__ import annotations

import pytest

from tests.sandbox.core.asking import Caller, mansion


def test_the_same_token_is_given_while_it_is_good() -> None:
    with mansion() as (box, keys):
        caller = Caller(box, keys)
        first, again = caller.gettoken(), caller.gettoken()
        box.clock.step(7_200)
        later = caller.gettoken()

    assert first["expires_in"] == 7_200
    assert first["access_token"] == again["access_token"] != later["access_token"]


def test_a_token_ends_after_two_hours() -> None:
    with mansion() as (box, keys):
        caller = Caller(box, keys)
        caller.token()
        box.clock.step(7_199)
        assert caller.get("getcallbackip")["errcode"] == 0

        box.clock.step(1)

        assert caller.get("getcallbackip") | {"errmsg": ""} == {"errcode": 42001, "errmsg": "", "ip_list": []}


def test_a_token_may_be_ended_early() -> None:
    with mansion() as (box, keys):
        caller = Caller(box, keys)
        caller.token()
        box.phones(keys.corpid).admin_end_tokens()

        assert caller.get("getcallbackip")["errcode"] == 40014
        caller.token()
        assert caller.get("getcallbackip")["errcode"] == 0


def test_with_rotation_on_a_new_token_ends_the_one_before() -> None:
    with mansion() as (box, keys):
        box.faults.token_rotates = True
        one, other = Caller(box, keys), Caller(box, keys)
        one.token(), other.token()

        assert one.get("getcallbackip")["errcode"] == 40014
        assert other.get("getcallbackip")["errcode"] == 0


@pytest.mark.parametrize(
    ("corpid", "secret", "errcode"),
    [("wwnobody", "x", 40013), (None, "x", 40001)],
)
def test_wrong_keys_are_told_apart(corpid: str | None, secret: str, errcode: int) -> None:
    with mansion() as (box, keys):
        assert Caller(box, keys).gettoken(secret, corpid)["errcode"] == errcode


def test_wrong_secrets_shut_the_address_out_for_an_hour() -> None:
    with mansion() as (box, keys):
        guesser, neighbour = Caller(box, keys, ip="10.0.0.9"), Caller(box, keys)
        guesser.token()
        codes = [guesser.gettoken("wrong")["errcode"] for _ in range(12)]

        assert codes == [40001] * 11 + [45009]
        assert guesser.gettoken()["errcode"] == 45009
        assert guesser.get("getcallbackip")["errcode"] == 45009
        assert neighbour.gettoken()["errcode"] == 0
        box.clock.step(3_600)
        assert guesser.gettoken()["errcode"] == 0


def test_a_secret_of_another_company_is_no_secret_here() -> None:
    with mansion() as (box, keys):
        other = box.add_corp("水浒")

        assert Caller(box, keys).gettoken(other.secret)["errcode"] == 40001


def test_only_trusted_addresses_are_let_in_a_minute_after_they_were_entered() -> None:
    with mansion() as (box, keys):
        caller, admin = Caller(box, keys), box.phones(keys.corpid)
        admin.admin_set_trusted_ips(["10.0.0.1"])
        assert caller.get("getcallbackip")["errcode"] == 60020

        box.clock.step(60)

        assert caller.get("getcallbackip")["errcode"] == 0
        assert Caller(box, keys, ip="10.0.0.2").get("getcallbackip")["errcode"] == 60020


def test_a_disabled_app_is_refused_with_the_token_it_has() -> None:
    with mansion() as (box, keys):
        caller = Caller(box, keys)
        caller.token()
        box.phones(keys.corpid).admin_disable_app()

        assert caller.get("getcallbackip")["errcode"] == 50003
        assert caller.gettoken()["errcode"] == 50003


def test_each_secret_opens_its_own_doors() -> None:
    with mansion() as (box, keys):
        app = Caller(box, keys)
        sync = Caller(box, keys, secret=box.sync_secret(keys.corpid))
        archive = Caller(box, keys, secret=keys.archive_secret)

        assert app.post("user/list_id")["errcode"] == 48002
        assert sync.post("user/list_id")["errcode"] == 0
        assert archive.get("externalcontact/get_follow_user_list")["errcode"] == 48002
        assert app.post("msgaudit/get_permit_user_list")["errcode"] == 48002
        assert archive.post("msgaudit/get_permit_user_list")["errcode"] == 0


def test_an_app_that_loses_its_permission_midway_is_refused_from_then_on() -> None:
    with mansion() as (box, keys):
        caller = Caller(box, keys)
        assert caller.get("externalcontact/get_follow_user_list")["errcode"] == 0

        box.phones(keys.corpid).admin_revoke()

        assert caller.get("externalcontact/get_follow_user_list")["errcode"] == 48002
        assert caller.get("user/get", userid="daiyu")["errcode"] == 0
