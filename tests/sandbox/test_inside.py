"""The page's API: everything can be seen and done by hand, and nothing that makes no sense gets through."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from tiefen.sandbox import CorpKeys, Sandbox
from tiefen.sandbox.inside.acts import ACTS
from tiefen.sandbox.inside.pages import READS, WRITES, routes

API = "/_sandbox/api"


class Page:
    """Somebody at the page of a sandbox with one company."""

    def __init__(self, box: Sandbox, keys: CorpKeys) -> None:
        self.box, self.keys, self.phones = box, keys, box.phones(keys.corpid)
        self.client = TestClient(box.app, raise_server_exceptions=False)

    def see(self, path: str, **query: Any) -> Any:
        answer = self.client.get(f"{API}{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def of(self, path: str, **query: Any) -> Any:
        return self.see(f"/corps/{self.keys.corpid}{path}", **query)

    def send(self, path: str, body: Any) -> httpx.Response:
        answer: httpx.Response = self.client.post(f"{API}{path}", json=body)
        return answer

    def act(self, act: str, **given: Any) -> Any:
        answer = self.send(f"/corps/{self.keys.corpid}/acts", {"act": act, **given})
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def refused(self, path: str, body: Any, status: int = 400) -> str:
        answer = self.send(path, body)
        assert answer.status_code == status, answer.text
        said: str = answer.json()["message"]
        assert said
        return said


@pytest.fixture
def page() -> Iterator[Page]:
    with Sandbox.open(speed=None) as box:
        yield Page(box, box.add_corp("大观园", staff=["xifeng:王熙凤", "pinger:平儿"]))


# ---- seeing -----------------------------------------------------------------------------------------


def test_the_first_look_tells_the_time_and_the_companies(page: Page) -> None:
    seen = page.see("")

    assert seen["clock"]["now"] == page.box.clock.now()
    assert seen["corps"] == [{"corpid": page.keys.corpid, "name": "大观园", "callback_url": None}]


def test_a_company_shows_the_keys_somebody_types_elsewhere(page: Page) -> None:
    seen = page.of("")

    assert seen["keys"]["secret"] == page.keys.secret
    assert seen["keys"]["aes_key"] == page.keys.aes_key
    assert seen["counts"] == {"staff": 2, "people": 0, "groups": 0, "tags": 0}


def test_customers_are_searched_by_name_and_by_id(page: Page) -> None:
    daiyu, baoyu = page.phones.person("林黛玉"), page.phones.person("贾宝玉")
    external = page.phones.add_contact(daiyu, "xifeng")

    assert [one["person"] for one in page.of("/people", q="黛")["items"]] == [daiyu]
    assert [one["person"] for one in page.of("/people", q=external)["items"]] == [daiyu]
    assert [one["person"] for one in page.of("/people", known=1)["items"]] == [daiyu]
    assert {one["person"] for one in page.of("/people")["items"]} == {daiyu, baoyu}


def test_marks_of_sql_in_a_search_are_just_letters(page: Page) -> None:
    page.phones.person("100%好人")
    page.phones.person("好人")

    assert [one["name"] for one in page.of("/people", q="0%好")["items"]] == ["100%好人"]


def test_every_page_of_a_long_list_is_another(page: Page) -> None:
    people = {page.phones.person(f"客{n}") for n in range(25)}

    seen: list[str] = []
    after = None
    while True:
        found = page.of("/people", limit=10, **({"after": after} if after else {}))
        seen += [one["person"] for one in found["items"]]
        if (after := found["next"]) is None:
            break

    assert len(seen) == 25
    assert set(seen) == people


def test_a_staff_phone_shows_customers_groups_and_the_last_word(page: Page) -> None:
    daiyu = page.phones.person("林黛玉")
    page.phones.add_contact(daiyu, "xifeng")
    chat_id = page.phones.create_group("xifeng", "海棠诗社", people=[daiyu])
    page.phones.say(daiyu, chat_id, "秋花惨淡秋草黄")

    phone = page.of("/staff/xifeng")
    customers = page.of("/staff/xifeng/customers")["items"]

    assert phone["groups"][0]["name"] == "海棠诗社"
    assert phone["groups"][0]["last"]["content"]["content"] == "秋花惨淡秋草黄"
    assert phone["groups"][0]["last"]["name"] == "林黛玉"
    assert [one["name"] for one in customers] == ["林黛玉"]


def test_a_customers_phone_shows_staff_and_groups(page: Page) -> None:
    daiyu = page.phones.person("林黛玉")
    external = page.phones.add_contact(daiyu, "xifeng")
    page.phones.create_group("xifeng", "海棠诗社", people=[daiyu])

    phone = page.of(f"/people/{daiyu}")

    assert phone["external_userid"] == external
    assert [one["userid"] for one in phone["staff"]] == ["xifeng"]
    assert [one["members"] for one in phone["groups"]] == [2]


def test_a_conversation_pages_back_and_goes_on(page: Page) -> None:
    daiyu = page.phones.person("林黛玉")
    page.phones.add_contact(daiyu, "xifeng")
    chat_id = page.phones.create_group("xifeng", "诗社", people=[daiyu])
    for n in range(30):
        page.box.clock.step(60)
        page.phones.say(daiyu, chat_id, f"第{n}句")

    last = page.of(f"/groups/{chat_id}/talk", limit=10)
    before = page.of(f"/groups/{chat_id}/talk", limit=10, before=last["before"])
    place = f"{before['items'][-1]['at']!r}:{before['items'][-1]['seq']}"
    since = page.of(f"/groups/{chat_id}/talk", limit=100, since=place)

    assert [one["content"]["content"] for one in last["items"]] == [f"第{n}句" for n in range(20, 30)]
    assert [one["content"]["content"] for one in before["items"]] == [f"第{n}句" for n in range(10, 20)]
    assert since["items"] == last["items"]


def test_what_two_said_is_theirs_alone(page: Page) -> None:
    daiyu, baoyu = page.phones.person("林黛玉"), page.phones.person("贾宝玉")
    external = page.phones.add_contact(daiyu, "xifeng")
    page.phones.add_contact(baoyu, "xifeng")
    page.phones.say_to(daiyu, "xifeng", "你来了")
    page.phones.say_to("xifeng", daiyu, "来了")
    page.phones.say_to(baoyu, "xifeng", "林妹妹呢")

    seen = page.of("/staff/xifeng/talk", **{"with": external})

    assert [one["content"]["content"] for one in seen["items"]] == ["你来了", "来了"]


def test_groups_are_found_by_name_with_everybody_in_them(page: Page) -> None:
    daiyu = page.phones.person("林黛玉")
    page.phones.add_contact(daiyu, "xifeng")
    chat_id = page.phones.create_group("xifeng", "海棠诗社", people=[daiyu])
    page.phones.create_group("xifeng", "账房")

    assert [one["chat_id"] for one in page.of("/groups", q="诗")["items"]] == [chat_id]
    assert [one["name"] for one in page.of(f"/groups/{chat_id}")["members"]] == ["王熙凤", "林黛玉"]


# ---- acting -----------------------------------------------------------------------------------------


def test_every_act_is_one_of_the_phones(page: Page) -> None:
    for name in ACTS:
        assert callable(getattr(page.phones, name)), name


def test_what_is_done_by_hand_happens_and_is_called_back(page: Page) -> None:
    daiyu = page.act("person", name="林黛玉")

    external = page.act("add_contact", person=daiyu, userid="xifeng", add_way=1)

    assert ("xifeng", external) in page.box.truth(page.keys.corpid).contacts()
    assert page.of("/callbacks")["items"][0]["change"] == "add_external_contact"
    assert external in page.of("/callbacks")["items"][0]["about"]


def test_a_day_by_hand(page: Page) -> None:
    daiyu, baoyu = page.act("person", name="林黛玉"), page.act("person", name="贾宝玉")
    for one in (daiyu, baoyu):
        page.act("add_contact", person=one, userid="xifeng")
    chat_id = page.act("create_group", userid="xifeng", name="诗社", people=[daiyu])
    page.act("join", who=baoyu, chat_id=chat_id, scene=3)
    page.act("say", who=baoyu, chat_id=chat_id, text="我来迟了")
    page.act("rename_group", chat_id=chat_id, name="海棠诗社")
    page.act("edit_contact", userid="xifeng", person=daiyu, remark="颦儿")
    page.act("mute", person=daiyu, target=chat_id)
    order = page.act("buy", person=daiyu, lines=[{"sku": "T1", "name": "茶", "quantity": 2, "fen": 990}])
    page.act("refund", order_id=order)
    page.act("remove", who=baoyu, chat_id=chat_id, by="xifeng")
    page.act("leave", who=daiyu, chat_id=chat_id)
    page.act("delete_staff", person=daiyu, userid="xifeng")
    page.act("resign", userid="pinger")

    group = page.of(f"/groups/{chat_id}")
    assert [one["member_id"] for one in group["members"]] == ["xifeng"]
    assert group["name"] == "海棠诗社"
    assert page.of(f"/people/{daiyu}")["orders"][0]["refunded"]
    assert page.of("/staff/pinger")["left_at"] is not None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "act"),
        ({"act": "explode"}, "none of those"),
        ({"act": "__init__"}, "none of those"),
        ({"act": "person"}, "`name` is missing"),
        ({"act": "person", "name": 5}, "not a text"),
        ({"act": "person", "name": "a\0b"}, "U+0000"),
        ({"act": "person", "name": "长" * 5_000}, "longer"),
        ({"act": "buy", "person": "wx", "lines": []}, "not a list"),
        ({"act": "buy", "person": "wx", "lines": ["tea"]}, "no line"),
        ({"act": "create_group", "userid": "xifeng", "name": "g", "people": "wx"}, "not a list"),
    ],
)
def test_an_act_that_is_not_as_described_is_refused_in_words(page: Page, given: dict[str, Any], says: str) -> None:
    assert says in page.refused(f"/corps/{page.keys.corpid}/acts", given)


def test_what_nobody_can_do_is_refused_and_changes_nothing(page: Page) -> None:
    daiyu = page.phones.person("林黛玉")
    before = page.of("/callbacks")["items"]

    page.refused(f"/corps/{page.keys.corpid}/acts", {"act": "leave", "who": daiyu, "chat_id": "wrNothing"}, 409)
    page.refused(f"/corps/{page.keys.corpid}/acts", {"act": "accept", "userid": "xifeng", "person": daiyu}, 409)

    assert page.of("/callbacks")["items"] == before


@pytest.mark.parametrize("path", ["/corps/wwNobody", "/corps/wwNobody/staff", "/nothing", "/corps"])
def test_what_is_not_there_is_said_so(page: Page, path: str) -> None:
    answer = page.client.get(f"{API}{path}")

    assert answer.status_code in (404, 405)
    assert answer.json()["message"]


def test_unknown_ids_are_404_in_every_address(page: Page) -> None:
    for path in ("/staff/nobody", "/people/wx_nobody", "/groups/wrNobody", "/groups/wrNobody/talk"):
        answer = page.client.get(f"{API}/corps/{page.keys.corpid}{path}")
        assert answer.status_code == 404, path
        assert answer.json()["code"] in {"unknown", "unknown_corp"}


# ---- who may ----------------------------------------------------------------------------------------


def test_another_web_page_may_not_act_through_a_browser(page: Page) -> None:
    body = {"act": "person", "name": "x"}
    path = f"{API}/corps/{page.keys.corpid}/acts"

    foreign = page.client.post(path, json=body, headers={"Origin": "https://evil.example"})
    as_form = page.client.post(path, data=body)

    assert foreign.status_code == 403
    assert as_form.status_code == 400
    assert page.of("/people")["items"] == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b"\xff\xfe", b'{"a":' * 5_000])
def test_a_body_that_is_no_object_is_refused(page: Page, body: bytes) -> None:
    answer = page.client.post(f"{API}/clock", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"


def test_a_body_without_end_is_not_read_to_its_end(page: Page) -> None:
    answer = page.client.post(f"{API}/clock", content=b" " * 2_000_000, headers={"Content-Type": "application/json"})

    assert "1 MB" in answer.json()["message"]


def test_no_query_breaks_a_list(page: Page) -> None:
    for path in READS:
        filled = path.format(corpid=page.keys.corpid, userid="xifeng", person="wx_1", chat_id="wr1", number=1)
        for query in (
            "limit=0",
            "limit=x",
            "after=%00",
            "after=-1",
            "errcode=abc",
            "fate=nowhere",
            "before=x",
            "failed=7",
        ):
            answer = page.client.get(f"{API}{filled}?{query}")
            assert answer.status_code in (200, 400, 404), (filled, query, answer.text)


NONSENSE: tuple[dict[str, Any], ...] = (
    {}, {"speed": "fast"}, {"step": -1}, {"slow": 99}, {"busy": "often"}, {"url": "ftp://x"}, {"lag": []}, {"name": {}},
)  # fmt: skip


def test_no_garbage_breaks_a_write(page: Page) -> None:
    for path in WRITES:
        filled = path.format(corpid=page.keys.corpid, number="x")
        for body in NONSENSE:
            answer = page.send(filled, body)
            assert answer.status_code in (200, 400, 404, 409), (filled, body, answer.text)


def test_files_outside_of_the_page_are_not_served(page: Page) -> None:
    for path in ("/_sandbox/../pages.py", "/_sandbox/%2e%2e/pages.py", "/_sandbox/js/..%2f..%2fpages.py"):
        assert b"def routes" not in page.client.get(path).content


def test_the_page_needs_nothing_from_elsewhere(page: Page) -> None:
    answer = page.client.get("/_sandbox/")

    assert answer.status_code == 200
    assert "http" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert page.client.get("/_sandbox", follow_redirects=False).headers["location"] == "/_sandbox/"


# ---- time, faults, settings -------------------------------------------------------------------------


def test_the_clock_is_stepped_sped_up_and_stopped(page: Page) -> None:
    before = page.box.clock.now()

    page.send("/clock", {"step": 3_600})
    assert page.box.clock.now() == before + 3_600
    assert page.send("/clock", {"speed": 60}).json()["speed"] == 60
    assert page.send("/clock", {"speed": None}).json()["speed"] is None


def test_faults_are_set_shown_and_taken_back(page: Page) -> None:
    page.send("/faults", {"storm": 1.0, "token_rotates": True, "limits": False})
    page.send("/faults", {"endpoint": "externalcontact/get", "busy": 0.5})

    seen = page.see("/faults")
    assert seen["faults"]["storm"] == 1.0
    assert seen["faults"]["token_rotates"] is True
    assert seen["limits"] is False
    assert seen["by_endpoint"] == {"externalcontact/get": {"busy": 0.5}}
    assert page.box.faults.storm == 1.0

    page.send("/faults", {"clear": True})
    assert page.see("/faults")["faults"]["storm"] == 0


def test_settings_nobody_publishes_are_set(page: Page) -> None:
    page.send("/settings", {"archive_days": None, "mass_messages": "day"})

    assert page.box.archive_days is None
    assert "is none of" in page.refused("/settings", {"mass_messages": "never"})
    page.refused("/settings", {"nonsense": 1}, 404)


# ---- calls ------------------------------------------------------------------------------------------


def test_calls_are_listed_filtered_and_tell_no_token(page: Page) -> None:
    keys = page.keys
    asked = page.client.get("/cgi-bin/gettoken", params={"corpid": keys.corpid, "corpsecret": keys.secret})
    token = asked.json()["access_token"]
    page.client.get("/cgi-bin/user/get", params={"access_token": token, "userid": "nobody"})

    seen = page.see("/calls")["items"]
    assert [one["path"] for one in seen] == ["user/get", "gettoken"]
    assert token not in str(seen)
    assert keys.secret not in str(seen)
    assert [one["path"] for one in page.see("/calls", errcode=60111)["items"]] == ["user/get"]
    assert [one["path"] for one in page.see("/calls", failed=1)["items"]] == ["user/get"]
    assert [one["path"] for one in page.see("/calls", endpoint="gettok")["items"]] == ["gettoken"]
    assert {one["path"]: one["failed"] for one in page.see("/calls/endpoints")["items"]} == {
        "user/get": 1,
        "gettoken": 0,
    }


def test_an_administrator_takes_permission_and_trusts_addresses(page: Page) -> None:
    path = f"/corps/{page.keys.corpid}/app"

    page.send(
        path, {"agentid": page.keys.agentid, "permissions": ["group"], "trusted_ips": ["10.0.0.1"], "disabled": True}
    )

    app = page.of("")["apps"][0]
    assert app["permissions"] == ["group"]
    assert list(app["trusted_ips"]) == ["10.0.0.1"]
    assert app["disabled"]
    assert "none" in page.refused(path, {"agentid": page.keys.agentid, "permissions": ["everything"]})


# ---- callbacks --------------------------------------------------------------------------------------


class Ear(http.server.BaseHTTPRequestHandler):
    """An address that proves itself with the right keys and answers events as it is told."""

    crypto: Any = None
    status = 200
    heard = 0

    def do_GET(self) -> None:
        from urllib.parse import parse_qs, urlsplit

        from tiefen.kit.callback_crypto import Envelope
        from tiefen.kit.errors import TiefenError

        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        try:
            text = type(self).crypto.open(
                Envelope(asked["echostr"], asked["msg_signature"], asked["timestamp"], asked["nonce"])
            )
        except TiefenError:
            self.send_response(403)
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).heard += 1
        self.send_response(type(self).status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def ear() -> Iterator[tuple[type[Ear], str]]:
    kind = type("OneEar", (Ear,), {})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield kind, f"http://127.0.0.1:{server.server_port}/hear"
        server.shutdown()


def test_a_callback_address_with_keys_of_its_own_is_verified_and_kept(page: Page, ear: tuple[type[Ear], str]) -> None:
    from tiefen.kit.callback_crypto import CallbackCrypto

    kind, url = ear
    kind.crypto = CallbackCrypto("theirtoken", "k" * 43, page.keys.corpid)
    path = f"/corps/{page.keys.corpid}/callback"

    wrong = page.send(path, {"url": url}).json()
    assert wrong["ok"] is False
    assert page.of("")["callback_url"] is None
    bad = page.send(path, {"url": url, "token": "othertoken", "aes_key": "x" * 43}).json()
    assert bad["ok"] is False
    assert page.of("")["keys"]["token"] == page.keys.token

    right = page.send(path, {"url": url, "token": "theirtoken", "aes_key": "k" * 43}).json()
    assert right == {"ok": True, "why": ""}
    assert page.of("")["keys"]["token"] == "theirtoken"
    assert page.of("")["callback_url"] == url


def test_a_callback_shows_its_tries_and_is_sent_again(page: Page, ear: tuple[type[Ear], str]) -> None:
    from tiefen.kit.callback_crypto import CallbackCrypto

    kind, url = ear
    kind.crypto = CallbackCrypto(page.keys.token, page.keys.aes_key, page.keys.corpid)
    page.send(f"/corps/{page.keys.corpid}/callback", {"url": url})
    page.box.outbox.retry_gap = 0.01
    kind.status = 500
    page.act("add_contact", person=page.act("person", name="林黛玉"), userid="xifeng")
    page.box.outbox.deliver()

    failed = page.of("/callbacks", fate="failed")["items"][0]
    assert (failed["tries"], failed["told"]) == (3, "HTTP 500")

    kind.status = 200
    assert page.send(f"/corps/{page.keys.corpid}/callbacks/{failed['id']}/resend", {}).json() == {"queued": True}
    page.box.outbox.deliver()
    again = page.of("/callbacks", event="change_external_contact")["items"][0]
    assert (again["fate"], again["tries"]) == ("delivered", 4)


def test_a_callback_of_nobody_cannot_be_sent_again(page: Page) -> None:
    page.refused(f"/corps/{page.keys.corpid}/callbacks/99/resend", {}, 404)
    page.refused(f"/corps/{page.keys.corpid}/callbacks/x/resend", {}, 400)


# ---- the docstring ----------------------------------------------------------------------------------


def test_every_address_is_in_the_docstring(page: Page) -> None:
    import tiefen.sandbox.inside as inside

    said = inside.__doc__ or ""
    for path in {*READS, *WRITES}:
        last = [part for part in path.split("/") if part and not part.startswith("{")]
        assert not last or last[-1] in said, path
    assert len(routes(page.box)) > len(READS)
