"""What a fact is made of, and how its fields become columns."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, NamedTuple, get_args, get_origin, get_type_hints

import msgspec
import pyarrow as pa


class Id(NamedTuple):
    """One name the world has for somebody, e.g. `Id("phone", "13800000000")`.

    `type` is one of `tiefen.ledger.identity.ID_TYPES`; `value` is kept as given.
    """

    type: str
    value: str


class _Ref:
    """Marks a field that names somebody or something; the store keeps a small integer in its place."""

    def __init__(self, to: str) -> None:
        self.to = to


PersonRef = Annotated[Id, _Ref("person")]
"""Somebody: an `Id` on the way in, a handle (int64, see `ledger.identity`) once kept."""
GroupRef = Annotated[str, _Ref("group")]
"""A group: its outer id (`chat_id`, room id) on the way in, `group_id` (int64) once kept."""
SourceRef = Annotated[str, _Ref("source")]
"""Where people come from (渠道): its name on the way in, `source_id` (int64) once kept."""


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something that happened. Appended once, never edited, and without names or words.

    A subclass is one kind; its own fields are the body. The common part:
    """

    kind: ClassVar[str]
    title: ClassVar[tuple[str, str]]
    """What the console calls the kind: Chinese, English."""
    own: ClassVar[bool] = False
    """A note of ours (who is who, who is in what, what staff are asked for), and nothing that was heard of the world."""

    happened_us: int
    """When it happened in the world, microseconds since 1970 UTC."""
    source_id: str
    """Stable per occurrence, so that a redelivery lands on the same row."""


class Column(NamedTuple):
    """One field of a kind as a column of the lake."""

    name: str
    arrow: pa.DataType
    ref: str | None
    """`person`, `group`, `source`, or None for a plain value."""
    many: bool


_PLAIN: dict[Any, pa.DataType] = {str: pa.string(), int: pa.int64(), bool: pa.bool_(), float: pa.float64()}
COMMON = ("happened_us", "source_id")


def columns(kind: type[Fact]) -> list[Column]:
    """The body of a kind as columns, in the order of its fields."""
    hints = get_type_hints(kind, include_extras=True)
    return [_column(name, hints[name]) for name in kind.__struct_fields__ if name not in COMMON]


def _column(name: str, hint: Any) -> Column:
    if not _is_ref(hint) and type(None) in get_args(hint):
        hint = next(arg for arg in get_args(hint) if arg is not type(None))
    if get_origin(hint) is tuple:
        inner = _column(name, get_args(hint)[0])
        return inner._replace(arrow=pa.list_(inner.arrow), many=True)
    if _is_ref(hint):
        return Column(name, pa.int64(), hint.__metadata__[0].to, many=False)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        fields = get_type_hints(hint)
        return Column(name, pa.struct([(f, _PLAIN[fields[f]]) for f in hint.__struct_fields__]), None, many=False)
    return Column(name, _PLAIN[hint], None, many=False)


def _is_ref(hint: Any) -> bool:
    return get_origin(hint) is Annotated and isinstance(hint.__metadata__[0], _Ref)
