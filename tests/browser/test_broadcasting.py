"""A broadcast from its draft to people's phones: written, checked, approved, confirmed by staff on the sandbox's phones, delivered."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SHOTS, Server, looking, running, sound
from tests.browser.test_beginning import EMAIL, PASSWORD
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.sandbox import CorpKeys, Sandbox
from tiefen.wecom.connections import connect

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class House:
    """A company in the sandbox, and Tiefen connected to it."""

    box: Sandbox
    keys: CorpKeys
    server: Server
    people: dict[str, str]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("broadcasting") / "data"
    with Sandbox.open() as box, running(data, "--empty") as server:
        keys = box.add_corp("大观园文创", staff=["xifeng:王熙凤", "pinger:平儿"])
        phones = box.phones(keys.corpid)
        people = {name: phones.person(name) for name in ("林黛玉", "薛宝钗", "史湘云")}
        for name, staff in zip(people, ("pinger", "pinger", "xifeng"), strict=True):
            phones.add_contact(people[name], staff)
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


@pytest.fixture(scope="module")
def owner(chromium: Browser, house: House) -> Iterator[Page]:
    with sound(looking(chromium, size=(1440, 1000))) as page:
        page.goto(house.server.url)
        page.get_by_label("称呼").fill("熙凤")
        page.get_by_label("邮箱").fill(EMAIL)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="创建账号并进入").click()
        expect(page.get_by_role("heading", name="总览")).to_be_visible()
        yield page


def test_a_broadcast_is_written_checked_approved_confirmed_and_delivered(owner: Page, house: House) -> None:
    url = house.server.url
    owner.goto(f"{url}/broadcasts")
    _until_everybody_is_known(owner, house)
    owner.get_by_role("button", name="新建群发").click()
    owner.get_by_label("名称").fill("新茶到店")
    owner.get_by_text("服务通知").click()
    owner.get_by_text("所有好友").click()
    box = owner.get_by_label("消息文字")
    box.fill("，国家级新茶到了")
    box.press("Home")
    owner.get_by_role("button", name=re.compile(r"^称\s*呼$")).click()
    expect(owner.get_by_test_id("phone")).to_contain_text("黛玉，国家级新茶到了")
    expect(owner.locator("[data-check=absolute_words][data-severity=stop]")).to_be_visible()
    owner.get_by_label("对照组").fill("0")
    owner.get_by_role("button", name="保存并检查").first.click()
    expect(owner.get_by_test_id("go")).to_contain_text("3")
    expect(owner.get_by_role("button", name="审批，按时发出")).to_be_disabled()

    box.fill(box.input_value().replace("国家级", ""))
    owner.get_by_role("button", name="保存并检查").first.click()
    expect(owner.get_by_test_id("preflight").get_by_role("cell", name="平儿")).to_be_visible()
    with shot(owner, "broadcast-check"):
        owner.get_by_role("button", name="审批，按时发出").click()
        owner.locator(".ant-popconfirm-buttons .ant-btn-primary").click()
        expect(owner.locator("[data-state=sending]")).to_be_visible(timeout=30_000)

    _until(house, owner, "tasked", "3")
    with shot(owner, "broadcast-waiting"):
        owner.get_by_role("button", name="提醒员工").click()
        expect(owner.get_by_text(re.compile("已提醒 3 个任务"))).to_be_visible()
    _staff_confirm(house)
    _until(house, owner, "delivered", "3")
    expect(owner.locator("[data-state=done]")).to_be_visible(timeout=30_000)
    with shot(owner, "broadcast-delivered"):
        expect(owner.get_by_role("link", name="林黛玉")).to_be_visible()


def test_a_launch_is_planned_in_waves_and_its_page_says_planned_against_real(owner: Page, house: House) -> None:
    owner.goto(f"{house.server.url}/broadcasts?tab=launches")
    owner.get_by_role("button", name="新建发售").click()
    drawer = owner.get_by_role("dialog")
    drawer.get_by_label("名称").fill("明前茶发售")
    drawer.get_by_label("卖什么").fill("明前龙井")
    drawer.get_by_text("发给人").click()
    drawer.get_by_text("所有好友").click()
    drawer.get_by_label("计划订单数").fill("10")
    drawer.get_by_role("button", name="生成各波次草稿").click()

    expect(owner.locator("[data-wave]")).to_have_count(5)
    owner.get_by_role("button", name="审批全部波次").click()
    owner.locator(".ant-popconfirm-buttons .ant-btn-primary").click()
    expect(owner.locator("tbody [data-state=scheduled]")).to_have_count(5)
    with shot(owner, "launch-plan"):
        expect(owner.get_by_text("计划 10")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_pages_read_well_in_both_languages_and_themes(
    chromium: Browser, owner: Page, house: House, language: str, theme: str
) -> None:
    cookies = owner.context.cookies()
    ids = owner.request.get(f"{house.server.url}/api/broadcasts").json()["items"]
    with sound(looking(chromium, language, (1280, 900), theme)) as page:
        page.context.add_cookies([{"name": c["name"], "value": c["value"], "url": house.server.url} for c in cookies])
        page.add_init_script(f"localStorage.setItem('tiefen-language', '{language}')")
        page.goto(f"{house.server.url}/broadcasts")
        expect(page.locator("tbody tr[data-row-key]").first).to_be_visible()
        with shot(page, f"broadcasts-{language}-{theme}"):
            pass
        page.goto(f"{house.server.url}/broadcasts/{ids[-1]['campaign_id']}")
        expect(page.locator("[data-count=delivered]")).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        with shot(page, f"broadcast-{language}-{theme}"):
            pass


def _until_everybody_is_known(page: Page, house: House) -> None:
    """The first reading of WeCom is over: both staff can be chosen and have their contacts."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        told = page.request.get(f"{house.server.url}/api/broadcast-options").json()
        people = page.request.get(f"{house.server.url}/api/wecom/health").json()
        if len(told["staff"]) == 2 and people:
            with Ledger.open(Settings(data=house.server.data)) as ledger, ledger.read() as connection:
                known = connection.exec_driver_sql(
                    "SELECT count(*) FROM wecom_contacts WHERE added_us IS NOT NULL"
                ).scalar()
            if known == 3:
                return
        house.box.clock.step(5)
        time.sleep(1)
    raise AssertionError("WeCom was not read")


def _until(house: House, page: Page, state: str, number: str) -> None:
    """Time passes in the sandbox until the page says so."""
    until = time.monotonic() + 240
    shown = page.locator(f"[data-count={state}] strong")
    while time.monotonic() < until:
        if shown.inner_text() == number:
            return
        house.box.clock.step(20)
        page.wait_for_timeout(1_000)
    raise AssertionError(f"{state} is {shown.inner_text()}")


def _staff_confirm(house: House) -> None:
    phones = house.box.phones(house.keys.corpid)
    for userid in ("pinger", "xifeng"):
        for kind, msgid in phones.tasks(userid):
            if kind == "single":
                phones.confirm(userid, msgid)


@contextmanager
def shot(page: Page, name: str) -> Iterator[None]:
    """A picture of the page before what follows, for whoever wants to look."""
    page.wait_for_timeout(300)
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    yield
