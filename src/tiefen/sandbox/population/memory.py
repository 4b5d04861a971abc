"""What the population keeps between runs, in the sandbox's own file: who is who, moods, and what messages did."""

from __future__ import annotations

import msgspec

from tiefen.sandbox.population.acts import Names
from tiefen.sandbox.state import Store

_TABLES = (
    "CREATE TABLE IF NOT EXISTS population_people (number INTEGER PRIMARY KEY, person TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS population_groups (number INTEGER PRIMARY KEY, chat_id TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS population_said (key TEXT PRIMARY KEY, msgid TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS population_moods (number INTEGER PRIMARY KEY, load REAL NOT NULL, at REAL NOT NULL,"
    " muted TEXT NOT NULL, quit INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS population_effects (id INTEGER PRIMARY KEY, at REAL NOT NULL, number INTEGER NOT NULL,"
    " msgid TEXT NOT NULL, kind TEXT NOT NULL, channel TEXT NOT NULL, did TEXT NOT NULL, fen INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS population_seen (msgid TEXT NOT NULL, kind TEXT NOT NULL, channel TEXT NOT NULL,"
    " people INTEGER NOT NULL, orders_expected REAL NOT NULL, PRIMARY KEY (msgid, kind, channel)) WITHOUT ROWID",
)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a population was made from: all the rest follows from it."""

    corpid: str
    seed: int
    groups: int
    people: int
    days: int
    staff: int
    begins: float
    ends: float
    """When its history ends and its life with the clock begins."""


class Mood(msgspec.Struct):
    """How somebody takes the brand's messages by now."""

    load: float = 0.0
    """Selling not yet forgotten, in messages sent to them in person; halves in five days."""
    at: float = 0.0
    muted: list[str] = []
    """userids and chat_ids they do not look at any more."""
    quit: bool = False
    """They deleted the staff member."""


class Memory:
    """Reads and writes; inside a unit of the sandbox only."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def plan(self) -> Plan | None:
        kept = self.store.setting("population")
        return None if kept is None else msgspec.convert(kept, Plan)

    def begin(self, plan: Plan) -> None:
        for table in _TABLES:
            self.store.run(table)
        self.store.set("population", msgspec.to_builtins(plan))

    def lived(self) -> float:
        """Up to when its history is told; `-inf` before it began."""
        told: float = self.store.setting("population_lived", float("-1e18"))
        return told

    def live_until(self, at: float) -> None:
        self.store.set("population_lived", at)

    def names(self) -> Names:
        names = Names()
        names.people = {row[0]: row[1] for row in self.store.run("SELECT number, person FROM population_people")}
        names.numbers = {person: number for number, person in names.people.items()}
        names.groups = {row[0]: row[1] for row in self.store.run("SELECT number, chat_id FROM population_groups")}
        names.said = {row[0]: row[1] for row in self.store.run("SELECT key, msgid FROM population_said")}
        names.tags = self.store.setting("population_tags", {})
        return names

    def meet(self, people: list[tuple[int, str]], groups: list[tuple[int, str]]) -> None:
        """Keep how the sandbox calls them."""
        self.store.many("INSERT INTO population_people VALUES (?, ?)", people)
        self.store.many("INSERT INTO population_groups VALUES (?, ?)", groups)

    def hear(self, said: list[tuple[str, str]], *, anew: bool) -> None:
        """Keep what can still be answered."""
        if anew:
            self.store.run("DELETE FROM population_said")
        self.store.many("INSERT OR REPLACE INTO population_said VALUES (?, ?)", said)

    def mood(self, number: int) -> Mood:
        row = self.store.one("SELECT load, at, muted, quit FROM population_moods WHERE number = ?", number)
        if row is None:
            return Mood()
        return Mood(row["load"], row["at"], msgspec.json.decode(row["muted"], type=list[str]), bool(row["quit"]))

    def feel(self, number: int, mood: Mood) -> None:
        muted = msgspec.json.encode(mood.muted).decode()
        self.store.run(
            "INSERT OR REPLACE INTO population_moods VALUES (?, ?, ?, ?, ?)",
            (number, mood.load, mood.at, muted, int(mood.quit)),
        )

    def effect(self, at: float, number: int, msgid: str, kind: str, channel: str, did: str, fen: int = 0) -> None:
        """Note that a message did something to somebody: `order`, `answer`, `click`, `mute`, `leave`, `delete`, `lost_order`.

        `came` notes an entrance of the brand by which they came, as the kind.
        """
        self.store.run(
            "INSERT INTO population_effects (at, number, msgid, kind, channel, did, fen) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (at, number, msgid, kind, channel, did, fen),
        )

    def seen(self, msgid: str, kind: str, channel: str, people: int, orders: float) -> None:
        """Note that a message reached people, and how many orders that was truly worth."""
        self.store.run(
            "INSERT INTO population_seen VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " people = people + excluded.people, orders_expected = orders_expected + excluded.orders_expected",
            (msgid, kind, channel, people, orders),
        )
