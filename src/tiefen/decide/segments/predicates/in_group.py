"""在群 — is or was a member of groups, for at least so many days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tiefen.decide.segments.predicates import acts
from tiefen.decide.segments.predicates.base import NEVER, Calling, Predicate, Sentence, Span, shown
from tiefen.insight.expressions import ibis, ir
from tiefen.kit.clock import DAY_US, from_us
from tiefen.ledger.group_kinds import GROUP_KINDS, GroupKind

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen, Stay
    from tiefen.decide.segments.scene import Scene

Stage = Literal["introduction", "growth", "maturity", "decline", "dormant", "revived"]
_STAGES = [
    ["introduction", "导入期", "introduction"], ["growth", "成长期", "growth"], ["maturity", "成熟期", "maturity"],
    ["decline", "衰退期", "decline"], ["dormant", "沉默期", "dormant"], ["revived", "复活期", "revived"],
]  # fmt: skip
_STAGE = {key: (zh, en) for key, zh, en in _STAGES}
Role = Literal["leader", "rising", "core", "newcomer", "regular", "dormant", "lurker"]
_ROLES = [
    ["leader", "意见领袖", "leader"], ["rising", "上升中", "rising"], ["core", "核心", "core"],
    ["newcomer", "新人", "newcomer"], ["regular", "普通", "regular"], ["dormant", "沉默", "dormant"],
    ["lurker", "潜水", "lurker"],
]  # fmt: skip
_ROLE = {key: (zh, en) for key, zh, en in _ROLES}
_KINDS = [[key, zh, en] for key, (zh, en, *_) in GROUP_KINDS.items()]
GroupNumber = Annotated[int, shown("group", "社群", "group", ge=1, le=2**63 - 1)]


class InGroup(Predicate, frozen=True, kw_only=True, tag="in_group"):
    """Is in one of these groups (any, where none is named; or any that is of one of these kinds now, or at one of these stages as
    of the reading), in one of these roles there as of the reading where any is named, and has been for `stayed` days; with `ever`,
    was there for so long at some time."""

    title = ("在社群里", "Member of groups")

    groups: Annotated[tuple[GroupNumber, ...], shown("groups", "社群", "groups", max_length=acts.MOST_NAMED)] = ()
    kinds: Annotated[tuple[GroupKind, ...], shown("choices", "群类型", "kind of the group", options=_KINDS)] = ()
    stages: Annotated[tuple[Stage, ...], shown("choices", "群阶段", "stage of the group", options=_STAGES)] = ()
    roles: Annotated[tuple[Role, ...], shown("choices", "群内角色", "role in the group", options=_ROLES)] = ()
    stayed: Annotated[int, shown("days", "已待天数", "days stayed", ge=0, le=3_650)] = 0
    ever: Annotated[bool, shown("flag", "曾经也算", "or ever was")] = False

    def _stays(self, one: Seen) -> list[Stay]:
        return [
            stay for stay in one.stays
            if (not self.groups or stay.group in self.groups)
            and (not self.roles or any((stay.group, role) in one.roles for role in self.roles))
            and (not self.kinds or one.kinds.get(stay.group) in self.kinds)
            and (not self.stages or one.stages.get(stay.group, ("", ""))[0] in self.stages)
        ]  # fmt: skip

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        for stay in self._stays(one):
            begins, left = stay.joined_us + self.stayed * DAY_US, stay.left_us
            if left is None or begins <= left:
                yield Span(begins, NEVER if self.ever or left is None else left)

    def where(self, scene: Scene) -> ir.Table:
        stay = scene.t["stay"]
        if self.groups:
            stay = stay.filter(stay.group.isin(self.groups))
        if self.kinds:
            if scene.known.kinds is None:
                return scene.nobody()
            kinds = scene.given("rule_kinds", scene.known.kinds)
            stay = stay.semi_join(kinds.filter(kinds.kind.isin(self.kinds)), "group")
        if self.stages:
            if scene.known.stages is None:
                return scene.nobody()
            stages = scene.given("rule_stages", scene.known.stages)
            stay = stay.semi_join(stages.filter(stages.stage.isin(self.stages)), "group")
        if self.roles:
            if scene.known.roles is None:
                return scene.nobody()
            roles = scene.given("rule_roles", scene.known.roles)
            stay = stay.semi_join(roles.filter(roles.role.isin(self.roles)), ["group", "person"])
        begins, never = stay.joined_us + self.stayed * DAY_US, ibis.literal(NEVER, "int64")
        long_enough = stay.left_us.isnull() | (begins <= stay.left_us)
        ends = never if self.ever else ibis.coalesce(stay.left_us, never)
        return stay.filter(long_enough).select("person", starts=begins, ends=ends)

    def said(self, called: Calling) -> Sentence:
        named = [called("group", number) for number in self.groups[:5]] + (["…"] if len(self.groups) > 5 else [])
        zh, en = ("“" + "”“".join(named) + "”", " or ".join(named)) if named else ("任一群", "any group")
        if self.kinds:
            zh += f"（{'、'.join(GROUP_KINDS[k][0] for k in self.kinds)}）"
            en += f" of the kind {' or '.join(GROUP_KINDS[k][1] for k in self.kinds)}"
        if self.stages:
            zh += f"（{'、'.join(_STAGE[s][0] for s in self.stages)}）"
            en += f" at {' or '.join(_STAGE[s][1] for s in self.stages)}"
        role = ("", "")
        if self.roles:
            role = (
                f"当{'或'.join(_ROLE[r][0] for r in self.roles)}",
                f" as {' or '.join(_ROLE[r][1] for r in self.roles)}",
            )
        since = (f"至少 {self.stayed} 天", f" for at least {self.stayed} days") if self.stayed else ("", "")
        if self.ever:
            return f"曾在{zh}里{role[0]}待过{since[0]}", f"was ever in {en}{role[1]}{since[1]}"
        return f"在{zh}里{role[0]}{since[0]}", f"is in {en}{role[1]}{since[1]}"

    def reacts_to(self) -> Collection[str]:
        # Talking shows that somebody is there, even where nobody saw them join; a dismissed group ends all stays in it.
        there = ("member.joined", "member.left", "message.posted", "group.dismissed")
        # What a group is called tells its kind where nobody said one.
        return (*there, "group.kind_said", "group.renamed") if self.kinds else there

    def needs(self) -> Collection[str]:
        wanted = {"kinds": self.kinds, "stages": self.stages, "roles": self.roles}
        return tuple(name for name, some in wanted.items() if some)

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        return [
            {
                "stay": stay.group, "at": from_us(stay.joined_us),
                "left": None if stay.left_us is None else from_us(stay.left_us),
            }
            for stay in reversed(self._stays(one)[-10:])
        ]  # fmt: skip
