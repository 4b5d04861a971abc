"""Experiments: what was meant, and what was measured. Who is in which arm is in the facts."""

from __future__ import annotations

import sqlalchemy as sa

from tiefen.ledger.schema.base import Json, metadata

experiments = sa.Table(
    "experiments",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("experiment_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, server_default=""),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("arms", Json, nullable=False),
    sa.Column("holdout", sa.Float, nullable=False),
    sa.Column("window_days", sa.BigInteger, nullable=False),
    sa.Column("began_us", sa.BigInteger, nullable=False),
    sa.Column("ended_us", sa.BigInteger),
    sa.Column("drawn_through", sa.BigInteger),
)
"""What an experiment was meant to be before anybody was drawn. `kind` is that of the campaign it belongs to, `arms` are
[name, share of whoever is not held out], `window_days` is for how long after they were drawn people's acts count. `drawn_through`: the highest number
of whom was drawn, where everybody is drawn as they come."""

experiment_results = sa.Table(
    "experiment_results",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("experiment_id", sa.Text, primary_key=True),
    sa.Column("as_of_us", sa.BigInteger, nullable=False),
    sa.Column("through", sa.BigInteger, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("body", Json, nullable=False),
)
"""What was last measured of an experiment, from the facts up to the `seq` `through`; made again at any time."""

invariant_runs = sa.Table(
    "invariant_runs",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("invariant", sa.Text, primary_key=True),
    sa.Column("run_us", sa.BigInteger, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("looked_at", sa.BigInteger, nullable=False),
    sa.Column("broken", sa.BigInteger, nullable=False),
    sa.Column("rows", Json, nullable=False),
    sa.Column("since_us", sa.BigInteger),
    sa.Column("trouble", sa.Text),
)
"""When each invariant was last looked at, how many it was asked of and how many broke it, with the first of those as `rows`.
`since_us`: from when it has been broken without a break. `trouble`: why it could not be looked at."""
