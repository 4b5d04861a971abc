"""Cells into values: times in the ways people write them, amounts, yes and no."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from tiefen.intake.files.readers import Instant
from tiefen.kit.clock import to_us, zone

_CHINESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?(.*)")
_NUMERIC = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[ T]+(.*))?$")
_CLOCK = re.compile(
    r"(凌晨|早上|上午|中午|下午|晚上|am|pm)?\s*(\d{1,2})[:：时点](\d{1,2})?分?(?:[:：](\d{1,2})秒?)?(?:[.,](\d+))?\s*(am|pm)?",
    re.I,
)
_EXCEL_EPOCH = datetime(1899, 12, 30)
OLDEST_US = to_us(datetime(1990, 1, 1, tzinfo=UTC))


def time_reader(time_zone: str, *, day_first: bool = False) -> Callable[[Any], int | None]:
    """A function from a cell to microseconds UTC; None where it is no time. Naive times are in `time_zone`."""
    tz = zone(time_zone)

    @lru_cache(maxsize=4_096)
    def from_text(text: str) -> int | None:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            found = _loose(text, day_first)
            if found is None:
                return None
            at = found
        return to_us(at if at.tzinfo else at.replace(tzinfo=tz))

    def read(cell: Any) -> int | None:
        if cell.__class__ is Instant:
            return int(cell)
        if isinstance(cell, str):
            text = cell.strip()
            if not text:
                return None
            if text.replace(".", "", 1).isdecimal() and len(text) not in {8, 14}:
                return _number(float(text), tz)
            return from_text(text)
        if isinstance(cell, datetime):
            return to_us(cell if cell.tzinfo else cell.replace(tzinfo=tz))
        if isinstance(cell, date):
            return to_us(datetime.combine(cell, time(), tz))
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return _number(float(cell), tz)
        return None

    return read


def _number(value: float, tz: Any) -> int | None:
    """Epoch seconds, milliseconds, microseconds; or days since 1900, as Excel counts."""
    if 20_000 < value < 80_000:
        return to_us((_EXCEL_EPOCH + timedelta(days=value)).replace(tzinfo=tz))
    if 1e8 < value < 1e11:
        return int(value * 1_000_000)
    if 1e11 <= value < 1e14:
        return int(value * 1_000)
    return int(value) if 1e14 <= value < 1e17 else None


def _loose(text: str, day_first: bool) -> datetime | None:
    if match := _CHINESE.match(text):
        year, month, day, rest = int(match[1]), int(match[2]), int(match[3]), match[4]
    elif match := _NUMERIC.match(text):
        first, second, third = (int(match[n]) for n in (1, 2, 3))
        rest = match[4] or ""
        if len(match[1]) == 4:
            year, month, day = first, second, third
        elif len(match[3]) == 4:
            # 03/04/2026 is read as the option says; 25/12/2026 can only be one thing.
            third_is_year = third
            day, month = (first, second) if day_first or first > 12 else (second, first)
            year = third_is_year
        else:
            return None
    elif text.isdecimal() and len(text) in {8, 14}:
        year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
        rest = f"{text[8:10]}:{text[10:12]}:{text[12:]}" if len(text) == 14 else ""
    else:
        return None
    try:
        at = datetime(year, month, day)
    except ValueError:
        return None
    rest = rest.strip()
    return at if not rest else _with_clock(at, rest)


def _with_clock(at: datetime, text: str) -> datetime | None:
    match = _CLOCK.search(text)
    if match is None:
        return None
    hour, minute, second = int(match[2]), int(match[3] or 0), int(match[4] or 0)
    part = (match[1] or match[6] or "").lower()
    if part in {"下午", "晚上", "pm"} and hour < 12:
        hour += 12
    elif part in {"凌晨", "早上", "上午", "am"} and hour == 12:
        hour = 0
    micro = int((match[5] or "0").ljust(6, "0")[:6])
    zone_part = re.search(r"(Z|[+-]\d{2}:?\d{2})$", text)
    try:
        found = at.replace(hour=hour, minute=minute, second=second, microsecond=micro)
        if zone_part:
            return datetime.fromisoformat(found.isoformat() + zone_part[1])
    except ValueError:
        return None
    return found


_MOST = 10**16
_UNITS = {"yuan": 100, "fen": 1, "cents": 1, "wan": 1_000_000}


def fen_of(cell: Any, unit: str = "yuan") -> int | None:
    """An amount in hundredths: "¥1,299.00", "(12.30)", "-5", 3.5; None where it is no amount."""
    if cell is None or isinstance(cell, bool):
        return None
    text = str(cell).strip().replace(",", "").replace("，", "")
    negative = text.startswith("(") and text.endswith(")")
    text = text.strip("()（）¥￥$€£元 ").removesuffix("RMB").removeprefix("CNY").strip()
    factor = _UNITS[unit]
    if text.endswith("万"):
        text, factor = text[:-1], factor * 10_000
    try:
        value = Decimal(text)
        if not value.is_finite() or not -_MOST < value < _MOST:
            return None
        value *= factor
    except InvalidOperation:
        return None
    if abs(value) >= _MOST:
        return None
    return int(-value.to_integral_value() if negative else value.to_integral_value())


def yes(cell: Any) -> bool:
    """True for what people write for yes."""
    return cell is True or str(cell).strip().lower() in {"1", "true", "yes", "y", "是", "t"}


def text_of(cell: Any, most: int = 500) -> str | None:
    """A cell as trimmed text; None where it is empty."""
    if cell is None:
        return None
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell).strip()
    return text[:most] if text else None
