"""What other platforms export, as small as it can be: who said what where, in answer to whom; and what is odd in it."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Literal

import pytest
import sqlalchemy as sa

from tests.intake.scenes import Json, facts_of, keep, refused_rows
from tiefen.intake.files import importer
from tiefen.kit.clock import from_us
from tiefen.kit.errors import TiefenError
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import FactRow
from tiefen.ledger.schema import groups, people


def _json(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()


def zipped(files: Json) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, _json(content))
    return sink.getvalue()


def tarred(files: Json, packed: Literal["", "gz", "bz2", "xz"] = "gz") -> bytes:
    sink = io.BytesIO()
    modes: dict[str, Literal["w:", "w:gz", "w:bz2", "w:xz"]] = {"": "w:", "gz": "w:gz", "bz2": "w:bz2", "xz": "w:xz"}
    with tarfile.open(fileobj=sink, mode=modes[packed]) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(_json(content))
            archive.addfile(entry, io.BytesIO(_json(content)))
    return sink.getvalue()


def names(ledger: Ledger) -> set[str]:
    with ledger.read() as connection:
        return set(connection.scalars(sa.select(people.c.name).where(people.c.name.is_not(None))))


def places(ledger: Ledger) -> set[str]:
    with ledger.read() as connection:
        return set(connection.scalars(sa.select(groups.c.name)))


# Each says the same: 黛玉 asks in 诗社, 悟空 answers her and mentions her; one message is odd.

SLACK: Json = {
    "users.json": [{"id": "U1", "name": "daiyu", "real_name": "黛玉"}, {"id": "U2", "name": "wukong", "real_name": "悟空"}],
    "channels.json": [{"id": "C1", "name": "诗社"}],
    "诗社/2026-03-01.json": [
        {"type": "message", "user": "U1", "ts": "1772330400.000100", "text": "在吗？"},
        {"type": "message", "user": "U2", "ts": "1772330460.000200", "text": "<@U1> 在", "thread_ts": "1772330400.000100", "parent_user_id": "U1"},
        {"type": "message", "user": "U2", "ts": "soon", "text": "odd"},
        {"type": "reaction"},
    ],
}  # fmt: skip
ZULIP: Json = {
    "zulip-export/realm.json": {
        "zerver_userprofile": [{"id": 1, "full_name": "黛玉"}, {"id": 2, "full_name": "悟空"}],
        "zerver_stream": [{"id": 9, "name": "诗社"}],
        "zerver_recipient": [{"id": 5, "type": 2, "type_id": 9}, {"id": 6, "type": 1, "type_id": 1}],
    },
    "zulip-export/messages-000001.json": {
        "zerver_message": [
            {"id": 1, "sender": 1, "recipient": 5, "date_sent": 1772330400.0, "content": "<p>在吗？</p>", "subject": "茶"},
            {"id": 2, "sender": 2, "recipient": 5, "date_sent": 1772330460.0, "content": "@**黛玉** 在", "subject": "茶"},
            {"id": 3, "sender": 2, "recipient": 6, "date_sent": 1772330461.0, "content": "a private word", "subject": ""},
            {"id": 4, "sender": 2, "recipient": 5, "content": "odd: no date"},
        ]
    },
}  # fmt: skip
DISCORD: Json = {
    "guild": {"id": "1", "name": "红楼"}, "channel": {"id": "7", "name": "诗社"},
    "messages": [
        {"id": "1", "type": "Default", "timestamp": "2026-03-01T02:00:00+00:00", "content": "在吗？", "author": {"id": "11", "name": "黛玉"}, "mentions": []},
        {"id": "2", "type": "Reply", "timestamp": "2026-03-01T02:01:00+00:00", "content": "在", "author": {"id": "12", "name": "w", "nickname": "悟空"},
         "mentions": [{"id": "11"}], "reference": {"messageId": "1"}},
        {"id": "3", "content": "odd: nobody's"},
    ],
}  # fmt: skip
TELEGRAM: Json = {
    "name": "诗社", "type": "private_supergroup", "id": 77,
    "messages": [
        {"id": 1, "type": "message", "date": "2026-03-01T10:00:00", "date_unixtime": "1772330400", "from": "黛玉", "from_id": "user1", "text": "在吗？"},
        {"id": 2, "type": "message", "date": "2026-03-01T10:01:00", "date_unixtime": "1772330460", "from": "悟空", "from_id": "user2",
         "text": [{"type": "mention", "text": "@黛玉"}, " 在"], "reply_to_message_id": 1},
        {"id": 3, "type": "message", "date": "one day", "from": "悟空", "from_id": "user2", "text": "odd"},
    ],
}  # fmt: skip
IRC = """--- Log opened Sun 2026-03-01 ---
[10:00] <黛玉> 在吗？
[10:01] <@悟空> 黛玉: 在
[25:61] <悟空> odd
"""
EXPORTS = {
    "slack": zipped(SLACK), "slack in a folder": zipped({f"export/{name}": content for name, content in SLACK.items()}),
    "zulip": tarred(ZULIP), "zulip bz2": tarred(ZULIP, "bz2"), "zulip tar": tarred(ZULIP, ""), "zulip zip": zipped(ZULIP),
    "discord": _json(DISCORD), "discord with a mark": b"\xef\xbb\xbf" + _json(DISCORD),
    "telegram": _json(TELEGRAM), "telegram of all chats": _json({"chats": {"list": [TELEGRAM]}}), "irc": IRC.encode(),
    "irc gb18030": IRC.encode("gb18030"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_recognised_and_its_talk_understood_and_an_odd_message_is_a_rejected_row(
    ledger: Ledger, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "诗社.bin"

    done = keep(ledger, path, EXPORTS[name])

    assert importer.inspect(path).format == name.split(maxsplit=1)[0]
    assert (done.accepted, done.rejected) == (2, 1)
    asked, answered = facts_of(ledger, "message.posted")
    assert [from_us(fact.happened_us).strftime("%H:%M") for fact in (asked, answered)] == ["02:00", "02:01"]
    assert asked.body["is_question"] is True
    assert asked.body["member"] in answers(answered)
    assert names(ledger) == {"黛玉", "悟空"}
    assert any("诗社" in place for place in places(ledger))
    ((_, code, raw),) = refused_rows(ledger)
    assert (code, "odd" in str(raw)) == ("bad_time", True)


def answers(fact: FactRow) -> set[Any]:
    """Everybody whom a message answers or mentions."""
    return {fact.body.get("reply_to"), *(fact.body.get("mentions") or ())}


@pytest.mark.parametrize("name", EXPORTS)
def test_the_same_export_again_changes_nothing(ledger: Ledger, tmp_path: Path, name: str) -> None:
    keep(ledger, tmp_path / "诗社.bin", EXPORTS[name])

    again = keep(ledger, tmp_path / "诗社.bin", EXPORTS[name])

    assert (again.accepted, again.duplicates) == (0, 2)


def test_who_joins_and_leaves_a_telegram_group_or_a_channel_is_known(ledger: Ledger, tmp_path: Path) -> None:
    service = {"type": "service", "date_unixtime": "1772330400", "actor": "八戒", "actor_id": "user3"}
    actions = ["join_group_by_link", "remove_members"]
    chat = {**TELEGRAM, "messages": [{**service, "id": n, "action": action} for n, action in enumerate(actions)]}
    keep(ledger, tmp_path / "a.json", _json(chat))
    keep(
        ledger,
        tmp_path / "#茶-2026-03-01.log",
        "10:00 -!- 沙僧 [s@x] has joined #茶\n10:01 -!- 沙僧 [s@x] has left #茶\n10:02 -!- 沙僧 [s@x] has quit\n",
    )

    assert [fact.kind for fact in facts_of(ledger)] == ["member.joined", "member.left", "member.joined", "member.left", "member.left"]  # fmt: skip


def test_a_clock_that_runs_backwards_in_a_log_is_the_next_day(ledger: Ledger, tmp_path: Path) -> None:
    keep(ledger, tmp_path / "a-2026-03-01.log", "23:58 <a> x\n23:59 <b> y\n00:01 <a> z\n")

    assert [from_us(fact.happened_us).day for fact in facts_of(ledger)] == [1, 1, 1]
    assert from_us(facts_of(ledger)[-1].happened_us).strftime("%d %H:%M") == "01 16:01"


@pytest.mark.parametrize(
    ("first", "name"), [("[10:00] <a> x\n", "a.log"), ("[10:00] <a> x\n", "a-2026-99-99.log"), ("--- 2026-13-45\n[10:00] <a> x\n", "a.log")]
)  # fmt: skip
def test_a_log_without_a_date_that_is_on_a_calendar_is_refused(
    ledger: Ledger, tmp_path: Path, first: str, name: str
) -> None:
    with pytest.raises(TiefenError, match="no date"):
        keep(ledger, tmp_path / name, first + "[10:01] <b> y\n" * 5)


def test_a_day_that_is_none_spoils_only_its_own_lines(ledger: Ledger, tmp_path: Path) -> None:
    lines = ["2026-03-01 10:00 <a> x", "2026-99-01 10:01 <b> y", "9999-12-31 10:02 <c> z", "[09:00] <c> after all days", "2026-03-02 10:00 <d> w"]  # fmt: skip

    done = keep(ledger, tmp_path / "a.log", "\n".join(lines) + "\n")

    assert (done.accepted, done.rejected) == (2, 3)


# ---- spoiled ------------------------------------------------------------------------------------------


def _marked(content: bytes, local: int, central: int, value: int) -> bytes:
    """A zip with a byte of each entry's headers set."""
    spoiled = bytearray(content)
    for sign, offset in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        at = spoiled.find(sign)
        while at >= 0:
            spoiled[at + offset] = value
            at = spoiled.find(sign, at + 4)
    return bytes(spoiled)


def _in_the_middle(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + b"\xff" * 8 + content[middle + 8 :]


_DEEP = b"[" * 5_000
SPOILED = {
    "encrypted": _marked(zipped(SLACK), 6, 8, 1), "packed in an unknown way": _marked(zipped(SLACK), 8, 10, 99),
    "spoiled zip": _in_the_middle(zipped(SLACK)), "out of its folder": zipped({**SLACK, "../../x.json": []}),
    "a bomb": zipped({**SLACK, "诗社/2.json": b" " * 60_000_000}), "deep": zipped({**SLACK, "诗社/2.json": _DEEP}),
    "users are none": zipped({**SLACK, "users.json": {"a": 1}}), "no messages": zipped({**SLACK, "诗社/2026-03-01.json": []}),
    "zulip cut": tarred(ZULIP)[:-90], "zulip spoiled": _in_the_middle(tarred(ZULIP)),
    "zulip deep": tarred({**ZULIP, "messages-000002.json": _DEEP}), "zulip of no shape": tarred({**ZULIP, "messages-000002.json": [1]}),
    "zulip bz2 cut": tarred(ZULIP, "bz2")[:-90], "zulip xz spoiled": _in_the_middle(tarred(ZULIP, "xz")),
    "discord cut": _json(DISCORD)[:-40], "discord deep": _json(DISCORD)[:-2] + b"," + b"[" * 100_000,
    "telegram cut": _json(TELEGRAM)[:-40],
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILED)
def test_an_export_that_is_spoiled_is_refused_in_words_and_nothing_of_it_is_kept(
    ledger: Ledger, tmp_path: Path, name: str
) -> None:
    with pytest.raises(TiefenError) as error:
        keep(ledger, tmp_path / "export", SPOILED[name])

    assert str(error.value)
    assert ledger.facts() == 0


ODD: list[Any] = [None, 7, "text", [], ["x"], {"a": 1}, True, -1.5, "²"]


@pytest.mark.parametrize("field", ["user", "ts", "text", "thread_ts", "subtype", "parent_user_id", "bot_id"])
def test_a_slack_message_of_any_shape_is_kept_or_a_rejected_row(ledger: Ledger, tmp_path: Path, field: str) -> None:
    whole = {"type": "message", "user": "U1", "ts": "1772330400.1", "text": "好"}
    messages = [{**whole, "ts": f"177233040{n}.1", field: odd} for n, odd in enumerate(ODD)]

    done = keep(ledger, tmp_path / "a.zip", zipped({**SLACK, "诗社/2026-03-01.json": [whole, *messages]}))

    assert done.accepted + done.duplicates + done.rejected == len(ODD) + 1


@pytest.mark.parametrize("field", ["id", "date_unixtime", "date", "from", "from_id", "text", "reply_to_message_id", "action", "media_type"])  # fmt: skip
def test_a_telegram_message_of_any_shape_is_kept_or_a_rejected_row(ledger: Ledger, tmp_path: Path, field: str) -> None:
    whole = TELEGRAM["messages"][0]
    messages = [{**whole, "id": n + 10, field: odd} for n, odd in enumerate(ODD)]

    done = keep(ledger, tmp_path / "a.json", _json({**TELEGRAM, "messages": [whole, *messages, *ODD]}))

    assert done.accepted + done.duplicates + done.rejected == 2 * len(ODD) + 1


@pytest.mark.parametrize("field", ["id", "timestamp", "content", "author", "mentions", "reference", "type"])
def test_a_discord_message_of_any_shape_is_kept_or_a_rejected_row(ledger: Ledger, tmp_path: Path, field: str) -> None:
    whole = DISCORD["messages"][0]
    messages = [{**whole, "id": str(n + 10), field: odd} for n, odd in enumerate(ODD)]

    done = keep(ledger, tmp_path / "a.json", _json({**DISCORD, "messages": [whole, *messages, *ODD]}))

    assert done.accepted + done.duplicates + done.rejected == 2 * len(ODD) + 1
