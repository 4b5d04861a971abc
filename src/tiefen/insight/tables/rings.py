"""Fraud rings: what they did together, and what speaks against them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.kernels.rings import (
    ADD,
    BACK,
    BUY,
    DAY_US,
    JOIN,
    LEAVE,
    LOSE,
    NONE,
    SCAN,
    Acts,
    Ring,
    Suspects,
    rings,
)
from tiefen.insight.metrics.persons import base
from tiefen.insight.metrics.sources.base import arrivals
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window
from tiefen.kit.clock import SECOND_US, offsets

DAYS = 366
"""How far back it is looked."""
_GONE_US = 7 * DAY_US
_SCHEMA = pa.schema(
    [
        ("ring", pa.int64()), ("size", pa.int64()), ("began_us", pa.int64()), ("ended_us", pa.int64()),
        ("density", pa.float64()), ("beside", pa.int64()), ("source", pa.int64()), ("same_source", pa.int64()),
        ("inviter", pa.int64()), ("same_inviter", pa.int64()), ("same_minute", pa.int64()), ("gone", pa.int64()),
        ("gave_back", pa.int64()), ("hours", pa.float64()), ("heard", pa.int64()), ("signs", pa.string()),
        ("evidence", pa.string()), ("people", pa.list_(pa.int64())), ("ties", pa.list_(pa.int64())),
    ]
)  # fmt: skip


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    acts, codes = _acts(t, w)
    suspects = _suspects(t, w)
    heard = np.sort(t.arrow(base.heard(t, w))["person"].to_numpy())
    zone_us = offsets(t.time_zone, t.end_us(w) - 1, t.end_us(w))[0][1] * SECOND_US
    found = rings(acts, suspects, zone_us=zone_us)
    return pa.Table.from_pylist([_row(ring, heard, codes) for ring in found], schema=_SCHEMA)


def _row(ring: Ring, heard: Any, codes: int) -> dict[str, Any]:
    silent = int(np.isin(ring.people, heard).sum())
    return {
        "ring": int(ring.people[0]), "size": len(ring.people), "began_us": ring.began_us, "ended_us": ring.ended_us,
        "density": ring.density, "beside": ring.beside, "source": ring.object if 0 < ring.object < codes else None,
        "same_source": ring.same_object, "inviter": None if ring.inviter == NONE else ring.inviter,
        "same_inviter": ring.same_inviter, "same_minute": ring.same_minute, "gone": ring.gone,
        "gave_back": ring.gave_back, "hours": ring.hours, "heard": silent, "signs": json.dumps(ring.signs),
        "evidence": json.dumps([{"zh": zh, "en": en} for zh, en in _evidence(ring, silent)], ensure_ascii=False),
        "people": ring.people, "ties": ring.ties,
    }  # fmt: skip


def _evidence(ring: Ring, silent: int) -> Iterator[tuple[str, str]]:
    n = len(ring.people)
    hours = max(1, round((ring.ended_us - ring.began_us) / 3_600_000_000))
    yield (
        f"{n} 人在平时没什么人来的同一小时从同一入口来，或在同一小时内做了至少两件相同的事（两两相符的占 {ring.density:.0%}）；同时同路来的其他人只有 {ring.beside} 个",
        f"{n} people came by the same way in an hour that so many never come in, or did at least two of the same things within an hour ({ring.density:.0%} of their pairs); only {ring.beside} others came by the same ways at the same times",
    )  # fmt: skip
    if silent:
        yield (f"{silent} 人在有消息记录的群里从未说过一句话", f"{silent} were in groups whose talk is known and never said a word")  # fmt: skip
    if ring.same_object >= n / 2:
        yield (f"{ring.same_object} 人来自同一入口", f"{ring.same_object} came by the same entrance")
    if ring.same_inviter >= 2:
        yield (f"{ring.same_inviter} 人由同一人邀请", f"{ring.same_inviter} were invited by the same person")
    if ring.gone:
        yield (f"{ring.gone} 人一周内离开并全部消失", f"{ring.gone} were gone from everywhere within a week")
    if ring.gave_back:
        yield (f"{ring.gave_back} 人下单后全额退款", f"{ring.gave_back} bought and gave everything back")
    if "odd_hours" in ring.signs:
        yield (
            f"来的时段很少有别人来（是平均时段的 {ring.hours:.0%}）",
            f"they came at hours when hardly anybody comes ({ring.hours:.0%} of an average hour)",
        )
    if ring.same_minute >= 2:
        yield (f"{ring.same_minute} 人与另一人在同一分钟内到来", f"{ring.same_minute} came within a minute of another")
    yield (f"前后共 {hours} 小时", f"all within {hours} hours")


def _acts(t: Tables, w: Window) -> tuple[Acts, int]:
    """Everything that customers did, and a number above all sources: codes are numbered from there on."""
    some = w.last(DAYS)
    stay, came = t["stay"], arrivals(t, w).select("person", "source")
    counted = base.counted(t, w)
    joined = stay.filter(stay.join_known, stay.joined_on >= some.start, stay.joined_at < t.ends(w))
    left = stay.filter(stay.left_known, stay.left_on >= some.start, stay.left_at < t.ends(w))
    left = left.filter(left.how.fill_null("") != "dismissed")
    added, lost = t.within(t["contact_added"], some), t.within(t["contact_lost"], some)
    lost = lost.filter(lost.by != "staff").inner_join(came, "person")
    paid, back = t.within(t["order_paid"], some), t.within(t["order_refunded"], some)
    both = ibis.union(
        *(
            _did(table, what, thing, us)
            for table, what, thing, us in (
                (added, ADD, ibis.coalesce(added.source, -added.staff), added.happened_us),
                (joined, JOIN, joined.group, joined.joined_us),
                (left, LEAVE, left.group, left.left_us),
                (lost, LOSE, lost.source, lost.happened_us),
                (paid, BUY, paid.amount_fen, paid.happened_us),
                (back, BACK, back.amount_fen, back.happened_us),
            )
        )
    ).semi_join(counted, "person")
    rows = t.arrow(both.filter(both.person.notnull(), both.object.notnull()))
    scanned = t.within(t["code_scanned"], some).semi_join(counted, "person")
    scans = t.arrow(scanned.select("person", "code", us=scanned.happened_us))
    sources = t.arrow(t["source"].select("source"))["source"].to_numpy()
    codes = int(sources.max(initial=0)) + 1
    code = scans["code"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64) + codes
    person, what, thing, us = (rows[name].to_numpy().astype(np.int64) for name in ("person", "what", "object", "us"))
    return Acts(
        np.concatenate((person, scans["person"].to_numpy())), np.concatenate((what, np.full(len(code), SCAN))),
        np.concatenate((thing, code)), np.concatenate((us, scans["us"].to_numpy())),
    ), codes  # fmt: skip


def _did(table: ir.Table, what: int, thing: Any, us: Any) -> ir.Table:
    return table.select(
        "person", what=ibis.literal(what, "int64"), object=thing.cast("int64"), us=us.cast("int64")
    )  # fmt: skip


def _suspects(t: Tables, w: Window) -> Suspects:
    """Who never spoke and kept nothing they bought."""
    counted, stay = base.counted(t, w), t["stay"]
    money = base.money_moved(t, w)
    kept = money.group_by("person").agg(fen=money.amount_fen.sum())
    hollow = counted.anti_join(base.spoken(t, w), "person").anti_join(kept.filter(kept.fen > 0), "person")
    stays = stay.filter(stay.joined_at < t.ends(w))
    inside = stays.left_at.isnull() | (stays.left_at >= t.ends(w))
    stays = stays.group_by("person").agg(
        inside=inside.sum(), came=stays.joined_us.min(), went=stays.left_us.max(),
    )  # fmt: skip
    added, lost = t.until(t["contact_added"], w), t.until(t["contact_lost"], w)
    added = added.group_by("person").agg(added=added.happened_us.min())
    lost = lost.group_by("person").agg(lost=lost.happened_us.max())
    brought = stay.filter(stay.invited_by.notnull(), stay.invited_by != stay.person, stay.joined_at < t.ends(w))
    brought = brought.semi_join(counted, brought.invited_by == counted.person)
    brought = brought.group_by("person").agg(inviter=brought.invited_by.min())
    for table in (stays, added, lost, brought, kept):
        hollow = hollow.left_join(table, "person").drop("person_right")
    came, went = ibis.least(hollow.came, hollow.added), ibis.greatest(hollow.went, hollow.lost)
    gone = (hollow.inside.fill_null(0) == 0) & went.notnull() & (went - came <= _GONE_US)
    rows = t.arrow(
        hollow.select(
            "person", inviter=hollow.inviter.fill_null(NONE), gone=gone.fill_null(False), gave_back=hollow.fen.notnull()
        )
    ).sort_by("person")
    return Suspects(*(rows[name].to_numpy() for name in ("person", "inviter", "gone", "gave_back")))


TABLE = ReadingTable("rings", "找刷单团伙", "Fraud rings", of)
