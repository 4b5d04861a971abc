"""From a phone in the sandbox to a fact in the ledger, over real connections on both sides."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from tests.conftest import CORP
from tests.wecom.callbacks.scenes import until
from tiefen.ledger.ledger import Ledger
from tiefen.sandbox import Delivered, Sandbox
from tiefen.sandbox.corps import CorpKeys
from tiefen.sandbox.phones import Phones
from tiefen.wecom.callbacks import Callbacks, health
from tiefen.wecom.connections import connect
from tiefen.wecom.mirror import Mirror


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The app at an address of its own."""
    with socket.create_server(("127.0.0.1", 0)) as at:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [at]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{at.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@dataclass
class Both:
    """荣国府 at WeCom, and here."""

    ledger: Ledger
    box: Sandbox
    keys: CorpKeys
    phones: Phones
    url: str


@pytest.fixture
def both(ledger: Ledger) -> Iterator[Both]:
    with Sandbox.open() as box, box.serve(port=0) as base_url:
        keys = box.add_corp("荣国府", staff=["xifeng", "pinger"])
        connect(
            ledger, CORP, base_url=base_url, corpid=keys.corpid, agentid=keys.agentid, secret=keys.secret,
            token=keys.token, aes_key=keys.aes_key, welcome="欢迎来大观园",
        )  # fmt: skip
        callbacks = Callbacks(ledger, lambda of: Mirror(ledger, of.corp_id))
        callbacks.start()
        with served(callbacks.in_front_of(Starlette())) as url:
            yield Both(ledger, box, keys, box.phones(keys.corpid), f"{url}/wecom/callback/{CORP}")
        callbacks.close()


def test_the_address_proves_itself_and_another_does_not(both: Both) -> None:
    assert both.box.set_callback(both.keys.corpid, both.url).ok
    assert not both.box.set_callback(both.keys.corpid, both.url + "x").ok

    until(lambda: health(both.ledger, CORP).verified_us is not None)


def test_somebody_who_scans_becomes_a_contact_and_is_welcomed_within_two_seconds(both: Both) -> None:
    welcomed: list[float] = []

    def note(told: Delivered) -> None:
        if told.kind == "welcome":
            welcomed.append(told.at)

    both.box.listeners.delivered.append(note)
    assert both.box.set_callback(both.keys.corpid, both.url).ok
    daiyu, began = both.phones.person("黛玉"), both.box.clock.now()

    both.phones.add_contact(daiyu, "xifeng", state="poster")

    until(lambda: bool(welcomed) and both.ledger.facts(CORP, "contact.added") == 1, 20)
    assert welcomed[0] - began < 2.0
    assert health(both.ledger, CORP).events == {"change_external_contact/add_external_contact": 1}
    until(lambda: health(both.ledger, CORP).welcomes == {"answered": 1})
    assert both.ledger.facts(CORP, "touch.moved") == 2


def test_doubled_and_reordered_callbacks_make_each_fact_once(both: Both) -> None:
    both.box.faults.callback_doubled = both.box.faults.callback_reordered = 0.5
    assert both.box.set_callback(both.keys.corpid, both.url).ok

    group = both.phones.create_group("xifeng", "海棠诗社")
    for n in range(20):
        both.phones.join(both.phones.person(f"诗人{n}"), group)

    until(lambda: both.ledger.facts(CORP, "member.joined") >= 20 and health(both.ledger, CORP).waiting == 0, 30)
    assert health(both.ledger, CORP).failed == 0
    assert health(both.ledger, CORP).again > 0
    people = both.box.truth(both.keys.corpid).members(group) - {"xifeng"}
    assert len(people) == 20
    assert both.ledger.facts(CORP, "member.joined") in {20, 21}  # with the owner, should anybody have told of her
