"""Every order with the touches before it, shared out by message, campaign, block of a playbook, group, staff and source.

A touch counts for an order of the same person within the lookback. What was said in a group was said to whoever was in it then. Of
people who bought nothing the touches are a path that came to nothing, which the Markov chain needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.sources.base import arrivals
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US, day_of
from tiefen.ledger import dialect
from tiefen.ledger.schema.touches import campaigns, proposals
from tiefen.outcome.attribution.models import Credit, Paths, first, last, markov, shapley

LOOKBACK_DAYS = 14
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class By:
    """One way to look at it."""

    key: str
    zh: str
    en: str


DIMENSIONS: Sequence[By] = (
    By("campaign", "活动", "Campaign"),
    By("message", "消息（步骤）", "Message (step)"),
    By("block", "剧本环节", "Block of a playbook"),
    By("group", "社群", "Group"),
    By("staff", "员工", "Staff"),
    By("source", "渠道", "Source"),
)
RULES: Sequence[By] = (
    By("last", "末次触达", "Last touch"),
    By("first", "首次触达", "First touch"),
    By("shapley", "平均分摊（Shapley）", "Equal shares (Shapley)"),
    By("markov", "移除效应（马尔可夫）", "Removal (Markov)"),
)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What one label is given."""

    label: str
    touches: int
    """Touches that counted, of buyers and others."""
    orders: dict[str, float]
    """By rule."""
    worth_fen: dict[str, float]


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """The orders of a stretch of time, shared out."""

    since_us: int
    until_us: int
    lookback_days: int
    orders: int
    worth_fen: int
    touched_orders: int
    """Orders that any touch came before."""
    touched_worth_fen: int
    by: dict[str, tuple[Given, ...]]
    """By dimension, who is given most by their last touch first."""


def sent_from_outbox(connection: Connection, corp_id: str, since_us: int) -> pa.Table:
    """(touch, step, sender, playbook): what the outbox knows of touches beyond the facts, moved since then."""
    asked = (
        sa.select(proposals.c.proposal_id, proposals.c.step, proposals.c.sender, campaigns.c.kind)
        .join_from(
            proposals, campaigns,
            (campaigns.c.corp_id == proposals.c.corp_id) & (campaigns.c.campaign_id == proposals.c.campaign_id),
            isouter=True,
        )
        .where(proposals.c.corp_id == corp_id, proposals.c.moved_us >= since_us)
    )  # fmt: skip
    rows = dialect.plain_rows(connection, asked)
    return pa.table(
        {
            "touch": pa.array([row[0] for row in rows], pa.string()), "step": pa.array([row[1] for row in rows], pa.string()),
            "sender": pa.array([row[2] for row in rows], pa.string()),
            "playbook": pa.array([row[3] == "playbook" for row in rows], pa.bool_()),
        }
    )  # fmt: skip


def attribute(
    t: Tables, sent: pa.Table, since_us: int, until_us: int, *, lookback_days: int = LOOKBACK_DAYS
) -> Attribution:
    """Share out the orders paid in [since, until)."""
    lookback = lookback_days * DAY_US
    paid = t["order_paid"]
    paid = paid.filter(paid.happened_us >= since_us, paid.happened_us < until_us)
    orders = t.arrow(
        paid.select("person", us=paid.happened_us, fen=paid.amount_fen, seq=paid.seq).order_by("us", "seq")
    )
    touches = t.arrow(
        _touches(t, sent, since_us - lookback, until_us)
        .select("person", "us", "touch", *(one.key for one in DIMENSIONS))
        .order_by("person", "us", "touch")
    )
    known = orders.filter(orders["person"].is_valid())
    path, touch, worth, bought = _joined(
        touches["person"].to_numpy(), touches["us"].to_numpy(), known["person"].to_numpy().astype(np.int64),
        known["us"].to_numpy(), known["fen"].to_numpy().astype(np.float64), lookback,
    )  # fmt: skip
    by = {one.key: _shared(touches[one.key], path, touch, worth, bought) for one in DIMENSIONS}
    reached = np.unique(path)
    reached = reached[bought[reached]] if len(reached) else reached
    return Attribution(
        since_us=since_us, until_us=until_us, lookback_days=lookback_days, orders=orders.num_rows,
        worth_fen=int(orders["fen"].to_numpy().sum()), touched_orders=len(reached),
        touched_worth_fen=int(worth[reached].sum()), by=by,
    )  # fmt: skip


def _touches(t: Tables, sent: pa.Table, since_us: int, until_us: int) -> ir.Table:
    """A row for each person and touch that reached them."""
    moved = t["touch_moved"]
    moved = moved.filter(
        moved.state.isin(["sent", "delivered"]), moved.happened_us >= since_us, moved.happened_us < until_us
    )
    one = moved.group_by("touch").agg(
        us=moved.happened_us.min(), person=moved.person.max(), group=moved.group.max(), campaign=moved.campaign.max()
    )
    alone = one.filter(one.person.notnull(), one.group.isnull()).select("touch", "us", "person", "group", "campaign")
    stay, staff = t["stay"], t["person"].filter(t["person"].staff).select("person")
    said = one.filter(one.group.notnull()).drop("person")
    stays = stay.select("person", "joined_us", "left_us", in_group="group")
    heard = said.join(stays, said.group == stays.in_group)
    heard = heard.filter(heard.joined_us <= heard.us, heard.left_us.isnull() | (heard.left_us > heard.us))
    heard = heard.anti_join(staff, "person").select("touch", "us", "person", "group", "campaign").distinct()
    every = alone.union(heard)
    outbox = t.given("outcome_sent", sent)
    every = every.left_join(outbox, "touch")
    window = Window.ending(day_of(until_us, t.snapshot.time_zone), 1)
    came = arrivals(t, window).select("person", "source")
    names = t["source"].select("source", called="name")
    came = came.join(names, "source").select("person", source="called")
    every = every.left_join(came, "person")
    step = every.step.fill_null("")
    return every.select(
        "touch", "us", "person", "source",
        campaign=every.campaign,
        message=every.campaign + (step == "").ifelse(ibis.literal(""), ibis.literal(" · ") + step),
        block=every.playbook.fill_null(False).ifelse(every.campaign + " · " + step, ibis.null("string")),
        group=every.group.cast("string"),
        staff=every.sender,
    )  # fmt: skip


def _joined(
    person: Ints, us: Ints, buyer: Ints, bought_us: Ints, fen: npt.NDArray[np.float64], lookback: int
) -> tuple[Ints, Ints, npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Touches on paths: (path of each, which touch each is), and of each path its worth and whether it ended in an order.

    Paths 0… are the orders; those after them are of people whose last touches were followed by none.
    """
    keys = np.stack([person, us]) if len(person) else np.zeros((2, 0), np.int64)
    order = np.lexsort((keys[1], keys[0]))
    person, us = person[order], us[order]
    everybody = np.unique(np.concatenate([person, buyer]))
    begins = np.searchsorted(person, everybody)
    ends = np.searchsorted(person, everybody, side="right")
    at = dict(zip(everybody.tolist(), zip(begins.tolist(), ends.tolist(), strict=True), strict=True))
    paths, which = [], []
    last_order: dict[int, int] = {}
    for number, (who, when) in enumerate(zip(buyer.tolist(), bought_us.tolist(), strict=True)):
        low, high = at[who]
        mine = us[low:high]
        some = np.arange(low + np.searchsorted(mine, when - lookback), low + np.searchsorted(mine, when, side="right"))
        last_order[who] = max(when, last_order.get(who, when))
        paths.append(np.full(len(some), number, np.int64))
        which.append(order[some])
    after = np.array([last_order.get(who, -1) for who in person.tolist()], np.int64)
    rest = us > after
    _, without = np.unique(person[rest], return_inverse=True)
    paths.append(without.astype(np.int64) + len(buyer))
    which.append(order[rest])
    nothing = int(without.max()) + 1 if len(without) else 0
    path = np.concatenate(paths)
    return (
        path, np.concatenate(which), np.concatenate([fen, np.zeros(nothing)]),
        np.concatenate([np.ones(len(buyer), bool), np.zeros(nothing, bool)]),
    )  # fmt: skip


def _shared(
    column: pa.ChunkedArray, path: Ints, touch: Ints, worth: npt.NDArray[np.float64], bought: npt.NDArray[np.bool_]
) -> tuple[Given, ...]:
    coded = column.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    labels = coded.dictionary.to_pylist()
    code = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)[touch]
    has = code >= 0
    paths = Paths(code[has], path[has], worth, bought, len(labels))
    credits: dict[str, Credit] = {
        "last": last(paths),
        "first": first(paths),
        "shapley": shapley(paths),
        "markov": markov(paths),
    }
    touches = np.bincount(code[has], minlength=len(labels))
    found = [
        Given(
            label=label, touches=int(touches[at]), orders={rule: float(one.orders[at]) for rule, one in credits.items()},
            worth_fen={rule: float(one.worth[at]) for rule, one in credits.items()},
        )
        for at, label in enumerate(labels)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.worth_fen["last"], one.label)))
