"""Short ways of placing blocks, for the ready playbooks."""

from __future__ import annotations

from typing import Any

from tiefen.act.playbooks.blocks import AnyBlock
from tiefen.act.playbooks.playbook import EveryWeek, OnDay, Placed


def on(day: int, block: AnyBlock, at: str = "", key: str = "", **more: Any) -> Placed:
    """On the nth day, at the block's usual time unless said otherwise."""
    kind = block.__struct_config__.tag
    return Placed(key=key or f"{kind}_{day}", when=OnDay(day=day), at=at or block.at, block=block, **more)


def weekly(
    weekdays: tuple[int, ...], block: AnyBlock, at: str = "", key: str = "", since: int = 1, until: int | None = None,
    **more: Any,
) -> Placed:  # fmt: skip
    """Every week on these weekdays, from the day `since` to `until`."""
    when = EveryWeek(weekdays=weekdays, from_day=since, until_day=until)
    return Placed(key=key or str(block.__struct_config__.tag), when=when, at=at or block.at, block=block, **more)
