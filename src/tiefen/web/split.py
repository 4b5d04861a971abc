"""Plans of splits and merges: who would go where and why. They are told and never carried out."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import msgspec
import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator
from sqlalchemy import Connection
from starlette.responses import Response

from tiefen.insight.models.split_plan import Crowd, Impossible, Plan, Side, Weights, merge_plan, split_plan
from tiefen.insight.readings import Reading
from tiefen.kit.errors import TiefenError
from tiefen.kit.slices import slices
from tiefen.ledger.schema import groups as group_rows
from tiefen.ledger.schema import people as people_rows
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.errors import NotFound
from tiefen.web.lists import among
from tiefen.web.names import group_names, person_names, source_names
from tiefen.web.numbers import num
from tiefen.web.overview import told
from tiefen.web.questions import made

router = APIRouter(tags=["groups"])
MOST_GROUPS, MOST_PEOPLE, MOST_SHOWN, MOST_CAP = 20, 20_000, 2_000, 50_000
_MOST_WEIGHT, _MOST_WISHES = 3.0, 12
_LEAST_KNOWN, _MOST_VALUES, _SHOWN_VALUES = 0.05, 200, 12
_MOST_INTERESTS = 20
_KEPT_PLANS = 8


@dataclass(eq=False)
class TooManyPeople(TiefenError):
    says = "These groups have {people} people; a plan is made for at most {most}."

    people: int
    most: int


@dataclass(eq=False)
class BadWish(TiefenError):
    status = 422
    says = "{given} is not a list of attribute:weight with weights from 0 to 3."

    given: str


@dataclass(eq=False)
class BadGroups(TiefenError):
    status = 422
    says = "{given} is not a list of {least} to 20 different group numbers."

    given: str
    least: int


def _listed(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds U+0000")
    return text


GroupList = Annotated[str, Query(min_length=1, max_length=400, description="Numbers of groups, with commas."), AfterValidator(_listed)]  # fmt: skip
WishList = Annotated[
    str, Query(max_length=2_000, description="attribute:weight, with commas."), AfterValidator(_listed)
]
Weight = Annotated[float, Query(ge=0, le=_MOST_WEIGHT, allow_inf_nan=False)]
Cap = Annotated[int, Query(ge=1, le=MOST_CAP)]
Parts = Annotated[int | None, Query(ge=1, le=MOST_PEOPLE)]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The people of some groups, by position."""

    crowd: Crowd
    groups: tuple[str, ...]
    """By person: the groups they are in."""
    values: Mapping[str, list[str]]
    """Attribute → what its numbers stand for."""
    offered: list[dict[str, Any]]


@router.get("/api/split")
def split(
    request: Request, asked: SignedIn, groups: GroupList, parts: Parts = None, cap: Cap = 500, ties: Weight = 1.0,
    circles: Weight = 1.0, leaders: Weight = 1.0, near: WishList = "", contrast: WishList = "",
) -> Response:  # fmt: skip
    """A plan for the people of one or more groups: `parts` parts, or as many as there are communities, of at most `cap`."""
    numbers, reading = _groups(asked, groups, 1), asked.reading
    if reading is None:
        return answer({"plan": None, "impossible": None, "reading": None})
    wishes = Weights(ties, circles, _wishes(near), _wishes(contrast), leaders)
    gathered, plan = _planned(asked, reading, numbers, wishes, parts, cap)
    head = {"groups": _called(asked, numbers), "people": gathered.crowd.size, "attributes": gathered.offered}
    if isinstance(plan, Impossible):
        return answer({**head, "plan": None, "impossible": plan, "reading": told(asked, reading)}, request)
    order = _order(plan, gathered.crowd)[:MOST_SHOWN]
    with asked.ledger.read() as connection:
        called = person_names(connection, [int(gathered.crowd.people[at]) for at in order])
    return answer(
        {
            **head, "impossible": None, "plan": _shown(plan, gathered, order, called), "reading": told(asked, reading),
        },
        request,
    )  # fmt: skip


@router.get("/api/split.csv", responses=CSV_ANSWER)
def split_csv(
    asked: SignedIn, groups: GroupList, parts: Parts = None, cap: Cap = 500, ties: Weight = 1.0,
    circles: Weight = 1.0, leaders: Weight = 1.0, near: WishList = "", contrast: WishList = "",
) -> Response:  # fmt: skip
    """The same plan as CSV: everybody with their part and the reasons as part and whole."""
    numbers, reading = _groups(asked, groups, 1), asked.reading
    wishes = Weights(ties, circles, _wishes(near), _wishes(contrast), leaders)
    header = ["part", "person", "name", "leader", "groups", "ties_kept", "ties", "circle_here", "circle", "reasons"]

    def rows() -> Iterator[list[Any]]:
        if reading is None:
            return
        gathered, plan = _planned(asked, reading, numbers, wishes, parts, cap)
        if isinstance(plan, Impossible):
            return
        crowd = gathered.crowd
        with asked.ledger.read() as connection:
            called = person_names(connection, crowd.people.tolist())
        for at in _order(plan, crowd):
            person, reasons = int(crowd.people[at]), {reason.code: reason for reason in plan.reasons[at]}
            circle = reasons.get("circle")
            yield [
                int(plan.part[at]) + 1, person, called[person], bool(crowd.leader[at]), gathered.groups[at],
                int(plan.known[at] - plan.lost[at]), int(plan.known[at]), circle.part if circle else "",
                circle.whole if circle else "", "; ".join(_in_short(reason) for reason in plan.reasons[at]),
            ]  # fmt: skip

    asked.audit("exported a split plan", f"{len(numbers)} groups")
    return download("split-plan.csv", header, rows())


def _in_short(reason: Any) -> str:
    what = f" {reason.what}" if reason.what else ""
    return f"{reason.code}{what} {reason.part + 1 if reason.code == 'seat' else reason.part}/{reason.whole}"


@router.get("/api/merge")
def merge(request: Request, asked: SignedIn, groups: GroupList, cap: Cap = 500) -> Response:
    """What two or more groups would be as one: who is in several, who must be asked over, who leads, which group stays."""
    numbers, reading = _groups(asked, groups, 2), asked.reading
    if reading is None:
        return answer({"merge": None, "reading": None})
    plan = merge_plan(_sides(asked, reading, numbers), cap)
    leads = [person for person, _, _ in plan.leads]
    with asked.ledger.read() as connection:
        called = person_names(connection, [*leads, *plan.doubles[:MOST_SHOWN].tolist()])
    return answer(
        {
            "groups": _called(asked, numbers),
            "merge": {
                "keeper": plan.keeper, "because": plan.because, "people": len(plan.people), "cap": plan.cap,
                "fits": plan.fits, "needed": plan.needed,
                "doubles": [{"person": p, "name": called[p]} for p in plan.doubles[:MOST_SHOWN].tolist()],
                "double_count": len(plan.doubles),
                "invited": [{"group": group, "people": len(people)} for group, people in plan.invited.items()],
                "leads": [
                    {"person": p, "name": called[p], "group": group, "listeners": n} for p, group, n in plan.leads
                ],
            },
            "reading": told(asked, reading),
        },
        request,
    )  # fmt: skip


@router.get("/api/merge.csv", responses=CSV_ANSWER)
def merge_csv(asked: SignedIn, groups: GroupList, cap: Cap = 500) -> Response:
    """Everybody there would be in the merged group, where they are now, and whether they must be asked over."""
    numbers, reading = _groups(asked, groups, 2), asked.reading

    def rows() -> Iterator[list[Any]]:
        if reading is None:
            return
        sides = _sides(asked, reading, numbers)
        plan = merge_plan(sides, cap)
        inside = {side.group: set(side.people.tolist()) for side in sides}
        asked_over = {person: group for group, some in plan.invited.items() for person in some.tolist()}
        with asked.ledger.read() as connection:
            called, names = person_names(connection, plan.people.tolist()), group_names(connection, numbers)
        for person in plan.people.tolist():
            own = [names.get(group, f"#{group}") for group in numbers if person in inside[group]]
            over = asked_over.get(person)
            yield [person, called[person], " | ".join(own), len(own), names.get(over, f"#{over}") if over else ""]

    asked.audit("exported a merge plan", f"{len(numbers)} groups")
    return download("merge-plan.csv", ["person", "name", "groups", "groups_in", "asked_over_from"], rows())


# ---- what is asked --------------------------------------------------------------------------------------


def _groups(asked: Asked, given: str, least: int) -> list[int]:
    """The groups named, all of this company."""
    words = [word.strip() for word in given.split(",")]
    if not all(word.isascii() and word.isdigit() and len(word) < 19 for word in words):
        raise BadGroups(given[:80], least)
    numbers = list(dict.fromkeys(int(word) for word in words))
    if not least <= len(numbers) <= MOST_GROUPS:
        raise BadGroups(given[:80], least)
    with asked.ledger.read() as connection:
        ours = set(
            connection.scalars(
                sa.select(group_rows.c.group_id).where(
                    group_rows.c.corp_id == asked.corp_id, group_rows.c.group_id.in_(numbers)
                )
            )
        )
    for number in numbers:
        if number not in ours:
            raise NotFound("group", str(number))
    return numbers


def _wishes(given: str) -> dict[str, float]:
    wishes: dict[str, float] = {}
    for one in filter(None, given.split(",")):
        name, _, weight = one.rpartition(":")
        try:
            counts = float(weight)
        except ValueError:
            raise BadWish(given[:80]) from None
        if not name or not 0 <= counts <= _MOST_WEIGHT:
            raise BadWish(given[:80])
        wishes[name] = counts
    if len(wishes) > _MOST_WISHES:
        raise BadWish(given[:80])
    return wishes


def _called(asked: Asked, numbers: list[int]) -> list[dict[str, Any]]:
    with asked.ledger.read() as connection:
        called = group_names(connection, numbers)
    return [{"group": number, "name": called.get(number, f"#{number}")} for number in numbers]


# ---- what is known --------------------------------------------------------------------------------------


def _present(reading: Reading, asked: Asked, numbers: list[int]) -> pa.Table:
    """Who is in these groups, people who work here left out."""
    table = reading.sql(
        f"""SELECT "group", person, role, circle, listeners, messages, joined_on FROM group_people
        WHERE here AND {among("group", numbers)} ORDER BY person, messages DESC, "group" """
    )
    here = set(table["person"].to_pylist())
    with asked.ledger.read() as connection:
        staff = {row for some in slices(sorted(here)) for row in connection.scalars(
            sa.select(people_rows.c.person_id).where(people_rows.c.person_id.in_(some), people_rows.c.staff)
        )}  # fmt: skip
    guests = pa.array([person not in staff for person in table["person"].to_pylist()], pa.bool_())
    return table.filter(guests)


def _sides(asked: Asked, reading: Reading, numbers: list[int]) -> list[Side]:
    rows = _present(reading, asked, numbers).to_pylist()
    talk = {
        row["group"]: row["messages_part"]
        for row in reading.sql(f'SELECT "group", messages_part FROM groups WHERE {among("group", numbers)}').to_pylist()
    }
    return [
        Side(
            number, np.array([row["person"] for row in rows if row["group"] == number], np.int64),
            {row["person"]: row["listeners"] for row in rows if row["group"] == number and row["role"] in ("leader", "rising")},
            talk.get(number),
        )
        for number in numbers
    ]  # fmt: skip


def _gather(asked: Asked, reading: Reading, numbers: list[int]) -> Gathered:
    present = _present(reading, asked, numbers)
    persons = present["person"].to_numpy()
    people, first = np.unique(persons, return_index=True)
    if len(people) > MOST_PEOPLE:
        raise TooManyPeople(len(people), MOST_PEOPLE)
    rows = present.to_pylist()
    place = {int(person): at for at, person in enumerate(people)}
    leader = np.zeros(len(people), bool)
    where: list[list[int]] = [[] for _ in people]
    for row in rows:
        leader[place[row["person"]]] |= row["role"] == "leader"
        where[place[row["person"]]].append(row["group"])
    # Of somebody in several groups the circle is that of the group they talk most in, which comes first.
    own = [(rows[at]["group"], rows[at]["circle"]) for at in first]
    circles = {one: n for n, one in enumerate(dict.fromkeys(one for one in own if one[1] is not None))}
    joined = [rows[at]["joined_on"] for at in first]
    edges = reading.sql(f'SELECT a, b, sum(weight) AS weight FROM group_edges WHERE {among("group", numbers)} GROUP BY a, b ORDER BY a, b')  # fmt: skip
    a, b = edges["a"].to_numpy(), edges["b"].to_numpy()
    known = np.isin(a, people) & np.isin(b, people)
    with asked.ledger.read() as connection:
        attributes, values, offered = _attributes(connection, reading, people.tolist())
        called = group_names(connection, numbers)
    kinds = {name: column for name, column in attributes.items() if column.dtype == np.int64}
    ages = {name: column for name, column in attributes.items() if column.dtype != np.int64}
    crowd = Crowd(
        people, np.searchsorted(people, a[known]), np.searchsorted(people, b[known]),
        edges["weight"].to_numpy()[known].astype(np.float64), np.array([circles.get(one, -1) for one in own], np.int64),
        leader, np.array([0 if day is None else day.toordinal() for day in joined], np.int64), kinds, ages,
    )  # fmt: skip
    names = tuple(" | ".join(called.get(g, f"#{g}") for g in some) for some in where)
    return Gathered(crowd, names, values, offered)


def _attributes(
    connection: Connection, reading: Reading, people: list[int]
) -> tuple[dict[str, Any], dict[str, list[str]], list[dict[str, Any]]]:  # fmt: skip
    """What is known of the people that could bring them together: (attribute → column, values, what to offer).

    An attribute with hardly more than one person to a value (a name, a phone number) brings nobody together and is left out.
    """
    known: dict[str, dict[int, Any]] = {}
    for some in slices(sorted(people)):
        asked = sa.select(people_rows.c.person_id, people_rows.c.attributes).where(people_rows.c.person_id.in_(some))
        for person, text in connection.execute(asked):
            for name, value in msgspec.json.decode(text).items():
                if isinstance(value, (str, int, float, bool)) and value != "" and ":" not in name and "," not in name:
                    known.setdefault(name, {})[person] = value
    for row in reading.sql(f"SELECT person, rung, source FROM persons WHERE {among('person', people)}").to_pylist():
        for name in ("rung", "source"):
            if row[name] is not None:
                known.setdefault(name, {})[row["person"]] = row[name]
    known["interest"] = _interests(reading, people) | known.get("interest", {})  # what they said themselves goes first
    sources = source_names(connection, {s for s in known.get("source", {}).values() if isinstance(s, int)})
    known["source"] = {p: sources.get(s, f"#{s}") for p, s in known.get("source", {}).items()}
    columns: dict[str, Any] = {}
    values: dict[str, list[str]] = {}
    offered: list[dict[str, Any]] = []
    for name, of in sorted(known.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(of) < max(2, _LEAST_KNOWN * len(people)):
            continue
        numbers = _as_numbers(of)
        if numbers is not None:
            columns[name] = np.array([numbers.get(person, np.nan) for person in people])
            offered.append({"key": name, "kind": "number", "known": len(numbers), "values": []})
            continue
        counts = Counter(str(value)[:80] for value in of.values())
        if not 2 <= len(counts) <= min(_MOST_VALUES, len(of) / 2):
            continue
        values[name] = [value for value, _ in counts.most_common()]
        at = {value: number for number, value in enumerate(values[name])}
        columns[name] = np.array([at[str(of[p])[:80]] if p in of else -1 for p in people], np.int64)
        offered.append({"key": name, "kind": "kind", "known": len(of), "values": values[name][:_SHOWN_VALUES]})
    return columns, values, offered[:_MOST_WISHES]


def _interests(reading: Reading, people: list[int]) -> dict[int, str]:
    """What everybody is drawn to most, of what most of them are drawn to: what one alone likes brings nobody together."""
    if not made(reading, "person_interests"):
        return {}
    asked = f"SELECT person, interest FROM person_interests WHERE {among('person', people)} ORDER BY person, rank"
    rows = reading.sql(asked).to_pylist()
    shared = {interest for interest, _ in Counter(row["interest"] for row in rows).most_common(_MOST_INTERESTS)}
    found: dict[int, str] = {}
    for row in rows:
        if row["interest"] in shared:
            found.setdefault(row["person"], row["interest"])
    return found


def _as_numbers(of: Mapping[int, Any]) -> dict[int, float] | None:
    """Ages, scores and birthdays as numbers; None where it is a kind of people, or hardly a number at all."""
    numbers: dict[int, float] = {}
    for person, value in of.items():
        number = _as_number(value)
        if number is not None and abs(number) < 1e9:
            numbers[person] = number
    if len(numbers) < 0.9 * len(of) or len(set(numbers.values())) <= _SHOWN_VALUES:
        return None
    return numbers


def _as_number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(date.fromisoformat(str(value)[:10]).toordinal())
    except ValueError:
        pass
    try:
        return float(str(value)) if len(str(value)) < 8 else None
    except ValueError:
        return None


# ---- what is answered -----------------------------------------------------------------------------------

_made: OrderedDict[Any, tuple[Gathered, Plan | Impossible]] = OrderedDict()
_making = threading.Lock()


def _planned(
    asked: Asked, reading: Reading, numbers: list[int], wishes: Weights, parts: int | None, cap: int
) -> tuple[Gathered, Plan | Impossible]:  # fmt: skip
    """The plan, from the last few made where it is among them: a page and its CSV ask for the same. One at a time, for
    a plan takes seconds of work."""
    weights = wishes.ties, wishes.circles, wishes.leaders, *wishes.near.items(), "against", *wishes.contrast.items()
    key = asked.corp_id, str(reading.folder), reading.reading_id, *numbers, "by", *weights, parts, cap
    with _making:
        if key not in _made:
            gathered = _gather(asked, reading, numbers)
            _made[key] = gathered, split_plan(gathered.crowd, wishes, parts=parts, cap=cap)
            while len(_made) > _KEPT_PLANS:
                _made.popitem(last=False)
        _made.move_to_end(key)
        return _made[key]


def _order(plan: Plan, crowd: Crowd) -> list[int]:
    """By part, leaders first, then those with most ties."""
    return [int(at) for at in np.lexsort((crowd.people, -plan.known, ~crowd.leader, plan.part))]


def _shown(plan: Plan, gathered: Gathered, order: list[int], called: dict[int, str]) -> dict[str, Any]:
    crowd = gathered.crowd
    cut, ties = plan.cut
    between = np.zeros((len(plan.parts), len(plan.parts)))
    np.add.at(between, (plan.part[crowd.tie_a], plan.part[crowd.tie_b]), crowd.tie_weight)
    between = between + between.T
    sizes = [part.size for part in plan.parts]
    return {
        "cap": plan.bounds.most,
        "parts": [
            {"part": p.number, "size": p.size, "leaders": p.leaders, "ties": p.ties, "circles_whole": p.circles_whole}
            for p in plan.parts
        ],
        "between": np.triu(between, 1).tolist(),
        "cut": num(cut, ties, "share"), "cut_by_lot": num(plan.cut_by_lot, ties, "share"),
        "cut_by_joining": num(plan.cut_by_joining, ties, "share"),
        "balance": num(max(sizes) * len(sizes), sum(sizes), "index"),
        "circles": num(plan.circles[0], plan.circles[1], "share"),
        "torn": num(int(((plan.known > 0) & (plan.lost == plan.known)).sum()), int((plan.known > 0).sum()), "share"),
        "spread": [
            {"key": name, "values": [
                {"value": value, "counts": counts} for value, counts in zip(gathered.values.get(name, []), table, strict=False)
            ][:_SHOWN_VALUES]}
            for name, table in plan.spread.items()
        ],
        "people": [
            {
                "person": int(crowd.people[at]), "name": called[int(crowd.people[at])], "part": int(plan.part[at]),
                "leader": bool(crowd.leader[at]), "groups": gathered.groups[at], "known": int(plan.known[at]),
                "lost": int(plan.lost[at]),
                "reasons": [{"code": r.code, "part": r.part, "whole": r.whole, "what": r.what} for r in plan.reasons[at]],
            }
            for at in order
        ],
    }  # fmt: skip
