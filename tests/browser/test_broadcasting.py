"""A broadcast from its draft to people's phones: written, checked, approved, confirmed by staff on the sandbox's phones, delivered."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import looking, sound
from tests.browser.house import House, opened_house, shot, sign_up, until_counted

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened_house(tmp_path_factory.mktemp("broadcasting") / "data", ["林黛玉", "薛宝钗", "史湘云"]) as opened:
        yield opened


@pytest.fixture(scope="module")
def owner(chromium: Browser, house: House) -> Iterator[Page]:
    with sound(looking(chromium, size=(1440, 1000))) as page:
        sign_up(page, house)
        yield page


def test_a_broadcast_is_written_checked_approved_confirmed_and_delivered(owner: Page, house: House) -> None:
    url = house.server.url
    owner.goto(f"{url}/broadcasts")
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
    owner.get_by_test_id("words").get_by_text("统一文案", exact=True).click()
    owner.get_by_role("button", name="保存并检查").first.click()
    with shot(owner, "broadcast-same-words"):
        expect(owner.get_by_test_id("preflight").get_by_text("2 →")).to_be_visible()
    owner.get_by_test_id("words").get_by_text("自动", exact=True).click()
    owner.get_by_role("button", name="保存并检查").first.click()
    expect(owner.get_by_test_id("preflight").get_by_text("2 →")).to_be_hidden()
    expect(owner.get_by_test_id("preflight").get_by_role("cell", name="平儿")).to_be_visible()
    with shot(owner, "broadcast-check"):
        owner.get_by_role("button", name="审批，按时发出").click()
        owner.locator(".ant-popconfirm-buttons .ant-btn-primary").click()
        expect(owner.locator("[data-state=sending]")).to_be_visible(timeout=30_000)

    until_counted(house, owner, "tasked", "3")
    with shot(owner, "broadcast-waiting"):
        owner.get_by_role("button", name="提醒员工").click()
        expect(owner.get_by_text(re.compile("已提醒 3 个任务"))).to_be_visible()
    house.staff_confirm()
    until_counted(house, owner, "delivered", "3")
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
