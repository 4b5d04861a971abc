"""What everybody is over all their groups, and the numbers behind it."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.roles import roles
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    return roles(t, w, t.given("group_people", made["group_people"]))


TABLE = ReadingTable("person_roles", "看每个人的角色", "What people are over all groups", of, ("person",))
