"""Texts with variables (变量): `{{ name | or_else("朋友") }}`. Variables with fallbacks and nothing else: no code, no loops.

Jinja2's sandbox reads the text; what it read is kept as plain parts and joined here, so that nothing is ever run. A name that
holds `{{ … }}` itself stays a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import msgspec
from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tiefen.act.message import Link, Message, MiniProgram
from tiefen.act.variables import BY_NAME
from tiefen.kit.errors import TiefenError
from tiefen.kit.text import clean

MOST_BYTES = 4_000
"""Of a text as it goes out (https://developer.work.weixin.qq.com/document/path/92135)."""
MOST_CHARACTERS = 8_000
"""Of a text as it is written: a limit on what reading it may cost."""
MOST_VALUE = 120
"""Characters of one value: a name of a thousand letters is nobody's name."""
_BRACES = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_FULL_WIDTH = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "｜": "|", "（": "(", "）": ")"})
_OR_ELSE = "or_else"


@dataclass(eq=False)
class BadTemplate(TiefenError):
    says = "Line {line} of the text cannot be: {why}. Only variables and fallbacks are possible."

    line: int
    why: str


@dataclass(eq=False)
class UnknownVariable(TiefenError):
    says = "Line {line} of the text names a variable {name}, which there is not."

    line: int
    name: str


@dataclass(eq=False)
class TextTooLong(TiefenError):
    says = "The text has {length} characters; {most} are possible."

    length: int
    most: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a variable; without a fallback, whoever has no value for it gets nothing."""

    key: str
    fallback: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """A text in parts."""

    parts: tuple[str | Slot, ...]

    @property
    def slots(self) -> Iterator[Slot]:
        return (part for part in self.parts if isinstance(part, Slot))

    def missing(self, values: Mapping[str, str]) -> set[str]:
        """The variables that have neither a value nor a fallback."""
        return {slot.key for slot in self.slots if slot.fallback is None and not values.get(slot.key)}

    def filled(self, values: Mapping[str, str], *, in_address: bool = False) -> str:
        """The text with everything filled in; `in_address` for a part of a URL."""
        return "".join(part if isinstance(part, str) else _value(part, values, in_address) for part in self.parts)


def _value(slot: Slot, values: Mapping[str, str], in_address: bool) -> str:
    found = clean(values.get(slot.key) or slot.fallback or "").strip()[:MOST_VALUE]
    return quote(found, safe="") if in_address else found


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(keep_trailing_newline=True, autoescape=False)
    # The only filter there is; it is read and never run.
    made.filters = {_OR_ELSE: lambda value, otherwise: value or otherwise}
    made.globals, made.tests = {}, {}
    return made


_READER = _environment()


@lru_cache(maxsize=512)
def read(text: str) -> Template:
    """The parts of a text; what is not allowed in it raises with its place. Full-width quotes within braces are as good as plain ones."""
    if len(text) > MOST_CHARACTERS:
        raise TextTooLong(len(text), MOST_CHARACTERS)
    plain = _BRACES.sub(lambda found: found.group(0).translate(_FULL_WIDTH), text)
    try:
        body = _READER.parse(plain).body
    except TemplateSyntaxError as error:
        raise BadTemplate(error.lineno, (error.message or "it cannot be read").rstrip(".")) from None
    except RecursionError:
        raise BadTemplate(1, "it is too deeply nested") from None
    parts: list[str | Slot] = []
    for node in body:
        if not isinstance(node, nodes.Output):
            raise BadTemplate(node.lineno, f"a “{type(node).__name__.lower()}” block is code")
        parts += [_part(inner) for inner in node.nodes]
    return Template(tuple(parts))


def _part(node: nodes.Node) -> str | Slot:
    match node:
        case nodes.TemplateData(data=data):
            return data
        case nodes.Name(name=name):
            return Slot(_key(name, node.lineno), None)
        case nodes.Filter(
            node=nodes.Name(name=name), name=filter_name, args=args, kwargs=[], dyn_args=None, dyn_kwargs=None
        ):
            match args:
                case [nodes.Const(value=str(otherwise))] if filter_name == _OR_ELSE:
                    return Slot(_key(name, node.lineno), otherwise)
            raise BadTemplate(node.lineno, f'a fallback is written {{{{ {name} | {_OR_ELSE}("…") }}}}')
    raise BadTemplate(node.lineno, f"a “{type(node).__name__.lower()}” is code")


def _key(name: str, line: int) -> str:
    variable = BY_NAME.get(name)
    if variable is None:
        raise UnknownVariable(line, name)
    return variable.key


# ---- whole messages -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refused:
    """Why somebody can be said nothing: what is missing, or by how much it became too long."""

    reason: str
    """missing_variable or too_long."""
    variables: tuple[str, ...] = ()


@dataclass(slots=True)
class Rendered:
    """A set of people by what is said to each, and who can be said nothing."""

    said: dict[Message, list[int]] = field(default_factory=dict)
    refused: dict[Refused, list[int]] = field(default_factory=dict)


def variables_in(message: Message) -> frozenset[str]:
    """The variables that a message needs."""
    return frozenset(slot.key for text in _texts(message) for slot in read(text).slots)


def without_fallback(message: Message) -> frozenset[str]:
    """The variables for which somebody could be left out."""
    return frozenset(slot.key for text in _texts(message) for slot in read(text).slots if slot.fallback is None)


def checked(message: Message) -> None:
    """Raise what is wrong with any of a message's texts."""
    for text in _texts(message):
        read(text)


def fill(message: Message, values: Mapping[str, str]) -> Message | Refused:
    """A message for somebody of whom these values are known."""
    missing = {key for text in _texts(message) for key in read(text).missing(values)}
    if missing:
        return Refused("missing_variable", tuple(sorted(missing)))
    text = read(message.text).filled(values)
    if len(text.encode()) > MOST_BYTES:
        return Refused("too_long")
    attachments = tuple(_filled(attachment, values) for attachment in message.attachments)
    return msgspec.structs.replace(message, text=text, attachments=attachments)


def render(message: Message, people: Sequence[int], values: Mapping[int, Mapping[str, str]]) -> Rendered:
    """A message for many at once: whoever shares the values it needs shares the words."""
    needed = sorted(variables_in(message))
    alike: dict[tuple[str, ...], list[int]] = {}
    for person in people:
        of = values.get(person, {})
        alike.setdefault(tuple(of.get(key, "") for key in needed), []).append(person)
    done = Rendered()
    for held, some in alike.items():
        match fill(message, dict(zip(needed, held, strict=True))):
            case Refused() as refused:
                done.refused.setdefault(refused, []).extend(some)
            case said:
                done.said.setdefault(said, []).extend(some)
    return done


def _filled(attachment: Any, values: Mapping[str, str]) -> Any:
    match attachment:
        case Link(title=title, url=url, description=description):
            return msgspec.structs.replace(
                attachment, title=read(title).filled(values), url=read(url).filled(values, in_address=True),
                description=read(description).filled(values),
            )  # fmt: skip
        case MiniProgram(title=title, page=page):
            return msgspec.structs.replace(
                attachment, title=read(title).filled(values), page=read(page).filled(values, in_address=True)
            )
    return attachment


def _texts(message: Message) -> Iterable[str]:
    yield message.text
    for attachment in message.attachments:
        match attachment:
            case Link(title=title, url=url, description=description):
                yield from (title, url, description)
            case MiniProgram(title=title, page=page):
                yield from (title, page)
