"""Join ways 「加入群聊」: entry codes that lead into groups (https://developer.work.weixin.qq.com/document/path/92229)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.checks import at_most, one_of, some
from tiefen.wecom.client.wire import Reply, given


class JoinWay(msgspec.Struct, frozen=True, kw_only=True):
    config_id: str = ""
    scene: int = 0
    """1 mini-program plug-in, 2 QR code."""
    remark: str = ""
    auto_create_room: int = 1
    """1: a new group is seeded when these are full."""
    room_base_name: str = ""
    room_base_id: int = 0
    chat_id_list: tuple[str, ...] = ()
    qr_code: str = ""
    state: str = ""
    mark_source: bool = True


class NewJoinWay(Reply, frozen=True, kw_only=True):
    config_id: str


class JoinWayReply(Reply, frozen=True, kw_only=True):
    join_way: JoinWay


class JoinWays:
    """An app sees only its own; `state` comes back for each member who came in by it."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def add_join_way(
        self, chat_ids: Sequence[str], *, scene: int = 2, remark: str | None = None, seed_groups: bool = True,
        base_name: str | None = None, base_id: int | None = None, state: str | None = None,
        mark_source: bool | None = None,
    ) -> str:  # fmt: skip
        """Make a way into ≤ 5 groups; returns its `config_id`. The code itself is told by `get_join_way`."""
        endpoint = "externalcontact/groupchat/add_join_way"
        body = _body(endpoint, chat_ids, scene, remark, seed_groups, base_name, base_id, state, mark_source)
        return self._api.do(endpoint, NewJoinWay, body).config_id

    def get_join_way(self, config_id: str) -> JoinWay:
        body = {"config_id": config_id}
        return self._api.ask("externalcontact/groupchat/get_join_way", JoinWayReply, body).join_way

    def update_join_way(
        self, config_id: str, chat_ids: Sequence[str], *, scene: int = 2, remark: str | None = None,
        seed_groups: bool = True, base_name: str | None = None, base_id: int | None = None, state: str | None = None,
        mark_source: bool | None = None,
    ) -> None:  # fmt: skip
        """Overwrite a way as a whole."""
        endpoint = "externalcontact/groupchat/update_join_way"
        body = _body(endpoint, chat_ids, scene, remark, seed_groups, base_name, base_id, state, mark_source)
        self._api.do(endpoint, Reply, {"config_id": config_id, **body}, ("way", config_id))

    def del_join_way(self, config_id: str) -> None:
        self._api.do("externalcontact/groupchat/del_join_way", Reply, {"config_id": config_id}, ("way", config_id))


def _body(
    endpoint: str, chat_ids: Sequence[str], scene: int, remark: str | None, seed_groups: bool, base_name: str | None,
    base_id: int | None, state: str | None, mark_source: bool | None,
) -> dict[str, object]:  # fmt: skip
    one_of(endpoint, "scene", scene, (1, 2))
    some(endpoint, "chat_id_list", chat_ids)
    at_most(endpoint, "chat_id_list", chat_ids, 5)
    at_most(endpoint, "remark", remark, 30)
    at_most(endpoint, "room_base_name", base_name, 40)
    at_most(endpoint, "state", state, 30)
    return given(
        scene=scene, remark=remark, auto_create_room=int(seed_groups), room_base_name=base_name,
        room_base_id=base_id, chat_id_list=list(chat_ids), state=state, mark_source=mark_source,
    )  # fmt: skip
