"""What is done through the API fires no callback, whatever it is; only what people do does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.core.asking import Caller, mansion, told
from tests.sandbox.endpoints.pictures import png
from tiefen.sandbox import CorpKeys, Sandbox
from tiefen.sandbox.answering import Request, answer
from tiefen.sandbox.endpoints import ENDPOINTS, Upload
from tiefen.sandbox.endpoints.base import Endpoint

ID_FIELDS = ("config_id", "msgid", "jobid", "moment_id", "template_id", "product_id", "rule_id", "link_id", "media_id")
LISTS = frozenset(
    {
        "externalcontact/transfer_customer",
        "externalcontact/resigned/transfer_customer",
        "externalcontact/add_msg_template",
    }
)
ODD: tuple[Any, ...] = (None, "", 0, -1, 1.5, True, [], {}, [{}], [None], {"userid_list": 7}, "長" * 400, 2**70)
NEEDS_A_LIST_OF_STAFF = "externalcontact/get_user_behavior_data"


def plausible(box: Sandbox, keys: CorpKeys) -> dict[str, Any]:
    """A value for every field that any endpoint has, so that most calls succeed."""
    phones = box.phones(keys.corpid)
    person = phones.person("悟空")
    external = phones.add_contact(person, "daiyu")
    group = phones.create_group("daiyu", "取经", staff=["baochai"], people=[person])
    box.clock.step(3 * 86_400)
    now = int(box.clock.now())
    words = {"content": "你好"}
    return {
        "userid": "daiyu", "external_userid": external, "userid_list": ["daiyu"], "chat_id": group, "need_name": 1,
        "department_id": 1, "id": 1, "limit": 10, "remark": "大圣", "group_name": "阶段", "tag": [{"name": "新客"}],
        "owner_filter": {"userid_list": ["daiyu"]}, "day_begin_time": now - 86_400, "start_time": now - 2 * 86_400,
        "end_time": now - 86_400, "opengid": box.truth(keys.corpid).groups()[group]["opengid"], "type": 1, "scene": 2,
        "user": ["daiyu"], "chat_id_list": [group], "chat_type": "single", "text": words, "sender": "daiyu",
        "filter_type": 2, "visible_range": {"sender_list": {"user_list": ["daiyu"]}}, "handover_userid": "daiyu",
        "takeover_userid": "baochai", "new_owner": "baochai", "description": "经书", "price": 100,
        "rule_name": "规则", "word_list": ["违禁"], "intercept_type": 1, "applicable_range": {"user_list": ["daiyu"]},
        "link_name": "获客", "range": {"user_list": ["daiyu"]}, "touser": "daiyu", "msgtype": "text",
        "agentid": keys.agentid, "roomid": group, "info": [{"userid": "daiyu", "exteranalopenid": external}],
        "media_type": "image", "attachment_type": 1, "welcome_code": "none",
    }  # fmt: skip


class World:
    """The catalogue called by three secrets, and what has been made so far."""

    def __init__(self, box: Sandbox, keys: CorpKeys) -> None:
        self.box, self.keys, self.fields = box, keys, plausible(box, keys)
        secrets = {"sync": box.sync_secret(keys.corpid), "archive": keys.archive_secret}
        self._callers = {name: Caller(box, keys, secret=secret) for name, secret in secrets.items()}
        self._app = Caller(box, keys)

    def call(self, endpoint: Endpoint, fields: dict[str, Any]) -> int:
        caller = self._callers.get(endpoint.permission, self._app)
        if endpoint.path in LISTS and isinstance(fields.get("external_userid"), str):
            fields = fields | {"external_userid": [fields["external_userid"]]}
        if endpoint.path == NEEDS_A_LIST_OF_STAFF and isinstance(fields.get("userid"), str):
            fields = fields | {"userid": [fields["userid"]]}
        if endpoint.path.startswith("media/upload"):
            return self._upload(endpoint)
        if endpoint.method == "GET":
            plain = {name: value for name, value in fields.items() if isinstance(value, str | int)}
            found = caller.raw("GET", endpoint.path, params=plain)
            return found.errcode
        reply = caller.post(endpoint.path, fields)
        self.fields |= {name: reply[name] for name in ID_FIELDS if isinstance(reply.get(name), str) and reply[name]}
        if isinstance(reply.get("link"), dict) and reply["link"]:
            self.fields["link_id"] = reply["link"]["link_id"]
        return int(reply["errcode"])

    def _upload(self, endpoint: Endpoint) -> int:
        token = self._app.access_token or self._app.token()
        query = f"access_token={token}&type=image&media_type=image&attachment_type=1"
        upload = Upload("a.png", "image/png", png())
        found = answer(self.box, Request("POST", endpoint.path, query, upload=upload))
        if found.held is not None:
            self.box.traffic.leave(found.held)
        return found.errcode


def _destructive_last(endpoint: Endpoint) -> tuple[bool, bool]:
    name = endpoint.path.rsplit("/", 1)[-1]
    made_first = name.startswith(("add", "create", "upload"))
    return name.startswith(("del", "cancel", "transfer", "onjob", "recall")), not made_first


def test_the_whole_catalogue_in_turn_fires_nothing_and_most_of_it_succeeds() -> None:
    with mansion() as (box, keys):
        world = World(box, keys)
        before = told(box, keys)
        codes = {
            one.path: world.call(one, world.fields) for one in sorted(ENDPOINTS, key=_destructive_last) if one.token
        }

        assert told(box, keys) == before
        succeeded = [path for path, code in codes.items() if code == 0]
        assert len(succeeded) > 0.7 * len(codes), {path: code for path, code in codes.items() if code}


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_calls_with_any_of_the_fields_fire_nothing(data: st.DataObject) -> None:
    with mansion() as (box, keys):
        world = World(box, keys)
        before = told(box, keys)
        for _ in range(data.draw(st.integers(1, 12), label="calls")):
            endpoint = data.draw(st.sampled_from([one for one in ENDPOINTS if one.token]), label="endpoint")
            left_out = data.draw(st.sets(st.sampled_from(sorted(world.fields)), max_size=6), label="left out")
            odd: dict[str, Any] = data.draw(
                st.dictionaries(
                    st.sampled_from(sorted(world.fields)),
                    st.one_of(
                        st.none(),
                        st.integers(-1, 2**33),
                        st.text(max_size=40),
                        st.lists(st.text(max_size=3), max_size=3),
                        st.just({}),
                    ),
                    max_size=2,
                ),
                label="odd",
            )
            fields = {name: value for name, value in world.fields.items() if name not in left_out} | odd
            world.call(endpoint, fields)

        assert told(box, keys) == before


@pytest.mark.slow
@pytest.mark.parametrize("strict", [True, False])
def test_no_value_of_any_field_breaks_an_endpoint(strict: bool) -> None:
    """Each field in turn is of the wrong kind: an answer comes all the same."""
    with mansion(strict=strict) as (box, keys):
        world = World(box, keys)
        known = dict(world.fields)
        for endpoint in ENDPOINTS:
            if endpoint.token:
                for odd in ODD:
                    assert isinstance(world.call(endpoint, dict.fromkeys(known, odd)), int)
