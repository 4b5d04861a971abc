"""Facts as they are kept: small integers in place of outer ids, defaults left out, one JSON body a fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from tiefen.kit.text import clean_values
from tiefen.ledger.facts import KINDS, Fact, Id, columns


class _Shape(NamedTuple):
    """How one kind is kept."""

    kept: type[msgspec.Struct]
    encode: Callable[[Fact, Mapping[Id, int], Mapping[str, int], Mapping[str, int]], Any]
    gather: Callable[[Fact, set[Id], set[str], set[str]], None]
    decoder: msgspec.json.Decoder[Any]


_encoder = msgspec.json.Encoder()


def body_of(
    fact: Fact, people: Mapping[Id, int], groups: Mapping[str, int], sources: Mapping[str, int]
) -> tuple[Any, str]:
    """The kept struct of a fact, and the same as JSON."""
    kept = _SHAPES[fact.kind].encode(fact, people, groups, sources)
    try:
        return kept, _encoder.encode(kept).decode()
    except UnicodeEncodeError:
        kept = msgspec.convert(clean_values(msgspec.to_builtins(kept)), type(kept))
        return kept, _encoder.encode(kept).decode()


def gather(fact: Fact, people: set[Id], groups: set[str], sources: set[str]) -> None:
    """Add everybody and everything a fact names to the sets."""
    _SHAPES[fact.kind].gather(fact, people, groups, sources)


def decode(kind: str, body: str | bytes) -> Any:
    """A kept body as a struct whose attributes are `columns(kind)`, defaults restored."""
    return _SHAPES[kind].decoder.decode(body)


def decoder(kind: str) -> Callable[[str | bytes], Any]:
    """The decoder of one kind, for many bodies in a row."""
    return _SHAPES[kind].decoder.decode


def encode(kind: str, **fields: Any) -> str:
    """A body from fields that are integers already, e.g. of a merge."""
    return _encoder.encode(_SHAPES[kind].kept(**fields)).decode()


def actor(fact: Any) -> Any:
    """Whose doing a fact is, kept or on its way in; None where it is nobody's."""
    return getattr(fact, "member", None) or getattr(fact, "person", None)


def impersonal(body: Any) -> tuple[Any, str]:
    """A kept body without what could tell whose it is: digests of words, and properties of an event."""
    left = {name: value for name, value in PERSONAL.items() if name in body.__struct_fields__}
    body = msgspec.structs.replace(body, **left)
    return body, _encoder.encode(body).decode()


def _shape(kind: type[Fact]) -> _Shape:
    """Derived once per kind. The two functions are written out as source, since they run for every fact."""
    defaults = dict(zip(reversed(kind.__struct_fields__), reversed(kind.__struct_defaults__), strict=False))
    fields: list[Any] = []
    values, lines = [], []
    for column in columns(kind):
        name, ref = column.name, column.ref
        plain: Any = _hint(kind, name) if not ref else tuple[int, ...] if column.many else int | None
        default = defaults.get(name, msgspec.NODEFAULT)
        fields.append((name, plain) if default is msgspec.NODEFAULT else (name, plain, default))
        value = f"f.{name}"
        if ref:
            where = {"person": "people", "group": "groups", "source": "sources"}[ref]
            if column.many:
                values.append(f"tuple({where}[x] for x in {value}) if {value} else ()")
                lines.append(f"    if {value}: {where}.update({value})")
            else:
                values.append(f"None if {value} is None else {where}[{value}]")
                lines.append(f"    if {value} is not None: {where}.add({value})")
        else:
            values.append(value)
    kept = msgspec.defstruct(f"Kept{kind.__name__}", fields, omit_defaults=True, frozen=True, gc=False)
    scope: dict[str, Any] = {"kept": kept}
    source = [
        "def encode(f, people, groups, sources):",
        f"    return kept({', '.join(values)})",
        "def gather(f, people, groups, sources):",
        *(lines or ["    pass"]),
    ]
    exec("\n".join(source), scope)
    return _Shape(kept, scope["encode"], scope["gather"], msgspec.json.Decoder(kept))


def _hint(kind: type[Fact], name: str) -> Any:
    hints: dict[str, Any] = {}
    for cls in reversed(kind.__mro__):
        hints.update(getattr(cls, "__annotations__", {}))
    return hints[name]


_SHAPES = {kind.kind: _shape(kind) for kind in KINDS}

PERSONAL: dict[str, Any] = {"text_hash": None, "properties": "{}", "referrer": None}
"""Fields of facts that could tell who somebody is, and what they are once that person is erased."""
