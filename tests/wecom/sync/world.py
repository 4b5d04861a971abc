"""A WeCom in the same process, people who do things at random in it, and callbacks that get lost on the way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import sqlalchemy as sa

from tiefen.kit.clock import SECOND_US
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups, handles, stays, wecom_contacts
from tiefen.sandbox import Sandbox
from tiefen.sandbox.answering import Request, answer
from tiefen.sandbox.archive import archive
from tiefen.sandbox.corps import CorpKeys
from tiefen.sandbox.errors import NotPossible
from tiefen.wecom.client import Limits, Shared, WeCom
from tiefen.wecom.events import parse
from tiefen.wecom.mirror import Mirror
from tiefen.wecom.sync import Sync

CORP = "honglou"
START = datetime(2026, 3, 2, 1, tzinfo=UTC)
STAFF = ("xifeng:王熙凤", "pinger:平儿", "yuanyang:鸳鸯", "xiren:袭人")


class Wire(httpx.BaseTransport):
    """To the sandbox without a network."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self.calls: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        parts = urlsplit(str(request.url))
        if parts.path == "/_sandbox/archive":
            found = archive(self._box, parts.query)
        else:
            path = parts.path.removeprefix("/cgi-bin/")
            self.calls.append(path)
            with self._box.store.lock:
                found = answer(self._box, Request(request.method, path, parts.query, request.read()))
                if found.held is not None:
                    self._box.traffic.leave(found.held)
        return httpx.Response(found.status, headers=list(found.headers), content=found.body)


class BoxClock:
    """The sandbox's time; waiting lets it pass."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box

    def now(self) -> float:
        return self._box.clock.now()

    def wait(self, seconds: float) -> None:
        self._box.clock.step(max(0.0, seconds))

    def close(self) -> None:
        pass


@dataclass
class Place:
    """A sandbox with one corp, and Tiefen's side of it."""

    box: Sandbox
    keys: CorpKeys
    ledger: Ledger
    wire: Wire
    api: WeCom
    sync: Sync
    mirror: Mirror
    seen: int = 0

    def client(self, secret: str) -> WeCom:
        return WeCom(
            "http://box", self.keys.corpid, secret, wire=self.wire, clock=BoxClock(self.box), shared=Shared(),
            limits=Limits(share=1.0),
        )  # fmt: skip

    def callbacks(self) -> list[str]:
        """The XML of what happened since the last time."""
        made = self.box.truth(self.keys.corpid).callbacks()[self.seen :]
        self.seen += len(made)
        return made

    def take(self, xmls: list[str]) -> None:
        now = int(self.box.clock.now() * SECOND_US)
        events = [parse(xml.encode(), now) for xml in xmls]
        self.mirror.take([event for event in events if event.known])


@contextmanager
def place(ledger: Ledger, *, seed: int = 7) -> Iterator[Place]:
    with Sandbox.open(None, seed=seed, speed=None, start=START) as box:
        keys = box.add_corp("荣国府", staff=STAFF)
        made = Place(box, keys, ledger, Wire(box), None, None, None)  # type: ignore[arg-type]
        made.api = made.client(keys.secret)
        made.sync = Sync(ledger, CORP, made.api, archive=made.client(keys.archive_secret))
        made.mirror = made.sync.mirror
        yield made


@dataclass
class Living:
    """People doing things at random, reproducibly."""

    place: Place
    seed: int
    people: list[str] = field(default_factory=list)
    chats: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.phones = self.place.box.phones(self.place.keys.corpid)
        self.staff = [one.partition(":")[0] for one in STAFF]
        self._rename = 0

    def begin(self, people: int = 40, groups: int = 3) -> None:
        self.people = [self.phones.person(f"人{n}") for n in range(people)]
        for n in range(groups):
            guests = self.dice.sample(self.people, min(8, people))
            self.chats.append(self.phones.create_group(self.dice.choice(self.staff), f"群{n}", people=guests))

    def act(self) -> None:
        """Something somebody does; what cannot be done is not."""
        dice, phones = self.dice, self.phones
        person, userid, chat = dice.choice(self.people), dice.choice(self.staff), dice.choice(self.chats)
        what = dice.choices(
            ("join", "leave", "remove", "add", "delete_staff", "delete_customer", "tag", "rename", "owner", "half",
             "seed", "dismiss", "say"),
            (30, 18, 4, 14, 5, 4, 6, 1, 1, 3, 1, 0.3, 10),
        )[0]  # fmt: skip
        with suppress(NotPossible):
            match what:
                case "join":
                    phones.join(person, chat, scene=dice.choice((1, 2, 3)))
                case "leave":
                    phones.leave(person, chat)
                case "remove":
                    phones.remove(person, chat, by=userid)
                case "add":
                    phones.add_contact(person, userid)
                case "delete_staff":
                    phones.delete_staff(person, userid)
                case "delete_customer":
                    phones.delete_customer(userid, person)
                case "tag":
                    phones.edit_contact(userid, person, remark="记下")
                case "rename":
                    self._rename += 1
                    phones.rename_group(chat, f"新名{self._rename}")
                case "owner":
                    phones.join(userid, chat)
                    phones.change_owner(chat, userid)
                case "half":
                    phones.half_add(person, userid)
                case "seed":
                    guests = dice.sample(self.people, 5)
                    self.chats.append(phones.create_group(userid, f"群{len(self.chats)}", people=guests))
                case "dismiss":
                    if len(self.chats) > 2:
                        phones.dismiss(chat)
                case _:
                    phones.say(person, chat, f"说{dice.randrange(9)}")


# ---- what Tiefen says ---------------------------------------------------------------------------

Stay = tuple[str, str, int, int | None]


def stays_told(ledger: Ledger) -> list[Stay]:
    """(chat_id, member, joined, left) in whole seconds."""
    asked = (
        sa.select(groups.c.outer_id, handles.c.id_value, stays.c.joined_us, stays.c.left_us)
        .join(handles, handles.c.handle == stays.c.member)
        .join(groups, groups.c.group_id == stays.c.group)
    )
    with ledger.read() as connection:
        rows = connection.execute(asked).all()
    # What had to be put before or after something in the same second lies a microsecond beside it.
    return sorted(
        [(c, m, _second(since), None if left is None else _second(left)) for c, m, since, left in rows], key=str
    )


def _second(us: int) -> int:
    return (us + 1) // SECOND_US


def stays_true(place: Place) -> list[Stay]:
    found = place.box.truth(place.keys.corpid).stays()
    return sorted([(c, m, int(since), None if left is None else int(left)) for c, m, since, left in found], key=str)


def contacts_told(ledger: Ledger) -> set[tuple[str, str]]:
    """Pairs WeCom tells of: whom a customer alone has deleted is still among them."""
    table = wecom_contacts.c
    asked = sa.select(table.userid, table.external_userid).where(
        table.added_us.is_not(None), sa.or_(table.lost_us.is_(None), table.lost_by == "person")
    )
    with ledger.read() as connection:
        return {(row.userid, row.external_userid) for row in connection.execute(asked)}
