"""拆书 — a book taken apart in the group: one idea, one example, one thing to try."""

from __future__ import annotations

from typing import Annotated

from tiefen.act.playbooks.block import Act, Block, line


class BookBreakdown(Block, frozen=True, kw_only=True, tag="book_breakdown"):
    """One idea of a book, told in a way that can be used."""

    title = ("拆书", "Book breakdown")
    about = (
        "不求读完一本，只拆一个用得上的点：讲了什么、举个例子、你可以怎么做。",
        "Not the whole book: one idea, an example, and what you can do with it.",
    )
    hours = 1.5
    material = (("书封图", "The cover"), ("原文一小段（注明页码）", "A short quotation with its page"))

    book: Annotated[str, line("书名", "Book")] = "《微习惯》"
    idea: Annotated[str, line("拆哪个点", "The idea", 160)] = "目标小到不可能失败，才会天天做"
    try_it: Annotated[str, line("大家可以试什么", "What to try", 160)] = "今晚只做一个俯卧撑，做完在群里说一声"

    def acts(self) -> tuple[Act, ...]:
        return (
            Act(
                key="read", title=("拆一个点", "Take one idea apart"), persona="expert",
                say=(
                    "今天拆{{ book }}里的一个点：{{ idea }}。\n为什么管用？因为开始最难，小到没借口，就开始了。\n你有没有一件「想了很久没开始」的事？说出来，我们一起把它变小。",
                    "读{{ book }}，我只记住一句：{{ idea }}。\n道理谁都懂，难在今天就动。来，试一个：{{ try_it }}",
                ),
            ),
            Act(
                key="try", title=("带大家做一次", "Try it together"), persona="host", after_minutes=40,
                say=("别光听，动一下 👉 {{ try_it }}",),
            ),
        )  # fmt: skip
