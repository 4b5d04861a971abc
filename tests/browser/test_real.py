"""A newcomer's first quarter of an hour with real chat logs: import them in the console, read the sickest group, open its facts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SHOTS, Server

EMAIL, PASSWORD = "owner@example.org", "a-long-enough-password"


@pytest.mark.timeout(400)
def test_real_rooms_are_imported_and_the_sickest_one_read_in_both_languages(
    stranger: Page, empty: Server, real_data: Path
) -> None:
    SHOTS.mkdir(exist_ok=True)
    page = stranger
    page.goto(empty.url)
    page.get_by_label("称呼").fill("Owner")
    page.get_by_label("邮箱").fill(EMAIL)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="创建账号并进入").click()
    page.get_by_role("button", name="导入第一个文件").click()
    page.locator("input[type=file]").set_input_files(real_data / "chat_gitter.parquet")
    expect(page.get_by_text("都能读懂")).to_be_visible(timeout=60_000)
    page.screenshot(path=SHOTS / "real-mapping.png", full_page=True)

    page.get_by_role("button", name="开始导入").click()
    expect(page.get_by_text("导入完成")).to_be_visible(timeout=180_000)
    page.get_by_role("link", name="去看社群").click()
    first = page.locator("tbody tr[data-row-key]").first
    expect(first).to_be_visible(timeout=120_000)
    name = first.get_by_role("link").first.inner_text()
    first.get_by_role("link").first.click()

    expect(page.get_by_test_id("stage-evidence")).to_contain_text("最近一次发言在")
    page.screenshot(path=SHOTS / "real-sickest-zh.png", full_page=True)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_test_id("stage-evidence")).to_contain_text("last word")
    expect(page.get_by_role("heading", level=3)).to_contain_text(name)
    page.screenshot(path=SHOTS / "real-sickest-en.png", full_page=True)

    page.get_by_text("last 365 days", exact=True).click()
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=90_000)
    number = page.locator("button[data-metric=messages]")
    shown = int(number.inner_text().replace(",", ""))
    number.click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("Facts behind “Messages”")
    expect(drawer.locator("tbody tr[data-row-key]").first).to_be_visible()
    told = drawer.get_by_text(re.compile(r"(/ [\d,]+|All [\d,]+ shown)")).last.inner_text()
    assert int(re.findall(r"[\d,]+", told)[-1].replace(",", "")) == shown
