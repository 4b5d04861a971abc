"""`tiefen source`: the write keys with which systems send events."""

from __future__ import annotations

from typing import Annotated

import typer

from tiefen.cli.common import CorpOption, DataOption, JsonOption, opened, out, print_json, print_table


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Systems that send events: their write keys.", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(list_)
    app.add_typer(group, name="source")


def add(
    name: Annotated[str, typer.Argument(help="What sends the events: website, shop, app.")],
    data: DataOption = None,
    corp: CorpOption = "main",
    strict: Annotated[bool, typer.Option(help="Answer 400 where an event is refused, instead of 200.")] = False,
    json: JsonOption = False,
) -> None:
    """Make a write key for a system that sends events."""
    from tiefen.ledger.keys import add_write_key

    with opened(data, corp) as ledger:
        key = add_write_key(ledger, corp, name, strict=strict)
    if json:
        print_json({"write_key": key, "name": name, "corp": corp})
    else:
        out.print(f"Write key of {name}: {key}", highlight=False, markup=False, soft_wrap=True)


def list_(data: DataOption = None, corp: CorpOption = "main", json: JsonOption = False) -> None:
    """List the write keys."""
    import sqlalchemy as sa

    from tiefen.kit.clock import from_us
    from tiefen.ledger.schema import write_keys

    with opened(data, corp) as ledger, ledger.read() as connection:
        found = connection.execute(
            sa.select(write_keys).where(write_keys.c.corp_id == corp).order_by(write_keys.c.created_us)
        ).mappings()
        rows = [
            {
                "name": row["name"],
                "write_key": row["write_key"],
                "strict": row["strict"],
                "created_at": from_us(row["created_us"]).isoformat(),
                "revoked": row["revoked_us"] is not None,
            }
            for row in found
        ]
    if json:
        print_json(rows)
    else:
        print_table(
            "Sources", {"name": "Name", "write_key": "Write key", "created_at": "Since", "revoked": "Revoked"}, rows
        )
