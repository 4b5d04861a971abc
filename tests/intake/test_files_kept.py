"""What an import keeps: each row once, whatever cuts it short; and what it rejects: whole, with why, until it is mended."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import CORP
from tests.intake.scenes import facts_of, keep, refused_rows
from tiefen.intake.files import importer
from tiefen.intake.files.formats import FORMATS
from tiefen.intake.files.readers import CHUNK
from tiefen.kit.errors import TiefenError
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger

CHAT = "time,sender,group,text\n"
ORDERS = "order_id,phone,time,sku,qty,unit_price\n"


def talk(rows: int) -> str:
    return CHAT + "".join(
        f"2026-03-01 {n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d},p{n % 50},g{n % 7},第 {n} 句\n"
        for n in range(rows)
    )


def basket(orders: int) -> str:
    """Orders of three lines, so that some lie over the border of two pieces."""
    return ORDERS + "".join(
        f"o{n},1380000{n:04d},2026-03-01 10:00,s{line},1,{line + 1}\n" for n in range(orders) for line in range(3)
    )


# ---- again, and cut short -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("chat", talk(300)), ("orders", basket(100)),
        ("members", "member_id,joined_at,group,left_at\nu1,2026-03-01,g,2026-03-05\nu2,2026-03-02,g,\n"),
        ("contacts", "contact_id,added_at,name,source,phone,won_at\nc1,2026-03-01,阿福,抖音,13800000001,2026-03-09\nc2,2026-03-02,小满,,,\n"),
        ("costs", "date,source,amount\n2026-03-01,抖音,100\n2026-03-01,抖音,100\n2026-03-02,抖音,5\n"),
    ],
)  # fmt: skip
def test_the_same_file_again_changes_nothing_whatever_it_holds(
    ledger: Ledger, tmp_path: Path, format: str, text: str
) -> None:
    first = keep(ledger, tmp_path / "a.csv", text, format=format)
    facts, people = ledger.facts(), len(facts_of(ledger))

    again = keep(ledger, tmp_path / "other name.csv", text, format=format)

    assert first.accepted > 0
    assert first.rejected == again.rejected == 0
    assert (again.accepted, again.duplicates) == (0, first.accepted)
    assert (ledger.facts(), len(facts_of(ledger))) == (facts, people)


def test_two_rows_that_say_the_same_are_two_messages_and_stay_two(ledger: Ledger, tmp_path: Path) -> None:
    text = CHAT + "2026-03-01 10:00,黛玉,诗社,好\n" * 2

    done = [keep(ledger, tmp_path / "a.csv", text) for _ in range(2)]

    assert [one.accepted for one in done] == [2, 0]


def test_a_longer_file_of_the_same_talk_adds_what_is_new(ledger: Ledger, tmp_path: Path) -> None:
    keep(ledger, tmp_path / "a.csv", talk(100))

    more = keep(ledger, tmp_path / "b.csv", talk(150))

    assert (more.accepted, more.duplicates) == (50, 100)


@pytest.mark.parametrize(("text", "facts"), [(talk(3 * CHUNK + 17), 3 * CHUNK + 17), (basket(CHUNK), CHUNK)], ids=["chat", "orders"])  # fmt: skip
def test_an_import_cut_after_each_piece_goes_on_and_keeps_what_a_whole_one_does(
    ledger: Ledger, tmp_path: Path, text: str, facts: int
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    import_id = importer.create(ledger, CORP, path)

    steps = 0
    while importer.run(ledger, import_id, stop=lambda: True).accepted < facts and steps < 9:
        assert importer.unfinished(ledger) == [import_id]
        steps += 1
    done = importer.run(ledger, import_id)

    assert steps > 1
    assert (done.accepted, done.duplicates, done.rejected) == (facts, 0, 0)
    assert importer.unfinished(ledger) == []


def test_a_process_that_dies_between_two_pieces_leaves_an_import_that_goes_on(tmp_path: Path) -> None:
    path, of = tmp_path / "a.csv", Settings(data=tmp_path / "data")
    path.write_text(talk(2 * CHUNK))

    class Died(Exception):
        pass

    def die(done: int, total: int) -> None:
        raise Died

    with Ledger.open(of) as ledger:
        ledger.ensure_corp(CORP)
        import_id = importer.create(ledger, CORP, path)
        importer.queue(ledger, import_id)
        with pytest.raises(Died):
            importer.run(ledger, import_id, progress=die)
    with Ledger.open(of) as ledger:
        done = importer.run(ledger, import_id)

        assert (done.accepted, ledger.facts(CORP, "message.posted")) == (2 * CHUNK, 2 * CHUNK)


def test_an_import_that_is_stopped_keeps_what_it_has_and_can_be_asked_for_again(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(talk(2 * CHUNK))
    import_id = importer.create(ledger, CORP, path)

    stopped = importer.run(ledger, import_id, progress=lambda _done, _total: importer.cancel(ledger, import_id))
    importer.queue(ledger, import_id)
    done = importer.run(ledger, import_id)

    assert (stopped.accepted, done.accepted, done.duplicates) == (CHUNK, 2 * CHUNK, 0)


def test_progress_comes_to_its_end_and_never_beyond(ledger: Ledger, tmp_path: Path) -> None:
    for name, content in {"plain": talk(2 * CHUNK).encode(), "packed": gzip.compress(talk(2 * CHUNK).encode())}.items():
        path, seen = tmp_path / name, list[float]()
        path.write_bytes(content)

        def note(done: int, of: int, seen: list[float] = seen) -> None:
            seen.append(done / of)

        importer.run(ledger, importer.create(ledger, CORP, path), progress=note)

        assert seen == sorted(seen)
        assert (min(seen) >= 0, seen[-1]) == (True, 1.0)


# ---- rejected rows ------------------------------------------------------------------------------------


def test_a_rejected_row_is_mended_and_kept_and_counted_as_kept(ledger: Ledger, tmp_path: Path) -> None:
    keep(ledger, tmp_path / "a.csv", CHAT + "someday,黛玉,诗社,好\n2026-03-01,悟空,诗社,好\n")
    (reject_id,) = open_rejects(ledger)

    still = importer.repair(ledger, CORP, reject_id)
    gone = importer.repair(
        ledger, CORP, reject_id, {"time": "2026-03-02", "sender": "黛玉", "group": "诗社", "text": "好"}
    )

    assert still is not None
    assert (still["code"], gone) == ("bad_time", None)
    assert (len(facts_of(ledger)), refused_rows(ledger)) == (2, [])


def test_rejected_rows_are_read_again_once_they_are_mapped_differently(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(CHAT + "2026-03-01,黛玉,,好\n2026-03-01,悟空,诗社,好\n")
    import_id = importer.create(ledger, CORP, path)
    first = importer.run(ledger, import_id)

    again = importer.replay(ledger, import_id)

    assert [code for _, code, _ in refused_rows(ledger)] in ([], ["no_group"])
    assert again.accepted + again.rejected == first.accepted + first.rejected == 2


@pytest.mark.parametrize(
    ("row", "code"),
    [(b"2026-03-01,a,g,too,many\n", "wrong_number_of_columns"), (b"2026-03-01,a,g\n", "wrong_number_of_columns"),
     (b"2026-03-01,a,g,\xff\xfe\n", "bad_encoding")],
)  # fmt: skip
def test_a_row_that_could_not_be_read_is_kept_whole_and_is_not_guessed_at_when_read_again(
    ledger: Ledger, tmp_path: Path, row: bytes, code: str
) -> None:
    text = talk(50).encode() + row
    done = keep(ledger, tmp_path / "a.csv", text, format="chat", mapping={"encoding": "utf-8"})
    (reject_id,) = open_rejects(ledger)

    told = importer.repair(ledger, CORP, reject_id)

    assert (done.accepted, done.rejected) == (50, 1)
    assert told is not None
    assert told["code"] == code
    ((at, kept_code, raw),) = refused_rows(ledger)
    assert (at, kept_code, raw["time"]) == (51, code, "2026-03-01")
    if b"many" in row:
        assert raw["text"] == "too,many"


def test_a_line_of_broken_json_is_kept_as_it_stands(ledger: Ledger, tmp_path: Path) -> None:
    good = '{"time":"2026-03-01","sender":"a","group":"g","text":"x"}\n'
    bad = ['{"time":"2026', "[1, 2]", "7", '{"a":' + "[" * 3_000]

    done = keep(ledger, tmp_path / "a.jsonl", good * 9 + "\n".join(bad) + "\n" + good.replace("x", "y"))

    assert (done.accepted, done.rejected) == (10, 4)
    assert [code for _, code, _ in refused_rows(ledger)] == ["not_an_object"] * 4
    assert [next(iter(raw.values())) for _, _, raw in refused_rows(ledger)] == bad


def open_rejects(ledger: Ledger) -> list[int]:
    import sqlalchemy as sa

    from tiefen.ledger.schema import rejects

    with ledger.read() as connection:
        return list(connection.scalars(sa.select(rejects.c.reject_id).where(rejects.c.state == "open")))


# ---- files that are broken ------------------------------------------------------------------------------


def _gz(spoil: Any) -> bytes:
    packed = bytearray(gzip.compress(talk(20_000).encode()))
    spoil(packed)
    return bytes(packed)


def _parquet_spoiled() -> bytes:
    sink = io.BytesIO()
    rows = [{"time": "2026-03-01", "sender": f"p{n}", "group": "g", "text": f"t{n}"} for n in range(2_000)]
    pq.write_table(pa.Table.from_pylist(rows), sink)
    whole = bytearray(sink.getvalue())
    whole[1_000:1_200] = b"\x55" * 200
    return bytes(whole)


def _bomb() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 60_000_000)
    return sink.getvalue()


BROKEN = {
    "nothing": b"", "blanks": b"\n \n", "a form feed": b"\x0c", "an ideographic space": "\u3000".encode(), "a mark": b"\xef\xbb\xbf",
    "a heading alone": b"time,sender,text\n", "zeros": b"\0" * 500, "utf-32": CHAT.encode("utf-32"),
    "gzip cut": _gz(lambda b: b.__delitem__(slice(-300, None))), "gzip with a wrong sum": _gz(lambda b: b.__setitem__(-6, b[-6] ^ 1)),
    "gzip spoiled": _gz(lambda b: b.__setitem__(slice(40, 60), b"\xff" * 20)), "gzip of nothing": gzip.compress(b""),
    "a gzip bomb": gzip.compress(b"a," * 30_000_000), "a zip bomb": _bomb(), "a zip of nothing": b"PK\x05\x06" + b"\0" * 18,
    "zip cut": b"PK\x03\x04" + b"\0" * 90, "parquet cut": b"PAR1" + b"\0" * 90, "parquet spoiled": _parquet_spoiled(),
    "an old excel cut": b"\xd0\xcf\x11\xe0" + b"\0" * 900, "json cut": b'[{"time":"2026-03-01","sender":"a","text":"x"},{"time":',
    "json too deep": b'[{"a":' + b"[" * 100_000, "json of many depths": b'[{"a":' + b'["]",' * 100_000,
    "json of numbers": b"[1,2,3]", "one number": b"7", "an endless number": b'[{"time":' + b"9" * 5_000 + b"}]",
    "an endless cell": b"time,sender,text\n2026-03-01,a," + b"x" * 17_000_000,
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_broken_is_refused_in_words_and_nothing_of_it_is_kept(
    ledger: Ledger, tmp_path: Path, name: str
) -> None:
    with pytest.raises(TiefenError) as error:
        keep(ledger, tmp_path / "a.csv", BROKEN[name])

    assert str(error.value)
    assert ledger.facts() == 0


_ODD: list[Any] = [[], {"a": 1}, 7]
_ZONES: list[Any] = [5, "", "../etc/passwd", "Moon/Base", "\0"]
_ENCODINGS: list[Any] = ["klingon", "idna", "undefined", "hex", 5]
_DELIMITERS: list[Any] = [5, ",,", '"', "\n"]
_WRONG: list[dict[str, Any]] = [
    {"options": {"id_type": "nonsense"}}, {"options": {"unheard": 1}}, *({"options": {"time_zone": odd}} for odd in _ZONES),
    *({"options": {name: odd}} for name in ("unit", "platform", "day_first", "id_type", "group_name") for odd in _ODD),
    *({"encoding": odd} for odd in _ENCODINGS), *({"delimiter": odd} for odd in _DELIMITERS),
]  # fmt: skip


@pytest.mark.parametrize("mapping", _WRONG)
def test_an_option_that_cannot_be_is_refused_before_anything_is_kept(
    ledger: Ledger, tmp_path: Path, mapping: dict[str, Any]
) -> None:
    with pytest.raises(TiefenError):
        keep(ledger, tmp_path / "a.csv", talk(3), mapping=mapping)

    assert ledger.facts() == 0


def test_a_file_that_is_no_longer_there_fails_in_words_and_its_import_says_so(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(talk(3))
    import_id = importer.create(ledger, CORP, path)
    path.unlink()

    with pytest.raises(TiefenError, match="no longer there"):
        importer.run(ledger, import_id)

    assert importer._row(ledger, import_id)["state"] == "failed"


# ---- anything at all ------------------------------------------------------------------------------------

_heads = st.sampled_from([b"", b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0", b"\x1f\x8b\x08\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"{", b"[", b"[{", b"BZh9",
                          b"\xfd7zXZ\x00", b"time,sender,group,text\n", b"2026-03-01 10:00 <a> x\n" * 3, b'{"guild":{},"channel":{},"messages":[',
                          b'{"messages":[{"date_unixtime":"1"'])  # fmt: skip
_cells = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    ["2026-03-01", "黛玉", "1e9", '"', "²", "-1", "\0", "=1"]
)
_tables = st.builds(
    lambda heading, rows, between: "\n".join(between.join(row) for row in [heading, *rows]).encode(),
    st.lists(st.sampled_from(["time", "sender", "群名", "text", "order_id", "amount", "qty", "unit_price", "phone", "joined_at", "member_id",
                              "source", "date", "length", "mentions", "reply_to"]), min_size=1, max_size=7, unique=True),
    st.lists(st.lists(_cells, min_size=1, max_size=7), min_size=1, max_size=6), st.sampled_from([",", "\t", ";"]),
)  # fmt: skip


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Ledger.open(Settings(data=tmp_path_factory.mktemp("fuzzed"))) as opened:
        opened.ensure_corp(CORP)
        yield opened


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.builds(lambda head, rest: head + rest, _heads, st.binary(max_size=300)) | _tables | _tables.map(gzip.compress),
    st.none() | st.sampled_from([format.key for format in FORMATS]),
)
def test_any_file_is_refused_in_words_or_each_of_its_rows_is_kept_or_rejected(
    fuzzed: Ledger, tmp_path_factory: pytest.TempPathFactory, content: bytes, format: str | None
) -> None:
    path = tmp_path_factory.mktemp("any") / "file-2026-03-01"
    before = fuzzed.facts(CORP)

    try:
        done = keep(fuzzed, path, content, format=format)
    except TiefenError as error:
        assert str(error)
        assert fuzzed.facts(CORP) == before
        return

    assert fuzzed.facts(CORP) >= before + done.accepted
