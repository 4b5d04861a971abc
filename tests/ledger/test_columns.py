"""Whole columns of a query say what its rows say."""

from __future__ import annotations

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from tiefen.ledger import dialect

_NUMBERS = st.one_of(
    st.none(), st.integers(-(2**62), 2**62), st.sampled_from([0, 1, -1, 2**53 + 1, -(2**63) + 1, 2**63 - 1])
)
_SOME = sa.Table(
    "some", sa.MetaData(), sa.Column("a", sa.BigInteger), sa.Column("b", sa.BigInteger), sa.Column("c", sa.Boolean)
)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(_NUMBERS, _NUMBERS, st.one_of(st.none(), st.booleans())), max_size=20))
def test_numbers_instants_and_flags_come_as_columns_as_they_come_as_rows(
    rows: list[tuple[int | None, int | None, bool | None]],
) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        _SOME.create(connection)
        if rows:
            connection.execute(sa.insert(_SOME), [dict(zip("abc", row, strict=True)) for row in rows])

        columns = dialect.integers(connection, sa.select(_SOME))
        plain = dialect.plain_rows(connection, sa.select(_SOME))

    assert columns is not None
    assert list(zip(*(column.to_pylist() for column in columns), strict=True)) == plain
