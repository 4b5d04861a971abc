"""Callbacks both ways: what our sandbox sends, others open; what others seal, our address takes in and keeps."""

from __future__ import annotations

import base64
import http.client
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from benchmarks._server import CORP as SERVED
from benchmarks._server import Server, running
from tests.conftest import CORP
from tests.peers.wecom.others import EASYWECHAT, SEALERS, WECOM_CRYPTO, Software
from tests.peers.wecom.receiving import Opening, Serving, address_of
from tests.peers.wecom.results import Notes, Result
from tests.peers.wecom.sealing import Sealer, Secrets, Starter, Theirs, word
from tests.wecom.callbacks.scenes import Called, added, address, body_of, called, joined
from tiefen.kit.callback_crypto import Envelope
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_events
from tiefen.sandbox import CorpKeys, Sandbox
from tiefen.wecom.connections import Connection, connect
from tiefen.wecom.events import texts_of

EVERYBODY = pytest.mark.parametrize("whose", SEALERS, ids=lambda one: one.name)


# ---- what the sandbox sends -----------------------------------------------------------------------


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox.open() as opened, opened.serve():
        yield opened


def company(box: Sandbox) -> tuple[CorpKeys, Secrets]:
    keys = box.add_corp("荣国府", staff=["xifeng:王熙凤", "pinger:平儿"])
    return keys, Secrets(keys.token, keys.aes_key, keys.corpid)


def told_since(box: Sandbox, keys: CorpKeys, before: list[str]) -> list[str]:
    return box.truth(keys.corpid).callbacks()[len(before) :]


def a_busy_day(box: Sandbox, corpid: str) -> None:
    """Everything people do that is told of: adding, editing, groups, leaving, tags."""
    phones = box.phones(corpid)
    people = [phones.person(name) for name in ("林黛玉", "薛宝钗🌺", "]]>史湘云<![CDATA[")]
    for person in people:
        phones.add_contact(person, "xifeng", state="海报&<1>")
    phones.half_add(phones.person("刘姥姥"), "xifeng")
    phones.edit_contact("xifeng", people[0], remark="颦儿")
    group = phones.create_group("xifeng", "海棠诗社 🌸", staff=["pinger"], people=people[:2])
    phones.join(people[2], group)
    phones.rename_group(group, "]]>桃花社")
    phones.set_notice(group, "不必限韵")
    phones.leave(people[1], group)
    phones.remove(people[2], group, by="xifeng")
    phones.change_owner(group, "pinger")
    phones.dismiss(group)
    phones.delete_staff(people[0], "xifeng")
    phones.delete_customer("xifeng", people[1])
    phones.admin_add_tag("爱好", "诗")


@EVERYBODY
def test_what_the_sandbox_sends_is_opened_as_it_was_written(
    box: Sandbox, started: Starter, notes: Notes, whose: Software
) -> None:
    keys, secrets = company(box)
    before = box.truth(keys.corpid).callbacks()
    theirs = Opening(started(whose, "seals"), secrets)
    with address_of(theirs) as url:
        verified = box.set_callback(keys.corpid, url)
        a_busy_day(box, keys.corpid)
        assert box.outbox.settle()
        box.set_callback(keys.corpid, None)

    assert (verified.ok, verified.why) == (True, "")
    assert theirs.refused == []
    assert theirs.texts == told_since(box, keys, before)
    assert len(theirs.texts) >= 16
    notes.note(whose.name, "callbacks/sandbox", Result("works"))


def test_the_server_of_node_easywechat_reads_every_field_of_what_the_sandbox_sends(
    box: Sandbox, started: Starter
) -> None:
    keys, secrets = company(box)
    before = box.truth(keys.corpid).callbacks()
    theirs = Serving(started(EASYWECHAT, "seals"), secrets)
    with address_of(theirs) as url:
        verified = box.set_callback(keys.corpid, url)
        a_busy_day(box, keys.corpid)
        assert box.outbox.settle()
        box.set_callback(keys.corpid, None)

    assert (verified.ok, verified.why) == (True, "")
    assert [_plain(fields) for fields in theirs.fields] == [_ours(xml) for xml in told_since(box, keys, before)]


def _plain(fields: dict[str, Any]) -> dict[str, str]:
    """Its fields without those of the envelope and without lists, which it nests its own way."""
    return {k: str(v) for k, v in fields.items() if k not in _OUTER and isinstance(v, str | int)}


def _ours(xml: str) -> dict[str, str]:
    return {k: v[0] for k, v in texts_of(xml.encode()).items() if "/" not in k and k not in _OUTER}


_OUTER = ("ToUserName", "AgentID", "Encrypt", "MemChangeList")


def test_an_address_that_knows_other_secrets_does_not_pass_the_sandboxs_trial(box: Sandbox, started: Starter) -> None:
    keys, secrets = company(box)
    chance = random.Random(1)
    for whose in SEALERS:
        for other in (replace(secrets, token=word(chance, 20)), replace(secrets, key=word(chance, 43))):
            with address_of(Opening(started(whose, "seals"), other)) as url:
                assert not box.set_callback(keys.corpid, url).ok


# ---- what others seal -----------------------------------------------------------------------------


@pytest.fixture
def app(ledger: Ledger) -> Iterator[Called]:
    with called(ledger) as taking:
        yield taking


def secrets_of(connection: Connection) -> Secrets:
    return Secrets(connection.token, connection.aes_key, connection.corpid)


def kept(ledger: Ledger, corp: str = CORP) -> list[tuple[str, str, str]]:
    """(event, change, content) of everything that was taken in."""
    asked = sa.select(wecom_events.c.event, wecom_events.c.change, wecom_events.c.raw)
    with ledger.read() as rows:
        found = rows.execute(asked.where(wecom_events.c.corp_id == corp).order_by(wecom_events.c.seq)).all()
    return [(event, change, raw) for event, change, raw in found]


def events(whose: Software) -> list[str]:
    """Events of many contents, none like another."""
    chance = random.Random(whose.name)
    words = ["黛玉", "🌺", "]]>", "&", "<b>", '"', "x" * 300, "\u200b", "海" * 900]
    told = [added(f"wm{n}_{''.join(chance.choices(words, k=3))}", code=word(chance, 20)) for n in range(12)]
    return [*told, joined("wr1", *(f"wm{n}" for n in range(400)))]


@EVERYBODY
def test_what_they_seal_is_taken_in_and_kept_as_an_event(
    app: Called, started: Starter, notes: Notes, whose: Software
) -> None:
    theirs, told = Theirs(started(whose, "seals")), events(whose)

    for content in told:
        envelope = theirs.seal(secrets_of(app.connection), content, str(int(time.time())), "n1")
        assert app.post(envelope).status_code == 200

    assert [raw for _, _, raw in kept(app.ledger)] == told
    assert {what[:2] for what in kept(app.ledger)} == {
        ("change_external_contact", "add_external_contact"), ("change_external_chat", "update"),
    }  # fmt: skip
    notes.note(whose.name, "callbacks/address", Result("works"))


@EVERYBODY
def test_our_address_proves_itself_to_them(app: Called, started: Starter, notes: Notes, whose: Software) -> None:
    theirs = Theirs(started(whose, "seals"))
    for echo in ("1616140317555161061", word(random.Random(whose.name), 200), "黛玉]]>"):
        envelope = theirs.seal(secrets_of(app.connection), echo, str(int(time.time())), "n1")
        answer = app.client.get(app.path, params=address(envelope, echostr=envelope.encrypted))

        assert (answer.status_code, answer.text) == (200, echo)
    notes.note(whose.name, "callbacks/echostr", Result("works"))


def _changed(envelope: Envelope) -> dict[str, Envelope]:
    sealed = bytearray(base64.b64decode(envelope.encrypted))
    sealed[40] ^= 4
    return {
        "signature": replace(envelope, signature="0" * 40),
        "timestamp": replace(envelope, timestamp=str(int(envelope.timestamp) + 1)),
        "nonce": replace(envelope, nonce="n2"),
        "bit": replace(envelope, encrypted=base64.b64encode(sealed).decode()),
        "length": replace(envelope, encrypted=envelope.encrypted[:-44]),
    }


@EVERYBODY
def test_what_was_changed_on_the_way_is_refused_and_nothing_is_kept(
    app: Called, started: Starter, whose: Software
) -> None:
    good = Theirs(started(whose, "seals")).seal(secrets_of(app.connection), added("wm1"), str(int(time.time())), "n1")

    answers = {what: app.post(wrong) for what, wrong in _changed(good).items()}

    assert {what: (one.status_code, one.json()["code"]) for what, one in answers.items()} == dict.fromkeys(
        answers, (403, "bad_signature")
    )
    assert kept(app.ledger) == []


@EVERYBODY
def test_what_they_seal_for_somebody_else_too_early_or_with_another_key_is_refused(
    app: Called, started: Starter, whose: Software
) -> None:
    theirs, right, now = Theirs(started(whose, "seals")), secrets_of(app.connection), int(time.time())
    refused = {
        "foreign_receiver": theirs.seal(replace(right, receiver="ww_else"), added("wm1"), str(now), "n1"),
        "stale": theirs.seal(right, added("wm1"), str(now - app.connection.window_seconds - 60), "n1"),
        "bad_signature": theirs.seal(replace(right, token="foreign"), added("wm1"), str(now), "n1"),
    }
    other_key = replace(right, key=word(random.Random(whose.name), 43))

    assert {app.post(envelope).json()["code"] for envelope in refused.values()} == set(refused)
    assert app.post(theirs.seal(other_key, added("wm1"), str(now), "n1")).json()["code"] in (
        "bad_envelope", "foreign_receiver",
    )  # fmt: skip
    assert kept(app.ledger) == []


# ---- a server of our own ----------------------------------------------------------------------------


def test_a_running_server_keeps_what_all_of_them_seal(tmp_path: Path, started: Starter) -> None:
    with Ledger.open(Settings(data=tmp_path)) as ledger:
        ledger.ensure_corp(SERVED)
        made = connect(ledger, SERVED, base_url="http://127.0.0.1:9", corpid="ww1", secret="s")
    told = [(whose, content) for whose in SEALERS for content in events(whose)[:3]]

    with running(tmp_path, TIEFEN_READING_SECONDS="3600") as server:
        for whose, content in told:
            assert _post(server, made, Theirs(started(whose, "seals")), content) == 200
        assert _post(server, made, Theirs(started(WECOM_CRYPTO, "seals")), added("wm1"), token="foreign") == 403
        server.kill()

    with Ledger.open(Settings(data=tmp_path)) as ledger:
        assert [raw for _, _, raw in kept(ledger, SERVED)] == [content for _, content in told]


def _post(server: Server, made: Connection, theirs: Sealer, content: str, **other: str) -> int:
    envelope = theirs.seal(replace(secrets_of(made), **other), content, str(int(time.time())), "n1")
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        line.request("POST", f"{made.callback_path}?{urlencode(address(envelope))}", body_of(envelope))
        return line.getresponse().status
    finally:
        line.close()
