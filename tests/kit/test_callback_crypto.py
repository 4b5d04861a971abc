"""The envelope of callbacks: both official vectors, and everything that must not be opened."""

from __future__ import annotations

import base64
import dataclasses

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from tiefen.kit.callback_crypto import (
    BadEnvelope,
    BadSecrets,
    BadSignature,
    CallbackCrypto,
    Envelope,
    ForeignReceiver,
)

TOKEN, KEY, CORP = (
    "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo",
    "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt",
    "ww1436e0e65a779aee",
)
CRYPTO = CallbackCrypto(TOKEN, KEY, CORP)


def sealed_raw(plain: bytes) -> Envelope:
    """Signed rightly, whatever is inside."""
    key = base64.b64decode(KEY + "=")
    cipher = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
    encrypted = base64.b64encode(cipher.update(plain) + cipher.finalize()).decode()
    return Envelope(encrypted, CRYPTO.signature("1", "2", encrypted), "1", "2")


def test_the_samples_echostr_is_opened_as_tencent_opens_it() -> None:
    echostr = "fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA=="
    envelope = Envelope(echostr, "012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb", "1476416373", "47744683")

    assert CRYPTO.open(envelope) == "1288432023552776189"


@given(st.text(max_size=3_000), st.text("0123456789", min_size=1, max_size=12), st.text("ab12", max_size=20))
def test_what_was_sealed_is_opened_again_whatever_its_length(text: str, timestamp: str, nonce: str) -> None:
    text = text.encode(errors="replace").decode()

    assert CRYPTO.open(CRYPTO.seal(text, timestamp=timestamp, nonce=nonce)) == text


@pytest.mark.parametrize("field", ["encrypted", "signature", "timestamp", "nonce"])
def test_a_change_anywhere_in_the_envelope_is_a_bad_signature(field: str) -> None:
    envelope = CRYPTO.seal("<xml/>", timestamp="1409659813", nonce="1372623149")
    value = getattr(envelope, field)
    changed = dataclasses.replace(envelope, **{field: ("A" if value[0] != "A" else "B") + value[1:]})

    with pytest.raises(BadSignature):
        CRYPTO.open(changed)


@pytest.mark.parametrize("field", ["encrypted", "signature", "timestamp", "nonce"])
@pytest.mark.parametrize("value", ["", "\ud800", "é", "x" * 5_000])
def test_garbage_in_the_envelope_is_a_bad_signature_and_no_crash(field: str, value: str) -> None:
    envelope = dataclasses.replace(CRYPTO.seal("x", timestamp="1", nonce="2"), **{field: value})

    with pytest.raises(BadSignature):
        CRYPTO.open(envelope)


def test_a_message_for_another_company_is_refused() -> None:
    other = CallbackCrypto(TOKEN, KEY, "ww0000000000000000").seal("x", timestamp="1", nonce="2")

    with pytest.raises(ForeignReceiver, match="ww0000000000000000"):
        CRYPTO.open(other)


@pytest.mark.parametrize(
    ("plain", "why"),
    [
        (b"\0" * 32, "padding"),
        (b"\0" * 31 + b"\x21", "padding"),
        (b"\0" * 30 + b"\x01\x02", "padding"),
        (b"\x20" * 32, "length"),
        (b"r" * 16 + b"\xff\xff\xff\xff" + b"x" * 11 + b"\x01", "length"),
        (b"r" * 16 + (2).to_bytes(4, "big") + b"\xff\xfe" + CORP.encode() + b"\x18" * 24, "UTF-8"),
    ],
)
def test_a_signed_envelope_that_is_malformed_within_is_refused_by_name(plain: bytes, why: str) -> None:
    with pytest.raises(BadEnvelope, match=why):
        CRYPTO.open(sealed_raw(plain))


@pytest.mark.parametrize(
    ("token", "key"), [("", KEY), ("t" * 33, KEY), ("a-b", KEY), (TOKEN, KEY[:-1]), (TOKEN, KEY + "=")]
)
def test_secrets_that_the_form_would_not_take_are_refused(token: str, key: str) -> None:
    with pytest.raises(BadSecrets):
        CallbackCrypto(token, key, CORP)
