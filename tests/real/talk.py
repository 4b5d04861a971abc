"""What the catalogue says of groups, computed a second time from the rows of a chat log, with pandas and networkx alone.

Rows have `group_id`, `member_id`, `us` (microseconds), `day`, `reply_to_member`, `mentions`, `is_bot`, in the order of the
file. Definitions are those of the catalogue; nothing of its code is used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations, pairwise
from statistics import fmean

import networkx as nx
import pandas as pd

Number = tuple[float, float]
DAY = 86_400_000_000
TEN_MINUTES = 600_000_000


class Talk:
    """The talk of all groups as of the end of a window of `days` days that ends with `end`."""

    def __init__(self, rows: pd.DataFrame, end: date, days: int = 30) -> None:
        self.end, self.days = end, days
        upto = rows[rows.day <= end]
        self.ever = upto[~upto.is_bot]
        """All messages by people."""
        self.heard = sorted(set(self.ever.group_id))
        self.seen = upto
        self.said = self._last(days)

    def _last(self, days: int) -> pd.DataFrame:
        """The messages of the last so many days, in each group in the order of time."""
        some = self.ever[self.ever.day > self.end - timedelta(days=days)]
        return some.sort_values("us", kind="stable")

    # ---- counts -----------------------------------------------------------------------------------

    def messages(self) -> dict[str, Number]:
        return self._each(self.said.groupby("group_id").size().to_dict())

    def active(self, days: int) -> dict[str, Number]:
        return self._each(self._last(days).groupby("group_id").member_id.nunique().to_dict())

    def messages_per_speaker(self) -> dict[str, Number]:
        return {g: (float(len(rows)), float(rows.member_id.nunique())) for g, rows in self._groups()}

    def gini(self) -> dict[str, float]:
        """Half the mean difference between any two speakers, over the mean."""
        found = {}
        for group, rows in self._groups():
            each = rows.groupby("member_id").size().tolist()
            apart = sum(abs(x - y) for x in each for y in each)
            found[group] = apart / (2 * len(each) ** 2 * fmean(each))
        return found

    def _each(self, counted: dict[str, int]) -> dict[str, Number]:
        return {group: (float(counted.get(group, 0)), 1.0) for group in self.heard}

    def _groups(self) -> Iterator[tuple[str, pd.DataFrame]]:
        for group, rows in self.said.groupby("group_id"):
            yield str(group), rows

    # ---- answers ----------------------------------------------------------------------------------

    def reply_time(self) -> dict[str, Number]:
        found: dict[str, Number] = {}
        for group, rows in self._groups():
            gaps = [
                (then - now) / 1e6
                for (who, now), (other, then) in pairwise(zip(rows.member_id, rows.us, strict=True))
                if who != other and then - now <= DAY
            ]
            if gaps:
                found[group] = (sum(gaps), float(len(gaps)))
        return found

    def first_reply_time(self) -> dict[str, Number]:
        """Over those whose first words in the group fall within the window and were answered."""
        first = self.ever.groupby(["group_id", "member_id"]).us.min()

        def opens(group: str, row: tuple[str, int, bool]) -> bool:
            return bool(first[group, row[0]] == row[1])

        found: dict[str, Number] = {}
        for group, waits in self._waits(opens).items():
            answered = [wait for wait in waits if wait is not None]
            if answered:
                found[group] = (sum(answered) / 1e6, float(len(answered)))
        return found

    def questions_answered(self) -> dict[str, Number]:
        asked = self._waits(lambda _group, row: row[2])
        return {
            group: (float(sum(w is not None for w in waits)), float(len(waits)))
            for group, waits in asked.items()
            if waits
        }

    def _waits(self, asks: Callable[[str, tuple[str, int, bool]], bool]) -> dict[str, list[int | None]]:
        """For each message that asks, how long until it was answered: by name within a day, or by the next speaker within
        ten minutes; None where it was not."""
        addressed: dict[tuple[str, str], list[int]] = defaultdict(list)
        for group, _, b, us in self.links():
            addressed[group, b].append(us)
        found: dict[str, list[int | None]] = {}
        for group, frame in self._groups():
            asking = frame.is_question if "is_question" in frame.columns else [False] * len(frame)
            rows = list(zip(frame.member_id, frame.us, asking, strict=True))
            found[group] = []
            for at, row in enumerate(rows):
                if not asks(group, row):
                    continue
                who, us, _ = row
                by_name = min((then for then in addressed[group, who] if us < then <= us + DAY), default=None)
                by_turn = next((then for other, then, _ in rows[at + 1 :] if other != who), None)
                if by_turn is not None and by_turn - us > TEN_MINUTES:
                    by_turn = None
                answers = [then for then in (by_name, by_turn) if then is not None]
                found[group].append(min(answers) - us if answers else None)
        return found

    # ---- ties -------------------------------------------------------------------------------------

    def links(self) -> list[tuple[str, str, str, int]]:
        """(group, a, b, us): a addressed b in the last 90 days, once for each message."""
        found: list[tuple[str, str, str, int]] = []
        some = self._last(90)
        for group, a, reply, named, us in zip(
            some.group_id, some.member_id, some.reply_to_member, some.mentions, some.us, strict=True
        ):
            addressed = {*named, *([reply] if isinstance(reply, str) else [])} - {a}
            found.extend((group, a, b, us) for b in sorted(addressed))
        return found

    def graphs(self) -> dict[str, nx.DiGraph]:
        """Who addressed whom how often, group by group."""
        found: dict[str, nx.DiGraph] = defaultdict(nx.DiGraph)
        for group, a, b, _ in self.links():
            before = found[group].get_edge_data(a, b, {"weight": 0})["weight"]
            found[group].add_edge(a, b, weight=before + 1)
        return dict(found)

    def reciprocity(self) -> dict[str, Number]:
        return {
            group: (nx.overall_reciprocity(graph) * graph.number_of_edges(), float(graph.number_of_edges()))
            for group, graph in self.graphs().items()
        }

    def strangers(self) -> dict[str, Number]:
        found: dict[str, Number] = {}
        graphs = self.graphs()
        for group, rows in self._groups():
            if group in graphs:
                ties = graphs[group].to_undirected()
                pairs = list(combinations(sorted(set(rows.member_id)), 2))
                found[group] = (float(sum(not ties.has_edge(a, b) for a, b in pairs)), float(len(pairs)))
        return found

    # ---- members ----------------------------------------------------------------------------------

    def members(self) -> dict[str, set[str]]:
        """Where nobody tells of comings and goings: everybody who ever said anything, bots too."""
        return {str(group): set(rows.member_id) for group, rows in self.seen.groupby("group_id")}

    def overlap(self) -> dict[str, Number]:
        members, groups_in = self.members(), self.groups_in()
        return {g: (float(sum(groups_in[one] > 1 for one in some)), float(len(some))) for g, some in members.items()}

    def groups_in(self) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for some in self.members().values():
            for one in some:
                found[one] += 1
        return found

    def speaker_share(self) -> dict[str, Number]:
        spoke = self.said.groupby("group_id").member_id.agg(set).to_dict()
        return {
            group: (float(len(some & spoke.get(group, set()))), float(len(some)))
            for group, some in self.members().items()
            if group in self.heard
        }

    def shared(self) -> dict[tuple[str, str], int]:
        """How many members two groups share, of those that share any."""
        members = self.members()
        both = {
            (a, b): len(members[a] & members[b])
            for a, b in combinations(sorted(members), 2)
        }  # fmt: skip
        return {pair: count for pair, count in both.items() if count}

    # ---- people -----------------------------------------------------------------------------------

    def of_people(self) -> dict[str, dict[str, float]]:
        """What is said of each person, by metric: of all who spoke."""
        lately = self._last(90)
        answered: dict[str, set[str]] = defaultdict(set)
        for _, a, b, _ in self.links():
            answered[b].add(a)
        people = sorted(set(self.ever.member_id))
        return {
            "messages": _filled(self.said.groupby("member_id").size().to_dict(), people),
            "active_days_90d": _filled(lately.groupby("member_id").day.nunique().to_dict(), people),
            "influence": _filled({one: len(some) for one, some in answered.items()}, people),
            "groups_in": _filled(self.groups_in(), people),
        }


def _filled(counted: dict[str, int], people: Iterable[str]) -> dict[str, float]:
    return {one: float(counted.get(one, 0)) for one in people}
