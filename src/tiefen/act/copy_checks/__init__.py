"""What is looked for in a text before it goes out (文案检查). A check is a file here and a line in the list."""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.act.copy_checks import (
    absolute_words,
    induced_sharing,
    links,
    medical_claims,
    opt_out_offered,
    phone_screen,
    promised_returns,
    said_lately,
    sales_pressure,
    size,
    variables,
)
from tiefen.act.copy_checks.check import Check, Copy, Finding, Severity

CHECKS: tuple[Check, ...] = (
    size.CHECK,
    variables.CHECK,
    links.CHECK,
    absolute_words.CHECK,
    medical_claims.CHECK,
    promised_returns.CHECK,
    induced_sharing.CHECK,
    said_lately.CHECK,
    sales_pressure.CHECK,
    phone_screen.CHECK,
    opt_out_offered.CHECK,
)
_ORDER = {"stop": 0, "warn": 1, "hint": 2}


@dataclass(frozen=True, slots=True)
class Found:
    """A finding and the check that found it."""

    check: Check
    finding: Finding


def look_at(copy: Copy) -> list[Found]:
    """Everything that is found in a text, the worst first."""
    found = [Found(check, finding) for check in CHECKS for finding in check.find(copy)]
    return sorted(found, key=lambda one: _ORDER[one.finding.severity])


__all__ = ["CHECKS", "Check", "Copy", "Finding", "Found", "Severity", "look_at"]
