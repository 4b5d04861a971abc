"""Facts are appended: never changed, never deleted, never kept twice, whatever is in them."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from tests.ledger.scenes import CORP, DAIYU, SECOND, WUKONG, everything_kept, joined, said
from tiefen.kit.clock import DAY_US, from_us
from tiefen.ledger import dialect
from tiefen.ledger.batch import Batch, GroupCard, ImportStep, Profile, Reject
from tiefen.ledger.errors import CorpNotFound
from tiefen.ledger.facts import CostSpent, Id, OrderPaid
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import facts_page, words_page
from tiefen.ledger.schema import facts, groups, imports, rejects

pytestmark = pytest.mark.stores


def test_a_kept_fact_cannot_be_changed(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", [said(1)]))

    with pytest.raises(sa.exc.DBAPIError, match="facts are never changed"), ledger.write() as connection:
        connection.execute(sa.update(facts).values(happened_us=0))


def test_a_kept_fact_cannot_be_deleted_before_it_is_in_the_lake(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", [said(1)]))

    with pytest.raises(sa.exc.DBAPIError, match="facts are never deleted"), ledger.write() as connection:
        connection.execute(sa.delete(facts))

    assert ledger.facts(CORP) == 1
    assert ledger.flush() == 1


def test_a_fact_is_a_duplicate_in_the_same_batch_and_after_the_flush(ledger: Ledger) -> None:
    first = ledger.append(Batch(CORP, "x", [said(1), said(1), said(2)]))
    ledger.flush()

    again = ledger.append(Batch(CORP, "y", [said(2), said(3)]))

    assert (first.accepted, first.duplicates) == (2, 1)
    assert (again.accepted, again.duplicates) == (1, 1)
    assert [source_id for _, source_id in everything_kept(ledger)] == ["m1", "m2", "m3"]


def test_the_same_source_id_of_another_kind_or_company_is_another_fact(ledger: Ledger) -> None:
    ledger.ensure_corp("xiyou")
    one = said(1)

    receipts = [
        ledger.append(Batch(CORP, "x", [one])),
        ledger.append(Batch("xiyou", "x", [one])),
        ledger.append(Batch(CORP, "x", [joined(1)])),
    ]

    assert [receipt.accepted for receipt in receipts] == [1, 1, 1]


def test_a_batch_is_kept_whole_or_not_at_all_and_its_neighbours_do_not_suffer(ledger: Ledger) -> None:
    bad = OrderPaid(happened_us=1, source_id="o", person=DAIYU, order="o", amount_fen=object())  # type: ignore[arg-type]
    waiting = [ledger.submit(Batch(CORP, "x", [said(n)])) for n in range(3)]
    broken = ledger.submit(Batch(CORP, "x", [said(98), bad]))
    waiting += [ledger.submit(Batch(CORP, "x", [said(n)])) for n in range(3, 6)]

    assert broken.exception() is not None
    assert [future.result().accepted for future in waiting] == [1] * 6
    assert ledger.facts(CORP) == 6


def test_the_rejects_and_the_progress_of_an_import_are_kept_with_its_facts(ledger: Ledger) -> None:
    row = {
        "import_id": "i", "corp_id": CORP, "file_name": "f", "path": "p", "uploaded": False, "digest": "", "format": "chat",
        "mapping": "{}", "state": "running", "bytes_total": 9, "bytes_done": 0, "rows_done": 0, "accepted": 0,
        "duplicates": 0, "rejected": 0, "created_us": 0,
    }  # fmt: skip
    with ledger.write() as connection:
        connection.execute(sa.insert(imports).values(row))
    batch = Batch(
        CORP, "import:i", [said(1), said(1)], rejects=[Reject(3, {"时间": "昨天\0\ud800"}, "bad_date", {"value": "昨天"})],
        step=ImportStep("i", 3, 9),
    )  # fmt: skip

    receipt = ledger.append(batch)
    ledger.append(batch)

    assert (receipt.accepted, receipt.duplicates, receipt.rejected) == (1, 1, 1)
    with ledger.read() as connection:
        kept = connection.execute(sa.select(imports)).one()
        refused = connection.execute(sa.select(rejects)).all()
    assert (kept.rows_done, kept.bytes_done, kept.accepted) == (3, 9, 1)
    assert [row.code for row in refused] == ["bad_date"]


def test_nothing_is_kept_for_a_company_that_is_not_there(ledger: Ledger) -> None:
    with pytest.raises(CorpNotFound):
        ledger.append(Batch("nobody", "x", [said(1)]))

    assert ledger.facts() == 0


def test_odd_characters_are_kept_as_far_as_utf8_can_hold_them(ledger: Ledger) -> None:
    odd = Id("user_id", "a\0b\ud800c")
    text = '😀 a\0b \ud83d\t“引号” \\ " 换\n行'

    ledger.append(
        Batch(
            CORP,
            "x",
            [said(1, by=odd, group="群\0\udfff")],
            {0: text},
            [Profile(odd, "名\0字\ud800", {"k\0": "v\ud800"})],
        )
    )
    ledger.append(Batch(CORP, "x", [said(1, by=odd, group="群\0\udfff")], {0: text}))
    for moved in (0, 1):
        assert ledger.flush() == (1 if not moved else 0)
        (word,) = words_page(ledger, CORP, 1).rows
        assert word.text == '😀 ab ?\t“引号” \\ " 换\n行'
    assert ledger.facts(CORP) == 1


@pytest.mark.parametrize("flushed", [False, True])
def test_ids_of_a_thousand_characters_and_huge_numbers_are_kept(ledger: Ledger, flushed: bool) -> None:
    long = "好" * 1000
    order = OrderPaid(happened_us=1, source_id=long, person=Id("openid", long), order=long, amount_fen=2**62)
    cost = CostSpent(happened_us=2, source_id="c", source=long, amount_fen=-(2**62))
    ledger.append(
        Batch(CORP, "x", [order, cost, said(3, group=long)], {2: "字" * 100_000}, groups=[GroupCard(long, long)])
    )
    if flushed:
        ledger.flush()

    rows = {row.kind: row for row in facts_page(ledger, CORP).rows}

    assert rows["order.paid"].source_id == rows["order.paid"].body["order"] == long
    assert (rows["order.paid"].body["amount_fen"], rows["cost.spent"].body["amount_fen"]) == (2**62, -(2**62))
    assert len(words_page(ledger, CORP, rows["message.posted"].body["group"]).rows[0].text) == 100_000


@pytest.mark.parametrize("flushed", [False, True])
def test_dates_far_out_are_kept_and_found_in_order(ledger: Ledger, flushed: bool) -> None:
    instants = [-62_135_596_800 * SECOND, -1, 0, 4_102_444_800 * SECOND, 253_402_300_799 * SECOND]
    ledger.append(Batch(CORP, "x", [said(n, at=at) for n, at in enumerate(instants)]))
    if flushed:
        ledger.flush()

    rows = facts_page(ledger, CORP).rows

    assert [row.happened_us for row in rows] == instants[::-1]
    assert [from_us(row.happened_us).year for row in rows] == [9999, 2100, 1970, 1969, 1]


def test_pages_hold_every_fact_once_also_while_more_come_in_and_the_tail_moves(ledger: Ledger) -> None:
    at = [(n * 7919) % 40 * DAY_US for n in range(90)]
    ledger.append(Batch(CORP, "x", [said(n, at=at[n]) for n in range(60)]))
    ledger.flush()
    ledger.append(Batch(CORP, "x", [said(n, at=at[n]) for n in range(60, 90)]))

    seen, after = [], None
    while True:
        page = facts_page(ledger, CORP, after=after, limit=7)
        seen += page.rows
        if (after := page.next) is None:
            break
        ledger.append(Batch(CORP, "x", [said(1000 + len(seen), at=99 * DAY_US)]))
        ledger.flush()

    assert sorted(row.source_id for row in seen) == sorted(f"m{n}" for n in range(90))
    assert [(row.happened_us, row.seq) for row in seen] == sorted(((r.happened_us, r.seq) for r in seen), reverse=True)


def test_a_page_can_be_of_one_group_one_person_some_kinds_and_a_time(ledger: Ledger) -> None:
    ledger.append(
        Batch(CORP, "x", [said(1), said(2, by=WUKONG, mentions=(DAIYU,)), said(3, by=WUKONG, group="取经"), joined(4)])
    )
    numbers = {row.source_id: row.body for row in facts_page(ledger, CORP).rows}
    group, person = numbers["m1"]["group"], numbers["m1"]["member"]
    for _ in range(2):
        of_group = [row.source_id for row in facts_page(ledger, CORP, group=group).rows]
        of_person = [row.source_id for row in facts_page(ledger, CORP, person=person).rows]
        of_kind = [row.source_id for row in facts_page(ledger, CORP, kind="member.joined").rows]
        of_time = [row.source_id for row in facts_page(ledger, CORP, from_us=2 * SECOND, to_us=4 * SECOND).rows]

        assert (of_group, of_person, of_kind) == (["j4", "m2", "m1"], ["j4", "m2", "m1"], ["j4"])
        assert of_time == ["m3", "m2"]
        ledger.flush()


def test_threads_and_a_second_opening_of_the_folder_lose_and_double_nothing(ledger: Ledger) -> None:
    def write(to: Ledger, start: int) -> None:
        for n in range(start, start + 60, 3):
            to.append(Batch(CORP, f"x{start}", [said(n), said(n + 1), said(n + 2)]))

    with Ledger.open(ledger.settings) as other:
        threads = [
            threading.Thread(target=write, args=(to, start))
            for to, start in ((ledger, 0), (ledger, 45), (other, 60), (other, 100))
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            ledger.flush()
            other.flush()
            numbers = [seq for seq, _ in everything_kept(other)]
            assert len(numbers) == len(set(numbers))
        for thread in threads:
            thread.join()

    assert sorted(everything_kept(ledger), key=lambda kept: int(kept[1][1:])) == sorted(
        {(seq, source_id) for seq, source_id in everything_kept(ledger)}, key=lambda kept: int(kept[1][1:])
    )
    assert {source_id for _, source_id in everything_kept(ledger)} == {f"m{n}" for n in range(160)}
    assert ledger.facts(CORP) == 160
    assert facts_page(ledger, CORP, limit=1).rows[0].body["member"] == 1


def test_a_group_that_gets_another_name_is_a_fact_and_the_first_name_is_none(ledger: Ledger) -> None:
    for n, name in enumerate(["海棠社", "海棠社", "桃花社", ""]):
        ledger.append(Batch(CORP, "key:x", [said(n)], groups=[GroupCard("诗社", name)]))

    (renamed,) = facts_page(ledger, CORP, kind="group.renamed").rows

    assert (renamed.happened_us, renamed.origin) == (2 * SECOND, "key:x")
    assert renamed.body == {"group": facts_page(ledger, CORP, kind="message.posted").rows[0].body["group"]}


def test_what_is_changed_through_the_driver_alone_is_kept(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", [said(1)]))
    with ledger.write() as connection:
        dialect.change_many(connection, "groups", ["name"], ["corp_id"], [("海棠诗社", CORP)])

    with ledger.read() as connection:
        assert connection.execute(sa.select(groups.c.name)).scalars().all() == ["海棠诗社"]
