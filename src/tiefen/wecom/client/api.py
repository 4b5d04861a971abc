"""What the methods of all endpoints are written with: reads, writes and files."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tiefen.wecom.client.transport import Call, Transport
from tiefen.wecom.client.wire import R, decode, encode


@dataclass(frozen=True, slots=True)
class Api:
    """A transport together with how long its caller is ready to wait."""

    transport: Transport
    patience: float
    agentid: int = 0

    def get(self, endpoint: str, kind: type[R], **params: str | int) -> R:
        """A read by GET."""
        return self._json(Call(endpoint, params=params), kind)

    def ask(self, endpoint: str, kind: type[R], body: Mapping[str, Any]) -> R:
        """A read by POST."""
        return self._json(Call(endpoint, "POST", body=encode(body)), kind)

    def do(self, endpoint: str, kind: type[R], body: Mapping[str, Any], *records: Hashable) -> R:
        """A write. It is not repeated where it may have happened; of each record one is under way at a time."""
        return self._json(Call(endpoint, "POST", body=encode(body), repeatable=False, records=records), kind)

    def upload(self, endpoint: str, kind: type[R], field: str, file: tuple[str, bytes, str], **params: str | int) -> R:
        """Hand over a file: (name, content, media type). Repeating one is harmless: it is only there twice."""
        return self._json(Call(endpoint, "POST", params=params, files={field: file}, timeout=120.0), kind)

    def download(self, endpoint: str, headers: Mapping[str, str], **params: str | int) -> httpx.Response:
        """Fetch a file."""
        return self.transport.send(
            Call(endpoint, params=params, headers=headers, binary=True, timeout=120.0), self.patience
        )

    def _json(self, call: Call, kind: type[R]) -> R:
        return decode(self.transport.send(call, self.patience).content, kind, call.endpoint)
