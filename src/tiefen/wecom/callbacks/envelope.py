"""What a callback travels in: who it is for, and the sealed content.

Source: https://developer.work.weixin.qq.com/document/path/90968, XML and its JSON variant `{tousername, encrypt, agentid}`.
"""

from __future__ import annotations

import msgspec

from tiefen.kit.callback_crypto import BadEnvelope
from tiefen.wecom.events import Unreadable, texts_of


class _InJson(msgspec.Struct):
    encrypt: str


_JSON = msgspec.json.Decoder(_InJson)


def sealed_in(body: bytes) -> str:
    """The sealed content of a body; nothing of it is trusted before its signature was compared."""
    try:
        in_json = body.lstrip()[:1] == b"{"
        sealed = _JSON.decode(body).encrypt if in_json else texts_of(body).get("Encrypt", [""])[0]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadEnvelope("it is no JSON with an encrypt in it") from None
    except Unreadable as error:
        raise BadEnvelope(error.why) from None
    if not sealed:
        raise BadEnvelope("nothing sealed is in it")
    return sealed
