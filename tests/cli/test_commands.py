"""Every command: one JSON document where JSON was asked for, words for people on standard error, and honest statuses."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import CHAT, CONTACTS, COSTS, ORDERS, Tiefen, as_anybody
from tiefen.cli import common
from tiefen.cli.imports import KNOWN
from tiefen.insight.models.talk.model import NO, YES, TalkModel, before_path, model_path
from tiefen.intake.files.formats import FORMATS

File = Callable[[str, str], str]
REPORTS = ["groups", "people", "sources"]


# ---- source -----------------------------------------------------------------------------------------


def test_a_source_gets_a_write_key(tiefen: Tiefen) -> None:
    made = tiefen("source", "add", "website", "--json").json

    assert len(made["write_key"]) > 10
    listed = tiefen("source", "list", "--json").json
    assert [(one["name"], one["write_key"], one["revoked"]) for one in listed] == [
        ("website", made["write_key"], False)
    ]


def test_two_sources_of_one_name_have_their_own_keys(tiefen: Tiefen) -> None:
    keys = {tiefen("source", "add", "shop", "--json").json["write_key"] for _ in range(2)}

    assert len(keys) == 2


# ---- import -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("format", "text", "rejected"),
    [("chat", CHAT, 0), ("orders", ORDERS, 1), ("contacts", CONTACTS, 0), ("costs", COSTS, 0)],
)
def test_a_file_becomes_facts_and_the_same_file_again_changes_nothing(
    tiefen: Tiefen, file: File, format: str, text: str, rejected: int
) -> None:
    path = file(f"{format}.csv", text)

    first = tiefen("import", format, path, "--yes", "--json").json
    again = tiefen("import", format, path, "--yes", "--json").json

    assert set(first) == {"accepted", "duplicates", "rejected"}
    assert (first["accepted"] > 0, first["duplicates"], first["rejected"]) == (True, 0, rejected)
    assert (again["accepted"], again["duplicates"] > 0) == (0, True)
    assert tiefen("facts", "count", "--json").json == {"facts": first["accepted"]}


def test_a_glob_means_all_its_files(tiefen: Tiefen, file: File, tmp_path: Path) -> None:
    for number, sender in enumerate(("阿福", "小满", "八戒")):
        file(f"log-{number}.csv", CHAT.replace("阿福", sender))

    done = tiefen("import", "chat", str(tmp_path / "log-*.csv"), "--yes", "--json").json

    assert done["accepted"] + done["duplicates"] == 9


def test_a_mapping_says_which_column_is_which(tiefen: Tiefen, file: File) -> None:
    orders = file("orders.csv", ORDERS.replace("实付金额", "某数").replace("贵", "8"))
    columns = {"order_id": "订单号", "amount": "某数", "ts": "付款时间", "phone": "手机号"}
    mapping = file("map.json", json.dumps({"columns": columns}))

    done = tiefen("import", "orders", orders, "--map", mapping, "--yes", "--json").json

    assert done["rejected"] == 0
    assert done["accepted"] > 0


@pytest.mark.parametrize(
    "mapping", ["{broken", "[]", '{"columns": []}', '{"columns": {"amount": "价钱"}}', '{"columns": {"x": "订单号"}}']
)
def test_a_mapping_that_cannot_be_is_refused_in_words(tiefen: Tiefen, file: File, mapping: str) -> None:
    said = tiefen("import", "orders", file("o.csv", ORDERS), "--map", file("map.json", mapping), "--yes", "--json")

    assert said.status == 1
    assert said.out == ""
    assert said.err.strip()


def test_without_yes_somebody_is_asked_and_may_say_no(tiefen: Tiefen, file: File) -> None:
    said = tiefen("import", "chat", file("chat.csv", CHAT), input="n\n")

    assert said.status == 0
    assert "Import it like this?" in said.err
    assert tiefen("facts", "count", "--json").json == {"facts": 0}


def test_a_file_that_is_not_there_is_named(tiefen: Tiefen) -> None:
    said = tiefen("import", "chat", "nowhere.csv", "--yes", "--json")

    assert (said.status, said.out) == (1, "")
    assert "nowhere.csv" in said.err


def test_a_glob_that_matches_nothing_is_an_error(tiefen: Tiefen, tmp_path: Path) -> None:
    said = tiefen("import", "chat", str(tmp_path / "no-*.csv"), "--yes", "--json")

    assert (said.status, said.out) == (1, "")
    assert "no-*.csv" in said.err


def test_an_empty_file_is_refused_in_words(tiefen: Tiefen, file: File) -> None:
    said = tiefen("import", "chat", file("chat.csv", ""), "--yes", "--json")

    assert (said.status, said.out) == (1, "")
    assert said.err.strip()


def test_an_unknown_format_is_wrong_usage(tiefen: Tiefen, file: File) -> None:
    said = tiefen("import", "diary", file("chat.csv", CHAT), "--yes")

    assert said.status == 2
    assert "chat" in said.err


def test_the_help_names_every_format() -> None:
    assert KNOWN.split(", ") == [format.key for format in FORMATS]


# ---- facts ------------------------------------------------------------------------------------------


def test_facts_are_counted_by_kind(brand: Tiefen) -> None:
    whole = brand("facts", "count", "--json").json["facts"]

    messages = brand("facts", "count", "--kind", "message.posted", "--json").json["facts"]

    assert messages == 3 < whole


def test_an_unknown_kind_is_wrong_usage(brand: Tiefen) -> None:
    said = brand("facts", "count", "--kind", "x", "--json")

    assert (said.status, said.out) == (2, "")
    assert "message.posted" in said.err


def test_the_newest_facts_come_first(brand: Tiefen) -> None:
    rows = brand("facts", "tail", "-n", "2", "--kind", "message.posted", "--json").json

    assert [row["happened_at"] for row in rows] == ["2026-11-02T02:00:00+00:00", "2026-11-01T01:01:00+00:00"]


def test_facts_are_asked_in_sql(brand: Tiefen) -> None:
    asked = "SELECT day, count(*) AS n FROM message_posted GROUP BY day ORDER BY day"

    assert brand("facts", "query", asked, "--json").json == [
        {"day": "2026-11-01", "n": 2},
        {"day": "2026-11-02", "n": 1},
    ]
    assert brand("facts", "query", asked, "--csv").out == "day,n\n2026-11-01,2\n2026-11-02,1\n"


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE message_posted",
        "SELECT 1; SELECT 2",
        "SELECT nothing",
        "SELECT * FROM '/etc/passwd'",
        "",
        "ATTACH 'x'",
    ],
)
def test_sql_that_would_change_or_leave_is_refused(brand: Tiefen, sql: str) -> None:
    said = brand("facts", "query", sql, "--json")

    assert (said.status, said.out) == (1, "")
    assert said.err.strip()


# ---- report -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_is_a_list_whose_numbers_carry_part_and_whole(brand: Tiefen, report: str) -> None:
    rows = brand("report", report, "--json").json

    assert rows
    for row in rows:
        numbers = [value for value in row.values() if isinstance(value, dict)]
        assert numbers
        assert all({"part", "whole", "unit"} == set(number) for number in numbers)


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_as_csv_has_a_line_for_each_row_of_the_json(brand: Tiefen, report: str) -> None:
    rows = brand("report", report, "--json").json

    heading, *lines = csv.reader(io.StringIO(brand("report", report, "--csv").out))

    assert len(lines) == len(rows)
    assert heading[1] == "name"


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_for_people_is_a_table(brand: Tiefen, report: str) -> None:
    said = brand("report", report)

    assert said.status == 0
    assert "Name" in said.out or "Group" in said.out or "Person" in said.out or "Source" in said.out


def test_a_report_of_one_group_tells_its_stage_and_numbers(brand: Tiefen) -> None:
    [group] = brand("report", "groups", "--json").json

    told = brand("report", "group", str(group["group"]), "--json").json
    by_name = brand("report", "group", group["name"][:3], "--json").json

    assert told == by_name
    assert told[0]["messages"] == group["messages"]
    assert {"stage", "leaders", "findings"} <= set(told[0])


def test_a_report_of_a_group_that_is_not_there_says_so(brand: Tiefen) -> None:
    said = brand("report", "group", "没有这个群", "--json")

    assert (said.status, said.out) == (1, "")
    assert "没有这个群" in said.err


def test_a_report_before_anything_came_in_says_how_to_begin(tiefen: Tiefen) -> None:
    said = tiefen("report", "groups", "--json")

    assert (said.status, said.out) == (1, "")
    assert "tiefen import" in said.err


def test_a_limit_bounds_a_report(brand: Tiefen) -> None:
    assert len(brand("report", "people", "--limit", "1", "--json").json) == 1


def test_a_name_that_would_be_a_formula_is_none_in_the_csv(tiefen: Tiefen, file: File) -> None:
    tiefen("import", "chat", file("chat.csv", CHAT.replace("小满", "=1+1")), "--yes", "--json")

    assert "'=1+1" in tiefen("report", "people", "--csv").out


def test_names_that_look_like_markup_are_shown_as_they_are(
    tiefen: Tiefen, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common.out, "width", 200)
    tiefen("import", "chat", file("[bold].csv", CHAT.replace("小满", "[/red]小满[bold]")), "--yes")

    assert "[/red]小满[bold]" in tiefen("report", "people").out


# ---- one person -------------------------------------------------------------------------------------


def test_everything_about_somebody_is_exported_and_then_erased(tiefen: Tiefen, file: File) -> None:
    tiefen("import", "orders", file("orders.csv", ORDERS), "--yes", "--json")

    held = tiefen("export", "phone:13800000001", "--json")
    receipt = tiefen("erase", "phone:13800000001", "--yes", "--json").json

    assert "13800000001" in json.dumps(held.json)
    assert receipt["receipt_id"]
    gone = tiefen("export", "phone:13800000001", "--json")
    assert (gone.status, gone.out) == (1, "")


def test_an_erasure_asks_first(tiefen: Tiefen, file: File) -> None:
    tiefen("import", "orders", file("orders.csv", ORDERS), "--yes", "--json")

    said = tiefen("erase", "phone:13800000001", input="n\n")

    assert said.status == 1
    assert tiefen("export", "phone:13800000001", "--json").status == 0


@pytest.mark.parametrize("who", ["999999", "phone:1", "nobody", "", str(2**70), "²"])
def test_somebody_unknown_cannot_be_erased(brand: Tiefen, who: str) -> None:
    said = brand("erase", who, "--yes", "--json")

    assert (said.status, said.out) == (1, "")
    assert said.err.strip()


# ---- backup, restore, doctor ------------------------------------------------------------------------


def test_a_backup_comes_back_into_an_empty_folder(brand: Tiefen, tmp_path: Path) -> None:
    path = tmp_path / "backup.tar.gz"
    kept = brand("facts", "count", "--json").json

    written = brand("backup", str(path), "--json").json
    elsewhere = Tiefen(tmp_path / "elsewhere")
    restored = elsewhere("restore", str(path), "--json").json

    assert written["facts"] == restored["facts"] == kept["facts"]
    assert elsewhere("facts", "count", "--json").json == kept
    assert elsewhere("report", "groups", "--json").json


def test_a_backup_does_not_come_back_over_something(brand: Tiefen, tmp_path: Path) -> None:
    path = tmp_path / "backup.tar.gz"
    brand("backup", str(path), "--json")

    said = brand("restore", str(path), "--json")

    assert (said.status, said.out) == (1, "")
    assert said.err.strip()


def test_a_file_that_is_no_backup_is_refused(tiefen: Tiefen, file: File) -> None:
    said = tiefen("restore", file("x.tar.gz", "nothing"), "--json")

    assert (said.status, said.out) == (1, "")
    assert said.err.strip()


def test_the_doctor_finds_everything_in_order(brand: Tiefen) -> None:
    checks = brand("doctor", "--json").json

    assert {check["name"] for check in checks} >= {"version", "disk", "store", "lake", "readings"}
    assert all(check["well"] for check in checks)


def test_the_doctor_sees_that_facts_are_missing(tiefen: Tiefen, file: File) -> None:
    tiefen("import", "chat", file("chat.csv", CHAT), "--yes", "--json")
    for part in (tiefen.data / "lake").rglob("*.parquet"):
        part.unlink()

    said = tiefen("doctor", "--json")

    assert said.status == 1
    assert [check["name"] for check in json.loads(said.out) if not check["well"]] == ["lake"]


# ---- companies, usage, the environment --------------------------------------------------------------

WITH_CORP: list[tuple[str, ...]] = [
    ("source", "add", "x"), ("source", "list"), ("facts", "count"), ("facts", "tail"), ("facts", "query", "SELECT 1"),
    ("report", "groups"), ("report", "people"), ("report", "sources"), ("report", "group", "1"), ("erase", "1", "--yes"),
    ("export", "1"),
]  # fmt: skip


@pytest.mark.parametrize("words", WITH_CORP, ids=lambda words: "-".join(words[:2]))
def test_a_company_that_is_not_there_is_an_error(brand: Tiefen, words: tuple[str, ...]) -> None:
    said = brand(*words, "--corp", "nowhere", "--json")

    assert (said.status, said.out) == (1, "")
    assert "nowhere" in said.err


@pytest.mark.parametrize(
    "words",
    [("fly",), ("facts",), ("facts", "count", "--fast"), ("import",), ("report", "moons"), ("up", "--port", "70000")],
)
def test_wrong_usage_ends_with_status_2(tiefen: Tiefen, words: tuple[str, ...]) -> None:
    said = tiefen(*words)

    assert said.status == 2
    assert said.err or said.out


def test_the_environment_decides_where_the_data_is(brand: Tiefen, tmp_path: Path) -> None:
    said = as_anybody("facts", "count", "--json", TIEFEN_DATA=str(brand.data))

    assert said.json == brand("facts", "count", "--json").json
    assert said.err == ""


@pytest.mark.slow
def test_the_environment_decides_which_database_it_is(tmp_path: Path) -> None:
    store = tmp_path / "elsewhere.db"

    said = as_anybody(
        "facts", "count", "--json", TIEFEN_DATA=str(tmp_path / "data"), TIEFEN_DATABASE_URL=f"sqlite:///{store}"
    )

    assert said.json == {"facts": 0}
    assert store.is_file()


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong", [{"TIEFEN_ENGINE": "abacus"}, {"TIEFEN_PORT": "http"}, {"TIEFEN_DATABASE_URL": "nonsense"}, {"TIEFEN_DATABASE_URL": "postgresql://127.0.0.1:1/x"}],
    ids=["engine", "port", "no-url", "nobody-there"],
)  # fmt: skip
def test_an_environment_that_cannot_be_is_told_in_words(wrong: dict[str, str], tmp_path: Path) -> None:
    said = as_anybody("facts", "count", "--json", TIEFEN_DATA=str(tmp_path), **wrong)

    assert (said.status, said.out) == (1, "")
    assert "Traceback" not in said.err
    assert said.err.strip()


@pytest.mark.slow
def test_what_is_refused_goes_to_standard_error_with_status_1(tmp_path: Path) -> None:
    said = as_anybody("facts", "count", "--corp", "nowhere", "--json", TIEFEN_DATA=str(tmp_path))

    assert (said.status, said.out) == (1, "")
    assert "nowhere" in said.err


def test_help_is_quick_about_what_it_loads() -> None:
    asked = "import tiefen.cli, sys; print(sorted({'sqlalchemy', 'pyarrow', 'ibis', 'fastapi', 'pandas', 'duckdb'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True, text=True)

    assert done.stdout.strip() == "[]"


# ---- talk --------------------------------------------------------------------------------------------


def test_what_one_company_learned_of_talk_is_what_another_begins_with(tiefen: Tiefen, tmp_path: Path) -> None:
    taught = np.array([YES] * 3 + [NO] * 3, np.int8)
    texts = ["白首乌窜货", "野参片清底", "老山檀压仓", "诗写得好", "月色真美", "海棠开了"]
    model = TalkModel.train(texts, {"advert": taught}, least=1)
    assert model is not None
    kept, file = model_path(tiefen.data, "main"), tmp_path / "learned.npz"

    nothing = tiefen("talk", "export", str(file))
    model.save(kept)
    tiefen("talk", "export", str(file))
    begun = tiefen("talk", "begin-with", str(file))
    there = TalkModel.load(before_path(kept))
    tiefen("talk", "begin-anew")

    assert (nothing.status, begun.status) == (1, 0)
    assert "Nothing is learned yet" in nothing.err
    assert "Begins with 6 marks elsewhere, of advert" in begun.err
    assert there is not None
    assert there.classes == ("advert",)
    assert not before_path(kept).exists()


def test_a_company_does_not_begin_with_a_file_of_something_else(tiefen: Tiefen, file: File) -> None:
    refused = tiefen("talk", "begin-with", file("learned.npz", "words"))

    assert refused.status == 1
    assert "learned.npz is not a model of talk" in refused.err
