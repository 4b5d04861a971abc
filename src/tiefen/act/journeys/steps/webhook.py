"""调用接口 (webhook): tell another system of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urlsplit

from tiefen.act.journeys.happening import Sentence
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import Crowd, Step, Taken


class CallWebhook(Step, frozen=True, kw_only=True, tag="webhook"):
    """A signed POST with the person's number, the journey and the step, tried again until it is taken. Never a name or a phone number."""

    title: ClassVar[Sentence] = ("调用接口", "Webhook")
    icon: ClassVar[str] = "api"

    url: str

    def said(self) -> Sentence:
        host = urlsplit(self.url).hostname or self.url
        return f"通知 {host}", f"Tell {host}"

    def wrong(self) -> Iterator[Sentence]:
        if not is_address(self.url):
            yield "地址要以 https:// 开头，不带密码", "The address begins with https:// and holds no password"

    def take(self, scene: Scene, crowd: Crowd) -> Taken:
        scene.order("webhook", self.id, crowd, {"url": self.url})
        return Taken.all(crowd)


def is_address(url: str) -> bool:
    """Whether another system may be told there: by https, and without a password in the address."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None and len(url) <= 500
    except ValueError:
        return False
