"""自定义 — any other thing: words of one's own, said in the group or done by somebody."""

from __future__ import annotations

from typing import Annotated, Literal

from tiefen.act.playbooks.block import Act, Block, line, shown


class Note(Block, frozen=True, kw_only=True, tag="note"):
    """Whatever has no block of its own."""

    title = ("自定义", "Anything else")
    about = ("写一件要做的事，或一段要发的话。", "Something to do, or words to say.")
    at = "10:00"

    what: Annotated[str, line("做什么", "What")] = "跟进一件事"
    detail: Annotated[str, shown("text", "怎么做", "How", max_length=600)] = ""
    words: Annotated[str, shown("text", "要说的话", "Words", max_length=1_200)] = ""
    how: Annotated[Literal["task", "message"], shown("choice", "方式", "As")] = "task"

    def wrong(self) -> str | None:
        return "a message needs words" if self.how == "message" and not self.words.strip() else None

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="do", title=(self.what, self.what), detail=self.detail, say=(self.words,) if self.words else (),
                persona="host", how=self.how,
            ),
        )  # fmt: skip
