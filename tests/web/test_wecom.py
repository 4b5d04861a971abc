"""Settings → WeCom: connecting, checking each step live, keys that go in and never out, health, several companies."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from tests.web.scenes import EMAIL, HERE, PASSWORD, Brand, another_company, demote, got, opened, refused, said
from tiefen.kit.callback_crypto import CallbackCrypto
from tiefen.ledger.schema import accounts, audit, corps, sessions, wecom_corps, wecom_counts, wecom_pulls, wecom_syncs
from tiefen.sandbox import CorpKeys, Sandbox
from tiefen.web.auth import set_up
from tiefen.web.wecom_checks import CAPABILITIES, REQUIRED
from tiefen.wecom.callbacks import Callbacks
from tiefen.wecom.client.shared import PROCESS

SECRET = "a-secret-nobody-may-see-again"


@dataclass
class Corp:
    """A company in the sandbox, and the brand's owner who connects it."""

    box: Sandbox
    keys: CorpKeys
    base_url: str
    client: TestClient

    def connect(self, **other: Any) -> Any:
        given = {"corpid": self.keys.corpid, "agentid": self.keys.agentid, "secret": self.keys.secret,
                 "base_url": self.base_url} | other  # fmt: skip
        return got(self.client.put("/api/wecom/connection", json=given))

    def check(self) -> dict[str, Any]:
        """What each check found, by its key."""
        told = got(self.client.post("/api/wecom/check"))
        return {one["key"]: one for one in told["checks"]}

    def states(self) -> dict[str, str]:
        return {key: f"{one['state']} {one['code']}".strip() for key, one in self.check().items()}


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, str]]:
    with Sandbox.open() as box, box.serve() as base_url:
        yield box, base_url


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Brand, TestClient]]:
    """A brand on its first day, and its owner at the console."""
    with opened(tmp_path_factory.mktemp("wecom") / "data") as brand:
        set_up(brand.ledger, "main", "宝钗", EMAIL, PASSWORD, "zh")
        yield brand, brand.browser()


@pytest.fixture
def brand(house: tuple[Brand, TestClient]) -> Brand:
    """The brand as if nobody had ever connected it."""
    brand, _ = house
    with brand.ledger.write() as rows:
        for table in (wecom_corps, wecom_counts, wecom_pulls, wecom_syncs, audit):
            rows.execute(sa.delete(table))
        rows.execute(sa.update(corps).values(settings="{}"))
        rows.execute(sa.update(accounts).values(role="owner"))
        rows.execute(sa.update(sessions).values(corp_id="main"))
    PROCESS._corps.clear()  # a refused secret is not tried again for minutes
    return brand


@pytest.fixture
def owner(brand: Brand, house: tuple[Brand, TestClient]) -> TestClient:
    return house[1]


@pytest.fixture
def corp(served: tuple[Sandbox, str], owner: TestClient) -> Corp:
    box, base_url = served
    keys = box.add_corp("大观园", staff=["xifeng:王熙凤", "pinger:平儿"])
    return Corp(box, keys, base_url, owner)


MAY = {f"may_{key}": "ok" for key in CAPABILITIES}


# ---- connecting -------------------------------------------------------------------------------------


def test_at_first_nothing_is_connected(owner: TestClient) -> None:
    told = got(owner.get("/api/wecom"))

    assert told["connection"] is None
    assert told["checks"] is None
    assert told["callback_url"] == f"{HERE}/wecom/callback/main"
    refused(owner.get("/api/wecom/health"), 404, "not_connected")
    refused(owner.post("/api/wecom/check"), 404, "not_connected")


def test_what_was_typed_survives_a_reload(owner: TestClient) -> None:
    owner.put("/api/wecom/draft", json={"corpid": "ww123", "public_url": "https://tiefen.example.com"})

    told = got(owner.get("/api/wecom"))

    assert told["draft"]["corpid"] == "ww123"
    assert told["callback_url"] == "https://tiefen.example.com/wecom/callback/main"


def test_a_right_connection_is_green_at_every_step(corp: Corp) -> None:
    corp.connect()

    assert corp.states() == {"token": "ok", "ip": "ok", "range": "ok", **MAY}
    assert corp.check()["range"]["facts"] == {"staff": 2}


def test_what_was_found_survives_a_reload_and_not_another_secret(corp: Corp) -> None:
    corp.connect()
    corp.check()
    assert got(corp.client.get("/api/wecom"))["checks"] is not None

    corp.connect(secret=SECRET)

    assert got(corp.client.get("/api/wecom"))["checks"] is None


def test_an_empty_secret_keeps_the_one_that_is_there(corp: Corp) -> None:
    corp.connect()
    corp.connect(secret="", agentid=1000007)

    assert corp.states()["token"] == "ok"
    assert got(corp.client.get("/api/wecom"))["connection"]["agentid"] == 1000007


def test_the_first_connection_needs_a_secret(corp: Corp) -> None:
    answer = corp.client.put("/api/wecom/connection", json={"corpid": "ww1", "agentid": 1, "secret": ""})

    refused(answer, 400, "bad_connection")


@pytest.mark.parametrize(
    "other",
    [{"corpid": "中文"}, {"corpid": ""}, {"corpid": "w" * 65}, {"secret": "with blank"}, {"secret": "x" * 201},
     {"base_url": "ftp://x"}, {"base_url": "http://user:pass@x"}, {"base_url": "javascript:alert(1)"}, {"agentid": -1}],
)  # fmt: skip
def test_what_no_form_of_wecom_gives_is_refused(corp: Corp, other: dict[str, Any]) -> None:
    given = {"corpid": "ww1", "agentid": 1, "secret": "s"} | other

    refused(corp.client.put("/api/wecom/connection", json=given), 422, "not_understood")


# ---- what goes wrong, told in codes -----------------------------------------------------------------


def test_a_wrong_secret_is_40001_and_nothing_else_is_tried(corp: Corp) -> None:
    corp.connect(secret=SECRET)

    states = corp.states()

    assert states["token"] == "failed 40001"
    assert {states[key] for key in states if key != "token"} == {"unknown"}


def test_an_unknown_company_is_40013(corp: Corp) -> None:
    corp.connect(corpid="ww0000000000000000")

    assert corp.states()["token"] == "failed 40013"


def test_an_address_where_nobody_answers_is_told_so(corp: Corp) -> None:
    corp.connect(base_url="http://127.0.0.1:9")

    assert corp.states()["token"] == "failed unanswered"


def test_an_address_that_is_not_wecom_is_told_so(corp: Corp) -> None:
    corp.connect(base_url=f"{corp.base_url}/_sandbox/api")

    assert corp.states()["token"] == "failed malformed"


def test_an_untrusted_address_is_60020_with_the_address_to_trust(corp: Corp) -> None:
    corp.box.phones(corp.keys.corpid).admin_set_trusted_ips(["203.0.113.7"])
    corp.connect()

    found = corp.check()

    assert found["ip"]["code"] == "60020"
    assert found["ip"]["facts"]["ip"] == "127.0.0.1"
    assert found["may_contacts"]["state"] == "unknown"


def test_a_trusted_address_turns_green(corp: Corp) -> None:
    phones = corp.box.phones(corp.keys.corpid)
    phones.admin_set_trusted_ips(["203.0.113.7"])
    corp.connect()
    assert corp.states()["ip"] == "failed 60020"

    phones.admin_set_trusted_ips(None)

    assert corp.states()["ip"] == "ok"


def test_an_app_that_is_not_listed_is_48002_for_each_capability(corp: Corp) -> None:
    corp.box.phones(corp.keys.corpid).admin_revoke("contact")
    corp.connect()

    states = corp.states()

    assert states["ip"] == "ok"
    assert states["range"] == "unknown"
    assert states["may_contacts"] == states["may_groups"] == states["may_tags"] == "failed 48002"
    assert states["may_staff"] == "ok"


def test_one_permission_that_lacks_is_told_apart_from_the_others(corp: Corp) -> None:
    corp.box.phones(corp.keys.corpid).admin_revoke("acquisition")
    corp.connect()

    found = corp.check()

    assert found["may_links"]["code"] == "48002"
    assert not found["may_links"]["facts"]["required"]
    assert found["may_contacts"]["state"] == "ok"
    assert all(found[f"may_{key}"]["facts"]["required"] for key in REQUIRED)


def test_an_app_that_sees_nobody_is_told_so(corp: Corp) -> None:
    corp.box.phones(corp.keys.corpid).admin_set_visible(departments=[], users=[])
    corp.connect()

    assert corp.states()["range"] == "failed nobody"


def test_an_app_that_is_switched_off_is_told_so(corp: Corp) -> None:
    corp.connect()
    corp.check()

    corp.box.phones(corp.keys.corpid).admin_disable_app(True)

    assert "50003" in corp.states()["range"]


def test_a_storm_of_45009_is_told_and_passes(corp: Corp) -> None:
    corp.connect()
    corp.box.faults.at("externalcontact/get_corp_tag_list", storm=1.0)
    try:
        assert corp.states()["may_tags"] == "failed 45009"
    finally:
        corp.box.faults.clear()


def test_a_server_that_hangs_up_keeps_nobody_waiting(corp: Corp) -> None:
    corp.connect()
    corp.box.faults.http_5xx = 1.0
    began = time.monotonic()
    try:
        found = corp.check()
    finally:
        corp.box.faults.clear()

    assert "unanswered" in {one["code"] for one in found.values()}
    assert time.monotonic() - began < 10


def test_the_archive_is_checked_with_its_own_secret(corp: Corp) -> None:
    corp.connect()
    assert "archive" not in corp.check()

    corp.client.put("/api/wecom/archive", json={"secret": corp.keys.secret})
    assert corp.states()["archive"].startswith("failed")
    corp.client.put("/api/wecom/archive", json={"secret": corp.keys.archive_secret})
    assert corp.check()["archive"]["facts"]["staff"] == 2
    got(corp.client.put("/api/wecom/archive", json={}))
    assert got(corp.client.get("/api/wecom"))["connection"]["archive"] is False


# ---- secrets ----------------------------------------------------------------------------------------


def test_a_secret_goes_in_and_never_comes_out(corp: Corp, brand: Brand) -> None:
    corp.connect(secret=SECRET)
    corp.client.put("/api/wecom/archive", json={"secret": SECRET + "-archive"})
    corp.check()

    answers = [corp.client.get(path).text for path in ("/api/wecom", "/api/wecom/health", "/api/wecom/corps", "/api/settings",
                                                       "/api/audit", "/api/me", "/api/wecom/callback-keys")]  # fmt: skip

    assert all(SECRET not in text for text in answers)
    assert got(corp.client.get("/api/wecom"))["connection"]["secret_end"] == SECRET[-4:]
    assert SECRET.encode() not in b"".join(
        path.read_bytes() for path in brand.settings.data.glob("store.db*") if path.is_file()
    )


def test_who_may_only_look_changes_nothing_and_sees_no_keys(corp: Corp, brand: Brand) -> None:
    corp.connect()
    demote(brand.ledger)

    assert got(corp.client.get("/api/wecom"))["owner"] is False
    assert got(corp.client.get("/api/wecom/health"))["callbacks"]["waiting"] == 0
    for method, path in (("GET", "callback-keys"), ("PUT", "callback-keys"), ("PUT", "connection"), ("PUT", "archive"),
                         ("PUT", "draft"), ("POST", "check"), ("POST", "sync")):  # fmt: skip
        answer = corp.client.request(method, f"/api/wecom/{path}", json={"corpid": "ww1", "agentid": 1})
        refused(answer, 403, "not_allowed")
    refused(corp.client.delete("/api/wecom"), 403, "not_allowed")
    refused(corp.client.post("/api/corps", json={"name": "x"}), 403, "not_allowed")


def test_everything_that_was_done_is_in_the_audit(corp: Corp) -> None:
    corp.connect()
    corp.client.get("/api/wecom/callback-keys")
    corp.client.put("/api/wecom/callback-keys", json={})
    corp.client.put("/api/wecom/archive", json={"secret": corp.keys.archive_secret})
    corp.client.post("/api/wecom/sync")
    corp.client.delete("/api/wecom")

    did = [one["did"] for one in got(corp.client.get("/api/audit"))["items"]]

    assert did[:6] == ["disconnected WeCom", "asked for a WeCom sync", "switched the WeCom archive",
                       "changed the callback keys of WeCom", "saw the callback keys of WeCom", "connected WeCom"]  # fmt: skip


# ---- callbacks --------------------------------------------------------------------------------------


@pytest.fixture
def door(brand: Brand) -> Iterator[TestClient]:
    """The address WeCom calls."""
    callbacks = Callbacks(brand.ledger)
    callbacks.start()
    with TestClient(callbacks.in_front_of(brand.app), base_url=HERE) as client:
        yield client
    callbacks.close()


def keys_of(corp: Corp) -> dict[str, str]:
    keys: dict[str, str] = got(corp.client.get("/api/wecom/callback-keys"))
    return keys


def prove(door: TestClient, corp: Corp, keys: dict[str, str]) -> int:
    """As WeCom does when somebody saves the address in its console."""
    stamp = str(int(time.time()))
    sealed = CallbackCrypto(keys["token"], keys["aes_key"], corp.keys.corpid).seal("42", timestamp=stamp, nonce="7")
    asked = {"msg_signature": sealed.signature, "timestamp": stamp, "nonce": "7", "echostr": sealed.encrypted}
    answer = door.get(f"/wecom/callback/main?{urlencode(asked)}")
    assert answer.status_code != 200 or answer.text == "42"
    return answer.status_code


def verified(corp: Corp) -> bool:
    """Whether the page says so, within the second in which counts are written down."""
    until = time.monotonic() + 3
    while time.monotonic() < until:
        if got(corp.client.get("/api/wecom/health"))["callbacks"]["verified_at"] is not None:
            return True
        time.sleep(0.05)
    return False


def test_an_address_that_was_proved_turns_green_until_the_keys_change(corp: Corp, door: TestClient) -> None:
    corp.connect()
    keys = keys_of(corp)
    assert got(corp.client.get("/api/wecom/health"))["callbacks"]["verified_at"] is None

    assert prove(door, corp, keys) == 200
    assert verified(corp)

    corp.client.put("/api/wecom/callback-keys", json={})
    assert got(corp.client.get("/api/wecom/health"))["callbacks"]["verified_at"] is None


def test_keys_wecoms_form_has_made_are_taken(corp: Corp, door: TestClient) -> None:
    corp.connect()
    theirs = {"token": "theirtoken", "aes_key": "k" * 43}

    assert got(corp.client.put("/api/wecom/callback-keys", json=theirs)) == theirs
    time.sleep(2.1)  # the door remembers a connection for two seconds
    assert prove(door, corp, theirs) == 200


@pytest.mark.parametrize(
    "keys", [{"token": "with blank"}, {"token": "t" * 33}, {"aes_key": "k" * 42}, {"aes_key": "é" * 43}]
)
def test_keys_wecoms_form_would_not_take_are_refused(corp: Corp, keys: dict[str, str]) -> None:
    corp.connect()

    refused(corp.client.put("/api/wecom/callback-keys", json=keys), 422, "not_understood")


def test_a_refused_callback_is_counted_by_its_reason(corp: Corp, door: TestClient) -> None:
    corp.connect()

    assert prove(door, corp, {"token": "wrong", "aes_key": keys_of(corp)["aes_key"]}) == 403

    until = time.monotonic() + 3
    seen: list[Any] = []
    while not seen and time.monotonic() < until:
        seen = got(corp.client.get("/api/wecom/health"))["callbacks"]["refused"]
        time.sleep(0.05)
    assert seen == [{"what": "bad_signature", "times": 1}]


# ---- health, sync, several companies ----------------------------------------------------------------


def test_health_tells_used_of_limit_and_the_last_errors(corp: Corp) -> None:
    corp.box.phones(corp.keys.corpid).admin_revoke("acquisition")
    corp.connect()
    corp.check()

    used = {one["endpoint"]: one for one in got(corp.client.get("/api/wecom/health"))["usage"]}

    assert used["gettoken"]["this_minute"] >= 1
    assert used["externalcontact/get_follow_user_list"]["per_minute"] == 8_000
    assert used["externalcontact/customer_acquisition/list_link"]["last_error"] == 48002


def test_a_sync_is_asked_for_once_and_shown_as_asked(corp: Corp) -> None:
    corp.connect()

    corp.client.post("/api/wecom/sync")
    corp.client.post("/api/wecom/sync")

    sync = got(corp.client.get("/api/wecom/health"))["sync"]
    assert sync["asked"]
    assert not sync["running"]
    assert sync["last"] is None
    assert sync["forecast_seconds"] is None


def test_after_a_sync_it_is_told_what_is_known_and_how_long_one_takes(corp: Corp, brand: Brand) -> None:
    from tiefen.wecom.connections import api, connection
    from tiefen.wecom.sync import Sync

    phones = corp.box.phones(corp.keys.corpid)
    phones.add_contact(phones.person("林黛玉"), "xifeng")
    corp.connect()
    Sync(brand.ledger, "main", api(connection(brand.ledger, "main"))).read_everything()

    sync = got(corp.client.get("/api/wecom/health"))["sync"]

    assert sync["known"]["staff"] == 2
    assert sync["known"]["contacts"] == 1
    assert sync["last"]["facts"] > 0
    assert sync["forecast_seconds"] > 0


def test_disconnecting_forgets_the_keys_and_keeps_what_was_learned(corp: Corp, brand: Brand) -> None:
    brand.track(said("诗社", "daiyu", "秋花惨淡秋草黄", "2026-11-02T08:00:00Z", "m1"))
    brand.ledger.flush()
    before = brand.ledger.facts("main")
    corp.connect()

    got(corp.client.delete("/api/wecom"))

    assert got(corp.client.get("/api/wecom"))["connection"] is None
    assert brand.ledger.facts("main") == before > 0
    refused(corp.client.delete("/api/wecom"), 404, "not_connected")


def test_secrets_that_cannot_be_read_any_more_are_told_and_replaced(corp: Corp, brand: Brand) -> None:
    corp.connect()
    (brand.settings.data / "wecom.key").write_bytes(b"k" * 32)

    assert got(corp.client.get("/api/wecom"))["sealed"]
    refused(corp.client.get("/api/wecom/health"), 409, "secrets_sealed")
    corp.connect()
    assert not got(corp.client.get("/api/wecom"))["sealed"]


def test_every_company_one_may_see_is_listed_with_its_state(corp: Corp, brand: Brand) -> None:
    another_company(brand.ledger)
    corp.connect()
    assert state(corp, "main") == "begun"
    corp.check()

    assert state(corp, "main") == "ok"
    assert state(corp, "other") == "none"
    corp.connect(secret=SECRET)
    assert state(corp, "main") == "begun"
    corp.check()
    assert state(corp, "main") == "failed"


def state(corp: Corp, corp_id: str) -> str:
    items = got(corp.client.get("/api/wecom/corps"))["items"]
    return next(str(one["state"]) for one in items if one["corp_id"] == corp_id)


def test_a_machine_sees_its_own_company_alone(brand: Brand) -> None:
    token = another_company(brand.ledger, "a-third-token")

    assert [one["corp_id"] for one in got(brand.machine(token).get("/api/wecom/corps"))["items"]] == ["other"]
    refused(brand.machine(token).post("/api/corps", json={"name": "x"}), 403, "not_allowed")


def test_another_company_is_made_and_looked_at(corp: Corp) -> None:
    made = got(corp.client.post("/api/corps", json={"name": "甄家"}), 201)

    me = got(corp.client.get("/api/me"))
    assert me["corp"]["corp_id"] == made["corp_id"]
    assert me["corp"]["name"] == "甄家"
    assert got(corp.client.get("/api/wecom"))["callback_url"].endswith(f"/wecom/callback/{made['corp_id']}")
    corp.connect()
    assert corp.states()["token"] == "ok"
