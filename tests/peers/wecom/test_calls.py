"""Clients none of which is ours call every endpoint of the sandbox, and get what WeCom's pages say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.peers.wecom.others import CALLERS, WECHATPY_1, WECHATPY_2, Software
from tests.peers.wecom.results import Notes, Result
from tests.peers.wecom.sealing import Starter
from tests.peers.wecom.walks import STEPS, ApiRefused, NoSuchPage, Scene
from tiefen.sandbox import Sandbox
from tiefen.sandbox.endpoints import ENDPOINTS

E = "externalcontact/"


@dataclass(frozen=True, slots=True)
class Defect:
    """What is known to be wrong with a client, and how it shows: an errcode, or the status of a page there is not."""

    shows: int
    en: str
    zh: str


_FORMER = "calls the former `{}`, which there is not any more", "调用已不存在的旧接口 `{}`"
_TRANSFER = Defect(404, _FORMER[0].format("transfer"), _FORMER[1].format("transfer"))
_RESULT = Defect(404, _FORMER[0].format("get_group_msg_result"), _FORMER[1].format("get_group_msg_result"))
DEFECTS = {
    (WECHATPY_1, E + "transfer_customer"): _TRANSFER,
    (WECHATPY_2, E + "transfer_customer"): _TRANSFER,
    (WECHATPY_1, E + "get_groupmsg_send_result"): _RESULT,
    (WECHATPY_2, E + "get_groupmsg_send_result"): _RESULT,
    (WECHATPY_2, E + "batch/get_by_user"): Defect(
        40058, "sends `userid` in place of `userid_list`; `--lenient` takes it",
        "发送 `userid` 而非 `userid_list`；`--lenient` 时可用",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def scene_of(started: Starter) -> Iterator[Callable[[Software], Scene]]:
    """A company in a sandbox of its own for every client."""
    scenes: dict[Software, Scene] = {}
    with ExitStack() as open_until_the_end:

        def find(whose: Software) -> Scene:
            if whose not in scenes:
                scenes[whose] = a_scene(started, whose, open_until_the_end)
            return scenes[whose]

        yield find


def a_scene(started: Starter, whose: Software, until: ExitStack, *, strict: bool = True) -> Scene:
    box = until.enter_context(Sandbox.open(speed=None, strict=strict))
    address = until.enter_context(box.serve())
    keys = box.add_corp("荣国府")
    scene = Scene(box, address, started(whose, "calls"), keys.corpid, keys.agentid, keys.secret, keys.archive_secret)
    scene.start()
    return scene


def test_there_is_a_step_for_every_endpoint_of_the_sandbox() -> None:
    assert set(STEPS) == {endpoint.path for endpoint in ENDPOINTS}


@pytest.mark.parametrize("path", STEPS)
@pytest.mark.parametrize("whose", CALLERS, ids=lambda one: one.name)
def test_a_call_gets_what_the_page_says(
    scene_of: Callable[[Software], Scene], notes: Notes, whose: Software, path: str
) -> None:
    notes.note(whose.name, path, outcome(scene_of(whose), whose, path))


def outcome(scene: Scene, whose: Software, path: str) -> Result:
    """Go through a step and say what came of it. A known defect has to show as it is known."""
    scene.look_afresh()
    defect = DEFECTS.get((whose, path))
    if not scene.offers(path):
        return Result("absent")
    try:
        STEPS[path](scene)
    except (ApiRefused, NoSuchPage) as no:
        assert defect is not None, no
        assert (no.code if isinstance(no, ApiRefused) else no.status) == defect.shows
        return Result("defect", (), defect.en, defect.zh)
    assert defect is None, f"{whose.name} has mended {path}"
    return Result("works" if scene.answered else "refused", tuple(sorted(set(scene.codes))))
