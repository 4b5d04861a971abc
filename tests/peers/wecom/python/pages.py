"""Run with a wechatpy installed: signs pages of the sidebar. Argument: `wechatpy`."""

from __future__ import annotations

from typing import Any

from lines import answer  # type: ignore[import-not-found]

try:
    from wechatpy.enterprise import WeChatClient  # type: ignore[import-not-found]  # 1.x
except ImportError:
    from wechatpy.work import WeChatClient  # type: ignore[import-not-found]  # 2.x


def sign(ticket: str, nonce: str, timestamp: int, url: str) -> dict[str, Any]:
    return {"signature": WeChatClient("ww1", "s").jsapi.get_jsapi_signature(nonce, ticket, timestamp, url)}


answer({"sign": sign})
