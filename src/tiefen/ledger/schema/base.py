"""What all tables share."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Json = sa.Text
