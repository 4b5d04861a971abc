"""Run with somebody's crypto installed: seals and opens what it is told. Argument: `wechatpy` or `tencent`."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any, Protocol

from lines import answer  # type: ignore[import-not-found]

_BODY = "<xml><ToUserName><![CDATA[{receiver}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"


class _Crypto(Protocol):
    def seal(self, text: str, nonce: str, timestamp: str) -> str: ...
    def open(self, body: str, signature: str, timestamp: str, nonce: str) -> bytes | str: ...
    def verify(self, echostr: str, signature: str, timestamp: str, nonce: str) -> bytes | str: ...


class _Wechatpy:
    def __init__(self, token: str, key: str, receiver: str) -> None:
        try:
            from wechatpy.enterprise.crypto import WeChatCrypto  # type: ignore[import-not-found]
        except ImportError:
            from wechatpy.work.crypto import WeChatCrypto  # type: ignore[import-not-found]
        self._crypto = WeChatCrypto(token, key, receiver)

    def seal(self, text: str, nonce: str, timestamp: str) -> str:
        return str(self._crypto.encrypt_message(text, nonce, timestamp))

    def open(self, body: str, signature: str, timestamp: str, nonce: str) -> bytes | str:
        opened: bytes | str = self._crypto.decrypt_message(body, signature, timestamp, nonce)
        return opened

    def verify(self, echostr: str, signature: str, timestamp: str, nonce: str) -> bytes | str:
        opened: bytes | str = self._crypto.check_signature(signature, timestamp, nonce, echostr)
        return opened


class _Tencent:
    """The sample's functions give (error number, result)."""

    def __init__(self, token: str, key: str, receiver: str) -> None:
        self._crypto = _tencents_sample().WXBizMsgCrypt(token, key, receiver)

    def seal(self, text: str, nonce: str, timestamp: str) -> str:
        return str(self._right(self._crypto.EncryptMsg(text, nonce, timestamp)))

    def open(self, body: str, signature: str, timestamp: str, nonce: str) -> bytes | str:
        return self._right(self._crypto.DecryptMsg(body, signature, timestamp, nonce))

    def verify(self, echostr: str, signature: str, timestamp: str, nonce: str) -> bytes | str:
        return self._right(self._crypto.VerifyURL(signature, timestamp, nonce, echostr))

    def _right(self, result: tuple[int, Any]) -> Any:
        if result[0] != 0:
            raise ValueError(result[0])
        return result[1]


@cache
def _tencents_sample() -> Any:
    """`wecom/tx.py`, which asks for a module Python has had under another name since 3.3 and not at all since 3.9."""
    import importlib.util
    import logging
    import types
    import xml.etree
    import xml.etree.ElementTree

    logging.disable()
    sys.modules["xml.etree.cElementTree"] = xml.etree.ElementTree
    xml.etree.cElementTree = xml.etree.ElementTree  # type: ignore[attr-defined]
    where = importlib.util.find_spec("wecom")
    assert where and where.submodule_search_locations
    package = types.ModuleType("wecom")  # in place of its own, which needs far more than this file
    package.__path__ = list(where.submodule_search_locations)
    sys.modules["wecom"] = package
    return importlib.import_module("wecom.tx")


_KINDS: dict[str, type[_Wechatpy] | type[_Tencent]] = {"wechatpy": _Wechatpy, "tencent": _Tencent}
_made: dict[tuple[str, str, str], _Crypto] = {}


def _crypto(token: str, key: str, receiver: str) -> _Crypto:
    which = token, key, receiver
    if which not in _made:
        _made[which] = _KINDS[sys.argv[1]](*which)
    return _made[which]


def _text(opened: bytes | str) -> dict[str, Any]:
    return {"text": opened.decode() if isinstance(opened, bytes) else opened}


def seal(secrets: list[str], text: str, timestamp: str, nonce: str) -> dict[str, Any]:
    return {"packet": _crypto(*secrets).seal(text, nonce, timestamp)}


def open_(secrets: list[str], encrypted: str, signature: str, timestamp: str, nonce: str) -> dict[str, Any]:
    body = _BODY.format(receiver=secrets[2], encrypted=encrypted)
    return _text(_crypto(*secrets).open(body, signature, timestamp, nonce))


def receive(secrets: list[str], body: str, signature: str, timestamp: str, nonce: str) -> dict[str, Any]:
    return _text(_crypto(*secrets).open(body, signature, timestamp, nonce))


def verify(secrets: list[str], echostr: str, signature: str, timestamp: str, nonce: str) -> dict[str, Any]:
    return _text(_crypto(*secrets).verify(echostr, signature, timestamp, nonce))


answer({"seal": seal, "open": open_, "receive": receive, "verify": verify})
