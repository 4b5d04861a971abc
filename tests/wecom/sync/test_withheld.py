"""What a sync does not take for gone: whatever it could not see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import msgspec
import pytest

from tests.wecom.sync.world import Living, Place, contacts_told, place, stays_told, stays_true
from tiefen.kit.errors import TiefenError
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.client import FrequencyLimited, Unanswered
from tiefen.wecom.client.errors import GroupDismissed


@pytest.fixture
def here(ledger: Ledger) -> Iterator[Place]:
    """A corp of which everything was read."""
    with place(ledger) as made:
        living = Living(made, 5)
        living.begin(people=20)
        for n, person in enumerate(living.people):
            made.box.clock.step(30)
            living.phones.add_contact(person, living.staff[n % 4])
        made.box.clock.step(30)
        made.callbacks()
        made.sync.read_everything()
        made.box.clock.step(600)
        yield made


Refuse = Callable[[str, dict[str, Any]], int | None]


def refusing(here: Place, refuse: Refuse) -> None:
    """Answer some calls with an errcode: what `refuse` says of (endpoint, body)."""
    wire = here.wire
    ask = wire.handle_request

    def handle(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/cgi-bin/")
        content = request.read()
        body = msgspec.json.decode(content) if content[:1] == b"{" else dict(request.url.params)
        code = refuse(path, body)
        if code is not None:
            return httpx.Response(200, json={"errcode": code, "errmsg": "no"})
        return ask(request)

    wire.handle_request = handle  # type: ignore[method-assign]


def known(here: Place, ledger: Ledger) -> tuple[list[Any], set[tuple[str, str]]]:
    return stays_told(ledger), contacts_told(ledger)


def test_a_lost_permission_makes_nobody_leave(here: Place, ledger: Ledger) -> None:
    before = known(here, ledger)
    refusing(here, lambda path, _: 48002 if path.startswith("externalcontact/") else None)

    summary = here.sync.read_everything()

    assert known(here, ledger) == before
    assert {skip.code for skip in summary.skipped} == {"48002"}
    assert summary.inferred == 0
    assert len([path for path in here.wire.calls if path.endswith("groupchat/get")]) <= 3


def test_groups_the_app_may_not_see_any_more_keep_their_members(here: Place, ledger: Ledger) -> None:
    before = known(here, ledger)
    refusing(here, lambda path, _: 60011 if path.endswith("groupchat/get") else None)

    here.sync.read_everything()

    assert known(here, ledger) == before


def test_a_group_that_is_gone_is_dismissed_and_only_that_one(here: Place, ledger: Ledger) -> None:
    chats = sorted(here.box.truth(here.keys.corpid).groups())
    refusing(here, lambda path, body: 49008 if body.get("chat_id") == chats[0] else None)

    here.sync.read_everything()

    ended = {stay[0] for stay in stays_told(ledger) if stay[3] is not None}
    assert ended == {chats[0]}


def test_staff_out_of_the_visible_range_lose_no_contacts(here: Place, ledger: Ledger) -> None:
    before = contacts_told(ledger)
    phones = here.box.phones(here.keys.corpid)
    phones.admin_set_visible(users=["xifeng", "pinger"])

    summary = here.sync.read_everything()

    assert contacts_told(ledger) == before
    assert summary.inferred == 0


def test_one_of_many_staff_who_cannot_be_asked_spoils_nothing_for_the_others(here: Place, ledger: Ledger) -> None:
    before = contacts_told(ledger)
    refusing(here, lambda path, body: 60111 if "pinger" in body.get("userid_list", ()) else None)
    living = Living(here, 6)
    external = living.phones.add_contact(living.phones.person("迎春"), "xiren")
    here.box.clock.step(60)

    summary = here.sync.read_everything()

    assert contacts_told(ledger) == before | {("xiren", external)}
    assert [skip.of for skip in summary.skipped] == ["contacts of pinger"]


def test_a_member_of_staff_without_contacts_is_an_answer(here: Place, ledger: Ledger) -> None:
    phones = here.box.phones(here.keys.corpid)
    phones.hire("newcomer", "新人")
    here.box.clock.step(60)

    summary = here.sync.read_everything()

    assert summary.skipped == []
    assert "newcomer" in here.mirror.serving()


def test_a_frequency_limit_in_the_middle_pauses_and_the_next_call_goes_on(here: Place, ledger: Ledger) -> None:
    calls = {"groupchat": 0}
    limited = True

    def refuse(path: str, _: dict[str, Any]) -> int | None:
        if path.endswith("groupchat/get"):
            calls["groupchat"] += 1
            return 45009 if limited and calls["groupchat"] > 1 else None
        return None

    refusing(here, refuse)
    impatient = here.client(here.keys.secret)
    here.sync._api = impatient.patient(1.0)
    before = known(here, ledger)

    with pytest.raises(FrequencyLimited):
        here.sync.read_everything()
    assert known(here, ledger) == before
    asked_once = here.wire.calls.count("externalcontact/batch/get_by_user")

    limited = False
    here.box.clock.step(4_000)
    summary = here.sync.read_everything()

    assert here.wire.calls.count("externalcontact/batch/get_by_user") == asked_once
    assert (summary.facts, summary.skipped) == (0, [])
    assert known(here, ledger) == before


def test_a_server_that_does_not_answer_pauses_too(here: Place, ledger: Ledger) -> None:
    def unanswered(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("gone")

    ask, here.wire.handle_request = here.wire.handle_request, unanswered  # type: ignore[method-assign]
    before = known(here, ledger)
    with pytest.raises(Unanswered):
        here.sync.read_everything()

    here.wire.handle_request = ask  # type: ignore[method-assign]
    here.sync.read_everything()

    assert known(here, ledger) == before


@pytest.mark.parametrize(
    "errcode", [-1, 40001, 40003, 40014, 41001, 45033, 48002, 50100, 60011, 60020, 60111, 610023, 99999]
)
def test_whatever_errcode_comes_nobody_is_taken_for_gone(here: Place, ledger: Ledger, errcode: int) -> None:
    before = known(here, ledger)
    now = {stay[:3] for stay in stays_true(here) if stay[3] is None}
    refusing(here, lambda path, _: errcode if path != "gettoken" else None)

    try:
        here.sync.read_everything()
    except TiefenError as error:
        assert not isinstance(error, GroupDismissed)

    assert known(here, ledger) == before
    assert {stay[:3] for stay in stays_told(ledger) if stay[3] is None} == now
