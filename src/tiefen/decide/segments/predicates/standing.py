"""阶梯、角色与 RFM — where somebody stands, as of the reading."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tiefen.decide.segments.predicates.base import FALSE, TRUE, Calling, Predicate, Sentence, Span, of_all_time, shown
from tiefen.insight.expressions import ir
from tiefen.insight.ladder import LADDER

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene

_RUNGS = [["none", "未触达", "none"], *([rung.key, rung.zh, rung.en] for rung in LADDER)]
_ROLES = [
    ["advertiser", "广告号", "advertiser"], ["leader", "意见领袖", "leader"], ["advocate", "准 KOC", "would-be leader"],
    ["rising", "上升中", "rising"], ["core", "核心", "core"], ["regular", "普通", "regular"],
    ["newcomer", "新人", "newcomer"], ["dormant", "沉默", "dormant"], ["lurker", "潜水", "lurker"],
]  # fmt: skip
_ROLE = {key: (zh, en) for key, zh, en in _ROLES}
_RUNG = {key: (zh, en) for key, zh, en in _RUNGS}
Score = Annotated[int, shown("score", "分", "score", ge=1, le=5)]


class _Column(Predicate, frozen=True, kw_only=True):
    """A column of the reading's table of persons is one of some values."""

    def _column(self) -> str:
        raise NotImplementedError

    def _wanted(self) -> tuple[str, ...]:
        raise NotImplementedError

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        return TRUE if any(row.get(self._column()) in self._wanted() for row in one.numbers) else FALSE

    def where(self, scene: Scene) -> ir.Table:
        numbers = scene.numbers()
        if numbers is None:
            return scene.nobody()
        return of_all_time(numbers.filter(numbers[self._column()].cast("string").isin(self._wanted())))

    def needs(self) -> Collection[str]:
        return (f"number:{self._column()}",)

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        return [{"metric": self._column(), "value": row.get(self._column())} for row in one.numbers]


class OnRung(_Column, frozen=True, kw_only=True, tag="on_rung"):
    """Stands on one of these rungs of the ladder."""

    title = ("成长阶梯", "Rung of the ladder")

    rungs: Annotated[
        tuple[Literal["none", "customer", "user", "fan", "superfan"], ...],
        shown("choices", "阶梯", "rungs", options=_RUNGS, min_length=1),
    ]

    def _column(self) -> str:
        return "rung"

    def _wanted(self) -> tuple[str, ...]:
        return self.rungs

    def said(self, called: Calling) -> Sentence:
        return f"是{'或'.join(_RUNG[r][0] for r in self.rungs)}", f"is a {' or '.join(_RUNG[r][1] for r in self.rungs)}"


class HasRole(_Column, frozen=True, kw_only=True, tag="has_role"):
    """Has one of these roles over all their groups."""

    title = ("群内角色", "Role in groups")

    roles: Annotated[
        tuple[
            Literal["advertiser", "leader", "advocate", "rising", "core", "regular", "newcomer", "dormant", "lurker"],
            ...,
        ],
        shown("choices", "角色", "roles", options=_ROLES, min_length=1),
    ]

    def _column(self) -> str:
        return "role"

    def _wanted(self) -> tuple[str, ...]:
        return self.roles

    def said(self, called: Calling) -> Sentence:
        zh, en = ("或".join(_ROLE[r][0] for r in self.roles), " or ".join(_ROLE[r][1] for r in self.roles))
        return f"群内角色是{zh}", f"role in groups is {en}"


class Rfm(_Column, frozen=True, kw_only=True, tag="rfm"):
    """Of buyers: recency, frequency and money each score from so much up to so much, 1 worst and 5 best."""

    title = ("RFM 分层", "RFM cell")

    r_least: Score = 1
    r_most: Score = 5
    f_least: Score = 1
    f_most: Score = 5
    m_least: Score = 1
    m_most: Score = 5

    def wrong(self) -> str | None:
        low = self.r_least > self.r_most or self.f_least > self.f_most or self.m_least > self.m_most
        return "a lower bound is above its upper one" if low else None

    def _column(self) -> str:
        return "rfm_cell"

    def _wanted(self) -> tuple[str, ...]:
        return tuple(
            f"{r}{f}{m}"
            for r in range(self.r_least, self.r_most + 1)
            for f in range(self.f_least, self.f_most + 1)
            for m in range(self.m_least, self.m_most + 1)
        )

    def said(self, called: Calling) -> Sentence:
        sides = (("R", self.r_least, self.r_most), ("F", self.f_least, self.f_most), ("M", self.m_least, self.m_most))
        told = "、".join(f"{side} {low}–{most}" for side, low, most in sides if (low, most) != (1, 5))
        return f"RFM：{told or '买过即可'}", f"RFM: {told.replace('、', ', ') or 'any buyer'}"
