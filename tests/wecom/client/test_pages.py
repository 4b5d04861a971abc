"""Pages, limits checked beforehand, and answers as forgiving as they must be."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.wecom.client.every_call import JPG, E
from tests.wecom.client.scenes import OK, FakeWeCom, client
from tiefen.wecom.client import CursorRepeated, LimitExceeded, MalformedReply
from tiefen.wecom.client.attachments import image, link, mini_program
from tiefen.wecom.client.endpoints.sidebar import sign

PAGES = {"": "c1", "c1": "c2", "c2": ""}


def groups(endpoint: str, body: dict[str, Any]) -> Any:
    at = body["cursor"]
    # An empty page in the middle is not the end.
    rows = [] if at == "c1" else [{"chat_id": f"wr{at}", "status": 0}]
    return {**OK, "group_chat_list": rows, "next_cursor": PAGES[at]}


def test_pages_go_on_until_the_cursor_is_empty() -> None:
    api = client(FakeWeCom(groups))

    walked = [(len(page.group_chat_list), after) for page, after in api.groups.every_group()]

    assert walked == [(1, "c1"), (0, "c2"), (1, "")]


def test_a_walk_is_resumed_where_it_was_left() -> None:
    fake = FakeWeCom(groups)
    api = client(fake)
    _, left_at = next(api.groups.every_group())

    rest = [after for _, after in api.groups.every_group(left_at)]

    assert rest == ["c2", ""]


@pytest.mark.parametrize("start", ["", "x", "y"])
def test_a_cursor_that_comes_again_is_an_error(start: str) -> None:
    circle = {"": "x", "x": "y", "y": "x"}
    fake = FakeWeCom(lambda endpoint, body: {**OK, "group_chat_list": [], "next_cursor": circle[body["cursor"]]})

    with pytest.raises(CursorRepeated):
        for _ in client(fake).groups.every_group(start):
            pass

    assert fake.asked(E + "groupchat/list") <= 3


def test_offsets_are_pages_too() -> None:
    def answer(endpoint: str, body: dict[str, Any]) -> Any:
        at = body["offset"]
        return {**OK, "total": 3, "next_offset": at + 1, "items": [{"owner": f"u{at}", "data": {}}]}

    walked = [after for _, after in client(FakeWeCom(answer)).statistics.every_owner(1, ["xifeng"])]

    assert walked == [1, 2, 0]


def test_archive_rows_go_on_from_the_last_number() -> None:
    rows = [
        {"seq": n, "msgid": f"m{n}", "from": "xifeng", "tolist": ["wm1"], "roomid": "wr1", "msgtime": n, "msgtype": kind,
         kind: {"content": "诗"}}
        for n, kind in enumerate(["text", "hologram", "text"], 1)
    ]  # fmt: skip

    def serve(request: httpx.Request) -> httpx.Response:
        after, limit = int(request.url.params["seq"]), int(request.url.params["limit"])
        return httpx.Response(200, json={"rows": [row for row in rows if int(str(row["seq"])) > after][:limit]})

    fake = FakeWeCom()
    fake.wire = httpx.MockTransport(serve)

    walked = list(client(fake).archive.every_row(limit=2))

    assert [after for _, after in walked] == [2, 3]
    assert [row.sender for page, _ in walked for row in page.rows] == ["xifeng"] * 3
    assert walked[0][0].rows[1].content == {"content": "诗"}


@pytest.mark.parametrize(
    ("call", "limit"),
    [
        (lambda api: api.contacts.batch_get_by_user(["u"] * 101), "at most 100"),
        (lambda api: api.contacts.batch_get_by_user([]), "at least 1"),
        (lambda api: api.contacts.batch_get_by_user(["u"], limit=101), "1 to 100"),
        (lambda api: api.contacts.remark("u", "w"), "at least one of them"),
        (lambda api: api.contacts.remark("u", "w", remark="长" * 21), "at most 20"),
        (lambda api: api.groups.list(limit=1001), "1 to 1000"),
        (lambda api: api.groups.list(owners=["u"] * 101), "at most 100"),
        (lambda api: api.tags.mark_tag("u", "w"), "at least one of them"),
        (lambda api: api.tags.add_corp_tag(["x" * 31], group_name="g"), "at most 30"),
        (lambda api: api.ways.add_contact_way(["a", "b"]), "at most 1"),
        (lambda api: api.ways.add_contact_way(["u"] * 101, type=2), "at most 100"),
        (lambda api: api.ways.add_contact_way(["u"], state="s" * 31), "at most 30"),
        (lambda api: api.join_ways.add_join_way(["g"] * 6), "at most 5"),
        (lambda api: api.messages.send_welcome_msg("c", text="字" * 1334), "at most 4000 bytes"),
        (lambda api: api.messages.send_welcome_msg("c"), "at least one of them"),
        (lambda api: api.messages.send_welcome_msg("c", attachments=[image("m")] * 10), "at most 9"),
        (lambda api: api.messages.send_welcome_msg("c", attachments=[link("t" * 129, "u")]), "at most 128 bytes"),
        (
            lambda api: api.messages.send_welcome_msg(
                "c", attachments=[mini_program("题" * 22, "a", "p", pic_media_id="m")]
            ),
            "at most 64 bytes",
        ),
        (lambda api: api.messages.add_msg_template(text="x"), "at least one of them"),
        (lambda api: api.messages.add_msg_template(text="x", external_userids=["w"] * 10_001), "at most 10000"),
        (lambda api: api.messages.add_msg_template(text="x", chat_type="group", chat_ids=["g"]), "at least 1"),
        (lambda api: api.messages.get_groupmsg_list_v2(0, 32 * 86_400), "at most 31 days"),
        (lambda api: api.group_welcomes.add("字" * 1001), "at most 3000 bytes"),
        (lambda api: api.moments.add_moment_task(attachments=[image("m"), link("t", "u")]), "9 images, or 1 video"),
        (lambda api: api.moments.get_moment_list(0, 31 * 86_400), "at most 30 days"),
        (lambda api: api.handover.transfer_customer("a", "b", ["w"] * 101), "at most 100"),
        (lambda api: api.handover.transfer([], "b"), "at least 1"),
        (lambda api: api.albums.add_product_album("d", 5_000_001, ["m"]), "0 to 5000000"),
        (lambda api: api.albums.add_product_album("d", 1, ["m"], product_sn="中"), "letters and digits"),
        (lambda api: api.blocked_words.add_intercept_rule("r", ["w" * 33], userids=["u"]), "1 to 32"),
        (lambda api: api.acquisition.create_link("n" * 31, userids=["u"]), "at most 30"),
        (lambda api: api.staff_messages.send("text", {"content": "字" * 683}, to=["u"]), "at most 2048 bytes"),
        (lambda api: api.staff_messages.send("text", {"content": "x"}), "at least one of them"),
        (lambda api: api.media.upload("image", "a.jpg", b"12345"), "6 to"),
        (lambda api: api.media.upload("voice", "a.amr", b"0" * (2 * 1024 * 1024 + 1)), "6 to"),
        (lambda api: api.media.upload("hologram", "a", JPG), "one of image"),
        (lambda api: api.statistics.statistic(1, []), "at least 1"),
        (lambda api: api.archive.check_single_agree([("u", "w")] * 101), "at most 100"),
    ],
)
def test_a_limit_of_the_platform_is_named_before_anything_is_sent(call: Any, limit: str) -> None:
    fake = FakeWeCom()

    with pytest.raises(LimitExceeded) as caught:
        call(client(fake))

    assert limit in str(caught.value)
    assert fake.calls == []


def test_absent_null_and_new_things_in_an_answer_do_no_harm() -> None:
    contact = {"external_userid": "wm1", "type": 9, "gender": "2", "unionid": None, "hobby": ["诗"]}
    follow = {
        "userid": "xifeng",
        "add_way": 4242,
        "tags": [None, {"tag_name": "诗人", "type": 2}],
        "remark_mobiles": None,
    }
    fake = FakeWeCom(lambda endpoint, body: {**OK, "external_contact": contact, "follow_user": [follow]})

    got = client(fake).contacts.get("wm1")

    assert (got.external_contact.type, got.external_contact.gender, got.external_contact.unionid) == (9, 2, None)
    assert (got.follow_user[0].add_way, got.follow_user[0].tags[0].tag_id, got.next_cursor) == (4242, None, "")


def test_an_answer_of_another_shape_is_told_by_its_place() -> None:
    fake = FakeWeCom(lambda endpoint, body: {**OK, "external_contact": "wm1"})

    with pytest.raises(MalformedReply) as caught:
        client(fake).contacts.get("wm1")

    assert "external_contact" in str(caught.value)


def test_mobiles_are_cleared_as_wecom_wants_it() -> None:
    fake = FakeWeCom()

    client(fake).contacts.remark("xifeng", "wm1", remark_mobiles=[])

    assert fake.calls[-1][2]["remark_mobiles"] == [""]


def test_a_file_keeps_its_chinese_name_and_comes_back_in_parts() -> None:
    seen: list[bytes] = []

    def answer(endpoint: str, body: dict[str, Any]) -> Any:
        if endpoint == "media/upload":
            return {"errcode": 0, "errmsg": "", "type": "image", "media_id": "m1", "created_at": "1780000000"}
        return httpx.Response(
            206, content=b"345", headers={"content-range": "bytes 3-5/26", "content-type": "image/jpeg"}
        )

    fake = FakeWeCom(answer)
    inner = fake.wire.handler

    def watch(request: httpx.Request) -> Any:
        seen.append(request.content)
        return inner(request)

    fake.wire = httpx.MockTransport(watch)
    api = client(fake)

    assert api.media.upload("image", "海棠.jpg", JPG).created_at == 1_780_000_000
    assert 'name="media"; filename="海棠.jpg"'.encode() in seen[-1]
    part = api.media.get("m1", first=3, last=5)

    assert (part.content, part.size) == (b"345", 26)


def test_the_signature_of_a_page_is_the_official_one() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"

    signed = sign(ticket, "Wm3WZYTPz0wzccnW", 1_414_587_457, "http://mp.weixin.qq.com?params=value#top")

    assert signed == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
