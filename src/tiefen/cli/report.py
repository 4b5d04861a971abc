"""`tiefen report`: the console's tables in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tiefen.cli.common import (
    CorpOption,
    CsvOption,
    DataOption,
    JsonOption,
    err,
    fail,
    opened,
    print_csv,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from tiefen.insight.catalogue import Metric
    from tiefen.insight.readings import Reading
    from tiefen.ledger.ledger import Ledger


def add_to(app: typer.Typer) -> None:
    report = typer.Typer(help="Groups, people and sources, as tables.", no_args_is_help=True)
    report.command("groups")(groups_report)
    report.command("group")(group_report)
    report.command("people")(people_report)
    report.command("sources")(sources_report)
    app.add_typer(report, name="report")


LimitOption = Annotated[int | None, typer.Option("--limit", min=1, help="At most so many rows.")]


def groups_report(
    data: DataOption = None, corp: CorpOption = "main", json: JsonOption = False, csv: CsvOption = False,
    limit: LimitOption = None,
) -> None:  # fmt: skip
    """Every group, sickest first."""
    with opened(data, corp) as ledger:
        rows = _rows(ledger, corp, "group", "sickness DESC", ("stage", "health"), limit)
    shown = {"name": "Group", "stage": "Stage", "health": "Health"}
    _print("Groups, sickest first", rows, "group", shown, _SHOWN_OF_GROUPS, json, csv)


def people_report(
    data: DataOption = None, corp: CorpOption = "main", json: JsonOption = False, csv: CsvOption = False,
    limit: LimitOption = None,
) -> None:  # fmt: skip
    """Everybody, most valuable first."""
    with opened(data, corp) as ledger:
        if limit is None and not (json or csv):
            limit = 50
        rows = _rows(ledger, corp, "person", "money_part DESC", ("rung", "rfm_cell", "role"), limit)
    shown = {"name": "Person", "rung": "Rung", "rfm_cell": "RFM", "role": "Role"}
    _print("People, by money", rows, "person", shown, _SHOWN_OF_PERSONS, json, csv)


def sources_report(
    data: DataOption = None, corp: CorpOption = "main", json: JsonOption = False, csv: CsvOption = False,
    limit: LimitOption = None,
) -> None:  # fmt: skip
    """Where people come from, what it costs and what they bring."""
    with opened(data, corp) as ledger:
        rows = _rows(ledger, corp, "source", "arrivals_part DESC", (), limit)
    _print("Sources", rows, "source", {"name": "Source"}, _SHOWN_OF_SOURCES, json, csv)


def group_report(
    group: Annotated[str, typer.Argument(help="A group's number, or a part of its name.")],
    data: DataOption = None,
    corp: CorpOption = "main",
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """One group: its stage and why, its numbers, who carries it, what was found."""
    with opened(data, corp) as ledger:
        rows = _rows(ledger, corp, "group", "sickness DESC", ("stage", "health", "stage_evidence", "leaders"), None)
        found = [row for row in rows if str(row["group"]) == group or group in row["name"]]
        if not found:
            fail(f"There is no group called {group}.")
        row = found[0]
        for key in ("stage_evidence", "leaders"):
            row[key] = msgspec.json.decode(row[key] or "[]")
        names = _names(ledger, corp, "person", [leader["person"] for leader in row["leaders"]])
        for leader in row["leaders"]:
            leader["name"] = names.get(leader["person"])
        reading = _reading(ledger, corp)
        row["findings"] = [
            {**finding, "evidence": msgspec.json.decode(finding["evidence"])}
            for finding in reading.sql(
                "SELECT key, detector, severity, evidence, todo_zh, todo_en FROM findings"
                " WHERE entity = 'group' AND entity_id = ? ORDER BY severity DESC",
                [row["group"]],
            ).to_pylist()
        ]
    if json:
        print_json([row])
        return
    numbers = [{"metric": metric.en, **_split(row[metric.key])} for metric in _metrics("group") if metric.key in row]
    if csv:
        print_csv(["metric", "value", "part", "whole"], numbers)
        return
    err.print(f"{row['name']}  {row['stage']} · {row['health']}", style="bold", highlight=False, markup=False)
    for evidence in row["stage_evidence"]:
        err.print(f"  · {evidence['en']}", highlight=False, markup=False)
    print_table("Numbers", {"metric": "", "value": "Value", "part": "Part", "whole": "Whole"}, numbers)
    print_table("Who carries it", {"name": "Person", "messages": "Messages"}, row["leaders"])
    for finding in row["findings"]:
        err.print(f"[yellow]![/yellow] {finding['detector']}: {finding['todo_en']}", highlight=False)


_SHOWN_OF_GROUPS = ("members", "messages", "active_7d", "speaker_share", "newcomer_retention_7d", "strangers")
_SHOWN_OF_PERSONS = ("money", "frequency", "recency_days", "messages", "groups_in", "influence")
_SHOWN_OF_SOURCES = ("arrivals", "cost", "cac", "revenue_90d", "ltv_cac", "payback_days")


def _metrics(per: str) -> list[Metric]:
    from tiefen.insight.catalogue import METRICS

    return [metric for metric in METRICS if metric.per == per]


def _reading(ledger: Ledger, corp_id: str) -> Reading:
    """The newest reading; made now where facts came in since the last one."""
    from tiefen.insight.reading import read_everything
    from tiefen.insight.readings import Readings

    if ledger.facts(corp_id) == 0:
        fail("There are no facts yet. `tiefen import chat FILE` brings some.")
    readings = Readings(ledger.settings)
    current = readings.current(corp_id)
    if current is not None and not current.stale(ledger):
        return current
    with err.status("Reading everything…") as status:
        read_everything(
            ledger.snapshot(corp_id),
            ledger.settings,
            progress=lambda fraction, _zh, en: status.update(f"{en or 'Reading everything'} {fraction:.0%}"),
        )
    made = readings.current(corp_id)
    assert made is not None
    return made


def _rows(
    ledger: Ledger, corp_id: str, entity: str, order: str, more: tuple[str, ...], limit: int | None
) -> list[dict[str, Any]]:
    reading = _reading(ledger, corp_id)
    table = f"{entity}s"
    bound = f" LIMIT {limit}" if limit else ""
    found = reading.sql(f'SELECT * FROM "{table}" ORDER BY {order} NULLS LAST, "{entity}"{bound}').to_pylist()
    names = _names(ledger, corp_id, entity, [row[entity] for row in found])
    return [
        {
            entity: row[entity],
            "name": names.get(row[entity]) or "",
            **{key: row[key] for key in more},
            **{m.key: _number(m, row) for m in _metrics(entity) if f"{m.key}_part" in row},
        }
        for row in found
    ]


def _number(metric: Metric, row: dict[str, Any]) -> dict[str, Any]:
    return {"part": row[f"{metric.key}_part"], "whole": row[f"{metric.key}_whole"], "unit": metric.unit}


def _split(number: dict[str, Any]) -> dict[str, Any]:
    return {"value": _value(number), "part": number["part"], "whole": number["whole"]}


def _value(number: dict[str, Any]) -> float | None:
    """Part over whole; None when nobody was counted. Money in the corp's currency."""
    if not number["whole"] or number["part"] is None:
        return None
    value: float = number["part"] / number["whole"]
    return value / 100 if number["unit"] == "fen" else value


def _names(ledger: Ledger, corp_id: str, entity: str, ids: list[int]) -> dict[int, str]:
    import sqlalchemy as sa

    from tiefen.ledger.schema import groups, people, sources

    table, key = {
        "group": (groups, groups.c.group_id),
        "person": (people, people.c.person_id),
        "source": (sources, sources.c.source_id),
    }[entity]
    names: dict[int, str] = {}
    with ledger.read() as connection:
        for start in range(0, len(ids), 10_000):
            asked = sa.select(key, table.c.name).where(table.c.corp_id == corp_id, key.in_(ids[start : start + 10_000]))
            names.update({row[0]: row[1] for row in connection.execute(asked)})
    return names


def _print(
    title: str,
    rows: list[dict[str, Any]],
    entity: str,
    columns: dict[str, str],
    shown: tuple[str, ...],
    json: bool,
    csv: bool,
) -> None:
    if json:
        print_json(rows)
        return
    metrics = {m.key: m for m in _metrics(entity)}
    flat = [{k: _value(v) if isinstance(v, dict) else v for k, v in row.items()} for row in rows]
    if csv:
        print_csv([entity, *columns, *(k for k in metrics if not rows or k in rows[0])], flat)
    else:
        print_table(title, columns | {key: metrics[key].en for key in shown if key in metrics}, flat)
