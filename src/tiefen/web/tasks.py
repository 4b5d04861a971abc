"""The inbox of tasks: mine, nobody's, everybody's; what waits to be confirmed in WeCom; who has how much."""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from tiefen.act import tasks
from tiefen.act.message import Message
from tiefen.act.playbooks.personas import PERSONAS
from tiefen.act.tasks import KINDS, Kind, Task, listing
from tiefen.act.tasks.listing import In, Narrowed
from tiefen.insight.readings import Reading
from tiefen.kit.clock import DAY_US, from_us
from tiefen.ledger import identity
from tiefen.web.answers import answer
from tiefen.web.clock import corp_now
from tiefen.web.context import Asked, SignedIn
from tiefen.web.errors import BadCursor, NotFound
from tiefen.web.inputs import MOST_ID, After, IdQuery, Limit, Name, ShortText, Text, TextQuery
from tiefen.web.names import group_names, person_names
from tiefen.web.paging import decode_cursor, encode_cursor, page_of

router = APIRouter(tags=["tasks"])
_MOST_US = 7_258_118_400_000_000
"""The end of 2199."""
Whose = Annotated[Literal["mine", "nobody", "all"], Query()]


class Doing(BaseModel):
    """What is to become of some tasks."""

    ids: list[Annotated[Text, Field(min_length=1, max_length=300)]] = Field(min_length=1, max_length=500)
    do: Literal["done", "skip", "hand", "snooze"]
    staff: ShortText | None = None
    """To whom, where they are handed; null is nobody yet."""
    until_us: Annotated[int, Field(ge=0, le=_MOST_US)] | None = None
    text: ShortText = ""
    """Why, or how it went."""


class NoteIn(BaseModel):
    text: Annotated[Text, Field(min_length=1, max_length=2_000)]


class MeIn(BaseModel):
    staff: ShortText | None


class TaskIn(BaseModel):
    """Something to do, asked for by hand; about a finding or a message, so that it is asked for once."""

    title: Name
    detail: Annotated[Text, Field(max_length=2_000)] = ""
    kind: Kind = "service"
    staff: ShortText | None = None
    group: Annotated[int, Field(ge=1, le=MOST_ID)] | None = None
    person: Annotated[int, Field(ge=1, le=MOST_ID)] | None = None
    finding: ShortText | None = None
    message: ShortText | None = None
    due_us: Annotated[int, Field(ge=0, le=_MOST_US)] | None = None


@router.get("/api/tasks")
def list_tasks(
    request: Request, asked: SignedIn, whose: Whose = "all", staff: TextQuery = None, state: In = "waiting",
    kind: Kind | None = None, campaign: TextQuery = None, group: IdQuery = None, after: After = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """Tasks, those due first at the top; of what is over the latest."""
    narrowed = Narrowed(
        state=state, staff=_whose(asked, whose, staff), kind=kind, campaign_id=campaign, group=group
    )  # fmt: skip
    with asked.ledger.read() as connection:
        rows = listing.page(connection, asked.corp_id, narrowed, _place(after, narrowed), limit + 1)
        shown, last = page_of(rows, limit)
        items = _told(asked, connection, shown, corp_now(asked))
    following = None
    if last is not None:
        at = last.moved_us if narrowed.latest_first else last.due_us
        following = encode_cursor(_tag(narrowed), at, last.task_id)
    return answer({"items": items, "next": following}, request)


def _whose(asked: Asked, whose: str, staff: str | None) -> str | None:
    match whose:
        case "mine":
            return _me(asked) or "\x01"  # nobody has it
        case "nobody":
            return ""
        case _:
            return staff


def _tag(narrowed: Narrowed) -> str:
    return "moved" if narrowed.latest_first else "due"


def _place(after: str | None, narrowed: Narrowed) -> tuple[int, str] | None:
    if after is None:
        return None
    match decode_cursor(after):
        case [tag, int(at), str(task_id)] if tag == _tag(narrowed) and abs(at) <= MOST_ID and "\0" not in task_id:
            return at, task_id
        case _:
            raise BadCursor


@router.get("/api/tasks/board")
def board(request: Request, asked: SignedIn) -> Response:
    """What is around the list: who I am, how many there are of which, what waits in WeCom, who has how much."""
    with asked.ledger.read() as connection:
        found = tasks.coverage(connection, asked.corp_id)
        alone = group_names(connection, found.alone[:200])
        told = {
            "now_us": corp_now(asked), "me": _me(asked),
            "kinds": [{"key": key, "zh": zh, "en": en} for key, zh, en in KINDS],
            "personas": [{"key": one.key, "zh": one.zh, "en": one.en, "voice_zh": one.voice_zh, "voice_en": one.voice_en}
                         for one in PERSONAS],
            "staff": [{"userid": one.userid, "name": one.name, "gone": one.gone}
                      for one in tasks.working(connection, asked.corp_id)],
            "counts": listing.counts(connection, asked.corp_id),
            "to_confirm": [
                {**row, "since": from_us(row["since_us"])} for row in listing.to_confirm(connection, asked.corp_id)
            ],
            "coverage": {
                "groups": found.groups, "unassigned": found.unassigned,
                "alone": [{"group": group, "name": name} for group, name in sorted(alone.items())],
                "alone_total": len(found.alone),
                "loads": [
                    {"userid": one.staff.userid, "name": one.staff.name, "gone": one.staff.gone, "groups": one.groups,
                     "waiting": one.waiting, "late": one.late, "done": one.done, "too_many": one.too_many}
                    for one in found.loads
                ],
            },
        }  # fmt: skip
    return answer(told, request)


@router.put("/api/tasks/me")
def be(asked: SignedIn, given: MeIn) -> Response:
    """Say which member of staff this account is; null takes it back."""
    with asked.ledger.read() as connection:
        if given.staff is not None and not tasks.works_here(connection, asked.corp_id, given.staff):
            raise tasks.StaffNotHere(given.staff)
    before = asked.ledger.corp(asked.corp_id).settings.get("staff_of_accounts", {})
    mine = {key: value for key, value in before.items() if key != _account(asked)}
    if given.staff is not None:
        mine[_account(asked)] = given.staff
    asked.ledger.update_settings(asked.corp_id, {"staff_of_accounts": mine})
    return answer({"me": given.staff})


def _account(asked: Asked) -> str:
    return asked.who.account_id or "link"


def _me(asked: Asked) -> str | None:
    known: dict[str, str] = asked.ledger.corp(asked.corp_id).settings.get("staff_of_accounts", {})
    return known.get(_account(asked))


@router.get("/api/tasks/one")
def one_task(request: Request, asked: SignedIn, task_id: Annotated[str, Query(max_length=300)]) -> Response:
    """A task with what became of it, and where a member is to speak, whom one could ask."""
    with asked.ledger.read() as connection:
        row = listing.one(connection, asked.corp_id, task_id.replace("\0", ""))
        (told,) = _told(asked, connection, [row], corp_now(asked))
        told["notes"] = [
            {"what": note.what, "text": note.text, "who": note.who, "at": from_us(note.at_us)}
            for note in listing.notes(connection, asked.corp_id, row.task_id)
        ]
        guests = _guests(asked.reading, row.group) if ":invite:" in row.task_id and row.group is not None else []
        called = person_names(connection, [one["person"] for one in guests])
    told["guests"] = [{**one, "name": called[one["person"]]} for one in guests]
    return answer(told, request)


def _guests(reading: Reading | None, group: int) -> list[dict[str, Any]]:
    """Members whom others listen to, the leaders first: whom one could ask to speak."""
    if reading is None:
        return []
    found: list[dict[str, Any]] = reading.sql(
        """SELECT person, role, messages, listeners FROM group_people WHERE "group" = ? AND here AND listeners > 0
        ORDER BY role = 'leader' DESC, pagerank DESC, person LIMIT 5""",
        [group],
    ).to_pylist()
    return found


@router.post("/api/tasks/move")
def move(asked: SignedIn, given: Doing) -> Response:
    """Do, skip, hand over or put off some tasks; says which of them had come to their end before."""
    ids = list(dict.fromkeys(one.replace("\0", "") for one in given.ids))
    now, who = corp_now(asked), asked.who.label
    with asked.ledger.together() as together:
        match given.do:
            case "done":
                moved = tasks.finish(together, asked.corp_id, ids, "done", now, who=who, text=given.text)
            case "skip":
                reason = given.text.strip() or "by_hand"
                moved = tasks.finish(together, asked.corp_id, ids, "skipped", now, who=who, reason=reason)
            case "hand":
                moved = tasks.hand(together, asked.corp_id, ids, given.staff or None, now, who=who)
            case "snooze":
                moved = tasks.snooze(together, asked.corp_id, ids, given.until_us or 0, now, who=who)
    return answer({"moved": moved.done, "closed": moved.closed})


@router.post("/api/tasks/note")
def add_note(asked: SignedIn, task_id: Annotated[str, Query(max_length=300)], given: NoteIn) -> Response:
    """Add a note to a task."""
    with asked.ledger.write() as connection:
        key = task_id.replace("\0", "")
        tasks.note(connection, asked.corp_id, key, given.text, corp_now(asked), who=asked.who.label)
    return answer({"task_id": task_id})


@router.post("/api/tasks", responses={201: {"description": "It was not there before."}})
def ask(asked: SignedIn, given: TaskIn) -> Response:
    """Ask somebody for something: a finding or a complaint is handed over once and followed until it is closed."""
    now = corp_now(asked)
    group, person = given.group, given.person
    with asked.ledger.read() as connection:
        if group is not None and not group_names(connection, [group]):
            raise NotFound("group", str(group))
        if given.staff and not tasks.works_here(connection, asked.corp_id, given.staff):
            raise tasks.StaffNotHere(given.staff)
    due = given.due_us or now + DAY_US
    task = Task(
        task_id=_id_of(given, now), kind=given.kind, title=given.title, detail=given.detail, staff=given.staff or None,
        group=group, person=person, due_us=due, expires_us=max(due, now) + 30 * DAY_US,
    )  # fmt: skip
    with asked.ledger.together() as together:
        new = tasks.add(together, asked.corp_id, [task], now)
    return answer({"task_id": task.task_id, "new": bool(new)}, status=201 if new else 200)


def _id_of(given: TaskIn, now_us: int) -> str:
    """What it is about makes its id, so that two who hand over the same thing make one task."""
    about = (given.finding and f"finding:{given.finding}") or (given.message and f"message:{given.message}")
    text = about or f"{now_us}:{given.title}:{given.detail}:{given.staff}:{given.group}:{given.person}"
    return f"{'about' if about else 'by_hand'}:{blake2b(text.encode(), digest_size=10).hexdigest()}"


def _told(asked: Asked, connection: Any, rows: Any, now_us: int) -> list[dict[str, Any]]:
    here = group_names(connection, {row.group for row in rows if row.group is not None})
    persons = identity.owners(connection, {row.person for row in rows if row.person is not None})
    called = person_names(connection, set(persons.values()))
    staff = {one.userid: one.name for one in tasks.working(connection, asked.corp_id)}
    return [
        {
            "task_id": row.task_id, "kind": row.kind, "title": row.title, "detail": row.detail, "role": row.role,
            "say": None if row.say is None else msgspec.json.decode(row.say, type=Message),
            "staff": None if row.staff is None else {"userid": row.staff, "name": staff.get(row.staff, row.staff)},
            "group": None if row.group is None else {"group": row.group, "name": here.get(row.group, f"#{row.group}")},
            "person": None if row.person is None else {
                "person": persons.get(row.person, row.person),
                "name": called.get(persons.get(row.person, -1), f"#{row.person}"),
            },
            "campaign_id": row.campaign_id, "step": row.step, "state": row.state, "reason": row.reason,
            "due": from_us(row.due_us), "due_us": row.due_us, "late": row.state == "late" or row.due_us < now_us,
            "expires": from_us(row.expires_us), "moved": from_us(row.moved_us),
        }
        for row in rows
    ]  # fmt: skip
