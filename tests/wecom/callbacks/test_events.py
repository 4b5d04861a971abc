"""Reading events: what stands in them, and what is refused before it can do harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiefen.wecom.events import MOST_BYTES, Unreadable, parse, texts_of

JOINED = """<xml><ToUserName><![CDATA[ww1]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>
<CreateTime>1750000000</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_external_chat]]></Event>
<ChangeType><![CDATA[update]]></ChangeType><ChatId><![CDATA[wr_poetry]]></ChatId>
<UpdateDetail><![CDATA[add_member]]></UpdateDetail><JoinScene>3</JoinScene><MemChangeCnt>2</MemChangeCnt>
<MemChangeList><Item><![CDATA[wm_daiyu]]></Item><Item><![CDATA[wm_baochai]]></Item></MemChangeList>
<LastMemVer><![CDATA[a1]]></LastMemVer><CurMemVer><![CDATA[a2]]></CurMemVer></xml>"""


def read(xml: str | bytes) -> object:
    return parse(xml if isinstance(xml, bytes) else xml.encode(), 1)


def test_an_event_is_read_with_its_members_and_its_fields() -> None:
    event = parse(JOINED.encode(), 42)

    assert (event.event, event.change) == ("change_external_chat", "update")
    assert (event.at_us, event.received_us) == (1_750_000_000_000_000, 42)
    assert event.members == ("wm_daiyu", "wm_baochai")
    assert event.fields == {
        "ChatId": "wr_poetry", "UpdateDetail": "add_member", "JoinScene": "3", "MemChangeCnt": "2",
        "LastMemVer": "a1", "CurMemVer": "a2",
    }  # fmt: skip
    assert event.known


def test_the_same_content_has_the_same_key_whenever_it_comes() -> None:
    assert parse(JOINED.encode(), 1).key == parse(JOINED.encode(), 2).key


def test_two_customers_in_one_second_are_two() -> None:
    def added(whom: str) -> str:
        return parse(
            f"<xml><CreateTime>7</CreateTime><Event>change_external_contact</Event><ExternalUserID>{whom}</ExternalUserID></xml>".encode(),
            1,
        ).key

    assert added("wm_daiyu") != added("wm_baochai")


def test_keys_grow_with_the_time_of_what_happened() -> None:
    keys = [
        parse(f"<xml><CreateTime>{at}</CreateTime><Event>e</Event></xml>".encode(), 1).key for at in (9, 10, 1 << 30)
    ]

    assert keys == sorted(keys)


def test_an_event_nobody_has_described_is_read_all_the_same() -> None:
    event = parse(
        b"<xml><CreateTime>7</CreateTime><Event>kf_msg</Event><New><Deep>1</Deep><Deep>2</Deep></New></xml>", 1
    )

    assert not event.known
    assert (event.event, event.change, event.fields) == ("kf_msg", "", {"New/Deep": "1,2"})


def test_a_message_that_is_no_event_has_its_type_for_a_name() -> None:
    assert parse(b"<xml><CreateTime>7</CreateTime><MsgType>text</MsgType></xml>", 1).event == "text"


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9))
    + "]><xml><CreateTime>7</CreateTime><Event>&j;</Event></xml>"
)


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        (BOMB, "document type"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>', "document type"),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><Event>&e;</Event></xml>', "document type"),
        ("<xml><Event>&nothing;</Event></xml>", "undefined entity"),
        ("<a>" * 20 + "</a>" * 20, "too deep"),
        ("<a>" * 30_000 + "</a>" * 30_000, "too deep"),
        ("<xml>" + "<a/>" * 40_000 + "</xml>", "no CreateTime"),
        ("<xml>" + "a" * MOST_BYTES + "</xml>", "too large"),
        ("", "no element"),
        ("{}", "not well-formed"),
        ("<xml><Event>e</Event>", "no element"),
        ("<xml><Event>e</Event></xml>", "no CreateTime"),
        ("<xml><CreateTime>soon</CreateTime><Event>e</Event></xml>", "no CreateTime"),
        ("<xml><CreateTime>99999999999999</CreateTime><Event>e</Event></xml>", "no CreateTime"),
        ("<xml><CreateTime>٣</CreateTime><Event>e</Event></xml>", "no CreateTime"),
        ("<xml><CreateTime>7</CreateTime></xml>", "no Event"),
        (b"<xml><CreateTime>7</CreateTime><Event>\xff\xfe</Event></xml>", "not well-formed"),
        (b'<?xml version="1.0" encoding="utf-7"?><xml>+ADw-</xml>', "no CreateTime"),
    ],
)
def test_what_is_no_event_is_refused_with_why(xml: str | bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(xml)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037", "utf-7", "utf-8-sig"])
@pytest.mark.parametrize("declared", ["", '<?xml version="1.0" encoding="{}"?>'])
def test_no_encoding_smuggles_an_entity_in(encoding: str, declared: str) -> None:
    xml = (
        declared.format(encoding)
        + '<!DOCTYPE x [<!ENTITY e "c">]><xml><CreateTime>7</CreateTime><Event>&e;</Event></xml>'
    )

    with pytest.raises(Unreadable):
        parse(xml.encode(encoding), 1)


@given(st.binary(max_size=400))
def test_no_bytes_do_anything_but_read_or_be_refused(xml: bytes) -> None:
    try:
        parse(xml, 1)
    except Unreadable:
        return


@given(st.integers(0, len(JOINED)), st.binary(min_size=1, max_size=4))
def test_an_altered_event_reads_or_is_refused(place: int, put: bytes) -> None:
    xml = JOINED.encode()
    try:
        parse(xml[:place] + put + xml[place + len(put) :], 1)
    except Unreadable:
        return


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z][A-Za-z]{0,8}", fullmatch=True),
        st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn"))),
        max_size=6,
    )
)
def test_every_text_is_read_as_it_was_written(texts: dict[str, str]) -> None:
    inside = "".join(f"<{name}><![CDATA[{text.replace(']]>', '')}]]></{name}>" for name, text in texts.items())

    found = texts_of(f"<xml>{inside}</xml>".encode())

    assert found == {name: [text.replace("]]>", "").strip()] for name, text in texts.items()}
