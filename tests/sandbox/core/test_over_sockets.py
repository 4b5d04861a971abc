"""The sandbox as others use it: over HTTP, with what goes wrong on the way, by the real client too."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sandbox.core.asking import Caller, mansion, wait_until
from tiefen.sandbox import CorpKeys, Sandbox
from tiefen.wecom.client import Shared, WeCom


@pytest.fixture
def served() -> Iterator[tuple[Sandbox, CorpKeys, httpx.Client]]:
    with mansion() as (box, keys), box.serve() as url, httpx.Client(base_url=f"{url}/cgi-bin/") as http:
        http.params = {"access_token": Caller(box, keys).token()}
        yield box, keys, http


Served = tuple[Sandbox, CorpKeys, httpx.Client]


class TestFaults:
    def test_a_slow_answer_comes_late(self, served: Served) -> None:
        box, _, http = served
        box.faults.slow = 0.3

        assert http.get("getcallbackip").elapsed.total_seconds() >= 0.3

    def test_half_of_the_dropped_calls_were_carried_out(self, served: Served) -> None:
        box, _, http = served
        box.faults.dropped = 1.0
        for number in range(20):
            body = {"group_name": f"g{number}", "tag": [{"name": "a"}]}
            with pytest.raises(httpx.RemoteProtocolError):
                http.post("externalcontact/add_corp_tag", content=json.dumps(body))
        box.faults.clear()
        made = http.post("externalcontact/get_corp_tag_list", content="{}").json()["tag_group"]

        assert 3 < len(made) < 17

    def test_some_fail_are_busy_or_blocked_as_often_as_was_asked_for(self, served: Served) -> None:
        box, _, http = served
        box.faults.http_5xx = box.faults.busy = box.faults.storm = 0.25
        answers = [http.get("getcallbackip") for _ in range(80)]
        counts = Counter(
            answer.json()["errcode"] if answer.status_code == 200 else answer.status_code for answer in answers
        )

        assert set(counts) == {0, -1, 45009, 502}
        assert all(count >= 5 for count in counts.values())

    def test_one_endpoint_alone_may_be_in_trouble(self, served: Served) -> None:
        box, _, http = served
        box.faults.at("getcallbackip", busy=1.0)

        assert http.get("getcallbackip").json()["errcode"] == -1
        assert http.get("get_api_domain_ip").json()["errcode"] == 0
        box.faults.at("getcallbackip")
        assert http.get("getcallbackip").json()["errcode"] == 0

    def test_faults_survive_a_restart(self, tmp_path: Path) -> None:
        with mansion(data=tmp_path) as (box, _):
            box.faults.busy = 0.5
            box.faults.at("getcallbackip", storm=1.0)
        with Sandbox.open(tmp_path, speed=None) as box:
            assert (box.faults.busy, box.faults.by_endpoint) == (0.5, {"getcallbackip": {"storm": 1.0}})

    def test_the_same_seed_has_the_same_trouble(self) -> None:
        codes = []
        for _ in range(2):
            with mansion() as (box, keys):
                box.faults.at("getcallbackip", busy=0.5)
                codes.append(Caller(box, keys).codes("getcallbackip", 30))

        assert codes[0] == codes[1]
        assert set(codes[0]) == {0, -1}


class TestAtOnce:
    def test_too_many_calls_of_one_endpoint_at_once_are_refused(self, served: Served) -> None:
        box, _, http = served
        box.configure(at_once=3)
        box.faults.slow = 0.5
        with ThreadPoolExecutor(6) as pool:
            codes = list(pool.map(lambda _: http.get("getcallbackip").json()["errcode"], range(6)))

        assert sorted(codes) == [0, 0, 0, 45033, 45033, 45033]
        box.faults.slow = 0.0
        assert http.get("getcallbackip").json()["errcode"] == 0

    def test_two_calls_that_write_to_one_pair_are_not_taken_at_once(self, served: Served) -> None:
        box, keys, http = served
        phones = box.phones(keys.corpid)
        one, other = (phones.add_contact(phones.person(name), "daiyu") for name in "甲乙")
        box.faults.slow = 0.5

        def remark(external: str) -> int:
            body = {"userid": "daiyu", "external_userid": external, "remark": "x"}
            return int(http.post("externalcontact/remark", content=json.dumps(body)).json()["errcode"])

        with ThreadPoolExecutor(3) as pool:
            codes = list(pool.map(remark, [one, one, other]))

        assert sorted(codes) == [0, 0, 45035]
        assert codes[2] == 0


def test_what_is_not_wecoms_is_not_found_and_the_page_is(served: Served) -> None:
    _, _, http = served

    assert httpx.get(http.base_url.copy_with(path="/elsewhere")).status_code == 404
    assert http.get("externalcontact/nothing").status_code == 404


def test_a_call_waits_for_a_bulk_without_holding_up_the_server() -> None:
    with mansion() as (box, keys), box.serve() as url:
        token = Caller(box, keys).token()
        inside, go = threading.Event(), threading.Event()

        def fill() -> None:
            with box.bulk():
                box.phones(keys.corpid).hire("xiren", "袭人")
                inside.set()
                go.wait(5)

        thread = threading.Thread(target=fill)
        thread.start()
        inside.wait(5)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(
                httpx.get, f"{url}/cgi-bin/user/get", params={"access_token": token, "userid": "xiren"}
            )
            assert httpx.get(f"{url}/elsewhere").status_code == 404
            assert not waiting.done()
            go.set()
            assert waiting.result(5).json()["name"] == "袭人"
        thread.join(5)


class TestArchive:
    def test_what_was_said_is_told_for_five_days(self) -> None:
        with mansion() as (box, keys):
            phones = box.phones(keys.corpid)
            person = phones.person("宝玉")
            group = phones.create_group("daiyu", "诗社", people=[person])
            first = phones.say(person, group, "旧诗")
            box.clock.step(3 * 86_400)
            phones.say("daiyu", group, "新诗", reply_to=first, mentions=[person])
            with box.serve() as url:
                archive = WeCom(url, keys.corpid, keys.archive_secret, shared=Shared()).archive
                both = archive.rows().rows
                box.clock.step(3 * 86_400)
                late = archive.rows().rows
                box.archive_days = None
                whole = [row.seq for page, _ in archive.every_row(limit=1) for row in page.rows]

        assert [row.content["content"] for row in both] == ["旧诗", "新诗"]
        assert (both[1].sender, both[1].roomid, both[1].reply_to) == ("daiyu", group, first)
        assert both[0].msgtime == 1_795_406_400_000
        assert [row.content["content"] for row in late] == ["新诗"]
        assert whole == [1, 2]

    @pytest.mark.parametrize(
        ("query", "errcode"),
        [
            ("secret=x", 40001),
            ("secret={0}&limit=0", 40058),
            ("secret={0}&seq=-1", 40058),
            ("corpid=ww&secret={0}", 40013),
        ],
    )
    def test_a_wrong_question_is_refused(self, query: str, errcode: int) -> None:
        from tiefen.sandbox.archive import archive

        with mansion() as (box, keys):
            asked = query.format(keys.archive_secret)
            found = archive(box, asked if "corpid" in asked else f"corpid={keys.corpid}&{asked}")

        assert json.loads(found.body)["errcode"] == errcode


class TestShop:
    def test_orders_are_posted_until_they_are_taken(self) -> None:
        taken: list[dict[str, Any]] = []
        keys_used: list[str] = []
        refusals = iter([500, 503])

        class Endpoint(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = next(refusals, 200)
                keys_used.append(self.headers["Authorization"])
                if status == 200:
                    taken.extend(body["batch"])
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None: ...

        server = HTTPServer(("127.0.0.1", 0), Endpoint)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        with mansion() as (box, keys), box.running():
            box.outbox.retry_gap = 0.01
            box.set_shop(keys.corpid, f"http://127.0.0.1:{server.server_port}", "key")
            phones = box.phones(keys.corpid)
            person = phones.person("刘姥姥")
            order = phones.buy(person, [("tea", "红茶", 2, 990)])
            phones.refund(order, 500)
            phones.click(person, "https://brand.test/camp")

            assert box.outbox.settle()
            external = phones.external(person)
        server.shutdown()
        server.server_close()

        assert [call["event"] for call in taken] == ["Order Completed", "Order Refunded", "Link Clicked"]
        assert {call["userId"] for call in taken} == {external}
        assert taken[0]["properties"]["total"] == 19.8
        assert taken[0]["context"]["externalIds"][0]["type"] == "wechat_unionid"
        assert len({call["messageId"] for call in taken}) == 3
        assert set(keys_used) == {"Basic a2V5Og=="}

    def test_no_more_goes_back_than_was_paid(self) -> None:
        with mansion() as (box, keys):
            phones = box.phones(keys.corpid)
            order = phones.buy(phones.person("刘姥姥"), [("tea", "红茶", 1, 1_000)])
            phones.refund(order, 600)

            with pytest.raises(Exception, match="400 fen"):
                phones.refund(order, 500)


def test_the_real_client_goes_round() -> None:
    """Tokens, customers, tags, groups, codes and counts, as Tiefen itself asks for them."""
    with mansion() as (box, keys), box.serve() as url:
        phones = box.phones(keys.corpid)
        with box.bulk():
            people = [phones.person(f"p{number}") for number in range(230)]
            for person in people:
                phones.add_contact(person, "daiyu")
            group = phones.create_group("daiyu", "诗社", staff=["baochai"], people=people[:50])
        box.clock.step(2 * 86_400)
        wecom = WeCom(url, keys.corpid, keys.secret, agentid=keys.agentid, shared=Shared())
        contacts = {
            (row.follow_info.userid, row.external_contact.external_userid)
            for page, _ in wecom.contacts.every_of_staff(["daiyu", "baochai"])
            for row in page.external_contact_list
        }
        chats = [row.chat_id for page, _ in wecom.groups.every_group() for row in page.group_chat_list]
        members = {member.userid for member in wecom.groups.get(group).member_list}
        way = wecom.ways.add_contact_way(["daiyu"], state="poster")
        external = phones.scan_way(phones.person("新人"), way.config_id)
        tags = wecom.tags.add_corp_tag(["新客"], group_name="阶段")
        wecom.tags.mark_tag("daiyu", external, add_tag=[tags.tag[0].id])
        follow = wecom.contacts.get(external).follow_user[0]
        day = int(box.clock.now()) - 2 * 86_400
        counts = wecom.statistics.statistic(day, ["daiyu"]).items[0].data

        assert (follow.state, follow.tags[0].tag_name) == ("poster", "新客")
        assert contacts == box.truth(keys.corpid).contacts() - {("daiyu", external)}
        assert (chats, members) == ([group], box.truth(keys.corpid).members(group))
        assert (counts.new_chat_cnt, counts.member_total) == (1, 52)
        assert [one.userid for one in wecom.directory.user_list(1)] == ["baochai", "daiyu"]


@pytest.mark.slow
def test_the_command_prints_one_document_serves_and_ends_at_ctrl_c(tmp_path: Path) -> None:
    arguments = ["sandbox", "up", "--port", "0", "--data", str(tmp_path), "--json", "--stepped"]
    code = "import sys; from tiefen.cli import main; sys.argv[:] = sys.argv[1:]; main()"
    running = subprocess.Popen(
        [sys.executable, "-c", code, "tiefen", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None
        lines = [running.stdout.readline()]
        while lines[-1] != "}\n":
            lines.append(running.stdout.readline())
        known = json.loads("".join(lines))
        wecom = WeCom(known["base_url"], known["corpid"], known["secret"], shared=Shared())
        staff = wecom.directory.get_follow_user_list()
        running.send_signal(signal.SIGINT)
        rest, complaints = running.communicate(timeout=30)
    finally:
        running.kill()

    assert (running.returncode, rest, complaints) == (0, "", "")
    assert len(staff) == 3
    assert len(known["encoding_aes_key"]) == 43
    assert wait_until(lambda: (tmp_path / "sandbox.db").exists())
