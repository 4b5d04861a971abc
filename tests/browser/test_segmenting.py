"""A segment from one of those to begin with: counted, changed, kept, and somebody in it explained."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SHOTS, looking, running, sound
from tests.web.scenes import EMAIL, PASSWORD, live

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def owner(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Somebody at the console of a brand that has lived for two months."""
    data = tmp_path_factory.mktemp("segmenting") / "data"
    live(data)
    with running(data, "--empty") as server:
        with httpx.Client(base_url=server.url) as client:
            client.post("/api/login", json={"email": EMAIL, "password": PASSWORD}).raise_for_status()
            cookies = dict(client.cookies)
        context = looking(chromium, size=(1440, 1000))
        context.add_cookies([{"name": name, "value": value, "url": server.url} for name, value in cookies.items()])
        with sound(context) as page:
            page.goto(f"{server.url}/segments")
            yield page


def test_a_segment_is_counted_changed_kept_and_explained(owner: Page) -> None:
    starter = owner.locator(".ant-card", has=owner.get_by_text("潜水 7 天以上")).last
    starter.get_by_role("button", name="看看有多少人").click()
    total = owner.locator(".ant-statistic-content-value")
    expect(total).to_have_text(re.compile(r"^[1-9]"))
    lurkers = int(total.inner_text().replace(",", ""))

    owner.get_by_role("button", name="添加条件").last.click()
    owner.get_by_role("menuitem", name="随机比例").click()
    expect(owner.get_by_text("随机 10%")).to_be_visible()
    expect(total).not_to_have_text(f"{lurkers:,}")
    owner.screenshot(path=SHOTS / "segment.png", full_page=True)
    owner.get_by_role("button", name="删除").last.click()
    expect(total).to_have_text(f"{lurkers:,}")

    owner.get_by_label("名称").fill("潜水的人")
    owner.get_by_role("button", name=re.compile(r"^(save )?保\s*存$")).click()
    expect(owner).to_have_url(re.compile(r"/segments/seg"))
    members = owner.locator(".ant-table-tbody .ant-btn-link")
    expect(members.first).to_be_visible()
    name = members.first.inner_text()
    members.first.click()
    expect(owner.get_by_text(f"{name} 在这个分群里")).to_be_visible()
    expect(owner.get_by_text("不会仅因时间而改变").first).to_be_visible()
    owner.screenshot(path=SHOTS / "segment-why.png", full_page=True)
    owner.keyboard.press("Escape")

    owner.get_by_role("link", name="分群").first.click()
    row = owner.get_by_role("row", name=re.compile("潜水的人"))
    expect(row).to_contain_text(f"{lurkers:,}")
    owner.screenshot(path=SHOTS / "segments.png", full_page=True)
