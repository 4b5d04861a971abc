"""Blocked words 敏感词 (https://developer.work.weixin.qq.com/document/path/95097)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.checks import at_most, between, one_of, some
from tiefen.wecom.client.wire import Reply, given


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """Whose messages are looked at."""

    user_list: tuple[str, ...] = ()
    department_list: tuple[int, ...] = ()


class RuleHead(msgspec.Struct, frozen=True, kw_only=True):
    rule_id: str
    rule_name: str = ""
    create_time: int = 0


class ExtraRule(msgspec.Struct, frozen=True, kw_only=True):
    semantics_list: tuple[int, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    rule_id: str | int = ""
    """A number here, a text where the rule was made."""
    rule_name: str = ""
    word_list: tuple[str, ...] = ()
    semantics_list: tuple[int, ...] = ()
    """1 phone numbers, 2 mail addresses, 3 red packets."""
    extra_rule: ExtraRule | None = None
    """The same where WeCom answers with it here."""
    intercept_type: int = 0
    """1 block, 2 warn."""
    applicable_range: Range = msgspec.field(default_factory=Range)


class NewRule(Reply, frozen=True, kw_only=True):
    rule_id: str


class RuleHeads(Reply, frozen=True, kw_only=True):
    rule_list: tuple[RuleHead, ...] = ()


class RuleReply(Reply, frozen=True, kw_only=True):
    rule: Rule


class BlockedWords:
    """Rules that act in the client on what staff write; 100 a corp. WeCom tells of no hit without the paid archive."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def add_intercept_rule(
        self, rule_name: str, words: Sequence[str], *, intercept_type: int = 2, userids: Sequence[str] = (),
        departments: Sequence[int] = (), semantics: Sequence[int] = (),
    ) -> str:  # fmt: skip
        """Make a rule of ≤ 300 words; returns its id."""
        endpoint = "externalcontact/add_intercept_rule"
        _check(endpoint, rule_name, words, intercept_type, semantics)
        some(endpoint, "word_list", words)
        some(endpoint, "applicable_range", [*userids, *departments])
        body = given(
            rule_name=rule_name, word_list=list(words), semantics_list=list(semantics) or None,
            intercept_type=intercept_type, applicable_range=_range(endpoint, userids, departments),
        )  # fmt: skip
        return self._api.do(endpoint, NewRule, body).rule_id

    def get_intercept_rule_list(self) -> tuple[RuleHead, ...]:
        return self._api.get("externalcontact/get_intercept_rule_list", RuleHeads).rule_list

    def get_intercept_rule(self, rule_id: str) -> Rule:
        return self._api.ask("externalcontact/get_intercept_rule", RuleReply, {"rule_id": rule_id}).rule

    def update_intercept_rule(
        self, rule_id: str, *, rule_name: str | None = None, words: Sequence[str] | None = None,
        semantics: Sequence[int] | None = None, intercept_type: int | None = None,
        add: Range | None = None, remove: Range | None = None,
    ) -> None:  # fmt: skip
        """Change a rule; words and semantics are overwritten, whom it is for is added to and taken from."""
        endpoint = "externalcontact/update_intercept_rule"
        _check(endpoint, rule_name, words, intercept_type, semantics or ())
        # Here, unlike when a rule is made, the semantics stand inside `extra_rule`.
        extra = None if semantics is None else {"semantics_list": list(semantics)}
        body = given(
            rule_id=rule_id, rule_name=rule_name, word_list=None if words is None else list(words), extra_rule=extra,
            intercept_type=intercept_type,
            add_applicable_range=None if add is None else _range(endpoint, add.user_list, add.department_list),
            remove_applicable_range=None if remove is None else _range(endpoint, remove.user_list, remove.department_list),
        )  # fmt: skip
        self._api.do(endpoint, Reply, body, ("rule", rule_id))

    def del_intercept_rule(self, rule_id: str) -> None:
        self._api.do("externalcontact/del_intercept_rule", Reply, {"rule_id": rule_id}, ("rule", rule_id))


def _check(
    endpoint: str, name: str | None, words: Sequence[str] | None, intercept_type: int | None, semantics: Sequence[int]
) -> None:
    if name is not None:
        between(endpoint, "rule_name", len(name), 1, 20)
    at_most(endpoint, "word_list", words, 300)
    for word in words or ():
        between(endpoint, "word_list item", len(word), 1, 32)
    if intercept_type is not None:
        one_of(endpoint, "intercept_type", intercept_type, (1, 2))
    for number in semantics:
        one_of(endpoint, "semantics_list item", number, (1, 2, 3))


def _range(endpoint: str, userids: Sequence[str], departments: Sequence[int]) -> dict[str, object]:
    at_most(endpoint, "user_list", userids, 1_000)
    at_most(endpoint, "department_list", departments, 1_000)
    return given(user_list=list(userids) or None, department_list=list(departments) or None)
