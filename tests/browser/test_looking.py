"""What somebody sees who follows the login link of a first start."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, SHOTS, WIDE, Server, looking, sound

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
"""The first of these waits until the demo's people have lived their year."""
PAGES = {
    "overview": "/", "findings": "/findings", "groups": "/groups", "group": "/groups/1", "overlap": "/overlap",
    "people": "/people", "person": "/people/50", "sources": "/sources", "imports": "/imports", "facts": "/facts",
    "settings": "/settings", "connections": "/settings?tab=keys", "data": "/settings?tab=data",
    "metrics": "/settings?tab=metrics", "audit": "/settings?tab=audit", "nowhere": "/no/such/page",
}  # fmt: skip


def test_the_overview_says_how_many_how_they_are_and_what_to_look_at_first(page: Page, demo: Server) -> None:
    page.goto(demo.url)

    expect(page.get_by_test_id("demo-banner")).to_be_visible()
    expect(page.locator("[data-rung=superfan] strong")).to_have_text(re.compile(r"^[1-9][\d,]*$"))
    assert sum(int(n) for n in page.locator("[data-stage] strong").all_inner_texts()) == 40
    expect(page.locator("[data-finding=advert_flood]").first).to_contain_text("疑似广告")
    expect(page.locator("[data-finding]").first).to_contain_text("建议")


def test_the_sickest_group_comes_first_and_its_page_says_why(page: Page, demo: Server) -> None:
    page.goto(f"{demo.url}/groups")
    first = page.locator("tbody tr[data-row-key]").first
    expect(first).to_contain_text(re.compile("沉寂|衰退期"))
    name = first.get_by_role("link").first.inner_text()

    _open_row(page)

    expect(page.get_by_role("heading", level=3)).to_contain_text(name)
    expect(page.get_by_test_id("stage-evidence")).to_contain_text("最近一次发言在")
    expect(page.get_by_role("img", name="生命曲线").locator("canvas")).to_be_visible()


def test_a_lively_group_shows_its_leaders_circles_members_newcomers_and_overlap(page: Page, demo: Server) -> None:
    page.goto(f"{demo.url}/groups?sort=messages")
    _open_row(page)

    expect(page.get_by_role("img", name="圈子图").locator("canvas")).to_be_visible()
    expect(page.get_by_test_id("leaders").get_by_role("link").first).to_be_visible()
    page.get_by_role("tab", name="和其他群的重合").click()
    expect(page.get_by_role("columnheader", name="共同成员")).to_be_visible()
    page.get_by_role("tab", name="消息").click()
    page.get_by_role("button", name="不是广告").first.click()
    expect(page.get_by_text("已标为正常").first).to_be_visible()


def test_a_number_opens_down_to_its_facts(page: Page, demo: Server) -> None:
    page.goto(f"{demo.url}/groups?sort=joined")
    cell = page.locator("tbody tr[data-row-key]").first.locator("[data-metric=messages]")
    shown = int(cell.inner_text().replace(",", ""))

    cell.click()

    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("“消息数”背后的事实")
    expect(drawer.locator("tbody tr[data-row-key]").first).to_contain_text("发言")
    total = drawer.get_by_role("button", name="再看一些")
    assert int(re.sub(r".*/ ([\d,]+).*", r"\1", total.inner_text(), flags=re.S).replace(",", "")) == shown


def test_another_window_is_in_the_address_and_changes_the_numbers(page: Page, demo: Server) -> None:
    page.goto(f"{demo.url}/groups?sort=messages")
    _open_row(page)
    number = page.locator("button[data-metric=messages]")
    month = int(number.inner_text().replace(",", ""))

    page.get_by_text("近 7 天", exact=True).click()

    expect(page).to_have_url(re.compile("days=7"))
    expect(page.get_by_text("数字按所选时间窗即时计算")).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    assert 0 < int(number.inner_text().replace(",", "")) < month


def test_filters_are_in_the_address_and_can_be_sent_to_a_colleague(page: Page, demo: Server) -> None:
    page.goto(f"{demo.url}/groups?stage=decline&finding=dying_group")

    expect(page.locator("tbody tr[data-row-key]").first).to_contain_text("衰退期")
    expect(page.locator("tbody tr[data-row-key]").first).to_contain_text("垂死的群")
    page.goto(f"{demo.url}/groups?q=没有这样的群")
    expect(page.get_by_text("没有符合条件的群")).to_be_visible()


def test_the_list_as_csv_is_what_the_page_shows(page: Page, demo: Server, tmp_path: Path) -> None:
    page.goto(f"{demo.url}/groups?stage=dormant")
    expect(page.locator("tbody tr[data-row-key]").first).to_be_visible()
    names = [row.get_by_role("link").first.inner_text() for row in page.locator("tbody tr[data-row-key]").all()]

    with page.expect_download() as saved:
        page.get_by_role("link", name="导出 CSV").click()

    path = tmp_path / "groups.csv"
    saved.value.save_as(path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == names


def test_a_person_page_tells_rung_reasons_timeline_groups_and_orders(page: Page, demo: Server) -> None:
    page.goto(f"{demo.url}/people?rung=superfan&sort=messages")
    _open_row(page)

    expect(page.get_by_role("heading", level=3)).to_contain_text("铁粉")
    expect(page.get_by_text("为什么在这一级")).to_be_visible()
    expect(page.get_by_text(re.compile("近 90 天有 .* 人回应"))).to_be_visible()
    expect(page.locator(".ant-timeline-item").first).to_be_visible()
    before = page.locator(".ant-timeline-item").count()
    page.get_by_role("button", name="再看一些").click()
    expect(page.locator(".ant-timeline-item").nth(before)).to_be_visible()


def test_people_are_found_by_a_part_of_their_name(page: Page, demo: Server) -> None:
    page.goto(f"{demo.url}/people")
    name = page.locator("tbody tr[data-row-key]").first.get_by_role("link").first.inner_text()

    page.get_by_role("searchbox").fill(name)

    expect(page).to_have_url(re.compile("q="))
    expect(page.locator("tbody tr[data-row-key]").first).to_contain_text(name)


def test_the_overlap_map_narrows_as_more_shared_members_are_asked_for(page: Page, demo: Server) -> None:
    pairs = page.locator("tbody tr[data-row-key]")
    page.goto(f"{demo.url}/overlap?least=1&sort=jaccard")
    expect(page.get_by_role("img", name="成员重合").locator("canvas")).to_be_visible()
    expect(pairs.first).to_contain_text("茶器交换A群")
    expect(pairs.first).to_contain_text("茶器交换B群")
    many = pairs.count()

    page.goto(f"{demo.url}/overlap?least=90")

    expect(pairs.first).to_be_visible()
    assert 0 < pairs.count() < many


def test_language_and_theme_switch_and_are_remembered(page: Page, demo: Server) -> None:
    page.goto(demo.url)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.get_by_role("button", name="Light").click()
    page.get_by_role("menuitem", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.reload()

    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_person_is_erased_with_a_receipt_and_nothing_of_the_name_is_left(page: Page, demo: Server) -> None:
    page.goto(f"{demo.url}/people?sort=people_brought")
    _open_row(page, 1)
    name = page.get_by_role("heading", level=3).locator("span.wrap").first.inner_text()
    page.get_by_role("button", name="菜单").click()
    page.get_by_role("menuitem", name="抹除此人").click()
    erase = page.get_by_role("dialog").get_by_role("button", name="抹除此人")
    expect(erase).to_be_disabled()
    page.get_by_role("textbox", name="确定").fill(name)

    erase.click()

    expect(page.locator(".ant-modal-confirm-title", has_text="已抹除。回执编号")).to_be_visible(timeout=60_000)
    page.goto(f"{demo.url}/people?q={name}")
    expect(page.get_by_text("没有符合条件的人").or_(page.locator("tbody tr[data-row-key]").first)).to_be_visible()
    assert name not in page.locator("tbody").inner_text().split("\n")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("theme", "size"), [("light", WIDE), ("dark", WIDE), ("light", PHONE)])
def test_every_page_can_be_looked_at(
    chromium: Browser, demo: Server, session: dict[str, str], language: str, theme: str, size: tuple[int, int]
) -> None:
    """Leaves a picture of each page in shots/; none is broken or wider than the screen."""
    SHOTS.mkdir(exist_ok=True)
    context = looking(chromium, language, size, theme)
    context.add_cookies([{"name": name, "value": value, "url": demo.url} for name, value in session.items()])
    context.add_init_script(f"localStorage.setItem('tiefen-language', '{language}')")
    with sound(context) as page:
        for name, path in PAGES.items():
            page.goto(demo.url + path)
            page.wait_for_load_state("networkidle")
            expect(page.locator(".ant-spin-spinning")).to_have_count(0)

            page.screenshot(path=SHOTS / f"{name}-{language}-{theme}-{size[0]}.png", full_page=True)

            assert page.locator("text=/页面出错了|This page broke/").count() == 0
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], name


def test_the_demo_goes_away_with_one_click_and_what_is_next_is_said(page: Page, demo: Server) -> None:
    page.goto(demo.url)
    page.get_by_role("button", name="移除演示").click()

    page.get_by_role("dialog").get_by_role("button", name="移除演示").click()

    expect(page.get_by_text("演示已移除")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="导入第一个文件")).to_be_visible()
    expect(page.get_by_test_id("demo-banner")).to_have_count(0)


def _open_row(page: Page, number: int = 0) -> None:
    """Follow a list's row to its page, and wait until that is shown: both have buttons of the same metrics."""
    link = page.locator("tbody tr[data-row-key]").nth(number).get_by_role("link").first
    name = link.inner_text()
    link.click()
    expect(page.locator("h3")).to_contain_text(name)
