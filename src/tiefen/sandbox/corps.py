"""Companies in the sandbox, their apps, and what each app may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tiefen.sandbox.errors import NotPossible, UnknownCorp
from tiefen.sandbox.seeds import Seeds
from tiefen.sandbox.state import Store, dump, load

APP, SYNC, ARCHIVE = 1_000_002, 2_000_002, 2_000_003
"""The first self-built app, the address book's own (通讯录同步) and the archive's."""
PERMISSIONS = ("contact", "message", "transfer", "tag", "acquisition", "moment", "group")
"""What an administrator can take from an app: `contact` is being listed under 可调用接口的应用 and covers the others."""


@dataclass(frozen=True, slots=True)
class CorpKeys:
    """What an administrator copies from the console into an app."""

    corpid: str
    agentid: int
    secret: str
    archive_secret: str
    token: str
    aes_key: str


@dataclass(frozen=True, slots=True)
class Corp:
    """A company as the sandbox works with it."""

    keys: CorpKeys
    name: str
    callback_url: str | None
    shop_url: str | None
    shop_key: str
    settings: dict[str, Any]

    @property
    def corpid(self) -> str:
        return self.keys.corpid


@dataclass(frozen=True, slots=True)
class App:
    """An app of a company. `visible` None sees everybody, else the staff (lower case) within its range."""

    corpid: str
    agentid: int
    kind: str
    name: str
    secret: str
    visible: frozenset[str] | None
    departments: frozenset[int] | None
    permissions: frozenset[str]
    trusted_ips: dict[str, float] | None
    disabled: bool

    def sees(self, userid: str) -> bool:
        return self.visible is None or userid.lower() in self.visible


class Corps:
    """Reads and writes companies and apps; keeps what every act asks for in memory."""

    def __init__(self, store: Store, seeds: Seeds) -> None:
        self._store, self._seeds = store, seeds
        self._corps: dict[str, Corp] = {}
        self._apps: dict[tuple[str, int], App] = {}

    def forget(self) -> None:
        """Read anew what is asked for next."""
        self._corps.clear()
        self._apps.clear()

    def add(self, name: str, corpid: str | None, now: float) -> CorpKeys:
        number = self._store.number("corp")
        corpid = corpid or "ww" + self._seeds.hex("corpid", number, length=16)
        if self._store.one("SELECT 1 FROM corps WHERE corpid = ?", corpid):
            raise NotPossible(f"there is a company {corpid} already")
        keys = CorpKeys(
            corpid, APP, self._seeds.text("secret", corpid, length=43), self._seeds.text("archive", corpid, length=43),
            self._seeds.text("token", corpid, length=24), self._seeds.aes_key(corpid),
        )  # fmt: skip
        self._store.run(
            "INSERT INTO corps (corpid, name, agentid, secret, archive_secret, token, aes_key, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (corpid, name, APP, keys.secret, keys.archive_secret, keys.token, keys.aes_key, now),
        )
        self._store.run("INSERT INTO departments VALUES (?, 1, ?, 0, 100000000)", (corpid, name))
        self._insert_app(corpid, APP, "app", name, keys.secret)
        self._insert_app(corpid, SYNC, "sync", "通讯录同步", self._seeds.text("sync", corpid, length=43))
        self._insert_app(corpid, ARCHIVE, "archive", "会话内容存档", keys.archive_secret)
        return keys

    def add_app(self, corpid: str, name: str) -> App:
        """One more self-built app."""
        agentid = 1 + self._store.value("SELECT max(agentid) FROM apps WHERE corpid = ? AND kind = 'app'", corpid)
        secret = self._seeds.text("secret", corpid, agentid, length=43)
        self._insert_app(corpid, agentid, "app", name, secret)
        return self.app(corpid, agentid)

    def all(self) -> list[Corp]:
        return [self.corp(corpid) for corpid in self._store.column("SELECT corpid FROM corps ORDER BY created, rowid")]

    def corp(self, corpid: str) -> Corp:
        found = self._corps.get(corpid)
        if found is None:
            row = self._store.one("SELECT * FROM corps WHERE corpid = ?", corpid)
            if row is None:
                raise UnknownCorp(corpid)
            keys = CorpKeys(*(row[name] for name in CorpKeys.__dataclass_fields__))
            found = self._corps[corpid] = Corp(
                keys, row["name"], row["callback_url"], row["shop_url"], row["shop_key"], load(row["settings"])
            )
        return found

    def change(self, corpid: str, **fields: Any) -> None:
        """Set columns of a company."""
        self.corp(corpid)
        for name, value in fields.items():
            self._store.run(f"UPDATE corps SET {name} = ? WHERE corpid = ?", (value, corpid))
        self._corps.pop(corpid, None)

    def configure(self, corpid: str, **settings: Any) -> None:
        """Set some of a company's settings."""
        self.change(corpid, settings=dump({**self.corp(corpid).settings, **settings}))

    def app(self, corpid: str, agentid: int) -> App:
        found = self._apps.get((corpid, agentid))
        if found is None:
            row = self._store.one("SELECT * FROM apps WHERE corpid = ? AND agentid = ?", corpid, agentid)
            if row is None:
                raise NotPossible(f"{corpid} has no app {agentid}")
            visible, departments = self._range(corpid, load(row["visible"]))
            found = self._apps[corpid, agentid] = App(
                corpid, agentid, row["kind"], row["name"], row["secret"], visible, departments,
                frozenset(load(row["permissions"])), load(row["trusted_ips"]), bool(row["disabled"]),
            )  # fmt: skip
        return found

    def change_app(self, corpid: str, agentid: int, **fields: Any) -> None:
        for name, value in fields.items():
            self._store.run(f"UPDATE apps SET {name} = ? WHERE corpid = ? AND agentid = ?", (value, corpid, agentid))
        self._apps.pop((corpid, agentid), None)

    def staff_changed(self) -> None:
        """Ranges that name departments are to be worked out anew."""
        self._apps.clear()

    def departments_below(self, corpid: str, roots: Sequence[int]) -> list[int]:
        """The departments and all below them."""
        return self._store.column(
            "WITH RECURSIVE below(id) AS (SELECT id FROM departments WHERE corpid = ? AND id IN (SELECT value FROM"
            " json_each(?)) UNION SELECT d.id FROM departments d JOIN below ON d.parentid = below.id WHERE d.corpid = ?)"
            " SELECT id FROM below ORDER BY id",
            corpid, dump(list(roots)), corpid,
        )  # fmt: skip

    def _insert_app(self, corpid: str, agentid: int, kind: str, name: str, secret: str) -> None:
        permissions = dump(list(PERMISSIONS) if kind == "app" else [kind])
        self._store.run(
            "INSERT INTO apps (corpid, agentid, kind, name, secret, permissions) VALUES (?, ?, ?, ?, ?, ?)",
            (corpid, agentid, kind, name, secret, permissions),
        )

    def _range(self, corpid: str, visible: Any) -> tuple[frozenset[str] | None, frozenset[int] | None]:
        if visible is None:
            return None, None
        departments = self.departments_below(corpid, visible["departments"])
        of_departments = self._store.column(
            "SELECT userid FROM users WHERE corpid = ? AND department IN (SELECT value FROM json_each(?))",
            corpid, dump(departments),
        )  # fmt: skip
        return frozenset(userid.lower() for userid in [*of_departments, *visible["users"]]), frozenset(departments)
