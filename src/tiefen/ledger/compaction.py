"""Many small files become one sorted file a month."""

from __future__ import annotations

from tiefen.ledger.flushing import keep_state, move, state
from tiefen.ledger.lake import TABLES, Lake, months_of, rows_of, schema_of
from tiefen.ledger.store import Transactions

MANY = 16
_GRACE_HOURS = 2


def compact(transactions: Transactions, lake: Lake, *, many: int = MANY) -> int:
    """Rewrite every month that has more than `many` files; returns how many months were rewritten.

    Nothing is added or lost by a crash in between: a Delta commit replaces a month whole, and the store goes on
    reading the version it knows until it learns of the new one. Old files go once nobody can be reading them.
    """
    rewritten = 0
    with lake.locked():
        move(transactions, lake)
        for name in TABLES:
            table = lake.table(name)
            if table is None:
                continue
            crowded = {month: files for month, files in months_of(table).items() if len(files) > many}
            for month, mine in crowded.items():
                schema = schema_of(name)
                rows = rows_of(mine, schema=schema.remove(schema.get_field_index("month"))).to_table()
                rows = rows.append_column("month", [[month] * rows.num_rows])
                version = lake.rewrite(name, month, rows.cast(schema))
                with transactions.write() as connection:
                    through, versions = state(connection)
                    versions[name] = version
                    keep_state(connection, through, versions)
                rewritten += 1
            if crowded:
                lake.vacuum(name, hours=_GRACE_HOURS)
    return rewritten
