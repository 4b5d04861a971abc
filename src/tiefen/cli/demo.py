"""The demo brand: a company connected to a WeCom of its own, the sandbox, in which people with a known truth go on living."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tiefen.cli.common import err
from tiefen.cli.progress import Say, progress
from tiefen.intake.files import importer
from tiefen.ledger.keys import add_write_key
from tiefen.ledger.ledger import Ledger
from tiefen.sandbox import CorpKeys, Sandbox
from tiefen.sandbox.apart import COSTS, SandboxApart, SandboxFailed, Size
from tiefen.wecom.callbacks import health
from tiefen.wecom.connections import Connection, api, archive_api, connect, disconnect
from tiefen.wecom.sync import Sync, SyncUnderWay, clock_of
from tiefen.wecom.sync import progress as how_far
from tiefen.wecom.sync.state import alone

if TYPE_CHECKING:
    from tiefen.main import House

CORP = "demo"
NAME = "青禾茶事（演示）"
_BRAND = "青禾茶事"
_MESSAGES = 10
"""Roughly how much is said in a group on a day."""
_LADDER = [
    {"name": "体验装", "skus": ["trial-9.9"], "from_fen": None, "to_fen": None},
    {"name": "茶与课", "skus": [], "from_fen": 1_000, "to_fen": 99_900},
    {"name": "研学营", "skus": [], "from_fen": 99_901, "to_fen": None},
]
"""What the brand sells, from what draws people in to what earns most."""
_SETTLED = 4.0
"""Seconds after which WeCom has shown everywhere what it told."""


class Demo:
    """The demo company of a data folder: filled at the first start, and alive as long as the server is."""

    def __init__(self, home: House, address: str, port: int, *, size: Size | None = None) -> None:
        self._home, self._ledger, self._address = home, home.ledger, address
        self._port, self._size = _free(port), size or Size()
        self._folder = home.settings.data / "sandbox"
        self._world: SandboxApart | None = None
        self._over = threading.Event()

    @property
    def sandbox(self) -> str:
        """Where its WeCom is."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Go on where it was; a first start that was cut short is completed before this returns."""
        complete = self._ledger.ensure_corp(CORP, name=NAME, demo=True).settings.get("demo_complete", False)
        try:
            keys = self._introduce()
            self._world = SandboxApart.begin(self._folder, self._port, self._size)
            if complete:
                self._world.lived(lambda _: None)
                self._world.serve()
                self._connect(keys)
            else:
                self._fill(self._world, keys)
        except SandboxFailed as error:
            err.print(f"[yellow]The demo stands still:[/yellow] its sandbox does not run ({error}).", highlight=False)
        threading.Thread(target=self._watch, name="tiefen-demo", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether its WeCom runs."""
        return self._world is not None and self._world.alive

    def close(self) -> None:
        """End its WeCom."""
        self._over.set()
        if self._world is not None:
            self._world.close()

    def _introduce(self) -> CorpKeys:
        """Tell its WeCom and its shop where we are, as an administrator would. Until it answers, it is not connected."""
        with Sandbox.open(self._folder, speed=None) as box:
            keys = next(iter(box.corps()), None) or box.add_corp(_BRAND)
            self._connect(keys)
            verified = box.set_callback(keys.corpid, f"{self._address}/wecom/callback/{CORP}")
            disconnect(self._ledger, CORP)
            if not verified.ok:
                raise SandboxFailed(verified.why)
            box.set_shop(keys.corpid, self._address, self._write_key())
            box.configure(archive_days=None, callbacks_at_once=32)
        return keys

    def _connect(self, keys: CorpKeys) -> Connection:
        return connect(
            self._ledger, CORP, base_url=self.sandbox, corpid=keys.corpid, agentid=keys.agentid, secret=keys.secret,
            archive_secret=keys.archive_secret, archive_url=f"{self.sandbox}/_sandbox/archive", token=keys.token,
            aes_key=keys.aes_key, window_seconds=0,
        )  # fmt: skip

    def _write_key(self) -> str:
        kept = self._ledger.corp(CORP).settings.get("demo_write_key")
        if kept:
            return str(kept)
        key = add_write_key(self._ledger, CORP, "shop")
        self._ledger.update_settings(CORP, {"demo_write_key": key, "offer_ladder": _LADDER})
        return key

    def _fill(self, world: SandboxApart, keys: CorpKeys) -> None:
        with progress(err) as say, ExitStack() as alone_with_it:
            world.lived(lambda of: say("A brand and its people live through a year", of))
            # What happened is told in its order first, and only then asked for as it is now.
            for what in ("everything", "archive", "pulls"):
                alone_with_it.enter_context(alone(self._ledger, CORP, what))
            connection = self._connect(keys)
            world.serve()
            world.settled(lambda of: say("WeCom tells what happened", of))
            self._understand(say)
            alone_with_it.close()
            self._ask(connection, say)
            self._import_costs()
            self._read(say)
        self._ledger.update_settings(CORP, {"demo_complete": True})

    def _understand(self, say: Say) -> None:
        """Wait until what was told is taken in; a moment longer, because what it left to be asked is due then."""
        first = max(health(self._ledger, CORP).waiting, 1)
        while left := health(self._ledger, CORP).waiting:
            say("Tiefen takes it in", 1 - min(left / first, 1.0))
            time.sleep(0.2)
        time.sleep(_SETTLED)

    def _ask(self, connection: Connection, say: Say) -> None:
        """The first reading of everything and of the archive. Whoever tends connections may be quicker; then it is theirs."""
        sync = Sync(self._ledger, CORP, api(connection), archive=archive_api(connection), clock=clock_of(connection))
        with suppress(SyncUnderWay):
            sync.read_everything(
                between=lambda: say("Tiefen asks how things are now", how_far(self._ledger, CORP).fraction)
            )
        said, expected = 0, self._size.groups * self._size.days * _MESSAGES
        while sync.archive is not None:
            say("Tiefen reads what was said", min(said / expected, 1.0))
            try:
                more = sync.archive.pull(most_pages=4)
            except SyncUnderWay:
                time.sleep(0.5)
                continue
            said += more
            if not more:
                return

    def _read(self, say: Say) -> None:
        self._home.worker.request_reading(CORP)
        through = self._ledger.last_seq()
        while (current := self._home.readings.current(CORP)) is None or current.through < through:
            job = self._home.worker.status().get(f"reading:{CORP}")
            say("Reading what happened", job["fraction"] if job else 0.0)
            time.sleep(0.2)

    def _import_costs(self) -> None:
        folder = self._ledger.settings.data / "uploads" / CORP / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        path = Path(shutil.copy(self._folder / COSTS, folder / "渠道花费.csv"))
        importer.run(self._ledger, importer.create(self._ledger, CORP, path, "costs", None))

    def _watch(self) -> None:
        """Once somebody has removed the demo, its WeCom goes too."""
        while not self._over.wait(2.0):
            if not any(corp.corp_id == CORP for corp in self._ledger.corps()):
                self.close()
                with suppress(OSError):
                    shutil.rmtree(self._folder)
                return


def wants_demo(ledger: Ledger) -> bool:
    """True on a folder that holds nothing yet, and on one that holds the demo."""
    if any(corp.demo for corp in ledger.corps()):
        return True
    return ledger.facts() == 0 and not ledger.corp("main").settings.get("demo_removed", False)


def _free(wished: int) -> int:
    """A port nobody listens on, the wished one if it may be."""
    for port in (wished, 0):
        with socket.socket() as at, suppress(OSError):
            at.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            at.bind(("127.0.0.1", port))
            return int(at.getsockname()[1])
    raise SandboxFailed("no port is free")
