"""How good divisions are, against METIS and the best known; whole plans for up to 20,000 people.

`python -m benchmarks.split_plan 4elt.graph …` divides graphs: they are files of METIS (github KarypisLab/METIS, folder graphs); 4elt is that of Walshaw's archive, whose best
known cut in two is 139 with equal halves and 137 with 3 % of slack. The other instances are planted: people of hidden
groups, half of whose ties are with anybody.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pymetis
from scipy import sparse

from tiefen.insight.models.split_plan import Crowd, Plan, Weights, split_plan
from tiefen.insight.models.split_plan.crowd import Ints
from tiefen.insight.models.split_plan.dividing import cut, divided
from tiefen.insight.models.split_plan.refining import Bounds
from tiefen.insight.models.split_plan.starts import by_kahip, communities, packed

SLACK = 0.03


def run(quick: bool = False) -> dict[str, Any]:
    """Cuts beside METIS' and the planted one; whole plans by size."""
    communities(sparse.identity(3, format="csr"))  # NetworKit takes seconds to load
    cases = ((1800, 6, 350, 0.5), (1800, 6, 350, 0.3), (1800, 6, 350, 0.6), (500, 2, 275, 0.5))
    figures = dict(of_planted(*case) for case in (cases[-1:] if quick else cases))
    return figures | dict(of_people(n) for n in ((500,) if quick else (500, 1800, 10_000, 20_000)))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("graphs", nargs="+", type=Path)
    for path in asked.parse_args().graphs:
        for parts in (2, 4):
            print(*of_file(path, parts), sep=": ")


def of_file(path: Path, parts: int) -> tuple[str, str]:
    graph = read(path)
    n = graph.shape[0]
    most = int((1 + SLACK) * -(-n // parts))
    began = time.process_time()
    part = divided(graph, parts, Bounds(n // parts - (most - n // parts), most), thorough=True)
    took = time.process_time() - began
    theirs = cut(graph, by_metis(graph, parts))[0]
    return f"{path.stem} k={parts}", (
        f"cut {cut(graph, part)[0]:.0f}, largest part {np.bincount(part).max()} of at most {most};"
        f" METIS {theirs:.0f}; {took:.1f} s"
    )


def of_planted(n: int, parts: int, cap: int, noise: float) -> tuple[str, str]:
    truth, graph = planted(n, parts, 10, noise)
    bounds = Bounds(2 * n // parts - cap, cap)
    began = time.process_time()
    part = divided(graph, parts, bounds)
    took = time.process_time() - began
    kahip = by_kahip(graph, parts, bounds, 7)
    told = {
        "ours": part, "planted": truth, "METIS": by_metis(graph, parts),
        "Leiden packed": packed(graph, communities(graph), parts, bounds),
        **({} if kahip is None else {"KaHIP": kahip}), "by lot": np.random.default_rng(1).permutation(truth),
    }  # fmt: skip
    shares = ", ".join(f"{name} {cut(graph, one)[0] / cut(graph, one)[1]:.3f}" for name, one in told.items())
    return f"{n} people, {parts} parts of {cap}, noise {noise}", f"{shares}; {took:.1f} s"


def of_people(n: int) -> tuple[str, str]:
    """A whole plan with attributes, circles and leaders."""
    truth, graph = planted(n, max(2, n // 250), 8, 0.4)
    rows = np.repeat(np.arange(n), np.diff(graph.indptr))
    once = rows < graph.indices
    lots = np.random.default_rng(3)
    crowd = Crowd(
        np.arange(n), rows[once], graph.indices[once].astype(np.int64), graph.data[once], np.where(lots.random(n) < 0.5, truth, -1),
        lots.random(n) < 0.02, np.arange(n), {"city": lots.integers(-1, 8, n), "sex": lots.integers(0, 2, n)},
        {"age": lots.normal(30, 8, n)},
    )  # fmt: skip
    parts = -(-n // 300)
    wishes = Weights(near={"city": 1, "age": 0.5}, contrast={"sex": 1})
    began, wall = time.process_time(), time.monotonic()
    plan = split_plan(crowd, wishes, parts=parts, cap=350 if n > 500 else 300)
    assert isinstance(plan, Plan)
    return f"plan for {n} people in {parts} parts", (
        f"cut {plan.cut[0] / plan.cut[1]:.3f} (by lot"
        f" {plan.cut_by_lot / plan.cut[1]:.3f}), largest {plan.parts[0].size}, circles whole {plan.circles[0]} of"
        f" {plan.circles[1]}; {time.process_time() - began:.1f} s of work, {time.monotonic() - wall:.1f} s in all"
    )


def planted(n: int, parts: int, degree: int, noise: float) -> tuple[Ints, Any]:
    lots = np.random.default_rng(7)
    truth = np.arange(n) % parts
    a = lots.integers(0, n, n * degree // 2)
    own = np.minimum(lots.integers(0, n // parts, len(a)) * parts + truth[a], n - 1)
    b = np.where(lots.random(len(a)) < noise, lots.integers(0, n, len(a)), own)
    a, b = a[a != b], b[a != b]
    ends = np.concatenate((a, b)), np.concatenate((b, a))
    return truth, sparse.coo_matrix((np.ones(2 * len(a)), ends), shape=(n, n)).tocsr()


def by_metis(graph: Any, parts: int) -> Ints:
    adjacency = pymetis.CSRAdjacency(graph.indptr, graph.indices)
    _, part = pymetis.part_graph(parts, adjacency=adjacency, eweights=graph.data.astype(int).tolist())
    return np.array(part)


def read(path: Path) -> Any:
    """A graph in METIS' format without weights."""
    lines = [line for line in path.read_text("ascii").splitlines() if not line.startswith("%")]
    n = int(lines[0].split()[0])
    near = [np.array(line.split(), np.int64) - 1 for line in lines[1 : n + 1]]
    begins = np.r_[0, np.cumsum([len(some) for some in near])]
    ends = np.concatenate(near)
    return sparse.csr_matrix((np.ones(len(ends)), ends, begins), shape=(n, n))


if __name__ == "__main__":
    main()
