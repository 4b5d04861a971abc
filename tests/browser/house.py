"""A company in the sandbox with Tiefen connected to it: its phones, its clock, and somebody at its console."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tests.browser.conftest import SHOTS, Server, running
from tests.browser.test_beginning import EMAIL, PASSWORD
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_contacts
from tiefen.sandbox import CorpKeys, Sandbox
from tiefen.wecom.connections import connect


@dataclass(frozen=True)
class House:
    """A company in the sandbox, and Tiefen connected to it."""

    box: Sandbox
    keys: CorpKeys
    server: Server
    people: dict[str, str]
    """Name → what the company knows them by."""

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        with Ledger.open(Settings(data=self.server.data)) as ledger:
            yield ledger

    def staff_confirm(self) -> None:
        """Both members of staff confirm whatever waits on their phones for single people."""
        phones = self.box.phones(self.keys.corpid)
        for userid in STAFF:
            for kind, msgid in phones.tasks(userid):
                if kind == "single":
                    phones.confirm(userid, msgid)

    def time_passes(self, page: Page, seconds: float) -> None:
        self.box.clock.step(seconds)
        page.wait_for_timeout(1_000)


STAFF = ("pinger", "xifeng")


@contextmanager
def opened_house(data: Path, names: Sequence[str]) -> Iterator[House]:
    """Every person is a contact of one of two members of staff."""
    with Sandbox.open() as box, running(data, "--empty") as server:
        keys = box.add_corp("大观园文创", staff=["xifeng:王熙凤", "pinger:平儿"])
        phones = box.phones(keys.corpid)
        people = {name: phones.add_contact(phones.person(name), STAFF[n % 2]) for n, name in enumerate(names)}
        with box.serve() as url, Ledger.open(Settings(data=server.data)) as ledger:
            # The sandbox's clock is the company's, so that a test need not wait as long as staff may.
            connect(
                ledger,
                "main",
                corpid=keys.corpid,
                secret=keys.secret,
                agentid=keys.agentid,
                base_url=url,
                window_seconds=0,
            )
            yield House(box, keys, server, people)


def sign_up(page: Page, house: House) -> None:
    """The first account, and WeCom read once."""
    page.goto(house.server.url)
    page.get_by_label("称呼").fill("熙凤")
    page.get_by_label("邮箱").fill(EMAIL)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="创建账号并进入").click()
    expect(page.get_by_role("heading", name="总览")).to_be_visible()
    _until_everybody_is_known(page, house)


def _until_everybody_is_known(page: Page, house: House) -> None:
    """The first reading of WeCom is over: both staff can be chosen and have their contacts."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        told = page.request.get(f"{house.server.url}/api/broadcast-options").json()
        if len(told["staff"]) == len(STAFF):
            with house.ledger() as ledger, ledger.read() as connection:
                asked = sa.select(sa.func.count()).where(wecom_contacts.c.added_us.is_not(None))
                if connection.execute(asked).scalar_one() == len(house.people):
                    return
        house.box.clock.step(5)
        time.sleep(1)
    raise AssertionError("WeCom was not read")


def until_counted(house: House, page: Page, state: str, number: str, *, patience: float = 240) -> None:
    """Time passes in the sandbox until the page of a broadcast says that so many are in this state."""
    until = time.monotonic() + patience
    shown = page.locator(f"[data-count={state}] strong")
    while time.monotonic() < until:
        if shown.inner_text() == number:
            return
        house.time_passes(page, 20)
    raise AssertionError(f"{state} is {shown.inner_text()}")


@contextmanager
def shot(page: Page, name: str) -> Iterator[None]:
    """A picture of the page before what follows, for whoever wants to look."""
    page.wait_for_timeout(300)
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    yield
