"""What a callback travels in: who it is for, and the sealed content.

Source: https://developer.work.weixin.qq.com/document/path/90968, XML and its JSON variant `{tousername, encrypt, agentid}`.
"""

from __future__ import annotations

import re

import msgspec

from tiefen.kit.callback_crypto import BadEnvelope
from tiefen.wecom.events import Unreadable, root_of


class _InJson(msgspec.Struct):
    encrypt: str


_JSON = msgspec.json.Decoder(_InJson)
_USUAL = re.compile(rb"<Encrypt><!\[CDATA\[([A-Za-z0-9+/=]+)\]\]></Encrypt>(?:<AgentID>[^&]*</AgentID>)?\s*</xml>\s*\Z")
"""How WeCom's own envelopes end. What matches is nothing but Base64, and the signature decides whether it is anything more;
other envelopes are read with care."""


def sealed_in(body: bytes) -> str:
    """The sealed content of a body; nothing of it is trusted before its signature was compared."""
    if usual := _USUAL.search(body):
        return usual[1].decode()
    try:
        in_json = body.lstrip()[:1] == b"{"
        sealed = _JSON.decode(body).encrypt if in_json else (root_of(body).findtext("Encrypt") or "").strip()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadEnvelope("it is no JSON with an encrypt in it") from None
    except Unreadable as error:
        raise BadEnvelope(error.why) from None
    if not sealed:
        raise BadEnvelope("nothing sealed is in it")
    return sealed
