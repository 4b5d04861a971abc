"""What Tiefen's insight finds in a sandbox population, beside what is true of it (docs/answer-key.md)."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from benchmarks._lived import tell
from tiefen.insight.detectors import dying_group
from tiefen.insight.kernels.life import Days, Life, life_of
from tiefen.insight.models.adverts import ADVERT, score
from tiefen.insight.reading import read_everything
from tiefen.insight.readings import Reading
from tiefen.insight.window import Window
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups as group_rows
from tiefen.ledger.schema import handles, sources
from tiefen.sandbox import Sandbox
from tiefen.sandbox.population import answers, populate
from tiefen.sandbox.state import load

CORP = "sandbox"
EVERY = 14
"""Days between two looks at the stages of groups."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A reading of a population and its key."""

    key: dict[str, Any]
    reading: Reading
    groups: dict[int, str]
    """group number → chat_id."""
    people: dict[int, str]
    sources: dict[int, str]
    adverts: dict[str, int]
    """Messages that were adverts and looked like it (`hits`), looked like it only (`false`), were and did not (`missed`)."""

    def table(self, name: str) -> pa.Table:
        return pq.read_table(self.reading.folder / f"{name}.parquet")


def run(quick: bool = False) -> dict[str, Any]:
    """The scores of a year of 40 groups and 8,000 people (`quick`: 18 and 2,000)."""
    size = {"groups": 18, "people": 2_000} if quick else {"groups": 40, "people": 8_000}
    with tempfile.TemporaryDirectory() as folder:
        return scores(compared(Path(folder), **size))


def compared(folder: Path, *, groups: int, people: int, days: int = 365, seed: int = 7) -> Compared:
    """A population lived, told to a ledger and read."""
    with Sandbox.open(None, speed=None, start=datetime.now(UTC)) as box:
        populate(box, groups=groups, people=people, days=days, seed=seed)
        key = answers(box)
        given: dict[str, Any] = {"data": folder, "time_zone": "Asia/Shanghai"}
        with Ledger.open(Settings(**given)) as ledger:
            tell(box, ledger, CORP)
            reading = read_everything(ledger.snapshot(CORP), ledger.settings)
            with ledger.read() as rows:
                names = [
                    {int(number): str(name) for number, name in rows.execute(sa.select(*columns))}
                    for columns in (
                        (group_rows.c.group_id, group_rows.c.outer_id),
                        (handles.c.person_id, handles.c.id_value),
                        (sources.c.source_id, sources.c.name),
                    )
                ]
        adverts = _advert_messages(box, set(key["advertisers"]))
    groups_called, people_called, sources_called = names
    return Compared(key, reading, groups_called, people_called, sources_called, adverts)


def _advert_messages(box: Sandbox, advertisers: set[str | None]) -> dict[str, int]:
    """Every message of customers in groups, by the rules that ship; advertisers say nothing else."""
    counted = Counter[str]()
    for row in box.store.run("SELECT sender, content FROM messages WHERE roomid != '' AND sender LIKE 'wm%'"):
        looks, is_one = score(load(row["content"]).get("content") or "") >= ADVERT, row["sender"] in advertisers
        if looks or is_one:
            counted["hits" if looks and is_one else "false" if looks else "missed"] += 1
    return dict(counted)


def scores(c: Compared) -> dict[str, Any]:
    """Every figure of the table in docs/answer-key.md."""
    return {
        **_stages(c), **_warnings(c), "leader_recall_at_3": _leaders(c, "pagerank"),
        "leader_recall_at_3_by_listeners": _leaders(c, "listeners"), **_circles(c), **_twins(c),
        **_sources(c), **_adverts(c), **_named(c),
    }  # fmt: skip


# ---- stages ----


def _lives(c: Compared) -> dict[str, list[tuple[date, int, int]]]:
    rows: dict[str, list[tuple[date, int, int]]] = defaultdict(list)
    for row in c.table("group_days").to_pylist():
        rows[c.groups[row["group"]]].append((row["day"], row["messages"], row["members"]))
    return rows


def _life_on(days: list[tuple[date, int, int]], on: date) -> Life:
    known = [row for row in days if row[0] <= on]
    ago, messages, members = (
        np.array(column, np.int64)
        for column in ([(on - d).days for d, _, _ in known], [m for _, m, _ in known], [n for _, _, n in known])
    )
    return life_of(Days(ago, messages, members))


def _stage_on(group: dict[str, Any], on: date) -> str | None:
    stage = None
    for phase in group["stages"]:
        if date.fromisoformat(phase["from"]) <= on:
            stage = phase["stage"]
    return stage


def _fitted_stage(days: list[tuple[date, int, int]], on: date) -> str:
    """A good plain method to compare with: age, level against the best, and a line through the logarithm of six weeks."""
    ago = np.array([(on - d).days for d, _, _ in days if d <= on])
    said = np.array([m for d, m, _ in days if d <= on])
    if not said.any():
        return "introduction"
    weekly = np.bincount(ago // 7, said).astype(float)
    recent = weekly[:6]
    best = np.convolve(weekly, np.ones(min(4, len(weekly))) / 4, "valid").max()
    if len(weekly) > 6 and recent[:4].mean() <= 0.03 * best:
        return "dormant"
    if len(weekly) <= 6:
        return "introduction"
    slope = -np.polyfit(np.arange(len(recent)), np.log(recent + 0.5), 1)[0]
    if slope < -0.1 or recent[:4].mean() < 0.3 * best:
        return "decline"
    return "growth" if slope > 0.05 else "maturity"


def _stages(c: Compared) -> dict[str, Any]:
    """Agreement with the true stage of every group every fortnight, and on the last day."""
    lives, last = _lives(c), c.reading.day
    fitted: Counter[bool] = Counter()
    agreed: Counter[bool] = Counter()
    today: Counter[bool] = Counter()
    confused: Counter[tuple[str, str]] = Counter()
    for group in c.key["groups"]:
        if group["dismissed_on"] or group["one_voice"] or group["strangers"]:
            continue
        days = lives[group["chat_id"]]
        on = last
        while (true := _stage_on(group, on)) is not None:
            found = _life_on(days, on).stage
            agreed[found == true] += 1
            fitted[_fitted_stage(days, on) == true] += 1
            today[found == true] += on == last
            confused[true, found] += found != true
            on -= timedelta(days=EVERY)
    worst = ", ".join(f"{true} read as {found} {n}" for (true, found), n in confused.most_common(3) if n)
    return {
        "stage_agreement": agreed[True] / agreed.total(),
        "stage_agreement_of_a_line_fit": fitted[True] / fitted.total(),
        "stage_agreement_last_day": today[True] / today.total(),
        "stage_confusions": worst,
    }


def _warnings(c: Compared) -> dict[str, Any]:
    """Of the groups that fell silent after a long life: how many days before that the dying were pointed out."""
    lives, notice = _lives(c), []
    for group in c.key["groups"]:
        silent = group["silent_from"] and date.fromisoformat(group["silent_from"])
        if not silent or silent > c.reading.day + timedelta(days=60) or group["kind"] in {"course", "flash", "revived"}:
            continue
        days = lives[group["chat_id"]]
        on = silent - timedelta(days=180)
        end = min(silent, c.reading.day)
        while on <= end and not _pointed_out(days, on):
            on += timedelta(days=1)
        notice.append((silent - on).days if on <= end else 0)
    return {
        "dying_groups": len(notice),
        "dying_warned_14_days_ahead": sum(days >= 14 for days in notice) / max(1, len(notice)),
        "dying_warned_days_ahead_median": float(np.median(notice)) if notice else 0.0,
    }


def _pointed_out(days: list[tuple[date, int, int]], on: date) -> bool:
    if not any(day <= on for day, _, _ in days):
        return False
    life = _life_on(days, on)
    row = {
        "group": 1, "stage": life.stage, "grade": life.grade, "weeks": list(life.weeks), "stage_evidence": "[]",
        "members_part": 1.0, "members_whole": 1.0,
    }  # fmt: skip
    return any(True for _ in dying_group.of({"groups": pa.Table.from_pylist([row])}, Window.ending(on)))


# ---- people ----


def _leaders(c: Compared, by: str) -> float:
    """Of the true leaders of each group today (three at most), the share among the three who rank first."""
    ranked: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for row in c.table("group_people").to_pylist():
        who = c.people[row["person"]]
        if row[by] and who.startswith("wm"):
            ranked[c.groups[row["group"]]].append((row[by], who))
    found = whole = 0
    for group in c.key["groups"]:
        true = _leading(group, c.reading.day)
        if group["stage"] in {"dormant", "decline"} or len(true) < 2 or group["conversations_a_day"] < 1:
            continue
        first = {who for _, who in sorted(ranked[group["chat_id"]], reverse=True)[: max(3, len(true))]}
        found += len(true & first)
        whole += len(true)
    return found / max(1, whole)


def _leading(group: dict[str, Any], on: date) -> set[str]:
    settled = (on - timedelta(days=30)).isoformat()
    return {
        lead["external_userid"]
        for lead in group["leaders"]
        if lead["from"] <= settled and (lead["until"] is None or lead["until"] > on.isoformat())
    }


def _circles(c: Compared) -> dict[str, float]:
    """Normalised mutual information between true circles and those found, among those placed in one; mean over groups."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in c.table("group_people").to_pylist():
        if row["circle"] is not None:
            found[c.groups[row["group"]]][c.people[row["person"]]] = row["circle"]
    ours, louvain = [], []
    for group in c.key["groups"]:
        if group["circles"] and group["splits_on"] is None:
            ours.append(_nmi(group["circles"], found[group["chat_id"]]))
            louvain.append(_nmi(group["circles"], _louvain(c, group["chat_id"])))
    return {"circle_nmi": float(np.mean(ours)), "circle_nmi_by_louvain": float(np.mean(louvain))}


def _nmi(true: dict[str, int], found: dict[str, int]) -> float:
    from sklearn.metrics import normalized_mutual_info_score

    both = [who for who in true if who in found]
    return float(normalized_mutual_info_score([true[who] for who in both], [found[who] for who in both]))


def _louvain(c: Compared, chat_id: str) -> dict[str, int]:
    """The circles that networkx's Louvain finds in the same ties."""
    import networkx as nx

    ties = nx.Graph()
    for row in c.table("group_edges").to_pylist():
        if c.groups[row["group"]] == chat_id:
            a, b = c.people[row["a"]], c.people[row["b"]]
            ties.add_edge(a, b, weight=row["weight"] + (ties[a][b]["weight"] if ties.has_edge(a, b) else 0))
    circles = nx.community.louvain_communities(ties, seed=7)
    return {who: number for number, members in enumerate(circles) for who in members}


# ---- findings ----


def _findings(c: Compared, detector: str) -> list[dict[str, Any]]:
    return [row for row in c.table("findings").to_pylist() if row["detector"] == detector]


def _twins(c: Compared) -> dict[str, Any]:
    found = {frozenset((c.groups[row["entity_id"]], c.groups[row["other_id"]])) for row in _findings(c, "twin_groups")}
    true = {frozenset(pair) for pair in c.key["twins"]}
    return {"twins_found": len(found & true) / max(1, len(true)), "twins_false": len(found - true)}


def _sources(c: Compared) -> dict[str, Any]:
    """How far arrivals and cost per arrival are off, at most, over the sources that leave a trace."""
    true = {source["name"]: source for source in c.key["sources"] if source["state"]}
    arrivals, cac = [], []
    for row in c.table("sources").to_pylist():
        source = true.get(c.sources[row["source"]])
        if source is None or not source["contacts"]:
            continue
        arrivals.append(abs(row["arrivals_part"] / source["contacts"] - 1))
        if row["cac_whole"]:
            cac.append(abs(row["cac_part"] / row["cac_whole"] / (source["spent_fen"] / source["contacts"]) - 1))
    return {"source_arrivals_largest_error": max(arrivals), "source_cac_largest_error": max(cac, default=float("nan"))}


def _adverts(c: Compared) -> dict[str, Any]:
    found = {c.groups[row["entity_id"]] for row in _findings(c, "advert_flood")}
    true = {group["chat_id"] for group in c.key["groups"] if group["adverts"]}
    hits, false, missed = (c.adverts.get(what, 0) for what in ("hits", "false", "missed"))
    return {
        "advert_groups_found": len(found & true) / max(1, len(true)),
        "advert_groups_false": len(found - true),
        "advert_messages_recall": hits / max(1, hits + missed),
        "advert_messages_precision": hits / max(1, hits + false),
    }


def _named(c: Compared) -> dict[str, Any]:
    """The groups with one voice, of strangers, and that leak: found, and how many others were taken for one."""
    figures: dict[str, Any] = {}
    for detector, kind in (
        ("one_voice_group", "one_voice"),
        ("strangers_group", "strangers"),
        ("leaky_group", "leaky"),
    ):
        found = {c.groups[row["entity_id"]] for row in _findings(c, detector)}
        true = {group["chat_id"] for group in c.key["groups"] if group["kind"] == kind}
        figures[f"{kind}_found"] = len(found & true) / max(1, len(true))
        figures[f"{kind}_false"] = len(found - true)
    return figures
