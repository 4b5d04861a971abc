"""`tiefen erase` and `tiefen export`: what one person may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tiefen.cli.common import CorpOption, DataOption, JsonOption, err, fail, opened, out, print_json

if TYPE_CHECKING:
    from tiefen.ledger.ledger import Ledger

PersonArgument = Annotated[
    str, typer.Argument(help="A person's number, or one of their ids as TYPE:VALUE, e.g. phone:13800000000.")
]

_MOST = 2**63 - 1


def add_to(app: typer.Typer) -> None:
    app.command("erase")(erase)
    app.command("export")(export)


def erase(
    person: PersonArgument,
    data: DataOption = None,
    corp: CorpOption = "main",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: JsonOption = False,
) -> None:
    """Erase a person from store, lake and words. Cannot be undone."""
    with opened(data, corp) as ledger:
        person_id = find_person(ledger, corp, person)
        if not yes:
            name = name_of(ledger, person_id)
            typer.confirm(f"Erase {name or 'person'} (number {person_id}) for good?", abort=True, err=True)
        receipt = ledger.erase(corp, person_id, by="cli")
    if json:
        print_json(receipt)
    else:
        out.print("Erased. Receipt:")
        print_json(receipt)


def export(
    person: PersonArgument,
    data: DataOption = None,
    corp: CorpOption = "main",
    json: JsonOption = False,
) -> None:
    """Print everything held about a person, as JSON."""
    with opened(data, corp) as ledger:
        print_json(ledger.export(corp, find_person(ledger, corp, person)))
    err.print("Everything held about this person.", highlight=False)


def find_person(ledger: Ledger, corp_id: str, said: str) -> int:
    """The person meant by a number or by `TYPE:VALUE`; nobody ends the command."""
    import sqlalchemy as sa

    from tiefen.ledger.schema import handles, people

    with ledger.read() as connection:
        if said.isascii() and said.isdigit():
            number = min(int(said[:20]), _MOST)
            asked = sa.select(people.c.person_id).where(people.c.corp_id == corp_id, people.c.person_id == number)
        else:
            id_type, _, value = said.partition(":")
            asked = sa.select(handles.c.person_id).where(
                handles.c.corp_id == corp_id, handles.c.id_type == id_type, handles.c.id_value == value
            )
        found = connection.execute(asked).scalar()
    if found is None:
        fail(f"Nobody here is known as {said}.")
    return int(found)


def name_of(ledger: Ledger, person_id: int) -> str | None:
    import sqlalchemy as sa

    from tiefen.ledger.schema import people

    with ledger.read() as connection:
        name: str | None = connection.execute(sa.select(people.c.name).where(people.c.person_id == person_id)).scalar()
    return name
