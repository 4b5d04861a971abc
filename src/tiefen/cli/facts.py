"""`tiefen facts`: what is kept, as it came and as SQL."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiefen.cli.common import (
    CorpOption,
    CsvOption,
    DataOption,
    JsonOption,
    fail,
    opened,
    out,
    print_csv,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from tiefen.ledger.ledger import Ledger

KindOption = Annotated[str | None, typer.Option("--kind", help="Only this kind, e.g. message.posted.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="What is kept: count, tail, query.", no_args_is_help=True)
    group.command("count")(count)
    group.command("tail")(tail)
    group.command("query")(query_facts)
    app.add_typer(group, name="facts")


def count(
    data: DataOption = None,
    corp: Annotated[str | None, typer.Option("--corp", help="Only this company.")] = None,
    kind: KindOption = None,
    json: JsonOption = False,
) -> None:
    """How many facts are kept."""
    _known(kind)
    with opened(data, corp) as ledger:
        kept = ledger.facts(corp, kind)
    if json:
        print_json({"facts": kept})
    else:
        out.print(f"{kept:,}", highlight=False)


def tail(
    data: DataOption = None,
    corp: CorpOption = "main",
    kind: KindOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000)] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as facts come in.")] = False,
    json: JsonOption = False,
) -> None:
    """The newest facts."""
    _known(kind)
    with opened(data, corp) as ledger:
        rows = _newest(ledger, corp, kind, limit)
        if json:
            print_json(rows)
            return
        print_table("Facts", {"seq": "Seq", "happened_at": "When", "kind": "Kind", "body": "Body"}, rows)
        seen = max((row["seq"] for row in rows), default=0)
        while follow:
            time.sleep(1)
            for row in reversed(_newest(ledger, corp, kind, 1_000)):
                if row["seq"] > seen:
                    out.print(
                        f"{row['seq']}  {row['happened_at']}  {row['kind']}  {row['body']}",
                        highlight=False,
                        markup=False,
                    )
                    seen = row["seq"]


def query_facts(
    sql: Annotated[str, typer.Argument(help='E.g. "SELECT day, count(*) FROM message_posted GROUP BY day".')],
    data: DataOption = None,
    corp: CorpOption = "main",
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Ask in SQL, read-only, over one table a kind (dots become underscores), people already merged."""
    from tiefen.insight.engines.duckdb import query

    with opened(data, corp) as ledger:
        try:
            answer = query(ledger.snapshot(corp), ledger.settings, sql)
        except ValueError as error:
            fail(str(error))
    rows: list[dict[str, Any]] = answer.to_pylist()
    if json:
        print_json(rows)
    elif csv:
        print_csv(answer.column_names, rows)
    else:
        print_table("", {name: name for name in answer.column_names}, rows)


def _newest(ledger: Ledger, corp_id: str, kind: str | None, limit: int) -> list[dict[str, Any]]:
    from tiefen.kit.clock import from_us
    from tiefen.ledger.paging import facts_page

    return [
        {
            "seq": row.seq,
            "happened_at": from_us(row.happened_us).isoformat(),
            "kind": row.kind,
            "source_id": row.source_id,
            "origin": row.origin,
            "body": row.body,
        }
        for row in facts_page(ledger, corp_id, kind=kind, limit=limit).rows
    ]


def _known(kind: str | None) -> None:
    from tiefen.ledger.facts import BY_KIND

    if kind is not None and kind not in BY_KIND:
        fail(f"There is no kind called {kind}. Known: {', '.join(BY_KIND)}.", status=2)
