"""Texts with variables: what may be in them, what is filled in, and whom they cannot be said to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiefen.act import templates
from tiefen.act.message import Link, Message
from tiefen.act.templates import BadTemplate, Refused, TextTooLong, UnknownVariable

HELLO = '{{ name | or_else("朋友") }}，新茶到了'


def text_for(text: str, **values: str) -> str:
    said = templates.fill(Message(text=text), values)
    assert isinstance(said, Message)
    return said.text


def test_a_variable_is_filled_in_and_a_fallback_stands_for_what_is_not_known() -> None:
    assert text_for(HELLO, name="黛玉") == "黛玉，新茶到了"
    assert text_for(HELLO) == "朋友，新茶到了"
    assert text_for(HELLO, name="") == "朋友，新茶到了"


def test_variables_may_be_named_in_chinese_and_quoted_as_a_chinese_keyboard_does() -> None:
    assert text_for("{{ 称呼 ｜ or_else（“朋友”） }}好“呀”") == "朋友好“呀”"


def test_who_has_no_value_and_no_fallback_is_refused_with_what_is_missing() -> None:
    assert templates.fill(Message(text="{{ city }}的{{ name }}"), {"name": "黛玉"}) == Refused(
        "missing_variable", ("city",)
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{% for x in y %}{{ name }}{% endfor %}", 1),
        ("一行\n{% if name %}嗨{% endif %}", 2),
        ("{{ name.__class__ }}", 1),
        ("{{ name['x'] }}", 1),
        ("{{ name() }}", 1),
        ("{{ 7 * 7 }}", 1),
        ('{{ "x" }}', 1),
        ("{{ name | upper }}", 1),
        ("{{ name | or_else(name) }}", 1),
        ('{{ name | or_else("a", "b") }}', 1),
        ('{{ name | or_else("a") | or_else("b") }}', 1),
        ("第一\n第二\n{{ name", 3),
        ("{{ }}", 1),
        ("{% set name = 1 %}", 1),
        ("{% include 'x' %}", 1),
        ("{{ " + "(" * 3000 + "name" + ")" * 3000 + " }}", 1),
    ],
)
def test_code_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(BadTemplate) as no:
        templates.read(text)
    assert no.value.line == line
    assert str(line) in str(no.value)


def test_a_variable_that_there_is_not_is_refused_by_its_name() -> None:
    with pytest.raises(UnknownVariable) as no:
        templates.read("好\n{{ password }}")
    assert (no.value.line, no.value.name) == (2, "password")


def test_a_text_that_would_take_long_to_read_is_not_read() -> None:
    with pytest.raises(TextTooLong):
        templates.read("字" * 8_001)


def test_a_name_full_of_braces_stays_a_name() -> None:
    assert text_for(HELLO, name="{{ city }}{% raw %}") == "{{ city }}{% raw %}，新茶到了"


def test_a_name_of_a_thousand_letters_is_cut_and_a_text_of_over_4000_bytes_refused() -> None:
    assert text_for(HELLO, name="长" * 1_000) == "长" * 120 + "，新茶到了"
    assert templates.fill(Message(text="字" * 1_331 + "{{ name }}"), {"name": "长名字"}) == Refused("too_long")


def test_values_in_an_address_are_escaped() -> None:
    link = Link(title="{{ name }}的茶单", url='https://shop.example/t?who={{ name | or_else("x") }}&a=1')

    said = templates.fill(Message(attachments=(link,)), {"name": "a&b 玉"})

    assert isinstance(said, Message)
    assert said.attachments == (Link(title="a&b 玉的茶单", url="https://shop.example/t?who=a%26b%20%E7%8E%89&a=1"),)


def test_whoever_shares_the_values_shares_the_content() -> None:
    values = {1: {"name": "玉", "city": "苏州"}, 2: {"name": "玉", "city": "金陵"}, 3: {"name": "云"}}

    done = templates.render(Message(text="{{ name }}好"), [1, 2, 3, 4], values)

    assert {said.text: people for said, people in done.said.items()} == {"玉好": [1, 2], "云好": [3]}
    assert done.refused == {Refused("missing_variable", ("name",)): [4]}


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_without_braces_stays_as_it_is(text: str) -> None:
    try:
        read = templates.read(text)
    except (BadTemplate, UnknownVariable):
        assert "{{" in text or "{%" in text or "{#" in text
        return
    if "{" not in text:
        assert read.filled({}) == text.replace("\r\n", "\n").replace("\r", "\n")
