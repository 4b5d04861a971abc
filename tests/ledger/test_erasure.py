"""Erasing a person: nothing in the data folder tells who it was, and nothing else is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from tiefen.ledger import erasure
from tiefen.ledger.batch import Batch, GroupCard, Link, Profile, Reject
from tiefen.ledger.errors import ErasureMustWait
from tiefen.ledger.facts import EventTracked, Id, MemberJoined, MessagePosted, OrderPaid
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import facts_page, words_page
from tiefen.ledger.schema import groups, handles, imports, people, receipts, sessions

CORP = "honglou"
DAIYU, WUKONG = Id("phone", "13812345678"), Id("user_id", "wukong")
NAME, NICKNAME = "林黛玉", Id("handle", "wechat:潇湘妃子")
TELLING = ("林黛玉", "13812345678", "潇湘妃子", "daiyu@example.org")

pytestmark = pytest.mark.stores


@pytest.fixture
def lived(ledger: Ledger) -> Ledger:
    """Two people in a group; one of them, with a name, a phone number and a nickname, is named in others' words too."""
    ledger.append(
        Batch(
            CORP, "import:one",
            facts=[
                MemberJoined(happened_us=1_000, source_id="j1", group="g", member=DAIYU),
                MessagePosted(happened_us=2_000, source_id="m1", group="g", member=DAIYU, length=5),
                MessagePosted(happened_us=3_000, source_id="m2-潇湘妃子", group="g", member=WUKONG, mentions=(DAIYU,)),
                OrderPaid(happened_us=4_000, source_id="o1", person=DAIYU, order="13812345678-1", amount_fen=990),
            ],
            words={1: "我是林黛玉", 2: "@潇湘妃子 吃了吗"},
            profiles=[
                Profile(DAIYU, NAME, {"email": "daiyu@example.org", "city": "苏州"}), Profile(NICKNAME, "潇湘妃子"),
                Profile(WUKONG, "悟空"),
            ],
            groups=[GroupCard("g", "大观园")],
            rejects=[Reject(7, {"name": NAME, "date": "?"}, "bad_date"), Reject(8, {"name": "悟空"}, "bad_date")],
        )
    )  # fmt: skip
    kept, gone = sorted((person_of(ledger, DAIYU), person_of(ledger, NICKNAME)))
    ledger.merge(CORP, kept, gone)
    upload = ledger.settings.data / "uploads" / CORP / "one" / "members.csv"
    upload.parent.mkdir(parents=True)
    upload.write_text("林黛玉,13812345678\n", "utf-8")
    ledger.flush()
    return ledger


def person_of(ledger: Ledger, id: Id) -> int:
    with ledger.read() as connection:
        return int(
            connection.execute(
                sa.select(handles.c.person_id).where(handles.c.id_type == id.type, handles.c.id_value == id.value)
            ).scalar_one()
        )


def everything_written(data: Path) -> Iterator[tuple[Path, str]]:
    """Every file, byte by byte, and every text inside the columns of a Parquet file."""
    for path in data.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes().decode("utf-8", "ignore")
            if path.suffix == ".parquet":
                yield path, str(pq.read_table(path, partitioning=None).to_pylist())


def test_no_byte_of_the_data_folder_tells_who_it_was(lived: Ledger) -> None:
    before = {word for word in TELLING for _, text in everything_written(lived.settings.data) if word in text}

    lived.erase(CORP, person_of(lived, DAIYU), by="test")

    with lived.read() as connection:
        rows = [str(row) for table in (people, handles) for row in connection.execute(sa.select(table))]
    left = [
        (path.name, word) for word in TELLING for path, text in everything_written(lived.settings.data) if word in text
    ]
    assert left == []
    assert not [word for word in TELLING if word in " ".join(rows)]
    assert "13812345678" in before


def test_what_was_counted_is_still_counted(lived: Ledger) -> None:
    facts = lived.facts(CORP)

    lived.erase(CORP, person_of(lived, DAIYU), by="test")

    assert lived.facts(CORP) == facts
    orders = facts_page(lived, CORP, kind="order.paid").rows
    assert [order.body["amount_fen"] for order in orders] == [990]
    assert len(facts_page(lived, CORP, kind="message.posted").rows) == 2


def test_others_keep_their_words_and_only_the_name_in_them_goes(lived: Ledger) -> None:
    group = facts_page(lived, CORP, kind="message.posted").rows[0].body["group"]

    lived.erase(CORP, person_of(lived, DAIYU), by="test")

    assert [word.text for word in words_page(lived, CORP, group).rows] == ["@▢▢ 吃了吗"]


def test_importing_the_same_again_brings_no_name_back(lived: Ledger) -> None:
    erased = person_of(lived, DAIYU)
    lived.erase(CORP, erased, by="test")

    lived.append(Batch(CORP, "import:two", profiles=[Profile(DAIYU, NAME), Profile(NICKNAME, "潇湘妃子")]))

    assert not [word for word in TELLING for _, text in everything_written(lived.settings.data) if word in text]
    with lived.read() as connection:
        named = connection.scalars(sa.select(people.c.name).where(people.c.name.is_not(None))).all()
    assert named == ["悟空"]


def test_what_came_since_the_last_flush_is_erased_as_well(lived: Ledger) -> None:
    lived.append(
        Batch(
            CORP, "key:x",
            [
                MessagePosted(happened_us=6_000, source_id="潇湘妃子-9", group="g", member=DAIYU, text_hash=7),
                EventTracked(happened_us=7_000, source_id="e", person=DAIYU, name="x", properties='{"street":"潇湘馆"}'),
            ],
            {0: "花谢花飞"},
        )
    )  # fmt: skip

    lived.erase(CORP, person_of(lived, DAIYU), by="test")

    written = " ".join(text for _, text in everything_written(lived.settings.data))
    assert not [word for word in (*TELLING, "花谢花飞", "潇湘馆") if word in written]
    assert "text_hash" not in facts_page(lived, CORP, kind="message.posted").rows[0].body


def test_what_others_are_told_to_be_and_what_groups_are_called_is_redacted_too(lived: Ledger) -> None:
    told_of_them = {"invited_by": "林黛玉", "nickname": "林黛玉", "note": "林黛玉的表哥"}
    lived.append(
        Batch(
            CORP, "key:x", profiles=[Profile(WUKONG, None, told_of_them)],
            groups=[GroupCard("g", "林黛玉诗社"), GroupCard("潇湘妃子的群", "群")],
        )
    )  # fmt: skip

    lived.erase(CORP, person_of(lived, DAIYU), by="test")

    with lived.read() as connection:
        told = connection.scalars(sa.select(people.c.attributes).where(people.c.name == "悟空")).one()
        called = connection.execute(sa.select(groups.c.outer_id, groups.c.name).order_by(groups.c.group_id)).all()
    assert told == '{"invited_by":"▢▢","nickname":"林黛玉","note":"▢▢的表哥"}'
    assert [tuple(row) for row in called] == [("g", "▢▢诗社"), ("▢▢的群", "群")]


def test_a_short_name_is_not_taken_out_of_the_middle_of_words(ledger: Ledger) -> None:
    ann = Id("user_id", "u-ann-0001")
    said = ["Annual plans", "Ann, hello", "我是Ann呀", "Joanna"]
    ledger.append(
        Batch(
            CORP, "x", [MessagePosted(happened_us=n, source_id=f"m{n}", group="g", member=WUKONG) for n in range(4)],
            dict(enumerate(said)), [Profile(ann, "Ann")],
        )
    )  # fmt: skip

    ledger.erase(CORP, person_of(ledger, ann), by="test")

    group = facts_page(ledger, CORP, limit=1).rows[0].body["group"]
    texts = [word.text for word in words_page(ledger, CORP, group).rows]
    assert texts == ["Joanna", "我是▢▢呀", "▢▢, hello", "Annual plans"]


def test_a_name_that_is_a_word_everybody_uses_only_goes_where_somebody_is_addressed(ledger: Ledger) -> None:
    called = Id("user_id", "u-good-night")
    texts = [*["晚安"] * 150, "@晚安 在吗"]
    ledger.append(
        Batch(
            CORP, "x",
            [MessagePosted(happened_us=n, source_id=f"m{n}", group="g", member=WUKONG) for n in range(len(texts))],
            dict(enumerate(texts)), [Profile(called, "晚安")],
        )
    )  # fmt: skip

    ledger.erase(CORP, person_of(ledger, called), by="test")

    group = facts_page(ledger, CORP, limit=1).rows[0].body["group"]
    assert [word.text for word in words_page(ledger, CORP, group, limit=2).rows] == ["▢▢ 在吗", "晚安"]


def test_of_somebody_erased_nothing_is_learned_any_more(lived: Ledger) -> None:
    lived.erase(CORP, person_of(lived, DAIYU), by="test")

    again = MessagePosted(happened_us=9_000, source_id="13812345678:9", group="g", member=DAIYU, text_hash=5)
    receipt = lived.append(Batch(CORP, "key:x", [again], {0: "我又来了"}, links=[Link(DAIYU, WUKONG, 9_000)]))

    assert receipt.accepted == 1
    written = " ".join(text for _, text in everything_written(lived.settings.data))
    assert not [word for word in (*TELLING, "我又来了") if word in written]
    linked = facts_page(lived, CORP, kind="identity.linked").rows
    assert [fact.body["refused"] for fact in linked] == ["erased"]


def test_another_process_does_not_bring_a_name_back_either(lived: Ledger) -> None:
    with Ledger.open(lived.settings) as other:
        other.append(Batch(CORP, "key:x", profiles=[Profile(WUKONG, "悟空")]))
        lived.erase(CORP, person_of(lived, DAIYU), by="test")

        other.append(Batch(CORP, "key:x", profiles=[Profile(DAIYU, NAME), Profile(NICKNAME, "潇湘妃子")]))

    assert not [word for word in TELLING for _, text in everything_written(lived.settings.data) if word in text]


def test_an_erasure_that_was_cut_short_can_be_asked_for_again(lived: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    person = person_of(lived, DAIYU)
    for broken in ("_forget_ids", "shrink"):
        with monkeypatch.context() as patch:
            patch.setattr(erasure, broken, _power_cut)
            with pytest.raises(RuntimeError, match="power"):
                lived.erase(CORP, person, by="test")

    lived.erase(CORP, person, by="test")

    assert not [word for word in TELLING for _, text in everything_written(lived.settings.data) if word in text]
    assert lived.facts(CORP) == 5


def _power_cut(*_: object, **__: object) -> None:
    raise RuntimeError("power cut")


def test_an_erasure_waits_for_no_import(lived: Ledger) -> None:
    row = {
        "import_id": "i", "corp_id": CORP, "file_name": "f", "path": "p", "uploaded": False, "digest": "", "format": "chat",
        "mapping": "{}", "state": "running", "bytes_total": 0, "bytes_done": 0, "rows_done": 0, "accepted": 0,
        "duplicates": 0, "rejected": 0, "created_us": 0,
    }  # fmt: skip
    with lived.write() as connection:
        connection.execute(sa.insert(imports).values(row))

    with pytest.raises(ErasureMustWait):
        lived.erase(CORP, person_of(lived, DAIYU), by="test")


def test_nobody_is_signed_out_because_a_company_was_removed(lived: Ledger) -> None:
    lived.ensure_corp("main", name="我们")
    session = {"digest": "d", "account_id": None, "corp_id": CORP, "csrf": "c", "expires_us": 1}
    with lived.write() as connection:
        connection.execute(sa.insert(sessions).values(session))

    lived.remove_corp(CORP)

    with lived.read() as connection:
        assert connection.scalars(sa.select(sessions.c.corp_id)).all() == ["main"]


def test_a_receipt_says_when_by_whom_and_how_much_but_not_who(lived: Ledger) -> None:
    receipt = lived.erase(CORP, person_of(lived, DAIYU), by="owner@example.org")

    assert receipt.counts == {"ids": 2, "people": 2, "rejects": 1, "uploads": 1, "words": 1, "texts": 3, "mirror": 0}
    with lived.read() as connection:
        kept = connection.execute(sa.select(receipts)).one()
    assert (kept.receipt_id, kept.by, kept.what) == (receipt.receipt_id, "owner@example.org", "erasure")
    assert not re.search("黛玉|1381234", str(kept))


def test_an_export_holds_ids_facts_groups_and_words(lived: Ledger) -> None:
    held = lived.export(CORP, person_of(lived, DAIYU))

    assert held["name"] in {NAME, "潇湘妃子"}
    assert {id["value"] for id in held["ids"]} == {"13812345678", "wechat:潇湘妃子"}
    assert [word["text"] for word in held["words"]] == ["我是林黛玉"]
    assert {fact["kind"] for fact in held["facts"]} >= {"member.joined", "message.posted", "order.paid"}
    assert held["groups"] == [{"group": held["groups"][0]["group"], "id": "g", "name": "大观园"}]


def test_removing_a_company_leaves_nothing_of_it_and_everything_of_the_others(lived: Ledger) -> None:
    lived.ensure_corp("xiyou", name="西游")
    lived.append(
        Batch(
            "xiyou",
            "key:x",
            [MessagePosted(happened_us=5_000, source_id="m1", group="g", member=WUKONG)],
            {0: "俺来也"},
        )
    )
    lived.flush()

    lived.remove_corp(CORP)

    assert lived.facts(CORP) == 0
    assert lived.facts("xiyou") == 1
    assert [corp.corp_id for corp in lived.corps() if corp.corp_id == CORP] == []
    assert not [path for path, text in everything_written(lived.settings.data / "lake") if "m2-潇湘妃子" in text]
    lived.ensure_corp(CORP)
    again = lived.append(Batch(CORP, "x", [MemberJoined(happened_us=1_000, source_id="j1", group="g", member=DAIYU)]))
    assert again.accepted == 1
