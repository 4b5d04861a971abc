"""What others' clients make of tokens that end, of wrong secrets, and of a sandbox that is not right: there the walk fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.peers.wecom.others import CALLERS, EASYWECHAT, WECHATPY_1, WECHATPY_2, Running, Software, fetch
from tests.peers.wecom.sealing import Starter
from tests.peers.wecom.test_calls import DEFECTS, Defect, E, a_scene, outcome
from tests.peers.wecom.walks import STEPS, ApiRefused, Scene
from tiefen.sandbox import answering

EVERYBODY = pytest.mark.parametrize("whose", CALLERS, ids=lambda one: one.name)
WECHATPYS = pytest.mark.parametrize("whose", [WECHATPY_1, WECHATPY_2], ids=lambda one: one.name)


@pytest.fixture
def scene(started: Starter, whose: Software) -> Iterator[Scene]:
    with ExitStack() as until:
        yield a_scene(started, whose, until)


def tokens_asked_for(scene: Scene) -> int:
    with scene.box.store.lock:
        return int(scene.box.store.value("SELECT count(*) FROM calls WHERE path = 'gettoken'"))


@EVERYBODY
def test_one_token_serves_many_calls(scene: Scene) -> None:
    for _ in range(10):
        scene.call("getcallbackip")

    assert tokens_asked_for(scene) == 1


@WECHATPYS
@pytest.mark.parametrize("ends", ["expired", "revoked"])
def test_wechatpy_goes_on_with_a_new_token_when_one_has_ended(scene: Scene, ends: str) -> None:
    scene.call("getcallbackip")
    _end_token(scene, ends)

    assert scene.call("getcallbackip") == {"ip_list": ["127.0.0.1"]}
    assert tokens_asked_for(scene) == 2


@pytest.mark.parametrize("whose", [WECHATPY_2], ids=lambda one: one.name)
def test_wechatpy_knows_no_end_of_new_tokens(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = answering._answered
    no = answering._json(40014, "invalid access_token", {})
    monkeypatch.setattr(
        answering, "_answered", lambda box, of, *told: no if of.path == "getcallbackip" else answered(box, of, *told)
    )

    said = scene.process.ask("call", method="GET", path="getcallbackip", given={})

    assert said["refused"] == "RecursionError"
    assert tokens_asked_for(scene) > 50


@pytest.mark.parametrize("whose", [EASYWECHAT], ids=lambda one: one.name)
@pytest.mark.parametrize(("ends", "code"), [("expired", 42001), ("revoked", 40014)])
def test_node_easywechat_says_why_and_goes_on_once_it_is_told_to(scene: Scene, ends: str, code: int) -> None:
    scene.call("getcallbackip")
    _end_token(scene, ends)

    with pytest.raises(ApiRefused) as refused:
        scene.call("getcallbackip")
    assert refused.value.code == code
    scene.call("gettoken")
    assert scene.call("getcallbackip") == {"ip_list": ["127.0.0.1"]}


def _end_token(scene: Scene, how: str) -> None:
    if how == "expired":
        scene.box.clock.step(7_201)
    else:
        scene.phones.admin_end_tokens()


@EVERYBODY
def test_a_token_that_every_asking_ends_is_lived_with(scene: Scene, whose: Software, started: Starter) -> None:
    scene.box.faults.token_rotates = True
    scene.call("getcallbackip")
    with Running(whose, "calls") as other:
        other.ask("start", base=scene.address, corpid=scene.corpid, secret=scene.secret)
        assert "answer" in other.ask("call", method="GET", path="getcallbackip", given={})

    if whose == EASYWECHAT:
        scene.refuses("getcallbackip", 40014)
        scene.start()
    assert scene.call("getcallbackip") == {"ip_list": ["127.0.0.1"]}


@EVERYBODY
def test_a_wrong_secret_is_told_and_too_many_shut_the_address_out(scene: Scene) -> None:
    scene.start(secret="wrong")
    for _ in range(scene.box.setting("wrong_secrets") + 1):
        scene.refuses("gettoken", 40001)

    scene.start()
    scene.refuses("gettoken", 45009)
    scene.box.clock.step(3_700)
    assert scene.call("getcallbackip") == {"ip_list": ["127.0.0.1"]}


@EVERYBODY
def test_an_address_that_is_not_trusted_and_a_permission_that_is_lost_are_told(scene: Scene) -> None:
    userid = scene.staff()
    scene.customer(userid)
    scene.phones.admin_set_trusted_ips(["10.9.8.7"])
    scene.refuses(E + "list", 60020, userid=userid)
    scene.phones.admin_set_trusted_ips(None)
    scene.phones.admin_revoke()
    scene.refuses(E + "list", 48002, userid=userid)
    scene.phones.admin_grant()

    assert len(scene.call(E + "list", userid=userid)["external_userid"]) == 1


@pytest.mark.parametrize("whose", [WECHATPY_2], ids=lambda one: one.name)
def test_a_lenient_sandbox_takes_what_older_clients_send(started: Starter, whose: Software) -> None:
    with ExitStack() as until:
        scene = a_scene(started, whose, until, strict=False)
        STEPS[E + "batch/get_by_user"](scene)


@WECHATPYS
def test_what_is_said_to_be_missing_is_nowhere_in_the_library(scene: Scene, whose: Software) -> None:
    library = next(fetch(whose.runtime).glob("lib/python*/site-packages/wechatpy"))
    source = "".join(file.read_text("utf-8") for file in library.rglob("*.py"))

    written = {path for path in STEPS if f"'{path}'" in source or f'"{path}"' in source}

    assert len(written) > 20
    assert [path for path in written if not scene.offers(path)] == []


# ---- that it can fail -------------------------------------------------------------------------------


def _broken(change: Callable[[dict[str, Any]], None]) -> Callable[..., Any]:
    handled = answering._handled

    def wrongly(*told: Any, **more: Any) -> Any:
        answer = handled(*told, **more)
        if isinstance(answer, dict):
            change(answer)
        return answer

    return wrongly


@EVERYBODY
@pytest.mark.parametrize(
    ("path", "change"),
    [
        (E + "list", lambda said: said.get("external_userid", []).append("wm_nobody")),
        (E + "get", lambda said: [one.pop("state", None) for one in said.get("follow_user", [])]),
        (E + "groupchat/get", lambda said: said.get("group_chat", {}).update(owner="somebody")),
        (E + "add_contact_way", lambda said: said.pop("qr_code", None)),
        (E + "get_corp_tag_list", lambda said: said.get("tag_group", []).clear()),
    ],
    ids=["one too many", "a field is missing", "a wrong value", "no code", "an empty list"],
)
def test_a_sandbox_that_answers_wrongly_is_found_out(
    scene: Scene, whose: Software, path: str, change: Callable[[dict[str, Any]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outcome(scene, whose, path).outcome == "works"
    monkeypatch.setattr(answering, "_handled", _broken(change))

    with pytest.raises((AssertionError, KeyError, IndexError, ValueError)):
        outcome(scene, whose, path)


@EVERYBODY
def test_a_sandbox_that_lets_everything_pass_is_found_out(
    scene: Scene, whose: Software, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        answering, "_answered", lambda box, endpoint, *_: answering._json(0, "ok", {"external_userid": ["wm1"]})
    )

    with pytest.raises(AssertionError):
        outcome(scene, whose, E + "list")


@pytest.mark.parametrize("whose", [WECHATPY_1], ids=lambda one: one.name)
def test_a_defect_nobody_knows_of_and_one_that_was_mended_are_found_out(
    scene: Scene, whose: Software, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(DEFECTS, (whose, E + "transfer_customer"))
    monkeypatch.setitem(DEFECTS, (whose, E + "list"), Defect(40058, "is broken", ""))

    with pytest.raises(AssertionError, match="404"):
        outcome(scene, whose, E + "transfer_customer")
    with pytest.raises(AssertionError, match="has mended"):
        outcome(scene, whose, E + "list")
