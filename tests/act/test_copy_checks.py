"""What is found in a text before it goes out, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiefen.act.copy_checks import CHECKS, Copy, Found, look_at
from tiefen.act.message import Image, Link, Message, MiniProgram
from tiefen.act.proposal import Channel, Purpose

CALM = "黛玉，你上次问的碧螺春到了，明前的，我给你留了一罐。想看看的话回我一声。不想再收到，回复 T 就好。"


def found(text: str = "", *attachments: object, channel: Channel = "contact", purpose: Purpose = "sell", lately: tuple[str, ...] = ()) -> dict[str, Found]:  # fmt: skip
    message = Message(text=text, attachments=attachments)  # type: ignore[arg-type]
    return {
        one.check.key: one
        for one in reversed(look_at(Copy(message=message, channel=channel, purpose=purpose, lately=lately)))
    }


def severity(key: str, text: str = "", *attachments: object, **more: object) -> str | None:
    one = found(text, *attachments, **more).get(key)  # type: ignore[arg-type]
    return one.finding.severity if one else None


def test_a_calm_text_has_nothing_against_it() -> None:
    assert found(CALM) == {}


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("absolute_words", "国家级非遗工艺", "stop"),
        ("absolute_words", "这是最 佳的一款", "stop"),
        ("absolute_words", "全网最低价", "warn"),
        ("absolute_words", "我们追求最好", None),
        ("absolute_words", "最新到店，最后两天", None),
        ("medical_claims", "每天一杯降血压", "stop"),
        ("medical_claims", "排毒养颜", "warn"),
        ("medical_claims", "清香回甘", None),
        ("promised_returns", "零风险，年化 12%", "stop"),
        ("promised_returns", "学完包过", "stop"),
        ("promised_returns", "学完能看懂茶单", None),
        ("induced_sharing", "转发到朋友圈领红包", "stop"),
        ("induced_sharing", "分享给3位好友，免费得一份", "stop"),
        ("induced_sharing", "集 38 个赞换茶", "warn"),
        ("induced_sharing", "欢迎把喝茶的照片发到群里", None),
        ("sales_pressure", "赶紧抢购，限时秒杀，手慢无", "warn"),
        ("sales_pressure", "今天有新茶", None),
        ("links", "看这里 http://shop.example/a", "warn"),
        ("links", "看这里 https://shop.example/a，明天见", None),
        ("links", "看这里 https://192.168.1.4/a", "stop"),
        ("links", "看这里 https:///a", "stop"),
        ("links", "看这里 ftp://shop.example", "stop"),
        ("links", "看这里 https://没有点/", "stop"),
        ("links", "看这里 https://茶叶.中国/新", None),
        ("variables", "{{ name }}，你好", "warn"),
        ("variables", "{{ group_name }}的各位", "stop"),
        ("variables", "{% if name %}", "stop"),
        ("variables", "{{ wishes }}", "stop"),
        ("size", "", "stop"),
        ("size", "字" * 1_334, "stop"),
        ("size", "字" * 1_333, None),
        ("phone_screen", "字" * 17 * 15, "hint"),
        ("phone_screen", "行\n" * 30, "warn"),
        ("phone_screen", "字" * 17 * 14, None),
        ("opt_out_offered", "新茶到了", "hint"),
    ],
)  # fmt: skip
def test_each_check_finds_what_it_is_for(key: str, text: str, expected: str | None) -> None:
    assert severity(key, text) == expected


def test_what_is_said_again_within_a_week_is_told() -> None:
    assert severity("said_lately", CALM, lately=("新品到店", CALM.replace("黛玉", "宝钗"))) == "warn"
    assert severity("said_lately", CALM, lately=("明天读书会在藕香榭，七点开始",)) is None


def test_cards_are_looked_at_too() -> None:
    link = Link(title="国家级好茶", url="http://10.0.0.1/", description="转发后领券")

    seen = found("看看", link)

    assert seen["absolute_words"].finding.where == "attachments.0.title"
    assert seen["links"].finding.where == "attachments.0.url"
    assert seen["induced_sharing"].finding.where == "attachments.0.description"


def test_a_tenth_attachment_a_missing_file_and_half_a_mini_program_are_told() -> None:
    assert severity("size", "看", *[Image(file="a.jpg")] * 10) == "stop"
    assert severity("size", "看", Image(file="")) == "stop"
    assert severity("size", "看", MiniProgram(title="茶单", appid="wx1", page="", cover="c.jpg")) == "stop"
    assert severity("size", "看", Link(title="", url="https://shop.example")) == "stop"


def test_a_group_is_told_nothing_of_one_person_and_needs_no_way_to_opt_out() -> None:
    assert severity("variables", "{{ name }}", channel="group") == "stop"
    assert severity("variables", '{{ group_name | or_else("群") }}', channel="group") is None
    assert severity("opt_out_offered", "新茶到了", channel="group") is None


def test_a_finding_points_to_its_place_and_says_what_to_do_in_both_languages() -> None:
    finding = found("各位，国家级好茶")["absolute_words"].finding

    assert (finding.start, finding.end, finding.quote) == (3, 6, "国家级")
    assert "第九条" in finding.zh and "article 9" in finding.en and finding.todo_zh and finding.todo_en


def test_keys_are_distinct_and_every_check_says_what_it_stands_on() -> None:
    assert len({check.key for check in CHECKS}) == len(CHECKS)
    assert all(check.basis and check.zh and check.en for check in CHECKS)


@given(st.text(max_size=200))
def test_any_text_is_looked_at_and_places_are_within_it(text: str) -> None:
    for one in look_at(Copy(message=Message(text=text))):
        assert 0 <= one.finding.start <= one.finding.end <= len(text)
