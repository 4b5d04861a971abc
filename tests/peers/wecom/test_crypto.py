"""Six implementations none of which is ours, and ours: whoever seals, everybody opens; what is wrong, nobody opens."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from tests.peers.wecom.others import EASYWECHAT, SEALERS, WECHAT_CRYPTO, WECOM_CRYPTO
from tests.peers.wecom.results import Notes, Result
from tests.peers.wecom.sealing import Ours, Refused, Sealer, Secrets, Starter, Theirs, some_secrets, word
from tiefen.kit.callback_crypto import CallbackCrypto, Envelope

OURS = "Tiefen"
EVERYBODY = [OURS, *(one.name for one in SEALERS)]
_BY_NAME = {one.name: one for one in SEALERS}
ROUNDS = 30

SECRETS = Secrets(
    "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo", "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt", "ww1436e0e65a779aee"
)
SAMPLE = Envelope(
    "fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA==",
    "012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb", "1476416373", "47744683",
)  # fmt: skip
"""Tencent's sample code verifies an address with it."""
PAGE = Secrets("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
OF_PAGE = Envelope(
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3"
    "TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gs"
    "ijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUa"
    "x5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIG"
    "HBZZIs2pDBS8R07+qN+E7Q==",
    "477715d11cdb4164915debcba66cb864d751f3e6", "1409659813", "1372623149",
)  # fmt: skip
"""The page on encryption opens it (https://developer.work.weixin.qq.com/document/path/90968)."""


WORKS = Result("works")
DOES_NOT_LOOK = Result(
    "defect", (), "does not compare who a message is for; Tiefen does", "不比较消息的接收方（receiveid）；铁粉会比较"
)


LEFT_TO_THE_CALLER = Result(
    "works", (), "gives the parts; comparing them is left to whoever calls it, as these tests do",
    "只给出各部分，由调用方比较（测试中如此）",
)  # fmt: skip


def _note(notes: Notes, whose: str, what: str, came: Result) -> None:
    if whose in (WECOM_CRYPTO.name, WECHAT_CRYPTO.name) and what in ("altered", "receiver"):
        came = LEFT_TO_THE_CALLER
    if whose != OURS:
        notes.note(whose, f"callbacks/{what}", came)


@pytest.fixture(scope="session")
def of(started: Starter) -> Callable[[str], Sealer]:
    """Whoever has this name."""
    known: dict[str, Sealer] = {OURS: Ours()}

    def find(name: str) -> Sealer:
        if name not in known:
            known[name] = Theirs(started(_BY_NAME[name], "seals"))
        return known[name]

    return find


def contents(seed: object) -> list[str]:
    """Chinese, emoji, ends of CDATA, every length around a block, long ones: different ones for every seed."""
    chance = random.Random(str(seed))
    pieces = [
        "林黛玉",
        "🌺🀄👩‍👩‍👧",
        "]]>",
        "<![CDATA[",
        "&amp;",
        "\n\t\r\n",
        "\u200b\ufeff",
        "é",
        " ",
        "x",
        "</xml>",
        '"\\',
    ]
    texts = ["", "<xml><a/></xml>", "]]>", "黛玉" * 4_000, *("x" * chance.randint(0, 70) for _ in range(8))]
    texts += ["".join(chance.choices(pieces, k=chance.randint(1, 60))) for _ in range(ROUNDS - len(texts))]
    return texts


@pytest.mark.parametrize(("sealer", "opener"), list(product(EVERYBODY, EVERYBODY)))
def test_what_one_seals_the_other_opens(of: Callable[[str], Sealer], notes: Notes, sealer: str, opener: str) -> None:
    chance = random.Random(sealer + opener)

    for text in contents((sealer, opener)):
        secrets, timestamp, nonce = some_secrets(chance), str(chance.randint(1, 2_000_000_000)), word(chance, 10)
        envelope = of(sealer).seal(secrets, text, timestamp, nonce)

        assert of(opener).open(secrets, envelope) == text
        assert of(opener).verify(secrets, envelope) == text
    _note(notes, sealer, "seals", WORKS)
    _note(notes, opener, "opens", WORKS)


@pytest.mark.parametrize("opener", EVERYBODY)
def test_everybody_opens_both_official_vectors(of: Callable[[str], Sealer], notes: Notes, opener: str) -> None:
    assert of(opener).verify(SECRETS, SAMPLE) == "1288432023552776189"
    message = of(opener).open(PAGE, OF_PAGE)

    assert "<MsgId>4561255354251345929</MsgId>" in message
    assert "<Content><![CDATA[hello]]></Content>" in message
    _note(notes, opener, "vectors", WORKS)


def _flipped(envelope: Envelope, at: int) -> Envelope:
    sealed = bytearray(base64.b64decode(envelope.encrypted))
    sealed[at] ^= 1
    return replace(envelope, encrypted=base64.b64encode(sealed).decode())


def _resigned(envelope: Envelope, secrets: Secrets = SECRETS) -> Envelope:
    crypto = CallbackCrypto(*secrets.as_list())
    return replace(envelope, signature=crypto.signature(envelope.timestamp, envelope.nonce, envelope.encrypted))


WRONG: dict[str, Callable[[Envelope], Envelope]] = {
    "a wrong signature": lambda good: replace(good, signature="0" * 40),
    "no signature": lambda good: replace(good, signature=""),
    "a signature in capitals": lambda good: replace(good, signature=good.signature.upper()),
    "another timestamp": lambda good: replace(good, timestamp=str(int(good.timestamp) + 1)),
    "another nonce": lambda good: replace(good, nonce=good.nonce + "1"),
    "a flipped bit": lambda good: _flipped(good, 40),
    "cut short": lambda good: replace(good, encrypted=good.encrypted[:-24]),
    "cut short and signed again": lambda good: _resigned(replace(good, encrypted=good.encrypted[:-30])),
    "cut to a block and signed again": lambda good: _resigned(
        replace(good, encrypted=base64.b64encode(base64.b64decode(good.encrypted)[:16]).decode())
    ),
    "nothing in it, signed": lambda good: _resigned(replace(good, encrypted="")),
    "signed with another token": lambda good: _resigned(good, replace(SECRETS, token="foreign")),
}
TEXT = "<xml><Event><![CDATA[change_external_contact]]></Event><CreateTime>1800000000</CreateTime></xml>"


@pytest.mark.parametrize("opener", EVERYBODY)
@pytest.mark.parametrize("wrong", WRONG)
def test_what_was_tampered_with_is_opened_by_nobody(
    of: Callable[[str], Sealer], notes: Notes, opener: str, wrong: str
) -> None:
    good = Ours().seal(SECRETS, TEXT, "1800000000", "47744683")
    assert of(opener).open(SECRETS, good) == TEXT

    with pytest.raises(Refused):
        of(opener).open(SECRETS, WRONG[wrong](good))
    _note(notes, opener, "altered", WORKS)


@pytest.mark.parametrize("opener", EVERYBODY)
def test_a_message_for_somebody_else_is_refused_except_by_the_one_that_does_not_look(
    of: Callable[[str], Sealer], notes: Notes, opener: str
) -> None:
    foreign = Ours().seal(replace(SECRETS, receiver="ww0000000000000000"), TEXT, "1800000000", "47744683")

    if opener == EASYWECHAT.name:
        assert of(opener).open(SECRETS, foreign) == TEXT
        _note(notes, opener, "receiver", DOES_NOT_LOOK)
        return
    with pytest.raises(Refused):
        of(opener).open(SECRETS, foreign)
    _note(notes, opener, "receiver", WORKS)


@pytest.mark.parametrize("opener", EVERYBODY)
def test_with_another_key_nothing_is_opened_as_it_was(of: Callable[[str], Sealer], notes: Notes, opener: str) -> None:
    """A signature says nothing about the key: what comes out is refused, or is no text that anybody wrote."""
    for n in range(20):
        envelope = Ours().seal(replace(SECRETS, key=word(random.Random(n), 43)), TEXT, "1800000000", "47744683")
        try:
            opened = of(opener).open(SECRETS, envelope)
        except Refused:
            continue
        assert opener == EASYWECHAT.name
        assert "change_external_contact" not in opened
    _note(notes, opener, "key", WORKS)


@pytest.mark.parametrize("opener", EVERYBODY)
def test_only_the_signature_protects_what_is_within(of: Callable[[str], Sealer], opener: str) -> None:
    """CBC checks nothing: whoever could sign could change a letter, and nobody would know. So it is compared first."""
    good = Ours().seal(SECRETS, TEXT, "1800000000", "47744683")

    assert of(opener).open(SECRETS, _resigned(_flipped(good, 8))) == TEXT[:4] + "?" + TEXT[5:]


@pytest.mark.parametrize("opener", EVERYBODY)
def test_a_receiver_changed_by_one_bit_is_somebody_else(of: Callable[[str], Sealer], opener: str) -> None:
    good = Ours().seal(SECRETS, TEXT, "1800000000", "47744683")
    receiver_at = 16 + 4 + len(TEXT)
    changed = _resigned(_flipped(good, receiver_at + 10 - 16))

    if opener == EASYWECHAT.name:
        assert of(opener).open(SECRETS, changed) != TEXT
        return
    with pytest.raises(Refused):
        of(opener).open(SECRETS, changed)


@pytest.mark.parametrize("opener", EVERYBODY)
def test_a_receiver_may_be_empty_except_where_it_is_refused(
    of: Callable[[str], Sealer], notes: Notes, opener: str
) -> None:
    nobody = replace(SECRETS, receiver="")
    envelope = Ours().seal(nobody, TEXT, "1800000000", "47744683")

    if opener == WECHAT_CRYPTO.name:
        with pytest.raises(Refused):
            of(opener).open(nobody, envelope)
        _note(notes, opener, "nobody", Result("absent"))
        return
    assert of(opener).open(nobody, envelope) == TEXT
    _note(notes, opener, "nobody", WORKS)
