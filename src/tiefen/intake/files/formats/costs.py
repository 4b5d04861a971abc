"""渠道花费 — a row what was spent on a source for a day."""

from __future__ import annotations

from tiefen.intake.files.formats.base import Field, Format, Kept, Memory, Options, Reader
from tiefen.intake.files.values import OLDEST_US, fen_of, text_of, time_reader
from tiefen.kit.clock import day_of, start_of
from tiefen.ledger.facts import CostSpent

FIELDS = (
    Field("date", "日期", "Date", True, ("date", "day", "spent_on", "ts", "time", "日期", "时间", "投放日期"), "time"),
    Field("source", "渠道", "Source", True, ("source", "channel", "campaign", "渠道", "来源", "投放渠道", "媒体")),
    Field("amount", "花费", "Amount", True, ("amount", "cost", "spend", "spent", "花费", "费用", "金额", "消耗", "成本"), "amount"),
)  # fmt: skip


def translate(reader: Reader, options: Options, memory: Memory) -> Kept:
    """A cost a row; several rows of one source and day add up, and the same file again adds nothing."""
    kept = Kept()
    read_time = time_reader(options.time_zone, day_first=options.day_first)
    for number, day, source, amount in reader.numbered("date", "source", "amount"):
        at = read_time(day)
        if at is None or at < OLDEST_US:
            kept.refuse(number, "bad_time", value=str(day)[:60])
            continue
        name = text_of(source)
        if name is None:
            kept.refuse(number, "no_source")
            continue
        fen = fen_of(amount, options.unit)
        if fen is None:
            kept.refuse(number, "bad_amount", value=str(amount)[:60])
            continue
        on = day_of(at, options.time_zone)
        key = (name, on, fen)
        nth = memory.seen.get(repr(key).encode(), 0)
        memory.seen[repr(key).encode()] = nth + 1
        kept.facts.append(
            CostSpent(
                happened_us=start_of(on, options.time_zone), source_id=f"cost:{on.isoformat()}:{name}:{fen}:{nth}",
                source=name, amount_fen=fen,
            )
        )  # fmt: skip
    return kept


FORMAT = Format("costs", "渠道花费", "Source costs", FIELDS, translate)
