"""变量 — whether every variable can be filled in for whom the text is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tiefen.act import templates
from tiefen.act.copy_checks.check import Check, Copy, Finding, Place
from tiefen.act.message import Link, MiniProgram
from tiefen.act.templates import BadTemplate, TextTooLong, UnknownVariable
from tiefen.act.variables import BY_KEY

_SLOT = re.compile(r"\{[\{%#].*?[\}%#]\}|\{\{.*", re.DOTALL)


def _find(copy: Copy) -> Iterator[Finding]:
    for where, text in _templates(copy):
        first = _SLOT.search(text)
        start, end = first.span() if first else (0, 0)
        at: Place = {"where": where, "start": start, "end": end, "quote": text[start:end][:80]}
        try:
            read = templates.read(text)
        except UnknownVariable as error:
            yield Finding(
                severity="stop", **at, zh=f"第 {error.line} 行：没有叫“{error.name}”的变量。",
                en=f"Line {error.line}: there is no variable “{error.name}”.",
                todo_zh="从变量列表里选。", todo_en="Pick one from the list of variables.",
            )  # fmt: skip
            continue
        except BadTemplate as error:
            yield Finding(
                severity="stop", **at, zh=f"第 {error.line} 行：只能写变量和替代词，例如 {{{{ name | or_else(\"朋友\") }}}}。",
                en=f"Line {error.line}: only variables and fallbacks are possible ({error.why}).",
                todo_zh="删掉，或从变量列表里重新插入。", todo_en="Take it out, or insert it anew from the list of variables.",
            )  # fmt: skip
            continue
        except TextTooLong:
            continue  # said by the check of sizes
        yield from _fitting(copy, {slot.key: slot.fallback for slot in read.slots}, at)


def _fitting(copy: Copy, slots: dict[str, str | None], at: Place) -> Iterator[Finding]:
    to = "group" if copy.channel == "group" else "person"
    for key, fallback in slots.items():
        variable = BY_KEY[key]
        if variable.of not in (to, "both"):
            zh, en = ("群", "a group") if to == "group" else ("个人", "a person")
            yield Finding(
                severity="stop", **at, zh=f"“{variable.zh}”不能用在发给{zh}的消息里。", en=f"“{variable.en}” is nothing that is known of {en}.",
                todo_zh="换一个变量。", todo_en="Use another variable.",
            )  # fmt: skip
        elif fallback is None:
            yield Finding(
                severity="warn", **at, zh=f"“{variable.zh}”没有替代词：不知道的人会收不到。",
                en=f"“{variable.en}” has no fallback: whoever it is not known of gets nothing.",
                todo_zh=f"写成 {{{{ {key} | or_else(\"{variable.fallback}\") }}}}。", todo_en=f'Write {{{{ {key} | or_else("…") }}}}.',
            )  # fmt: skip


def _templates(copy: Copy) -> Iterator[tuple[str, str]]:
    yield from copy.fields
    for number, attachment in enumerate(copy.message.attachments):
        match attachment:
            case Link(url=url):
                yield f"attachments.{number}.url", url
            case MiniProgram(page=page):
                yield f"attachments.{number}.page", page


CHECK = Check("variables", "变量", "Variables", "src/tiefen/act/templates.py", _find)
