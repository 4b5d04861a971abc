"""发消息: something is said to them, if the gate admits it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import msgspec

from tiefen.act import templates
from tiefen.act.journeys.happening import Sentence
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import Crowd, Step, Taken
from tiefen.act.message import Message
from tiefen.act.proposal import Purpose
from tiefen.act.words import Words, without_plain
from tiefen.kit.errors import TiefenError

MOST_WORTH_FEN = 100_000_000


class Send(Step, frozen=True, kw_only=True, tag="send"):
    """A proposal for each; whether it is admitted or not, they go on. Of whom a variable is unknown that has no fallback gets nothing."""

    title: ClassVar[Sentence] = ("发消息", "Send a message")
    icon: ClassVar[str] = "message"

    message: Message
    purpose: Purpose | None = None
    """None: that of the journey."""
    worth_fen: int = 0
    """What one message is expected to bring; 0 where nobody knows."""
    expires_hours: int = 24
    """How long it makes sense."""
    sender: str | None = None
    words: Words = "auto"
    """Whether each gets words of their own: a task each for staff."""

    def said(self) -> Sentence:
        text = " ".join(self.message.text.split())
        short = text if len(text) <= 40 else f"{text[:39]}…"
        n = len(self.message.attachments)
        return (
            f"发消息：{short or '（附件）'}" + (f"＋{n} 个附件" if n and short else ""),
            f"Say: {short or '(attachments)'}" + (f" + {n} attached" if n and short else ""),
        )

    def wrong(self) -> Iterator[Sentence]:
        if not self.message.text.strip() and not self.message.attachments:
            yield "消息是空的", "The message is empty"
        if len(self.message.attachments) > 9:
            yield "附件最多 9 个", "At most nine things can be attached"
        try:
            templates.checked(self.message)
        except TiefenError as error:
            yield f"文案有错：{error}", f"The text cannot be used: {error}"
        else:
            if self.words == "one" and (bare := "、".join(sorted(without_plain(self.message)))):
                yield (
                    f"统一文案需要替代词：{bare}",
                    f"The same words for all need a fallback for {bare.replace('、', ', ')}",
                )
        if not 1 <= self.expires_hours <= 24 * 30:
            yield "有效期要在 1 小时到 30 天之间", "It must expire within 1 hour to 30 days"
        if not 0 <= self.worth_fen <= MOST_WORTH_FEN:
            yield "预期价值要在 0 到 100 万元之间", "The worth must be between 0 and 1,000,000 yuan"

    def take(self, scene: Scene, crowd: Crowd) -> Taken:
        scene.say(self, crowd)
        return Taken.all(crowd)

    def without_words(self) -> Send:
        """The step with nothing to say, for comparing all else."""
        return msgspec.structs.replace(self, message=Message())
